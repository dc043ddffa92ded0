/** The small pieces of the staff's screens. Texts come in by `t`; nothing here talks to the server. */
import { classes, html, signal, useEffect, useId, useRef, useState } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { againstTarget, clockText, minutesText } from './state.js';

/** One beat a second for everything that counts time: the server's clock, in milliseconds. */
export function createBeat(clock) {
  const now = signal(clock.now());
  setInterval(() => { now.value = clock.now(); }, 1000);
  return now;
}

/** A key, as printed on a button. Hidden from screen readers: `aria-keyshortcuts` tells them. */
export function Key({ label }) {
  return label ? html`<kbd class="key" aria-hidden="true">${label}</kbd>` : null;
}

/**
 * A button that is never simply dead: when it may not be pressed it stays focusable and says why, in words.
 * `why` is the text under the label; `verdict` is `{enabled, why}` of state.js.
 */
export function ActionButton({ label, keyLabel, icon, verdict, why, onPress, kind = '', name, children }) {
  const id = useId();
  const enabled = verdict?.enabled !== false;
  const press = () => { if (enabled) onPress(); };
  return html`<button type="button" class=${classes('button', 'act', kind)} data-action=${name} onClick=${press}
    aria-disabled=${enabled ? undefined : 'true'} aria-describedby=${why ? id : undefined}
    aria-keyshortcuts=${keyLabel || undefined}>
    ${icon && html`<${Icon} name=${icon} />`}
    <span class="act-words"><span class="act-label">${label}</span>
      ${why && html`<span class="act-why" id=${id}>${why}</span>`}${children}</span>
    <${Key} label=${keyLabel} />
  </button>`;
}

/** The tier as a word on a tint, never colour alone. The normal tier is the silent default unless `always`. */
export function Tier({ tier, t, always = false }) {
  if (tier === 'normal' && !always) return null;
  return html`<span class=${`tier tier-${tier}`}>${t(`tier.${tier}`)}</span>`;
}

/** Whoever said "I am late" and let others go first. */
export function Late({ ticket, t }) {
  return ticket.late_at && ticket.state === 'waiting' ? html`<span class="state state-on_hold" data-late>${t('queue.late')}</span>` : null;
}

/** The state of a ticket as a word. */
export function TicketState({ state, t }) {
  return html`<span class=${`state state-${state}`}>${t(`state.${state}`)}</span>`;
}

/** "Guichê 3" from a counter or a ticket. */
export function placeName(t, kind, number) {
  return number ? `${t(`kind.${kind ?? 'desk'}`)} ${number}` : '';
}

/** A wait in minutes; past the target it says so with a sign and, for those who hear the screen, with words. */
export function Wait({ seconds, target, t }) {
  const { level } = againstTarget(seconds, target);
  return html`<span class=${classes('wait', `wait-${level}`)}>
    ${level === 'over' && html`<${Icon} name="triangle-alert" size="1em" />`}
    <span>${minutesText(seconds)}</span>
    ${level === 'over' && html`<span class="visually-hidden"> ${t('wait.over')}</span>`}
  </span>`;
}

/** One of the three times of a ticket; the running one is strong, and is measured against its target if it has one. */
export function Timer({ name, seconds, running, target, t }) {
  const { level, share } = againstTarget(seconds, target);
  return html`<div class=${classes('timer', running && 'timer-running', `timer-${level}`)}>
    <dt>${t(`timer.${name}`)}</dt>
    <dd>${clockText(seconds)}
      ${target && seconds !== null ? html`<span class="timer-note">${t(`timer.target.${level}`, { n: target })}</span>
        <span class="timer-bar" aria-hidden="true"><span style=${{ inlineSize: `${share * 100}%` }}></span></span>` : null}
    </dd>
  </div>`;
}

/** A text with ready-made answers: pressing one writes it; whatever stands in the field is what is sent. */
export function ReasonField({ label, presets, value, onInput, autofocus = true, error }) {
  const id = useId();
  const field = useRef(null);
  useEffect(() => { if (autofocus) field.current?.focus(); }, []);
  const choose = (preset) => {
    onInput(preset);
    field.current?.focus(); // Enter then sends it
  };
  return html`<div class="field">
    <label for=${id}>${label}</label>
    <input ref=${field} id=${id} type="text" maxlength="120" autocomplete="off" value=${value} autofocus=${autofocus}
      aria-invalid=${error ? 'true' : undefined} aria-describedby=${error ? `${id}-error` : undefined}
      onInput=${(event) => onInput(event.currentTarget.value)} />
    ${error && html`<p class="field-error" id=${`${id}-error`}>${error}</p>`}
    <div class="presets">${presets.map((preset) => html`<button type="button" class="chip" aria-pressed=${value === preset}
      onClick=${() => choose(preset)}>${preset}</button>`)}</div>
  </div>`;
}

/** A list to search by word and choose from: an ordinary list box for keyboard and screen reader. */
export function ServicePicker({ services, value, onChoose, label, t, autofocus = false, without = [] }) {
  const [words, setWords] = useState('');
  const id = useId();
  const field = useRef(null);
  useEffect(() => { if (autofocus) field.current?.focus(); }, []);
  const shown = search(services, words).filter((service) => !without.includes(service.id));
  return html`<fieldset class="picker"><legend>${label}</legend>
    <div class="picker-search"><${Icon} name="search" />
      <input ref=${field} type="text" id=${id} aria-label=${t('picker.search')} placeholder=${t('picker.search')}
        value=${words} autocomplete="off" autofocus=${autofocus} onInput=${(event) => setWords(event.currentTarget.value)} /></div>
    <div class="picker-list" tabindex="-1">
      ${shown.map((service) => html`<label class="picker-item" key=${service.id}>
        <input type="radio" name=${`${id}-service`} value=${service.id} checked=${value === service.id}
          onChange=${() => onChoose(service.id)} />
        <span class="picker-name">${service.name}</span>
        <span class="picker-side">${service.side ?? ''}</span></label>`)}
      ${shown.length === 0 && html`<p class="quiet">${t('picker.none', { words })}</p>`}
    </div></fieldset>`;
}

const plain = (text) => String(text ?? '').normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** The services whose name, official name or category holds every word typed; accents and case do not matter. */
export function search(services, words) {
  const wanted = plain(words).split(/\s+/).filter(Boolean);
  return services.filter((service) => {
    const text = plain(`${service.name} ${service.official_name ?? ''} ${service.category_name ?? ''}`);
    return wanted.every((word) => text.includes(word));
  });
}

/** All services of a menu in one list, each with its category's name. */
export function allServices(menu) {
  return (menu?.categories ?? []).flatMap((category) =>
    category.services.map((service) => ({ ...service, category_name: category.name })));
}
