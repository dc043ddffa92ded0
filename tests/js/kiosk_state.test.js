import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pendingOf, PENDING_MS, REST, resumable, searchServices, step, waitingIn } from '../../kiosk/static/state.js';

const run = (state, ...actions) => actions.reduce(step, state);
const CATEGORY = { type: 'category', category: 'tributos' };
const SERVICE = { type: 'service', service: 'iptu' };
const ISSUE = { type: 'issue', tier: 'normal', key: 'K1', language: 'pt-BR' };
const TICKET = { id: 't', label: 'A042' };
const issued = (extra = {}) => ({ type: 'issued', key: 'K1', ticket: TICKET, job: { id: 'j', state: 'queued' }, printer: 'ready', ...extra });

test('three taps order a ticket', () => {
  const state = run(REST, CATEGORY, SERVICE, ISSUE);
  assert.equal(state.screen, 'issuing');
  assert.deepEqual([state.service, state.tier, state.key], ['iptu', 'normal', 'K1']);
});

test('a second tap, or a second finger, orders nothing more', () => {
  const first = run(REST, CATEGORY, SERVICE, ISSUE);
  assert.equal(step(first, { ...ISSUE, tier: 'priority', key: 'K2' }), first);
  assert.equal(step(first, SERVICE), first);
});

test('a retry keeps the key, the tier and the language of the first press', () => {
  const first = run(REST, CATEGORY, SERVICE, ISSUE);
  const later = run(first, { type: 'unanswered', key: 'K1' }, { type: 'retry' });
  assert.deepEqual([later.key, later.tier, later.language, later.attempt], ['K1', 'normal', 'pt-BR', 2]);
});

test('an answer to another visit is not shown', () => {
  const second = run(REST, CATEGORY, SERVICE, { ...ISSUE, key: 'K2' });
  assert.equal(step(second, issued()), second);
  assert.equal(step(REST, issued()), REST);
});

test('nobody walks away from an order under way, except when the answer does not come', () => {
  const ordering = run(REST, CATEGORY, SERVICE, ISSUE);
  assert.equal(step(ordering, { type: 'back' }), ordering);
  assert.equal(run(ordering, { type: 'unanswered', key: 'K1' }, { type: 'back' }), REST);
});

test('back goes where the citizen came from, and home leaves nothing behind', () => {
  assert.equal(run(REST, CATEGORY, SERVICE, { type: 'back' }).screen, 'services');
  const found = run(REST, { type: 'search' }, { type: 'type', query: 'ipt' }, SERVICE, { type: 'back' });
  assert.deepEqual([found.screen, found.query], ['search', 'ipt']);
  assert.equal(run(REST, CATEGORY, { type: 'search' }, { type: 'back' }).screen, 'services');
  assert.equal(run(REST, CATEGORY, SERVICE, ISSUE, issued(), { type: 'home' }), REST);
});

test('the number is shown whatever the printer does', () => {
  const ordering = run(REST, CATEGORY, SERVICE, ISSUE);
  const print = (extra) => run(ordering, issued(extra)).print;
  assert.equal(print(), 'printing');
  assert.equal(print({ job: null }), 'failed');
  assert.equal(print({ printer: 'blocked' }), 'failed');
  assert.equal(print({ printer: 'none' }), 'failed');
  assert.equal(print({ printer: 'blocked', job: { id: 'j', state: 'printed' } }), 'printed');
});

test('the paper: late, printed after all, unsure, and a second copy', () => {
  const done = run(REST, CATEGORY, SERVICE, ISSUE, issued());
  const job = (state, id = 'j') => ({ type: 'printed', job: { id, state } });
  assert.equal(run(done, job('sending')).print, 'printing');
  assert.equal(run(done, job('unknown')).print, 'unsure');
  assert.equal(run(done, job('blocked')).print, 'failed');
  const late = run(done, { type: 'printLate' });
  assert.equal(late.print, 'failed');
  assert.equal(run(late, job('sending')).print, 'failed');
  assert.equal(run(late, job('printed')).print, 'printed');
  const again = run(late, { type: 'reprint', job: { id: 'j2', state: 'queued' } });
  assert.equal(again.print, 'printing');
  assert.equal(step(again, job('printed')), again, 'news of the first copy says nothing of the second');
});

