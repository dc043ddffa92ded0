import assert from 'node:assert/strict';
import test from 'node:test';

import { createRunner } from '../../panel/static/runner.js';
import { createSound } from '../../panel/static/sound.js';
import { createVoice, spokenText, voiceUrl } from '../../panel/static/voice.js';

const CALL = { ticket: 't', label: 'A042', number: '3', kind: 'desk', seq: 1 };

/** Time that passes only when nothing else can happen: tests never sleep. */
function fakeTime() {
  let now = 0;
  let timers = [];
  const wait = (ms) => new Promise((resolve) => { timers.push({ due: now + ms, resolve }); });
  async function run(until = Infinity) {
    for (;;) {
      for (let i = 0; i < 50; i += 1) await null;
      timers.sort((a, b) => a.due - b.due);
      if (!timers.length || timers[0].due > until) return;
      const timer = timers.shift();
      now = Math.max(now, timer.due);
      timer.resolve();
    }
  }
  return { wait, run, clock: () => now, pending: () => timers.length };
}

/** A runner over a list of calls; the log says what happened and when (seconds). */
function runnerOver(calls, sound, options = {}) {
  const time = fakeTime();
  const log = [];
  const queue = [...calls];
  const say = (what) => log.push(`${time.clock() / 1000} ${what}`);
  const take = () => {
    const call = queue.shift();
    if (!call) return null;
    say(`show ${call.label}`);
    return { call, waiting: queue.length };
  };
  const runner = createRunner({
    take, done: () => say('done'), sound: sound({ time, say }), onStall: () => say('stalled'),
    wait: time.wait, clock: time.clock, ...options,
  });
  return { runner, time, log, queue };
}

const hearing = ({ time, say }) => ({
  chime: async () => { say('chime'); await time.wait(1000); return true; },
  speak: async (call) => { say(`speak ${call.label}`); await time.wait(3000); return true; },
  stop: () => say('stop'),
});

test('each call is shown, chimed and spoken twice before the next one is shown', async () => {
  const { runner, time, log } = runnerOver([{ label: 'A1' }, { label: 'A2' }], hearing);
  const run = runner.wake();
  await time.run();
  await run;
  assert.deepEqual(log, [
    '0 show A1', '0 chime', '1 speak A1', '4.7 speak A1', '7.7 stop', '7.7 done',
    '7.7 show A2', '7.7 chime', '8.7 speak A2', '12.4 speak A2', '15.4 stop', '15.4 done',
  ]);
});

test('waking it twice announces once', async () => {
  const { runner, time, log } = runnerOver([{ label: 'A1' }], hearing);
  const runs = [runner.wake(), runner.wake()];
  await time.run();
  await Promise.all(runs);
  assert.equal(log.filter((line) => line.includes('show')).length, 1);
});

test('a call that comes just as the runner finds nothing to do is not slept over', async () => {
  const { runner, time, log, queue } = runnerOver([], hearing);
  const first = runner.wake();
  queue.push({ label: 'A1' });
  const second = runner.wake();
  await time.run();
  await Promise.all([first, second]);
  assert.ok(log.includes('0 show A1'));
});

test('without sound the call still stays its minimum on the screen', async () => {
  const silent = ({ say }) => ({ chime: async () => false, speak: async () => true, stop: () => say('stop') });
  const { runner, time, log } = runnerOver([{ label: 'A1' }], silent);
  const run = runner.wake();
  await time.run();
  await run;
  assert.deepEqual(log, ['0 show A1', '0 stop', '6 done']);
});

test('watchdog: audio that never ends does not hold the screen', async () => {
  const stuck = ({ say }) => ({ chime: () => new Promise(() => {}), speak: async () => true, stop: () => say('stop') });
  const { runner, time, log } = runnerOver([{ label: 'A1' }, { label: 'A2' }], stuck);
  const run = runner.wake();
  await time.run();
  await run;
  assert.deepEqual(log.slice(0, 4), ['0 show A1', '25 stalled', '25 stop', '25 done']);
  assert.equal(log[4], '25 show A2');
});

test('audio that throws is silence, not the end of the announcements', async () => {
  const broken = ({ say }) => ({ chime: async () => { throw new Error('no device'); }, speak: async () => true, stop: () => say('stop') });
  const { runner, time, log } = runnerOver([{ label: 'A1' }, { label: 'A2' }], broken);
  const run = runner.wake();
  await time.run();
  await run;
  assert.equal(log.filter((line) => line.includes('show')).length, 2);
});

test('a voice that fails once is asked again, as often as it would have repeated', async () => {
  const mute = ({ say }) => ({ chime: async () => true, speak: async () => { say('speak'); return false; }, stop: () => {} });
  const { runner, time, log } = runnerOver([{ label: 'A1' }], mute);
  const run = runner.wake();
  await time.run();
  await run;
  assert.equal(log.filter((line) => line.includes('speak')).length, 2);
});

