import assert from 'node:assert/strict';
import { test } from 'node:test';

import { affected, coalesce } from '../../counter/static/refresh.js';
import { cheapestFix, deviceHealth, queues, seats, summary, urgent } from '../../counter/static/room_facts.js';
import { sheetActions } from '../../counter/static/state.js';

const NOW = Date.parse('2026-11-23T10:00:00-03:00');
const ago = (minutes) => new Date(NOW - minutes * 60_000).toISOString();
let made = 0;

function ticket(minutes, changes = {}) {
  made += 1;
  return { id: `t${made}`, label: `A${made}`, service: 'iptu', service_name: 'IPTU', tier: 'normal', state: 'waiting',
    issued_at: ago(minutes), arrival_at: ago(minutes), target_minutes: 15, counter: null, ...changes };
}

const counter = (id, state, changes = {}) => ({ id, number: id, kind: 'desk', state, since: ago(10), ticket: null, attendant: 'x', ...changes });

test('the figures on top count what is there', () => {
  const waiting = [ticket(16), ticket(13), ticket(2), ticket(40, { target_minutes: 60 })];
  const counters = [counter('1', 'open'), counter('2', 'paused'), counter('3', 'closed')];
  assert.deepEqual(summary({ waiting, busy: [ticket(3)], counters, now: NOW }),
    { waiting: 4, oldest: 2400, over: 1, near: 1, serving: 1, open: 2, paused: 1, counters: 3 });
  assert.equal(summary({ waiting: [], busy: [], counters: [], now: NOW }).oldest, 0);
});

test('queues: one line a service, the longest wait first, and those closed by hand', () => {
  const services = [
    { id: 'iptu', name: 'IPTU: segunda via', open: true, estimate: { low: 5, high: 10 }, closed_reason: null, target_minutes: 15 },
    { id: 'sus', name: 'Cartão SUS', open: true, estimate: null, closed_reason: null, target_minutes: 15 },
    { id: 'itbi', name: 'ITBI', open: false, estimate: null, closed_reason: 'service_closed', target_minutes: 20 },
    { id: 'poda', name: 'Poda', open: false, estimate: null, closed_reason: 'unit_closed', target_minutes: 20 },
  ];
  const waiting = [ticket(3), ticket(20, { service: 'sus', service_name: 'SUS' }), ticket(8)];
  const rows = queues({ waiting, services, now: NOW });
  assert.deepEqual(rows.map((row) => [row.name, row.waiting, row.oldest, row.level]),
    [['Cartão SUS', 1, 1200, 'over'], ['IPTU: segunda via', 2, 480, 'ok'], ['ITBI', 0, 0, 'ok']]);
});

test('a service the unit no longer offers still shows who waits for it', () => {
  assert.equal(queues({ waiting: [ticket(3, { service: 'gone', service_name: 'Antigo' })], services: [], now: NOW })[0].name, 'Antigo');
});

test('urgent: past the target before near it, longest first; nobody else', () => {
  const waiting = [ticket(13), ticket(20), ticket(1), ticket(30)];
  assert.deepEqual(urgent({ waiting, now: NOW }).map((one) => [one.level, one.seconds / 60]), [['over', 30], ['over', 20], ['near', 13]]);
});

test('the cheapest fix: a free counter, then the longest pause, then a closed counter, then none', () => {
  const waiting = [ticket(20)];
  const busy = counter('1', 'open', { ticket: 'A001' });
  const fix = (...counters) => cheapestFix({ waiting, counters, now: NOW });
  assert.equal(fix(busy, counter('2', 'open'), counter('3', 'paused')).counter.id, '2');
  const short = counter('3', 'paused', { since: ago(1) });
  const long = counter('4', 'paused', { since: ago(30) });
  assert.deepEqual([fix(busy, short, long).kind, fix(busy, short, long).counter.id, fix(busy, short, long).n], ['paused', '4', 2]);
  assert.deepEqual([fix(busy, counter('5', 'closed')).kind, fix(busy).kind], ['closed', 'full']);
  assert.equal(cheapestFix({ waiting: [ticket(2)], counters: [counter('2', 'open')], now: NOW }), null);
});

test('a device says how it is, and silence says it too', () => {
  const device = (kind, state, changes = {}) => ({ kind, state, paired: true, online: true, last_seen_at: ago(0), ...changes });
  const key = (one, seq = 100) => deviceHealth(one, seq).key;
  assert.equal(key(device('printer', { printer: 'ready', near_end: false })), 'ok');
  assert.deepEqual(deviceHealth(device('printer', { printer: 'blocked', cause: 'paper_out' }), 1), { level: 'bad', key: 'blocked', cause: 'paper_out' });
  assert.equal(key(device('printer', {})), 'unknown');
  assert.equal(key(device('printer', { printer: 'ready', near_end: true })), 'near_end');
  assert.equal(key(device('panel', { audio: 'on', seq: 98, visible: true })), 'ok');
  assert.equal(key(device('panel', { audio: 'blocked', seq: 98 })), 'no_sound');
  assert.equal(key(device('panel', { audio: 'on', seq: 40 })), 'behind');
  assert.equal(key(device('panel', { audio: 'on', seq: 98, visible: false })), 'hidden');
  assert.equal(key(device('kiosk', { help: true })), 'help');
  assert.equal(key(device('kiosk', null, { online: false })), 'silent');
  assert.equal(key(device('kiosk', null, { online: false, last_seen_at: null })), 'never');
  assert.equal(key(device('kiosk', null, { paired: false })), 'unpaired');
});

