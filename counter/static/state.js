/**
 * What the counter may do now, and why not: pure functions of what the server said and of the time.
 *
 * The server decides; this module only keeps the buttons honest between two answers. It mirrors DOMAIN 3
 * (ticket lifecycle) and never has the last word: a refusal with `wait_seconds` corrects it (see `learn`).
 * All times are milliseconds since the epoch unless the name says `Seconds`.
 */

/** Defaults of DOMAIN 3; a unit may set others, which the server tells by refusing (`learn`). */
export const RULES = Object.freeze({
  recallSeconds: 20,
  noShowCalls: 3,
  noShowSeconds: 75,
  noShowPrioritySeconds: 150,
});

/** The four tiers in the order of the law (Lei 10.048/2000, Lei 13.466/2017). */
export const TIERS = Object.freeze(['eighty_plus', 'priority', 'donor', 'normal']);

/** Every action of the screen, in the order the shortcut list shows them. */
export const ACTIONS = Object.freeze([
  'call_next', 'recall', 'start', 'no_show', 'finish', 'transfer', 'next_service', 'hold',
  'pause', 'resume', 'close',
]);

const YES = Object.freeze({ enabled: true, why: null });

function no(key, vars = {}) {
  return { enabled: false, why: { key, vars } };
}

/** Whole seconds from an ISO time to `now`; never negative; null without a time. */
export function secondsSince(iso, now) {
  if (!iso) return null;
  const then = Date.parse(iso);
  return Number.isNaN(then) ? null : Math.max(0, Math.floor((now - then) / 1000));
}

/** Seconds still missing until `seconds` have passed since `iso` (0 when they have, or without a time). */
export function secondsLeft(iso, seconds, now) {
  const then = iso ? Date.parse(iso) : NaN;
  if (Number.isNaN(then)) return 0;
  return Math.max(0, Math.ceil((then + seconds * 1000 - now) / 1000));
}

/** True while the ticket is in somebody's hands: called to a counter or being served there. */
export function inHand(ticket) {
  return Boolean(ticket) && (ticket.state === 'called' || ticket.state === 'serving');
}

/**
 * The phase that shapes the screen: `closed`, `paused`, `idle` (open, nobody in hand), `called`, `serving`.
 * A ticket in hand wins over a pause: it has to be finished first.
 */
export function phase({ counter, ticket }) {
  if (inHand(ticket)) return ticket.state;
  if (!counter || counter.state === 'closed') return 'closed';
  return counter.state === 'paused' ? 'paused' : 'idle';
}

/** Seconds until "absent" is allowed and calls still missing; both 0 when it is. */
export function noShowMissing(ticket, now, rules = RULES, learned = null) {
  const seconds = ticket.tier === 'normal' ? rules.noShowSeconds : rules.noShowPrioritySeconds;
  if (learned && learned.ticket === ticket.id && learned.action === 'no_show') {
    const already = Math.max(0, ticket.calls - learned.callsAtRefusal);
    return {
      calls: Math.max(0, learned.callsNeeded - already),
      seconds: Math.max(0, Math.ceil((learned.notBefore - now) / 1000)),
    };
  }
  return { calls: Math.max(0, rules.noShowCalls - ticket.calls), seconds: secondsLeft(ticket.called_at, seconds, now) };
}

/** Seconds until the next call of the same ticket is allowed. */
export function recallMissing(ticket, now, rules = RULES, learned = null) {
  if (learned && learned.ticket === ticket.id && learned.action === 'recall'
      && learned.callsAtRefusal === ticket.calls) {
    return Math.max(0, Math.ceil((learned.notBefore - now) / 1000));
  }
  return secondsLeft(ticket.last_call_at ?? ticket.called_at, rules.recallSeconds, now);
}

/**
 * Remember what a refusal taught: the unit's own interval may differ from the defaults.
 * @returns {object|null} to hand back as `learned`; null when the error teaches nothing.
 */
export function learn(error, action, ticket, now) {
  if (!ticket || !error || (error.code !== 'too_soon' && error.code !== 'too_few_calls')) return null;
  const detail = error.detail ?? {};
  return {
    ticket: ticket.id,
    action,
    notBefore: now + (detail.wait_seconds ?? 0) * 1000,
    callsNeeded: detail.calls_needed ?? 0,
    callsAtRefusal: ticket.calls,
  };
}

function noShowVerdict(ticket, now, rules, learned) {
  const missing = noShowMissing(ticket, now, rules, learned);
  if (missing.calls > 0 && missing.seconds > 0) return no('why.calls_and_seconds', missing);
  if (missing.calls > 0) return no('why.calls', missing);
  if (missing.seconds > 0) return no('why.seconds', missing);
  return YES;
}

function recallVerdict(ticket, now, rules, learned) {
  const seconds = recallMissing(ticket, now, rules, learned);
  return seconds > 0 ? no('why.recall_seconds', { seconds }) : YES;
}

/** What each phase allows, without the timers: `null` is "allowed", a string says why not. */
const ALLOWED = {
  closed: { call_next: 'why.closed' },
  idle: { call_next: null, pause: null, close: null },
  paused: { call_next: 'why.paused', resume: null, close: null },
  called: {
    recall: null, start: null, no_show: null, finish: null, transfer: null, hold: null,
    call_next: 'why.in_hand', pause: 'why.in_hand', close: 'why.in_hand',
    next_service: 'why.not_started',
  },
  serving: {
    finish: null, transfer: null, hold: null, next_service: null,
    call_next: 'why.in_hand', pause: 'why.in_hand', close: 'why.in_hand',
    recall: 'why.already_started', start: 'why.already_started', no_show: 'why.already_started',
  },
};

