/** What every page draws with: htm bound to Preact, signals, hooks, boot data, the device's token. */
import htm from 'htm';
import { Component, Fragment, h, render } from 'preact';
import { readText, writeText } from './store.js';

export { Component, Fragment, h, render };
export { useCallback, useEffect, useId, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
export { batch, computed, effect, signal, untracked, useComputed, useSignal, useSignalEffect } from '@preact/signals';

/** Tagged template for markup. Values are text nodes or attributes, never parsed as HTML. */
export const html = htm.bind(h);

/** The page's boot data (`<script type="application/json" id="boot">`); `{}` when there is none. */
export function boot() {
  const node = document.getElementById('boot');
  return node ? JSON.parse(node.textContent) : {};
}

const tokenName = (kind, unit) => `token.${kind}.${unit}`;

/**
 * The token of this device, or null when it must be paired first. A token in the address
 * (`#token=…`, as printed by the demo or put there by the browser's service unit) is taken once,
 * kept, and wiped from the address bar so that nobody can photograph it. A fragment never reaches a log.
 */
export function deviceToken(kind, unit) {
  const fragment = new URLSearchParams(location.hash.slice(1));
  const given = fragment.get('token');
  if (given) {
    keepDeviceToken(kind, unit, given);
    fragment.delete('token');
    const rest = fragment.toString();
    history.replaceState(null, '', location.pathname + location.search + (rest ? `#${rest}` : ''));
    return given;
  }
  return readText(tokenName(kind, unit));
}

/** Keep a token just paired; null forgets it (revoked device). */
export function keepDeviceToken(kind, unit, token) {
  return writeText(tokenName(kind, unit), token);
}

/** Join class names, skipping the falsy ones. */
export const classes = (...names) => names.filter(Boolean).join(' ');
