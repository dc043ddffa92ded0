/** The play-list: pictures and videos between the calls, in their order, each with its days and hours. */
import { classes, html, useId, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Choices, FileButton, Said, Ticks } from './unit_parts.js';
import { moved } from './unit_settings.js';

const ACCEPT = 'image/png,image/jpeg,image/webp,video/mp4,video/webm';
const MIB = 1024 * 1024;
/** A Monday: the names of the days are the calendar's own. */
const MONDAY = Date.UTC(2026, 10, 23, 12);
const DAY_MS = 86_400_000;

const dayName = (i18n, day, weekday) => i18n.formatTime(MONDAY + (day - 1) * DAY_MS, { weekday, timeZone: 'UTC' });
const dateText = (i18n, date) => i18n.formatTime(Date.parse(`${date}T12:00:00Z`), { day: 'numeric', month: 'short', timeZone: 'UTC' });

/** When an item is shown, in a few words. */
export function planText(i18n, item) {
  const { t } = i18n;
  if (!item.on) return t('unit.media.off');
  const parts = [];
  if (item.from || item.to) {
    const [from, to] = [item.from, item.to].map((date) => date && dateText(i18n, date));
    parts.push(t(from && to ? 'unit.media.between' : from ? 'unit.media.since' : 'unit.media.until', { from, to }));
  }
  if (item.days.length) parts.push(item.days.map((day) => dayName(i18n, day, 'short')).join(', '));
  if (item.starts || item.ends) parts.push(`${item.starts ?? '00:00'}–${item.ends ?? '24:00'}`);
  return parts.join(' · ') || t('unit.media.always');
}

function Plan({ item, store, i18n, onClose }) {
  const { t } = i18n;
  const id = useId();
  const { alt, seconds, on, from, to, starts, ends, days } = item;
  const plan = useSignal({ alt, seconds, on, from, to, starts, ends, days });
  const set = (more) => { plan.value = { ...plan.value, ...more }; };
  const field = (name, type) => html`<div class="field"><label for=${`${id}-${name}`}>${t(`unit.media.${name}`)}</label>
    <input id=${`${id}-${name}`} type=${type} value=${plan.value[name] ?? ''} onInput=${(e) => set({ [name]: e.currentTarget.value || null })} /></div>`;
  async function save(event) {
    event.preventDefault();
    if (await store.planMedia(item.id, plan.value)) onClose();
  }
  return html`<form class="media-plan" onSubmit=${save}>
    <${Choices} legend=${t('unit.media.on')} value=${plan.value.on} onChange=${(value) => set({ on: value })}
      options=${[[true, t('unit.media.on.yes')], [false, t('unit.media.on.no')]]} />
    <div class="media-fields">${field('from', 'date')}${field('to', 'date')}${field('starts', 'time')}${field('ends', 'time')}</div>
    <${Ticks} legend=${t('unit.media.days')} hint=${t('unit.media.days.hint')} value=${plan.value.days} onChange=${(value) => set({ days: value })}
      options=${[1, 2, 3, 4, 5, 6, 7].map((day) => [day, dayName(i18n, day, 'long')])} />
    ${item.kind === 'image' && html`<div class="field"><label for=${`${id}-seconds`}>${t('unit.media.seconds')}</label>
      <input id=${`${id}-seconds`} class="short" type="number" min="3" max="600" required value=${plan.value.seconds} onInput=${(e) => set({ seconds: Number(e.currentTarget.value) })} /></div>`}
    <div class="field"><label for=${`${id}-alt`}>${t('unit.media.alt')} <span class="quiet">${t('unit.media.alt.hint')}</span></label>
      <input id=${`${id}-alt`} type="text" maxlength="160" value=${plan.value.alt} onInput=${(e) => set({ alt: e.currentTarget.value })} /></div>
    <div class="unit-foot"><button type="submit" class="button button-primary button-small">${t('unit.save')}</button>
      <button type="button" class="button button-small" onClick=${onClose}>${t('dialog.back')}</button></div></form>`;
}

