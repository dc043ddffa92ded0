/** Screens with one thing to say: loading, closed, away, ordering, refused. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Title } from './frame.js';
import { whenText } from './words.js';

function Calm({ icon, title, children, class: extra = '', busy = false }) {
  return html`<div class="calm ${extra}" aria-busy=${String(busy)}>
    <span class=${busy ? 'calm-icon calm-busy' : 'calm-icon'}><${Icon} name=${icon} size="4rem" /></span><${Title}>${title}<//>${children}<span class="horizon calm-horizon"></span></div>`;
}

export const Loading = ({ kiosk: { t } }) => html`<${Calm} icon="loader" title=${t('loading.title')} busy=${true} />`;

/** The server is away: kind, useful, and back by itself. */
export const Offline = ({ kiosk: { t } }) => html`<${Calm} icon="life-buoy" title=${t('offline.title')}>
  <p class="calm-text">${t('offline.text')}</p><p class="calm-small" role="status">${t('offline.trying')}</p><//>`;

export const Misplaced = ({ kiosk: { t } }) => html`<${Calm} icon="life-buoy" title=${t('problem.unknown_unit')} />`;

/** Outside opening hours. */
export function Closed({ kiosk }) {
  const { t, menu, clock } = kiosk;
  const { unit } = menu.value;
  const when = whenText(kiosk, unit.next_opening, unit.timezone, clock.value);
  return html`<${Calm} icon="door-closed" title=${t('closed.title')}>
    ${when && html`<p class="calm-when">${t('closed.next', { when })}</p>`}
    ${unit.hours && html`<p class="calm-text">${t('closed.hours', unit.hours)}</p>`}
    ${unit.address && html`<p class="calm-small">${unit.address}</p>`}
    <p class="calm-small">${t('closed.text')}</p><//>`;
}

/** Waiting for the server's answer; if it does not come, what happens next is said. */
export function Issuing({ kiosk }) {
  const { t, state, order, home } = kiosk;
  if (state.value.problem !== 'network') {
    return html`<${Calm} icon="loader" title=${t('issuing.title')} busy=${true}><p class="calm-text">${t('issuing.hint')}</p><//>`;
  }
  return html`<${Calm} icon="refresh-cw" title=${t('issuing.slow')} busy=${true}>
    <p class="calm-text">${t('issuing.slow_hint')}</p><p class="calm-text">${t('issuing.reception')}</p>
    <div class="calm-actions"><button type="button" class="button button-primary big" data-action="retry" onClick=${order.retry}>${t('issuing.retry')}</button>
      <button type="button" class="button big" data-action="leave" onClick=${home}>${t('issuing.leave')}</button></div><//>`;
}

/** The server said no: why, and what to do. */
export function Problem({ kiosk }) {
  const { t, state, home } = kiosk;
  return html`<${Calm} icon="circle-alert" title=${t('problem.title')} class="calm-problem">
    <p class="calm-text" role="alert">${t(`problem.${state.value.problem}`)}</p>
    <div class="calm-actions"><button type="button" class="button button-primary big" data-action="home" onClick=${home}><${Icon} name="house" size="1.75rem" /> ${t('nav.home')}</button></div><//>`;
}
