/**
 * What the kiosk shows, as a pure function: `step(state, action)` returns the next state.
 * One visit goes rest → services (or search) → service → issuing → done, and always back to rest.
 */

/** A citizen's whole visit; resting is the state with nothing in it, so nothing can be left behind. */
export const REST = Object.freeze({
  screen: 'rest', category: null, unit: null, service: null, tier: null, key: null, language: null, query: '', from: null,
  ticket: null, job: null, print: null, problem: null, attempt: 0, large: false,
});

/** Refusals after which another try of the same press cannot help. */
const FINAL = new Set([
  'service_closed', 'unit_closed', 'daily_cap_reached', 'series_exhausted', 'unknown_service', 'unknown_unit',
]);

/** How long (ms) an order without an answer is still worth repeating after a reload. */
export const PENDING_MS = 120_000;

const moves = {
  category: (s, { category }) => (s.screen === 'rest' ? { ...s, screen: 'services', category } : s),
  search: (s) => (s.screen === 'rest' || s.screen === 'services' ? { ...s, screen: 'search', query: '' } : s),
  type: (s, { query }) => (s.screen === 'search' ? { ...s, query: query.slice(0, 40) } : s),
  service: (s, { service }) => (s.screen === 'services' || s.screen === 'search'
    ? { ...s, screen: 'service', service, from: s.screen } : s),

  // Two fingers on two tiers, or a double tap: only the first finds the screen that may order.
  // Unit, language and size of the print are fixed with the key: the same key must never carry another body.
  issue: (s, { unit = null, tier, key, language, large = false }) => (s.screen === 'service'
    ? { ...s, screen: 'issuing', unit, tier, key, language, large, attempt: 1 } : s),
  resume: (s, { pending: { unit = null, service, tier, key, language, large = false } }) => (s.screen === 'rest'
    ? { ...s, screen: 'issuing', unit, service, tier, key, language, large, attempt: 1 } : s),
  retry: (s) => (s.screen === 'issuing' ? { ...s, attempt: s.attempt + 1, problem: null } : s),
  unanswered: (s, { key }) => (s.screen === 'issuing' && s.key === key ? { ...s, problem: 'network' } : s),
  refused: (s, { key, code }) => (s.screen === 'issuing' && s.key === key
    ? { ...s, screen: 'problem', problem: FINAL.has(code) ? code : 'other' } : s),
  issued: (s, { key, ticket, job, printer }) => (s.screen === 'issuing' && s.key === key
    ? { ...s, screen: 'done', problem: null, ticket, job, print: firstPrint(job, printer) } : s),

  printed: (s, { job }) => (s.screen === 'done' && s.job && s.job.id === job.id
    ? { ...s, job, print: settled(s) ? s.print : printOf(job, s.print) } : s),
  printLate: (s) => (s.screen === 'done' && s.print === 'printing' ? { ...s, print: 'failed' } : s),
  confirmed: (s, { job }) => (s.screen === 'done' && s.job && s.job.id === job.id
    ? { ...s, job, print: job.state === 'printed' ? 'kept' : 'noted' } : s),
  reprint: (s, { job }) => (s.screen === 'done' ? { ...s, job, print: 'printing' } : s),

  back: (s) => {
    if (s.screen === 'service') return { ...s, screen: s.from, service: null, from: null };
    if (s.screen === 'search' && s.category) return { ...s, screen: 'services', query: '' };
    // An order may not be walked away from while its answer is unknown, except to rest (`home`).
    return s.screen === 'issuing' && s.problem !== 'network' ? s : REST;
  },
  home: () => REST,
};

/** The citizen has spoken: news of the printer changes nothing on this screen any more. */
export const settled = ({ print }) => print === 'kept' || print === 'noted';

function firstPrint(job, printer) {
  if (!job || printer === 'none') return 'failed';
  if (printer === 'blocked' || printer === 'unknown') return printOf(job, 'failed');
  return printOf(job, 'printing');
}

/** `printing`, `printed`, `failed` (nothing came out) or `unsure` (something may have). */
function printOf(job, now) {
  if (job.state === 'printed') return 'printed';
  if (job.state === 'unknown') return 'unsure';
  if (job.state === 'blocked' || job.state === 'expired') return 'failed';
  return now === 'failed' || now === 'unsure' ? now : 'printing';
}

/** The state after an action; an action that makes no sense now changes nothing (same object back). */
export function step(state, action) {
  const move = moves[action.type];
  if (!move) throw new Error(`unknown kiosk action: ${action.type}`);
  return move(state, action);
}

/** What must survive a reload in the middle of an order, or null. */
export function pendingOf(state, now) {
  if (state.screen !== 'issuing') return null;
  return { unit: state.unit, service: state.service, tier: state.tier, key: state.key, language: state.language, large: state.large, at: now };
}

/** A pending order worth resuming: complete, and neither old nor from the future (clock change). */
export function resumable(pending, now) {
  const age = now - (pending?.at ?? 0);
  return Boolean(pending?.service && pending.tier && pending.key && pending.language) && age >= 0 && age < PENDING_MS;
}

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** How well a service answers the words; 0 = one of them is nowhere. The name counts most. */
function score(service, words) {
  const fields = [[service.name, 4], [(service.keywords ?? []).join(' '), 3], [service.official_name ?? '', 2], [service.description ?? '', 1]];
  const texts = fields.map(([text, weight]) => [` ${plain(text)}`, weight]);
  let total = 0;
  for (const word of words) {
    // Whole beginnings of words count double, so that "iss" finds ISS before "emissão".
    const found = texts.map(([text, weight]) => (text.includes(` ${word}`) ? weight * 2 : text.includes(word) && word.length > 2 ? weight : 0));
    const best = Math.max(...found);
    if (best === 0) return 0;
    total += best;
  }
  return total;
}

/** Services that hold every word typed, best first; accents and case do not matter. */
export function searchServices(categories, query) {
  const words = plain(query).split(/[^\p{L}\p{N}]+/u).filter(Boolean);
  if (words.length === 0) return [];
  return categories.flatMap((c) => c.services)
    .map((service) => [score(service, words), service])
    .filter(([points]) => points > 0)
    .sort((a, b) => b[0] - a[0])
    .map(([, service]) => service);
}

/** A service of the menu by id, or null when a newer menu no longer has it. */
export function findService(menu, id) {
  for (const category of menu?.categories ?? []) {
    const service = category.services.find((s) => s.id === id);
    if (service) return service;
  }
  return null;
}

/** Waiting people of a whole category, for its tile. */
export const waitingIn = (category) => category.services.reduce((sum, s) => sum + s.waiting, 0);
