import assert from 'node:assert/strict';
import { mock, test } from 'node:test';

import * as panel from '../../panel/static/state.js';
import { createLive } from '../../server/static/shared/live.js';
import { settle, slowWire } from './support/slow_wire.mjs';

/** A panel at the end of a slow wire: what it said, and each place where it stood. */
function screen(options) {
  const wire = slowWire(options);
  const s = { wire, said: [], stood: [], first: null, states: [], faults: [], picture: panel.emptyPanel() };
  const show = (picture) => {
    s.picture = picture;
    s.stood.push(picture.seq);
    while (s.picture.queue.length) {
      s.picture = panel.settle(panel.begin(s.picture));
      s.said.push(s.picture.current.seq);
    }
  };
  s.live = createLive({
    unit: 'u', api: wire.api, io: () => wire.socket,
    onSnapshot: (board) => { s.first ??= board.seq; show(panel.applySnapshot(s.picture, board, Date.now())); },
    onEvent: (event) => { if (event.poison) throw new Error('poison'); show(panel.applyEvent(s.picture, event, Date.now())); },
    report: (error) => s.faults.push(error.message),
  });
  s.live.start();
  s.live.status.subscribe((status) => s.states.push(status));
  return s;
}

async function goLive(s) {
  s.wire.connect();
  s.wire.hearJoin();
  s.wire.hear();
  await settle();
  assert.equal(s.live.status.value, 'live');
}

/** A call that the socket brings at once. */
function push({ wire }) {
  wire.server.commit();
  wire.relay();
  wire.hear();
}

/** Everything that is on its way arrives, in order. */
async function arriveAll(s) {
  for (let quiet = 0; quiet < 3; quiet += 1) {
    const { wire } = s;
    if (wire.joining) wire.hearJoin();
    while (wire.sent < wire.server.journal.length) wire.relay();
    while (wire.line.length) wire.hear();
    if (wire.asked.length) { wire.arrive(); quiet = 0; }
    await settle();
  }
}

const from = (first, last) => Array.from({ length: last - first }, (_, i) => first + i + 1);

test('an answer that newer events overtook is old: it asks for no board and moves nothing back', async () => {
  const s = screen({ held: 3 });
  await goLive(s);
  s.live.catchUp();
  s.wire.read();
  push(s);
  s.wire.arrive();
  await settle();
  assert.deepEqual(s.wire.asked, []);
  assert.deepEqual([s.live.seq.value, s.live.lag.value, s.live.status.value], [4, 0, 'live']);
  push(s);
  assert.deepEqual(s.said, [4, 5]);
  s.live.stop();
});

test('the board of the start comes after newer events: it replaces nothing', async () => {
  const s = screen({ held: 3 });
  s.live.catchUp();
  s.wire.read();
  await goLive(s);
  push(s);
  s.wire.arrive();
  await settle();
  assert.deepEqual([s.live.seq.value, s.live.lag.value], [4, 0]);
  push(s);
  assert.deepEqual(s.said, [4, 5]);
  s.live.stop();
});

test("the join's snapshot comes after a newer board: it replaces nothing", async () => {
  const s = screen({ held: 3 });
  s.wire.connect();
  s.wire.hearJoin();
  s.live.catchUp();
  s.wire.server.commit();
  s.wire.arrive();
  await settle();
  s.wire.hear();
  await arriveAll(s);
  assert.deepEqual(s.stood, [4]);
  push(s);
  assert.deepEqual([s.said, s.live.status.value], [[5], 'live']);
  s.live.stop();
});

test('a board that was asked for after a fault and is overtaken is asked for again', async () => {
  const s = screen({ held: 3 });
  await goLive(s);
  s.wire.server.commit();
  s.wire.sent += 1;
  s.wire.socket.handlers.event({ ...s.wire.server.journal[3], poison: true });
  s.wire.read();
  push(s);
  s.wire.arrive();
  await settle();
  await arriveAll(s);
  assert.deepEqual([s.live.seq.value, s.stood], [5, [3, 5, 5]]);
  assert.deepEqual(s.faults, ['poison']);
  s.live.stop();
});

