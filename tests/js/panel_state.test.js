import assert from 'node:assert/strict';
import test from 'node:test';

import * as panel from '../../panel/static/state.js';

const START = Date.parse('2026-11-23T09:00:00-03:00');
const at = (seconds) => new Date(START + seconds * 1000).toISOString();

function called(seq, { seconds = 0, ticket = `t${seq}`, label = `A${String(seq).padStart(3, '0')}`, type = 'ticket.called', ...data } = {}) {
  return { unit: 'centro', seq, type, at: at(seconds), data: { ticket, label, service: 'iptu', counter: 'centro-3', counter_number: '3', counter_kind: 'desk', calls: 1, ...data } };
}
function board(seq, calls = [], day = '2026-11-23') {
  return { unit: 'centro', seq, day, waiting: {}, counters: {}, calls: calls.map((event) => ({ ...event.data, at: event.at, seq: event.seq })) };
}
const live = (options) => panel.applySnapshot(panel.emptyPanel(options), board(0), START);
const labels = (calls) => calls.map((call) => call.label);

/** Announce everything that waits; gives the calls in the order the room heard them. */
function announceAll(state) {
  const heard = [];
  let next = state;
  while (next.queue.length) {
    next = panel.begin(next);
    heard.push(next.current);
    next = panel.settle(next);
  }
  return { heard, state: next };
}

test('simultaneous calls are announced one at a time, in the order of the journal', () => {
  let state = live();
  for (const seq of [1, 2, 3]) state = panel.applyEvent(state, called(seq), START);
  state = panel.begin(state);
  assert.equal(state.current.label, 'A001');
  assert.equal(state.phase, 'calling');
  assert.deepEqual(labels(state.queue), ['A002', 'A003']);
  assert.deepEqual(labels(announceAll(state).heard), ['A002', 'A003']);
});

test('an event seen before changes nothing, not even the object', () => {
  const state = panel.applyEvent(live(), called(1), START);
  assert.equal(panel.applyEvent(state, called(1), START), state);
  assert.equal(panel.applyEvent(panel.applyEvent(state, called(2), START), called(1), START).queue.length, 2);
});

test('fifty calls missed during 20 seconds are all announced once, in order', () => {
  let state = live();
  for (let seq = 1; seq <= 50; seq += 1) state = panel.applyEvent(state, called(seq, { seconds: seq * 0.4 }), START + 20_000);
  const { heard } = announceAll(state);
  assert.deepEqual(heard.map((call) => call.seq), Array.from({ length: 50 }, (_, i) => i + 1));
});

test('a call older than the limit is listed, not announced', () => {
  const state = panel.applyEvent(live({ freshSeconds: 60 }), called(1, { seconds: 0 }), START + 61_000);
  assert.equal(state.queue.length, 0);
  assert.deepEqual(labels(state.recent), ['A001']);
  assert.equal(state.listedOnly, 1);
});

test('a call exactly at the limit is still announced', () => {
  assert.equal(panel.applyEvent(live({ freshSeconds: 60 }), called(1), START + 60_000).queue.length, 1);
});

test('a call dated in the future, or with no date, is announced: a wrong clock must not silence the room', () => {
  assert.equal(panel.applyEvent(live(), called(1, { seconds: 3600 }), START).queue.length, 1);
  assert.equal(panel.applyEvent(live(), { ...called(1), at: '?' }, START).queue.length, 1);
});

test('a recall is announced again and the ticket keeps one line of the list', () => {
  let state = announceAll(panel.applyEvent(live(), called(1, { ticket: 'x', label: 'A042' }), START)).state;
  state = announceAll(panel.applyEvent(state, called(2), START)).state;
  state = panel.applyEvent(state, called(3, { ticket: 'x', label: 'A042', type: 'ticket.recalled', calls: 2 }), START);
  const { heard, state: end } = announceAll(state);
  assert.deepEqual(heard.map((call) => [call.label, call.calls]), [['A042', 2]]);
  assert.equal(end.current.label, 'A042');
  assert.deepEqual(labels(end.recent), ['A002']);
});

test('other events only move the sequence', () => {
  const before = live();
  const state = panel.applyEvent(before, { seq: 1, type: 'ticket.issued', at: at(0), data: { service: 'iptu' } }, START);
  assert.deepEqual({ ...state, seq: before.seq }, before);
});

