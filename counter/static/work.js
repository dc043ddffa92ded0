/** The attendant's work: bar with the seat, queue on the left, ticket on the right; or the reception. */
import { html, useEffect } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { NextServiceDialog, PerformedDialog, ReasonDialog, TransferDialog } from './dialogs.js';
import { Bar, Notices } from './frame.js';
import { DeskButton, Hand } from './hand.js';
import { Queue } from './queue.js';
import { Reception } from './reception.js';
import { TicketSheet } from './sheet.js';
import { placeName } from './widgets.js';

function Tabs({ app }) {
  const { t } = app.i18n;
  const tab = (name, icon) => html`<button type="button" class="tab" data-tab=${name}
    aria-current=${app.place.value === name ? 'page' : undefined} onClick=${() => app.go(name)}>
    <${Icon} name=${icon} />${t(`nav.${name}`)}</button>`;
  const leads = ['supervisor', 'admin'].includes(app.session.user.value?.role);
  return html`${tab('counter', 'megaphone')}${tab('reception', 'ticket')}
    ${leads && html`<a class="tab" href="/supervisor"><${Icon} name="layout-dashboard" />${t('nav.supervisor')}</a>`}`;
}

function Seat({ app, room }) {
  const { t } = app.i18n;
  const { counter } = room.hand.value;
  if (!counter || app.place.value !== 'counter') return null;
  const verdicts = app.desk.verdicts({ ...room.hand.value, now: app.beat.value });
  const toggle = counter.state === 'paused' ? null : 'pause';
  return html`<span class=${`seat seat-${counter.state}`} data-seat=${counter.state}>${t(`seat.${counter.state}`)}</span>
    ${toggle && html`<${DeskButton} app=${app} name=${toggle} kind="button-small" verdicts=${verdicts} />`}
    <${DeskButton} app=${app} name="close" kind="button-small" verdicts=${verdicts}
      label=${t(`close.${counter.kind}`)} />`;
}

/** The one dialog that is open, if any. */
function Dialogs({ app }) {
  const name = app.dialog.value;
  const ticket = app.situation.value.ticket;
  const close = () => { app.dialog.value = null; };
  if (app.sheet.value) return html`<${TicketSheet} key=${app.sheet.value.id} app=${app} ticket=${app.sheet.value}
    onClose=${() => { app.sheet.value = null; }} />`;
  if (name === 'pause') return html`<${ReasonDialog} app=${app} name="pause" onSubmit=${app.desk.pause} onClose=${close} />`;
  if (!ticket) return null;
  if (name === 'hold') return html`<${ReasonDialog} app=${app} name="hold" onSubmit=${app.desk.hold} onClose=${close} />`;
  if (name === 'transfer') return html`<${TransferDialog} app=${app} ticket=${ticket} onClose=${close} />`;
  if (name === 'next_service') return html`<${NextServiceDialog} app=${app} ticket=${ticket} onClose=${close} />`;
  if (name === 'performed') return html`<${PerformedDialog} app=${app} ticket=${ticket} onClose=${close} />`;
  return null;
}

/** When the button that had the focus is gone, the next big one gets it: the keyboard never falls off the screen. */
function useFocus(app) {
  const ticket = app.situation.value.ticket?.id;
  useEffect(() => {
    if (document.activeElement === document.body) document.querySelector('.act-primary')?.focus();
  }, [app.phase.value, ticket, app.place.value]);
}

export function Work({ app, room }) {
  const { t } = app.i18n;
  const { counter } = room.hand.value;
  useFocus(app);
  const title = counter ? placeName(t, counter.kind, counter.number) : t('nav.reception');
  return html`<a class="skip-link" href="#main">${t('nav.skip')}</a>
    <${Bar} app=${app} title=${title} subtitle=${app.unitName.value} status=${room.status} tabs=${html`<${Tabs} app=${app} />`}>
      <${Seat} app=${app} room=${room} /></${Bar}>
    <${Notices} app=${app} />
    ${app.place.value === 'reception' ? html`<${Reception} app=${app} />`
      : html`<main class="work" id="main" tabindex="-1"><${Queue} app=${app} room=${room} /><${Hand} app=${app} room=${room} /></main>`}
    <${Dialogs} app=${app} />`;
}
