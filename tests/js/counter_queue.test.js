import assert from 'node:assert/strict';
import { afterEach, beforeEach, mock, test } from 'node:test';
import './support/vez.mjs';

const { createRoom } = await import('../../counter/static/room.js');
const { createWatch } = await import('../../counter/static/watch.js');
const { settle } = await import('./support/slow_wire.mjs');

const screens = {
  'a counter': (api) => createRoom({ unit: 'u', api, clock: { now: () => 0 } }),
  "the supervisor's": (api) => createWatch({ unit: 'u', api }),
};

beforeEach(() => mock.timers.enable({ apis: ['setTimeout'] }));
afterEach(() => mock.timers.reset());

for (const [whose, make] of Object.entries(screens)) {
  test(`${whose} queue follows a restored backup, whose journal is shorter`, async () => {
    let seq = 90;
    const room = make({ get: async () => ({ seq, tickets: [], total: seq }) });
    for (const end of [90, 40, 41]) {
      seq = end;
      room.refresh('queue');
      mock.timers.tick(1000);
      await settle();
      assert.equal(room.queue.value.seq, end);
    }
  });
}
