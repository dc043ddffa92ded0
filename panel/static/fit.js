/** Text that is always shown whole: as large as its style says, smaller when its box is too small. */
import { html, useLayoutEffect, useRef } from 'vez/dom.js';

const STEPS = 9;
const SMALLEST = 0.08;

/**
 * The largest scale from SMALLEST to 1 at which `fits(scale)` holds, by halving; SMALLEST when none does.
 * Exact enough (1/500) for the eye, and few enough layouts for a TV box.
 */
export function largestScale(fits) {
  if (fits(1)) return 1;
  let low = SMALLEST;
  let high = 1;
  for (let step = 0; step < STEPS; step += 1) {
    const middle = (low + high) / 2;
    if (fits(middle)) low = middle;
    else high = middle;
  }
  return low;
}

function fitText(box, text) {
  text.style.fontSize = '';
  const scale = largestScale((size) => {
    text.style.fontSize = `${size}em`;
    // Half a pixel of tolerance: browsers round the two sides differently.
    return text.scrollWidth <= box.clientWidth + 0.5 && text.offsetHeight <= box.clientHeight + 0.5;
  });
  text.style.fontSize = scale === 1 ? '' : `${scale}em`;
}

/** The box takes its size from the layout (class `extra`), never from the text. `children` draw the same text in parts. */
export function Fit({ text, class: extra = '', children }) {
  const box = useRef(null);
  const inner = useRef(null);
  useLayoutEffect(() => {
    let alive = true;
    const fit = () => { if (alive) fitText(box.current, inner.current); };
    fit();
    const watcher = new ResizeObserver(fit);
    watcher.observe(box.current);
    document.fonts?.ready.then(fit);
    return () => { alive = false; watcher.disconnect(); };
  }, [text]);
  return html`<span class=${`fit ${extra}`} ref=${box}><span class="fit-text" ref=${inner}>${children ?? text}</span></span>`;
}
