/** Puts the supervisor's screen together: session, the chosen units, and one watch for each. */
import { createApi } from 'vez/api.js';
import { showBrand } from 'vez/brand.js';
import { boot, effect, html, render, signal, useEffect } from 'vez/dom.js';
import { createI18n, loadCatalogs } from 'vez/i18n.js';
import { persisted } from 'vez/store.js';
import { Icon } from 'vez/ui.js';
import { createClock } from './clock.js';
import { createDesk } from './desk.js';
import { createDrafts } from './drafts.js';
import { createLanguage, createLook, LoginAgain, LoginPage, unitTime, Waiting } from './frame.js';
import { createSession } from './session.js';
import { Supervision } from './supervision.js';
import { createWatch } from './watch.js';
import { createBeat } from './widgets.js';

const CLOCK_MS = 600_000;
const LEADERS = new Set(['supervisor', 'admin']);

/** One unit's share of the application: its watch, its commands, its open sheet. */
function createFloor(shared, unit) {
  const watch = createWatch({ unit, api: shared.api });
  const room = signal(watch);
  const floor = {
    ...shared,
    room,
    watch,
    desk: createDesk({ ...shared, room }),
    sheet: signal(null),
    dialog: signal(null),
    phase: signal('closed'),
    openTicket: (ticket) => { floor.sheet.value = ticket; },
    powers: () => ({ canCall: false, canMove: true, canLead: true }),
    /** The name of a part of the page: with its unit where several are on it, so that no two are called alike. */
    label: (part) => (shared.several() ? `${part}, ${watch.menu.value?.unit.name ?? unit}` : part),
    draftOf: (ticket) => shared.drafts.get(ticket),
    time: (value, precise) => unitTime(shared.i18n, watch.menu.value?.unit.timezone, value, precise),
  };
  return floor;
}

/** @param {object} shared `api`, `session`, `i18n`, `clock`, `drafts`, `look`, `beat`, `setLanguage`. */
function createSupervisor(shared) {
  const units = signal([]);
  const floors = signal([]);
  const chosen = persisted('supervisor.units', []);
  const app = { ...shared, units, floors, chosen, desk: createDesk({ ...shared, room: signal(null) }) };

  function show(ids) {
    const kept = floors.peek().filter((floor) => ids.includes(floor.watch.unit));
    for (const floor of floors.peek()) if (!kept.includes(floor)) floor.watch.stop();
    floors.value = ids.map((id) => {
      const old = kept.find((floor) => floor.watch.unit === id);
      if (old) return old;
      const floor = createFloor({ ...shared, several: () => floors.value.length > 1 }, id);
      floor.watch.start();
      return floor;
    });
  }

  return Object.assign(app, {
    async begin(user) {
      app.owner = user.id;
      if (!LEADERS.has(user.role)) return;
      const read = (await shared.api.get('/units')).units;
      units.value = user.unit ? read.filter((unit) => unit.id === user.unit) : read;
      const known = units.value.map((unit) => unit.id);
      const wanted = chosen.peek().filter((id) => known.includes(id));
      show(wanted.length ? wanted : known.slice(0, 1));
    },
    toggle(id) {
      const ids = floors.peek().map((floor) => floor.watch.unit);
      const next = ids.includes(id) ? ids.filter((other) => other !== id) : [...ids, id];
      if (next.length === 0) return;
      // In the order of the city, not of the clicks.
      chosen.value = units.peek().map((unit) => unit.id).filter((unit) => next.includes(unit));
      show(chosen.peek());
    },
    forget() { show([]); units.value = []; },
    async logout() {
      await shared.session.logout().then(app.forget, (error) => app.desk.say('bad', app.desk.words(error)));
    },
  });
}

function Forbidden({ app }) {
  const { t } = app.i18n;
  return html`<main class="login"><section class="login-card"><${Icon} name="lock" size="2.5em" />
    <h1>${t('super.forbidden')}</h1><p class="quiet">${t('super.forbidden.text')}</p>
    <a class="button button-primary" href="/counter">${t('super.to_counter')}</a>
    <button type="button" class="button" onClick=${app.logout}>${t('logout')}</button></section></main>`;
}

function App({ app }) {
  const { t } = app.i18n;
  const user = app.session.user.value;
  useEffect(() => {
    if (user && app.owner !== user.id) app.begin(user).catch((error) => app.desk.say('bad', app.desk.words(error)));
    if (!user) app.owner = null;
  }, [user?.id]);
  if (user === undefined) return html`<${Waiting} app=${app} />`;
  if (user === null) return html`<${LoginPage} app=${app} title=${t('super.title')} subtitle=${t('super.login')} />`;
  if (!LEADERS.has(user.role)) return html`<${Forbidden} app=${app} />`;
  function again() {
    for (const floor of app.floors.peek()) { floor.desk.resume(); floor.watch.stop(); floor.watch.start(); }
  }
  return html`<${Supervision} app=${app} />
    ${app.session.lost.value && html`<${LoginAgain} app=${app} onDone=${again} />`}`;
}

async function main() {
  const clock = createClock();
  clock.measure(location.pathname);
  setInterval(() => clock.measure(location.pathname), CLOCK_MS);
  let session = null;
  const api = createApi({ language: boot().language, onAuthLost: (error) => session?.refused(error) });
  session = createSession(api);
  const i18n = createI18n(await loadCatalogs('/counter/static/i18n'), boot().language);
  const app = createSupervisor({
    api, session, i18n, clock, drafts: createDrafts(null), look: createLook(), beat: createBeat(clock),
    setLanguage: createLanguage(i18n, api),
  });
  // Several units on one screen: the house's own look.
  effect(() => {
    const [only, ...more] = app.floors.value.map((floor) => floor.watch);
    if (more.length) showBrand(null);
    else showBrand(only?.unit ?? null, only?.look.value);
  });
  effect(() => {
    document.title = `${i18n.t('super.title')} · Vez`;
    for (const floor of app.floors.peek()) floor.watch.refresh();
  });
  render(html`<${App} app=${app} />`, document.getElementById('app'));
  session.restore();
}

main();
