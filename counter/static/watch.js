/** What the supervisor's screen knows of one unit, kept true by events; several of them may run at once. */
import { effect, signal } from 'vez/dom.js';
import { createLive } from 'vez/live.js';
import { affected, coalesce, isNewLook } from './refresh.js';

/** A whole unit is more to read than one counter: a little slower, so that a busy room is not read on each event. */
const CALM = { wait: 350, spread: 300 };
const MOST_WAITING = 1000;
const MOST = 200;
/** Devices fall silent without an event; forecasts move with time. */
const DEVICES_MS = 15_000;
const MENU_MS = 60_000;

function loadersOf(room, api, base) {
  const list = async (state) => (await api.get(`${base}/tickets?state=${state}&limit=${MOST}`)).tickets;
  const both = async (one, other) => (await Promise.all([list(one), list(other)])).flat();
  return {
    async counters() {
      const [read, busy] = await Promise.all([api.get(`${base}/counters`), both('called', 'serving')]);
      room.counters.value = read.counters;
      room.busy.value = busy;
    },
    async queue() { room.queue.value = await api.get(`${base}/queue?limit=${MOST_WAITING}`); },
    async parked() { room.parked.value = await both('on_hold', 'no_show'); },
    async menu() { room.menu.value = await api.get(`${base}/menu`); },
    async citizens() {
      const [said, web] = await Promise.all([api.get(`${base}/satisfaction`), api.get(`${base}/web-issue`)]);
      room.citizens.value = { ...said, web };
    },
    async devices() {
      try {
        room.devices.value = (await api.get(`${base}/devices`)).devices;
      } catch (error) {
        // A server without this list, or a person who may not see it: the rest of the screen does not need it.
        if (error.status !== 404 && error.status !== 403) throw error;
        room.devices.value = null;
      }
    },
  };
}

/**
 * Signals: `counters`, `busy` (tickets in hand), `queue` (`{tickets, total, seq}`), `parked`, `menu`, `citizens`
 * (what they said today, and the page on the web), `devices` (null: not available), `look` (the event that last changed
 * the unit's colours), `status`. It also has the few things of a counter's room that sheets and dialogs ask for.
 */
export function createWatch({ unit, api }) {
  const room = { counters: signal([]), busy: signal([]), queue: signal(null), parked: signal([]), menu: signal(null), devices: signal(undefined), citizens: signal(null), look: signal('') };
  const requests = {};
  for (const [name, load] of Object.entries(loadersOf(room, api, `/units/${unit}`))) requests[name] = coalesce(load, CALM);

  function refresh(...names) {
    const all = names.length === 0 || names.includes('all');
    // "hand" is a counter's word: here it is the counters with their tickets.
    const wanted = all ? Object.keys(requests) : new Set(names.map((name) => (name === 'hand' ? 'counters' : name)));
    for (const name of wanted) requests[name]();
  }

  function onEvent(event) {
    if (isNewLook(event)) room.look.value = event.seq;
    if (event.type === 'printer.status' || event.type === 'device.status') refresh('devices');
    const stale = affected(event, { counter: null, ticket: null });
    if (stale.size > 0) refresh(...stale);
  }

  const live = createLive({ unit, api, onSnapshot: () => refresh(), onEvent });
  const ending = [];
  return {
    ...room,
    unit,
    status: live.status,
    refresh,
    hand: signal({ counter: null, ticket: null }),
    counterId: signal(null),
    merge() {},
    start() {
      live.start();
      refresh();
      const timers = [setInterval(requests.devices, DEVICES_MS), setInterval(requests.menu, MENU_MS), setInterval(requests.citizens, MENU_MS)];
      let before = live.status.peek();
      const unwatch = effect(() => {
        const now = live.status.value;
        if (before === 'offline' && now !== 'offline') refresh();
        before = now;
      });
      ending.push(unwatch, live.stop, () => timers.forEach(clearInterval));
    },
    stop() { ending.splice(0).forEach((end) => end()); },
  };
}
