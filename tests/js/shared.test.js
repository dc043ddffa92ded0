import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { afterEach, test } from 'node:test';
import { ApiError, createApi, newKey } from '../../server/static/shared/api.js';
import { applyEvent, emptyBoard } from '../../server/static/shared/board.js';
import { createI18n, nearestLanguage } from '../../server/static/shared/i18n.js';
import { persisted } from '../../server/static/shared/store.js';
import texts from '../../server/static/shared/texts.js';

const realFetch = globalThis.fetch;
afterEach(() => { globalThis.fetch = realFetch; });

const reply = (status, body) => new Response(status === 204 ? null : JSON.stringify(body), { status });

test('api sends token, language, key and CSRF token, and reads the answer', async () => {
  let seen;
  globalThis.fetch = async (url, options) => { seen = { url, ...options }; return reply(201, { ok: 1 }); };
  const api = createApi({ token: 'T', language: 'es' });
  api.setCsrf('C');
  assert.deepEqual(await api.post('/x', { a: 1 }, { key: 'K' }), { ok: 1 });
  assert.equal(seen.url, '/api/v1/x');
  assert.equal(seen.headers.Authorization, 'Bearer T');
  assert.equal(seen.headers['Accept-Language'], 'es');
  assert.equal(seen.headers['Idempotency-Key'], 'K');
  assert.equal(seen.headers['X-CSRF-Token'], 'C');
});

test('a refusal becomes an ApiError with the code of the server; 401 is also told apart', async () => {
  let lost = 0;
  globalThis.fetch = async () => reply(401, { error: { code: 'device_revoked', message: 'm', detail: {} } });
  const api = createApi({ onAuthLost: () => { lost += 1; } });
  await assert.rejects(api.get('/x'), (e) => e instanceof ApiError && e.code === 'device_revoked' && !e.network);
  assert.equal(lost, 1);
});

test('no answer, a slow answer and a proxy page are all network errors', async () => {
  const api = createApi({ timeout: 20 });
  globalThis.fetch = async () => { throw new TypeError('fetch failed'); };
  await assert.rejects(api.get('/x'), { code: 'network', network: true });
  globalThis.fetch = (_url, { signal }) => new Promise((_ok, no) => {
    signal.addEventListener('abort', () => no(new DOMException('late', 'AbortError')));
  });
  await assert.rejects(api.get('/x'), { code: 'timeout', network: true });
  globalThis.fetch = async () => new Response('<h1>Bad gateway</h1>', { status: 502 });
  await assert.rejects(api.get('/x'), { code: 'http_502', network: true });
});

test('keys are unique UUIDs even without crypto.randomUUID', () => {
  const keys = new Set(Array.from({ length: 500 }, newKey));
  assert.equal(keys.size, 500);
  for (const key of keys) assert.match(key, /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test('texts fall back to pt-BR, then to the key; plurals and variables are filled', () => {
  const i18n = createI18n({ 'pt-BR': { 'a.one': '{n} pessoa', 'a.other': '{n} pessoas', only: 'só' }, en: { 'a.one': '{n} person', 'a.other': '{n} people' } }, 'en-US');
  assert.equal(i18n.language.value, 'en');
  assert.equal(i18n.plural('a', 1), '1 person');
  assert.equal(i18n.plural('a', 1200), '1,200 people');
  assert.equal(i18n.t('only'), 'só');
  assert.equal(i18n.t('nothing'), 'nothing');
  i18n.setLanguage('pt');
  assert.equal(i18n.plural('a', 0), '0 pessoas');
  assert.equal(nearestLanguage('fr'), 'pt-BR');
});

test('the shared texts have the same keys in every language', () => {
  const [first, ...rest] = Object.values(texts).map((c) => Object.keys(c).sort());
  for (const keys of rest) assert.deepEqual(keys, first);
});

test('a persisted signal survives denied storage', () => {
  const value = persisted('x', { a: 1 });
  value.value = { a: 2 };
  assert.deepEqual(value.value, { a: 2 });
});

const contract = new URL('../contract/board.json', import.meta.url);
test('the board folds as the server does', { skip: !existsSync(contract) && 'no contract file' }, () => {
  const { cases } = JSON.parse(readFileSync(contract, 'utf8'));
  assert.ok(cases.length > 0);
  for (const c of cases) {
    const after = c.events.reduce(applyEvent, c.board ?? c.before ?? emptyBoard('centro'));
    assert.deepEqual(after, c.after ?? c.expected, c.name);
  }
});
