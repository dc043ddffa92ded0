import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { createClock } from '../../panel/static/clock.js';
import { nextItem, REST_MS, scheduled, wallClock } from '../../panel/static/playlist.js';
import { DEFAULTS, settingsFrom } from '../../panel/static/settings.js';

const query = (text) => new URLSearchParams(text);

test('without settings, and with nonsense for settings, the defaults hold', () => {
  const plain = settingsFrom(null);
  assert.deepEqual(plain, { ...DEFAULTS, sound: { ...DEFAULTS.sound, languages: [] }, messages: [], media: [] });
  const nonsense = { layout: 7, language: {}, contrast: 'pink', sound: { volume: 'loud', repeat: NaN, languages: 'pt' }, fresh_seconds: '9', filter: 3, messages: [null, ' '], media: 'x' };
  assert.deepEqual(settingsFrom(nonsense), plain);
});

test('what the administration chose is taken, within its limits', () => {
  const settings = settingsFrom({
    layout: 'media', language: 'es', contrast: 'high', fresh_seconds: 1, sound: { enabled: false, volume: 3, repeat: 9, languages: ['en'] },
    filter: { counters: ['centro-1'] }, messages: ['Oi'],
  });
  assert.equal(settings.layout, 'media');
  assert.equal(settings.freshSeconds, 5);
  assert.deepEqual(settings.sound, { enabled: false, volume: 1, repeat: 3, languages: ['en'] });
  assert.deepEqual(settings.filter, { counters: ['centro-1'], services: [] });
  assert.deepEqual([settings.language, settings.contrast, settings.messages], ['es', 'high', ['Oi']]);
});

test('the address of the screen has the last word', () => {
  const raw = { layout: 'media', filter: { counters: ['a'] }, language: 'es' };
  const settings = settingsFrom(raw, query('layout=calls&counters=b, c&lang=en&sound=off&contrast=high'));
  assert.equal(settings.layout, 'calls');
  assert.deepEqual(settings.filter.counters, ['b', 'c']);
  assert.deepEqual([settings.language, settings.sound.enabled, settings.contrast], ['en', false, 'high']);
  assert.equal(settingsFrom(raw, query('counters=')).filter, null);
});

test('media of strangers, and of unknown kinds, are left out', () => {
  const media = ['https://x.org/a.png', '//x.org/a.png', 'javascript:alert(1)', '/ok.png'].map((url) => ({ kind: 'image', url }));
  const settings = settingsFrom({ media: [...media, { kind: 'page', url: '/a.html' }, null] });
  assert.deepEqual(settings.media.map((item) => item.url), ['/ok.png']);
  assert.equal(settings.media[0].seconds, 15);
});

const at = (date, time) => ({ date, time });
test('schedules: dates inclusive, hours up to but not including the end, also over midnight', () => {
  const days = { from: '2026-11-01', to: '2026-11-30' };
  assert.ok(scheduled(days, at('2026-11-01', '00:00')));
  assert.ok(scheduled(days, at('2026-11-30', '23:59')));
  assert.ok(!scheduled(days, at('2026-12-01', '00:00')));
  assert.ok(!scheduled(days, at('2026-10-31', '12:00')));
  const hours = { starts: '08:00', ends: '12:00' };
  assert.deepEqual(['07:59', '08:00', '11:59', '12:00'].map((time) => scheduled(hours, at('2026-11-01', time))), [false, true, true, false]);
  const week = { days: [1, 7] }; // Monday and Sunday
  assert.deepEqual(['2026-11-22', '2026-11-23', '2026-11-24'].map((date) => scheduled(week, at(date, '12:00'))), [true, true, false]);
  const night = { starts: '22:00', ends: '06:00' };
  assert.deepEqual(['21:59', '23:00', '05:59', '06:00'].map((time) => scheduled(night, at('2026-11-01', time))), [false, true, true, false]);
});

test('items take turns; what is broken or out of its time is skipped, and tried again later', () => {
  const items = [{ id: 'a' }, { id: 'b', from: '2099-01-01' }, { id: 'c' }];
  const now = at('2026-11-23', '09:00');
  assert.equal(nextItem(items, null, now).id, 'a');
  assert.equal(nextItem(items, 'a', now).id, 'c');
  assert.equal(nextItem(items, 'c', now).id, 'a');
  assert.equal(nextItem(items, 'gone', now).id, 'a');
  const broken = new Map([['c', 1000]]);
  assert.equal(nextItem(items, 'a', now, broken, 2000).id, 'a');
  assert.equal(nextItem(items, 'a', now, broken, 1000 + REST_MS).id, 'c');
  assert.equal(nextItem([], null, now), null);
  assert.equal(nextItem([{ id: 'a' }], 'a', now, new Map([['a', 0]]), 5), null);
});

test('the wall clock is the unit’s, not the screen’s', () => {
  assert.deepEqual(wallClock(Date.parse('2026-11-23T02:30:00Z'), 'America/Sao_Paulo'), { date: '2026-11-22', time: '23:30' });
});

function serverAt(date, delay = 0, time = { now: 0 }) {
  return async () => { time.now += delay; return { headers: new Map([['Date', date === null ? undefined : new Date(date).toUTCString()]]) }; };
}
const SERVER = Date.parse('2026-11-23T12:00:00Z');

test('a screen with a wrong clock follows the server', async () => {
  const time = { now: SERVER - 3600_000 };
  const clock = createClock({ url: '/', fetch: serverAt(SERVER, 100, time), base: () => time.now });
  assert.equal(await clock.measure(), true);
  assert.ok(Math.abs(clock.now() - SERVER) < 1500);
});

test('differences of a second are the header’s rounding and change nothing', async () => {
  const time = { now: SERVER + 900 };
  const clock = createClock({ url: '/', fetch: serverAt(SERVER, 0, time), base: () => time.now });
  await clock.measure();
  assert.equal(clock.now(), SERVER + 900);
});

test('no answer, or one without a date, keeps the time there was', async () => {
  const gone = createClock({ url: '/', fetch: async () => { throw new TypeError('offline'); }, base: () => 5 });
  assert.equal(await gone.measure(), false);
  assert.equal(gone.now(), 5);
  assert.equal(await createClock({ url: '/', fetch: serverAt(null), base: () => 5 }).measure(), false);
});

test('the three catalogues have the same keys', () => {
  const keys = ['pt-BR', 'en', 'es'].map((language) => Object.keys(JSON.parse(readFileSync(new URL(`../../panel/static/i18n/${language}.json`, import.meta.url)))));
  assert.deepEqual(keys[1], keys[0]);
  assert.deepEqual(keys[2], keys[0]);
});
