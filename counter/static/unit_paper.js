/** What the unit's tickets look like on paper: words, parts, logo; beside them the ticket itself, drawn from its bytes. */
import { html, useEffect, useId, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { Choices, FileButton, Said, Ticks } from './unit_parts.js';

/** In the order of printing; the number, a second copy's mark and the tier are always there. */
const PARTS = ['logo', 'header', 'unit', 'service', 'time', 'wait', 'qr', 'url', 'message', 'id'];
const LANGUAGES = ['pt-BR', 'en', 'es'];
const CALM_MS = 450;
const DRAWING_MS = 20_000;
const MOST_BYTES = 1_000_000;

/** What is sent of what is typed. */
export const bodyOf = ({ header, message, parts, large }) => ({ header, message, parts, large });

/** The file in base64, as the server wants it. */
export async function base64Of(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  let text = '';
  // In pieces: a million arguments are too many for one call.
  for (let at = 0; at < bytes.length; at += 8192) text += String.fromCharCode(...bytes.subarray(at, at + 8192));
  return btoa(text);
}

/** A refusal in words, with the place: which text, and by how much. */
export function why(error, words, t) {
  const { field, word, columns, lines, most } = error.detail ?? {};
  if (error.code !== 'layout_does_not_fit' || !field) return words(error);
  const place = t(field === 'header' ? 'paper.header' : `paper.message.${field.slice(8)}`);
  return word ? t('paper.word', { place, word, columns }) : t('paper.lines', { place, lines, most });
}

/** Reads, keeps and draws; `notice`, `busy` are the shape that the page's small parts know. */
function createPaper({ unit, app, wish, view, notice, busy }) {
  const { api, desk, session } = app;
  const { t } = app.i18n;
  const base = `/units/${unit}/ticket-layout`;
  const say = (kind, text) => { notice.value = text ? { card: 'paper', kind, text } : null; };
  const taken = (answer) => { view.value = answer; };

  async function change(work) {
    if (busy.peek()) return;
    busy.value = 'paper';
    say('ok', null);
    try {
      await work().catch(async (error) => {
        if (error.code !== 'csrf_failed') throw error;
        await session.restore();
        await work();
      });
      say('ok', t('unit.saved'));
    } catch (error) {
      say('bad', why(error, desk.words, t));
    } finally {
      busy.value = null;
    }
  }

  return {
    async read() {
      try {
        const answer = await api.get(base);
        wish.value = bodyOf(answer.layout);
        taken(answer);
      } catch (error) { say('bad', desk.words(error)); }
    },
    save: () => change(() => api.put(base, wish.peek()).then(taken)),
    dropLogo: () => change(() => api.del(`${base}/logo`).then(taken)),
    addLogo: (file) => {
      if (file.size > MOST_BYTES) return say('bad', t('paper.logo.large'));
      return change(async () => taken(await api.put(`${base}/logo`, { picture: await base64Of(file) }, { timeout: DRAWING_MS })));
    },
    draw: (body) => api.post(`${base}/preview`, body, { timeout: DRAWING_MS }),
  };
}

/** The ticket, drawn again a moment after each change. What cannot be drawn says why in its place. */
function Preview({ paper, wish, logo, app }) {
  const { t, formatNumber } = app.i18n;
  const shown = useSignal(null);
  const problem = useSignal(null);
  const large = useSignal(false);
  const language = useSignal('pt-BR');
  const drawing = useSignal(false);
  const body = { ...wish, language: language.value, large_print: large.value };
  const asked = JSON.stringify(body);
  useEffect(() => {
    let mine = true;
    const timer = setTimeout(async () => {
      drawing.value = true;
      try {
        const answer = await paper.draw(body);
        if (mine) { shown.value = answer; problem.value = null; }
      } catch (error) {
        if (mine) problem.value = why(error, app.desk.words, t);
      } finally { if (mine) drawing.value = false; }
    }, CALM_MS);
    return () => { mine = false; clearTimeout(timer); };
  }, [asked, logo]);
  const { picture, millimetres, bytes } = shown.value ?? {};
  return html`<div class="paper-side"><div class="paper-choices">
      <${Choices} legend=${t('paper.preview.language')} value=${language.value} onChange=${(value) => { language.value = value; }}
        options=${LANGUAGES.map((code) => [code, code === 'pt-BR' ? 'PT' : code.toUpperCase()])} />
      <${Choices} legend=${t('paper.preview.size')} value=${large.value} onChange=${(value) => { large.value = value; }}
        options=${[[false, t('paper.size.normal')], [true, t('paper.size.large')]]} /></div>
    <div class="paper-window" aria-busy=${String(drawing.value)} tabindex="0" role="group" aria-label=${t('paper.preview')}>
      ${picture ? html`<img src=${`data:image/png;base64,${picture}`} alt=${t('paper.preview.alt')} />` : html`<p class="quiet" role="status">${t('paper.drawing')}</p>`}</div>
    <p class="quiet" role="status">${problem.value ?? (picture && t('paper.size', { centimetres: formatNumber(Math.round(millimetres / 10)), bytes: formatNumber(bytes) }))}</p></div>`;
}

function Words({ wish, set, t }) {
  const id = useId();
  return html`<div class="field"><label for=${`${id}-header`}>${t('paper.header')}</label>
      <input id=${`${id}-header`} type="text" maxlength="160" value=${wish.header} onInput=${(e) => set({ header: e.currentTarget.value })} /></div>
    ${LANGUAGES.map((code) => html`<div class="field" key=${code}><label for=${`${id}-${code}`}>${t(`paper.message.${code}`)}</label>
      <input id=${`${id}-${code}`} type="text" lang=${code} maxlength="200" value=${wish.message[code]}
        onInput=${(e) => set({ message: { ...wish.message, [code]: e.currentTarget.value } })} /></div>`)}`;
}

export function PaperCard({ store, app }) {
  const { t } = app.i18n;
  const wish = useSignal(null);
  const view = useSignal(null);
  const notice = useSignal(null);
  const busy = useSignal(null);
  const paper = createPaper({ unit: store.unit, app, wish, view, notice, busy });
  useEffect(() => { paper.read(); }, [store.unit]);
  const said = html`<${Said} store=${{ notice }} card="paper" />`;
  if (!view.value) return html`<p class="quiet" role="status">${t('unit.loading')}</p>${said}`;
  const set = (more) => { wish.value = { ...wish.value, ...more }; };
  const { logo } = view.value.layout;
  const sending = busy.value !== null;
  return html`<form class="unit-form paper-form" onSubmit=${(event) => { event.preventDefault(); paper.save(); }}>
    <div class="paper-fields"><${Words} wish=${wish.value} set=${set} t=${t} />
      <${Ticks} legend=${t('paper.parts')} hint=${t('paper.parts.hint')} options=${PARTS.map((part) => [part, t(`paper.part.${part}`)])}
        value=${wish.value.parts} onChange=${(parts) => set({ parts })} />
      <${Choices} legend=${t('paper.size.all')} value=${wish.value.large} onChange=${(large) => set({ large })}
        options=${[[false, t('paper.size.normal')], [true, t('paper.size.large')]]} />
      <div class="logo-line">${logo && html`<img class="paper-logo" src=${`data:image/png;base64,${logo}`} alt=${t('paper.logo.alt')} />`}
        <${FileButton} label=${t(logo ? 'paper.logo.change' : 'paper.logo.add')} accept="image/png,image/jpeg" kind="button button-small"
          busy=${sending} busyLabel=${t('unit.sending')} onFile=${paper.addLogo} />
        ${logo && html`<button type="button" class="button button-small" onClick=${paper.dropLogo}><${Icon} name="trash-2" />${t('paper.logo.drop')}</button>`}</div>
      <p class="quiet">${t('paper.logo.hint')}</p></div>
    <${Preview} paper=${paper} wish=${wish.value} logo=${logo} app=${app} />
    <footer class="unit-foot"><button type="submit" class="button button-primary" aria-disabled=${sending ? 'true' : undefined}><${Icon} name="save" />${t('unit.save')}</button>${said}</footer></form>`;
}
