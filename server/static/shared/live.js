/**
 * Keeping a screen true: one rule for every screen.
 * A snapshot carries `seq`; an event is applied when `seq == last + 1`, ignored when older, and
 * anything else (a gap, a reconnection) is caught up with `events?after=last`, or with the board.
 * Answers and events overtake each other: an answer is judged by what was held when it was asked for. Below that
 * number the server was restored from a backup; otherwise an answer behind what is held now is only old.
 * While the socket is down the same address is polled, and `status` says so. Who is refused asks again.
 */
import { signal } from '@preact/signals-core';
import { io as socketIo } from 'socket.io-client';
import { createRetry, IDENTITY } from './retry.js';

const POLL_MS = 2000;
const NET_MS = 30000; // even when live: a half-open socket must not leave a silent screen
const JOIN_MS = 5000;
const PAGE = 500;
const MISSING_MS = 1000; // a number that was announced but cannot be read yet: look again so soon
const FRUITLESS = 3; // and after so many looks in vain believe the board: that number may be gone for ever

/** To `window.onerror` and the console, without stopping who reports. */
function reportAnyway(error) {
  (globalThis.reportError ?? console.error)(error);
}

/**
 * `onSnapshot(board)` replaces all that is known; `onEvent(event)` is called once per event, in order.
 * `onError(error)` hears of refusals (ApiError, or the error of a join), e.g. a revoked token.
 * What `onSnapshot` or `onEvent` throw is given to `report` (the browser's own error event) and the board is taken
 * afresh: a fault in one screen must neither hide nor stop the journal.
 * Returns signals `status` ('connecting' | 'live' | 'polling' | 'offline'), `lag` (events known to exist
 * but not applied yet), `seq` (last applied, null before the first snapshot) and `start()`, `stop()`.
 */
