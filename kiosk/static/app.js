/** The kiosk's one controller: signals in, actions out. Views read `kiosk.*` and call its functions. */
import { createApi, newKey } from 'vez/api.js';
import { computed, effect, signal } from 'vez/dom.js';
import { createI18n } from 'vez/i18n.js';
import { createBell } from './bell.js';
import { createIdle } from './idle.js';
import { listenKeypad } from './keypad.js';
import { createMenu } from './menu.js';
import { createOrder } from './order.js';
import { createPin } from './pin.js';
import { createPlaces } from './places.js';
import { createPrefs } from './prefs.js';
import { createSpeech, nameOf, spelled, wordsOf } from './speech.js';
import { findService, REST, step } from './state.js';

const DONE_SECONDS = 30;
const DONE_SLOW_SECONDS = 60; // to write the number down, or to hear it
const HELP_MS = 120_000;
const BEAT_MS = 30_000;
const ORDERING = new Set(['rest', 'services', 'search', 'service']);

/** Build everything for one unit; nothing runs before `start(token)`. */
export function createKiosk({ unit, catalogs, onAuthLost }) {
  const pref = createPrefs(unit);
  const i18n = createI18n(catalogs, pref.get('language'));
  let token = null;
  const api = createApi({ language: i18n.language.value, onAuthLost: () => onAuthLost() });
  const state = signal(REST);
  const dialog = signal(null); // 'person' | 'settings' | null
  const help = signal('none'); // none | sending | sent | failed
  const clock = signal(Date.now());

  const dispatch = (action) => { state.value = step(state.value, action); };
  const places = createPlaces({ unit, api });
  const { place } = places;
  const menus = createMenu({ unit: () => place.value, api, language: i18n.language });
  const { menu, status } = menus;
  const printerState = () => menu.value?.printer?.state ?? 'unknown';
  const order = createOrder({ unit, api, dispatch, read: () => state.value, language: i18n.language, printerState, largePrint: pref.largePrint, place: () => place.value });
  const speech = createSpeech({ unit, token: () => token, language: i18n.language, rate: () => pref.get('rate'), volume: () => pref.get('volume') });

  /** The screen shown: the visit's own, unless the unit is closed or the server away. */
  const screen = computed(() => {
    const own = state.value.screen;
    if (!ORDERING.has(own)) return own;
    if (menus.missing.value) return 'misplaced';
    if (status.value === 'offline') return 'offline';
    if (!menu.value) return 'loading';
    return menu.value.unit.open ? own : 'closed';
  });
  const service = computed(() => findService(menu.value, state.value.service));
  const category = computed(() => menu.value?.categories.find((c) => c.id === state.value.category) ?? null);

  function home() {
    order.stop();
    speech.hush();
    dialog.value = null;
    help.value = help.value === 'sent' ? 'sent' : 'none';
    dispatch({ type: 'home' });
    order.stop(); // now resting: also forgets the pending order
    pref.reset();
    choosePlace(unit);
    i18n.setLanguage(pref.get('language'));
  }

  const idle = createIdle({
    limit() {
      if (screen.value === 'done') return ['printed', 'kept'].includes(state.value.print) && !slow() ? DONE_SECONDS : DONE_SLOW_SECONDS;
      if (screen.value === 'issuing' && state.value.problem !== 'network') return 0;
      return resting() ? 0 : pref.get('idle');
    },
    silent: () => screen.value === 'done',
    onEnd: home,
  });
  const slow = () => pref.prefs.value.speak || pref.prefs.value.text;
  /** Nobody here: nothing chosen, nothing open, nothing changed. */
  const resting = () => state.value === REST && place.value === unit && !dialog.value && !pref.changed() && i18n.language.value === pref.get('language');

  function choosePlace(id) {
    if (place.value === id) return;
    dispatch({ type: 'home' });
    place.value = id;
    menus.load();
  }

  function setLanguage(code) {
    i18n.setLanguage(code);
    api.setLanguage(i18n.language.value);
    menus.load();
  }

  async function callPerson() {
    help.value = 'sending';
    try {
      await beat({ help: true });
      help.value = 'sent';
      setTimeout(() => { help.value = 'none'; beat({}).catch(() => {}); }, HELP_MS);
    } catch {
      help.value = 'failed';
    }
  }

  function beat(extra) {
    const now = { screen: screen.value, connection: status.value, help: help.value === 'sent', version: document.documentElement.dataset.version ?? '' };
    return api.post('/devices/heartbeat', { state: { ...now, ...extra } });
  }

  function start(given) {
    token = given;
    api.setToken(given);
    menus.load();
    places.load();
    createBell({ unit, hint: menus.load }).start(given).catch(() => { /* the menu is read every few seconds anyway */ });
    setInterval(() => { clock.value = Date.now(); }, 5000);
    setInterval(() => beat({}).catch(() => { /* the server notices the silence */ }), BEAT_MS);
    order.resume();
  }

  const kiosk = {
    unit, api, i18n, t: i18n.t, pref, state, screen, menu, menus, status, service, category, places, choosePlace, dialog, help, clock, idle, speech, order,
    pin: createPin(unit), dispatch, home, resting, setLanguage, callPerson, start,
    back: () => (['done', 'problem'].includes(state.value.screen) ? home() : goBack()),
    reprint: () => order.reprint(newKey()),
    confirm: () => order.confirm(),
  };
  function goBack() {
    dispatch({ type: 'back' });
    if (state.value === REST) order.stop();
  }
  readAloud(kiosk);
  return kiosk;
}

