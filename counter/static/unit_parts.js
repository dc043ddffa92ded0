/** Small pieces of the unit's page: what was answered, a row of choices, a group of ticks, a file to send. */
import { classes, html, useId, useRef } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';

/** The last answer that concerns this card; always there, so that it is read aloud. */
export function Said({ store, card, more = null }) {
  const notice = store.notice.value?.card === card ? store.notice.value : null;
  return html`<div class="unit-said">
    <p role="status" class="unit-ok">${notice?.kind === 'ok' && html`<${Icon} name="circle-check" />${notice.text}`}</p>
    <p role="alert" class="field-error">${notice?.kind === 'bad' && html`${notice.text} ${more?.(notice.detail)}`}</p></div>`;
}

/** One of a few, side by side: `options` are `[id, label]`; `picture(id)` draws above the word. */
export function Choices({ legend, options, value, onChange, picture }) {
  const id = useId();
  return html`<fieldset class=${classes('segmented', picture && 'segmented-pictures')}><legend>${legend}</legend>
    ${options.map(([option, label]) => html`<label key=${option}><input type="radio" name=${id} checked=${value === option}
      onChange=${() => onChange(option)} /><span>${picture?.(option)}${label}</span></label>`)}</fieldset>`;
}

/** Any number of a few: `options` are `[id, label]`, `value` the ids that are on, in the order of the options. */
export function Ticks({ legend, options, value, onChange, hint }) {
  if (!options.length) return null;
  const toggle = (id) => onChange(options.map(([one]) => one).filter((one) => (one === id ? !value.includes(one) : value.includes(one))));
  return html`<fieldset class="ticks"><legend>${legend}</legend>${hint && html`<p class="quiet">${hint}</p>`}
    <div class="ticks-list">${options.map(([id, label]) => html`<label class="tick-chip" key=${id}><input type="checkbox" checked=${value.includes(id)}
      onChange=${() => toggle(id)} /><span>${label}</span></label>`)}</div></fieldset>`;
}

/** A button that opens the file dialog and gives the file away. */
export function FileButton({ label, accept, onFile, busy, busyLabel, kind = 'button' }) {
  const input = useRef(null);
  const id = useId();
  const picked = (event) => {
    const [file] = event.currentTarget.files;
    event.currentTarget.value = ''; // the same file may be chosen again after it was mended
    if (file) onFile(file);
  };
  return html`<span class="file-button"><button type="button" class=${kind} aria-disabled=${busy ? 'true' : undefined}
      onClick=${() => { if (!busy) input.current.click(); }}><${Icon} name=${busy ? 'loader' : 'upload'} />${busy ? busyLabel : label}</button>
    <label class="visually-hidden" for=${id}>${label}</label>
    <input ref=${input} id=${id} type="file" class="visually-hidden" accept=${accept} tabindex="-1" onChange=${picked} /></span>`;
}
