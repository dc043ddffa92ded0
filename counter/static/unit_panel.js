/** How the panels are: for the whole unit, and where one screen differs. */
import { html, useId, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Choices, Said, Ticks } from './unit_parts.js';
import { bodyOf, DEFAULTS, GROUPS, ownGroups, shownValues } from './unit_settings.js';
import { placeName } from './widgets.js';

const NAMES = { 'pt-BR': 'Português', en: 'English', es: 'Español' };
const LANGUAGES = Object.entries(NAMES);
const FRESH = [30, 60, 120, 300, 600];
const MOST_MESSAGES = 10;

/** A television in a few lines: what stands where. */
function Television({ layout }) {
  return html`<span class=${`television television-${layout}`} aria-hidden="true"><i></i><i></i><i></i></span>`;
}

function Look({ values, set, t }) {
  const languages = [['', t('unit.panel.language.unit')], ...LANGUAGES];
  return html`<${Choices} legend=${t('unit.panel.layout')} value=${values.layout} onChange=${(layout) => set({ layout })}
      picture=${(layout) => html`<${Television} layout=${layout} />`} options=${['calls', 'media'].map((id) => [id, t(`unit.panel.layout.${id}`)])} />
    <p class="quiet">${t('unit.panel.portrait')}</p>
    <${Choices} legend=${t('unit.panel.language')} value=${values.language ?? ''} onChange=${(id) => set({ language: id || null })} options=${languages} />
    <${Choices} legend=${t('unit.panel.contrast')} value=${values.contrast} onChange=${(contrast) => set({ contrast })}
      options=${['normal', 'high'].map((id) => [id, t(`look.contrast.${id}`)])} />`;
}

function Sound({ values, set, i18n }) {
  const { t, formatNumber } = i18n;
  const id = useId();
  const { sound } = values;
  const change = (more) => set({ sound: { ...sound, ...more } });
  const fresh = FRESH.includes(values.fresh_seconds) ? FRESH : [...FRESH, values.fresh_seconds].sort((a, b) => a - b);
  return html`<label class="tick"><input type="checkbox" checked=${sound.enabled} onChange=${(e) => change({ enabled: e.currentTarget.checked })} />
      <span>${t('unit.panel.sound.on')}</span></label>
    ${sound.enabled && html`<div class="field"><label for=${`${id}-volume`}>${t('unit.panel.volume')} <span class="quiet">${formatNumber(sound.volume, { style: 'percent' })}</span></label>
        <input id=${`${id}-volume`} class="slider" type="range" min="0" max="1" step="0.05" value=${sound.volume}
          onInput=${(e) => change({ volume: Number(e.currentTarget.value) })} /></div>
      <${Choices} legend=${t('unit.panel.repeat')} value=${sound.repeat} onChange=${(repeat) => change({ repeat })}
        options=${[0, 1, 2, 3].map((n) => [n, t(`unit.panel.repeat.${n}`)])} />
      <${Ticks} legend=${t('unit.panel.voices')} hint=${t('unit.panel.voices.hint')} value=${sound.languages} options=${LANGUAGES}
        onChange=${(languages) => change({ languages })} />`}
    <div class="field"><label for=${`${id}-fresh`}>${t('unit.panel.fresh')}</label>
      <select id=${`${id}-fresh`} value=${values.fresh_seconds} onChange=${(e) => set({ fresh_seconds: Number(e.currentTarget.value) })}>
        ${fresh.map((n) => html`<option value=${n} selected=${n === values.fresh_seconds}>${n < 60 ? t('unit.seconds', { n }) : t('unit.minutes', { n: formatNumber(n / 60) })}</option>`)}</select></div>`;
}

function Filter({ values, set, page, t }) {
  const { filter } = values;
  const change = (more) => set({ filter: { ...filter, ...more } });
  const places = page.counters.map((one) => [one.id, placeName(t, one.kind, one.number)]);
  return html`<p class="quiet">${t('unit.panel.filter.hint')}</p>
    <${Ticks} legend=${t('unit.panel.filter.categories')} value=${filter.categories} options=${page.categories.map((one) => [one.id, one.name])}
      onChange=${(categories) => change({ categories })} />
    <${Ticks} legend=${t('unit.panel.filter.zones')} value=${filter.zones} options=${page.zones.map((zone) => [zone, zone])}
      onChange=${(zones) => change({ zones })} />
    <${Ticks} legend=${t('unit.panel.filter.counters')} value=${filter.counters} options=${places} onChange=${(counters) => change({ counters })} />`;
}

