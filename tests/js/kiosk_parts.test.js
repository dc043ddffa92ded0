import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import './support/vez.mjs';

globalThis.localStorage = (() => {
  const kept = new Map();
  return { getItem: (k) => kept.get(k) ?? null, setItem: (k, v) => kept.set(k, String(v)), removeItem: (k) => kept.delete(k) };
})();
const { createPin, sha256, validPin } = await import('../../kiosk/static/pin.js');
const { chunks, spelled } = await import('../../kiosk/static/speech.js');
const { createOrder } = await import('../../kiosk/static/order.js');
const { REST, step } = await import('../../kiosk/static/state.js');

const settle = async () => { for (let i = 0; i < 20; i += 1) await null; };

test('sha256 is SHA-256 at every length around a block', () => {
  for (const n of [0, 1, 54, 55, 56, 63, 64, 65, 119, 120, 500]) {
    const text = 'ç'.repeat(n >> 1) + 'x'.repeat(n & 1);
    assert.equal(sha256(text), createHash('sha256').update(text).digest('hex'), String(n));
  }
});

test('a PIN opens, a wrong one does not, and many wrong ones wait longer each time', () => {
  let now = 1_000_000;
  const pin = createPin('u', () => now);
  assert.equal(pin.exists(), false);
  assert.equal(pin.check('1234'), 'wrong');
  pin.set('4071');
  assert.ok(!globalThis.localStorage.getItem('vez.kiosk.u.pin').includes('4071'));
  assert.equal(pin.check('4071'), 'ok');
  assert.deepEqual([1, 2, 3].map(() => pin.check('0000')), ['wrong', 'wrong', 'wrong']);
  assert.equal(pin.check('0000'), 'locked');
  assert.equal(pin.check('4071'), 'locked', 'not even the right one while locked');
  assert.equal(createPin('u', () => now).check('4071'), 'locked', 'a reload frees nobody');
  now += 31_000;
  assert.equal(pin.check('0000'), 'locked');
  assert.equal(pin.lockedSeconds(), 60);
  now += 61_000;
  assert.equal(pin.check('4071'), 'ok');
  assert.equal(pin.lockedSeconds(), 0);
});

test('a PIN has four to eight digits', () => {
  assert.ok(validPin('0000') && validPin('12345678'));
  for (const bad of ['', '123', '123456789', '12a4']) assert.ok(!validPin(bad));
  assert.throws(() => createPin('v').set('12'), RangeError);
});

test('speech is cut at sentences, and labels are spelled', () => {
  assert.deepEqual(chunks('Sua senha. A, 0. '), ['Sua senha.', 'A, 0.']);
  const long = chunks(Array.from({ length: 40 }, (_, i) => `Frase número ${i}.`).join(' '));
  assert.ok(long.every((part) => part.length <= 180) && long.length > 3);
  assert.equal(spelled('PA001'), 'P, A, 0, 0, 1');
});

function kiosk(post) {
  let state = ['category', 'service'].reduce((s, type) => step(s, { type, category: 'c', service: 'iptu' }), REST);
  const order = createOrder({
    unit: 'u', api: { post, get: async () => ({ job: { id: 'j', state: 'printed' } }) }, language: { value: 'es' }, printerState: () => 'ready',
    dispatch: (action) => { state = step(state, action); }, read: () => state,
  });
  return { order, read: () => state };
}
const answer = { ticket: { id: 't', label: 'A001' }, print_job: { id: 'j', state: 'queued' } };

test('lost answers are asked for again with the same key and body: one ticket', async () => {
  const sent = [];
  let lose = 2;
  const k = kiosk(async (path, body, { key }) => {
    sent.push({ path, body, key });
    if (lose-- > 0) throw Object.assign(new Error('lost'), { network: true });
    return answer;
  });
  k.order.issue('normal');
  k.order.issue('priority');
  await settle();
  assert.equal(k.read().problem, 'network');
  assert.equal(JSON.parse(globalThis.localStorage.getItem('vez.kiosk.u.pending')).key, sent[0].key);
  k.order.retry();
  await settle();
  k.order.retry();
  await settle();
  assert.equal(k.read().screen, 'done');
  assert.equal(sent.length, 3);
  assert.deepEqual(sent[1], sent[0]);
  assert.deepEqual(sent[2], sent[0]);
  assert.deepEqual(sent[0].body, { service: 'iptu', tier: 'normal', language: 'es' });
  assert.equal(globalThis.localStorage.getItem('vez.kiosk.u.pending'), null);
  k.order.stop();
});

test('a refusal is not repeated', async () => {
  let times = 0;
  const k = kiosk(async () => { times += 1; throw Object.assign(new Error('no'), { status: 409, code: 'service_closed' }); });
  k.order.issue('normal');
  await settle();
  k.order.retry();
  await settle();
  assert.deepEqual([times, k.read().screen, k.read().problem], [1, 'problem', 'service_closed']);
  k.order.stop();
});

test('an order interrupted by a reload is taken up with its key', async () => {
  globalThis.localStorage.setItem('vez.kiosk.u.pending', JSON.stringify({ service: 'iptu', tier: 'donor', key: 'OLD', language: 'en', at: Date.now() - 500 }));
  const sent = [];
  let state = REST;
  const order = createOrder({
    unit: 'u', api: { post: async (_p, body, { key }) => { sent.push({ body, key }); return answer; }, get: async () => ({ job: answer.print_job }) },
    language: { value: 'pt-BR' }, printerState: () => 'ready', dispatch: (a) => { state = step(state, a); }, read: () => state,
  });
  order.resume();
  await settle();
  assert.deepEqual(sent, [{ body: { service: 'iptu', tier: 'donor', language: 'en' }, key: 'OLD' }]);
  assert.equal(state.screen, 'done');
  order.stop();
});