function Thumb({ item }) {
  return item.kind === 'image' ? html`<img class="media-thumb" src=${item.url} alt="" loading="lazy" />`
    : html`<span class="media-thumb media-film"><${Icon} name="video" size="1.6em" /></span>`;
}

function Row({ item, index, items, store, i18n, open, onOpen }) {
  const { t, formatNumber } = i18n;
  const asking = useSignal(false);
  const order = items.map((one) => one.id);
  const shift = (by) => { const next = moved(order, index, by); if (next !== order) store.orderMedia(next); };
  const size = item.bytes < MIB ? `${formatNumber(Math.ceil(item.bytes / 1024))} kB` : `${formatNumber(item.bytes / MIB, { maximumFractionDigits: 1 })} MB`;
  const button = (name, icon, onClick, off = false) => html`<button type="button" class="button-icon" aria-label=${t(`unit.media.${name}`, { name: item.name })}
    title=${t(`unit.media.${name}`, { name: item.name })} aria-disabled=${off ? 'true' : undefined} onClick=${off ? undefined : onClick}><${Icon} name=${icon} /></button>`;
  return html`<li class=${classes('media-row', !item.on && 'media-row-off')} data-media=${item.id}>
    <div class="media-line"><${Thumb} item=${item} />
      <div class="media-words"><strong>${item.name}</strong>
        <span class="quiet">${t(`unit.media.${item.kind}`)} · ${item.kind === 'image' ? `${t('unit.seconds', { n: item.seconds })} · ` : ''}${size}</span>
        <span>${planText(i18n, item)}</span></div>
      ${asking.value ? html`<div class="media-ask" role="group" aria-label=${t('unit.media.drop', { name: item.name })}><span>${t('unit.media.drop.ask')}</span>
          <button type="button" class="button button-small button-danger" onClick=${() => store.dropMedia(item.id)}>${t('unit.media.drop.yes')}</button>
          <button type="button" class="button button-small" onClick=${() => { asking.value = false; }}>${t('unit.media.drop.no')}</button></div>`
        : html`<div class="media-acts">${button('up', 'arrow-up', () => shift(-1), index === 0)}${button('down', 'arrow-down', () => shift(1), index === items.length - 1)}
          ${button('plan', 'calendar-clock', onOpen)}${button('drop', 'trash-2', () => { asking.value = true; })}</div>`}</div>
    ${open && html`<${Plan} item=${item} store=${store} i18n=${i18n} onClose=${onOpen} />`}</li>`;
}

export function MediaCard({ store, i18n }) {
  const { t, formatNumber } = i18n;
  const open = useSignal(null);
  const { media: items, limits, settings, panels } = store.panel.value;
  const shown = [settings, ...panels.map((one) => one.settings)].some((one) => one?.layout === 'media');
  const mib = (bytes) => formatNumber(bytes / MIB);
  return html`${items.length > 0 && !shown && html`<p class="unit-hint"><${Icon} name="lightbulb" />${t('unit.media.unused')}</p>`}
    ${items.length === 0 ? html`<p class="quiet media-none">${t('unit.media.none')}</p>` : html`<ol class="media-list">${items.map((item, index) => html`<${Row}
      key=${item.id} item=${item} index=${index} items=${items} store=${store} i18n=${i18n} open=${open.value === item.id}
      onOpen=${() => { open.value = open.value === item.id ? null : item.id; }} />`)}</ol>`}
    <footer class="unit-foot"><${FileButton} label=${t('unit.media.add')} accept=${ACCEPT} kind="button button-primary" busy=${store.busy.value === 'media'}
        busyLabel=${t('unit.sending')} onFile=${store.addMedia} />
      <p class="quiet">${t('unit.media.limits', { image: mib(limits.image_bytes), video: mib(limits.video_bytes), items: limits.items })}</p>
      <${Said} store=${store} card="media" /></footer>`;
}
