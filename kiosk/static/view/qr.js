/** The QR code as one SVG path; dark on white whatever the theme, or phones cannot read it. */
import qrcode from 'qrcode-generator';
import { html, useMemo } from 'vez/dom.js';

function pathOf(text) {
  const qr = qrcode(0, 'M');
  qr.addData(text);
  qr.make();
  const n = qr.getModuleCount();
  let path = '';
  for (let y = 0; y < n; y += 1) {
    for (let x = 0; x < n; x += 1) if (qr.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`;
  }
  return { n, path };
}

/** Four quiet modules around, as the standard (ISO 18004) asks. */
export function Qr({ text, label }) {
  const { n, path } = useMemo(() => pathOf(text), [text]);
  return html`<svg class="qr" role="img" aria-label=${label} viewBox="-4 -4 ${n + 8} ${n + 8}" shape-rendering="crispEdges" data-url=${text}>
    <rect x="-4" y="-4" width=${n + 8} height=${n + 8} fill="#ffffff" /><path d=${path} fill="#000000" /></svg>`;
}
