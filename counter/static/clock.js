/**
 * The server's clock as known here. Counter computers are often minutes wrong, and a countdown to "absent"
 * computed with a wrong clock would lie.
 *
 * Two sources: the `Date` header of an answer (`measure`), and the time of something the server did for us just
 * now (`observe`). Between them a steady counter of the browser, which does not jump when somebody sets the clock.
 */

const TIMEOUT_MS = 4000;
/** Travel time and whole seconds: differences below this are not ours to follow. */
const GRAIN_MS = 1500;

const steady = () => performance.timeOrigin + performance.now();

/** `now()` in milliseconds since the epoch; `measure(url)` and `observe(iso)` correct it. */
export function createClock({ base = steady, fetch = globalThis.fetch } = {}) {
  let offset = 0;

  function correct(difference) {
    if (!Number.isNaN(difference) && Math.abs(difference - offset) > GRAIN_MS) offset = difference;
  }

  return {
    now: () => base() + offset,
    /** A time that the server wrote while it answered this very request. */
    observe(iso) {
      correct(Date.parse(iso) - base());
    },
    /** Ask for the page's headers. Never rejects: without an answer the clock stays as it is. */
    async measure(url) {
      const asked = base();
      try {
        const response = await fetch(url, { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(TIMEOUT_MS) });
        const date = Date.parse(response.headers.get('Date') ?? '');
        correct(date + 500 - (asked + base()) / 2);
      } catch {
        // No answer: whatever else waits for the server says so.
      }
    },
  };
}

/** The moment of `hh:mm` on the day that a unit has now, as ISO text; `timeZone` is the unit's, whatever the computer's is. */
export function todayAt(time, timeZone, now) {
  const there = new Date(now).toLocaleString('sv-SE', { timeZone });
  const ahead = Date.parse(`${there.replace(' ', 'T')}Z`) - Math.floor(now / 1000) * 1000;
  return new Date(Date.parse(`${there.slice(0, 10)}T${time}:00Z`) - ahead).toISOString();
}
