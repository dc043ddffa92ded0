/** Small pieces every page uses: icons, the state of the connection, dialogs. */
import icons from '../vendor/icons.mjs';
import { classes, h, html, useEffect, useId, useRef } from './dom.js';

/**
 * A Lucide icon by name; decorative unless `label` is given. An unknown name (an administrator may type
 * anything) draws a plain dot rather than nothing.
 */
export function Icon({ name, size = '1.25em', label, class: extra }) {
  const nodes = icons[name] ?? icons['circle-dot'];
  const aria = label ? { role: 'img', 'aria-label': label } : { 'aria-hidden': 'true' };
  return html`<svg class=${classes('icon', extra)} width=${size} height=${size} viewBox="0 0 24 24" fill="none"
    stroke="currentColor" stroke-width="2" stroke-linecap="round" stroke-linejoin="round" focusable="false" ...${aria}>
    ${nodes.map(([tag, attributes]) => h(tag, attributes))}</svg>`;
}

const CONNECTION_ICON = { connecting: 'loader', live: 'wifi', polling: 'refresh-cw', offline: 'wifi-off' };

/** The state of the connection, small and calm: a word beside the icon, never colour alone. */
export function Connection({ status, t }) {
  const state = typeof status === 'string' ? status : status.value;
  return html`<span class=${`connection connection-${state}`} role="status" data-status=${state}>
    <${Icon} name=${CONNECTION_ICON[state]} /><span>${t(`connection.${state}`)}</span></span>`;
}

/**
 * A modal dialog on the browser's own <dialog>: focus stays inside, Esc closes, focus returns.
 * `alert` makes it an alertdialog; without `onClose` it cannot be dismissed. `actions` go in the footer.
 */
export function Dialog({ open, title, onClose, alert, actions, children, class: extra, data = {}, t }) {
  const ref = useRef(null);
  const id = useId();
  useEffect(() => {
    const node = ref.current;
    if (!node) return undefined;
    if (open && !node.open) node.showModal();
    if (!open && node.open) node.close();
    return undefined;
  }, [open]);
  const cancel = (event) => { event.preventDefault(); onClose?.(); };
  if (!open) return null;
  return html`<dialog ref=${ref} class=${classes('dialog', extra)} aria-labelledby=${id} onCancel=${cancel}
    role=${alert ? 'alertdialog' : 'dialog'} ...${data}>
    <header class="dialog-head"><h2 id=${id}>${title}</h2>
      ${onClose && t && html`<button type="button" class="button-icon" aria-label=${t('dialog.close')} onClick=${onClose}>
        <${Icon} name="x" /></button>`}</header>
    <div class="dialog-body">${children}</div>
    ${actions && html`<footer class="dialog-actions">${actions}</footer>`}
  </dialog>`;
}