test('the list is the calls shown before this one, newest first, bounded', () => {
  let state = live();
  for (let seq = 1; seq <= 30; seq += 1) state = panel.applyEvent(state, called(seq), START);
  const { state: end } = announceAll(state);
  assert.equal(end.recent.length, panel.RECENT_LIMIT);
  assert.deepEqual(labels(end.recent).slice(0, 3), ['A029', 'A028', 'A027']);
});

test('a call is not on the list before it was announced', () => {
  let state = panel.begin(panel.applyEvent(live(), called(1), START));
  state = panel.applyEvent(state, called(2), START);
  assert.deepEqual(labels(state.recent), []);
});

test('first picture: the newest call is shown quietly, nothing is announced', () => {
  const state = panel.applySnapshot(panel.emptyPanel(), board(9, [called(9), called(7)]), START);
  assert.equal(state.current.label, 'A009');
  assert.equal(state.phase, 'shown');
  assert.equal(state.queue.length, 0);
  assert.deepEqual(labels(state.recent), ['A007']);
});

test('an empty first picture is idle', () => {
  const state = live();
  assert.equal(state.current, null);
  assert.equal(state.phase, 'idle');
});

test('after a reload the calls not yet spoken are announced, the others are not repeated', () => {
  const state = panel.applySnapshot(panel.emptyPanel({ spoken: 7 }), board(9, [called(9), called(8), called(7)]), START + 10_000);
  assert.deepEqual(labels(state.queue), ['A008', 'A009']);
  assert.deepEqual(labels(state.recent), ['A007']);
});

test('after a reload with nothing new, the last call is shown quietly', () => {
  const state = panel.applySnapshot(panel.emptyPanel({ spoken: 9 }), board(12, [called(9)]), START);
  assert.equal(state.current.label, 'A009');
  assert.equal(state.phase, 'shown');
});

test('after a long reload old calls are only listed', () => {
  const state = panel.applySnapshot(panel.emptyPanel({ spoken: 7 }), board(9, [called(9), called(7)]), START + 3600_000);
  assert.equal(state.queue.length, 0);
  assert.equal(state.current.label, 'A009');
});

test('a snapshot in place of events announces what is new and fresh, oldest first', () => {
  let state = announceAll(panel.applyEvent(live(), called(1), START)).state;
  state = panel.applySnapshot(state, board(40, [called(40, { seconds: 200 }), called(30, { seconds: 190 }), called(1)]), START + 200_000);
  assert.deepEqual(labels(state.queue), ['A030', 'A040']);
  assert.equal(state.current.label, 'A001');
  assert.deepEqual(announceAll(state).state.recent.map((call) => call.seq), [30, 1]);
});

test('a snapshot already contained changes neither queue nor current', () => {
  const state = panel.begin(panel.applyEvent(live(), called(1), START));
  const again = panel.applySnapshot(state, board(1, [called(1)]), START);
  assert.equal(again.phase, 'calling');
  assert.equal(again.queue.length, 0);
  assert.deepEqual(again.recent, []);
});

test('a snapshot does not list calls that still wait to be announced', () => {
  let state = panel.begin(panel.applyEvent(live(), called(1), START));
  state = panel.applyEvent(state, called(2), START);
  state = panel.applySnapshot(state, board(3, [called(2), called(1)]), START);
  assert.deepEqual(labels(state.queue), ['A002']);
  assert.deepEqual(labels(state.recent), []);
});

test('a board behind ours (restored backup) is the new truth and silences nothing', () => {
  let state = announceAll(panel.applyEvent(live({ spoken: 500 }), called(900), START)).state;
  state = panel.applySnapshot(state, board(3, [called(3)]), START);
  assert.equal(state.current.label, 'A003');
  assert.equal(panel.applyEvent(state, called(4), START).queue.length, 1);
});

test('the end of the day empties the screen; the next day starts from nothing', () => {
  let state = announceAll(panel.applyEvent(live(), called(1), START)).state;
  state = panel.applyEvent(state, { seq: 2, type: 'day.closed', at: at(9), data: { day: '2026-11-23', next_day: '2026-11-24' } }, START);
  assert.equal(state.current, null);
  assert.equal(state.phase, 'idle');
  assert.equal(state.day, '2026-11-24');
  assert.deepEqual(state.recent, []);
});