function Messages({ values, set, t }) {
  const { messages } = values;
  const write = (index, text) => set({ messages: messages.map((old, at) => (at === index ? text : old)) });
  return html`<p class="quiet">${t('unit.panel.messages.hint')}</p>
    ${messages.map((text, index) => html`<div class="message-line" key=${index}><input type="text" maxlength="160" value=${text}
        aria-label=${t('unit.panel.message', { n: index + 1 })} onInput=${(e) => write(index, e.currentTarget.value)} />
      <button type="button" class="button-icon" aria-label=${t('unit.panel.message.drop', { n: index + 1 })}
        onClick=${() => set({ messages: messages.filter((_, at) => at !== index) })}><${Icon} name="x" /></button></div>`)}
    ${messages.length < MOST_MESSAGES && html`<button type="button" class="button button-small" onClick=${() => set({ messages: [...messages, ''] })}>
      <${Icon} name="plus" />${t('unit.panel.message.add')}</button>`}`;
}

const FORMS = { look: Look, sound: Sound, filter: Filter, messages: Messages };

/** A group of settings; of a single panel first the question whether it differs at all. */
function Group({ name, device, own, onOwn, children, t }) {
  return html`<div class="unit-group" role="group" aria-labelledby=${`group-${name}`}><h3 id=${`group-${name}`}>${t(`unit.panel.${name}`)}</h3>
    ${device && html`<label class="tick"><input type="checkbox" checked=${!own} onChange=${(e) => onOwn(!e.currentTarget.checked)} />
      <span>${t('unit.panel.same')}</span></label>`}
    ${(!device || own) && children}</div>`;
}

function Form({ store, i18n, device }) {
  const { t } = i18n;
  const page = store.panel.value;
  const chosen = device ? device.settings : page.settings;
  const values = useSignal(shownValues(chosen, device ? page.settings : {}));
  const groups = useSignal(device ? ownGroups(chosen) : Object.keys(GROUPS));
  const set = (more) => { values.value = { ...values.value, ...more }; };
  function own(name, on) {
    groups.value = on ? [...groups.value, name] : groups.value.filter((one) => one !== name);
    if (!on) set(Object.fromEntries(GROUPS[name].map((key) => [key, page.settings[key] ?? DEFAULTS[key]])));
  }
  function save(event) {
    event.preventDefault();
    store.savePanel(device?.id ?? null, bodyOf(values.value, groups.value));
  }
  return html`<form onSubmit=${save} class="unit-form">
    <div class="unit-groups">${Object.entries(FORMS).map(([name, Part]) => html`<${Group} key=${name} name=${name} device=${device} t=${t}
      own=${groups.value.includes(name)} onOwn=${(on) => own(name, on)}>
      <${Part} values=${values.value} set=${set} page=${page} i18n=${i18n} t=${t} /></${Group}>`)}</div>
    <footer class="unit-foot"><button type="submit" class="button button-primary" aria-disabled=${store.busy.value ? 'true' : undefined}>
      <${Icon} name="save" />${t('unit.save')}</button><${Said} store=${store} card="panel" /></footer></form>`;
}

export function PanelCard({ store, i18n }) {
  const { t } = i18n;
  const target = useSignal(null);
  const { panels } = store.panel.value;
  const device = panels.find((one) => one.id === target.value) ?? null;
  return html`<div class="unit-targets" role="group" aria-label=${t('unit.panel.which')}>
      <button type="button" class="chip" aria-pressed=${!device} onClick=${() => { target.value = null; }}><${Icon} name="layers" size="1.1em" />${t('unit.panel.all')}</button>
      ${panels.map((one) => html`<button type="button" class="chip" key=${one.id} data-panel=${one.id} aria-pressed=${device?.id === one.id} onClick=${() => { target.value = one.id; }}>
        <${Icon} name=${one.online ? 'tv' : 'wifi-off'} size="1.1em" />${one.name}
        <span class="quiet">${t(one.online ? 'unit.panel.online' : 'unit.panel.offline')}${one.settings ? ` · ${t('unit.panel.differs')}` : ''}</span></button>`)}</div>
    <${Form} key=${device?.id ?? 'unit'} store=${store} i18n=${i18n} device=${device} />`;
}
