/** Nobody there any more: ask, count down, and go to rest. */
import { signal } from 'vez/dom.js';

const ASK_SECONDS = 15;

/**
 * `left` is a signal: null while somebody is there, else the seconds until rest.
 * `limit()` gives the seconds of silence before asking (0 = never, e.g. at rest with nothing changed);
 * `silent()` true means the end comes without a question (the done screen shows its own countdown).
 * Timers run on the monotonic clock: a corrected wall clock throws nobody out.
 */
export function createIdle({ limit, silent, onEnd }) {
  const left = signal(null);
  const remaining = signal(null);
  let last = performance.now();

  function touch() {
    last = performance.now();
    left.value = null;
    tick();
  }

  function tick() {
    const allowed = limit();
    if (!allowed) { left.value = null; remaining.value = null; last = performance.now(); return; }
    const quiet = (performance.now() - last) / 1000;
    const ask = silent() ? 0 : ASK_SECONDS;
    remaining.value = Math.max(0, Math.ceil(allowed - quiet));
    left.value = quiet < allowed || silent() ? null : Math.max(0, Math.ceil(allowed + ask - quiet));
    if (quiet >= allowed + ask) { last = performance.now(); left.value = null; onEnd(); }
  }

  /** Any sign of life. While asked, one inside the question gives time to answer, and the answer decides. */
  function alive(event) {
    if (left.value !== null && event.target.closest?.('[data-idle] > *')) last = performance.now() - limit() * 1000;
    else touch();
  }

  const timer = setInterval(tick, 500);
  for (const name of ['pointerdown', 'keydown', 'scroll']) addEventListener(name, alive, { capture: true, passive: true });
  return { left, remaining, touch, stop: () => clearInterval(timer) };
}