/**
 * Every action with `{enabled, why}`; `why` is `{key, vars}` for the catalogue, never a bare "disabled".
 *
 * @param {object} situation `{counter, ticket, now, busy, rules, learned}`; `busy` names the command in flight:
 *   while it is, nothing else may start, so that neither a double click nor a held key acts twice.
 */
export function actions(situation) {
  const { ticket, now, busy = null, rules = RULES, learned = null } = situation;
  const allowed = ALLOWED[phase(situation)];
  const verdicts = {};
  for (const name of ACTIONS) {
    const refusal = name in allowed ? allowed[name] : 'why.no_ticket';
    verdicts[name] = refusal ? no(refusal) : YES;
  }
  if (ticket?.state === 'called') {
    verdicts.recall = recallVerdict(ticket, now, rules, learned);
    verdicts.no_show = noShowVerdict(ticket, now, rules, learned);
  }
  if (busy) for (const name of ACTIONS) verdicts[name] = no('why.busy');
  return verdicts;
}

/** The one action the big button does in each phase, and the ones beside it. */
const LAYOUT = {
  closed: { primary: null, beside: [], more: [] },
  idle: { primary: 'call_next', beside: [], more: [] },
  paused: { primary: 'resume', beside: [], more: [] },
  called: { primary: 'start', beside: ['recall', 'no_show'], more: ['finish', 'transfer', 'hold'] },
  serving: { primary: 'finish', beside: [], more: ['transfer', 'next_service', 'hold'] },
};

/** `{primary, beside, more}`: the big button, its neighbours and the quieter actions below. */
export function layout(situation) {
  return LAYOUT[phase(situation)];
}

/**
 * The times of a ticket, in seconds: `{wait, walk, service, running}`; `running` names the one that still grows.
 * A running time is measured here to `now`; an ended one is the server's figure (it adds up earlier rounds).
 */
export function timers(ticket, now) {
  const running = { waiting: 'wait', called: 'walk', serving: 'service' }[ticket.state] ?? null;
  const span = (name, from, to, figure) => {
    if (running === name) return secondsSince(from, now);
    if (!from || !to) return figure || null;
    return figure ?? secondsSince(from, Date.parse(to));
  };
  return {
    wait: span('wait', ticket.arrival_at ?? ticket.issued_at, ticket.called_at, ticket.wait_seconds),
    walk: span('walk', ticket.called_at, ticket.started_at, ticket.walk_seconds),
    service: span('service', ticket.started_at, ticket.finished_at, ticket.service_seconds),
    running,
  };
}

/** How a time stands against a target: `none` (no target), `ok`, `near` (from 80 %), `over`; and the share 0–1. */
export function againstTarget(seconds, targetMinutes) {
  if (!targetMinutes || seconds === null || seconds === undefined) return { level: 'none', share: 0 };
  const share = seconds / (targetMinutes * 60);
  const level = share > 1 ? 'over' : share >= 0.8 ? 'near' : 'ok';
  return { level, share: Math.min(1, share) };
}

/** `m:ss`, or `h:mm:ss` from an hour on; an en dash without a value. */
export function clockText(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const two = (n) => String(n).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0 ? `${hours}:${two(minutes)}:${two(seconds % 60)}` : `${minutes}:${two(seconds % 60)}`;
}

/** `20 s`, and `2:30` from a minute on: for countdowns. */
export function countdownText(seconds) {
  return seconds < 60 ? `${seconds} s` : clockText(seconds);
}

/** `12 min`, `1 h 05`: for lists, where a running second would only distract. */
export function minutesText(seconds) {
  if (seconds === null || seconds === undefined) return '–';
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')}`;
}

/** True when somebody arrived at an empty queue and this counter could call: the moment to notify. */
export function shouldNotify({ before, after, counter, ticket }) {
  return before === 0 && after > 0 && phase({ counter, ticket }) === 'idle';
}

/** The window title: `(3) PA001 · Guichê 3`, so that a tab in the background still tells. */
export function windowTitle({ waiting, label, place, product = 'Vez' }) {
  const count = waiting > 0 ? `(${waiting}) ` : '';
  return count + [label, place, product].filter(Boolean).join(' · ');
}

/**
 * Whether a refused retry was in truth done by the first, unanswered try: the ticket already stands where
 * the action leads. Only for actions that have one outcome.
 */
export function alreadyDone(action, error) {
  const outcome = {
    start: 'serving', finish: 'finished', no_show: 'no_show', hold: 'on_hold', cancel: 'cancelled',
    return: 'waiting', transfer: 'waiting', next_service: 'waiting',
  }[action];
  return Boolean(outcome) && error?.code === 'illegal_transition' && error.detail?.state === outcome;
}

/** What may be done to any ticket of the room from its sheet, by its state (DOMAIN 3). */
const FROM_SHEET = {
  waiting: ['call', 'change_tier', 'reprint', 'cancel'],
  on_hold: ['return', 'change_tier', 'reprint', 'cancel'],
  no_show: ['return'],
  cancelled: ['return'],
  called: ['transfer', 'reprint'],
  serving: ['transfer'],
};

/**
 * The actions of a ticket's sheet. `canCall`: this counter is open with nothing in hand; `canMove`: a supervisor,
 * or this counter holds the ticket. `canLead`: a supervisor.
 */
export function sheetActions(ticket, { canCall = false, canMove = false, canLead = false } = {}) {
  const needs = { call: canCall, transfer: canMove, change_tier: canLead };
  return (FROM_SHEET[ticket?.state] ?? []).filter((action) => needs[action] ?? true);
}
