import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { actionsForKey, FUNCTION_KEYS, isTyping, keyLabel, keyTable, LETTERED } from '../../counter/static/shortcuts.js';

const catalogue = (language) => JSON.parse(readFileSync(new URL(`../../counter/static/i18n/${language}.json`, import.meta.url), 'utf8'));
const table = (language = 'pt-BR') => { const texts = catalogue(language); return keyTable((key) => texts[key] ?? key); };
const press = (key, more = {}) => ({ key, target: { tagName: 'BODY' }, ...more });

for (const language of ['pt-BR', 'en', 'es']) {
  test(`no two actions share a key in ${language}, but those that never stand side by side`, () => {
    const byKey = new Map();
    for (const [action, { letter, fkey }] of Object.entries(table(language))) {
      assert.equal(letter.length, 1, `${action}: ${letter}`);
      for (const key of [letter.toLowerCase(), fkey].filter(Boolean)) byKey.set(key, [...(byKey.get(key) ?? []), action]);
    }
    const shared = [...byKey.values()].filter((actions) => actions.length > 1);
    assert.deepEqual(shared, [['pause', 'resume']]);
  });
}

test('a key means its action, small or capital', () => {
  assert.deepEqual(actionsForKey(press('c'), table()), ['call_next']);
  assert.deepEqual(actionsForKey(press('C'), table()), ['call_next']);
  assert.deepEqual(actionsForKey(press('p'), table()), ['pause', 'resume']);
  assert.deepEqual(actionsForKey(press('?'), table()), ['help']);
  assert.deepEqual(actionsForKey(press('q'), table()), []);
  for (const [action, fkey] of Object.entries(FUNCTION_KEYS)) assert.deepEqual(actionsForKey(press(fkey), table()), [action]);
});

test('never while typing, with a modifier, held down, composing, or under a dialog', () => {
  for (const tagName of ['INPUT', 'TEXTAREA', 'SELECT']) {
    const target = { tagName, type: 'text' };
    assert.deepEqual(actionsForKey({ key: 'c', target }, table()), []);
    assert.deepEqual(actionsForKey({ key: 'F2', target }, table()), []);
  }
  for (const more of [{ ctrlKey: true }, { altKey: true }, { metaKey: true }, { repeat: true }, { isComposing: true }]) {
    assert.deepEqual(actionsForKey(press('c', more), table()), []);
  }
  assert.deepEqual(actionsForKey(press('F2'), table(), { modal: true }), []);
});

test('a checkbox or a radio button is not a field to write in', () => {
  assert.equal(isTyping({ tagName: 'INPUT', type: 'checkbox' }), false);
  assert.equal(isTyping({ tagName: 'INPUT', type: 'radio' }), false);
  assert.equal(isTyping({ tagName: 'INPUT', type: 'text' }), true);
  assert.equal(isTyping({ tagName: 'DIV', isContentEditable: true }), true);
  assert.equal(isTyping(null), false);
});

test('letters can be off: F-keys stay, and buttons show those', () => {
  assert.deepEqual(actionsForKey(press('c'), table(), { lettersOn: false }), []);
  assert.deepEqual(actionsForKey(press('F2'), table(), { lettersOn: false }), ['call_next']);
  assert.equal(keyLabel(table(), 'call_next', true), 'C');
  assert.equal(keyLabel(table(), 'call_next', false), 'F2');
  assert.equal(keyLabel(table(), 'transfer', false), null);
  assert.equal(keyLabel(table(), 'unknown', true), null);
});

test('every action of the list has its name in the catalogue', () => {
  for (const language of ['pt-BR', 'en', 'es']) {
    for (const action of LETTERED) assert.ok(catalogue(language)[`action.${action}`], `${language} ${action}`);
  }
});
