/**
 * Reading the server again, no more than needed: pure of any framework, timers given by the caller in tests.
 */

/** Spread over this many milliseconds, so that twenty counters do not ask in the same instant. */
const SPREAD_MS = 200;
const RETRY_MS = 3000;

/**
 * `request()` asks for `task` to run soon: requests within `wait` become one run, never two at once, and a
 * request made during a run gives one more run after it. A run that got no answer is tried again later.
 */
export function coalesce(task, { wait = 120, spread = SPREAD_MS, after = setTimeout, onError = () => {} } = {}) {
  let scheduled = false;
  let running = null;
  let again = false;

  async function run() {
    scheduled = false;
    try {
      await task();
    } catch (error) {
      onError(error);
      if (error?.network || error?.status >= 500) after(request, RETRY_MS);
    } finally {
      running = null;
      if (again) { again = false; request(); }
    }
  }

  function start() {
    if (running) { again = true; scheduled = false; return; }
    running = run();
  }

  function request() {
    if (scheduled) return;
    if (running) { again = true; return; }
    scheduled = true;
    after(start, wait + Math.random() * spread);
  }

  return request;
}

/** Whether the unit's colours, logo or name were changed. */
export const isNewLook = (event) => event.type === 'unit.changed' && event.data?.what === 'brand';

/**
 * What an event makes out of date on this screen: a set of `queue`, `hand`, `counters`, `parked`, `menu`, `all`.
 * @param {object} here `{counter, ticket}`: the ids of this screen's counter and ticket in hand (or null).
 */
export function affected(event, here) {
  const data = event.data ?? {};
  if (event.type === 'day.closed') return new Set(['all']);
  if (event.type === 'unit.changed') return new Set(['menu', 'counters', 'queue']);
  if (event.type.startsWith('counter.')) {
    return new Set(data.counter === here.counter ? ['counters', 'hand'] : ['counters']);
  }
  if (!event.type.startsWith('ticket.')) return new Set();
  const stale = new Set();
  if (data.from === 'waiting' || data.to === 'waiting') stale.add('queue');
  if ([data.from, data.to].some((state) => state === 'on_hold' || state === 'no_show')) stale.add('parked');
  if ([data.from, data.to].some((state) => state === 'called' || state === 'serving')) stale.add('counters');
  if ((here.ticket && data.ticket === here.ticket) || (here.counter && data.counter === here.counter)) stale.add('hand');
  return stale;
}
