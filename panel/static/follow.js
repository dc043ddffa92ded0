/** Follows the journal of the unit: board and calls stay true, whatever the network does. */
import { applyEvent as foldBoard } from 'vez/board.js';
import { showBrand } from 'vez/brand.js';
import { effect } from 'vez/dom.js';
import { createLive } from 'vez/live.js';
import * as state from './state.js';

const MISSED_PAGE = 500;
/** Refusals that no retry mends: this device must be paired again. */
export const LOST = ['not_authenticated', 'device_revoked'];

/** Takes in what the journal tells: board and calls. `changed()` is called after each change of the calls. */
export function createReception({ api, model, reader, changed }) {
  const { unit, panel, board } = model;
  let reading = false;
  const later = [];

  /**
   * Calls made while this page was being reloaded. The board keeps twelve, the journal all of them:
   * read on from the last call announced here, before the board is taken as the first picture.
   */
  async function readMissed(first) {
    const { seq, spoken } = panel.value;
    if (seq !== null || spoken === null || spoken >= first.seq) return;
    const { events = [] } = await api.get(`/units/${unit}/events?after=${spoken}&limit=${MISSED_PAGE}`).catch(() => ({}));
    const missed = events.filter((event) => event.seq <= first.seq);
    if (missed.length) panel.value = missed.reduce((now, event) => state.applyEvent(now, event, model.now()), { ...panel.value, seq: spoken });
  }

  /** What comes while the journal is read waits for it: out of order it would look like a restored backup. */
  async function onSnapshot(snapshot) {
    board.value = snapshot;
    if (reading) { later.push(() => show(snapshot)); return; }
    reading = true;
    try {
      await readMissed(snapshot);
    } finally {
      reading = false;
      show(snapshot);
      for (const next of later.splice(0)) next();
      changed();
    }
  }

  function show(snapshot) {
    panel.value = state.applySnapshot(panel.value, snapshot, model.now());
  }

  function take(event) {
    panel.value = state.applyEvent(panel.value, event, model.now());
    if (event.type === 'unit.changed') {
      reader.readSettings();
      if (event.data?.what === 'brand') showBrand(unit, event.seq);
    }
  }

  function onEvent(event) {
    board.value = foldBoard(board.value, event);
    if (reading) later.push(() => take(event));
    else {
      take(event);
      changed();
    }
    reader.menuSoon();
  }

  return { onSnapshot, onEvent };
}

/** `onLost()` is called when the token is refused; `stop()` ends it. */
export function follow({ api, token, model, reader, changed, onLost }) {
  const { unit } = model;
  const reception = createReception({ api, model, reader, changed });
  const onError = (error) => { if (LOST.includes(error.code)) onLost(); };
  const live = createLive({ unit, api, token, ...reception, onError });
  const unfollow = effect(() => { model.status.value = live.status.value; });
  live.start();
  return { stop() { unfollow(); live.stop(); } };
}
