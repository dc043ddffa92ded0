/**
 * One press, one command: a key per press, one command at a time, the same key on every retry.
 *
 * No DOM and no framework: a test drives it with a fake api and a fake timer. The rules:
 *  - while a command is under way, another press is ignored (`run` answers `{ignored: true}`);
 *  - no answer (network, time-out, 5xx, 429): the same request with the same Idempotency-Key is sent again,
 *    until it is answered or the person gives up, so a command is done once or not at all;
 *  - a lost session keeps the command: `resume()` after the login sends it again, same key;
 *  - a refusal is an answer: it ends the command and is handed back.
 */

import { alreadyDone } from './state.js';

/** Pauses before each retry, in milliseconds; the last one repeats. */
export const RETRY_DELAYS = Object.freeze([800, 1500, 3000, 5000]);

const LOST_SESSION = new Set(['not_authenticated', 'session_expired']);

/** True when nothing is known about what the server did: only the same key makes a second try safe. */
export function isUnanswered(error) {
  return Boolean(error?.network) || error?.status >= 500 || error?.status === 429;
}

/** True when the command was not even looked at for lack of a session. */
export function isSessionLost(error) {
  return error?.status === 401 && (LOST_SESSION.has(error.code) || !error.code);
}

/** What `onStatus` hears when nothing is under way. */
const IDLE = Object.freeze({ action: null, phase: 'idle', tries: 0 });

/**
 * @param {object} options `post(path, body, {key})` sends; `newKey()` makes a key; `onStatus(status)` gets
 *   `{action, phase: "idle"|"sending"|"waiting"|"session", tries}` on each change; `after(ms, fn)` returns a
 *   cancel function (default: setTimeout).
 */
export function createCommands({ post, newKey, onStatus = () => {}, after = later }) {
  let current = null;

  function tell(phase) {
    if (current) current.phase = phase;
    onStatus(current ? { action: current.action, phase, tries: current.tries } : IDLE);
  }

  function settle(outcome) {
    const done = current;
    current = null;
    tell('idle');
    done.resolve(outcome);
  }

  async function attempt() {
    const mine = current;
    mine.tries += 1;
    tell('sending');
    try {
      const answer = await post(mine.path, mine.body, { key: mine.key });
      if (current === mine) settle({ answer, tries: mine.tries });
    } catch (error) {
      if (current === mine) failed(mine, error);
    }
  }

  function failed(mine, error) {
    if (isSessionLost(error)) return tell('session');
    if (isUnanswered(error)) {
      const delay = RETRY_DELAYS[Math.min(mine.tries, RETRY_DELAYS.length) - 1];
      mine.cancel = after(delay, attempt);
      return tell('waiting');
    }
    // A second try may meet what the first, unanswered one already did.
    if (mine.tries > 1 && alreadyDone(mine.action, error)) return settle({ answer: null, tries: mine.tries });
    return settle({ error, tries: mine.tries });
  }

  return {
    /** Send one command. Resolves to `{answer}`, `{error}`, `{givenUp: true}` or `{ignored: true}`; never rejects. */
    run(action, path, body = {}) {
      if (current) return Promise.resolve({ ignored: true });
      return new Promise((resolve) => {
        current = { action, path, body, key: newKey(), tries: 0, phase: 'new', resolve, cancel: () => {} };
        attempt();
      });
    },
    /** Try again now: after a login, or when the connection is back. Does nothing while a try is under way. */
    resume() {
      if (!current || current.phase === 'sending') return;
      current.cancel();
      attempt();
    },
    /** Stop trying. The server may have done it all the same: the caller reads the state again. */
    giveUp() {
      if (!current) return;
      current.cancel();
      settle({ givenUp: true });
    },
    get busy() {
      return current?.action ?? null;
    },
  };
}

function later(milliseconds, task) {
  const id = setTimeout(task, milliseconds);
  return () => clearTimeout(id);
}
