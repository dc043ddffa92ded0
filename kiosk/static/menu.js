/** The menu of the unit, kept fresh by polling, in each language that was asked for. */
import { computed, signal } from 'vez/dom.js';

const EVERY_MS = 8000;
const AWAY_MS = 3000;
const AWAY_AFTER = 2; // failures in a row before the screen says so: one lost packet alarms nobody

/**
 * `unit()` is the unit chosen now. `menu` is a signal: its newest answer in the current language (or, while that one
 * is on its way, in another). `status` as in live.js: connecting, live, polling (one failure), offline.
 */
export function createMenu({ unit, api, language }) {
  const byLanguage = signal({});
  const newest = signal(null);
  const failures = signal(0);
  const loaded = signal(false);
  const missing = signal(null); // code of a refusal, e.g. unknown_unit
  let timer = null;
  let turn = 0;

  const name = () => `${unit()} ${language.value}`;
  const menu = computed(() => {
    const mine = byLanguage.value[name()];
    const here = newest.value?.unit.id === unit() ? newest.value : null;
    return mine ? freshened(mine, here) : here;
  });
  const status = computed(() => {
    if (failures.value >= AWAY_AFTER) return 'offline';
    if (failures.value > 0) return loaded.value ? 'polling' : 'connecting';
    return loaded.value ? 'live' : 'connecting';
  });

  async function load() {
    const lang = language.value;
    const asked = name();
    const mine = ++turn;
    clearTimeout(timer);
    try {
      const answer = await api.get(`/units/${encodeURIComponent(unit())}/menu?lang=${lang}`, { timeout: 5000 });
      if (mine !== turn) return; // a newer question is under way: answers may arrive out of order
      byLanguage.value = { ...byLanguage.value, [asked]: answer };
      newest.value = answer;
      loaded.value = true;
      missing.value = null;
      failures.value = 0;
    } catch (error) {
      if (mine !== turn) return;
      if (error.status === 404) missing.value = error.code;
      failures.value += 1;
    }
    timer = setTimeout(load, failures.value ? AWAY_MS : EVERY_MS);
  }

  return { menu, status, missing, load, stop: () => { turn += 1; clearTimeout(timer); } };
}

/** Names in one language, numbers and opening from the newest answer, whatever its language. */
function freshened(menu, newest) {
  if (!newest || menu === newest) return menu;
  const live = new Map(newest.categories.flatMap((c) => c.services).map((s) => [s.id, s]));
  const pick = ({ open, closed_reason, capped_tiers, next_opening, waiting, estimate }) => (
    { open, closed_reason, capped_tiers, next_opening, waiting, estimate });
  const categories = menu.categories.map((c) => ({
    ...c, services: c.services.filter((s) => live.has(s.id)).map((s) => ({ ...s, ...pick(live.get(s.id)) })),
  }));
  return { ...menu, categories, printer: newest.printer, unit: { ...menu.unit, open: newest.unit.open, next_opening: newest.unit.next_opening } };
}
