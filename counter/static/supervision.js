/** The supervisor's picture: for each unit its figures, hint, counters, queues, devices and the whole queue. */
import { html, signal, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Citizens } from './citizens.js';
import { FormDialog, ReasonDialog } from './dialogs.js';
import { Bar, Notices } from './frame.js';
import { Order } from './order.js';
import { PrinterOrders } from './printers.js';
import { Search } from './reception.js';
import { cheapestFix, deviceHealth, queues, seats, summary, urgent } from './room_facts.js';
import { TicketSheet } from './sheet.js';
import { clockText, minutesText } from './state.js';
import { UnitPage } from './unit_page.js';
import { allServices, Late, placeName, Tier, TicketState, Wait } from './widgets.js';

const DEVICE_ICON = { kiosk: 'monitor', panel: 'tv', printer: 'printer', feedback: 'smile' };
const LEVEL_ICON = { ok: 'circle-check', warn: 'triangle-alert', bad: 'octagon-alert', none: 'circle-minus' };

function Figure({ name, value, level = 'ok', t }) {
  return html`<div class=${`figure figure-${level}`} data-figure=${name}><dt>${t(`figure.${name}`)}</dt><dd>${value}</dd></div>`;
}

function Figures({ floor, now }) {
  const { t } = floor.i18n;
  const { watch } = floor;
  const sums = summary({ waiting: watch.queue.value?.tickets ?? [], busy: watch.busy.value, counters: watch.counters.value, now });
  return html`<dl class="figures">
    <${Figure} name="waiting" value=${sums.waiting} t=${t} />
    <${Figure} name="oldest" value=${sums.waiting ? minutesText(sums.oldest) : '–'} level=${sums.over ? 'over' : sums.near ? 'near' : 'ok'} t=${t} />
    <${Figure} name="over" value=${sums.over} level=${sums.over ? 'over' : 'ok'} t=${t} />
    <${Figure} name="near" value=${sums.near} level=${sums.near ? 'near' : 'ok'} t=${t} />
    <${Figure} name="serving" value=${sums.serving} t=${t} />
    <${Figure} name="open" value=${t('figure.open.of', { open: sums.open, all: sums.counters })} t=${t} />
    <${Figure} name="paused" value=${sums.paused} t=${t} /></dl>`;
}

/** Who waits too long, and the cheapest thing that would help. */
function Hint({ floor, now }) {
  const { t, plural } = floor.i18n;
  const waiting = floor.watch.queue.value?.tickets ?? [];
  const late = urgent({ waiting, now });
  const fix = cheapestFix({ waiting, counters: floor.watch.counters.value, now });
  if (!fix) return null;
  const place = fix.counter ? placeName(t, fix.counter.kind, fix.counter.number) : '';
  return html`<div class="hint" data-fix=${fix.kind}><${Icon} name="lightbulb" />
    <p><strong>${plural('hint.late', late.length)}</strong> ${t(`hint.${fix.kind}`, { place, n: fix.n, name: fix.counter?.attendant_name ?? '' })}</p>
    <div class="hint-tickets">${late.slice(0, 6).map((one) => html`<button type="button" class="chip" key=${one.ticket.id}
      onClick=${() => floor.openTicket(one.ticket)}><strong>${one.ticket.label}</strong>
      <${Wait} seconds=${one.seconds} target=${one.ticket.target_minutes} t=${t} /></button>`)}</div></div>`;
}

