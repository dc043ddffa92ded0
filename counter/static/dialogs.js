/** The dialogs of the counter. Each stays open with what was typed until the server has said yes. */
import { html, useId, useSignal } from 'vez/dom.js';
import { Dialog } from 'vez/ui.js';
import { Trying } from './frame.js';
import { LETTERED } from './shortcuts.js';
import { TIERS } from './state.js';
import { allServices, placeName, ReasonField, ServicePicker } from './widgets.js';

/** Ready-made answers live in the catalogue, one per line of `key`. */
export const presets = (t, key) => t(key).split('|');

/** A dialog with one form: Enter sends it, a refusal is shown in it, an answer closes it. */
export function FormDialog({ app, title, submit, valid = true, onSubmit, onClose, children, kind = 'button-primary' }) {
  const { t } = app.i18n;
  const id = useId();
  const problem = useSignal(null);
  const command = app.desk.command.value;
  const trying = command.phase === 'waiting' || (command.phase === 'sending' && command.tries > 1);
  async function send(event) {
    event.preventDefault();
    if (!valid || app.desk.busy()) return;
    problem.value = null;
    const outcome = await onSubmit();
    if (outcome.answer !== undefined) onClose();
    else if (outcome.error) problem.value = app.desk.words(outcome.error);
  }
  const actions = html`<button type="button" class="button" onClick=${onClose}>${t('dialog.back')}</button>
    <button type="submit" form=${id} class=${`button ${kind}`} aria-disabled=${valid && !command.action ? undefined : 'true'}>
      ${submit}</button>`;
  return html`<${Dialog} open title=${title} onClose=${onClose} actions=${actions} t=${t}>
    <form id=${id} onSubmit=${send} class="dialog-form">${children}
      <p class="field-error" role="alert">${problem.value}</p>
      ${trying && html`<${Trying} app=${app} command=${command} />`}</form></${Dialog}>`;
}

/** One reason, one command: pause, hold, cancel, reprint, call out of order, close somebody's counter. */
export function ReasonDialog({ app, name, onSubmit, onClose, title, text, kind }) {
  const { t } = app.i18n;
  const reason = useSignal('');
  return html`<${FormDialog} app=${app} title=${title ?? t(`${name}.title`)} submit=${t(`${name}.submit`)} kind=${kind}
      valid=${reason.value.trim() !== ''} onSubmit=${() => onSubmit(reason.value.trim())} onClose=${onClose}>
    <p class="quiet">${text ?? t(`${name}.text`)}</p>
    <${ReasonField} label=${t('reason.label')} presets=${presets(t, `${name}.presets`)} value=${reason.value}
      onInput=${(text) => { reason.value = text; }} /></${FormDialog}>`;
}

function servicesWithState(app) {
  const { t } = app.i18n;
  return allServices(app.room.value.menu.value).map((service) => ({
    ...service,
    side: service.waiting > 0 ? t('picker.waiting', { n: service.waiting }) : '',
  }));
}

function counterChoices(app, ticket) {
  const { t } = app.i18n;
  return (app.room.value.counters.value ?? []).filter((counter) => counter.id !== ticket.counter).map((counter) => ({
    id: counter.id,
    name: placeName(t, counter.kind, counter.number),
    category_name: counter.attendant_name,
    side: counter.state === 'closed' ? t('counter.closed') : counter.attendant_name,
  }));
}

function attendantChoices(app, ticket) {
  const { t } = app.i18n;
  return (app.room.value.counters.value ?? []).filter((c) => c.attendant && c.attendant !== ticket.attendant)
    .map((c) => ({ id: c.attendant, name: c.attendant_name, side: placeName(t, c.kind, c.number) }));
}

const TARGETS = { service: servicesWithState, counter: counterChoices, attendant: attendantChoices };

/** To a service, a counter or a person; keeping the place of the arrival, or last; the note goes along. */
export function TransferDialog({ app, ticket, onClose }) {
  const { t } = app.i18n;
  const id = useId();
  const kind = useSignal('service');
  const target = useSignal(null);
  const place = useSignal('keep');
  const note = useSignal(app.draftOf(ticket).note);
  const choices = TARGETS[kind.value](app, ticket);
  function send() {
    const body = { [kind.value]: target.value, place: place.value };
    return app.desk.onTicket('transfer', ticket, app.desk.withNote(body, note.value), { quiet: true });
  }
  const change = (next) => { kind.value = next; target.value = null; };
  return html`<${FormDialog} app=${app} title=${t('transfer.title', { label: ticket.label })} submit=${t('transfer.submit')}
      valid=${target.value !== null} onSubmit=${send} onClose=${onClose}>
    <${Segmented} legend=${t('transfer.to')} name=${`${id}-kind`} value=${kind.value} onChange=${change}
      options=${Object.keys(TARGETS).map((name) => [name, t(`transfer.to.${name}`)])} />
    <${ServicePicker} key=${kind.value} services=${choices} value=${target.value} label=${t(`transfer.to.${kind.value}`)}
      without=${kind.value === 'service' ? [ticket.service] : []} t=${t} autofocus onChoose=${(chosen) => { target.value = chosen; }} />
    <${Segmented} legend=${t('transfer.place')} name=${`${id}-place`} value=${place.value}
      onChange=${(next) => { place.value = next; }} options=${['keep', 'last'].map((name) => [name, t(`transfer.place.${name}`)])} />
    <${NoteField} app=${app} note=${note} /></${FormDialog}>`;
}