test('a long queue goes faster, each call spoken once, none skipped', async () => {
  const calls = Array.from({ length: 50 }, (_, i) => ({ label: `A${i + 1}` }));
  const { runner, time, log } = runnerOver(calls, hearing);
  const run = runner.wake();
  await time.run();
  await run;
  const shown = log.filter((line) => line.includes('show')).map((line) => line.split(' ')[2]);
  assert.deepEqual(shown, calls.map((call) => call.label));
  assert.ok(time.clock() < 50 * 5000, `took ${time.clock() / 1000} s`);
});

/** An AudioContext whose own clock follows the fake time, unless the device is stuck. */
function fakeContext(time, { state = 'running', stuck = false, resumes = true } = {}) {
  const started = [];
  const node = () => ({ connect: (to) => to, disconnect() {}, gain: { value: 1, setValueAtTime() {}, exponentialRampToValueAtTime() {} } });
  return {
    started,
    Context: class {
      state = state;
      destination = {};
      get currentTime() { return stuck ? 0 : time.clock() / 1000; }
      createGain() { return node(); }
      createOscillator() { return { ...node(), frequency: { value: 0 }, start() {}, stop() {} }; }
      createBufferSource() {
        const source = { ...node(), start() { started.push(source.buffer); time.wait(source.buffer.duration * 1000).then(() => source.onended?.()); }, stop() {} };
        return source;
      }
      async resume() { if (resumes) this.state = 'running'; }
    },
  };
}
const voiceWith = (buffer, browser = false) => ({ buffer: async () => buffer, browser: async () => browser, stop() {} });

async function outcome(time, promise) {
  let result = 'pending';
  promise.then((value) => { result = value; });
  await time.run();
  return result;
}

test('chime and server voice are heard', async () => {
  const time = fakeTime();
  const { Context, started } = fakeContext(time);
  const sound = createSound({ voice: voiceWith({ duration: 3 }), Context, wait: time.wait });
  assert.equal(sound.status.value, 'checking');
  assert.equal(await outcome(time, sound.chime('full')), true);
  assert.equal(await outcome(time, sound.speak(CALL)), true);
  assert.deepEqual([sound.status.value, sound.voiceSource.value, started.length], ['on', 'server', 1]);
});

test('blocked autoplay is told apart, and ends within the limit', async () => {
  const time = fakeTime();
  const sound = createSound({ voice: voiceWith(null), wait: time.wait, ...fakeContext(time, { state: 'suspended', resumes: false }) });
  assert.equal(await outcome(time, sound.chime('full')), false);
  assert.equal(sound.status.value, 'blocked');
});

test('a touch unlocks it', async () => {
  const time = fakeTime();
  const sound = createSound({ voice: voiceWith(null), wait: time.wait, ...fakeContext(time, { state: 'suspended' }) });
  assert.equal(await outcome(time, sound.unlock()), true);
  assert.equal(await outcome(time, sound.chime('short')), true);
  assert.equal(sound.status.value, 'on');
});

test('a device that starts late is waited for, a little', async () => {
  const time = fakeTime();
  const { Context } = fakeContext(time);
  class Late extends Context {
    get currentTime() { return Math.max(0, time.clock() / 1000 - 2); }
  }
  const sound = createSound({ voice: voiceWith(null), Context: Late, wait: time.wait });
  assert.equal(await outcome(time, sound.chime('full')), true);
  assert.equal(sound.status.value, 'on');
});

test('an audio device that stands still is “stalled”', async () => {
  const time = fakeTime();
  const sound = createSound({ voice: voiceWith(null), wait: time.wait, ...fakeContext(time, { stuck: true }) });
  assert.equal(await outcome(time, sound.chime('full')), false);
  assert.equal(sound.status.value, 'stalled');
});

test('a browser without audio, or one that refuses a context, is “stalled” and never throws', async () => {
  const time = fakeTime();
  const none = createSound({ voice: voiceWith(null), Context: null, wait: time.wait });
  assert.equal(await outcome(time, none.chime()), false);
  const refusing = createSound({ voice: voiceWith(null), Context: class { constructor() { throw new Error('no'); } }, wait: time.wait });
  assert.equal(await outcome(time, refusing.speak(CALL)), false);
  assert.deepEqual([none.status.value, refusing.status.value], ['stalled', 'stalled']);
});

test('sound switched off by the settings is “off”', async () => {
  const time = fakeTime();
  const sound = createSound({ voice: voiceWith(null), enabled: () => false, wait: time.wait, ...fakeContext(time) });
  assert.equal(await outcome(time, sound.chime()), false);
  assert.equal(sound.status.value, 'off');
});

test('without server voice the browser speaks; without either it is silent and says so', async () => {
  const time = fakeTime();
  const spoken = createSound({ voice: voiceWith(null, true), wait: time.wait, ...fakeContext(time) });
  assert.equal(await outcome(time, spoken.speak(CALL)), true);
  const mute = createSound({ voice: voiceWith(null, false), wait: time.wait, ...fakeContext(time) });
  assert.equal(await outcome(time, mute.speak(CALL)), false);
  assert.deepEqual([spoken.voiceSource.value, mute.voiceSource.value], ['browser', 'none']);
});

