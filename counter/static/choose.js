/** Before the work: which unit, which counter, or the reception without a counter. */
import { html, useEffect, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Bar, Notices } from './frame.js';
import { minutesText, secondsSince } from './state.js';
import { placeName } from './widgets.js';

/** For an admin of all units: which one. */
export function ChooseUnit({ app }) {
  const { t } = app.i18n;
  const units = app.units.value;
  return html`<${Bar} app=${app} title=${t('choose.unit')} subtitle=${t('product')} />
    <${Notices} app=${app} />
    <main class="choose" id="main" tabindex="-1">
      <h2>${t('choose.unit.text')}</h2>
      <ul class="choose-grid">${(units ?? []).map((unit) => html`<li key=${unit.id}>
        <button type="button" class="card" data-unit=${unit.id} onClick=${() => app.chooseUnit(unit.id)}>
          <${Icon} name="building-2" size="1.75em" />
          <span class="card-title">${unit.name}</span><span class="quiet">${unit.address}</span>
          <span class="quiet">${unit.open ? t('unit.open', { closes: unit.closes_at }) : t('unit.closed')}</span>
        </button></li>`)}</ul>
    </main>`;
}

function Occupant({ counter, app }) {
  const { t } = app.i18n;
  const since = counter.since ? app.time(counter.since) : '';
  if (counter.state === 'closed') return html`<span class="card-free"><${Icon} name="door-open" />${t('counter.free')}</span>`;
  const paused = counter.state === 'paused' ? t('counter.paused_by', { reason: counter.pause_reason ?? '' }) : '';
  return html`<span class="card-taken"><${Icon} name="user-round" />
    ${t('counter.occupied', { name: counter.attendant_name ?? '', since })} ${paused}</span>`;
}

function CounterCard({ app, counter, onOpen, last }) {
  const { t } = app.i18n;
  const mine = counter.attendant === app.session.user.value.id;
  const free = counter.state === 'closed';
  const name = placeName(t, counter.kind, counter.number);
  return html`<li><button type="button" class=${`card ${mine ? 'card-mine' : ''}`} data-counter=${counter.id}
      disabled=${!free && !mine} onClick=${() => onOpen(counter)}>
    <span class="card-number">${name}</span>
    ${counter.name && counter.name !== name && html`<span>${counter.name}</span>`}
    <span class="quiet">${t('counter.profile', { profile: counter.profile_name })}</span>
    <${Occupant} counter=${counter} app=${app} />
    ${mine && html`<span class="card-tag">${t('counter.mine')}</span>`}
    ${!mine && free && last && html`<span class="card-tag">${t('counter.last')}</span>`}
  </button></li>`;
}

/** The counters of the unit: the free ones open at a press, the taken ones say by whom. */
export function ChooseCounter({ app }) {
  const { t } = app.i18n;
  const room = app.room.value;
  const counters = room.counters.value;
  const opening = useSignal(false);
  useEffect(() => { document.getElementById('main')?.focus(); }, []);

  async function open(counter) {
    if (opening.value) return;
    opening.value = true;
    const mine = counter.attendant === app.session.user.value.id;
    const outcome = mine ? { answer: { counter } } : await app.desk.open(room.unit, counter);
    opening.value = false;
    if (outcome.answer) app.takeSeat(outcome.answer.counter);
  }

  const lastSeat = app.lastSeat.value;
  return html`<${Bar} app=${app} title=${t('choose.counter')} subtitle=${app.unitName.value} status=${room.status} />
    <${Notices} app=${app} />
    <main class="choose" id="main" tabindex="-1">
      <div class="choose-head"><h2>${t('choose.counter.text')}</h2>
        <div class="choose-ways">
          ${app.units.value && html`<button type="button" class="button button-small" onClick=${app.leaveUnit}>
            <${Icon} name="arrow-left" />${t('choose.other_unit')}</button>`}
          <button type="button" class="button button-small" data-action="reception" onClick=${() => app.go('reception')}>
            <${Icon} name="ticket" />${t('choose.reception')}</button></div></div>
      ${counters === null ? html`<p class="quiet" role="status">${t('login.loading')}</p>`
        : html`<ul class="choose-grid">${counters.map((counter) => html`<${CounterCard} key=${counter.id} app=${app}
            counter=${counter} onOpen=${open} last=${counter.id === lastSeat} />`)}</ul>`}
    </main>`;
}

/** A counter in pause: since when, why, and the one way on. */
export function pauseText(app, counter) {
  const { t } = app.i18n;
  const seconds = secondsSince(counter.since, app.beat.value);
  return t('pause.since', { since: counter.since ? app.time(counter.since) : '', time: minutesText(seconds) });
}
