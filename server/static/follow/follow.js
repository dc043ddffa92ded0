/**
 * Keeps the phone page true. No library: the page must load on an old phone and a poor network.
 * Asks more often the nearer the turn is; a phone in the pocket asks seldom; told to slow down, it does.
 */
const { token, language, view: first, texts } = JSON.parse(document.getElementById('boot').textContent);
const $ = (id) => document.getElementById(id);
const ENDED = new Set(['finished', 'cancelled', 'expired']);
const SLOWEST_MS = 60_000;
const NOTE = 'vez.push';

let view = first;
let failures = 0;
let timer = null;
let audio = null;
let canPush = false;
let updated = Date.now();

const fill = (text, vars) => text.replace(/\{(\w+)\}/g, (_all, name) => vars[name] ?? '');
const clock = (iso) => (iso ?? '').slice(11, 16); // the unit's own time, as on the paper

/** How long until the next question, in milliseconds. */
export function pause({ state, ahead }, hidden, failed) {
  if (failed) return Math.min(SLOWEST_MS, 3000 * 2 ** Math.min(failed, 5));
  const base = state === 'called' ? 4000 : state !== 'waiting' ? 10_000 : ahead <= 2 ? 5000 : ahead <= 8 ? 10_000 : 20_000;
  return hidden ? base * 2 : base;
}

function draw() {
  const { ticket } = view;
  const { state } = ticket;
  document.body.dataset.state = state;
  $('state').textContent = texts[state];
  $('place').hidden = !ticket.counter_number;
  $('place').replaceChildren();
  if (ticket.counter_number) {
    const number = document.createElement('strong');
    number.textContent = ticket.counter_number;
    $('place').append(`${texts[ticket.counter_kind] ?? ''} `, number);
  }
  $('more').textContent = state === 'called'
    ? fill(texts.called_at, { time: clock(ticket.called_at) }) + (ticket.calls > 1 ? ` · ${fill(texts.calls, { n: ticket.calls })}` : '')
    : texts[`${state}_text`] ?? '';
  $('queue').hidden = state !== 'waiting';
  if (ENDED.has(state)) { $('sound').hidden = true; $('hint').hidden = true; }
  drawDeeds();
  if (state === 'waiting') drawQueue(ticket);
  const place = ticket.counter_number ? `${texts[ticket.counter_kind]} ${ticket.counter_number}` : texts[state];
  document.title = state === 'called' ? `${texts.called} ${place}` : fill(texts.title, ticket);
}

/** What may be done now; a question about something that may not be done any more goes away. */
function drawDeeds() {
  const { ticket, can, rating } = view;
  const told = ticket.state === 'waiting' && ticket.late_at;
  $('late-said').hidden = !told;
  if (told) $('late-said').textContent = fill(texts.late_said, { time: clock(ticket.late_at) });
  for (const [deed, may] of [['late', can.late], ['give-up', can.give_up]]) {
    $(deed).hidden = !may;
    if (!may) $(`ask-${deed}`).hidden = true;
  }
  $('rate').hidden = !can.rate;
  $('push-me').hidden = !(canPush && view.push_key);
  $('thanks').hidden = !rating;
}

function drawQueue({ ahead, estimate }) {
  $('ahead').textContent = ahead === 0 ? texts.ahead_none : fill(texts[ahead === 1 ? 'ahead.one' : 'ahead.other'], { n: ahead ?? '' });
  $('wait').textContent = estimate
    ? fill(estimate.low && estimate.low !== estimate.high ? texts.minutes : texts.minutes_upto, estimate) : texts.no_estimate;
}

/** A new call, or one more: what the pocket must feel. */
function alarm() {
  navigator.vibrate?.([500, 200, 500, 200, 800]);
  if (!audio) return;
  const start = audio.currentTime;
  [[0, 784], [0.25, 988], [0.5, 1175]].forEach(([at, hertz]) => {
    const tone = audio.createOscillator();
    const gain = audio.createGain();
    tone.frequency.value = hertz;
    gain.gain.setValueAtTime(0.0001, start + at);
    gain.gain.exponentialRampToValueAtTime(0.6, start + at + 0.02);
    gain.gain.exponentialRampToValueAtTime(0.0001, start + at + 0.6);
    tone.connect(gain).connect(audio.destination);
    tone.start(start + at);
    tone.stop(start + at + 0.65);
  });
}

async function ask() {
  clearTimeout(timer);
  try {
    const stop = new AbortController();
    const late = setTimeout(() => stop.abort(), 8000);
    const query = new URLSearchParams({ lang: language });
    const response = await fetch(`/api/v1/tickets/follow/${encodeURIComponent(token)}?${query}`, { cache: 'no-store', signal: stop.signal });
    clearTimeout(late);
    if (!response.ok) throw new Error(String(response.status));
    take(await response.json());
  } catch {
    failures += 1;
    fresh();
  }
  if (!ENDED.has(view.ticket.state)) timer = setTimeout(ask, pause(view.ticket, document.hidden, failures));
}

/** The unit has another name or other colours: seen without a reload. The old look stays until the new one is there. */
function drawUnit({ id, name, look }) {
  document.querySelector('.unit').textContent = name;
  if (look === view.unit.look) return;
  const old = document.querySelector('link[href*="/brand.css"]');
  const sheet = document.createElement('link');
  sheet.rel = 'stylesheet';
  sheet.href = `/units/${encodeURIComponent(id)}/brand.css?${look}`;
  sheet.addEventListener('load', () => old?.remove());
  sheet.addEventListener('error', () => sheet.remove());
  document.head.append(sheet);
}

