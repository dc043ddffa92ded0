/** Ordering the ticket and watching the paper: every retry carries the key of the first press. */
import { newKey } from 'vez/api.js';
import { readText, writeText } from 'vez/store.js';
import { pendingOf, resumable, settled } from './state.js';

const RETRY_MS = [1000, 2000, 4000, 8000];
const WATCH_MS = 700;
const LATE_MS = 12_000; // paper that has not come by now: the citizen needs another way

/** `dispatch(action)` and `read()` (the state now) belong to the kiosk; `name` keeps kiosks apart. */
export function createOrder({ unit, api, dispatch, read, language, printerState, largePrint = () => false, place = () => unit }) {
  const store = `kiosk.${unit}.pending`;
  let retryTimer = null;
  let watchTimer = null;
  let sending = null;

  /** Keep the order over a reload: the key must outlive the page, or a reload could order twice. */
  function remember() {
    const pending = pendingOf(read(), Date.now());
    writeText(store, pending ? JSON.stringify(pending) : null);
  }

  function issue(tier) {
    if (read().screen !== 'service') return;
    dispatch({ type: 'issue', unit: place(), tier, key: newKey(), language: language.value, large: largePrint() });
    remember();
    send();
  }

  /** Take up an order that a reload interrupted. */
  function resume() {
    let pending = null;
    try { pending = JSON.parse(readText(store)); } catch { /* unreadable: nothing to resume */ }
    if (!resumable(pending, Date.now())) { writeText(store, null); return; }
    dispatch({ type: 'resume', pending });
    send();
  }

  async function send() {
    clearTimeout(retryTimer);
    const { key, unit: ordering, service, tier, language: ordered, large, attempt, screen } = read();
    if (screen !== 'issuing' || sending === key) return;
    sending = key;
    try {
      const body = { service, tier, language: ordered, ...(large && { large_print: true }) };
      const answer = await api.post(`/units/${encodeURIComponent(ordering ?? unit)}/tickets`, body, { key });
      dispatch({ type: 'issued', key, ticket: answer.ticket, job: answer.print_job ?? null, printer: printerState() });
      remember();
      watch();
    } catch (error) {
      settle(error, key, attempt);
    } finally {
      if (sending === key) sending = null;
    }
  }

  function settle(error, key, attempt) {
    const again = error.network || error.status === 429 || error.status >= 500;
    if (!again) {
      dispatch({ type: 'refused', key, code: error.code });
      remember();
      return;
    }
    dispatch({ type: 'unanswered', key });
    retryTimer = setTimeout(retry, RETRY_MS[Math.min(attempt, RETRY_MS.length) - 1]);
  }

  function retry() {
    if (read().screen !== 'issuing' || sending) return;
    dispatch({ type: 'retry' });
    dispatch({ type: 'unanswered', key: read().key }); // the words stay until an answer comes
    send();
  }

  function watch(since = performance.now()) {
    clearTimeout(watchTimer);
    const { screen, job, print } = read();
    if (screen !== 'done' || !job || print === 'printed' || settled({ print })) return;
    if (performance.now() - since > LATE_MS) dispatch({ type: 'printLate' });
    watchTimer = setTimeout(async () => {
      try {
        const { job: now } = await api.get(`/print-jobs/${job.id}`, { timeout: 4000 });
        dispatch({ type: 'printed', job: now });
      } catch { /* asked again in a moment; LATE_MS decides what the citizen sees */ }
      watch(since);
    }, WATCH_MS);
  }

  /** Ask for a second copy; rejects when the server refuses or is away. */
  async function reprint(key) {
    const { ticket } = read();
    const { print_job: job } = await api.post(`/tickets/${ticket.id}/reprint`, { reason: 'kiosk' }, { key });
    dispatch({ type: 'reprint', job });
    watch();
  }

  /** The citizen has the paper, or noted the number: nothing more is printed. Rejects as `reprint` does. */
  async function confirm() {
    const { job } = read();
    const { job: now } = job ? await api.post(`/print-jobs/${job.id}/confirm`, {}) : { job: null };
    if (now) dispatch({ type: 'confirmed', job: now });
  }

  function stop() {
    clearTimeout(retryTimer);
    clearTimeout(watchTimer);
    remember();
  }

  return { issue, resume, retry, reprint, confirm, stop };
}
