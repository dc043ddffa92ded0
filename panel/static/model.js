/** Everything the picture reads, as signals, and the reading of menu and settings. */
import { emptyBoard } from 'vez/board.js';
import { computed, effect, signal } from 'vez/dom.js';
import { settingsFrom } from './settings.js';
import * as state from './state.js';

/** `clock` gives the server's time; `spoken` is the persisted seq of the last call announced here. */
export function createModel({ unit, query, clock, spoken }) {
  const board = signal(emptyBoard(unit));
  const menu = signal(null);
  const raw = signal(null);
  const settings = computed(() => settingsFrom(raw.value, query));
  const panel = signal(state.emptyPanel({ spoken: spoken.value }));
  effect(() => {
    const { filter, freshSeconds } = settings.value;
    panel.value = state.withSettings(panel.peek(), { filter, freshSeconds });
  });
  return {
    unit,
    panel,
    board,
    menu,
    raw,
    settings,
    now: clock.now,
    minute: signal(clock.now()),
    timeZone: computed(() => menu.value?.unit?.timezone),
    status: signal('connecting'),
    lost: signal(false),
    unknown: signal(false),
  };
}

/** The menu (names, forecasts, the unit's message) and the settings of panels, asked again now and then. */
export function createReader({ api, model, language }) {
  const { unit } = model;
  let pending = null;

  async function readMenu() {
    try {
      model.menu.value = await api.get(`/units/${unit}/menu?lang=${language()}`);
      model.unknown.value = false;
    } catch (error) {
      if (error.code === 'unknown_unit') model.unknown.value = true;
    }
  }

  async function readSettings() {
    try {
      const answer = await api.get(`/units/${unit}/panel`);
      const read = answer?.settings ?? answer;
      // The same again is no change: a film must not begin anew each time.
      if (JSON.stringify(read) !== JSON.stringify(model.raw.value)) model.raw.value = read;
    } catch {
      // An older server has no settings for panels, or the network is away: keep what we have.
    }
  }

  /** Soon after something changed, but once for a burst of changes. */
  function menuSoon() {
    pending ??= setTimeout(() => { pending = null; readMenu(); }, 2000 + Math.random() * 2000);
  }

  return { readMenu, readSettings, menuSoon };
}
