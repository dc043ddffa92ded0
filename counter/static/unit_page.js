/** The supervisor's page of a unit: panels, play-list, look, paper, devices and forecasts, a card each. */
import { html, useEffect, useMemo, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { BrandCard } from './unit_brand.js';
import { DevicesCard } from './unit_devices.js';
import { ForecastCard } from './unit_forecast.js';
import { MediaCard } from './unit_media.js';
import { PanelCard } from './unit_panel.js';
import { PaperCard } from './unit_paper.js';
import { createUnitSettings } from './unit_settings.js';

/** The cards in their order: `{id, icon, Card}`. Each is given `{store, i18n}`; its title is the text `unit.<id>`. */
const CARDS = [
  { id: 'panel', icon: 'tv', Card: PanelCard },
  { id: 'media', icon: 'image', Card: MediaCard },
  { id: 'brand', icon: 'palette', Card: BrandCard },
  { id: 'paper', icon: 'printer', Card: PaperCard },
  { id: 'devices', icon: 'monitor', Card: DevicesCard },
  { id: 'forecast', icon: 'target', Card: ForecastCard },
];

function One({ app, unit }) {
  const { i18n } = app;
  const { t } = i18n;
  const store = useMemo(() => createUnitSettings({ unit: unit.id, api: app.api, session: app.session, words: app.desk.words, t }), [unit.id]);
  useEffect(() => { store.read(); }, [store, i18n.language.value]);
  const ready = store.panel.value && store.brand.value && store.forecast.value;
  const problem = store.notice.value?.card === 'page' ? store.notice.value.text : null;
  return html`<div class="unit-page" data-unit-page=${unit.id}>
    ${problem && html`<p class="unit-problem" role="alert">${problem}
      <button type="button" class="button button-small" onClick=${store.read}>${t('unit.retry')}</button></p>`}
    ${!ready && !problem && html`<p class="quiet" role="status">${t('unit.loading')}</p>`}
    ${ready && CARDS.map(({ id, icon, Card }) => html`<section class=${`unit-card unit-card-${id}`} key=${id} data-card=${id} aria-labelledby=${`card-${id}`}>
      <header class="unit-card-head"><h2 id=${`card-${id}`}><${Icon} name=${icon} />${t(`unit.${id}`)}</h2>
        <p class="quiet">${t(`unit.${id}.what`)}</p></header>
      <${Card} store=${store} i18n=${i18n} app=${app} /></section>`)}</div>`;
}

/** One unit at a time; a supervisor of one unit sees no choice. */
export function UnitPage({ app }) {
  const { t } = app.i18n;
  const units = app.units.value;
  const chosen = useSignal(app.floors.peek()[0]?.watch.unit ?? null);
  const unit = units.find((one) => one.id === chosen.value) ?? units[0];
  if (!unit) return null;
  return html`${units.length > 1 && html`<div class="units" role="group" aria-label=${t('unit.which')}>${units.map((one) => html`<button type="button"
      class="chip" key=${one.id} aria-pressed=${one.id === unit.id} onClick=${() => { chosen.value = one.id; }}>${one.name.replace(/^Pró-Cidadão /, '')}</button>`)}</div>`}
    <${One} key=${unit.id} app=${app} unit=${unit} />`;
}