function Segmented({ legend, name, value, options, onChange, autofocus = false }) {
  return html`<fieldset class="segmented"><legend>${legend}</legend>
    ${options.map(([id, label], index) => html`<label key=${id}><input type="radio" name=${name} value=${id} checked=${value === id}
      autofocus=${autofocus && index === 0} onChange=${() => onChange(id)} /><span>${label}</span></label>`)}</fieldset>`;
}

/** What was pressed at the kiosk is put right: another tier, and why. Number and arrival stay. */
export function TierDialog({ app, ticket, onClose }) {
  const { t } = app.i18n;
  const id = useId();
  const tier = useSignal(null);
  const reason = useSignal('');
  const others = [...TIERS].reverse().filter((name) => name !== ticket.tier);
  const send = () => app.desk.onTicket('change_tier', ticket, { tier: tier.value, reason: reason.value.trim() }, { quiet: true });
  return html`<${FormDialog} app=${app} title=${t('change_tier.title', { label: ticket.label })} submit=${t('change_tier.submit')}
      valid=${tier.value !== null && reason.value.trim() !== ''} onSubmit=${send} onClose=${onClose}>
    <p class="quiet">${t('change_tier.text', { tier: t(`tier.${ticket.tier}.long`) })}</p>
    <${Segmented} legend=${t('change_tier.to')} name=${`${id}-tier`} value=${tier.value} autofocus
      onChange=${(next) => { tier.value = next; }} options=${others.map((name) => [name, t(`tier.${name}.long`)])} />
    <${ReasonField} label=${t('reason.label')} presets=${presets(t, 'change_tier.presets')} value=${reason.value} autofocus=${false}
      onInput=${(text) => { reason.value = text; }} /></${FormDialog}>`;
}

function NoteField({ app, note }) {
  const { t } = app.i18n;
  const id = useId();
  return html`<div class="field"><label for=${id}>${t('transfer.note')}</label>
    <textarea id=${id} rows="2" maxlength="500" value=${note.value}
      onInput=${(event) => { note.value = event.currentTarget.value; }}></textarea></div>`;
}

/** The same person, the next thing they came for: same number, same arrival. */
export function NextServiceDialog({ app, ticket, onClose }) {
  const { t } = app.i18n;
  const service = useSignal(null);
  const note = useSignal(app.draftOf(ticket).note);
  return html`<${FormDialog} app=${app} title=${t('next_service.title', { label: ticket.label })} submit=${t('next_service.submit')}
      valid=${service.value !== null} onSubmit=${() => app.desk.nextService(service.value, note.value)} onClose=${onClose}>
    <p class="quiet">${t('next_service.text')}</p>
    <${ServicePicker} services=${servicesWithState(app)} value=${service.value} label=${t('next_service.choose')} t=${t}
      autofocus without=${[ticket.service]} onChoose=${(chosen) => { service.value = chosen; }} />
    <${NoteField} app=${app} note=${note} /></${FormDialog}>`;
}

/** One more service done in this visit; nothing is sent before "finish". */
export function PerformedDialog({ app, ticket, onClose }) {
  const { t } = app.i18n;
  const { services } = app.draftOf(ticket);
  function add(chosen) {
    app.writeDraft(ticket, { services: [...services, chosen] });
    onClose();
  }
  return html`<${Dialog} open title=${t('performed.add.title')} onClose=${onClose} t=${t}>
    <${ServicePicker} services=${servicesWithState(app)} value=${null} label=${t('performed.choose')} t=${t} autofocus
      without=${services} onChoose=${add} /></${Dialog}>`;
}

/** Leaving with a seat taken: it can be freed for a colleague, or kept for whoever comes back after lunch. */
export function LogoutDialog({ app, onClose }) {
  const { t } = app.i18n;
  const { counter, ticket } = app.situation.value;
  if (!counter) return null;
  const place = placeName(t, counter.kind, counter.number);
  const go = (closing) => { onClose(); app.leave(closing); };
  const actions = html`<button type="button" class="button" data-action="leave" onClick=${() => go(false)}>${t('logout.keep')}</button>
    ${!ticket && html`<button type="button" class="button button-primary" data-action="close-and-leave" autofocus
      onClick=${() => go(true)}>${t('logout.close')}</button>`}`;
  return html`<${Dialog} open title=${t('logout')} onClose=${onClose} actions=${actions} t=${t}>
    <p>${ticket ? t('logout.ticket', { label: ticket.label, place }) : t('logout.seat', { place })}</p></${Dialog}>`;
}

/** Every key, and the switch for those who talk to their computer (WCAG 2.1.4). */
export function HelpDialog({ app, onClose }) {
  const { t } = app.i18n;
  const { letters } = app.look.value;
  const table = app.keys();
  return html`<${Dialog} open title=${t('help.title')} onClose=${onClose} t=${t}>
    <p class="quiet">${t('help.text')}</p>
    <table class="keys"><thead><tr><th scope="col">${t('help.action')}</th><th scope="col">${t('help.letter')}</th>
      <th scope="col">${t('help.fkey')}</th></tr></thead>
      <tbody>${LETTERED.map((name) => html`<tr key=${name}><th scope="row">${t(`action.${name}`)}</th>
        <td>${letters ? html`<kbd class="key">${table[name].letter}</kbd>` : '–'}</td>
        <td>${table[name].fkey ? html`<kbd class="key">${table[name].fkey}</kbd>` : ''}</td></tr>`)}</tbody></table>
    <label class="tick"><input type="checkbox" checked=${letters}
      onChange=${(event) => { app.look.value = { ...app.look.value, letters: event.currentTarget.checked }; }} />
      <span>${t('help.letters')}</span></label></${Dialog}>`;
}
