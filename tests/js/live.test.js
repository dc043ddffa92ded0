import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { createLive } from '../../server/static/shared/live.js';

/** A wire in the hands of the test: the journal is an array, the socket a table of handlers. */
function world({ journal = [], seq = journal.length } = {}) {
  const seen = [];
  const errors = [];
  const w = { journal, seq, seen, errors, handlers: {}, joins: [], fetches: [], reports: [], poison: null, down: false, snapshots: 0 };
  w.api = {
    get: async (path) => {
      w.fetches.push(path);
      if (w.down) throw Object.assign(new Error('network'), { network: true });
      if (path.endsWith('/board')) return { unit: 'u', seq: w.seq };
      const after = Number(new URL(path, 'http://x').searchParams.get('after'));
      return { events: w.journal.filter((e) => e.seq > after && e.seq <= w.seq), seq: w.seq, more: false };
    },
  };
  w.answer = (after) => (after === null ? { seq: w.seq, snapshot: { unit: 'u', seq: w.seq } }
    : { seq: w.seq, events: w.journal.filter((e) => e.seq > after && e.seq <= w.seq) });
  const socket = {
    on: (name, f) => { w.handlers[name] = f; },
    disconnect: () => socket, connect: () => socket,
    timeout: () => ({ emitWithAck: async (_name, { after }) => { w.joins.push(after); return w.answer(after); } }),
  };
  w.live = createLive({
    unit: 'u', api: w.api, io: () => socket,
    onSnapshot: (board) => { w.snapshots += 1; seen.length = 0; seen.push(`S${board.seq}`); },
    onEvent: (event) => { if (event.seq === w.poison) throw new Error('poison'); seen.push(event.seq); },
    report: (error) => w.reports.push(error.message), onError: (e) => errors.push(e),
  });
  w.emit = (n) => w.handlers.event(w.journal.find((e) => e.seq === n));
  w.live.start();
  return w;
}

const events = (n) => Array.from({ length: n }, (_, i) => ({ seq: i + 1, type: 'unit.changed', data: {} }));
const settle = () => new Promise((done) => { setImmediate(done); });

test('joins with a snapshot, then applies events in order and ignores old ones', async () => {
  const w = world({ journal: events(9), seq: 5 });
  await w.handlers.connect();
  assert.equal(w.live.status.value, 'live');
  w.seq = 7;
  w.emit(6); w.emit(6); w.emit(7); w.emit(3);
  assert.deepEqual(w.seen, ['S5', 6, 7]);
  w.live.stop();
});

test('a gap is fetched before the event that showed it', async () => {
  const w = world({ journal: events(9), seq: 5 });
  await w.handlers.connect();
  w.seq = 8;
  w.emit(8);
  assert.equal(w.live.lag.value, 3);
  await settle();
  assert.deepEqual(w.seen, ['S5', 6, 7, 8]);
  assert.equal(w.live.lag.value, 0);
  w.live.stop();
});

test('a reconnection joins after the last event seen and repeats none', async () => {
  const w = world({ journal: events(60), seq: 5 });
  await w.handlers.connect();
  w.handlers.disconnect();
  assert.equal(w.live.status.value, 'polling');
  w.seq = 55;
  await w.handlers.connect();
  await settle();
  assert.deepEqual(w.joins, [null, 5]);
  assert.deepEqual(w.seen, ['S5', ...Array.from({ length: 50 }, (_, i) => i + 6)]);
  w.live.stop();
});

test('an event that overtakes the answer to the join is not lost', async () => {
  const w = world({ journal: events(9), seq: 5 });
  const early = w.answer;
  w.answer = (after) => { const a = early(after); w.seq = 6; w.emit(6); return a; };
  await w.handlers.connect();
  await settle();
  assert.deepEqual(w.seen, ['S5', 6]);
  w.live.stop();
});

test('with the server away it is offline, and comes back by itself', async () => {
  const w = world({ journal: events(3), seq: 2 });
  w.down = true;
  assert.equal(await w.live.catchUp(), false);
  w.down = false;
  assert.equal(await w.live.catchUp(), true);
  assert.deepEqual(w.seen, ['S2']);
  w.live.stop();
});

test('a server restored from a backup is believed: its snapshot replaces what was seen', async () => {
  const w = world({ journal: events(9), seq: 9 });
  await w.handlers.connect();
  w.handlers.disconnect();
  w.seq = 4;
  await w.handlers.connect();
  await settle();
  assert.deepEqual(w.seen, ['S4']);
  w.live.stop();
});

test('a refused join reports the error and does not claim to be live', async () => {
  const w = world();
  w.answer = () => ({ error: { code: 'device_revoked' } });
  await w.handlers.connect();
  assert.notEqual(w.live.status.value, 'live');
  assert.equal(w.errors[0].code, 'device_revoked');
  w.live.stop();
});

test('a number that is missing for ever is not waited for: soon the board is believed, and until then it is not "live"', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const w = world({ journal: events(9).filter((e) => e.seq !== 6), seq: 5 });
  await w.handlers.connect();
  w.seq = 8;
  w.emit(8);
  const states = [];
  for (let look = 0; look < 6 && w.live.lag.value > 0; look += 1) {
    await settle();
    states.push(w.live.status.value);
    mock.timers.tick(1000);
  }
  await settle();
  assert.ok(states.includes('polling'), states.join());
  assert.deepEqual(w.seen, ['S8']);
  assert.equal(w.live.status.value, 'live');
  w.emit(9);
  await settle();
  assert.deepEqual(w.seen, ['S8', 9]);
  w.live.stop();
  mock.timers.reset();
});

test('a number that was announced and never came is forgotten with the board', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const w = world({ journal: events(5), seq: 5 });
  await w.handlers.connect();
  w.handlers.event({ seq: 9, type: 'unit.changed', data: {} });
  for (let look = 0; look < 6; look += 1) { await settle(); mock.timers.tick(1000); }
  await settle();
  assert.equal(w.live.lag.value, 0);
  assert.equal(w.live.status.value, 'live');
  const asked = w.fetches.length;
  mock.timers.tick(5000);
  await settle();
  assert.equal(w.fetches.length, asked, 'and it asks no more');
  w.live.stop();
  mock.timers.reset();
});

test('a handler that throws is reported, the rest still comes, and the board is taken afresh', async () => {
  const w = world({ journal: events(9), seq: 5 });
  await w.handlers.connect();
  w.poison = 6;
  w.seq = 7;
  w.emit(6); w.emit(7);
  await settle();
  assert.deepEqual(w.reports, ['poison']);
  assert.equal(w.seen[0], 'S7');
  assert.equal(w.live.lag.value, 0);
  w.live.stop();
});
