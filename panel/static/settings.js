/**
 * How one panel is set: what the unit's administration chose (`GET /units/{unit}/panel`, absent on an
 * older server), over it what the address of this screen says (`?layout=media&lang=en&counters=a,b`).
 * Pure: every value is checked, so that a wrong setting gives the default and never a blank screen.
 */
import { FRESH_SECONDS } from './state.js';

const LAYOUTS = ['calls', 'media'];
const KINDS = ['image', 'video'];

/** What a panel does when nobody chose anything. */
export const DEFAULTS = Object.freeze({
  layout: 'calls',
  language: null,
  contrast: 'normal',
  sound: Object.freeze({ enabled: true, volume: 1, repeat: 2, languages: Object.freeze([]) }),
  freshSeconds: FRESH_SECONDS,
  filter: null,
  messages: Object.freeze([]),
  media: Object.freeze([]),
});

const among = (values, value, otherwise) => (values.includes(value) ? value : otherwise);
const list = (value) => (Array.isArray(value) ? value : []);
const texts = (value) => list(value).filter((item) => typeof item === 'string' && item.trim());
const split = (value) => (value ?? '').split(',').map((item) => item.trim()).filter(Boolean);

function number(value, low, high, otherwise) {
  return typeof value === 'number' && Number.isFinite(value) ? Math.min(high, Math.max(low, value)) : otherwise;
}

function soundOf(raw) {
  return {
    enabled: raw?.enabled !== false,
    volume: number(raw?.volume, 0, 1, DEFAULTS.sound.volume),
    repeat: Math.round(number(raw?.repeat, 0, 3, DEFAULTS.sound.repeat)),
    languages: texts(raw?.languages),
  };
}

/** Only files of our own server are played: a panel must work without internet, and follow no stranger. */
function mediaOf(raw) {
  return list(raw).filter((item) => KINDS.includes(item?.kind) && /^\/(?!\/)/.test(item?.url ?? '')).map((item) => ({
    id: String(item.id ?? item.url),
    kind: item.kind,
    url: item.url,
    alt: typeof item.alt === 'string' ? item.alt : '',
    seconds: number(item.seconds, 3, 600, 15),
    from: typeof item.from === 'string' ? item.from : null,
    to: typeof item.to === 'string' ? item.to : null,
    starts: typeof item.starts === 'string' ? item.starts : null,
    ends: typeof item.ends === 'string' ? item.ends : null,
    days: list(item.days).filter((day) => Number.isInteger(day) && day >= 1 && day <= 7),
  }));
}

function filterOf(raw, query) {
  const counters = query.has('counters') ? split(query.get('counters')) : texts(raw?.counters);
  const services = query.has('services') ? split(query.get('services')) : texts(raw?.services);
  return counters.length || services.length ? { counters, services } : null;
}

/** The settings in force, from the server's (or null) and the address's query (URLSearchParams). */
export function settingsFrom(raw, query = new URLSearchParams()) {
  return {
    layout: among(LAYOUTS, query.get('layout') ?? raw?.layout, DEFAULTS.layout),
    language: query.get('lang') ?? (typeof raw?.language === 'string' ? raw.language : null),
    contrast: among(['normal', 'high'], query.get('contrast') ?? raw?.contrast, DEFAULTS.contrast),
    sound: query.get('sound') === 'off' ? { ...soundOf(raw?.sound), enabled: false } : soundOf(raw?.sound),
    freshSeconds: number(raw?.fresh_seconds, 5, 3600, DEFAULTS.freshSeconds),
    filter: filterOf(raw?.filter, query),
    messages: texts(raw?.messages),
    media: mediaOf(raw?.media),
  };
}
