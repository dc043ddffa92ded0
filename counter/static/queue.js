/** The left side: who waits, in the exact order of calling, and who stands aside. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { secondsSince } from './state.js';
import { Late, Tier, TicketState, Wait } from './widgets.js';

function QueueRow({ app, ticket, next }) {
  const { t } = app.i18n;
  const seconds = secondsSince(ticket.arrival_at ?? ticket.issued_at, app.beat.value);
  return html`<li><button type="button" class=${`row ${next ? 'row-next' : ''}`} data-ticket=${ticket.label}
      onClick=${() => app.openTicket(ticket)}>
    <span class="row-position">${ticket.position}</span>
    <span class="row-main">
      <span class="row-head"><strong class="row-label">${ticket.label}</strong><${Tier} tier=${ticket.tier} t=${t} /><${Late} ticket=${ticket} t=${t} />
        ${ticket.note && html`<${Icon} name="message-square-text" size="1em" label=${t('queue.has_note')} />`}</span>
      <span class="row-service">${ticket.service_name}</span>
      <span class="row-reason">${ticket.reason_text}</span>
    </span>
    <span class="row-wait"><${Wait} seconds=${seconds} target=${ticket.target_minutes} t=${t} /></span>
  </button></li>`;
}

function Aside({ app, room }) {
  const { t, plural } = app.i18n;
  const tickets = room.parked.value;
  if (tickets.length === 0) return null;
  return html`<details class="aside"><summary>${plural('queue.aside', tickets.length)}</summary>
    <ul class="rows">${tickets.map((ticket) => html`<li key=${ticket.id}>
      <button type="button" class="row" data-ticket=${ticket.label} onClick=${() => app.openTicket(ticket)}>
        <span class="row-main"><span class="row-head"><strong class="row-label">${ticket.label}</strong>
          <${TicketState} state=${ticket.state} t=${t} /></span>
          <span class="row-service">${ticket.service_name}</span></span>
        <${Icon} name="chevron-right" /></button></li>`)}</ul></details>`;
}

/** How old the picture is, said only when it may be wrong. */
function Freshness({ app, room }) {
  const { t } = app.i18n;
  if (room.status.value !== 'offline' || !room.readAt.value) return null;
  const time = app.time(room.readAt.value, true);
  return html`<p class="freshness"><${Icon} name="wifi-off" size="1em" />${t('queue.as_of', { time })}</p>`;
}

export function Queue({ app, room }) {
  const { t, plural } = app.i18n;
  const queue = room.queue.value;
  const tickets = queue?.tickets ?? [];
  const others = Math.max(0, (queue?.total ?? 0) - tickets.length);
  return html`<section class="queue" aria-labelledby="queue-title">
    <header class="queue-head"><h2 id="queue-title">${t('queue.title')}</h2>
      <p class="queue-count" aria-live="polite">${queue ? plural('queue.count', tickets.length) : ''}</p></header>
    <${Freshness} app=${app} room=${room} />
    <div class="queue-scroll">
      ${queue && tickets.length === 0 && html`<div class="queue-empty"><${Icon} name="circle-check" size="2em" />
        <p>${t('queue.empty')}</p><p class="quiet">${t('queue.empty.text')}</p></div>`}
      <ol class="rows" data-queue>${tickets.map((ticket, index) => html`<${QueueRow} key=${ticket.id} app=${app}
        ticket=${ticket} next=${index === 0} />`)}</ol>
      ${others > 0 && html`<p class="queue-others">${plural('queue.others', others)}</p>`}
      <${Aside} app=${app} room=${room} />
    </div></section>`;
}