test('audio that arrives after the call has gone is not played', async () => {
  const time = fakeTime();
  const { Context, started } = fakeContext(time);
  let arrive;
  const voice = { buffer: () => new Promise((resolve) => { arrive = resolve; }), browser: async () => true, stop() {} };
  const sound = createSound({ voice, Context, wait: time.wait });
  const speaking = sound.speak(CALL);
  await time.run();
  sound.stop();
  arrive({ duration: 3 });
  assert.equal(await outcome(time, speaking), false);
  assert.equal(started.length, 0);
});

const words = { 'voice.ticket': 'Senha', 'kind.desk': 'Guichê' };
const voiceFrom = (fetch, clock = () => 0) => createVoice({ unit: 'centro', token: () => 'secret', languages: () => ['pt-BR'], tIn: () => (key) => words[key] ?? key, fetch, speech: null, clock });
const decoder = { decodeAudioData: async (data) => ({ duration: 1, data }) };
const answer = (status = 200) => ({ ok: status === 200, status, arrayBuffer: async () => new ArrayBuffer(8) });

test('the address of the audio says exactly what the screen shows', () => {
  assert.equal(voiceUrl('centro', 'pt-BR', CALL), '/api/v1/units/centro/voice?lang=pt-BR&label=A042&kind=desk&number=3');
  assert.match(voiceUrl('a/b', 'en', { ...CALL, label: 'A&B 1' }), /units\/a%2Fb\/voice\?lang=en&label=A%26B\+1/);
});

test('audio is asked for once per call, with the token of the panel', async () => {
  const asked = [];
  const voice = voiceFrom(async (url, options) => { asked.push(options.headers.Authorization); return answer(); });
  const [one, two] = await Promise.all([voice.buffer(CALL, decoder), voice.buffer(CALL, decoder)]);
  assert.equal(one, two);
  assert.deepEqual(asked, ['Bearer secret']);
});

test('only two calls are kept in memory', async () => {
  let asked = 0;
  const voice = voiceFrom(async () => { asked += 1; return answer(); });
  for (const label of ['A1', 'A2', 'A3', 'A1']) await voice.buffer({ ...CALL, label }, decoder);
  assert.equal(asked, 4);
});

test('a server without voice is left alone for a minute', async () => {
  let now = 0;
  let asked = 0;
  const voice = voiceFrom(async () => { asked += 1; return answer(503); }, () => now);
  assert.equal(await voice.buffer(CALL, decoder), null);
  assert.equal(await voice.buffer({ ...CALL, label: 'A043' }, decoder), null);
  assert.equal(asked, 1);
  now = 61_000;
  assert.equal(await voice.buffer(CALL, decoder), null);
  assert.equal(asked, 2);
});

test('one slow answer is forgiven, two in a row are not', async () => {
  const answers = [new Error('slow'), answer(), new Error('slow'), new Error('slow'), answer()];
  let asked = 0;
  const voice = voiceFrom(async () => { asked += 1; const next = answers.shift(); if (next instanceof Error) throw next; return next; });
  const heard = [];
  for (const label of ['A1', 'A2', 'A3', 'A4', 'A5']) heard.push(await voice.buffer({ ...CALL, label }, decoder) !== null);
  assert.deepEqual(heard, [false, true, false, false, false]);
  assert.equal(asked, 4);
});

test('audio that is not audio counts as no voice', async () => {
  const voice = voiceFrom(async () => answer());
  assert.equal(await voice.buffer(CALL, { decodeAudioData: async () => { throw new Error('not a wave'); } }), null);
});

test('the browser is given the label spelled, and no counter when there is none', async () => {
  const t = (key) => words[key];
  assert.equal(spokenText(t, CALL), 'Senha A, 0, 4, 2. Guichê 3.');
  assert.equal(spokenText(t, { ...CALL, label: 'PA-1', number: '' }), 'Senha P, A, 1.');
  assert.equal(await voiceFrom(async () => answer()).browser(CALL), false);
});

test('with several languages each is said in its turn, by the server or by the browser', async () => {
  const asked = [];
  const spoken = [];
  globalThis.SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
  const speech = {
    getVoices: () => [{ lang: 'pt_BR' }, { lang: 'en-GB' }],
    speak(said) { spoken.push([said.lang, said.text]); said.onend(); },
  };
  const voice = createVoice({
    unit: 'centro', token: () => 'secret', languages: () => ['pt-BR', 'en'], speech, clock: () => 0,
    tIn: (language) => (key) => ({ 'voice.ticket': { 'pt-BR': 'Senha', en: 'Ticket' }, 'kind.desk': { 'pt-BR': 'Guichê', en: 'Counter' } }[key][language]),
    fetch: async (url) => { asked.push(new URL(url, 'http://x').searchParams.get('lang')); return answer(); },
  });
  for (const time of [0, 1, 2]) await voice.buffer(CALL, decoder, time);
  assert.deepEqual(asked, ['pt-BR', 'en'], 'the third is the first again, and kept');
  assert.equal(await voice.browser(CALL, 1, 1), true);
  assert.deepEqual(spoken, [['en-GB', 'Ticket A, 0, 4, 2. Counter 3.']]);
  delete globalThis.SpeechSynthesisUtterance;
});
