/**
 * The ears of the room: chime and voice through one AudioContext.
 *
 * `status` tells what is heard: `checking` (not tried yet); `on`; `blocked` (the browser wants a touch first); `stalled` (no
 * device, or one that stopped: tried again at the next call); `off` (switched off by the settings).
 * Nothing here ever waits without a limit, and nothing throws: the screen must go on.
 */
import { signal } from '@preact/signals-core';
import { sleep } from './runner.js';

const RESUME_MS = 400;
const SLACK_MS = 1500;
const STEP_MS = 250;

/** Two soft bells a third apart; the short one is a single bell. Frequencies in Hz, times in seconds. */
const CHIMES = {
  full: [{ at: 0, hz: 659.25 }, { at: 0.42, hz: 523.25 }],
  short: [{ at: 0, hz: 659.25 }],
};
const RING_SECONDS = 1.1;
/** A bell is its fundamental and a few partials, each quieter and shorter than the one below. */
const PARTIALS = [{ ratio: 1, gain: 1, ring: 1 }, { ratio: 2.0, gain: 0.35, ring: 0.6 }, { ratio: 3.01, gain: 0.12, ring: 0.35 }];

function ringBell(context, out, hz, start) {
  for (const partial of PARTIALS) {
    const tone = context.createOscillator();
    const level = context.createGain();
    const end = start + RING_SECONDS * partial.ring;
    tone.frequency.value = hz * partial.ratio;
    level.gain.setValueAtTime(0.0001, start);
    level.gain.exponentialRampToValueAtTime(0.5 * partial.gain, start + 0.012);
    level.gain.exponentialRampToValueAtTime(0.0001, end);
    tone.connect(level).connect(out);
    tone.onended = () => level.disconnect();
    tone.start(start);
    tone.stop(end);
  }
}

/**
 * `voice` is `{buffer(call, context, time), browser(call, volume, time), stop()}` (voice.js); `volume()` from 0 to 1;
 * `enabled()` false keeps the panel silent on purpose.
 */
export function createSound({ voice, volume = () => 1, enabled = () => true, Context = globalThis.AudioContext, wait = sleep }) {
  const status = signal('checking');
  const voiceSource = signal('unknown');
  let context = null;
  let output = null;
  let source = null;
  let turn = 0;

  function open() {
    if (context || !Context) return;
    context = new Context();
    output = context.createGain();
    output.connect(context.destination);
    context.onstatechange = () => { if (context.state === 'running') status.value = 'on'; };
  }

  /** Try to get the audio running, within a short time: true when it can be heard. */
  async function ready() {
    if (!enabled()) {
      status.value = 'off';
      return false;
    }
    try {
      open();
      if (!context) status.value = 'stalled';
      else if (context.state !== 'running') await Promise.race([context.resume(), wait(RESUME_MS)]);
    } catch {
      status.value = 'stalled';
    }
    const running = context?.state === 'running';
    // "Stalled" stays until something was really heard.
    if (context && !(running && status.value === 'stalled')) status.value = running ? 'on' : 'blocked';
    if (context) output.gain.value = Math.min(1, Math.max(0, volume()));
    return running;
  }

  /** Wait for audio of so many seconds; false (and `stalled`) when the device's own clock stood still. */
  async function heard(ended, seconds) {
    const before = context.currentTime;
    const moved = () => context.currentTime - before > Math.min(0.05, seconds / 2);
    await Promise.race([ended, wait(seconds * 1000 + SLACK_MS)]);
    // A device that was just opened on a busy machine may need a moment more.
    for (let waited = 0; !moved() && waited < SLACK_MS; waited += STEP_MS) await wait(STEP_MS);
    status.value = moved() ? 'on' : 'stalled';
    return moved();
  }

  async function chime(kind = 'full') {
    if (!(await ready())) return false;
    const bells = CHIMES[kind] ?? CHIMES.full;
    const start = context.currentTime + 0.05;
    for (const bell of bells) ringBell(context, output, bell.hz, start + bell.at);
    const seconds = bells.at(-1).at + RING_SECONDS * 0.75;
    return heard(wait(seconds * 1000), seconds);
  }

  async function play(buffer) {
    const mine = context.createBufferSource();
    source = mine;
    mine.buffer = buffer;
    mine.connect(output);
    const ended = new Promise((resolve) => { mine.onended = resolve; });
    mine.start();
    const ok = await heard(ended, buffer.duration);
    mine.disconnect();
    if (source === mine) source = null;
    return ok;
  }

  /** Say the call, `time` times said before: by the server's voice, then the browser's own, then silence (which is shown). */
  async function speak(call, time = 0) {
    const mine = turn;
    if (!(await ready())) return false;
    const buffer = await voice.buffer(call, context, time);
    if (mine !== turn) return false;
    if (buffer) {
      voiceSource.value = 'server';
      return play(buffer);
    }
    const spoken = await voice.browser(call, volume(), time);
    voiceSource.value = spoken ? 'browser' : 'none';
    return spoken;
  }

  /** Silence at once: the next call is about to be shown. */
  function stop() {
    turn += 1;
    voice.stop();
    try {
      source?.stop();
    } catch {
      // Already ended.
    }
    source = null;
  }

  return { status, voiceSource, chime, speak, stop, unlock: ready, prefetch: (call) => context && voice.buffer(call, context) };
}
