/** A ticket's sheet: what it is, its story in plain words ("why was this one called?"), and what may be done to it. */
import { html, useEffect, useSignal } from 'vez/dom.js';
import { Dialog, Icon } from 'vez/ui.js';
import { FormDialog, presets, TierDialog, TransferDialog } from './dialogs.js';
import { printState, watchPrint } from './printing.js';
import { clockText, minutesText, sheetActions, timers } from './state.js';
import { placeName, ReasonField, Tier, TicketState } from './widgets.js';

const ICONS = { call: 'megaphone', reprint: 'printer', cancel: 'ban', return: 'undo-2', transfer: 'send', change_tier: 'list-ordered' };
const NEED_A_REASON = new Set(['call', 'cancel', 'reprint']);
const DIALOGS = { transfer: TransferDialog, change_tier: TierDialog };

function Facts({ app, ticket }) {
  const { t, plural } = app.i18n;
  const times = timers(ticket, app.beat.value);
  const rows = [
    ['service', ticket.service_name],
    ['issued', `${app.time(ticket.issued_at)} · ${t(`origin.${ticket.origin}`)}`],
    ['wait', minutesText(times.wait)],
    ticket.counter && ['counter', `${placeName(t, ticket.counter_kind, ticket.counter_number)} ${ticket.attendant_name ?? ''}`],
    times.service !== null && ['service_time', clockText(times.service)],
    ticket.state === 'waiting' && ticket.ahead !== null && ['ahead', plural('sheet.ahead', ticket.ahead)],
    ticket.late_at && ['late', app.time(ticket.late_at)],
    ticket.note && ['note', ticket.note],
  ].filter(Boolean);
  return html`<dl class="facts">${rows.map(([name, value]) => html`<div><dt>${t(`sheet.${name}`)}</dt><dd>${value}</dd></div>`)}</dl>`;
}

function History({ app, events }) {
  const { t } = app.i18n;
  return html`<section class="story"><h3>${t('sheet.story')}</h3>
    ${events === null ? html`<p class="quiet" role="status">${t('login.loading')}</p>`
      : html`<ol>${events.map((event) => html`<li key=${event.seq}><time datetime=${event.at}>${app.time(event.at, true)}</time>
          <span>${event.text}</span></li>`)}</ol>`}</section>`;
}

/** Reads the ticket and its story once, and again after each command on it. */
function useSheet(app, ticket) {
  const fresh = useSignal(ticket);
  const events = useSignal(null);
  const problem = useSignal(null);
  async function read() {
    try {
      const [one, story] = await Promise.all([app.api.get(`/tickets/${ticket.id}`), app.api.get(`/tickets/${ticket.id}/history`)]);
      fresh.value = { ...one.ticket, reason_text: one.ticket.reason_text ?? ticket.reason_text };
      events.value = story.events;
    } catch (error) {
      events.value = events.value ?? [];
      problem.value = app.desk.words(error);
    }
  }
  useEffect(() => { read(); }, [ticket.id]);
  return { fresh, events, problem, read };
}

function Buttons({ app, ticket, onChoose }) {
  const { t } = app.i18n;
  const possible = sheetActions(ticket, app.powers(ticket));
  return possible.map((name) => html`<button type="button" key=${name} data-sheet-action=${name}
    class=${`button button-small ${name === 'cancel' ? 'button-danger' : ''}`} onClick=${() => onChoose(name)}>
    <${Icon} name=${ICONS[name]} />${t(`sheet.do.${name}`)}</button>`);
}

export function TicketSheet({ app, ticket: given, onClose }) {
  const { t } = app.i18n;
  const { fresh, events, problem, read } = useSheet(app, given);
  const mode = useSignal(null);
  const print = useSignal(null);
  const ticket = fresh.value;

  async function choose(name) {
    problem.value = null;
    if (NEED_A_REASON.has(name) || name in DIALOGS) { mode.value = name; return; }
    const outcome = await app.desk.onTicket(name, ticket, {}, { quiet: true });
    if (outcome.error) problem.value = app.desk.words(outcome.error);
    read();
  }
  async function send(name, reason) {
    const outcome = await (name === 'call' ? app.desk.callThis(ticket, reason)
      : app.desk.onTicket(name, ticket, { reason }, { quiet: true }));
    if (outcome.error?.code === 'conflict') read(); // whoever presses again has seen what it is now
    if (name === 'reprint' && outcome.answer) watchPrint(app, outcome.answer.print_job, print);
    return outcome;
  }
  const back = () => { mode.value = null; read(); };
  /** A call made from here takes the ticket in hand: the sheet has done its work. */
  const done = () => (mode.peek() === 'call' && app.phase.peek() !== 'idle' ? onClose() : back());
  if (mode.value in DIALOGS) return html`<${DIALOGS[mode.value]} app=${app} ticket=${ticket} onClose=${back} />`;
  if (mode.value) return html`<${SheetReason} app=${app} name=${mode.value} ticket=${ticket} onSend=${send} onClose=${done} />`;
  const buttons = html`<${Buttons} app=${app} ticket=${ticket} onChoose=${choose} />`;
  return html`<${Dialog} open title=${t('sheet.title', { label: ticket.label })} onClose=${onClose} actions=${buttons} t=${t} class="sheet">
    <p class="sheet-head"><${TicketState} state=${ticket.state} t=${t} /><${Tier} tier=${ticket.tier} t=${t} always /></p>
    ${ticket.reason_text && html`<p class="sheet-reason"><strong>${t('sheet.why')}</strong> ${ticket.reason_text}</p>`}
    <${Facts} app=${app} ticket=${ticket} />
    ${print.value && html`<p class="print-state" role="status">${printState(app, print.value)}</p>`}
    <p class="field-error" role="alert">${problem.value}</p>
    <${History} app=${app} events=${events.value} /></${Dialog}>`;
}

function SheetReason({ app, name, ticket, onSend, onClose }) {
  const { t } = app.i18n;
  const reason = useSignal('');
  return html`<${FormDialog} app=${app} title=${t(`${name}.title`, { label: ticket.label })} submit=${t(`${name}.submit`)}
      kind=${name === 'cancel' ? 'button-danger' : 'button-primary'} valid=${reason.value.trim() !== ''}
      onSubmit=${() => onSend(name, reason.value.trim())} onClose=${onClose}>
    <p class="quiet">${t(`${name}.text`)}</p>
    <${ReasonField} label=${t('reason.label')} presets=${presets(t, `${name}.presets`)} value=${reason.value}
      onInput=${(text) => { reason.value = text; }} /></${FormDialog}>`;
}
