import assert from 'node:assert/strict';
import { test } from 'node:test';

import {
  ACTIONS, actions, againstTarget, alreadyDone, clockText, layout, learn, minutesText, noShowMissing, phase,
  recallMissing, shouldNotify, timers, windowTitle,
} from '../../counter/static/state.js';

const NOON = Date.parse('2026-11-23T12:00:00-03:00');
const at = (seconds) => new Date(NOON + seconds * 1000).toISOString();
const open = { id: 'centro-3', state: 'open' };
const paused = { id: 'centro-3', state: 'paused' };

function ticket(changes = {}) {
  return {
    id: 't1', label: 'A042', tier: 'normal', state: 'called', calls: 1, issued_at: at(-600), arrival_at: at(-600),
    called_at: at(0), last_call_at: at(0), started_at: null, finished_at: null,
    wait_seconds: 600, walk_seconds: null, service_seconds: null, ...changes,
  };
}

function allowed(situation) {
  const verdicts = actions(situation);
  return ACTIONS.filter((name) => verdicts[name].enabled);
}

test("the phase is the ticket's while one is in hand, the counter's otherwise", () => {
  assert.equal(phase({ counter: null, ticket: null }), 'closed');
  assert.equal(phase({ counter: { state: 'closed' }, ticket: null }), 'closed');
  assert.equal(phase({ counter: open, ticket: null }), 'idle');
  assert.equal(phase({ counter: paused, ticket: null }), 'paused');
  assert.equal(phase({ counter: paused, ticket: ticket() }), 'called');
  assert.equal(phase({ counter: open, ticket: ticket({ state: 'serving' }) }), 'serving');
  assert.equal(phase({ counter: open, ticket: ticket({ state: 'finished' }) }), 'idle');
});

test('each phase allows exactly the moves of the lifecycle', () => {
  const now = NOON + 3600_000;
  assert.deepEqual(allowed({ counter: null, ticket: null, now }), []);
  assert.deepEqual(allowed({ counter: open, ticket: null, now }), ['call_next', 'pause', 'close']);
  assert.deepEqual(allowed({ counter: paused, ticket: null, now }), ['resume', 'close']);
  assert.deepEqual(allowed({ counter: open, ticket: ticket({ calls: 3 }), now }),
    ['recall', 'start', 'no_show', 'finish', 'transfer', 'hold']);
  assert.deepEqual(allowed({ counter: open, ticket: ticket({ state: 'serving' }), now }),
    ['finish', 'transfer', 'next_service', 'hold']);
});

test('while a command is in flight nothing else may start', () => {
  for (const held of [null, ticket(), ticket({ state: 'serving' })]) {
    const situation = { counter: open, ticket: held, now: NOON, busy: 'call_next' };
    assert.deepEqual(allowed(situation), []);
    assert.equal(actions(situation).start.why.key, 'why.busy');
  }
});

test('every refusal says why', () => {
  for (const counter of [null, open, paused]) {
    for (const held of [null, ticket(), ticket({ state: 'serving' })]) {
      const verdicts = actions({ counter, ticket: held, now: NOON });
      for (const name of ACTIONS) {
        assert.equal(verdicts[name].enabled, verdicts[name].why === null, name);
        if (!verdicts[name].enabled) assert.match(verdicts[name].why.key, /^why\./);
      }
    }
  }
});

test('absent needs its calls and its seconds, and says which is missing', () => {
  const why = (changes, seconds) => actions({ counter: open, ticket: ticket(changes), now: NOON + seconds * 1000 }).no_show;
  assert.deepEqual(why({ calls: 1 }, 30).why, { key: 'why.calls_and_seconds', vars: { calls: 2, seconds: 45 } });
  assert.deepEqual(why({ calls: 2 }, 80).why, { key: 'why.calls', vars: { calls: 1, seconds: 0 } });
  assert.deepEqual(why({ calls: 3 }, 60).why, { key: 'why.seconds', vars: { calls: 0, seconds: 15 } });
  assert.equal(why({ calls: 3 }, 75).enabled, true);
  assert.equal(why({ calls: 3, tier: 'priority' }, 149).why.vars.seconds, 1);
  assert.equal(why({ calls: 3, tier: 'donor' }, 150).enabled, true);
});

test('the countdown rounds up, as the server does: it never offers what would be refused', () => {
  assert.equal(noShowMissing(ticket({ calls: 3 }), NOON + 74_001).seconds, 1);
  assert.equal(recallMissing(ticket(), NOON + 19_999), 1);
  assert.equal(recallMissing(ticket(), NOON + 20_000), 0);
});

