/**
 * Trying again after a refusal: later each time, at most every fifteen seconds, and the screens of a city not all in
 * the same instant.
 */
/** Refused for who we are: asking again does not mend it. */
export const IDENTITY = ['not_authenticated', 'device_revoked', 'session_expired'];

const FIRST_MS = 1000;
const MOST_MS = 15000;

/** `later(task)` runs it after a pause, in place of one that still waits; `succeeded()` makes the pauses short again. */
export function createRetry() {
  let timer = null;
  let refusals = 0;
  const cancel = () => clearTimeout(timer);
  return {
    cancel,
    later(task) {
      cancel();
      const pause = Math.min(MOST_MS, FIRST_MS * 2 ** refusals);
      refusals += 1;
      timer = setTimeout(task, pause * (0.5 + Math.random() / 2));
    },
    succeeded() {
      cancel();
      refusals = 0;
    },
  };
}
