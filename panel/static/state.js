/**
 * What the waiting-room panel shows, as plain values: no page, no clock, no network.
 *
 * One rule stands above the others: every call of the journal is announced once, in the order of
 * `seq`, one at a time. Calls that arrive together wait in `queue`; `current` is what the screen
 * shows and the voice says, so the two can never differ. Each function takes a state and gives a
 * new one; `now` is always the server's time in milliseconds.
 */

/** Calls missed for less than this many seconds are still announced; older ones only listed. */
export const FRESH_SECONDS = 120;
/** A panel never holds more than this many calls, however long it was away or busy. */
export const QUEUE_LIMIT = 200;
/** Earlier calls kept for the list (the screen shows five; a portrait one may show more). */
export const RECENT_LIMIT = 12;

const CALLS = new Set(['ticket.called', 'ticket.recalled']);

/**
 * The state of a panel that has seen nothing.
 * `spoken` is the last seq this very screen announced before it was reloaded, or null.
 */
export function emptyPanel({ spoken = null, freshSeconds = FRESH_SECONDS, queueLimit = QUEUE_LIMIT, filter = null } = {}) {
  return {
    seq: null,
    day: null,
    spoken,
    phase: 'idle',
    current: null,
    queue: [],
    recent: [],
    listedOnly: 0,
    dropped: 0,
    freshSeconds,
    queueLimit,
    filter,
  };
}

/** The call carried by a journal event, or null when the event calls nobody. */
export function callOf(event) {
  if (!CALLS.has(event.type)) return null;
  const data = event.data ?? {};
  return {
    ticket: data.ticket,
    label: String(data.label ?? ''),
    service: data.service ?? null,
    counter: data.counter ?? null,
    number: data.counter_number == null ? '' : String(data.counter_number),
    kind: data.counter_kind ?? 'desk',
    calls: data.calls ?? 1,
    at: event.at,
    seq: event.seq,
  };
}

/** Whether this panel announces the call: panels may serve some services or some counters only. */
export function accepts(filter, call) {
  if (!filter) return true;
  if (filter.counters?.length && !filter.counters.includes(call.counter)) return false;
  return !filter.services?.length || filter.services.includes(call.service);
}

/**
 * Seconds since the call, in the server's time. A call dated in the future counts as new: a clock
 * that was put back must not silence the room.
 */
export function ageSeconds(call, now) {
  const at = Date.parse(call.at);
  return Number.isNaN(at) ? 0 : Math.max(0, (now - at) / 1000);
}

/** Put calls on the list of earlier ones: newest first, one line a ticket, bounded. */
function listed(recent, calls, current) {
  const newest = [...recent, ...calls].sort((a, b) => b.seq - a.seq);
  const seen = new Set(current ? [current.ticket] : []);
  const kept = [];
  for (const call of newest) {
    if (seen.has(call.ticket)) continue;
    seen.add(call.ticket);
    kept.push(call);
    if (kept.length === RECENT_LIMIT) break;
  }
  return kept;
}

/** Take new calls in: the fresh ones wait their turn, the old ones are only listed. */
function received(state, calls, now) {
  const wanted = calls.filter((call) => accepts(state.filter, call));
  const fresh = wanted.filter((call) => ageSeconds(call, now) <= state.freshSeconds);
  const old = wanted.filter((call) => ageSeconds(call, now) > state.freshSeconds);
  const queue = [...state.queue, ...fresh];
  // Over the limit the oldest are given up, and listed: the room cares for who is called now.
  const tooMany = queue.splice(0, Math.max(0, queue.length - state.queueLimit));
  return {
    ...state,
    queue,
    recent: old.length + tooMany.length ? listed(state.recent, [...old, ...tooMany], state.current) : state.recent,
    listedOnly: state.listedOnly + old.length,
    dropped: state.dropped + tooMany.length,
  };
}

/** One event of the journal. Anything not newer than what was seen changes nothing. */
export function applyEvent(state, event, now) {
  if (state.seq !== null && event.seq <= state.seq) return state;
  const next = { ...state, seq: event.seq };
  if (event.type === 'day.closed') return closedDay(next, event.data?.next_day ?? null);
  const call = callOf(event);
  return call ? received(next, [call], now) : next;
}

function closedDay(state, day) {
  return { ...state, day, queue: [], recent: [], current: null, phase: 'idle' };
}

function callOfEntry(entry) {
  return callOf({ type: 'ticket.called', at: entry.at, seq: entry.seq, data: entry });
}

/**
 * The whole board at once: the first picture, or a catch-up too long for the journal.
 *
 * First picture: nothing is announced, unless this screen was reloaded and knows (`spoken`) how far
 * it had got. A board that is *behind* us (restored backup, new demo) is the new truth: what we
 * remember of the old numbering would silence the panel for ever.
 */
