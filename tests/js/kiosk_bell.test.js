import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBell } from '../../kiosk/static/bell.js';

function rig() {
  const handlers = {};
  const sent = [];
  const late = [];
  const hints = [];
  const socket = { on: (name, handler) => { handlers[name] = handler; }, emit: (...message) => sent.push(message.slice(0, 2)) };
  const bell = createBell({ unit: 'centro', hint: () => hints.push(1), connect: async () => socket, after: (task) => late.push(task) });
  return { bell, handlers, sent, hints, run: () => late.splice(0).forEach((task) => task()) };
}

test('a printer that stops makes one look at the menu, however many events tell it', async () => {
  const { bell, handlers, sent, hints, run } = rig();
  await bell.start('token');
  handlers.connect();
  assert.deepEqual(sent, [['join', { unit: 'centro', after: null }]]);
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
