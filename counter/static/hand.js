/** The right side: the ticket in hand, its times, what may be done now, and what is written about it. */
import { html, useEffect, useId, useRef, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { pauseText } from './choose.js';
import { countdownText, layout, timers } from './state.js';
import { ActionButton, allServices, Tier, Timer } from './widgets.js';

const ICONS = {
  call_next: 'megaphone', recall: 'repeat', start: 'play', no_show: 'user-x', finish: 'check-check', transfer: 'send',
  next_service: 'skip-forward', hold: 'hourglass', resume: 'play', pause: 'pause', close: 'door-closed',
};
/** After the big button changes its meaning it rests this long, so that a double click never does two things. */
const SETTLE_MS = 450;

/** Why an action waits, in words; only for those whose waiting ends by itself or that the person may wonder about. */
function whyText(app, name, verdict) {
  if (!verdict.why || verdict.why.key === 'why.busy') return null;
  if (name !== 'recall' && name !== 'no_show') return null;
  const { calls = 0, seconds = 0 } = verdict.why.vars;
  const { t, plural } = app.i18n;
  return t(verdict.why.key, { time: countdownText(seconds), calls: plural('why.n_calls', calls) });
}

/** One button of the desk. Texts, keys and reasons by the action's name. */
export function DeskButton({ app, name, kind, verdicts, label = app.i18n.t(`action.${name}`), resting = false }) {
  const verdict = resting ? { enabled: false } : verdicts[name];
  return html`<${ActionButton} name=${name} label=${label} icon=${ICONS[name]} kind=${kind}
    keyLabel=${app.keyFor(name)} verdict=${verdict} why=${whyText(app, name, verdicts[name])}
    onPress=${() => app.act(name)} />`;
}

/** Rests after each change of meaning; the focus stays on it, so Enter, Enter, Enter never runs away. */
function PrimaryButton({ app, name, verdicts }) {
  const settled = useSignal(null);
  useEffect(() => {
    const id = setTimeout(() => { settled.value = name; }, SETTLE_MS);
    return () => clearTimeout(id);
  }, [name]);
  return html`<${DeskButton} app=${app} name=${name} verdicts=${verdicts} resting=${settled.value !== name}
    kind=${settled.value === name ? 'button-primary act-primary' : 'button-primary act-primary act-resting'} />`;
}

function Idle({ app, room, verdicts }) {
  const { t } = app.i18n;
  const next = room.queue.value?.tickets[0];
  return html`<div class="idle">
    <p class="idle-title">${next ? t('idle.title') : t('idle.nobody')}</p>
    ${next && html`<p class="idle-next"><strong>${next.label}</strong><${Tier} tier=${next.tier} t=${t} />
      <span>${next.service_name}</span></p>
      <p class="quiet">${t('hand.reason', { reason: next.reason_text ?? '' })}</p>`}
    ${!next && html`<p class="quiet">${t('idle.nobody.text')}</p>`}
    <${PrimaryButton} app=${app} name="call_next" verdicts=${verdicts} />
    <${LastTicket} app=${app} />
  </div>`;
}

function LastTicket({ app }) {
  const { t } = app.i18n;
  const last = app.lastTicket.value;
  if (!last) return null;
  return html`<button type="button" class="last-ticket" onClick=${() => app.openTicket(last)}>
    <${Icon} name="history" size="1em" />${t('idle.last', { label: last.label, service: last.service_name })}</button>`;
}

function Paused({ app, room, verdicts }) {
  const { t } = app.i18n;
  const { counter } = room.hand.value;
  return html`<div class="idle">
    <p class="idle-title"><${Icon} name="coffee" /> ${t('pause.title')}</p>
    <p class="idle-next">${counter.pause_reason}</p>
    <p class="quiet">${pauseText(app, counter)}</p>
    <${PrimaryButton} app=${app} name="resume" verdicts=${verdicts} />
  </div>`;
}

function HandHead({ app, ticket }) {
  const { t, plural } = app.i18n;
  const times = timers(ticket, app.beat.value);
  return html`<header class="hand-head">
    <div class="hand-who">
      <p class="hand-state">${t(`phase.${ticket.state}`)}${ticket.calls > 0 && html` · ${plural('hand.calls', ticket.calls)}`}</p>
      <p class="hand-label" data-hand=${ticket.label}>${ticket.label}</p>
      <p class="hand-service"><${Tier} tier=${ticket.tier} t=${t} /> ${ticket.service_name}</p>
      <button type="button" class="hand-reason" onClick=${() => app.openTicket(ticket)}>
        <${Icon} name="info" size="1em" />${t('hand.reason', { reason: ticket.reason_text ?? '' })}</button>
    </div>
    <dl class="timers">
      <${Timer} name="wait" seconds=${times.wait} target=${ticket.target_minutes} t=${t} />
      <${Timer} name="walk" seconds=${times.walk} running=${times.running === 'walk'} t=${t} />
      <${Timer} name="service" seconds=${times.service} running=${times.running === 'service'} t=${t} />
    </dl>
  </header>`;
}

function Documents({ app, ticket, draft, write }) {
  const { t } = app.i18n;
  const service = allServices(app.room.value.menu.value).find((s) => s.id === ticket.service);
  const documents = service?.documents ?? [];
  const seen = new Set(draft.documents);
  const toggle = (index) => {
    if (seen.has(index)) seen.delete(index); else seen.add(index);
    write({ documents: [...seen] });
  };
  return html`<section class="panel-card" aria-labelledby="documents-title">
    <h2 id="documents-title"><${Icon} name="clipboard-list" />${t('documents.title')}</h2>
    ${documents.length === 0 ? html`<p class="quiet">${t('documents.none')}</p>`
      : html`<ul class="documents">${documents.map((text, index) => html`<li><label class="tick">
          <input type="checkbox" checked=${seen.has(index)} onChange=${() => toggle(index)} /><span>${text}</span></label></li>`)}</ul>`}
  </section>`;
}

function Performed({ app, ticket, draft, write }) {
  const { t } = app.i18n;
  const services = allServices(app.room.value.menu.value);
  const name = (id) => services.find((service) => service.id === id)?.name ?? (id === ticket.service ? ticket.service_name : id);
  const remove = (id) => write({ services: draft.services.filter((other) => other !== id) });
  return html`<fieldset class="performed"><legend>${t('performed.title')}</legend>
    <ul class="chips">${draft.services.map((id) => html`<li class="chip chip-on" key=${id}>${name(id)}
      ${draft.services.length > 1 && html`<button type="button" class="chip-x" onClick=${() => remove(id)}
        aria-label=${t('performed.remove', { name: name(id) })}><${Icon} name="x" size="0.9em" /></button>`}</li>`)}
      <li><button type="button" class="chip" data-action="add-service" onClick=${() => app.open('performed')}>
        <${Icon} name="plus" size="1em" />${t('performed.add')}</button></li></ul>
  </fieldset>`;
}

function Record({ app, ticket, draft, write }) {
  const { t } = app.i18n;
  const id = useId();
  return html`<section class="panel-card" aria-labelledby="record-title">
    <h2 id="record-title"><${Icon} name="pen-line" />${t('record.title')}</h2>
    <${Performed} app=${app} ticket=${ticket} draft=${draft} write=${write} />
    <fieldset class="segmented"><legend>${t('resolution.title')}</legend>
      ${['resolved', 'pending'].map((value) => html`<label><input type="radio" name=${`${id}-resolution`} value=${value}
        checked=${draft.resolution === value} onChange=${() => write({ resolution: value })} />
        <span>${t(`resolution.${value}`)}</span></label>`)}</fieldset>
    <div class="field"><label for="note">${t('note.title')} <span class="quiet">${t('note.hint')}</span></label>
      <textarea id="note" maxlength="500" rows="3" value=${draft.note} aria-keyshortcuts=${app.keyFor('note') || undefined}
        onInput=${(event) => write({ note: event.currentTarget.value })}></textarea></div>
  </section>`;
}

function InHand({ app, ticket, verdicts, situation }) {
  const { primary, beside, more } = layout(situation);
  const draft = app.draftOf(ticket);
  const write = (changes) => app.writeDraft(ticket, changes);
  const head = useRef(null);
  return html`<div class="hand" ref=${head}>
    <${HandHead} app=${app} ticket=${ticket} />
    <div class="actions">
      <div class="actions-main">
        <${PrimaryButton} app=${app} name=${primary} verdicts=${verdicts} />
        ${beside.map((name) => html`<${DeskButton} key=${name} app=${app} name=${name} verdicts=${verdicts} />`)}</div>
      <div class="actions-more">
        ${more.map((name) => html`<${DeskButton} key=${name} app=${app} name=${name} kind="button-small act-quiet" verdicts=${verdicts} />`)}</div>
    </div>
    <div class="hand-below"><${Documents} app=${app} ticket=${ticket} draft=${draft} write=${write} />
      <${Record} app=${app} ticket=${ticket} draft=${draft} write=${write} /></div>
  </div>`;
}

/** Whatever the counter's phase, its one big action and what belongs to it. */
export function Hand({ app, room }) {
  const situation = { ...room.hand.value, now: app.beat.value };
  const verdicts = app.desk.verdicts(situation);
  const phase = app.phase.value;
  return html`<section class="work-hand" aria-label=${app.i18n.t('hand.title')} data-phase=${phase}>
    ${phase === 'paused' && html`<${Paused} app=${app} room=${room} verdicts=${verdicts} />`}
    ${phase === 'idle' && html`<${Idle} app=${app} room=${room} verdicts=${verdicts} />`}
    ${(phase === 'called' || phase === 'serving') && html`<${InHand} key=${situation.ticket.id} app=${app}
      ticket=${situation.ticket} verdicts=${verdicts} situation=${situation} />`}
  </section>`;
}
