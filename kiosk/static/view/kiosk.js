/** The whole page: frame, the screen of the moment, dialogs. */
import { html } from 'vez/dom.js';
import { Closed, Issuing, Loading, Misplaced, Offline, Problem } from './calm.js';
import { Rest, Services } from './choose.js';
import { Idle, Person } from './dialogs.js';
import { Done } from './done.js';
import { Dock, Head } from './frame.js';
import { Search } from './search.js';
import { Service } from './service.js';
import { Settings } from './settings.js';

const SCREENS = {
  rest: Rest, services: Services, search: Search, service: Service, issuing: Issuing, done: Done, problem: Problem,
  loading: Loading, offline: Offline, closed: Closed, misplaced: Misplaced,
};
const CHOICE = new Set(['rest', 'closed', 'loading', 'misplaced']);
const AT_REST = new Set(['rest', 'closed', 'offline', 'loading', 'misplaced']);

export function Kiosk({ kiosk }) {
  const now = kiosk.screen.value;
  const Screen = SCREENS[now];
  return html`<div class="stage-room"><span class="horizon above"></span><div class="stage" data-screen=${now}><div class="frame">
    <${Head} kiosk=${kiosk} gear=${AT_REST.has(now)} choice=${CHOICE.has(now)} />
    <main id="screen" class="screen" key=${now}><${Screen} kiosk=${kiosk} /></main>
    <${Dock} kiosk=${kiosk} screen=${now} />
  </div></div></div>
  <${Idle} kiosk=${kiosk} /><${Person} kiosk=${kiosk} /><${Settings} kiosk=${kiosk} />`;
}