export function createLive({ unit, api, token = null, onSnapshot, onEvent, onError = () => {}, report = reportAnyway, io = socketIo }) {
  const status = signal('connecting');
  const lag = signal(0);
  const seq = signal(null);
  let socket = null;
  let timer = null;
  let joined = false;
  let stopped = true;
  let top = 0; // highest seq heard of
  let work = null; // the catch-up under way: never two at once
  let again = false;
  let doubt = false; // a handler failed: what the screen holds may not be what the journal says
  let vain = 0; // catch-ups in a row that ended with numbers missing
  let look = null; // the timer of the next look for them
  let journals = 1; // one more each time the server turns out to be restored: older answers count no more
  const retry = createRetry();

  const asking = () => ({ seq: seq.value ?? 0, journal: journals });
  const heard = (n) => { if (n > top) top = n; lag.value = Math.max(0, top - (seq.value ?? 0)); };

  /** False when the board is older than what is held now; `asked`: what was held when it was asked for. */
  function take(board, asked) {
    const restored = board.seq < asked.seq;
    if (asked.journal !== journals || (!restored && board.seq < (seq.value ?? 0))) return false;
    if (restored) { journals += 1; top = board.seq; }
    seq.value = board.seq;
    heard(board.seq);
    doubt = false;
    try {
      onSnapshot(board);
    } catch (error) {
      report(error);
    }
    return true;
  }

  async function takeBoard() {
    const asked = asking();
    return take(await api.get(`/units/${unit}/board`), asked);
  }

  /** True when applied or old, false on a gap. */
  function apply(event) {
    heard(event.seq);
    if (seq.value === null) return false;
    if (event.seq <= seq.value) return true;
    if (event.seq !== seq.value + 1) return false;
    seq.value = event.seq;
    heard(event.seq);
    try {
      onEvent(event);
    } catch (error) {
      doubt = true;
      report(error);
    }
    return true;
  }

  /** Whether something is missing. Of a restored journal we have ignored what looked old, and must ask once more. */
  const unsure = (asked) => doubt || asked.journal !== journals || top > (seq.value ?? 0);

  /** 'done'; 'more' when something is still missing; 'reset' when only a board is true now. */
  function takeAnswer(answer, asked) {
    if (asked.journal !== journals) return 'more';
    if (answer.snapshot) take(answer.snapshot, asked);
    else if (answer.seq < asked.seq) return 'reset';
    else for (const event of answer.events ?? []) if (!apply(event)) break;
    if (Number.isInteger(answer.seq)) heard(answer.seq);
    return answer.more || unsure(asked) ? 'more' : 'done';
  }

  async function fetchMissing() {
    let state = 'more';
    for (let round = 0; state !== 'done' && round < 100 && !stopped; round += 1) {
      const before = seq.value;
      const asked = asking();
      if (before === null || state === 'reset' || doubt) {
        await takeBoard();
        state = unsure(asked) ? 'more' : 'done';
      } else {
        state = takeAnswer(await api.get(`/units/${unit}/events?after=${before}&limit=${PAGE}`), asked);
        if (state === 'more' && seq.value === before) state = 'done'; // told of events not readable yet
      }
    }
    await stillMissing();
  }

  /** Nothing more could be read. Are numbers missing all the same, then look again soon; in the end take the board. */
  async function stillMissing() {
    clearTimeout(look);
    vain = top > (seq.value ?? 0) && !stopped ? vain + 1 : 0;
    if (vain > FRUITLESS && await takeBoard()) {
      // Believe the board even where it does not reach a number that was announced.
      vain = 0;
      top = seq.value;
      heard(top);
    } else if (vain > 0) {
      look = setTimeout(catchUp, MISSING_MS);
    }
    // Not "live" while something is missing: the word must be true.
    if (joined) status.value = vain > 1 ? 'polling' : 'live';
  }

  /** Fetch until nothing is missing. Resolves to true when the server answered. */
  function catchUp() {
    if (work) { again = true; return work; }
    work = (async () => {
      try {
        do { again = false; await fetchMissing(); } while (again && !stopped);
        return true;
      } catch (error) {
        if (!error.network) onError(error);
        return false;
      } finally {
        work = null;
      }
    })();
    return work;
  }

  async function tick() {
    const answered = await catchUp();
    if (stopped) return;
    if (!joined) status.value = answered ? 'polling' : 'offline';
    schedule();
  }

  function schedule() {
    clearTimeout(timer);
    // Spread over the period, so that the screens of a city do not all ask in the same instant.
    const wait = joined ? NET_MS * (0.75 + Math.random() / 2) : POLL_MS;
    timer = setTimeout(tick, wait);
  }

  async function join() {
    retry.cancel();
    const asked = asking();
    let answer;
    try {
      answer = await socket.timeout(JOIN_MS).emitWithAck('join', { unit, after: seq.value });
    } catch {
      socket?.disconnect().connect(); // no answer in time: a fresh connection, polling meanwhile
      return;
    }
    if (stopped) return;
    if (answer?.error) { refused(answer.error); return; }
    retry.succeeded();
    joined = true;
    status.value = 'live';
    if (takeAnswer(answer, asked) !== 'done') catchUp();
    schedule();
  }

  function refused(error) {
    const final = IDENTITY.includes(error?.code);
    if (final) socket.disconnect();
    onError(error);
    lost();
    if (!final && !stopped) retry.later(join);
  }

  /** The socket comes again by itself after a network fault, not after a refusal. */
  function notConnected(error) {
    if (error?.data?.code) onError(error.data);
    const code = error?.data?.code ?? error?.message;
    if (!stopped && !socket.active && !IDENTITY.includes(code)) reconnectLater();
  }

  function reconnectLater() {
    retry.later(() => { if (!socket.active) socket.connect(); });
  }

  function disconnected(why) {
    retry.cancel();
    lost();
    // The server hung up: our session ended, or it was replaced by another in this browser. Asking tells.
    if (!stopped && why === 'io server disconnect') reconnectLater();
  }

  function lost() {
    joined = false;
    if (stopped) return;
    if (status.value !== 'offline') status.value = seq.value === null ? 'connecting' : 'polling';
    clearTimeout(timer);
    timer = setTimeout(tick, 0);
  }

  function start() {
    if (!stopped) return;
    stopped = false;
    status.value = 'connecting';
    socket = io('/live', {
      path: '/socket.io', transports: ['websocket'], auth: (give) => give(token ? { token } : {}),
      reconnectionDelay: 500, reconnectionDelayMax: 5000,
    });
    socket.on('connect', join);
    socket.on('disconnect', disconnected);
    socket.on('connect_error', notConnected);
    socket.on('event', (event) => {
      if (!joined) heard(event.seq); // may overtake the answer to the join; that answer then sees a gap
      else if (!apply(event) || doubt) catchUp();
    });
    timer = setTimeout(tick, POLL_MS);
    globalThis.addEventListener?.('online', wake);
    globalThis.document?.addEventListener('visibilitychange', wake);
  }

  /** The network came back or the screen is looked at again: do not wait for the timer. */
  function wake() {
    if (!stopped && globalThis.document?.visibilityState !== 'hidden') catchUp();
  }

  function stop() {
    stopped = true;
    joined = false;
    journals += 1; // answers still on their way count no more
    clearTimeout(timer);
    clearTimeout(look);
    retry.cancel();
    socket?.disconnect();
    socket = null;
    globalThis.removeEventListener?.('online', wake);
    globalThis.document?.removeEventListener('visibilitychange', wake);
  }

  return { status, lag, seq, start, stop, catchUp };
}
