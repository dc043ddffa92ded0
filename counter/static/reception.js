/** Reception mode: a ticket for whoever cannot use the kiosk, or has an appointment; search, reprint, cancel. */
import { html, useEffect, useId, useRef, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import qrcode from 'qrcode-generator';
import { todayAt } from './clock.js';
import { Trying } from './frame.js';
import { printState, watchPrint } from './printing.js';
import { TIERS } from './state.js';
import { allServices, ServicePicker, Tier, TicketState } from './widgets.js';

const SEARCH_WAIT_MS = 220;
const LANGUAGES = [['pt-BR', 'Português'], ['en', 'English'], ['es', 'Español']];

function services(app) {
  const { t, plural } = app.i18n;
  return allServices(app.room.value.menu.value).map((service) => ({
    ...service,
    side: service.open ? plural('reception.waiting', service.waiting) : t(`closed.${service.closed_reason}`),
  }));
}

/** The follow address as a QR code drawn as one path: nothing is fetched, nothing is parsed as markup. */
export function Qr({ text, label }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  const path = [];
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) if (code.isDark(y, x)) path.push(`M${x} ${y}h1v1h-1z`);
  }
  return html`<svg class="qr" viewBox=${`-3 -3 ${size + 6} ${size + 6}`} role="img" aria-label=${label} shape-rendering="crispEdges">
    <rect x="-3" y="-3" width=${size + 6} height=${size + 6} fill="#ffffff" /><path d=${path.join('')} fill="#000000" /></svg>`;
}

function Radios({ legend, name, value, options, onChange }) {
  return html`<fieldset class="choice"><legend>${legend}</legend>
    ${options.map(([id, label, hint, lang]) => html`<label key=${id}><input type="radio" name=${name} value=${id} checked=${value === id}
      onChange=${() => onChange(id)} /><span lang=${lang}>${label}${hint && html`<span class="choice-hint">${hint}</span>`}</span></label>`)}</fieldset>`;
}

/** What was issued: the number, how the paper is, the code for the phone. */
function Issued({ app, issued, print, onAgain }) {
  const { t, plural } = app.i18n;
  const { ticket } = issued;
  return html`<div class="issued" data-issued=${ticket.label}>
    <p class="quiet">${t('reception.issued')}</p>
    <p class="issued-label">${ticket.label}</p>
    <p><${Tier} tier=${ticket.tier} t=${t} always /> ${ticket.service_name}</p>
    <p class="quiet">${plural('sheet.ahead', ticket.ahead ?? 0)}${ticket.estimate
      && ` · ${t('reception.estimate', { low: ticket.estimate.low, high: ticket.estimate.high })}`}</p>
    <p class="print-state" role="status"><${Icon} name="printer" size="1em" />
      ${print ? printState(app, print) : t('print.none')}</p>
    ${ticket.follow_url && html`<${Qr} text=${ticket.follow_url} label=${t('reception.qr')} />`}
    <div class="issued-actions">
      <button type="button" class="button button-small" onClick=${() => app.openTicket(ticket)}>
        <${Icon} name="ticket" />${t('reception.sheet')}</button>
      <button type="button" class="button button-primary button-small" data-action="issue-again" onClick=${onAgain}>
        <${Icon} name="plus" />${t('reception.again')}</button></div>
  </div>`;
}

