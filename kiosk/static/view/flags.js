/** Small drawn flags beside the language names; decoration only, the name is what is read. */
import { html } from 'vez/dom.js';

const BRAZIL = html`<rect width="30" height="20" fill="#009b3a" /><path d="M15 2.5 27 10 15 17.5 3 10z" fill="#fedf00" /><circle cx="15" cy="10" r="4.2" fill="#002776" /><path d="M11 9.2a9 9 0 0 1 8 2.6" stroke="#fff" stroke-width="0.9" fill="none" />`;
const BRITAIN = html`<rect width="30" height="20" fill="#012169" /><path d="M0 0l30 20M30 0L0 20" stroke="#fff" stroke-width="4" /><path d="M0 0l30 20M30 0L0 20" stroke="#c8102e" stroke-width="1.6" /><path d="M15 0v20M0 10h30" stroke="#fff" stroke-width="6.4" /><path d="M15 0v20M0 10h30" stroke="#c8102e" stroke-width="3.6" />`;
const SPAIN = html`<rect width="30" height="20" fill="#aa151b" /><rect y="5" width="30" height="10" fill="#f1bf00" /><rect x="7" y="7.4" width="4" height="5" rx="1" fill="#aa151b" />`;
const FLAGS = { 'pt-BR': BRAZIL, en: BRITAIN, es: SPAIN };

/** The flag of a language, or nothing for one we have no flag for. */
export function Flag({ code }) {
  return FLAGS[code] ? html`<svg class="flag" viewBox="0 0 30 20" aria-hidden="true" focusable="false">${FLAGS[code]}</svg>` : null;
}
