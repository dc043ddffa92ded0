/** Texts, numbers and times in pt-BR (default), en and es. Shared texts (`texts.js`) are merged in. */
import { signal } from '@preact/signals-core';
import shared from './texts.js';

export const LANGUAGES = ['pt-BR', 'en', 'es'];
export const DEFAULT_LANGUAGE = 'pt-BR';

/** The supported language nearest to a tag such as `pt`, `es-AR` or `fr` (the default). */
export function nearestLanguage(tag) {
  const wanted = String(tag ?? '').toLowerCase();
  const exact = LANGUAGES.find((l) => l.toLowerCase() === wanted);
  return exact ?? LANGUAGES.find((l) => l.split('-')[0] === wanted.split('-')[0]) ?? DEFAULT_LANGUAGE;
}

/** Fetch `<base>/<language>.json` for each language: `{language: {key: text}}`. */
export async function loadCatalogs(base, languages = LANGUAGES) {
  const load = async (language) => {
    const response = await fetch(`${base}/${language}.json`);
    if (!response.ok) throw new Error(`catalogue ${language}: ${response.status}`);
    return [language, await response.json()];
  };
  return Object.fromEntries(await Promise.all(languages.map(load)));
}

function fill(text, vars) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in vars ? String(vars[name]) : whole));
}

/**
 * Catalogues are flat: `{'pt-BR': {'done.title': 'Sua senha'}}`; a plural has the two keys
 * `<key>.one` and `<key>.other`. A key missing in a language falls back to the default language,
 * then to the key itself, so that a screen is never blank (tests refuse missing keys).
 * `language` is a signal: whatever reads `t()` while rendering follows a change.
 */
export function createI18n(catalogs, language = DEFAULT_LANGUAGE, { timeZone } = {}) {
  const current = signal(nearestLanguage(language));
  const find = (lang, key) => catalogs[lang]?.[key] ?? shared[lang]?.[key];

  function t(key, vars = {}) {
    return fill(find(current.value, key) ?? find(DEFAULT_LANGUAGE, key) ?? key, vars);
  }

  /** The same texts in one language, whatever the screen shows: what a voice says. */
  const tIn = (language) => (key, vars = {}) => fill(find(language, key) ?? find(DEFAULT_LANGUAGE, key) ?? key, vars);

  /** `plural('ahead', 3)` -> text of `ahead.other` with {n} = 3. pt-BR counts 0 as other, as people do. */
  function plural(key, n, vars = {}) {
    return t(`${key}.${n === 1 ? 'one' : 'other'}`, { n: formatNumber(n), ...vars });
  }

  function formatNumber(value, options) {
    return new Intl.NumberFormat(current.value, options).format(value);
  }

  /** "09:12" in the unit's zone; takes ISO text, Date or milliseconds. */
  function formatTime(value, options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }) {
    const date = value instanceof Date ? value : new Date(value);
    return new Intl.DateTimeFormat(current.value, { timeZone, ...options }).format(date);
  }

  function setLanguage(tag) {
    current.value = nearestLanguage(tag);
    if (globalThis.document) document.documentElement.lang = current.value;
  }

  return { t, tIn, plural, formatNumber, formatTime, setLanguage, language: current };
}