test('the citizen settles the paper: nothing the printer says later changes the screen', () => {
  const unsure = run(REST, CATEGORY, SERVICE, ISSUE, issued(), { type: 'printed', job: { id: 'j', state: 'unknown' } });
  const kept = step(unsure, { type: 'confirmed', job: { id: 'j', state: 'printed' } });
  assert.equal(kept.print, 'kept');
  assert.equal(step(kept, { type: 'printed', job: { id: 'j', state: 'printed' } }).print, 'kept');
  const noted = step(unsure, { type: 'confirmed', job: { id: 'j', state: 'expired' } });
  assert.equal(noted.print, 'noted');
  assert.equal(step(unsure, { type: 'confirmed', job: { id: 'other', state: 'printed' } }), unsure);
});

test('large print is fixed with the key and survives a reload', () => {
  const ordering = run(REST, CATEGORY, SERVICE, { ...ISSUE, large: true });
  assert.equal(ordering.large, true);
  assert.equal(step(REST, { type: 'resume', pending: pendingOf(ordering, 1) }).large, true);
  assert.equal(run(REST, CATEGORY, SERVICE, ISSUE).large, false);
});

test('a refusal is said; one that cannot be helped here sends to reception', () => {
  const ordering = run(REST, CATEGORY, SERVICE, ISSUE);
  assert.deepEqual(run(ordering, { type: 'refused', key: 'K1', code: 'unit_closed' }).problem, 'unit_closed');
  assert.deepEqual(run(ordering, { type: 'refused', key: 'K1', code: 'forbidden' }).problem, 'other');
});

test('an order survives a reload, but not a long one nor a changed clock', () => {
  const ordering = run(REST, CATEGORY, SERVICE, ISSUE);
  const pending = pendingOf(ordering, 1000);
  assert.ok(resumable(pending, 1500));
  assert.ok(!resumable(pending, 1000 + PENDING_MS));
  assert.ok(!resumable(pending, 0));
  assert.ok(!resumable(null, 1500));
  assert.equal(pendingOf(REST, 1), null);
  const resumed = step(REST, { type: 'resume', pending });
  assert.deepEqual([resumed.screen, resumed.key, resumed.language], ['issuing', 'K1', 'pt-BR']);
});

test('an unknown action is a fault of ours', () => {
  assert.throws(() => step(REST, { type: 'dance' }), /unknown kiosk action/);
});

const service = (id, name, more = {}) => ({ id, name, waiting: 1, ...more });
const MENU = [{ services: [
  service('poda', 'Autorização de poda', { keywords: ['árvore'], description: 'Cortar galhos.' }),
  service('iss', 'ISS autônomo'),
  service('emissao', 'Emissão de guia'),
] }];

test('search minds neither accents nor case, needs every word, and puts names first', () => {
  const ids = (query) => searchServices(MENU, query).map((s) => s.id);
  assert.deepEqual(ids('ARVORE'), ['poda']);
  assert.deepEqual(ids('emissao'), ['emissao']);
  assert.deepEqual(ids('iss'), ['iss', 'emissao']);
  assert.deepEqual(ids('poda guia'), []);
  assert.deepEqual(ids('  '), []);
  assert.deepEqual(ids('galhos'), ['poda']);
  assert.equal(waitingIn(MENU[0]), 3);
});

test('the texts of the kiosk have the same keys and the same blanks in every language', () => {
  const read = (language) => JSON.parse(readFileSync(new URL(`../../kiosk/static/i18n/${language}.json`, import.meta.url), 'utf8'));
  const first = read('pt-BR');
  const blanks = (text) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();
  for (const language of ['en', 'es']) {
    const other = read(language);
    assert.deepEqual(Object.keys(other).sort(), Object.keys(first).sort());
    for (const [key, text] of Object.entries(first)) assert.deepEqual(blanks(other[key]), blanks(text), `${language} ${key}`);
  }
});
