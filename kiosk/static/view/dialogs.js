/** Questions that come on top of a screen: still there? call a person? */
import { html } from 'vez/dom.js';
import { Dialog, Icon } from 'vez/ui.js';

/** "Precisa de mais tempo?" Any touch or key is a yes. */
export function Idle({ kiosk }) {
  const { t, idle, home } = kiosk;
  const left = idle.left.value;
  return html`<${Dialog} alert open=${left !== null} title=${t('idle.title')} onClose=${idle.touch} class="kiosk-dialog" data=${{ 'data-idle': '' }} actions=${html`
    <button type="button" class="button big" data-action="idle-end" onClick=${home}>${t('idle.no')}</button>
    <button type="button" class="button button-primary big" data-action="idle-stay" autofocus onClick=${idle.touch}>${t('idle.yes')}</button>`}>
    <p class="dialog-text">${t('idle.text', { n: left ?? 0 })}</p><//>`;
}

/** "Chamar uma pessoa", with the answer of the server: nobody may wait for help that was never asked for. */
export function Person({ kiosk }) {
  const { t, dialog, help, callPerson } = kiosk;
  const open = dialog.value === 'person';
  const close = () => { dialog.value = null; if (help.value === 'failed') help.value = 'none'; };
  const state = help.value;
  const [title, text] = {
    none: ['person.title', 'person.text'], sending: ['person.sending', 'person.text'],
    sent: ['person.sent', 'person.sent_text'], failed: ['person.failed', 'person.failed_text'],
  }[state];
  const actions = state === 'none' || state === 'sending'
    ? html`<button type="button" class="button big" onClick=${close}>${t('person.no')}</button>
      <button type="button" class="button button-primary big" data-action="person" autofocus disabled=${state === 'sending'} onClick=${callPerson}><${Icon} name="hand-helping" size="1.75rem" /> ${t('person.yes')}</button>`
    : html`<button type="button" class="button button-primary big" data-action="person-ok" autofocus onClick=${close}>${t('person.ok')}</button>`;
  return html`<${Dialog} open=${open} title=${t(title)} onClose=${close} class="kiosk-dialog" actions=${actions}>
    <p class="dialog-text" role="status">${t(text)}</p><//>`;
}
