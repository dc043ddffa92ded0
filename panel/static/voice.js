/**
 * Where the voice comes from: audio made by the server (no internet needed), else the browser's own
 * speech. Both say the same phrase, built from the call that the screen shows.
 */

const FETCH_MS = 4000;
/** A server that has no voice, or failed twice in a row, is not asked for a while: no call waits for it. */
const REST_MS = 60_000;
const PATIENCE = 2;
const NO_VOICE = [404, 501, 503];
/** The browser's speech is given this long per phrase, since some never tell that they ended. */
const SPEECH_MS = 9000;

/** The address of the audio of a call. `kind` and `number` are what the screen shows. */
export function voiceUrl(unit, language, call) {
  const query = new URLSearchParams({ lang: language, label: call.label, kind: call.kind, number: call.number });
  return `/api/v1/units/${encodeURIComponent(unit)}/voice?${query}`;
}

/** What the browser's own voice is given: every character of the label on its own, as in the server's phrase. */
export function spokenText(t, call) {
  const spelled = Array.from(call.label.replaceAll(/[^\p{L}\p{N}]/gu, '')).join(', ');
  const counter = call.number ? ` ${t(`kind.${call.kind}`)} ${call.number}.` : '';
  return `${t('voice.ticket')} ${spelled}.${counter}`;
}

/**
 * `token()`, `languages()` and `tIn(language)` (the words of a language) are read at each call, so that a change is
 * heard at once. The first time a call is said in the first language, the second time in the second, and so on.
 */
export function createVoice({ unit, token, languages, tIn, fetch = globalThis.fetch, speech = globalThis.speechSynthesis, clock = () => performance.now() }) {
  // The call being said and the next one, in each language. More would grow for ever.
  const kept = new Map();
  let restUntil = 0;
  let failures = 0;

  const languageOf = (time) => languages()[time % languages().length];

  async function load(url, context) {
    const signal = AbortSignal.timeout(FETCH_MS);
    const response = await fetch(url, { headers: { Authorization: `Bearer ${token()}` }, signal });
    if (NO_VOICE.includes(response.status)) failures = PATIENCE;
    if (!response.ok) throw new Error(`voice ${response.status}`);
    const audio = await context.decodeAudioData(await response.arrayBuffer());
    failures = 0;
    return audio;
  }

  /** Decoded audio of the call, or null when the server has no voice (or does not answer in time). */
  function buffer(call, context, time = 0) {
    const url = voiceUrl(unit, languageOf(time), call);
    if (kept.has(url)) return kept.get(url);
    if (clock() < restUntil) return Promise.resolve(null);
    const promise = load(url, context).catch(() => {
      failures += 1;
      if (failures >= PATIENCE) restUntil = clock() + REST_MS;
      kept.delete(url);
      return null;
    });
    kept.set(url, promise);
    while (kept.size > 2 * languages().length) kept.delete(kept.keys().next().value);
    return promise;
  }

  function browserVoice(language) {
    const wanted = language.toLowerCase();
    const voices = speech?.getVoices?.() ?? [];
    const plain = (voice) => voice.lang.toLowerCase().replace('_', '-');
    return voices.find((voice) => plain(voice) === wanted) ?? voices.find((voice) => plain(voice).startsWith(wanted.slice(0, 2)));
  }

  /** Say it with the browser's own voice; false when it has none for the language, or fails. */
  function browser(call, volume = 1, time = 0) {
    const language = languageOf(time);
    const chosen = browserVoice(language);
    if (!chosen) return Promise.resolve(false);
    return new Promise((resolve) => {
      const words = new SpeechSynthesisUtterance(spokenText(tIn(language), call));
      words.voice = chosen;
      words.lang = chosen.lang;
      words.rate = 0.9;
      words.volume = volume;
      const timer = setTimeout(() => resolve(false), SPEECH_MS);
      const settle = (heard) => () => { clearTimeout(timer); resolve(heard); };
      words.onend = settle(true);
      words.onerror = settle(false);
      speech.speak(words);
    });
  }

  return { buffer, browser, stop: () => speech?.cancel?.() };
}