function SeatRow({ floor, seat }) {
  const { t } = floor.i18n;
  const { counter, ticket, phase, seconds } = seat;
  const place = placeName(t, counter.kind, counter.number);
  return html`<tr class=${`seat-row seat-row-${phase}`} data-counter=${counter.id} data-phase=${phase}>
    <th scope="row" class="nowrap">${place}</th>
    <td class="nowrap">${counter.attendant_name ?? ''}</td>
    <td><span class=${`state seatphase-${phase}`}>${t(`seatphase.${phase}`)}</span>
      ${counter.state === 'paused' && html` <span class="quiet">${counter.pause_reason}</span>`}</td>
    <td class="cut">${ticket && html`<button type="button" class="link" onClick=${() => floor.openTicket(ticket)}><strong>${ticket.label}</strong></button>
      <span class="quiet"> ${ticket.service_name}</span>`}</td>
    <td class="number">${seconds === null ? '' : phase === 'idle' ? minutesText(seconds) : clockText(seconds)}</td>
    <td>${counter.state !== 'closed' && !counter.ticket && html`<button type="button" class="button-icon button-tiny"
      aria-label=${t('super.close', { place })} title=${t('super.close', { place })} onClick=${() => { floor.dialog.value = { name: 'close', counter }; }}>
      <${Icon} name="door-closed" size="1.1em" /></button>`}</td></tr>`;
}

function Counters({ floor, now }) {
  const { t } = floor.i18n;
  const rows = seats({ counters: floor.watch.counters.value, busy: floor.watch.busy.value, now });
  const open = rows.filter((seat) => seat.phase !== 'closed');
  const closed = rows.filter((seat) => seat.phase === 'closed');
  return html`<section class="panel-card" aria-label=${floor.label(t('super.counters'))}><h3><${Icon} name="users" />${t('super.counters')}</h3>
    ${open.length === 0 ? html`<p class="quiet">${t('super.counters.none')}</p>` : html`<table class="grid"><thead><tr>
      ${['place', 'attendant', 'state', 'ticket', 'time'].map((name) => html`<th scope="col" class=${name === 'time' ? 'number' : ''}>
        ${t(`super.col.${name}`)}</th>`)}<td></td></tr></thead>
      <tbody>${open.map((seat) => html`<${SeatRow} key=${seat.counter.id} floor=${floor} seat=${seat} />`)}</tbody></table>`}
    ${closed.length > 0 && html`<p class="quiet closed-list">${t('super.closed')} ${closed.map(({ counter }) =>
      placeName(t, counter.kind, counter.number)).join(', ')}</p>`}</section>`;
}

function QueueLine({ floor, row }) {
  const { t } = floor.i18n;
  const toggle = () => { floor.dialog.value = { name: 'service', service: row }; };
  const label = t(row.closed === 'service_closed' ? 'service.open' : 'service.close', { name: row.name });
  return html`<tr data-service=${row.id}><th scope="row">${row.name}${row.closed && html` <span class="state">${t(`closed.${row.closed}`)}</span>`}</th>
    <td class="number">${row.waiting}</td>
    <td class="number">${row.waiting ? html`<${Wait} seconds=${row.oldest} target=${row.target} t=${t} />` : '–'}</td>
    <td class="number">${row.estimate ? t('super.estimate', { low: row.estimate.low, high: row.estimate.high }) : '–'}</td>
    <td><button type="button" class="button-icon button-tiny" onClick=${toggle} title=${label} aria-label=${label}>
      <${Icon} name=${row.closed === 'service_closed' ? 'lock' : 'power'} size="1.1em" /></button></td></tr>`;
}

function Queues({ floor, now }) {
  const { t } = floor.i18n;
  const rows = queues({ waiting: floor.watch.queue.value?.tickets ?? [], services: allServices(floor.watch.menu.value), now });
  return html`<section class="panel-card" aria-label=${floor.label(t('super.queues'))}><h3><${Icon} name="list-ordered" />${t('super.queues')}</h3>
    ${rows.length === 0 ? html`<p class="quiet">${t('queue.empty')}</p>` : html`<table class="grid"><thead><tr>
      ${['service', 'waiting', 'oldest', 'forecast'].map((name) => html`<th scope="col" class=${name === 'service' ? '' : 'number'}>
        ${t(`super.col.${name}`)}</th>`)}<td></td></tr></thead>
      <tbody>${rows.map((row) => html`<${QueueLine} key=${row.id} floor=${floor} row=${row} />`)}</tbody></table>`}</section>`;
}

