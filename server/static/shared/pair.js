/** The screen of a device that has no token yet: type the pairing code, once. */
import { createApi } from './api.js';
import { html, keepDeviceToken, useState } from './dom.js';
import { createI18n } from './i18n.js';
import { Icon } from './ui.js';

const KEYS = ['1', '2', '3', '4', '5', '6', '7', '8', '9'];

const problem = (error) => {
  if (error.network) return 'pair.network';
  return error.status === 429 ? 'pair.too_many' : 'pair.wrong';
};

/** Code entry with its own keypad: a wall-mounted kiosk or TV has no keyboard. `onPaired(token, device)`. */
export function Pairing({ kind, unit, onPaired, language, i18n = createI18n({}, language ?? document.documentElement.lang) }) {
  const { t } = i18n;
  const [code, setCode] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState(null);

  async function submit(event) {
    event.preventDefault();
    if (busy || !code.trim()) return;
    setBusy(true);
    setError(null);
    try {
      const { token, device } = await createApi({ language: i18n.language.value }).post('/devices/pair', { code: code.replace(/[\s-]/g, '') });
      if (device.kind !== kind || (unit && device.unit !== unit)) { setError('pair.kind_mismatch'); return; }
      keepDeviceToken(kind, unit, token);
      onPaired(token, device);
    } catch (failure) {
      setError(problem(failure));
    } finally {
      setBusy(false);
    }
  }

  const key = (digit) => html`<button type="button" class="pair-key" onClick=${() => setCode(code + digit)}>${digit}</button>`;
  return html`<main class="pair"><form class="pair-card" onSubmit=${submit}>
    <${Icon} name="link" size="3rem" class="pair-mark" />
    <h1>${t('pair.title')}</h1>
    <p class="pair-what">${t(`pair.kind.${kind}`)}${unit ? ` · ${unit}` : ''}</p>
    <p>${t('pair.help')}</p>
    <label for="pair-code">${t('pair.code')}</label>
    <input id="pair-code" name="code" class="pair-code" autocomplete="off" autocapitalize="characters" spellcheck=${false}
      value=${code} inputmode="numeric" onInput=${(e) => setCode(e.currentTarget.value)} aria-invalid=${error ? 'true' : 'false'}
      aria-describedby="pair-error" autofocus />
    <p id="pair-error" class="pair-error" role="alert">${error ? t(error) : ''}</p>
    <div class="pair-keys">${KEYS.map(key)}
      <button type="button" class="pair-key" aria-label=${t('pair.delete')} onClick=${() => setCode(code.slice(0, -1))}>
        <${Icon} name="delete" /></button>
      ${key('0')}
      <button type="submit" class="pair-key pair-go" aria-label=${t('pair.submit')} disabled=${busy}><${Icon} name="check" /></button>
    </div>
    <button type="submit" class="button button-primary" disabled=${busy || !code.trim()}>
      ${busy ? t('pair.working') : t('pair.submit')}</button>
  </form></main>`;
}
