/**
 * The server's time on a screen whose own clock may be wrong or be changed while it runs: a steady
 * counter of the browser, corrected by the `Date` header of an answer of the server.
 */

const TIMEOUT_MS = 4000;
/** The header has whole seconds only: differences below this are its rounding, not ours to follow. */
const GRAIN_MS = 1500;

const steady = () => performance.timeOrigin + performance.now();

/** `now()` in milliseconds; `measure()` asks the server (never rejects; false when it did not answer). */
export function createClock({ url, fetch = globalThis.fetch, base = steady }) {
  let offset = 0;

  async function measure() {
    const asked = base();
    try {
      const response = await fetch(url, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
      const date = Date.parse(response.headers.get('Date') ?? '');
      if (Number.isNaN(date)) return false;
      const difference = date + 500 - (asked + base()) / 2;
      if (Math.abs(difference - offset) > GRAIN_MS) offset = difference;
      return true;
    } catch {
      return false;
    }
  }

  return { now: () => base() + offset, measure };
}
