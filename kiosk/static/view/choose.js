/** Choosing: the rest screen with the subjects, and the services of one subject. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { waitingIn } from '../state.js';
import { Scroller, Title } from './frame.js';
import { closedText, queueText, waitingText } from './words.js';

/** Rest: one tap here, one on the service, one on the tier, and the ticket is there. */
export function Rest({ kiosk }) {
  const { t, menu, dispatch } = kiosk;
  const { unit, categories, message, notices } = menu.value;
  const always = unit.hours?.opens === '00:00' && unit.hours.closes === '24:00';
  const hours = unit.hours && t(always ? 'rest.always' : 'rest.hours', unit.hours);
  return html`<${Scroller} kiosk=${kiosk}><div class="rest">
    <div class="rest-head"><${Title} class="rest-title" focus=${false}>${t('rest.title')}<//>
      <p class="rest-hint"><${Icon} name="pointer" class="rest-hand" /> ${t('rest.hint')}</p>
      ${hours && html`<p class="rest-hours"><${Icon} name="clock" /> ${hours}</p>`}<span class="horizon rest-horizon"></span></div>
    ${message && html`<p class="notice notice-info"><${Icon} name="megaphone" size="1.5em" /> <span>${message}</span></p>`}
      <ul class="tiles" aria-label=${t('rest.subjects')}>
        ${categories.map((category) => html`<li key=${category.id}><button type="button" class="tile" data-category=${category.id}
          data-say=${`${category.name}, ${waitingText(kiosk, waitingIn(category))}`} onClick=${() => dispatch({ type: 'category', category: category.id })}>
          <span class="tile-icon"><${Icon} name=${category.icon} size="2.25rem" /></span>
          <span class="tile-name">${category.name}</span>
          <span class="tile-wait">${waitingText(kiosk, waitingIn(category), 'waiting.short')}</span></button></li>`)}
      </ul>
    <div class="rest-foot">
      <button type="button" class="search-open" data-action="search" onClick=${() => dispatch({ type: 'search' })}>
        <${Icon} name="search" size="1.75rem" /><span>${t('search.open')}</span></button>
      <section class="notice notice-right" aria-label=${t('rest.priority')}>
        <${Icon} name="heart-handshake" size="2.25rem" class="notice-icon" />
        <div><p class="notice-title">${t('rest.priority')}</p><p class="notice-text">${t('rest.priority_who')}</p>
          <p class="notice-law">${notices?.law_reference ?? t('rest.law')}</p>
          ${notices?.order && html`<p class="notice-law" data-policy>${notices.order}</p>`}</div></section>
    </div>
  </div><//>`;
}

/** One service: icon-free on purpose, words and numbers tell it apart. */
export function ServiceButton({ kiosk, service }) {
  const state = service.open ? queueText(kiosk, service) : closedText(kiosk, service);
  const say = `${service.name}. ${state}`;
  return html`<button type="button" class="service" data-service=${service.id} data-say=${say}
    aria-disabled=${String(!service.open)} onClick=${() => service.open && kiosk.dispatch({ type: 'service', service: service.id })}>
    <span class="service-words"><span class="service-name">${service.name}</span>
      ${service.description && html`<span class="service-text">${service.description}</span>`}
      <span class="service-state"><${Icon} name=${service.open ? 'users' : 'clock'} /> ${state}</span></span>
    <${Icon} name=${service.open ? 'chevron-right' : 'lock'} size="2rem" class="service-go" /></button>`;
}

/** The services of one subject. */
export function Services({ kiosk }) {
  const { t, category } = kiosk;
  const services = category.value?.services ?? [];
  return html`<${Scroller} kiosk=${kiosk}><div class="choose"><div class="bar"><div><p class="crumb">${category.value?.name}</p><${Title}>${t('services.title')}<//></div>
      <button type="button" class="search-open search-small" data-action="search" onClick=${() => kiosk.dispatch({ type: 'search' })}>
        <${Icon} name="search" size="1.75rem" /><span>${t('search.open')}</span></button></div>
    ${services.length === 0 ? html`<p class="empty">${t('services.empty')}</p>`
    : html`<ul class="services">
      ${services.map((service) => html`<li key=${service.id}><${ServiceButton} kiosk=${kiosk} service=${service} /></li>`)}</ul>`}
  </div><//>`;
}
