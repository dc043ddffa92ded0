/** Before the ticket: what to bring, and how to be served. Choosing how is the last tap. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Scroller, Title } from './frame.js';
import { closedText, queueText } from './words.js';

const ICONS = { normal: 'user', priority: 'accessibility', eighty_plus: 'heart-handshake', donor: 'droplet' };

/** Documents and tiers on one screen: reading costs no tap, and nobody queues without the papers unwarned. */
export function Service({ kiosk }) {
  const { t, service, dispatch, menu, category } = kiosk;
  const chosen = service.value;
  if (!chosen) {
    return html`<div class="calm"><${Title}>${t('service.gone')}<//>
      <button type="button" class="button button-primary big" onClick=${() => dispatch({ type: 'back' })}>${t('service.other')}</button></div>`;
  }
  return html`<${Scroller} kiosk=${kiosk}><div class="before">
    <div class="bar"><div class="bar-main">${category.value && html`<p class="crumb">${category.value.name}</p>`}<${Title}>${chosen.name}<//></div>
      <div class="bar-side">${chosen.official_name && chosen.official_name !== chosen.name && html`<p class="official">${chosen.official_name}</p>`}
        <p class="service-state"><${Icon} name=${chosen.open ? 'users' : 'clock'} /> ${chosen.open ? queueText(kiosk, chosen) : closedText(kiosk, chosen)}</p></div></div>
    <div class="before-columns">
      <${Documents} kiosk=${kiosk} documents=${chosen.documents ?? []} />
      ${menu.value.printer?.state === 'blocked' ? html`<${NoPaper} kiosk=${kiosk} />` : html`<${LargePrint} kiosk=${kiosk} />`}
      <section class="how" aria-labelledby="how"><h2 id="how">${t('service.tier')}</h2>
        <ul class="tiers">${menu.value.tiers.map((tier) => html`<li key=${tier.id}><${Tier} kiosk=${kiosk} tier=${tier}
          open=${chosen.open} capped=${chosen.capped_tiers?.includes(tier.id)} /></li>`)}</ul>
      </section>
      <p class="how-note"><${Icon} name="users" /> <span>${t('service.no_proof')} ${menu.value.notices?.companion ?? t('service.companion')}</span></p>
    </div>
  </div><//>`;
}

function Documents({ kiosk: { t }, documents }) {
  if (documents.length === 0) return html`<p class="bring bring-none"><${Icon} name="circle-check" size="1.5em" /> ${t('service.no_documents')}</p>`;
  return html`<section class="bring" aria-labelledby="bring"><h2 id="bring"><${Icon} name="clipboard-list" size="1.25em" /> ${t('service.bring')}</h2>
    <ul class="documents">${documents.map((text) => html`<li key=${text}><${Icon} name="check" /><span>${text}</span></li>`)}</ul>
    <p class="bring-note">${t('service.bring_ok')}</p></section>`;
}

/** Said before the ticket, with the reason: nobody shall wait for paper that does not come. */
function NoPaper({ kiosk: { t, menu } }) {
  const { cause } = menu.value.printer;
  return html`<p class="no-paper" data-no-paper=${cause ?? ''}><${Icon} name="camera" size="1.5em" />
    <span><strong>${t(cause === 'paper_out' ? 'service.no_paper' : 'service.no_printer')}</strong> ${t('service.no_paper_hint')}</span></p>`;
}

/** Low vision ends at no printer: chosen before the last tap, already on for who reads the screen in large letters. */
function LargePrint({ kiosk: { t, pref } }) {
  const on = pref.largePrint();
  return html`<button type="button" class="large-print" data-action="large-print" aria-pressed=${String(on)} onClick=${pref.toggleLargePrint}>
    <${Icon} name=${on ? 'check' : 'printer'} size="1.75rem" /><span>${t('service.large_print')}</span></button>`;
}

/** `capped`: the numbers for this way of being served have run out for today, for others they have not. */
function Tier({ kiosk, tier, open, capped }) {
  const free = open && !capped;
  return html`<button type="button" class=${`tier tier-${tier.id}`} data-tier=${tier.id} aria-disabled=${String(!free)}
    onClick=${() => free && kiosk.order.issue(tier.id)}>
    <span class="tier-icon"><${Icon} name=${ICONS[tier.id] ?? 'ticket'} size="2rem" /></span>
    <span class="tier-words"><span class="tier-name">${tier.name}</span><span class="tier-text">${capped ? kiosk.t('closed.daily_cap_reached') : tier.description}</span></span>
    <${Icon} name="chevron-right" size="2rem" class="service-go" /></button>`;
}
