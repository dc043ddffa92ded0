/** The number. Valid whatever the printer does, and shown first. */
import { html, useState } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { spelled } from '../speech.js';
import { Scroller, Title } from './frame.js';
import { Qr } from './qr.js';
import { estimateText, waitingText } from './words.js';

const WAIT = { range: 'done.minutes', upto: 'done.minutes_upto', none: 'done.no_estimate' };

/** Number, paper, where to wait, how long, and the way to follow by phone. */
export function Done({ kiosk }) {
  const { t, state, service } = kiosk;
  const { ticket, print } = state.value;
  const ok = print in GOOD && print !== 'noted'; // who noted the number still needs it large
  return html`<div class=${`done done-${ok ? 'paper' : 'fallback'}`} data-print=${print}>
    <${Scroller} kiosk=${kiosk}><div class="done-in">
      <div class="ticket"><${Title} class="ticket-title">${t('done.title')}<//>
        <p class="ticket-label" data-label=${ticket.label} data-say=${spelled(ticket.label)} style=${{ '--n': Math.max(4, ticket.label.length) }}>${ticket.label}</p>
        <p class="ticket-service">${service.value?.name ?? ticket.service_name}</p>
        <dl class="facts">
          <div class="fact"><dt><${Icon} name="users" size="1.5em" /> <span>${t('done.queue')}</span></dt><dd>${waitingText(kiosk, ticket.ahead, 'done.ahead')}</dd></div>
          <div class="fact"><dt><${Icon} name="clock" size="1.5em" /> <span>${t('done.wait')}</span></dt><dd>${estimateText(kiosk, ticket.estimate, WAIT)}</dd></div>
        </dl></div>
      <${Paper} kiosk=${kiosk} print=${print} />
      <p class="where"><${Icon} name="armchair" size="1.5em" /> <span>${t('done.where')}</span></p>
      ${ticket.follow_url && html`<div class="follow"><${Qr} text=${ticket.follow_url} label=${t('done.qr', { label: ticket.label })} />
        <div><p class="follow-title">${t('done.follow')}</p><p>${t('done.follow_hint')}</p></div></div>`}
    </div><//>
  </div>`;
}

const GOOD = { printed: 'printer-check', printing: 'printer', kept: 'circle-check', noted: 'circle-check' };
const WORDS = { printed: 'done.take', printing: 'done.printing', kept: 'done.kept', noted: 'done.noted' };

/** What the paper is doing. `role=status`: a screen reader hears each change. */
function Paper({ kiosk, print }) {
  const { t, reprint, confirm } = kiosk;
  const [asked, setAsked] = useState('no'); // no | asking | failed
  async function ask(what) {
    if (asked === 'asking') return;
    setAsked('asking');
    try { await what(); setAsked('no'); } catch { setAsked('failed'); }
  }
  if (print in GOOD) {
    return html`<div class="paper" role="status"><${Icon} name=${GOOD[print]} size="2.25rem" /><p class="paper-title">${t(WORDS[print])}</p></div>`;
  }
  const busy = String(asked === 'asking');
  return html`<div class="paper paper-failed" role="status"><${Icon} name="camera" size="2.25rem" />
    <div class="paper-words"><p class="paper-title">${t(`done.${print}`)}</p><p>${t(`done.${print}_hint`)}</p>
      ${asked === 'failed' && html`<p class="paper-sorry">${t('done.reprint_failed')}</p>`}</div>
    <div class="paper-ways">${kiosk.state.value.job && html`<button type="button" class="button" data-action="confirm" aria-disabled=${busy} onClick=${() => ask(confirm)}>
        <${Icon} name="check" size="1.5rem" /> ${t(`done.${print}_confirm`)}</button>`}
      <button type="button" class="button" data-action="reprint" aria-disabled=${busy} onClick=${() => ask(reprint)}>
        <${Icon} name="rotate-ccw" size="1.5rem" /> ${t(asked === 'asking' ? 'done.reprinting' : 'done.reprint')}</button></div></div>`;
}