test('a restored backup is noticed by a live screen; answers from before it count no more', async () => {
  const s = screen({ held: 9 });
  await goLive(s);
  s.live.catchUp();
  s.wire.read();
  const late = s.wire.asked[0];
  s.wire.hangUp('transport close');
  s.wire.server.restore(4);
  s.wire.sent = 4;
  await goLive(s);
  assert.equal(s.live.seq.value, 4);
  push(s);
  s.wire.arrive(late);
  await arriveAll(s);
  assert.deepEqual([s.live.seq.value, s.live.lag.value, s.live.status.value], [5, 0, 'live']);
  assert.deepEqual([s.said, s.stood], [[5], [9, 4, 5]]);
  s.live.stop();
});

test('an answer that comes after the end changes nothing', async () => {
  const s = screen({ held: 3 });
  s.live.catchUp();
  s.live.stop();
  s.wire.arrive();
  await settle();
  assert.deepEqual([s.stood, s.wire.asked], [[], []]);
});

/** Numbers that look random and are the same in every run (mulberry32). */
function seeded(seed) {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** One thing happens somewhere between the server and the screen. */
function happen(s, random) {
  const { wire } = s;
  const any = () => wire.asked[random(wire.asked.length)];
  const things = [
    () => wire.server.commit(), () => wire.relay(), () => wire.relay(), () => wire.hear(), () => wire.hear(),
    () => wire.read(any()), () => { if (wire.asked.length) wire.arrive(any()); }, () => s.live.catchUp(),
    () => { if (wire.joining) wire.hearJoin(null, () => { if (random(2)) { wire.server.commit(); wire.relay(); } }); },
    () => { if (!wire.socket.connected) wire.connect(); }, () => mock.timers.tick(random(3000)),
  ];
  things[random(things.length)]();
}

async function play(seed, { steps = 120, each = () => {} } = {}) {
  const random = seeded(seed);
  const s = screen({ held: random(4) });
  for (let step = 0; step < steps; step += 1) {
    happen(s, random);
    each(s, step, random);
    await settle();
  }
  if (!s.wire.socket.connected) s.wire.connect();
  await arriveAll(s);
  s.live.stop();
  return s;
}

async function playMany(runs, options, check) {
  mock.timers.enable({ apis: ['setTimeout'] });
  try {
    for (let seed = 1; seed <= runs; seed += 1) check(await play(seed, options), `seed ${seed}`);
  } finally {
    mock.timers.reset();
  }
}

function toldOnce(s, seed) {
  assert.deepEqual(s.said, from(s.first, s.wire.server.journal.length), seed);
  assert.ok(s.stood.every((at, i) => i === 0 || at >= s.stood[i - 1]), `${seed}: ${s.stood}`);
  assert.deepEqual([s.live.seq.value, s.live.lag.value, s.live.status.value], [s.wire.server.journal.length, 0, 'live'], seed);
}

test('in whatever order answers and events arrive, each call is announced once, in order, and "live" stays', async () => {
  await playMany(500, {}, (s, seed) => {
    toldOnce(s, seed);
    assert.deepEqual(s.states.slice(s.states.indexOf('live')), ['live'], `${seed}: ${s.states}`);
  });
});

test('the same with a line that breaks now and then', async () => {
  const each = (s, _step, random) => { if (random(20) === 0) s.wire.hangUp('transport close'); };
  await playMany(500, { each }, toldOnce);
});

test('a backup is restored in the middle of it all: every screen ends where the journal ends', async () => {
  const each = (s, step) => {
    if (step !== 60) return;
    s.wire.hangUp('transport close');
    s.had = s.live.seq.value ?? 0;
    s.wire.server.restore(0);
    s.wire.sent = 0;
  };
  // The few runs in which the new journal had outgrown the old one before anybody looked cannot tell.
  await playMany(300, { steps: 75, each }, (s, seed) => {
    const end = s.wire.server.journal.length;
    if (end > s.had) return;
    assert.deepEqual([s.live.seq.value, s.live.lag.value, s.live.status.value], [end, 0, 'live'], seed);
    assert.equal(s.picture.seq, end, seed);
  });
});