function take(next) {
  const before = view.ticket;
  drawUnit(next.unit);
  view = next;
  failures = 0;
  updated = Date.now();
  const { state, calls } = next.ticket;
  if (state === 'called' && (before.state !== 'called' || calls > before.calls)) alarm();
  draw();
  fresh();
}

/** The time of day where the unit is, whatever the phone's own clock is set to: by the offset that the server writes. */
function timeThere(ms) {
  const [, sign = '+', hours = 0, minutes = 0] = /([+-])(\d\d):(\d\d)$/.exec(view.ticket.issued_at) ?? [];
  const offset = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -60_000 : 60_000);
  return clock(new Date(ms + offset).toISOString());
}

function fresh() {
  const time = timeThere(updated);
  $('fresh').textContent = ENDED.has(view.ticket.state) ? '' : failures > 1 ? fill(texts.stale, { time }) : texts.live;
}

/** Asks before the deed, in the page itself: the sound that was switched on stays on. */
function question(deed, open) {
  for (const other of ['late', 'give-up']) $(`ask-${other}`).hidden = !(open && other === deed);
  (open ? $(`ask-${deed}`) : $(deed)).focus();
}

/** The forms of the page, sent without leaving it. Whatever comes of it, the page shows how things are now. */
async function act(form) {
  const { deed } = form.dataset;
  const said = new FormData(form);
  const body = deed === 'rating' ? { score: Number(said.get('score')), comment: said.get('comment').trim() } : {};
  const button = form.querySelector('button');
  button.disabled = true;
  try {
    const query = new URLSearchParams({ lang: language });
    const response = await fetch(`/api/v1/tickets/follow/${encodeURIComponent(token)}/${deed}?${query}`, {
      method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
    });
    if (response.status === 409) { await ask(); } else if (!response.ok) throw new Error(String(response.status)); else take(await response.json());
    $('state').focus();
    $('sorry').hidden = true;
  } catch {
    $('sorry').textContent = texts.sorry;
    $('sorry').hidden = false;
  }
  button.disabled = false;
}

/** This browser's subscription; one that it made for an older key of ours gives way. */
async function subscription({ pushManager }) {
  const wish = { userVisibleOnly: true, applicationServerKey: view.push_key };
  try { return await pushManager.subscribe(wish); } catch (error) {
    if (error.name !== 'InvalidStateError') throw error;
    await (await pushManager.getSubscription())?.unsubscribe();
    return pushManager.subscribe(wish);
  }
}

async function keep(method, body) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch(`/api/v1/tickets/follow/${encodeURIComponent(token)}/push`, { method, headers, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(String(response.status));
}

/** Wakes the phone even when the page is closed: where the site is on https and the browser can. */
function offerPush() {
  const button = $('push');
  const worker = navigator.serviceWorker;
  if (!worker || !window.PushManager || !window.Notification) return;
  const note = JSON.parse(localStorage.getItem(NOTE) ?? '{}'); // of one ticket only: the latest
  let told = note.token === token ? note.endpoint : null;
  const show = (words = texts.push_hint) => {
    button.setAttribute('aria-pressed', String(Boolean(told)));
    button.textContent = told ? texts.push_on : texts.push;
    $('push-hint').textContent = words;
  };
  button.addEventListener('click', async () => {
    let words;
    button.disabled = true;
    try {
      if (told) {
        await keep('DELETE', { endpoint: told });
        told = null;
      } else if (await Notification.requestPermission() === 'granted') {
        await worker.register('/t/push.js', { scope: '/t/' });
        const { endpoint, keys } = (await subscription(await worker.ready)).toJSON();
        await keep('POST', { endpoint, keys, language });
        told = endpoint;
      } else words = texts.push_denied;
      if (told) localStorage.setItem(NOTE, JSON.stringify({ token, endpoint: told })); else localStorage.removeItem(NOTE);
    } catch ({ name }) { words = name === 'NotAllowedError' || name === 'AbortError' ? texts.push_denied : texts.sorry; }
    button.disabled = false;
    show(words);
  });
  show();
  canPush = true;
  drawDeeds();
}

/** Sound needs a tap first: phones let no page make noise by itself. */
async function toggleSound() {
  if (audio) {
    audio.close();
    audio = null;
  } else {
    audio = new Sound();
    alarm();
    navigator.wakeLock?.request('screen').catch(() => { /* only a comfort */ });
  }
  $('sound').setAttribute('aria-pressed', String(Boolean(audio)));
  $('sound').textContent = audio ? texts.sound_on : texts.sound;
  $('hint').hidden = !audio;
}

for (const link of document.querySelectorAll('[data-ask], [data-close]')) {
  link.addEventListener('click', (event) => {
    event.preventDefault();
    question(link.dataset.ask ?? link.dataset.close, Boolean(link.dataset.ask));
  });
}
for (const form of document.querySelectorAll('form[data-deed]')) {
  form.addEventListener('submit', (event) => { event.preventDefault(); act(form); });
}

const Sound = window.AudioContext ?? window.webkitAudioContext; // iPhones of 2020
if (!ENDED.has(view.ticket.state)) {
  if (Sound) {
    $('sound').hidden = false;
    $('sound').addEventListener('click', toggleSound);
  }
  try { offerPush(); } catch { /* a browser that keeps nothing: the button stays away */ }
  document.addEventListener('visibilitychange', () => { if (!document.hidden) ask(); });
  addEventListener('online', ask);
  fresh();
  timer = setTimeout(ask, pause(view.ticket, document.hidden, 0));
}
