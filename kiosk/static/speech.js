/**
 * Reading the screen aloud, without internet: audio made by the server's own voice, else the browser's.
 * One thing is said at a time; whatever comes next silences what was being said.
 */
import { signal } from 'vez/dom.js';

const FETCH_MS = 6000;
const REST_MS = 30_000; // a server without voice is not asked again for a while
const CHUNK = 180; // characters a request: the first words come soon, and phrases repeat (cache)

/** Sentences joined up to CHUNK characters, so that speech starts at once and pauses where people do. */
export function chunks(text) {
  const parts = [];
  for (const sentence of text.replace(/\s+/g, ' ').trim().split(/(?<=[.!?:…;])\s+/)) {
    const last = parts.at(-1);
    if (last !== undefined && last.length + sentence.length < CHUNK && parts.length > 1) parts[parts.length - 1] = `${last} ${sentence}`;
    else if (sentence) parts.push(sentence);
  }
  return parts;
}

/** A label as people say it: "A, 0, 4, 2". */
export const spelled = (label) => [...label].join(', ');

/**
 * What a screen says: headings, texts and options in reading order, each once.
 * `data-say` replaces an element's own words; `data-quiet` and aria-hidden are left out.
 */
export function wordsOf(root) {
  const out = [];
  const walk = (node) => {
    if (node.nodeType !== Node.ELEMENT_NODE || node.hidden || node.getAttribute('aria-hidden') === 'true' || 'quiet' in node.dataset) return;
    if (node.dataset.say !== undefined) { out.push(node.dataset.say); return; }
    if (node.matches('h1, h2, h3, p, li, dt, dd, button, label')) { out.push(nameOf(node)); return; }
    for (const child of node.children) walk(child);
  };
  walk(root);
  return out.filter(Boolean).map((text) => (/[.!?:…]$/.test(text) ? text : `${text}.`)).join(' ');
}

/** What a control is called when focus reaches it. */
export function nameOf(node) {
  const words = node.dataset?.say ?? node.getAttribute('aria-label') ?? node.innerText ?? '';
  return words.replace(/\s+/g, ' ').trim();
}

/** `say(text)` resolves when said or interrupted; `available` turns false when no voice could be found. */
export function createSpeech({ unit, token, language, rate, volume, speech = globalThis.speechSynthesis }) {
  const available = signal(true);
  const kept = new Map();
  let context = null;
  let source = null;
  let turn = 0;
  let restUntil = 0;

  function audio() {
    context ??= new AudioContext();
    if (context.state === 'suspended') context.resume();
    return context;
  }

  async function load(text, lang) {
    if (performance.now() < restUntil) return null;
    const query = new URLSearchParams({ lang, text });
    const response = await fetch(`/api/v1/units/${encodeURIComponent(unit)}/voice?${query}`, {
      headers: { Authorization: `Bearer ${token()}` }, signal: AbortSignal.timeout(FETCH_MS),
    });
    if (!response.ok) throw new Error(`voice ${response.status}`);
    return audio().decodeAudioData(await response.arrayBuffer());
  }

  function fetched(text) {
    const lang = language.value;
    const name = `${lang} ${text}`;
    if (!kept.has(name)) {
      kept.set(name, load(text, lang).catch(() => {
        kept.delete(name);
        restUntil = performance.now() + REST_MS;
        return null;
      }));
      // Bounded: a kiosk stays on for months.
      if (kept.size > 40) kept.delete(kept.keys().next().value);
    }
    return kept.get(name);
  }

  function play(buffer) {
    return new Promise((resolve) => {
      source = audio().createBufferSource();
      const gain = context.createGain();
      gain.gain.value = volume();
      source.buffer = buffer;
      source.playbackRate.value = rate();
      source.connect(gain).connect(context.destination);
      source.onended = resolve;
      source.start();
    });
  }

  function browserSay(text) {
    const wanted = language.value.toLowerCase();
    const voices = speech?.getVoices?.() ?? [];
    const tag = (v) => v.lang.toLowerCase().replace('_', '-');
    const voice = voices.find((v) => tag(v) === wanted) ?? voices.find((v) => tag(v).startsWith(wanted.slice(0, 2)));
    if (!voice) return Promise.resolve(false);
    return new Promise((resolve) => {
      const words = new SpeechSynthesisUtterance(text);
      Object.assign(words, { voice, lang: voice.lang, rate: rate(), volume: volume() });
      const timer = setTimeout(() => resolve(true), 2000 + text.length * 150); // some never tell that they ended
      words.onend = () => { clearTimeout(timer); resolve(true); };
      words.onerror = () => { clearTimeout(timer); resolve(false); };
      speech.speak(words);
    });
  }

  function hush() {
    turn += 1;
    try { source?.stop(); } catch { /* had not begun */ }
    source = null;
    speech?.cancel?.();
  }

  async function say(text) {
    hush();
    const mine = turn;
    const parts = chunks(text);
    for (let i = 0; i < parts.length && mine === turn; i += 1) {
      const ready = fetched(parts[i]);
      if (parts[i + 1]) fetched(parts[i + 1]); // while this one is heard
      const buffer = await ready;
      if (mine !== turn) return;
      const heard = buffer ? await play(buffer).then(() => true) : await browserSay(parts[i]);
      if (mine !== turn) return;
      available.value = heard;
      if (!heard) return;
    }
  }

  return { say, hush, available };
}
