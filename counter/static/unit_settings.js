/** What the supervisor sets of one unit: panels, play-list, look; and how good its forecasts were. No DOM here. */
import { signal } from 'vez/dom.js';

/** What a panel does where nobody chose anything: the server's own defaults (usecases/panels.py). */
export const DEFAULTS = Object.freeze({
  layout: 'calls', language: null, contrast: 'normal', fresh_seconds: 120,
  sound: Object.freeze({ enabled: true, volume: 1, repeat: 2, languages: Object.freeze([]) }),
  filter: Object.freeze({ categories: [], zones: [], counters: [] }),
  messages: Object.freeze([]),
});

/** Settings that are chosen together, for a panel that differs from the unit. */
export const GROUPS = Object.freeze({
  look: ['layout', 'language', 'contrast'], sound: ['sound', 'fresh_seconds'], filter: ['filter'], messages: ['messages'],
});

/** The groups in which a panel has its own way. */
export function ownGroups(chosen) {
  return Object.keys(GROUPS).filter((group) => GROUPS[group].some((key) => (chosen?.[key] ?? null) !== null));
}

/** The values that a form shows: chosen over inherited over the house's. */
export function shownValues(chosen, inherited = {}) {
  const known = (from) => Object.fromEntries(Object.entries(from ?? {}).filter(([, value]) => value !== null));
  return { ...DEFAULTS, ...known(inherited), ...known(chosen) };
}

/** What is sent: the chosen groups only; messages without empty lines, no language where the house's own holds. */
export function bodyOf(values, groups) {
  const keys = groups.flatMap((group) => GROUPS[group]);
  const body = Object.fromEntries(keys.map((key) => [key, values[key]]).filter(([, value]) => value !== null));
  if (body.messages) body.messages = body.messages.map((text) => text.trim()).filter(Boolean);
  return body;
}

/** The list with the item at `index` moved by one place; the same list where it cannot go further. */
export function moved(list, index, by) {
  const to = index + by;
  if (to < 0 || to >= list.length) return list;
  const next = [...list];
  [next[index], next[to]] = [next[to], next[index]];
  return next;
}

const channel = (part) => {
  const value = Number.parseInt(part, 16) / 255;
  return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
};
const luminance = (colour) => 0.2126 * channel(colour.slice(1, 3)) + 0.7152 * channel(colour.slice(3, 5)) + 0.0722 * channel(colour.slice(5, 7));

/** The contrast of two colours `#rrggbb`, 1 to 21, as WCAG 2.2 and the server compute it; null for what is no colour. */
export function contrast(one, other) {
  if (![one, other].every((colour) => /^#[0-9a-f]{6}$/i.test(colour ?? ''))) return null;
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

/** White or the house's dark ink, whichever is read better on the colour. */
export const inkOn = (colour) => (contrast(colour, '#ffffff') >= contrast(colour, '#12262f') ? '#ffffff' : '#12262f');

/**
 * Signals `panel`, `brand`, `forecast`, `devices` (null until read), `made` (the device just added, with its code),
 * `busy` (name of what is under way) and `notice` (`{card, kind, text}` of the last answer); `read()` and the changes,
 * which never reject.
 */
export function createUnitSettings({ unit, api, session, words, t }) {
  const names = ['panel', 'brand', 'forecast', 'devices', 'made', 'busy', 'notice'];
  const state = Object.fromEntries(names.map((name) => [name, signal(null)]));
  const base = `/units/${unit}`;

  async function rereadDevices() { state.devices.value = (await api.get(`${base}/devices`)).devices; }

  async function read() {
    const load = async (name, path) => { state[name].value = await api.get(base + path); };
    const parts = [load('panel', '/panel/settings'), load('brand', '/brand'), load('forecast', '/forecast'), rereadDevices()];
    await Promise.all(parts).catch((error) => { state.notice.value = { card: 'page', kind: 'bad', text: words(error) }; });
  }

  /** One change at a time; a token that another tab's login made old is renewed once. */
  async function change(card, work, done) {
    if (state.busy.peek()) return false;
    state.busy.value = card;
    state.notice.value = null;
    try {
      await work().catch(async (error) => {
        if (error.code !== 'csrf_failed') throw error;
        await session.restore();
        await work();
      });
      state.notice.value = done ? { card, kind: 'ok', text: t(done) } : null;
      return true;
    } catch (error) {
      state.notice.value = { card, kind: 'bad', text: words(error), detail: error.detail };
      return false;
    } finally {
      state.busy.value = null;
    }
  }

  const taken = (name) => (answer) => { state[name].value = answer; };
  const reread = async () => { state.panel.value = await api.get(`${base}/panel/settings`); };
  const device = (work, done) => change('devices', async () => { await work(); await rereadDevices(); }, done);
  const media = (work, done) => change('media', async () => { await work(); await reread(); }, done);
  return {
    ...state,
    unit,
    read,
    savePanel: (device, body) => change('panel', () =>
      api.put(`${base}/panel/settings${device ? `/${device}` : ''}`, body).then(taken('panel')), 'unit.saved'),
    addMedia: (file) => media(() => api.upload(`${base}/media?name=${encodeURIComponent(file.name.slice(0, 80))}`, file), 'unit.media.added'),
    planMedia: (id, plan) => media(() => api.put(`${base}/media/${id}`, plan), 'unit.saved'),
    orderMedia: (order) => media(() => api.post(`${base}/media/order`, { order })),
    dropMedia: (id) => media(() => api.del(`${base}/media/${id}`), 'unit.media.dropped'),
    readDevices: () => rereadDevices().catch(() => { /* what is known stays; the next look may come through */ }),
    addDevice: (kind, name) => device(async () => { state.made.value = await api.post(`${base}/devices`, { kind, name: name.trim() }); }),
    revokeDevice: (id) => device(() => api.post(`${base}/devices/${id}/revoke`, {}), 'unit.devices.revoked'),
    shareDevice: (id, units) => device(() => api.post(`${base}/devices/${id}/units`, { units }), 'unit.saved'),
    saveBrand: (wish) => change('brand', () => api.put(`${base}/brand`, wish).then(taken('brand')), 'unit.saved'),
    addLogo: (file) => change('brand', () => api.upload(`${base}/brand/logo`, file).then(taken('brand')), 'unit.saved'),
    dropLogo: () => change('brand', () => api.del(`${base}/brand/logo`).then(taken('brand')), 'unit.saved'),
  };
}
