/** Puts the counter together: session, unit, seat, keys and picture. */
import { createApi } from 'vez/api.js';
import { showBrand } from 'vez/brand.js';
import { boot, effect, html, render, useEffect } from 'vez/dom.js';
import { createI18n, loadCatalogs } from 'vez/i18n.js';
import { createApp, forget } from './app.js';
import { ChooseCounter, ChooseUnit } from './choose.js';
import { createClock } from './clock.js';
import { createDrafts } from './drafts.js';
import { HelpDialog, LogoutDialog } from './dialogs.js';
import { createLanguage, createLook, LoginAgain, LoginPage, Waiting } from './frame.js';
import { createSession } from './session.js';
import { actionsForKey } from './shortcuts.js';
import { createBeat } from './widgets.js';
import { Work } from './work.js';

const CLOCK_MS = 600_000;

function tabStorage() {
  try {
    return globalThis.sessionStorage;
  } catch {
    return null;
  }
}

/** Keys act on the screen, never on a field or under a dialog; Esc leaves a field. */
function listenToKeys(app) {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented) return;
    // A dialog asked for counts before it is on the screen: the next letter is meant for it.
    const modal = Boolean(app.dialog.peek() || app.sheet.peek() || document.querySelector('dialog[open]'));
    if (event.key === 'Escape' && !modal && event.target.closest?.('input, textarea')) { event.target.blur(); return; }
    if (!app.session.user.peek() || app.session.lost.peek() || !app.room.peek()) return;
    const names = actionsForKey(event, app.keys(), { lettersOn: app.look.peek().letters, modal });
    if (names.length === 0) return;
    event.preventDefault();
    const verdicts = app.desk.verdicts({ ...app.situation.peek(), now: app.clock.now() });
    app.act(names.find((name) => verdicts[name]?.enabled) ?? names[0]);
  });
}

function Screen({ app }) {
  const user = app.session.user.value;
  const room = app.room.value;
  const { t } = app.i18n;
  if (user === undefined) return html`<${Waiting} app=${app} />`;
  if (user === null) return html`<${LoginPage} app=${app} title=${t('login.title')} subtitle=${t('login.subtitle')} />`;
  if (!room) return html`<${ChooseUnit} app=${app} />`;
  if (room.counterId.value || app.place.value === 'reception') return html`<${Work} app=${app} room=${room} />`;
  return html`<${ChooseCounter} app=${app} />`;
}

function App({ app }) {
  const user = app.session.user.value;
  useEffect(() => { if (user && !app.room.peek()) app.begin(user).catch((error) => app.desk.say('bad', app.desk.words(error))); }, [user?.id]);
  function again(same) {
    if (same.id !== app.owner) { forget(app); app.begin(same); return; }
    app.desk.resume();
    // The socket joined with the old session: it must join again with the new one.
    app.room.peek()?.stop();
    app.room.peek()?.start();
  }
  const close = () => { app.dialog.value = null; };
  return html`<${Screen} app=${app} />
    ${app.dialog.value === 'help' && html`<${HelpDialog} app=${app} onClose=${close} />`}
    ${app.dialog.value === 'logout' && html`<${LogoutDialog} app=${app} onClose=${close} />`}
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
  const app = createApp({
    api, session, i18n, clock, drafts: createDrafts(tabStorage()), look: createLook(), beat: createBeat(clock),
    setLanguage: createLanguage(i18n, api),
  });
  // Texts that the server words (reasons, service names) follow the language as well.
  effect(() => { void i18n.language.value; app.room.peek()?.refresh(); });
  effect(() => showBrand(app.room.value?.unit ?? null, app.room.value?.look.value));
  listenToKeys(app);
  render(html`<${App} app=${app} />`, document.getElementById('app'));
  session.restore();
}

main();
