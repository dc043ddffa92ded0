/** A printer as the supervisor handles it: rest, go on, new roll. Mounted beside the printer's line of the devices. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';

/** Metres of paper that the present roll has given, or null while the agent has not told. */
export function metres(device) {
  const used = device.state?.roll_mm;
  return Number.isFinite(used) ? Math.round(used / 100) / 10 : null;
}

/** Buttons of one printer; the answer comes as an event, like everything else on this screen. */
export function PrinterOrders({ floor, device }) {
  const { t, formatNumber } = floor.i18n;
  const path = `/units/${floor.watch.unit}/printers/${device.id}`;
  const order = (what) => floor.desk.run(`printer_${what.replace('-', '_')}`, `${path}/${what}`, {}).then(() => floor.watch.refresh('devices'));
  const used = metres(device);
  const button = (what, icon) => html`<button type="button" class="button button-small" data-order=${what}
    aria-label=${t(`printer.${what}.label`, { name: device.name })} onClick=${() => order(what)}><${Icon} name=${icon} />${t(`printer.${what}`)}</button>`;
  return html`<div class="printer-orders" data-printer=${device.id}>
    <span class="quiet">${used === null ? '' : t('printer.used', { metres: formatNumber(used) })}</span>
    ${device.paused ? button('resume', 'play') : button('pause', 'pause')}${button('new-roll', 'rotate-ccw')}</div>`;
}
