// What the unit's page decides without a page: groups of settings, orders, contrast; and that nothing is lost on a refusal.
import './support/vez.mjs';
import assert from 'node:assert/strict';
import { test } from 'node:test';

globalThis.document ??= { getElementById: () => null, documentElement: {} };
const { bodyOf, contrast, createUnitSettings, DEFAULTS, GROUPS, inkOn, moved, ownGroups, shownValues } = await import('../../counter/static/unit_settings.js');

test('a panel shows its own over the unit over the house, and sends only the groups that are its own', () => {
  const unit = { layout: 'media', language: null, sound: { enabled: true, volume: 0.5, repeat: 1, languages: [] } };
  const own = { layout: null, contrast: 'high', sound: null };
  const values = shownValues(own, unit);
  assert.equal(values.layout, 'media');
  assert.equal(values.contrast, 'high');
  assert.equal(values.sound.volume, 0.5);
  assert.equal(values.fresh_seconds, DEFAULTS.fresh_seconds);
  assert.deepEqual(ownGroups(own), ['look']);
  assert.deepEqual(ownGroups(null), []);
  assert.deepEqual(bodyOf(values, ['look']), { layout: 'media', contrast: 'high' });
  assert.deepEqual(bodyOf({ ...values, messages: [' a ', ' '] }, ['messages']), { messages: ['a'] });
  assert.deepEqual(Object.keys(bodyOf(values, Object.keys(GROUPS))).sort(), ['contrast', 'filter', 'fresh_seconds', 'layout', 'messages', 'sound']);
});

test('the list goes one place up or down and no further', () => {
  const list = ['a', 'b', 'c'];
  assert.deepEqual(moved(list, 2, -1), ['a', 'c', 'b']);
  assert.equal(moved(list, 0, -1), list);
  assert.equal(moved(list, 2, 1), list);
});

test('contrast is computed as WCAG does', () => {
  assert.equal(contrast('#000000', '#ffffff'), 21);
  assert.equal(contrast('#ffffff', '#ffffff'), 1);
  assert.ok(Math.abs(contrast('#777777', '#ffffff') - 4.478) < 0.001);
  assert.equal(contrast('red', '#ffffff'), null);
  assert.equal(inkOn('#0b4a5e'), '#ffffff');
  assert.equal(inkOn('#f2b33d'), '#12262f');
});

function world(put) {
  const asked = [];
  const api = { get: async () => ({}), put: async (path, body) => { asked.push([path, body]); return put(asked.length); } };
  const session = { restore: async () => { asked.push('session'); } };
  return { asked, store: createUnitSettings({ unit: 'u', api, session, words: (error) => error.message, t: (key) => key }) };
}

test('a refusal is said at its card and changes nothing; an old token is renewed once', async () => {
  const refused = world(() => { throw Object.assign(new Error('pouco contraste'), { code: 'low_contrast', detail: { ratio: 2 } }); });
  assert.equal(await refused.store.saveBrand({ name: 'U' }), false);
  assert.deepEqual(refused.store.notice.value, { card: 'brand', kind: 'bad', text: 'pouco contraste', detail: { ratio: 2 } });
  assert.equal(refused.store.brand.value, null);
  assert.equal(refused.store.busy.value, null);
  const old = world((times) => { if (times === 1) throw Object.assign(new Error(), { code: 'csrf_failed' }); return { brand: { name: 'U' } }; });
  assert.equal(await old.store.saveBrand({ name: 'U' }), true);
  assert.deepEqual(old.asked.map((one) => (Array.isArray(one) ? one[0] : one)), ['/units/u/brand', 'session', '/units/u/brand']);
  assert.deepEqual(old.store.brand.value, { brand: { name: 'U' } });
});

test('a second press while one is under way does nothing', async () => {
  let finish;
  const slow = world(() => new Promise((resolve) => { finish = () => resolve({}); }));
  const first = slow.store.savePanel(null, {});
  assert.equal(await slow.store.savePanel(null, {}), false);
  finish();
  assert.equal(await first, true);
  assert.equal(slow.asked.length, 1);
});
