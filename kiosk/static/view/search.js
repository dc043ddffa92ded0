/** Search by word, with a keyboard of its own: a kiosk has none. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';
import { searchServices } from '../state.js';
import { ServiceButton } from './choose.js';
import { Scroller, Title } from './frame.js';

// In alphabetical order: not everybody has typed before. No accents and no capitals: the search minds neither.
const LETTERS = { 'pt-BR': 'abcçdefghijklmnopqrstuvwxyz', en: 'abcdefghijklmnopqrstuvwxyz', es: 'abcdefghijklmnñopqrstuvwxyz' };
const MOST = 8;

/** Results grow with each letter; nothing is sent anywhere. */
export function Search({ kiosk }) {
  const { t, i18n, state, dispatch, menu } = kiosk;
  const { query } = state.value;
  const found = searchServices(menu.value.categories, query);
  const type = (text) => dispatch({ type: 'type', query: text });
  return html`<div class="search">
    <${Title} class="search-title">${t('search.title')}<//>
    <div class="search-field">
      <${Icon} name="search" size="1.75rem" />
      <output class=${query ? 'search-query' : 'search-query search-empty'} aria-label=${t('search.label')}>${query || t('search.hint')}</output>
      ${query && html`<button type="button" class="search-clear" aria-label=${t('search.clear')} onClick=${() => type('')}><${Icon} name="x" size="1.5rem" /><span>${t('search.clear')}</span></button>`}
    </div>
    <p class=${query && !found.length ? 'search-count search-none' : 'search-count'} role="status">${query && (found.length ? i18n.plural('search.found', found.length) : t('search.none', { query }))}</p>
    <${Scroller} kiosk=${kiosk}><ul class="services">
      ${found.slice(0, MOST).map((service) => html`<li key=${service.id}><${ServiceButton} kiosk=${kiosk} service=${service} /></li>`)}</ul><//>
    <${Keyboard} kiosk=${kiosk} query=${query} type=${type} />
  </div>`;
}

function Keyboard({ kiosk, query, type }) {
  const { t, i18n } = kiosk;
  const letters = LETTERS[i18n.language.value] ?? LETTERS['pt-BR'];
  return html`<div class="keyboard" role="group" aria-label=${t('search.keyboard')} data-quiet>
    ${[...letters].map((letter) => html`<button type="button" class="key" key=${letter} onClick=${() => type(query + letter)}>${letter.toUpperCase()}</button>`)}
    <button type="button" class="key key-wide" onClick=${() => type(`${query} `)}>${t('search.space')}</button>
    <button type="button" class="key" aria-label=${t('search.delete')} onClick=${() => type(query.slice(0, -1))}><${Icon} name="delete" size="1.75rem" /></button>
  </div>`;
}