function Devices({ floor }) {
  const { t } = floor.i18n;
  const devices = floor.watch.devices.value;
  if (!devices) return null;
  const seq = floor.watch.queue.value?.seq ?? null;
  const rows = devices.map((device) => ({ device, health: deviceHealth(device, seq) }));
  return html`<section class="panel-card" aria-label=${floor.label(t('super.devices'))}><h3><${Icon} name="activity" />${t('super.devices')}</h3>
    <ul class="devices">${rows.map(({ device, health }) => html`<li key=${device.id} class=${`device device-${health.level}`} data-device=${device.id}>
      <${Icon} name=${DEVICE_ICON[device.kind] ?? 'plug'} />
      <span class="device-name">${device.name}</span>
      <span class="device-state"><${Icon} name=${LEVEL_ICON[health.level]} size="1em" />${t(`device.${health.key}`)}
        ${health.cause ? ` ${t(`print.cause.${health.cause}`)}` : ''}${health.key === 'silent'
          ? ` ${t('device.since', { time: floor.time(device.last_seen_at) })}` : ''}</span>
      ${device.kind === 'printer' && device.paired && html`<${PrinterOrders} floor=${floor} device=${device} />`}</li>`)}</ul></section>`;
}

/** Everybody who waits, in the order of calling, and those set aside. */
function Everybody({ floor, now }) {
  const { t, plural } = floor.i18n;
  const waiting = floor.watch.queue.value?.tickets ?? [];
  const parked = floor.watch.parked.value;
  const row = (ticket, side) => html`<li key=${ticket.id}><button type="button" class="row" data-ticket=${ticket.label} onClick=${() => floor.openTicket(ticket)}>
    <span class="row-position">${ticket.position ?? ''}</span>
    <span class="row-main"><span class="row-head"><strong class="row-label">${ticket.label}</strong><${Tier} tier=${ticket.tier} t=${t} /><${Late} ticket=${ticket} t=${t} /></span>
      <span class="row-service">${ticket.service_name}</span><span class="row-reason">${ticket.reason_text ?? ''}</span></span>
    <span class="row-wait">${side}</span></button></li>`;
  const seconds = (ticket) => Math.max(0, Math.floor((now - Date.parse(ticket.arrival_at)) / 1000));
  return html`<section class="panel-card everybody" aria-label=${floor.label(t('super.everybody'))}>
    <h3><${Icon} name="users-round" />${t('super.everybody')} <span class="queue-count">${plural('queue.count', waiting.length)}</span></h3>
    <${Order} floor=${floor} />
    ${waiting.length === 0 && html`<p class="quiet">${t('queue.empty')}</p>`}
    <ol class="rows rows-many">${waiting.map((ticket) => row(ticket, html`<${Wait} seconds=${seconds(ticket)} target=${ticket.target_minutes} t=${t} />`))}</ol>
    ${parked.length > 0 && html`<h4>${plural('queue.aside', parked.length)}</h4>
      <ul class="rows rows-many">${parked.map((ticket) => row(ticket, html`<${TicketState} state=${ticket.state} t=${t} />`))}</ul>`}</section>`;
}

/** Closing somebody's counter, opening or closing a service: asked once, said afterwards. */
function Confirm({ floor }) {
  const { t } = floor.i18n;
  const { name, counter, service } = floor.dialog.value;
  const close = () => { floor.dialog.value = null; };
  const base = `/units/${floor.watch.unit}`;
  if (name === 'close') {
    const place = placeName(t, counter.kind, counter.number);
    const text = t('super.close.text', { name: counter.attendant_name ?? '' });
    return html`<${ReasonDialog} app=${floor} name="super.close" title=${t('super.close', { place })} text=${text} kind="button-danger"
      onClose=${close} onSubmit=${(reason) => floor.desk.run('close', `${base}/counters/${counter.id}/close`, { reason }, { quiet: true })} />`;
  }
  const opening = service.closed === 'service_closed';
  const verb = opening ? 'open' : 'close';
  return html`<${FormDialog} app=${floor} title=${t(`service.${verb}`, { name: service.name })} submit=${t(`service.${verb}.submit`)} onClose=${close}
    onSubmit=${() => floor.desk.run('service', `${base}/services/${service.id}/open`, { open: opening }, { quiet: true })}>
    <p>${t(`service.${verb}.text`)}</p></${FormDialog}>`;
}

