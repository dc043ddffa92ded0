/**
 * Keeping a screen true: one rule for every screen.
 * A snapshot carries `seq`; an event is applied when `seq == last + 1`, ignored when older, and
 * anything else (a gap, a reconnection) is caught up with `events?after=last`, or with the board.
 * While the socket is down the same address is polled, and `status` says so.
 */
import { signal } from '@preact/signals-core';
import { io as socketIo } from 'socket.io-client';

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
  let retry = null;

  const heard = (n) => { if (n > top) top = n; lag.value = Math.max(0, top - (seq.value ?? 0)); };

  function take(board) {
    if (board.seq < (seq.value ?? 0)) top = board.seq; // the server was restored from a backup
    seq.value = board.seq;
    heard(board.seq);
    try {
      onSnapshot(board);
    } catch (error) {
      report(error);
    }
  }

  /** Believe the board even where it does not reach a number that was announced. */
  async function takeBoard() {
    const board = await api.get(`/units/${unit}/board`);
    take(board);
    return board;
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

  function takeAnswer(answer) {
    if (answer.snapshot) take(answer.snapshot);
    else for (const event of answer.events ?? []) if (!apply(event)) break;
    if (Number.isInteger(answer.seq)) {
      // Behind us: the server was restored from a backup. Only a snapshot is true then.
      if (!answer.snapshot && answer.seq < (seq.value ?? 0)) return 'reset';
      heard(answer.seq);
    }
    return answer.more || top > (seq.value ?? 0) ? 'more' : 'done';
  }

  async function fetchMissing() {
    let state = 'more';
    for (let round = 0; state !== 'done' && round < 100 && !stopped; round += 1) {
      const before = seq.value;
      if (before === null || state === 'reset' || doubt) {
        doubt = false;
        await takeBoard();
        state = top > seq.value ? 'more' : 'done';
      } else {
        state = takeAnswer(await api.get(`/units/${unit}/events?after=${before}&limit=${PAGE}`));
        if (state === 'more' && seq.value === before) state = 'done'; // told of events not readable yet
      }
    }
    await stillMissing();
  }

  /** Nothing more could be read. Are numbers missing all the same, then look again soon; in the end take the board. */
  async function stillMissing() {
    clearTimeout(retry);
    vain = top > (seq.value ?? 0) && !stopped ? vain + 1 : 0;
    if (vain > FRUITLESS) {
      vain = 0;
      top = (await takeBoard()).seq;
      heard(top);
    } else if (vain > 0) {
      retry = setTimeout(catchUp, MISSING_MS);
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
    let answer;
    try {
      answer = await socket.timeout(JOIN_MS).emitWithAck('join', { unit, after: seq.value });
    } catch {
      socket?.disconnect().connect(); // no answer in time: a fresh connection, polling meanwhile
      return;
    }
    if (stopped) return;
    if (answer?.error) { refused(answer.error); return; }
    joined = true;
    status.value = 'live';
    if (takeAnswer(answer) !== 'done' || doubt) catchUp();
    schedule();
  }

  function refused(error) {
    joined = false;
    if (['not_authenticated', 'device_revoked', 'session_expired'].includes(error?.code)) socket.disconnect();
    onError(error);
    lost();
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
    socket.on('disconnect', lost);
    socket.on('connect_error', (error) => { if (error?.data?.code) onError(error.data); });
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
    clearTimeout(timer);
    clearTimeout(retry);
    socket?.disconnect();
    socket = null;
    globalThis.removeEventListener?.('online', wake);
    globalThis.document?.removeEventListener('visibilitychange', wake);
  }

  return { status, lag, seq, start, stop, catchUp };
}