/** Speech follows the screen and the focus; keys follow the keypad. Effects live as long as the page. */
function readAloud(kiosk) {
  const { pref, speech, t } = kiosk;
  const speaking = () => pref.prefs.value.speak;
  const view = () => document.querySelector('dialog[open]') ?? document.getElementById('screen');
  const label = () => kiosk.state.value.ticket?.label;

  let greet = false;
  function sayScreen() {
    const root = view();
    if (!root) return;
    const words = wordsOf(root);
    const before = greet ? `${t('speech.welcome')} ` : '';
    greet = false;
    speech.say(`${before}${label() ? words.replaceAll(label(), spelled(label())) : words}`);
  }

  effect(() => {
    // What makes the screen another one: these, and not every new waiting count.
    void [kiosk.screen.value, kiosk.dialog.value, kiosk.i18n.language.value, kiosk.state.value.category, kiosk.state.value.print];
    if (speaking()) setTimeout(() => { if (speaking()) sayScreen(); }, 120); // after it has been drawn
    else speech.hush();
  });
  document.addEventListener('focusin', (event) => {
    if (!speaking() || greet || !event.target.matches('button, input, a') || !event.target.matches(':focus-visible')) return;
    speech.say(`${nameOf(event.target)}${event.target.getAttribute('aria-pressed') === 'true' ? `, ${t('access.on')}` : ''}`);
  });
  listenKeypad({
    wake() {
      // A key on the keypad: somebody who may not see the screen. Speak at once, and do what the key says.
      if (speaking() || kiosk.dialog.value === 'settings') return;
      greet = true;
      pref.toggle('speak');
    },
    repeat: () => sayScreen(),
    back: () => (kiosk.dialog.value ? (kiosk.dialog.value = null) : kiosk.back()),
    person: () => { kiosk.dialog.value = 'person'; },
    letter: (char) => { if (kiosk.screen.value === 'search') kiosk.dispatch({ type: 'type', query: kiosk.state.value.query + char.toLowerCase() }); },
    erase: () => { if (kiosk.screen.value === 'search') kiosk.dispatch({ type: 'type', query: kiosk.state.value.query.slice(0, -1) }); },
  }, () => pref.get('keypad'));
}
