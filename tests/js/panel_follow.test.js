import assert from 'node:assert/strict';
import { test } from 'node:test';
import './support/vez.mjs';

const { signal } = await import('@preact/signals-core');
const { createReception } = await import('../../panel/static/follow.js');
const panel = await import('../../panel/static/state.js');
const { call, settle } = await import('./support/slow_wire.mjs');

const entry = (seq) => ({ ...call(seq).data, at: call(seq).at, seq });
const board = (seq) => ({ unit: 'u', seq, day: 'd', waiting: {}, counters: {}, calls: Array.from({ length: Math.min(12, seq) }, (_, i) => entry(seq - i)) });

/** A panel that was reloaded after it had announced call 2; its reading of the journal waits for `arrive`. */
function reloaded() {
  const model = { unit: 'u', now: () => Date.now(), board: signal(null), panel: signal(panel.emptyPanel({ spoken: 2 })) };
  const reads = [];
  const api = { get: (path) => new Promise((resolve, reject) => { reads.push({ path, resolve, reject }); }) };
  const reader = { menuSoon() {}, readSettings() {} };
  const reception = createReception({ api, model, reader, changed() {} });
  const arrive = async (last) => {
    reads.shift().resolve({ events: Array.from({ length: last - 2 }, (_, i) => call(i + 3)) });
    await settle();
  };
  return { ...reception, model, reads, arrive, queue: () => model.panel.value.queue.map((one) => one.seq) };
}

test('boards and events that come while the missed calls are read wait for them, in order', async () => {
  const screen = reloaded();
  screen.onSnapshot(board(5));
  screen.onSnapshot(board(7));
  screen.onEvent(call(8));
  assert.deepEqual([screen.queue(), screen.reads.length], [[], 1]);
  await screen.arrive(9);
  assert.deepEqual(screen.queue(), [3, 4, 5, 6, 7, 8]);
  screen.onEvent(call(9));
  assert.deepEqual([screen.queue().at(-1), screen.model.board.value.seq], [9, 9]);
});

test('a journal that cannot be read holds nothing up: the board tells what it can', async () => {
  const screen = reloaded();
  screen.onSnapshot(board(5));
  screen.onEvent(call(6));
  screen.reads.shift().reject(new Error('away'));
  await settle();
  assert.deepEqual(screen.queue(), [3, 4, 5, 6]);
});
