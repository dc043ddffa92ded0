import assert from 'node:assert/strict';
import { test } from 'node:test';

import { createClock, todayAt } from '../../counter/static/clock.js';
import { createCommands } from '../../counter/static/commands.js';
import { createDrafts } from '../../counter/static/drafts.js';

/** A server that answers what the test puts in `answers`, and timers that fire when the test says. */
function bench(answers) {
  const sent = [];
  const statuses = [];
  const timers = [];
  let keys = 0;
  const commands = createCommands({
    post: async (path, body, { key }) => {
      sent.push({ path, body, key });
      const answer = answers.shift();
      if (answer instanceof Promise) return answer;
      if (answer.error) throw answer.error;
      return answer;
    },
    newKey: () => `key-${(keys += 1)}`,
    onStatus: (status) => statuses.push(status),
    after: (milliseconds, task) => {
      const timer = { milliseconds, task, live: true };
      timers.push(timer);
      return () => { timer.live = false; };
    },
  });
  const fire = () => timers.filter((timer) => timer.live).forEach((timer) => { timer.live = false; timer.task(); });
  return { commands, sent, statuses, timers, fire };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));
const network = { error: { network: true } };
const refusal = (code, detail = {}, status = 409) => ({ error: { code, detail, status } });

test('a double click sends one command', async () => {
  let release;
  const { commands, sent } = bench([new Promise((resolve) => { release = resolve; })]);
  const first = commands.run('call_next', '/call-next');
  const second = await commands.run('call_next', '/call-next');
  assert.deepEqual(second, { ignored: true });
  assert.equal(commands.busy, 'call_next');
  release({ ticket: { id: 't1' } });
  assert.equal((await first).answer.ticket.id, 't1');
  assert.equal(sent.length, 1);
  assert.equal(commands.busy, null);
});

test('no answer: the same request with the same key, slower each time, until there is one', async () => {
  const { commands, sent, timers, fire, statuses } = bench([network, { error: { status: 503 } }, { ticket: null }]);
  const outcome = commands.run('call_next', '/call-next', {});
  await settled();
  assert.equal(statuses.at(-1).phase, 'waiting');
  fire();
  await settled();
  fire();
  assert.deepEqual(await outcome, { answer: { ticket: null }, tries: 3 });
  assert.deepEqual(new Set(sent.map((request) => request.key)), new Set(['key-1']));
  assert.ok(timers[1].milliseconds > timers[0].milliseconds);
});

test('the next press has a key of its own', async () => {
  const { commands, sent } = bench([{}, {}]);
  await commands.run('recall', '/recall');
  await commands.run('recall', '/recall');
  assert.notEqual(sent[0].key, sent[1].key);
});

test('a refusal ends the command and is handed back', async () => {
  const { commands, sent } = bench([refusal('ticket_in_hand')]);
  const outcome = await commands.run('call_next', '/call-next');
  assert.equal(outcome.error.code, 'ticket_in_hand');
  assert.equal(sent.length, 1);
});

test("a retry that meets its own first try's result counts as done; a first refusal does not", async () => {
  const done = refusal('illegal_transition', { state: 'finished' });
  const retried = bench([network, done]);
  const outcome = retried.commands.run('finish', '/finish');
  await settled();
  retried.fire();
  assert.deepEqual(await outcome, { answer: null, tries: 2 });
  const first = bench([done]);
  assert.equal((await first.commands.run('finish', '/finish')).error.code, 'illegal_transition');
});

test('a lost session keeps the command for after the login', async () => {
  const { commands, sent, statuses, timers } = bench([refusal('session_expired', {}, 401), { ticket: null }]);
  const outcome = commands.run('finish', '/finish', { note: 'trouxe procuração' });
  await settled();
  assert.equal(statuses.at(-1).phase, 'session');
  assert.equal(timers.length, 0);
  commands.resume();
  assert.deepEqual((await outcome).answer, { ticket: null });
  assert.deepEqual(sent[1], sent[0]);
});

test('giving up frees the screen; a late answer changes nothing', async () => {
  let release;
  const { commands, timers } = bench([network, new Promise((resolve) => { release = resolve; })]);
  const outcome = commands.run('call_next', '/call-next');
  await settled();
  commands.resume();
  commands.resume();
  commands.giveUp();
  assert.deepEqual(await outcome, { givenUp: true });
  release({ ticket: { id: 'late' } });
  await settled();
  assert.equal(commands.busy, null);
  assert.ok(timers.every((timer) => !timer.live));
});

test('the clock is the server\'s, by its answers and by its headers, and never by a failure', async () => {
  let local = Date.parse('2026-11-23T12:10:00Z');
  const header = { Date: 'Mon, 23 Nov 2026 12:00:30 GMT' };
  const answering = async () => ({ headers: { get: (name) => header[name] ?? null } });
  const clock = createClock({ base: () => local, fetch: answering });
  clock.observe(new Date(local - 900).toISOString());
  assert.equal(clock.now(), local, 'travel time is not a wrong clock');
  clock.observe('2026-11-23T12:00:00Z');
  assert.equal(clock.now(), Date.parse('2026-11-23T12:00:00Z'));
  local += 5000;
  assert.equal(clock.now(), Date.parse('2026-11-23T12:00:05Z'));
  clock.observe('not a time');
  await clock.measure('/counter');
  assert.equal(clock.now(), Date.parse('2026-11-23T12:00:30.500Z'));
  delete header.Date;
  await clock.measure('/counter');
  const deaf = createClock({ base: () => local, fetch: async () => { throw new TypeError('network'); } });
  await deaf.measure('/counter');
  assert.equal(deaf.now(), local);
  assert.equal(clock.now(), Date.parse('2026-11-23T12:00:30.500Z'));
});

test('drafts survive a reload, are bounded, and tolerate a browser that denies storage', () => {
  const kept = new Map();
  const storage = { getItem: (name) => kept.get(name) ?? null, setItem: (name, value) => kept.set(name, value) };
  const ticket = { id: 't1', service: 'iptu', note: '' };
  createDrafts(storage).set('t1', { note: 'faltou o RG' });
  assert.deepEqual(createDrafts(storage).get(ticket),
    { note: 'faltou o RG', services: ['iptu'], resolution: 'resolved', documents: [] });
  const many = createDrafts(storage);
  for (let n = 0; n < 60; n += 1) many.set(`x${n}`, { note: '…' });
  assert.ok(Object.keys(JSON.parse([...kept.values()][0])).length <= 40);
  many.drop('x59');
  assert.equal(many.get({ id: 'x59', service: 's', note: 'da transferência' }).note, 'da transferência');
  const denied = createDrafts({ getItem() { throw new Error('denied'); }, setItem() { throw new Error('denied'); } });
  denied.set('t1', { note: 'em memória' });
  assert.equal(denied.get(ticket).note, 'em memória');
  kept.set('vez.counter.drafts', '[broken');
  assert.equal(createDrafts(storage).get(ticket).note, '');
});

test('a booked time is the unit\'s, on the day that the unit has', () => {
  const now = Date.parse('2026-11-24T01:30:20.700Z'); // 22:30 of the day before in São Paulo
  assert.equal(todayAt('22:45', 'America/Sao_Paulo', now), '2026-11-24T01:45:00.000Z');
  assert.equal(todayAt('08:05', 'America/Sao_Paulo', now), '2026-11-23T11:05:00.000Z');
  assert.equal(todayAt('10:31', 'Asia/Tokyo', now), '2026-11-24T01:31:00.000Z');
});
