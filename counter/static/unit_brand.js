/** The unit's name, colours and logo; whether they can be read is seen while they are chosen, and checked at the save. */
import { showBrand } from 'vez/brand.js';
import { html, useId, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Choices, FileButton, Said } from './unit_parts.js';
import { contrast, inkOn } from './unit_settings.js';

const HOUSE = '#0b4a5e';
const INKS = { light: '#ffffff', dark: '#12262f' };
/** The darkest light paper that brand-coloured words stand on (domain/colour.py). */
const PAPER = '#f1ede4';
const ENOUGH = 4.5;

const nameOf = (ink) => Object.keys(INKS).find((name) => INKS[name] === ink) ?? 'auto';

/** A kiosk's corner in these colours; a plain word where nobody could read it. */
function Sample({ name, colour, ink, logo, t }) {
  const legible = [ink, PAPER].every((other) => (contrast(colour, other) ?? 0) >= ENOUGH);
  // What cannot be read is not shown as an example either.
  if (!legible) return html`<div class="brand-sample brand-sample-low"><${Icon} name="eye-off" /><p>${t('unit.brand.sample.low')}</p></div>`;
  return html`<div class="brand-sample" aria-hidden="true"><div class="brand-sample-bar" style=${{ background: colour, color: ink }}>
      ${logo && html`<img src=${logo} alt="" />`}<strong>${name}</strong></div>
    <div class="brand-sample-paper"><span style=${{ color: colour }}>${t('unit.brand.sample.word')}</span>
      <span class="brand-sample-button" style=${{ background: colour, color: ink }}>${t('unit.brand.sample.button')}</span></div></div>`;
}

/** A ratio with its verdict in words and a sign, never by colour alone. */
function Ratio({ label, ratio, i18n }) {
  if (ratio === null) return null;
  const good = ratio >= ENOUGH;
  const shown = i18n.formatNumber(Math.floor(ratio * 10) / 10, { minimumFractionDigits: 1 });
  return html`<li class=${good ? 'ratio' : 'ratio ratio-low'}><${Icon} name=${good ? 'circle-check' : 'triangle-alert'} />
    ${label}: <strong>${shown}:1</strong> ${i18n.t(good ? 'unit.brand.ratio.good' : 'unit.brand.ratio.low')}</li>`;
}

function Colours({ wish, set, ink, i18n }) {
  const { t } = i18n;
  const id = useId();
  const { colour } = wish;
  return html`<div class="field"><label for=${`${id}-colour`}>${t('unit.brand.colour')}</label>
      <div class="colour-line"><input id=${`${id}-colour`} type="color" value=${colour} onInput=${(e) => set({ colour: e.currentTarget.value })} />
        <input type="text" class="short" maxlength="7" aria-label=${t('unit.brand.colour.code')} value=${colour}
          onInput=${(e) => set({ colour: e.currentTarget.value.toLowerCase() })} /></div></div>
    <${Choices} legend=${t('unit.brand.ink')} value=${wish.ink} onChange=${(value) => set({ ink: value })}
      options=${['auto', 'light', 'dark'].map((name) => [name, t(`unit.brand.ink.${name}`)])} />
    <ul class="ratios"><${Ratio} label=${t('unit.brand.ratio.ink')} ratio=${contrast(colour, ink)} i18n=${i18n} />
      <${Ratio} label=${t('unit.brand.ratio.paper')} ratio=${contrast(colour, PAPER)} i18n=${i18n} /></ul>`;
}

export function BrandCard({ store, i18n }) {
  const { t } = i18n;
  const id = useId();
  const kept = store.brand.value.brand;
  const wish = useSignal({ name: kept.name, own: kept.colour !== null, colour: kept.colour ?? HOUSE, ink: kept.ink ? nameOf(kept.ink) : 'auto' });
  const set = (more) => { wish.value = { ...wish.value, ...more }; };
  const { name, own, colour } = wish.value;
  const shown = own ? colour : HOUSE;
  const ink = own && wish.value.ink !== 'auto' ? INKS[wish.value.ink] : inkOn(shown);
  const busy = store.busy.value === 'brand';
  async function save(event) {
    event.preventDefault();
    const saved = await store.saveBrand({ name, colour: own ? colour : null, ink: own && wish.value.ink !== 'auto' ? ink : null });
    if (saved && document.getElementById('brand')) showBrand(store.unit, String(Date.now()));
  }
  return html`<form class="unit-form brand-form" onSubmit=${save}><div class="brand-fields">
      <div class="field"><label for=${`${id}-name`}>${t('unit.brand.name')}</label>
        <input id=${`${id}-name`} type="text" maxlength="120" required value=${name} onInput=${(e) => set({ name: e.currentTarget.value })} /></div>
      <${Choices} legend=${t('unit.brand.own')} value=${own} onChange=${(value) => set({ own: value })}
        options=${[[false, t('unit.brand.own.no')], [true, t('unit.brand.own.yes')]]} />
      ${own && html`<${Colours} wish=${wish.value} set=${set} ink=${ink} i18n=${i18n} />`}</div>
    <div class="brand-side"><${Sample} name=${name} colour=${shown} ink=${ink} logo=${kept.logo_url} t=${t} />
      <div class="logo-line"><${FileButton} label=${t(kept.logo_url ? 'unit.brand.logo.change' : 'unit.brand.logo.add')} accept="image/png,image/jpeg,image/webp"
          kind="button button-small" busy=${busy} busyLabel=${t('unit.sending')} onFile=${store.addLogo} />
        ${kept.logo_url && html`<button type="button" class="button button-small" onClick=${store.dropLogo}><${Icon} name="trash-2" />${t('unit.brand.logo.drop')}</button>`}</div>
      <p class="quiet">${t('unit.brand.logo.hint')}</p></div>
    <footer class="unit-foot"><button type="submit" class="button button-primary" aria-disabled=${store.busy.value ? 'true' : undefined}><${Icon} name="save" />${t('unit.save')}</button>
      <${Said} store=${store} card="brand" more=${(detail) => detail?.ratio && t(`unit.brand.low.${detail.pair}`, { ratio: i18n.formatNumber(detail.ratio) })} /></footer></form>`;
}