function IssueForm({ app }) {
  const { t } = app.i18n;
  const id = useId();
  const wish = app.wish;
  const { service, tier, language, booked } = wish.value;
  const issued = useSignal(null);
  const print = useSignal(null);
  const problem = useSignal(null);
  const command = app.desk.command.value;
  const set = (changes) => { wish.value = { ...wish.value, ...changes }; };
  const trying = command.action === 'issue' && (command.phase === 'waiting' || command.tries > 1);

  async function submit(event) {
    event.preventDefault();
    if (!service || app.desk.busy()) return;
    problem.value = null;
    const { timezone } = app.room.peek().menu.peek().unit;
    const time = booked && { booked: todayAt(booked, timezone, app.clock.now()) };
    const outcome = await app.desk.issue(app.room.peek().unit, { service, tier, language, ...time });
    if (outcome.error) { problem.value = app.desk.words(outcome.error); return; }
    if (!outcome.answer) return;
    issued.value = outcome.answer;
    print.value = null;
    watchPrint(app, outcome.answer.print_job, print);
    set({ service: null, tier: 'normal', booked: '' });
  }
  if (issued.value) return html`<${Issued} app=${app} issued=${issued.value} print=${print.value}
    onAgain=${() => { issued.value = null; }} />`;
  return html`<form class="issue" onSubmit=${submit}>
    <${ServicePicker} services=${services(app)} value=${service} label=${t('reception.service')} t=${t} autofocus
      onChoose=${(chosen) => set({ service: chosen })} />
    <div class="issue-side">
      <${Radios} legend=${t('reception.tier')} name=${`${id}-tier`} value=${tier} onChange=${(next) => set({ tier: next })}
        options=${[...TIERS].reverse().map((name) => [name, t(`tier.${name}.long`), t(`tier.${name}.hint`)])} />
      <${Radios} legend=${t('reception.language')} name=${`${id}-language`} value=${language}
        onChange=${(next) => set({ language: next })} options=${LANGUAGES.map(([code, name]) => [code, name, null, code])} />
      <div class="field"><label for=${`${id}-booked`}>${t('reception.booked')} <span class="quiet">${t('reception.booked.hint')}</span></label>
        <input id=${`${id}-booked`} type="time" name="booked" value=${booked}
          onInput=${(event) => set({ booked: event.currentTarget.value })} /></div>
      <p class="field-error" role="alert">${problem.value}</p>
      ${trying && html`<${Trying} app=${app} command=${command} />`}
      <button type="submit" class="button button-primary" data-action="issue"
        aria-disabled=${service && !command.action ? undefined : 'true'}><${Icon} name="printer" />${t('reception.issue')}</button>
    </div></form>`;
}

/** Today's tickets by the beginning of their label; the newest when nothing is typed. */
export function Search({ app }) {
  const { t, plural } = app.i18n;
  const id = useId();
  const room = app.room.value;
  const words = useSignal('');
  const found = useSignal(null);
  const problem = useSignal(null);
  const asked = useRef(0);
  async function look() {
    const turn = (asked.current += 1);
    try {
      const label = encodeURIComponent(words.peek().trim().toUpperCase());
      const read = await app.api.get(`/units/${room.unit}/tickets?limit=30${label ? `&label=${label}` : ''}`);
      if (turn === asked.current) { found.value = read.tickets; problem.value = null; }
    } catch (error) {
      if (turn === asked.current) problem.value = app.desk.words(error);
    }
  }
  useEffect(() => {
    const timer = setTimeout(look, SEARCH_WAIT_MS);
    return () => clearTimeout(timer);
  }, [words.value, room.queue.value?.seq, app.sheet.value]);
  return html`<section class="panel-card search" aria-labelledby="search-title">
    <h2 id="search-title">${t('search.title')}</h2>
    <div class="picker-search"><${Icon} name="search" /><input id="search" type="text" autocomplete="off" spellcheck=${false}
      aria-label=${t('search.label')} placeholder=${t('search.label')} value=${words.value}
      onInput=${(event) => { words.value = event.currentTarget.value; }} aria-describedby=${id} /></div>
    <p class="quiet" id=${id} role="status">${found.value ? plural('search.found', found.value.length) : ''}</p>
    <p class="field-error" role="alert">${problem.value}</p>
    <ul class="rows">${(found.value ?? []).map((ticket) => html`<li key=${ticket.id}>
      <button type="button" class="row" data-ticket=${ticket.label} onClick=${() => app.openTicket(ticket)}>
        <span class="row-main"><span class="row-head"><strong class="row-label">${ticket.label}</strong>
          <${TicketState} state=${ticket.state} t=${t} /><${Tier} tier=${ticket.tier} t=${t} /></span>
          <span class="row-service">${ticket.service_name}</span></span>
        <span class="row-wait">${app.time(ticket.issued_at)}</span></button></li>`)}</ul>
  </section>`;
}

export function Reception({ app }) {
  const { t } = app.i18n;
  return html`<main class="reception" id="main" tabindex="-1">
    <section class="panel-card" aria-labelledby="issue-title"><h2 id="issue-title">${t('reception.title')}</h2>
      <${IssueForm} app=${app} /></section>
    <${Search} app=${app} /></main>`;
}
