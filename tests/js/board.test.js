// The board's fold in the browser, proved from the same cases as the server's (tests/contract/board.json).
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MAX_CALLS, applyEvent, emptyBoard } from '../../server/static/shared/board.js';

const { cases, strays } = JSON.parse(readFileSync(new URL('../contract/board.json', import.meta.url), 'utf8'));

function frozen(value) {
  if (value && typeof value === 'object') Object.values(Object.freeze(value)).forEach(frozen);
  return value;
}

for (const { name, before, events, after } of [...cases, ...strays]) {
  test(name, () => {
    // Frozen: a fold that changed the board it was given would throw here.
    assert.deepEqual(frozen(events).reduce(applyEvent, frozen(before)), after);
  });
}

test('the whole morning, from a board of which nothing is known', () => {
  const events = cases.flatMap((c) => c.events);
  const last = cases.at(-1).after;
  assert.deepEqual(events.reduce(applyEvent, emptyBoard(last.unit)), last);
});

test('both sides keep the same number of calls', () => {
  assert.equal(Math.max(...cases.map((c) => c.after.calls.length)), MAX_CALLS);
});
