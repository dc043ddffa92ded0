/** The picture on the wall. Everything it shows comes in through the model's signals; it changes nothing. */
import { classes, html, useEffect, useState } from 'vez/dom.js';
import { Connection, Icon } from 'vez/ui.js';
import { Fit } from './fit.js';
import { Media } from './media.js';
import { waitingByCategory, waitingPages } from './state.js';

const RECENT_SHOWN = 5;
/** Categories at a time: as many as can be read from the last row of chairs. */
const WAITING_PAGE = 4;
const PAGE_SECONDS = 12;
const MESSAGE_SECONDS = 10;

/** The index of what is shown of `count` things that take turns every so many seconds. */
function useTurns(count, seconds) {
  const [turn, setTurn] = useState(0);
  useEffect(() => {
    if (count < 2) return undefined;
    const timer = setInterval(() => setTurn((now) => now + 1), seconds * 1000);
    return () => clearInterval(timer);
  }, [count, seconds]);
  return count ? turn % count : 0;
}

/** "Guichê 3": the word of the counter's kind and its number, as shown and as spoken. */
export function counterText(t, call) {
  return call.number ? `${t(`kind.${call.kind}`)} ${call.number}` : t(`kind.${call.kind}`);
}

/** What cannot be heard, and why: a device that fails, or a wish. */
const SILENT = { stalled: ['sound.stalled', 'volume-x'], off: ['sound.off', 'volume-x'] };

/** What the room cannot hear, said on the screen; a button when a touch would help. */
function SoundSign({ status, voice, onUnlock, t }) {
  if (status === 'blocked') {
    return html`<button type="button" class="sound-button" onClick=${onUnlock}><${Icon} name="volume-2" />${t('sound.enable')}</button>`;
  }
  const [text, icon] = SILENT[status] ?? (voice === 'none' ? ['sound.novoice', 'volume-1'] : []);
  return text ? html`<span class="sound-sign" role="status"><${Icon} name=${icon} /><span>${t(text)}</span></span>` : null;
}