test("a snapshot of another day forgets yesterday's calls", () => {
  const state = announceAll(panel.applyEvent(live(), called(1), START)).state;
  const next = panel.applySnapshot(state, board(5, [], '2026-11-24'), START + 86_400_000);
  assert.equal(next.current, null);
  assert.deepEqual(next.recent, []);
});

test('beginning with nothing waiting, or settling twice, changes nothing', () => {
  const state = live();
  assert.equal(panel.begin(state), state);
  assert.equal(panel.settle(state), state);
});

test('filters by counter and by service hide calls without breaking the sequence', () => {
  let state = live({ filter: { counters: ['centro-3'], services: ['iptu'] } });
  state = panel.applyEvent(state, called(1, { counter: 'centro-9' }), START);
  state = panel.applyEvent(state, called(2, { service: 'itbi' }), START);
  state = panel.applyEvent(state, called(3), START);
  assert.equal(state.seq, 3);
  assert.deepEqual(labels(state.queue), ['A003']);
  assert.deepEqual(labels(panel.withSettings(state, { filter: { counters: ['centro-1'] } }).queue), []);
  assert.equal(panel.withSettings(state, {}), state);
});

test('ten thousand calls in a day leave the state small', () => {
  let state = live();
  for (let seq = 1; seq <= 10_000; seq += 1) {
    state = panel.applyEvent(state, called(seq), START);
    if (seq % 3) state = panel.settle(panel.begin(state));
  }
  assert.ok(state.queue.length <= panel.QUEUE_LIMIT);
  assert.ok(state.dropped > 0);
  assert.ok(JSON.stringify(state).length < 100_000);
});

test('a call with an odd shape is shown as it is, never as “undefined”', () => {
  const call = panel.callOf({ seq: 1, type: 'ticket.called', at: at(0), data: { ticket: 't', label: 42 } });
  assert.deepEqual([call.label, call.number, call.kind, call.calls], ['42', '', 'desk', 1]);
});

test('the longer the queue, the shorter each announcement; the limit always exceeds the minimum', () => {
  const paces = [0, 3, 20].map((waiting) => panel.pace(waiting));
  assert.deepEqual(paces.map((step) => step.repeat), [2, 1, 1]);
  assert.ok(paces[0].minimum > paces[1].minimum && paces[1].minimum > paces[2].minimum);
  assert.ok(paces.every((step) => step.limit > step.minimum));
  assert.equal(panel.pace(0, 0).repeat, 0);
});

test('waiting by category: live counts, span of the forecasts, none when unknown', () => {
  const menu = { categories: [
    { id: 'tax', name: 'Impostos', services: [{ id: 'iptu', estimate: { low: 5, high: 15 } }, { id: 'itbi', estimate: { low: 10, high: 30 } }] },
    { id: 'works', name: 'Obras', services: [{ id: 'habite-se', estimate: null }] },
  ] };
  assert.deepEqual(panel.waitingByCategory(menu, { iptu: 3, itbi: 1 }), [
    { id: 'tax', name: 'Impostos', icon: null, waiting: 4, estimate: { low: 5, high: 30 } },
    { id: 'works', name: 'Obras', icon: null, waiting: 0, estimate: null },
  ]);
  assert.deepEqual(panel.waitingByCategory(menu, { iptu: 3 })[0].estimate, { low: 5, high: 15 });
  assert.deepEqual(panel.waitingByCategory(menu, {}, { services: ['habite-se'] }).map((row) => row.id), ['works']);
  assert.deepEqual(panel.waitingByCategory(null, {}), []);
});

test('pages of waiting: only who has a queue takes turns, the others fill up, the menu keeps its order', () => {
  const rows = (...counts) => counts.map((waiting, id) => ({ id, waiting }));
  const ids = (pages) => pages.map((page) => page.map((row) => row.id));
  assert.deepEqual(ids(panel.waitingPages([], 4)), []);
  assert.deepEqual(ids(panel.waitingPages(rows(0, 0, 0, 0, 0), 4)), [[0, 1, 2, 3]]);
  assert.deepEqual(ids(panel.waitingPages(rows(0, 2, 0, 0, 1), 4)), [[1, 4, 0, 2]]);
  assert.deepEqual(ids(panel.waitingPages(rows(1, 1, 0, 1, 1, 1), 4)), [[0, 1, 3, 4], [5, 2]]);
});
