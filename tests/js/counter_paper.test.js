import assert from 'node:assert/strict';
import { test } from 'node:test';
import './support/vez.mjs';

const { base64Of, bodyOf, why } = await import('../../counter/static/unit_paper.js');
const { metres } = await import('../../counter/static/printers.js');
const t = (key, values) => `${key} ${JSON.stringify(values ?? {})}`;

test('a refusal says which text and by how much; any other is the server\'s own words', () => {
  const error = (detail, code = 'layout_does_not_fit') => ({ code, detail, message: 'no' });
  const words = (e) => e.message;
  assert.equal(why(error({ field: 'header', word: 'abc', columns: 2 }), words, t), 'paper.word {"place":"paper.header {}","word":"abc","columns":2}');
  assert.equal(why(error({ field: 'message.es', lines: 9, most: 8 }), words, t), 'paper.lines {"place":"paper.message.es {}","lines":9,"most":8}');
  assert.equal(why(error({}), words, t), 'no');
  assert.equal(why(error({ field: 'header' }, 'forbidden'), words, t), 'no');
});

test('a large file becomes base64 in pieces', async () => {
  const bytes = Uint8Array.from({ length: 20_000 }, (_, n) => n % 256);
  assert.equal(await base64Of(new Blob([bytes])), Buffer.from(bytes).toString('base64'));
});

test('only what the server keeps is sent, and metres only where they are known', () => {
  assert.deepEqual(bodyOf({ header: 'h', message: {}, parts: [], large: false, logo: 'x' }), { header: 'h', message: {}, parts: [], large: false });
  assert.equal(metres({ state: { roll_mm: 12_340 } }), 12.3);
  assert.equal(metres({ state: {} }), null);
});