function Top({ model, sound, i18n }) {
  const { t } = i18n;
  const unit = model.menu.value?.unit;
  const now = model.minute.value;
  const timeZone = model.timeZone.value;
  const date = i18n.formatTime(now, { weekday: 'long', day: 'numeric', month: 'long', timeZone });
  const time = i18n.formatTime(now, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  return html`<header class="top">
    <div class="place"><span class="brand-logo"></span>
      <h1 class="unit"><${Fit} text=${unit?.name ?? t('title')} class="unit-fit" /></h1></div>
    <div class="signs">
      <${SoundSign} status=${model.settings.value.sound.enabled ? sound.status.value : 'off'} voice=${sound.voiceSource.value} onUnlock=${sound.unlock} t=${t} />
      <${Connection} status=${model.status} t=${t} />
    </div>
    <p class="date">${date}</p>
    <time class="clock">${time}</time>
  </header>`;
}

function nowTitle(panel) {
  if (panel.phase !== 'calling') return 'now.last';
  return panel.current.calls > 1 ? 'now.again' : 'now.calling';
}

function Idle({ t }) {
  return html`<section class="now now-idle" aria-label=${t('now.last')}>
    <${Icon} name="bell" class="idle-icon" />
    <p class="idle-text">${t('now.idle')}</p><p class="idle-hint">${t('now.idle.hint')}</p>
    <span class="horizon idle-horizon"></span>
  </section>`;
}

/** The call in progress (flashing), or the last one (quiet). The key restarts the flash for each call. */
function Now({ panel, name, i18n }) {
  const { t } = i18n;
  const call = panel.current;
  if (!call) return html`<${Idle} t=${t} />`;
  const spoken = t('now.spoken', { label: call.label, counter: counterText(t, call) });
  return html`<section key=${call.seq} class=${classes('now', panel.phase === 'calling' && 'now-calling')} data-seq=${call.seq}
    aria-labelledby="now-title">
    <div class="now-ticket">
      <div class="now-head">
        <h2 class="now-title" id="now-title">${t(nowTitle(panel))}</h2>
        <${Fit} text=${name} class="now-service" />
      </div>
      <${Fit} text=${call.label} class="now-label" />
    </div>
    <div class="now-counter">
      <${Fit} text=${t(`kind.${call.kind}`)} class="now-kind" />
      <${Fit} text=${call.number || '·'} class="now-number" />
      <${Fit} text=${counterText(t, call)} class="now-line">${t(`kind.${call.kind}`)} <strong>${call.number}</strong><//>
    </div>
    <p class="visually-hidden" role="status">${panel.phase === 'calling' ? spoken : ''}</p>
  </section>`;
}

function Recent({ panel, i18n }) {
  const { t, plural } = i18n;
  const shown = panel.recent.slice(0, RECENT_SHOWN);
  const more = panel.queue.length;
  // Before the second call of the day there is nothing to list: the first one has the room.
  if (!shown.length && !more) return null;
  return html`<section class="recent" aria-labelledby="recent-title">
    <div class="recent-head"><h2 id="recent-title" class="section-title">${t('recent.title')}</h2>
      ${more > 0 && html`<p class="more">${plural('queue.more', more)}</p>`}</div>
    ${shown.length > 0 && html`<ol class="recent-list">${shown.map((call) => html`
      <li key=${call.seq} class="recent-call">
        <${Fit} text=${call.label} class="recent-label" />
        <${Fit} text=${counterText(t, call)} class="recent-counter" />
      </li>`)}</ol>`}
  </section>`;
}

function WaitingRow({ row, i18n }) {
  const { t, plural } = i18n;
  const people = row.waiting ? plural('waiting.people', row.waiting) : t('waiting.nobody');
  const forecast = row.estimate ? t('waiting.estimate', row.estimate) : t('waiting.none');
  return html`<li class="waiting-row">
    <${Icon} name=${row.icon ?? 'users'} class="waiting-icon" />
    <${Fit} text=${row.name} class="waiting-name" />
    <${Fit} text=${`${people} ${forecast}`} class="waiting-facts"><strong>${people}</strong>
      ${row.waiting > 0 && html`<span class="waiting-forecast">${forecast}</span>`}<//>
  </li>`;
}

/** So many categories at a time; where more have a queue, they take turns. */
function Waiting({ rows, i18n }) {
  const { t } = i18n;
  const parts = waitingPages(rows, WAITING_PAGE);
  const pages = parts.length;
  const page = useTurns(pages, PAGE_SECONDS);
  if (!pages) return null;
  const shown = parts[page];
  return html`<section class="waiting" aria-labelledby="waiting-title">
    <h2 id="waiting-title" class="section-title">${t('waiting.title')}
      ${pages > 1 && html`<span class="page">${t('waiting.page', { page: page + 1, pages })}</span>`}</h2>
    <ul class="waiting-list">${shown.map((row) => html`<${WaitingRow} key=${row.id} row=${row} i18n=${i18n} />`)}</ul>
  </section>`;
}

/** The unit's messages, one whole message at a time: moving text is hard to read from eight metres. */
function Notices({ messages, t }) {
  const turn = useTurns(messages.length, MESSAGE_SECONDS);
  if (!messages.length) return null;
  return html`<section class="notices" aria-label=${t('notice.title')}>
    <${Icon} name="megaphone" class="notices-icon" /><${Fit} key=${turn} text=${messages[turn]} class="notice" />
  </section>`;
}

function Law({ t }) {
  return html`<section class="law" aria-label=${t('law.title')}>
    <${Icon} name="accessibility" class="law-icon" /><${Fit} text=${t('law')} class="law-text" />
  </section>`;
}

/** The unit that this screen was sent to does not exist: said plainly, for whoever is installing it. */
export function UnknownUnit({ t }) {
  return html`<main class="problem"><${Icon} name="circle-help" size="6rem" /><h1>${t('unit.unknown')}</h1><p>${t('unit.unknown.hint')}</p></main>`;
}

function serviceName(menu, id) {
  const services = (menu?.categories ?? []).flatMap((category) => category.services);
  return services.find((service) => service.id === id)?.name ?? '';
}

/** The whole panel, from the signals of model.js and the state of the sound. */
export function Panel({ model, sound, i18n }) {
  const { t } = i18n;
  const panel = model.panel.value;
  const menu = model.menu.value;
  const settings = model.settings.value;
  const rows = waitingByCategory(menu, model.board.value.waiting, settings.filter);
  const messages = [menu?.notices?.order, menu?.message, ...settings.messages].filter(Boolean);
  const calling = panel.phase === 'calling';
  const playing = settings.layout === 'media' && settings.media.length > 0;
  return html`<div class=${classes('panel', playing ? 'panel-media' : 'panel-calls', calling && 'panel-calling', messages.length > 0 && 'panel-notices')}>
    <${Top} model=${model} sound=${sound} i18n=${i18n} />
    <main class="stage">
      <${Now} panel=${panel} name=${serviceName(menu, panel.current?.service)} i18n=${i18n} />
      ${playing && html`<${Media} items=${settings.media} paused=${calling} model=${model} t=${t} />`}
      <${Recent} panel=${panel} i18n=${i18n} />
      <${Waiting} rows=${rows} i18n=${i18n} />
    </main>
    <footer class="foot"><${Notices} messages=${messages} t=${t} /><${Law} t=${t} /></footer>
  </div>`;
}