export function applySnapshot(state, board, now) {
  const entries = (board.calls ?? []).map(callOfEntry).sort((a, b) => a.seq - b.seq);
  const before = state.seq ?? state.spoken;
  const behind = before !== null && board.seq < before;
  let next = { ...state, seq: board.seq, day: board.day ?? null, spoken: behind ? null : state.spoken };
  if (behind || (state.day !== null && state.day !== next.day)) next = closedDay(next, next.day);
  if (before === null || behind) return firstPicture(next, entries);
  const queued = new Set(state.queue.map((call) => call.seq));
  const known = entries.filter((call) => call.seq <= before && !queued.has(call.seq) && accepts(state.filter, call));
  next = { ...next, recent: listed(next.recent, known, next.current) };
  next = received(next, entries.filter((call) => call.seq > before), now);
  return next.current || next.queue.length ? next : newestShown(next);
}

/** Show the newest call of the list, quietly: an empty screen would say that nobody was called. */
function newestShown(state) {
  const [current = null, ...recent] = state.recent;
  return { ...state, current, recent, phase: current ? 'shown' : 'idle' };
}

function firstPicture(state, entries) {
  const wanted = entries.filter((call) => accepts(state.filter, call));
  return newestShown({ ...state, recent: listed([], wanted, null) });
}

/** Begin the next announcement. Without one waiting the state is unchanged. */
export function begin(state) {
  if (!state.queue.length) return state;
  const [current, ...queue] = state.queue;
  const recent = listed(state.recent, state.current ? [state.current] : [], current);
  return { ...state, current, queue, recent, phase: 'calling', spoken: current.seq };
}

/** The announcement is over: its call stays on the screen, quietly, until the next. */
export function settle(state) {
  return state.phase === 'calling' ? { ...state, phase: 'shown' } : state;
}

/** Change which calls this panel announces; those already waiting are filtered as well. */
export function withSettings(state, { filter = state.filter, freshSeconds = state.freshSeconds } = {}) {
  if (JSON.stringify(filter) === JSON.stringify(state.filter) && freshSeconds === state.freshSeconds) return state;
  return { ...state, filter, freshSeconds, queue: state.queue.filter((call) => accepts(filter, call)) };
}

/**
 * How an announcement is paced, from the number of calls waiting behind it. A short queue is spoken
 * twice, unhurried; a long one once, so that the fiftieth citizen is not called five minutes late.
 * `minimum` and `limit` are milliseconds: the screen never changes sooner, never waits longer.
 */
export function pace(waiting, repeat = 2) {
  if (waiting <= 2) return { repeat, minimum: 6000, gap: 700, limit: 25000, chime: 'full' };
  if (waiting <= 8) return { repeat: Math.min(repeat, 1), minimum: 4500, gap: 400, limit: 15000, chime: 'full' };
  return { repeat: Math.min(repeat, 1), minimum: 3500, gap: 200, limit: 10000, chime: 'short' };
}

/**
 * Who waits, by category: `[{id, name, waiting, estimate}]`, every category of the menu in its order.
 * Counts come from the live board, names and forecasts from the menu; the forecast of a category is
 * the span of its services' forecasts, null (“sem previsão”) when no service has one.
 */
export function waitingByCategory(menu, waiting, filter = null) {
  const shown = (service) => !filter?.services?.length || filter.services.includes(service.id);
  return (menu?.categories ?? []).flatMap((category) => {
    const services = category.services.filter(shown);
    if (!services.length) return [];
    const count = Math.max(0, services.reduce((sum, service) => sum + (waiting?.[service.id] ?? 0), 0));
    const queued = services.filter((service) => (waiting?.[service.id] ?? 0) > 0);
    const estimates = (queued.length ? queued : services).map((service) => service.estimate).filter(Boolean);
    const estimate = estimates.length
      ? { low: Math.min(...estimates.map((e) => e.low)), high: Math.max(...estimates.map((e) => e.high)) }
      : null;
    return [{ id: category.id, name: category.name, icon: category.icon ?? null, waiting: count, estimate }];
  });
}

/**
 * The categories in pages of `size`: those with a queue first, each group in the order of the menu. Only those who
 * wait need a turn on the wall; the rest fill the last page, so that one page at least is there.
 */
export function waitingPages(rows, size) {
  const queued = rows.filter((row) => row.waiting > 0);
  const sorted = [...queued, ...rows.filter((row) => row.waiting === 0)];
  const pages = rows.length ? Math.max(1, Math.ceil(queued.length / size)) : 0;
  return Array.from({ length: pages }, (_, page) => sorted.slice(page * size, (page + 1) * size));
}
