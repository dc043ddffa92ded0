/** Start of the kiosk's page. */
import { boot, deviceToken, html, keepDeviceToken, render, signal } from 'vez/dom.js';
import { loadCatalogs } from 'vez/i18n.js';
import { Pairing } from 'vez/pair.js';
import { followUpdates } from 'vez/update.js';
import { createKiosk } from './app.js';
import { guard } from './guard.js';
import { Kiosk } from './view/kiosk.js';

const root = document.getElementById('app');
const unit = root.dataset.unit;
const token = signal(deviceToken('kiosk', unit));

function lost() {
  keepDeviceToken('kiosk', unit, null);
  token.value = null;
}

function Page({ kiosk }) {
  if (!token.value) {
    return html`<${Pairing} kind="kiosk" unit=${unit} i18n=${kiosk.i18n} onPaired=${(given) => { token.value = given; kiosk.start(given); }} />`;
  }
  return html`<${Kiosk} kiosk=${kiosk} />`;
}

const catalogs = await loadCatalogs(new URL('./i18n', import.meta.url).pathname);
const kiosk = createKiosk({ unit, catalogs, onAuthLost: lost });
document.documentElement.dataset.version = boot().version ?? '';
guard(root, () => kiosk.screen.value, () => kiosk.back());
if (token.value) kiosk.start(token.value);
performance.mark('vez-ready');
render(html`<${Page} kiosk=${kiosk} />`, root);

followUpdates({ version: boot().version, quiet: () => kiosk.resting() });

// The shell stays when the server is away. Only on https or localhost: elsewhere browsers have no worker.
async function keepShell() {
  await navigator.serviceWorker.register('/kiosk/sw.js', { scope: '/kiosk/' });
  const { active } = await navigator.serviceWorker.ready;
  // What this first load fetched before there was a worker.
  const keep = performance.getEntriesByType('resource').map((r) => r.name).filter((url) => /\/(kiosk|static)\//.test(url) && !url.endsWith('/sw.js'));
  active.postMessage({ keep: [location.pathname, ...keep] });
}
if (navigator.serviceWorker) keepShell().catch(() => { /* works without */ });
