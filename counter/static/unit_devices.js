/** The unit's devices: how they are, a code for a new one, turning one away, and the further units of a kiosk. */
import { html, useEffect, useId, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { deviceHealth } from './room_facts.js';
import { Choices, Said, Ticks } from './unit_parts.js';

const ICONS = { kiosk: 'monitor', panel: 'tv', printer: 'printer', feedback: 'smile' };
const LEVEL_ICON = { ok: 'circle-check', warn: 'triangle-alert', bad: 'octagon-alert', none: 'circle-minus' };
/** What is set up with a code: the page or the agent that asks for it. */
const KINDS = ['kiosk', 'panel', 'printer'];
const READ_MS = 10_000;

/** Eight digits are read aloud over the telephone in two breaths. */
const inGroups = (code) => code.replace(/(.{4})(?=.)/g, '$1 ');

/** A kiosk at home here may give out tickets of other units too: only who leads them all can say so. */
function Also({ device, units, store, t }) {
  const others = units.filter((unit) => unit.id !== device.unit);
  return html`<${Ticks} legend=${t('unit.devices.also')} hint=${t('unit.devices.also.what')} value=${device.also}
    options=${others.map((unit) => [unit.id, unit.name.replace(/^Pró-Cidadão /, '')])} onChange=${(next) => store.shareDevice(device.id, next)} />`;
}

function TurnAway({ device, store, t }) {
  const sure = useSignal(false);
  if (!sure.value) {
    return html`<button type="button" class="button button-small" aria-label=${t('unit.devices.revoke.label', { name: device.name })}
      onClick=${() => { sure.value = true; }}><${Icon} name="log-out" />${t('unit.devices.revoke')}</button>`;
  }
  return html`<span class="unit-sure" role="group" aria-label=${t('unit.devices.revoke.sure', { name: device.name })}>${t('unit.devices.revoke.sure', { name: device.name })}
    <button type="button" class="button button-small button-danger" onClick=${() => store.revokeDevice(device.id)}>${t('unit.devices.revoke.yes')}</button>
    <button type="button" class="button button-small" autofocus onClick=${() => { sure.value = false; }}>${t('unit.devices.revoke.no')}</button></span>`;
}

function Device({ device, units, store, t }) {
  const { level, key } = deviceHealth(device, null);
  return html`<li class=${`unit-device device-${level}`} data-unit-device=${device.id}>
    <p class="unit-device-line"><${Icon} name=${ICONS[device.kind] ?? 'plug'} /><strong class="device-name">${device.name}</strong>
      <span class="device-state"><${Icon} name=${LEVEL_ICON[level]} size="1em" />${t(`device.${key}`)}</span>
      <${TurnAway} device=${device} store=${store} t=${t} /></p>
    ${device.kind === 'kiosk' && units.length > 1 && html`<${Also} device=${device} units=${units} store=${store} t=${t} />`}</li>`;
}

/** The code of the device just added: large, with where to type it, until the next is asked for. */
function Code({ made, t }) {
  if (!made) return null;
  const { kind, unit } = made.device;
  const where = kind === 'printer'
    ? t('unit.devices.code.printer', { command: `vez printer pair ${made.code} --server ${location.origin}` })
    : t('unit.devices.code.where', { place: `${location.origin}/${kind}/${unit}` });
  return html`<div class="unit-code" role="status" data-code=${made.code}><p>${t('unit.devices.code', { name: made.device.name })}</p>
    <p class="unit-code-digits">${inGroups(made.code)}</p><p>${where}</p></div>`;
}

function Add({ store, t }) {
  const id = useId();
  const kind = useSignal('kiosk');
  const name = useSignal('');
  const busy = store.busy.value === 'devices';
  async function add(event) {
    event.preventDefault();
    if (await store.addDevice(kind.value, name.value)) name.value = '';
  }
  return html`<form class="unit-form" onSubmit=${add}><h3>${t('unit.devices.add')}</h3>
    <div class="unit-add"><${Choices} legend=${t('unit.devices.kind')} value=${kind.value} onChange=${(value) => { kind.value = value; }}
        options=${KINDS.map((one) => [one, t(`unit.devices.kind.${one}`)])} />
      <div class="field"><label for=${id}>${t('unit.devices.name')}</label><input id=${id} maxlength="80" required value=${name.value}
        placeholder=${t(`unit.devices.name.${kind.value}`)} onInput=${(event) => { name.value = event.currentTarget.value; }} /></div></div>
    <div class="unit-foot"><button type="submit" class="button button-primary" aria-disabled=${busy ? 'true' : undefined}><${Icon} name="plus" />${t('unit.devices.add.go')}</button>
      <${Said} store=${store} card="devices" /></div>
    <${Code} made=${store.made.value} t=${t} /></form>`;
}

export function DevicesCard({ store, i18n, app }) {
  const { t } = i18n;
  // A device comes and goes without anybody touching this page.
  useEffect(() => {
    const timer = setInterval(store.readDevices, READ_MS);
    return () => clearInterval(timer);
  }, [store]);
  const devices = store.devices.value ?? [];
  return html`<ul class="unit-devices">${devices.map((device) => html`<${Device} key=${device.id} device=${device} units=${app.units.value} store=${store} t=${t} />`)}</ul>
    <${Add} store=${store} t=${t} />`;
}