test('a recall waits its interval from the latest call, not from the first', () => {
  const held = ticket({ calls: 2, last_call_at: at(25) });
  assert.equal(recallMissing(held, NOON + 30_000), 15);
  assert.equal(actions({ counter: open, ticket: held, now: NOON + 30_000 }).recall.why.vars.seconds, 15);
});

test('a refusal corrects the defaults until the situation changes', () => {
  const held = ticket({ calls: 3 });
  const refused = { code: 'too_few_calls', detail: { calls_needed: 2, wait_seconds: 40 } };
  const learned = learn(refused, 'no_show', held, NOON + 80_000);
  assert.deepEqual(noShowMissing(held, NOON + 80_000, undefined, learned), { calls: 2, seconds: 40 });
  assert.deepEqual(noShowMissing({ ...held, calls: 5 }, NOON + 120_000, undefined, learned), { calls: 0, seconds: 0 });
  const soon = learn({ code: 'too_soon', detail: { wait_seconds: 30 } }, 'recall', held, NOON + 60_000);
  assert.equal(recallMissing(held, NOON + 60_000, undefined, soon), 30);
  assert.equal(recallMissing({ ...held, id: 't2' }, NOON + 60_000, undefined, soon), 0);
  assert.equal(learn({ code: 'forbidden' }, 'recall', held, NOON), null);
});

test('the big button follows the phase', () => {
  const primary = (counter, held) => layout({ counter, ticket: held }).primary;
  assert.equal(primary(open, null), 'call_next');
  assert.equal(primary(open, ticket()), 'start');
  assert.equal(primary(open, ticket({ state: 'serving' })), 'finish');
  assert.equal(primary(paused, null), 'resume');
  assert.equal(primary(null, null), null);
  assert.deepEqual(layout({ counter: open, ticket: ticket() }).beside, ['recall', 'no_show']);
});

test("running times are measured here, ended ones are the server's", () => {
  const now = NOON + 90_000;
  assert.deepEqual(timers(ticket(), now), { wait: 600, walk: 90, service: null, running: 'walk' });
  assert.deepEqual(timers(ticket({ state: 'serving', started_at: at(40), walk_seconds: 40 }), now),
    { wait: 600, walk: 40, service: 50, running: 'service' });
  assert.deepEqual(timers(ticket({ state: 'waiting', called_at: null, wait_seconds: null }), now),
    { wait: 690, walk: null, service: null, running: 'wait' });
  const done = ticket({ state: 'finished', started_at: at(40), finished_at: at(340), service_seconds: 420, walk_seconds: 40 });
  assert.equal(timers(done, now).service, 420);
});

test('a clock set back never shows a negative time', () => {
  assert.equal(timers(ticket(), NOON - 5000).walk, 0);
});

test('targets: near from 80 %, over beyond, none without', () => {
  assert.equal(againstTarget(60, 15).level, 'ok');
  assert.equal(againstTarget(720, 15).level, 'near');
  assert.equal(againstTarget(900, 15).level, 'near');
  assert.deepEqual(againstTarget(901, 15), { level: 'over', share: 1 });
  assert.equal(againstTarget(901, null).level, 'none');
  assert.equal(againstTarget(null, 15).level, 'none');
});

test('times in words', () => {
  assert.equal(clockText(0), '0:00');
  assert.equal(clockText(247), '4:07');
  assert.equal(clockText(3905), '1:05:05');
  assert.equal(clockText(null), '–');
  assert.equal(minutesText(59), '0 min');
  assert.equal(minutesText(3900), '1 h 05');
});

test('notify only when an empty queue gets somebody and this counter could call', () => {
  assert.equal(shouldNotify({ before: 0, after: 1, counter: open, ticket: null }), true);
  assert.equal(shouldNotify({ before: 1, after: 2, counter: open, ticket: null }), false);
  assert.equal(shouldNotify({ before: 0, after: 1, counter: paused, ticket: null }), false);
  assert.equal(shouldNotify({ before: 0, after: 1, counter: open, ticket: ticket() }), false);
  assert.equal(shouldNotify({ before: null, after: 4, counter: open, ticket: null }), false);
});

test('the window title counts', () => {
  assert.equal(windowTitle({ waiting: 3, label: 'PA001', place: 'Guichê 3' }), '(3) PA001 · Guichê 3 · Vez');
  assert.equal(windowTitle({ waiting: 0, label: null, place: 'Guichê 3' }), 'Guichê 3 · Vez');
});

test('a retry that finds the ticket where it should lead was done by the first try', () => {
  const refused = (state) => ({ code: 'illegal_transition', detail: { state } });
  assert.equal(alreadyDone('finish', refused('finished')), true);
  assert.equal(alreadyDone('finish', refused('cancelled')), false);
  assert.equal(alreadyDone('recall', refused('called')), false);
  assert.equal(alreadyDone('start', { code: 'ticket_not_yours' }), false);
});
