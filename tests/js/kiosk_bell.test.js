import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import './support/vez.mjs';
import { createBell } from '../../kiosk/static/bell.js';

function rig() {
  const handlers = {};
  const sent = [];
  const late = [];
  const hints = [];
  const socket = { on: (name, handler) => { handlers[name] = handler; }, emit: (...message) => sent.push(message), connects: 0, connect: () => { socket.connects += 1; } };
  const bell = createBell({ unit: 'centro', hint: () => hints.push(1), connect: async () => socket, after: (task) => late.push(task) });
  return { bell, handlers, sent, hints, socket, run: () => late.splice(0).forEach((task) => task()) };
}

test('a printer that stops makes one look at the menu, however many events tell it', async () => {
  const { bell, handlers, sent, hints, run } = rig();
  await bell.start('token');
  handlers.connect();
  assert.deepEqual(sent.map((message) => message.slice(0, 2)), [['join', { unit: 'centro', after: null }]]);
  for (const type of ['ticket.issued', 'printer.status', 'printer.status', 'unit.changed', undefined]) handlers.event({ type });
  assert.equal(hints.length, 0);
  run();
  assert.equal(hints.length, 1);
  handlers.event({ type: 'printer.status' });
  run();
  assert.equal(hints.length, 2);
});

test("the unit's new colours are fetched at once, and only then", async () => {
  const looks = [];
  const handlers = {};
  const socket = { on: (name, f) => { handlers[name] = f; }, emit() {} };
  await createBell({ unit: 'centro', hint() {}, connect: async () => socket, look: (seq) => looks.push(seq), after() {} }).start('t');
  handlers.event({ type: 'unit.changed', seq: 7, data: { what: 'panel' } });
  handlers.event({ type: 'unit.changed', seq: 8, data: { what: 'brand' } });
  assert.deepEqual(looks, [8]);
});

test('a bell that was refused asks again; one whose token is refused does not', async () => {
  mock.timers.enable({ apis: ['setTimeout'] });
  const { bell, handlers, sent, socket } = rig();
  await bell.start('token');
  const refuse = (code) => { socket.active = false; handlers.connect_error(new Error(code)); mock.timers.tick(30_000); };
  refuse('unavailable');
  refuse('device_revoked');
  assert.equal(socket.connects, 1);
  handlers.connect();
  sent[0][2]({ error: { code: 'unavailable' } });
  mock.timers.tick(30_000);
  assert.equal(sent.length, 2);
  sent[1][2]({ seq: 7, snapshot: {} });
  mock.timers.tick(30_000);
  assert.equal(sent.length, 2);
  mock.timers.reset();
});
