import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';

import { createLive } from '../../server/static/shared/live.js';
import { settle, slowWire } from './support/slow_wire.mjs';

const UNAVAILABLE = { error: { code: 'unavailable' } };
const LONGEST = 15_000;
let wire;
let live;
let errors;

beforeEach(() => {
  mock.timers.enable({ apis: ['setTimeout'] });
  errors = [];
  wire = slowWire({ held: 3 });
  live = createLive({
    unit: 'u', api: wire.api, io: () => wire.socket, onSnapshot() {}, onEvent() {}, onError: (error) => errors.push(error.code),
  });
  live.start();
});
afterEach(() => { live.stop(); mock.timers.reset(); });

/** HTTP answers at once while so much time passes; gives the questions that were asked. */
async function pass(ms) {
  let asked = 0;
  for (let gone = 0; gone < ms; gone += 100) {
    mock.timers.tick(100);
    while (wire.asked.length) { wire.arrive(); asked += 1; await settle(); }
    await settle();
  }
  return asked;
}

/** Milliseconds until something comes about. */
async function until(holds) {
  for (let gone = 0; gone <= 2 * LONGEST; gone += 100) {
    if (holds()) return gone;
    await pass(100);
  }
  return assert.fail('it never came about');
}

async function isLive() {
  await settle();
  assert.equal(live.status.value, 'live');
  assert.ok(await pass(20_000) <= 1, 'and it polls no more');
}

test('a refused connection is tried again, later each time, and the screen becomes live', async () => {
  const waits = [];
  for (let refusal = 0; refusal < 8; refusal += 1) {
    const before = wire.connects;
    wire.refuse('unavailable');
    waits.push(await until(() => wire.connects > before));
    assert.equal(live.status.value === 'live', false);
  }
  assert.ok(waits[0] <= 1100, waits.join());
  assert.ok(waits.every((wait) => wait > 0 && wait <= LONGEST), waits.join());
  assert.ok(Math.min(...waits.slice(5)) > waits[0] * 3, waits.join());
  wire.connect();
  wire.hearJoin();
  wire.hear();
  await isLive();
});

test('a refused join is asked again over the same connection, later each time, and the screen becomes live', async () => {
  wire.connect();
  const waits = [];
  for (let refusal = 0; refusal < 8; refusal += 1) {
    wire.hearJoin(UNAVAILABLE);
    wire.hear();
    await settle();
    assert.equal(live.status.value === 'live', false);
    waits.push(await until(() => wire.joining));
  }
  assert.ok(waits[0] <= 1100 && waits.every((wait) => wait > 0 && wait <= LONGEST), waits.join());
  assert.deepEqual([errors.length, wire.connects], [8, 0]);
  assert.equal(wire.joining.after, 3, 'after what was polled meanwhile');
  wire.hearJoin();
  wire.hear();
  await isLive();
});

test('after a success the first pause is short again', async () => {
  wire.connect();
  for (let refusal = 0; refusal < 5; refusal += 1) {
    wire.hearJoin(UNAVAILABLE);
    wire.hear();
    await until(() => wire.joining);
  }
  wire.hearJoin();
  wire.hear();
  await settle();
  wire.hangUp('transport close');
  wire.connect();
  wire.hearJoin(UNAVAILABLE);
  wire.hear();
  assert.ok(await until(() => wire.joining) <= 1100);
});

test('who is not known is not let in by asking again', async () => {
  for (const code of ['not_authenticated', 'device_revoked', 'session_expired']) {
    wire.refuse(code);
    await pass(2 * LONGEST);
    assert.equal(wire.connects, 0, code);
  }
  wire.connect();
  wire.hearJoin({ error: { code: 'device_revoked' } });
  wire.hear();
  await pass(2 * LONGEST);
  assert.deepEqual([wire.connects, wire.joining, wire.socket.active, errors], [0, null, false, ['device_revoked']]);
});

test('a screen that was hung up on looks whether it is still welcome', async () => {
  wire.connect();
  wire.hearJoin();
  wire.hear();
  await settle();
  wire.socket.active = false;
  wire.hangUp('io server disconnect');
  await until(() => wire.connects > 0);
  wire.refuse('session_expired');
  await pass(2 * LONGEST);
  assert.equal(wire.connects, 1);
});

test('a line that breaks in the pause is the business of the socket: one join, not two', async () => {
  wire.connect();
  wire.hearJoin(UNAVAILABLE);
  wire.hear();
  await settle();
  wire.hangUp('transport close');
  wire.connect();
  const { joining } = wire;
  await pass(LONGEST);
  assert.equal(wire.joining, joining);
  assert.equal(wire.connects, 0);
});

test('a screen that was stopped in the pause stays stopped', async () => {
  wire.refuse('unavailable');
  live.stop();
  await pass(2 * LONGEST);
  assert.equal(wire.connects, 0);
});
