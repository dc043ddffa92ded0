/** The units this kiosk serves: its own, and those that the staff have added; the citizen chooses among them. */
import { signal } from 'vez/dom.js';

const EVERY_MS = 60_000;

/**
 * `place` is a signal: the unit chosen now. `all`: `[{id, name, open}]`, empty while the kiosk serves one unit only.
 * The list is asked for again by itself: a unit may be added, or open, while the kiosk is running.
 */
export function createPlaces({ unit, api }) {
  const place = signal(unit);
  const all = signal([]);
  let timer = null;

  async function load() {
    clearTimeout(timer);
    try {
      const { device } = await api.get('/devices/me');
      const mine = [unit, ...(device.also ?? [])];
      const known = mine.length > 1 ? (await api.get('/units')).units : [];
      all.value = known.filter(({ id }) => mine.includes(id));
    } catch { /* what is known stays */ }
    timer = setTimeout(load, EVERY_MS);
  }

  return { place, all, load, stop: () => clearTimeout(timer) };
}
