/** Settings that survive a reload, in localStorage, safe where storage is denied or full. */
import { effect, signal } from '@preact/signals-core';

const PREFIX = 'vez.';

/** The raw text under a key, or null. Never throws: a hardened kiosk browser may deny storage. */
export function readText(name) {
  try {
    return globalThis.localStorage?.getItem(PREFIX + name) ?? null;
  } catch {
    return null;
  }
}

/** Keep (or with null, drop) a text. False when the browser refuses to keep it. */
export function writeText(name, text) {
  try {
    if (text === null) globalThis.localStorage.removeItem(PREFIX + name);
    else globalThis.localStorage.setItem(PREFIX + name, text);
    return true;
  } catch {
    return false;
  }
}

function parse(text, initial) {
  if (text === null) return initial;
  try {
    return JSON.parse(text);
  } catch {
    return initial;
  }
}

/** A signal whose JSON value is kept under `name`; other tabs of the same browser see changes. */
export function persisted(name, initial) {
  const value = signal(parse(readText(name), initial));
  let first = true;
  effect(() => {
    const text = JSON.stringify(value.value);
    if (first) first = false;
    else if (text !== readText(name)) writeText(name, text);
  });
  globalThis.addEventListener?.('storage', (event) => {
    if (event.key === PREFIX + name) value.value = parse(event.newValue, initial);
  });
  return value;
}
