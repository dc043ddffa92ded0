/** Puts the panel together: token, clock, sound, live events and picture. */
import { createApi } from 'vez/api.js';
import { boot, deviceToken, effect, html, render, signal, untracked } from 'vez/dom.js';
import { createI18n, DEFAULT_LANGUAGE, loadCatalogs } from 'vez/i18n.js';
import { Pairing } from 'vez/pair.js';
import { persisted } from 'vez/store.js';
import { createClock } from './clock.js';
import { follow, LOST } from './follow.js';
import { createModel, createReader } from './model.js';
import { createRunner } from './runner.js';
import { createSound } from './sound.js';
import { begin, settle } from './state.js';
import { followUpdates } from 'vez/update.js';
import { Panel, UnknownUnit } from './view.js';
import { createVoice } from './voice.js';

const HEARTBEAT_MS = 15_000;
const MENU_MS = 30_000;
const SETTINGS_MS = 300_000;
const CLOCK_MS = 60_000;
const RETRY_TOKEN_MS = 30_000;

/** Run now and every so often. The panel lives as long as its page: nothing stops these. */
function every(ms, work) {
  work();
  setInterval(work, ms);
}

/** Sound, voice and the runner that takes the calls from the state, one at a time. */
function createAnnouncer({ model, i18n, token, spoken }) {
  const { panel, settings, unit } = model;
  const wish = () => settings.value.sound;
  const languages = () => (wish().languages.length ? wish().languages : [i18n.language.value]);
  const voice = createVoice({ unit, token, languages, tIn: i18n.tIn });
  const sound = createSound({ voice, volume: () => wish().volume, enabled: () => wish().enabled });

  function take() {
    if (!panel.value.queue.length) return null;
    panel.value = begin(panel.value);
    const { current, queue } = panel.value;
    // Kept before it is heard: a reload in the middle must not announce it again.
    spoken.value = current.seq;
    if (queue.length) sound.prefetch(queue[0]);
    return { call: current, waiting: queue.length };
  }

  const runner = createRunner({
    take,
    sound,
    // Each language is said at least once, unless the voice is switched off.
    repeat: () => wish().repeat && Math.max(wish().repeat, languages().length),
    done: () => { panel.value = settle(panel.value); },
    onStall: () => { sound.status.value = 'stalled'; },
  });
  return { sound, wake: runner.wake };
}

/** Say how this screen is: the supervisor sees it, and how far behind it is. */
function heartbeat({ api, model, sound }) {
  if (model.lost.value) return;
  const { seq, queue } = model.panel.value;
  const visible = document.visibilityState === 'visible';
  const heard = { seq, audio: sound.status.value, voice: sound.voiceSource.value, visible, queue: queue.length };
  api.post('/devices/heartbeat', { state: heard }).catch(() => {});
}

/** A TV must not fall asleep while people wait. Where the browser cannot ask for it, its set-up must. */
function stayAwake() {
  const ask = () => { if (document.visibilityState === 'visible') navigator.wakeLock?.request('screen').catch(() => {}); };
  document.addEventListener('visibilitychange', ask);
  ask();
}

function keepTime(clock, model) {
  const minuteOf = (ms) => Math.floor(ms / 60_000);
  every(CLOCK_MS, clock.measure);
  every(1000, () => {
    // The signal changes once a minute, and so does the picture.
    if (minuteOf(clock.now()) !== minuteOf(model.minute.value)) model.minute.value = clock.now();
  });
}

function applyLook(model, i18n) {
  effect(() => {
    const { contrast, language } = model.settings.value;
    if (contrast === 'high') document.documentElement.dataset.contrast = 'high';
    else delete document.documentElement.dataset.contrast;
    // Not the browser's language: a TV box often speaks English, and the room does not.
    i18n.setLanguage(language ?? DEFAULT_LANGUAGE);
  });
}

/** From the first token on: follow the unit, beat, and come back by itself when a refused token works again. */
function serve({ api, model, reader, announcer, token }) {
  const onLost = () => { model.lost.value = true; };
  let following = null;
  effect(() => {
    const lost = model.lost.value;
    untracked(() => {
      if (lost) following?.stop();
      else following = follow({ api, token: token(), model, reader, changed: announcer.wake, onLost });
    });
  });
  every(SETTINGS_MS, reader.readSettings);
  every(HEARTBEAT_MS, () => heartbeat({ api, model, sound: announcer.sound }));
  // A server restored from an old copy may refuse a good token for a while.
  setInterval(() => {
    if (model.lost.value) api.get('/devices/me').then(() => { model.lost.value = false; }, () => {});
  }, RETRY_TOKEN_MS);
  announcer.sound.unlock();
}

/** The device's token, as a signal for the picture and a function for whoever speaks to the server. */
function createPairing({ unit, api, model, onFirst }) {
  const token = signal(deviceToken('panel', unit));
  let first = true;
  function onPaired(given) {
    token.value = given;
    api.setToken(given);
    model.lost.value = false;
  }
  function watch() {
    effect(() => {
      if (!first || token.value === null) return;
      first = false;
      api.setToken(token.value);
      untracked(onFirst);
    });
  }
  return { token, onPaired, watch };
}

async function main() {
  const unit = decodeURIComponent(location.pathname.split('/').filter(Boolean).at(-1));
  const clock = createClock({ url: location.pathname });
  const spoken = persisted(`panel.spoken.${unit}`, null);
  const model = createModel({ unit, query: new URLSearchParams(location.search), clock, spoken });
  const api = createApi({ onAuthLost: (error) => { if (LOST.includes(error.code)) model.lost.value = true; } });
  const i18n = createI18n(await loadCatalogs('/panel/static/i18n'), model.settings.value.language ?? DEFAULT_LANGUAGE);
  const reader = createReader({ api, model, language: () => i18n.language.value });
  const pairing = createPairing({ unit, api, model, onFirst: () => serve({ api, model, reader, announcer, token }) });
  const token = () => pairing.token.peek();
  const announcer = createAnnouncer({ model, i18n, token, spoken });

  applyLook(model, i18n);
  keepTime(clock, model);
  effect(() => { api.setLanguage(i18n.language.value); reader.readMenu(); });
  setInterval(reader.readMenu, MENU_MS);
  for (const touch of ['pointerdown', 'keydown']) document.addEventListener(touch, announcer.sound.unlock);
  stayAwake();
  followUpdates({ version: boot().version, quiet: () => model.panel.peek().phase !== 'calling' && !model.panel.peek().queue.length });

  function App() {
    if (model.unknown.value) return html`<${UnknownUnit} t=${i18n.t} />`;
    if (pairing.token.value === null || model.lost.value) {
      return html`<${Pairing} kind="panel" unit=${unit} i18n=${i18n} onPaired=${pairing.onPaired} />`;
    }
    return html`<${Panel} model=${model} sound=${announcer.sound} i18n=${i18n} />`;
  }
  render(html`<${App} />`, document.getElementById('app'));
  pairing.watch();
}

main();
