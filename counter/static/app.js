/** The counter's application object: what every view gets, and what every key and button asks for. */
import { batch, computed, effect, signal } from 'vez/dom.js';
import { persisted } from 'vez/store.js';
import { createDesk } from './desk.js';
import { unitTime } from './frame.js';
import { createNotifier } from './notifier.js';
import { createRoom } from './room.js';
import { keyLabel, keyTable } from './shortcuts.js';
import { inHand, phase, shouldNotify, windowTitle } from './state.js';
import { placeName } from './widgets.js';

/** Actions that ask something first: they open a dialog of the same name. */
const ASK_FIRST = new Set(['pause', 'hold', 'transfer', 'next_service']);
const NEW_WISH = { service: null, tier: 'normal', language: 'pt-BR', booked: '' };

function createState() {
  return {
    units: signal(null),
    room: signal(null),
    place: signal('counter'), // counter | reception
    dialog: signal(null), // name of an open dialog of the work
    sheet: signal(null), // ticket whose sheet is open
    lastTicket: signal(null),
    draftsAt: signal(0), // drafts are plain data: this makes views read them again
    wish: signal(NEW_WISH), // the reception's form: kept while one looks elsewhere
    lastSeat: persisted('counter.last', null),
  };
}

function derive(state) {
  const hand = computed(() => state.room.value?.hand.value ?? { counter: null, ticket: null });
  return {
    phase: computed(() => phase(hand.value)),
    situation: hand,
    unitName: computed(() => state.room.value?.menu.value?.unit.name ?? state.room.value?.unit ?? ''),
  };
}

/** @param {object} parts `api`, `session`, `i18n`, `clock`, `drafts`, `look`, `beat`, `setLanguage`. */
export function createApp(parts) {
  const state = createState();
  const derived = derive(state);
  const desk = createDesk({ ...parts, room: state.room });
  const app = { ...parts, ...state, ...derived, desk, notifier: createNotifier() };
  Object.assign(app, moving(app), drafting(app), keying(app));
  app.act = (name) => act(app, name);
  app.time = (value, precise) => unitTime(app.i18n, app.room.value?.menu.value?.unit.timezone, value, precise);
  app.logout = () => (app.room.peek()?.counterId.peek() ? app.open('logout') : leave(app));
  app.leave = (closing) => leave(app, closing);
  app.help = () => app.open('help');
  watch(app);
  return app;
}

/** Units, seats, and the two halves of the screen. */
function moving(app) {
  function enterUnit(id) {
    app.room.peek()?.stop();
    const room = createRoom({ unit: id, api: app.api, clock: app.clock });
    app.room.value = room;
    room.start();
  }
  return {
    async begin(user) {
      app.owner = user.id;
      if (user.unit) { enterUnit(user.unit); return; }
      app.units.value = (await app.api.get('/units')).units;
    },
    chooseUnit: enterUnit,
    leaveUnit() {
      app.room.peek()?.stop();
      app.room.value = null;
    },
    takeSeat(counter) {
      app.lastSeat.value = counter.id;
      app.place.value = 'counter';
      app.room.peek().enter(counter);
    },
    go(place) { app.place.value = place; },
    open(name) { app.dialog.value = name; },
    openTicket(ticket) { app.sheet.value = ticket; },
    /** What this person may do to a ticket from its sheet. */
    powers(ticket) {
      const mine = ticket.counter && ticket.counter === app.room.peek()?.counterId.peek();
      return { canCall: app.phase.value === 'idle', canMove: Boolean(mine) };
    },
  };
}

function drafting(app) {
  return {
    draftOf(ticket) {
      void app.draftsAt.value;
      return app.drafts.get(ticket);
    },
    writeDraft(ticket, changes) {
      app.drafts.set(ticket.id, changes);
      app.draftsAt.value += 1;
    },
  };
}

function keying(app) {
  const table = computed(() => { void app.i18n.language.value; return keyTable(app.i18n.t); });
  return {
    keys: () => table.value,
    keyFor: (name) => keyLabel(table.value, name, app.look.value.letters),
  };
}