function Floor({ floor, alone }) {
  const { t } = floor.i18n;
  const now = floor.beat.value;
  const name = floor.watch.menu.value?.unit.name ?? floor.watch.unit;
  const searching = useSignal(false);
  return html`<section class="floor" data-unit=${floor.watch.unit} aria-label=${name}>
    <h2 class=${alone ? 'visually-hidden' : ''}>${name}</h2>
    <${Figures} floor=${floor} now=${now} />
    <${Hint} floor=${floor} now=${now} />
    <div class="floor-grid"><div class="floor-side"><${Counters} floor=${floor} now=${now} /><${Devices} floor=${floor} /></div>
      <div class="floor-side"><${Queues} floor=${floor} now=${now} /><${Citizens} floor=${floor} /></div></div>
    <div class="floor-tickets"><${Everybody} floor=${floor} now=${now} />
      ${searching.value ? html`<${Search} app=${floor} />` : html`<button type="button" class="button button-small search-open"
        onClick=${() => { searching.value = true; }}><${Icon} name="search" />${t('super.search')}</button>`}</div>
    ${floor.dialog.value && html`<${Confirm} floor=${floor} />`}
    ${floor.sheet.value && html`<${TicketSheet} key=${floor.sheet.value.id} app=${floor} ticket=${floor.sheet.value}
      onClose=${() => { floor.sheet.value = null; }} />`}
    <${Notices} app=${floor} /></section>`;
}

function Units({ app }) {
  const { t } = app.i18n;
  const shown = app.floors.value.map((floor) => floor.watch.unit);
  if (app.units.value.length < 2) return null;
  return html`<div class="units" role="group" aria-label=${t('super.units')}>${app.units.value.map((unit) => html`<button
    type="button" class="chip" key=${unit.id} data-unit-chip=${unit.id} aria-pressed=${shown.includes(unit.id)}
    onClick=${() => app.toggle(unit.id)}>${unit.name.replace(/^Pró-Cidadão /, '')}</button>`)}</div>`;
}

/** The part of the page that the address names: `#unit`, or the room. The skip link's `#main` is no part. */
const place = signal(location.hash === '#unit');
addEventListener('hashchange', () => { if (location.hash !== '#main') place.value = location.hash === '#unit'; });

export function Supervision({ app }) {
  const { t } = app.i18n;
  const floors = app.floors.value;
  const one = floors.length === 1 ? floors[0] : null;
  const tabs = html`<a class="tab" href="/counter"><${Icon} name="megaphone" />${t('nav.counter')}</a>
    <a class="tab" href="#" aria-current=${place.value ? undefined : 'page'}><${Icon} name="layout-dashboard" />${t('nav.supervisor')}</a>
    <a class="tab" href="#unit" aria-current=${place.value ? 'page' : undefined}><${Icon} name="settings" />${t('nav.unit')}</a>`;
  return html`<a class="skip-link" href="#main">${t('nav.skip')}</a>
    <${Bar} app=${app} title=${t('super.title')} subtitle=${one ? one.watch.menu.value?.unit.name ?? '' : t('super.several', { n: floors.length })}
      status=${floors[0]?.watch.status} tabs=${tabs} />
    <main class="floors" id="main" tabindex="-1">${place.value ? html`<${UnitPage} app=${app} />` : html`<${Units} app=${app} />
      ${floors.map((floor) => html`<${Floor} key=${floor.watch.unit} floor=${floor} alone=${Boolean(one)} />`)}`}</main>
    <${Notices} app=${app} />`;
}
