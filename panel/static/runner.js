/**
 * Announces calls one at a time: takes one, plays it, keeps it a moment, takes the next.
 *
 * The watchdog lives here: whatever the sound does (blocked, stalled, missing device, a promise that
 * never settles), an announcement ends at its limit and the screen goes on.
 */
import { pace } from './state.js';

/** Resolves after so many milliseconds. */
export const sleep = (ms) => new Promise((resolve) => { setTimeout(resolve, ms); });

/** The sounds of one announcement: chime, then the voice `repeat` times. False when nothing was heard. */
async function sounds(sound, call, step, wait) {
  if (!(await sound.chime(step.chime))) return false;
  for (let time = 0; time < step.repeat; time += 1) {
    if (time > 0) await wait(step.gap);
    await sound.speak(call, time);
  }
  return true;
}

/**
 * `take()` makes the next call current and gives `{call, waiting}` or null; `done()` ends it;
 * `sound` is `{chime(kind), speak(call, time), stop()}`; `onStall()` hears that the limit was reached.
 * `wait` and `clock` (milliseconds, steady) can be replaced in tests.
 */
export function createRunner({ take, done, sound, repeat = () => 2, onStall = () => {}, wait = sleep, clock = () => performance.now() }) {
  let running = false;
  let asked = false;

  async function announce({ call, waiting }) {
    const step = pace(waiting, repeat());
    const started = clock();
    const played = sounds(sound, call, step, wait).catch(() => false).then(() => 'played');
    const ended = await Promise.race([played, wait(step.limit).then(() => 'limit')]);
    if (ended === 'limit') onStall();
    // Nothing of this call may be heard once the next one is on the screen.
    sound.stop();
    const left = step.minimum - (clock() - started);
    if (left > 0) await wait(left);
    done();
  }

  async function run() {
    for (let next = take(); next; next = take()) await announce(next);
  }

  /** Start announcing if calls wait and none is being announced. Safe to call at any time. */
  async function wake() {
    // A call may come after `run` found nothing and before it has returned: it must not be slept over.
    asked = true;
    if (running) return;
    running = true;
    try {
      while (asked) {
        asked = false;
        await run();
      }
    } finally {
      running = false;
    }
  }

  return { wake };
}