test('a seat counts the time of what it is doing', () => {
  const held = ticket(9, { state: 'serving', counter: '1', called_at: ago(5), started_at: ago(4) });
  const counters = [counter('1', 'open', { ticket: held.label }), counter('2', 'paused'), counter('3', 'closed'),
    counter('4', 'open', { since: ago(200), idle_since: ago(3) })];
  assert.deepEqual(seats({ counters, busy: [held], now: NOW }).map((seat) => [seat.phase, seat.seconds]),
    [['serving', 240], ['paused', 600], ['closed', null], ['idle', 180]]);
});

test('a seat whose ticket is not read yet is not called idle since the morning', () => {
  const counters = [counter('1', 'open', { since: ago(200), ticket: 'A001', idle_since: null })];
  assert.equal(seats({ counters, busy: [], now: NOW })[0].seconds, null);
});

test('whatever frees a counter has the counters read again', () => {
  const freed = [['finished', 'serving', 'finished'], ['no_show', 'called', 'no_show'], ['held', 'called', 'on_hold'],
    ['transferred', 'serving', 'waiting'], ['expired', 'called', 'expired']];
  for (const [type, from, to] of freed) {
    assert.ok(affected({ type: `ticket.${type}`, data: { ticket: 't9', from, to } }, { counter: null, ticket: null }).has('counters'), type);
  }
});

test('a sheet offers only what the state and the person allow', () => {
  const all = { canCall: true, canMove: true };
  assert.deepEqual(sheetActions({ state: 'waiting' }, all), ['call', 'reprint', 'cancel']);
  assert.deepEqual(sheetActions({ state: 'waiting' }), ['reprint', 'cancel']);
  const lead = { canMove: true, canLead: true };
  assert.deepEqual(sheetActions({ state: 'waiting' }, lead), ['change_tier', 'reprint', 'cancel']);
  assert.deepEqual(sheetActions({ state: 'on_hold' }, lead), ['return', 'change_tier', 'reprint', 'cancel']);
  assert.deepEqual(sheetActions({ state: 'called' }, lead), ['transfer', 'reprint']);
  assert.deepEqual(sheetActions({ state: 'called' }), ['reprint']);
  assert.deepEqual(sheetActions({ state: 'no_show' }), ['return']);
  assert.deepEqual(sheetActions({ state: 'finished' }, all), []);
  assert.deepEqual(sheetActions(null), []);
});

test('an event makes stale only what it touches', () => {
  const here = { counter: 'c3', ticket: 't1' };
  const stale = (type, data) => [...affected({ type, data }, here)].sort();
  assert.deepEqual(stale('ticket.issued', { ticket: 't9', from: null, to: 'waiting' }), ['queue']);
  assert.deepEqual(stale('ticket.called', { ticket: 't9', from: 'waiting', to: 'called', counter: 'c4' }), ['counters', 'queue']);
  assert.deepEqual(stale('ticket.called', { ticket: 't2', from: 'waiting', to: 'called', counter: 'c3' }), ['counters', 'hand', 'queue']);
  assert.deepEqual(stale('ticket.held', { ticket: 't1', from: 'serving', to: 'on_hold' }), ['counters', 'hand', 'parked']);
  assert.deepEqual(stale('counter.paused', { counter: 'c4' }), ['counters']);
  assert.deepEqual(stale('counter.closed', { counter: 'c3' }), ['counters', 'hand']);
  assert.deepEqual(stale('day.closed', {}), ['all']);
  assert.deepEqual(stale('unit.changed', { what: 'services' }), ['counters', 'menu', 'queue']);
  assert.deepEqual(stale('printer.status', {}), []);
});

const turn = () => new Promise((resolve) => setImmediate(resolve));

test('many requests are one reading, never two at once, and none is forgotten', async () => {
  const timers = [];
  let release = null;
  let runs = 0;
  let now = 0;
  const task = () => { runs += 1; now += 1; return new Promise((resolve) => { release = () => { now -= 1; resolve(); }; }); };
  const request = coalesce(task, { after: (fn) => timers.push(fn) });
  request(); request(); request();
  assert.equal(timers.length, 1);
  timers.shift()();
  request(); request();
  assert.equal(timers.length, 0);
  release();
  await turn();
  timers.shift()();
  assert.deepEqual([runs, now], [2, 1]);
  release();
  await turn();
  assert.equal(timers.length, 0);
});

test('a reading without an answer is tried again; a refusal is not', async () => {
  const timers = [];
  const errors = [{ network: true }, { status: 403 }];
  const heard = [];
  const request = coalesce(async () => { throw errors.shift(); }, { after: (fn) => timers.push(fn), onError: (error) => heard.push(error) });
  request();
  timers.shift()();
  await turn();
  assert.equal(timers.length, 1);
  timers.shift()();
  timers.shift()();
  await turn();
  assert.equal(timers.length, 0);
  assert.equal(heard.length, 2);
});