/** One press, by key or by button: what is not allowed now is ignored, the button already says why. */
async function act(app, name) {
  if (name === 'help') { app.open('help'); return; }
  if (name === 'search' || name === 'issue') { focusReception(app, name); return; }
  if (!app.room.peek()?.counterId.peek() || app.place.peek() !== 'counter') return;
  if (name === 'note') { focusSoon('note'); return; }
  const verdict = app.desk.verdicts({ ...app.situation.peek(), now: app.clock.now() })[name];
  if (!verdict?.enabled) return;
  if (ASK_FIRST.has(name)) { app.open(name); return; }
  const held = app.desk.held();
  if (name === 'resume') await app.desk.resumeCounter();
  else if (name === 'close') await closeCounter(app);
  else await app.desk[name]();
  if (held && !app.desk.held()) app.lastTicket.value = held;
}

async function closeCounter(app) {
  const outcome = await app.desk.close();
  if (outcome.answer !== undefined) app.room.peek().leave();
}

function focusReception(app, name) {
  app.go('reception');
  if (name === 'search') focusSoon('search');
}

/** At once if the field is there, so that the next letter is already typed into it; else when it has come. */
function focusSoon(id) {
  const focus = () => document.getElementById(id)?.focus();
  if (document.getElementById(id)) focus();
  else requestAnimationFrame(() => requestAnimationFrame(focus));
}

/** Leave the computer; `closing` leaves the seat as well, so that a colleague can take it. */
async function leave(app, closing = false) {
  if (closing && (await app.desk.close()).answer === undefined) return;
  try {
    await app.session.logout();
  } catch (error) {
    app.desk.say('bad', error.network ? app.i18n.t('login.network') : app.desk.words(error));
    return;
  }
  forget(app);
}

/** Nothing of one person stays for the next. */
export function forget(app) {
  app.desk.giveUp();
  app.drafts.clear();
  app.room.peek()?.stop();
  batch(() => {
    for (const name of ['room', 'units', 'dialog', 'sheet', 'lastTicket']) app[name].value = null;
    app.place.value = 'counter';
    app.wish.value = NEW_WISH;
  });
  app.desk.dismiss();
}

/** Dialogs about the ticket in hand make no sense once it has gone (another window, a supervisor). */
const OF_THE_TICKET = new Set(['hold', 'transfer', 'next_service', 'performed']);

/** What happens by itself: finding one's own seat again, losing it, the title, the notification. */
function watch(app) {
  effect(() => {
    const room = app.room.value;
    const user = app.session.user.value;
    if (!room || !user || !room.counters.value || room.counterId.value) return;
    const own = room.counters.value.find((counter) => counter.attendant === user.id);
    if (own && app.desk.command.value.action !== 'close') app.takeSeat(own);
  });
  effect(() => {
    const room = app.room.value;
    const user = app.session.user.value;
    const counter = room?.hand.value.counter;
    // Closed in another tab or by the supervisor: this screen must not pretend to sit there.
    if (counter && user && counter.attendant !== user.id && room.counterId.peek()) {
      room.leave();
      app.desk.say('warn', app.i18n.t('notice.seat_lost', { place: placeName(app.i18n.t, counter.kind, counter.number) }));
    }
  });
  effect(() => {
    if (!app.situation.value.ticket && OF_THE_TICKET.has(app.dialog.value)) app.dialog.value = null;
  });
  watchQueue(app);
  watchTitle(app);
}

function watchQueue(app) {
  let before = null;
  effect(() => {
    const queue = app.room.value?.queue.value;
    const here = app.situation.peek();
    if (!queue || queue.counter !== app.room.peek()?.counterId.peek()) { before = null; return; }
    const after = queue.tickets.length;
    if (shouldNotify({ before, after, ...here })) {
      const first = queue.tickets[0];
      app.notifier.show(app.i18n.t('notify.somebody', { label: first.label }), first.service_name);
    }
    before = after;
  });
}

function watchTitle(app) {
  effect(() => {
    const { counter, ticket } = app.situation.value;
    const waiting = app.room.value?.queue.value?.tickets.length ?? 0;
    document.title = windowTitle({
      waiting: counter ? waiting : 0,
      label: inHand(ticket) ? ticket.label : null,
      place: counter ? placeName(app.i18n.t, counter.kind, counter.number) : app.i18n.t('nav.counter'),
    });
  });
}
