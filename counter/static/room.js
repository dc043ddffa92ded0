/** What this screen knows of its unit and its counter, kept true by events: the server is asked, never guessed. */
import { batch, effect, signal } from 'vez/dom.js';
import { createLive } from 'vez/live.js';
import { affected, coalesce, isNewLook } from './refresh.js';

/** A business day's worth of one state; beyond it the screen says "and more", it does not slow down. */
const MOST = 200;

function emptyRoom() {
  return {
    counters: signal(null),
    counterId: signal(null),
    hand: signal({ counter: null, ticket: null }),
    queue: signal(null), // {tickets, total, seq}
    parked: signal([]),
    menu: signal(null),
    readAt: signal(null),
    look: signal(''), // the event that last changed the unit's colours or logo
  };
}

/**
 * @param {object} options `unit` (id), `api`, `clock`, `onAuthLost(error)`.
 * Besides the signals: `enter(counterId)`, `leave()`, `merge({counter, ticket})` (a command's answer),
 * `refresh(...names)`, `start()`, `stop()`, `status` (of the connection).
 */
export function createRoom({ unit, api, clock }) {
  const room = emptyRoom();
  const base = `/units/${unit}`;
  let epoch = 0; // a command's answer is newer than any reading begun before it

  const loaders = {
    async counters() {
      const begun = epoch;
      const read = await api.get(`${base}/counters`);
      if (begun === epoch) room.counters.value = read.counters;
      else refresh('counters');
    },
    async hand() {
      const id = room.counterId.peek();
      if (!id) return;
      const begun = epoch;
      const read = await api.get(`${base}/counters/${id}`);
      if (begun !== epoch || id !== room.counterId.peek()) { refresh('hand'); return; }
      room.hand.value = { counter: read.counter, ticket: read.ticket };
    },
    async queue() {
      const id = room.counterId.peek();
      const read = await api.get(`${base}/queue${id ? `?counter=${id}` : ''}`);
      if (id !== room.counterId.peek()) { refresh('queue'); return; }
      batch(() => {
        room.queue.value = { ...read, counter: id };
        room.readAt.value = clock.now();
      });
    },
    async parked() {
      const states = ['on_hold', 'no_show'];
      const reads = await Promise.all(states.map((state) => api.get(`${base}/tickets?state=${state}&limit=${MOST}`)));
      room.parked.value = reads.flatMap((read) => read.tickets);
    },
    async menu() {
      room.menu.value = await api.get(`${base}/menu`);
    },
  };

  const requests = {};
  for (const [name, load] of Object.entries(loaders)) {
    requests[name] = coalesce(load, name === 'hand' ? { wait: 30, spread: 30 } : {});
  }

  function refresh(...names) {
    const wanted = names.includes('all') || names.length === 0 ? Object.keys(requests) : names;
    for (const name of wanted) requests[name]();
  }

  function onEvent(event) {
    if (isNewLook(event)) room.look.value = event.seq;
    const here = { counter: room.counterId.peek(), ticket: room.hand.peek().ticket?.id ?? null };
    const stale = affected(event, here);
    if (stale.size > 0) refresh(...stale);
  }

  const live = createLive({ unit, api, onSnapshot: () => refresh(), onEvent });
  const actions = seat(room, refresh, () => { epoch += 1; });
  let unwatch = () => {};

  return {
    ...room,
    ...actions,
    unit,
    status: live.status,
    refresh,
    start() {
      live.start();
      refresh();
      let before = live.status.peek();
      unwatch = effect(() => {
        const now = live.status.value;
        if (before === 'offline' && now !== 'offline') refresh();
        before = now;
      });
    },
    stop() {
      unwatch();
      live.stop();
    },
  };
}

/** Taking a seat, leaving it, and merging what a command answered. */
function seat(room, refresh, newEpoch) {
  return {
    enter(counter) {
      newEpoch();
      batch(() => {
        room.counterId.value = counter.id;
        room.hand.value = { counter, ticket: null };
        room.queue.value = null;
      });
      refresh('hand', 'queue', 'counters');
    },
    leave() {
      newEpoch();
      batch(() => {
        // The list read while one still sat there would lead straight back to the seat.
        room.counters.value = null;
        room.counterId.value = null;
        room.hand.value = { counter: null, ticket: null };
        room.queue.value = null;
      });
      refresh('counters', 'queue');
    },
    merge({ counter, ticket }) {
      newEpoch();
      const hand = room.hand.peek();
      const mine = (t) => (t && (t.state === 'called' || t.state === 'serving') && t.counter === room.counterId.peek() ? t : null);
      room.hand.value = {
        counter: counter ?? hand.counter,
        ticket: ticket === undefined ? hand.ticket : mine(ticket),
      };
    },
  };
}
