/**
 * The PIN that keeps the public out of the settings. It is checked on the device, because settings must
 * open when the server is away; only staff who can sign in may set it. Kept salted and stretched.
 */
import { signal } from 'vez/dom.js';
import { readText, writeText } from 'vez/store.js';

const FREE_TRIES = 4;
const LOCK_SECONDS = 30; // doubles with each further wrong PIN
const ROUNDS = 3000;

const K = new Uint32Array(64);
const START = new Uint32Array(8);
// The constants of SHA-256 (FIPS 180-4, 4.2.2 and 5.3.3): fractional parts of the roots of the first primes.
(() => {
  const primes = [];
  for (let n = 2; primes.length < 64; n += 1) if (primes.every((p) => n % p)) primes.push(n);
  const fraction = (x) => Math.floor((x - Math.floor(x)) * 2 ** 32);
  primes.forEach((p, i) => { K[i] = fraction(Math.cbrt(p)); if (i < 8) START[i] = fraction(Math.sqrt(p)); });
})();

const right = (x, n) => (x >>> n) | (x << (32 - n));

function block(state, view, offset, w) {
  for (let i = 0; i < 16; i += 1) w[i] = view.getUint32(offset + i * 4);
  for (let i = 16; i < 64; i += 1) {
    const a = w[i - 15];
    const b = w[i - 2];
    w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ (a >>> 3)) + w[i - 7] + (right(b, 17) ^ right(b, 19) ^ (b >>> 10));
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const t1 = (h + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
    const t2 = ((right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
  }
  [a, b, c, d, e, f, g, h].forEach((x, i) => { state[i] += x; });
}

/** SHA-256 in hex. Written out because browsers hide crypto.subtle on plain http, as in a unit's own network. */
export function sha256(text) {
  const bytes = new TextEncoder().encode(text);
  const view = new DataView(new ArrayBuffer(((bytes.length + 72) >> 6) << 6));
  bytes.forEach((x, i) => view.setUint8(i, x));
  view.setUint8(bytes.length, 0x80);
  view.setUint32(view.byteLength - 4, bytes.length * 8);
  const state = START.slice();
  const w = new Uint32Array(64);
  for (let offset = 0; offset < view.byteLength; offset += 64) block(state, view, offset, w);
  return Array.from(state, (x) => x.toString(16).padStart(8, '0')).join('');
}

function stretched(pin, salt) {
  let digest = salt;
  for (let i = 0; i < ROUNDS; i += 1) digest = sha256(`${digest}:${salt}:${pin}`);
  return digest;
}

export const validPin = (pin) => /^[0-9]{4,8}$/.test(pin);

/** `check(pin)`: 'ok' | 'wrong' | 'locked'. Wrong tries are kept over a reload, so that reloading frees nobody. */
export function createPin(unit, now = () => Date.now()) {
  const name = `kiosk.${unit}.pin`;
  const read = () => { try { return JSON.parse(readText(name)); } catch { return null; } };
  const changed = signal(0);
  const keep = (record) => { writeText(name, JSON.stringify(record)); changed.value += 1; };

  function lockedSeconds() {
    const record = read();
    const over = (record?.wrong ?? 0) - FREE_TRIES;
    if (over < 0) return 0;
    const wait = Math.min(3600, LOCK_SECONDS * 2 ** over);
    const left = Math.ceil((record.at + wait * 1000 - now()) / 1000);
    return Math.min(wait, Math.max(0, left)); // a clock set back must not lock staff out for days
  }

  function check(pin) {
    const record = read();
    if (!record?.digest) return 'wrong';
    if (lockedSeconds() > 0) return 'locked';
    if (stretched(pin, record.salt) === record.digest) { keep({ ...record, wrong: 0 }); return 'ok'; }
    keep({ ...record, wrong: (record.wrong ?? 0) + 1, at: now() });
    return lockedSeconds() > 0 ? 'locked' : 'wrong';
  }

  function set(pin) {
    if (!validPin(pin)) throw new RangeError('a PIN has 4 to 8 digits');
    const salt = Array.from(crypto.getRandomValues(new Uint8Array(16)), (x) => x.toString(16).padStart(2, '0')).join('');
    keep({ salt, digest: stretched(pin, salt), wrong: 0, at: 0 });
  }

  return { check, set, lockedSeconds, exists: () => Boolean(changed.value >= 0 && read()?.digest) };
}
