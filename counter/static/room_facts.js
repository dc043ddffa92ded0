/**
 * The supervisor's figures and hints, worked out from what the server said: pure, so that the same numbers can be
 * checked by a test and by hand. Times in milliseconds unless the name says seconds.
 */
import { againstTarget, secondsSince } from './state.js';

const GOOD_AUDIO = new Set(['on', 'off', 'checking', undefined, null]);

function waited(ticket, now) {
  return secondsSince(ticket.arrival_at ?? ticket.issued_at, now) ?? 0;
}

function level(ticket, now) {
  return againstTarget(waited(ticket, now), ticket.target_minutes).level;
}

/** The row of figures on top: `{waiting, oldest, over, near, serving, open, paused, counters}` (oldest in seconds). */
export function summary({ waiting, busy, counters, now }) {
  const levels = waiting.map((ticket) => level(ticket, now));
  const count = (list, wanted) => list.filter((one) => one === wanted).length;
  return {
    waiting: waiting.length,
    oldest: waiting.reduce((most, ticket) => Math.max(most, waited(ticket, now)), 0),
    over: count(levels, 'over'),
    near: count(levels, 'near'),
    serving: busy.length,
    open: counters.filter((counter) => counter.state !== 'closed').length,
    paused: counters.filter((counter) => counter.state === 'paused').length,
    counters: counters.length,
  };
}

/** One line per service with somebody waiting, or closed by hand: the longest wait first. */
export function queues({ waiting, services, now }) {
  const rows = new Map();
  for (const ticket of waiting) {
    const row = rows.get(ticket.service) ?? { id: ticket.service, name: ticket.service_name, waiting: 0, oldest: 0, target: ticket.target_minutes };
    row.waiting += 1;
    row.oldest = Math.max(row.oldest, waited(ticket, now));
    rows.set(ticket.service, row);
  }
  for (const service of services) {
    const row = rows.get(service.id);
    if (row) Object.assign(row, { name: service.name, open: service.open, estimate: service.estimate, closed: service.closed_reason });
    else if (service.closed_reason === 'service_closed') {
      rows.set(service.id, { id: service.id, name: service.name, waiting: 0, oldest: 0, target: service.target_minutes,
        open: false, estimate: null, closed: 'service_closed' });
    }
  }
  return [...rows.values()].map((row) => ({ ...row, level: againstTarget(row.oldest, row.target).level }))
    .sort((a, b) => b.oldest - a.oldest || b.waiting - a.waiting);
}

/** Tickets past their target, then those near it; the longest wait first. */
export function urgent({ waiting, now }) {
  const rank = { over: 0, near: 1 };
  return waiting.map((ticket) => ({ ticket, level: level(ticket, now), seconds: waited(ticket, now) }))
    .filter((one) => one.level in rank)
    .sort((a, b) => rank[a.level] - rank[b.level] || b.seconds - a.seconds);
}

/**
 * The cheapest thing that would help now, or null: a free counter first, then a pause that could end, then a
 * closed counter, and only then patience. `{kind: 'free'|'paused'|'closed'|'full', counter, n}`.
 */
export function cheapestFix({ waiting, counters, now }) {
  if (!waiting.some((ticket) => ['over', 'near'].includes(level(ticket, now)))) return null;
  const free = counters.find((counter) => counter.state === 'open' && !counter.ticket);
  if (free) return { kind: 'free', counter: free, n: 1 };
  const since = (counter) => Date.parse(counter.since ?? '') || now;
  const paused = counters.filter((counter) => counter.state === 'paused').sort((a, b) => since(a) - since(b));
  if (paused.length) return { kind: 'paused', counter: paused[0], n: paused.length };
  const closed = counters.filter((counter) => counter.state === 'closed');
  if (closed.length) return { kind: 'closed', counter: closed[0], n: closed.length };
  return { kind: 'full', counter: null, n: 0 };
}

/**
 * How a device is: `{level: 'ok'|'warn'|'bad'|'none', key, cause}`; `key` names a text `device.<key>`.
 * @param {number|null} seq the unit's journal now: a panel that shows an older one is behind.
 */
export function deviceHealth(device, seq) {
  const state = device.state ?? {};
  if (!device.paired) return { level: 'none', key: 'unpaired', cause: null };
  if (!device.online) return { level: device.last_seen_at ? 'bad' : 'none', key: device.last_seen_at ? 'silent' : 'never', cause: null };
  if (device.kind === 'printer') return printerHealth(state);
  if (device.kind === 'panel') return panelHealth(state, seq);
  if (state.help) return { level: 'warn', key: 'help', cause: null };
  return { level: 'ok', key: 'ok', cause: null };
}

function printerHealth(state) {
  if (state.printer === 'blocked') return { level: 'bad', key: 'blocked', cause: state.cause ?? null };
  if (state.printer !== 'ready') return { level: 'warn', key: 'unknown', cause: state.cause ?? null };
  return state.near_end ? { level: 'warn', key: 'near_end', cause: null } : { level: 'ok', key: 'ok', cause: null };
}

function panelHealth(state, seq) {
  if (!GOOD_AUDIO.has(state.audio)) return { level: 'warn', key: 'no_sound', cause: null };
  if (state.visible === false) return { level: 'warn', key: 'hidden', cause: null };
  // A beat is a few seconds old by nature: only a real distance counts.
  if (seq !== null && Number.isInteger(state.seq) && seq - state.seq > 20) return { level: 'warn', key: 'behind', cause: null };
  return { level: 'ok', key: 'ok', cause: null };
}

/** The counter with its ticket in hand and how long its present state has lasted, in seconds: a free one since its last ticket. */
export function seats({ counters, busy, now }) {
  return counters.map((counter) => {
    const ticket = busy.find((one) => one.counter === counter.id) ?? null;
    const phase = ticket ? ticket.state : { closed: 'closed', paused: 'paused', open: 'idle' }[counter.state];
    const from = ticket ? (ticket.started_at ?? ticket.called_at) : phase === 'idle' ? counter.idle_since : counter.since;
    return { counter, ticket, phase, seconds: counter.state === 'closed' ? null : secondsSince(from, now) };
  });
}
