/** Settings of this device: a visible gear, a PIN, and staff sign-in to set the PIN. */
import { createApi } from 'vez/api.js';
import { html, keepDeviceToken, useLayoutEffect, useRef, useState } from 'vez/dom.js';
import { LANGUAGES } from 'vez/i18n.js';
import { Dialog, Icon } from 'vez/ui.js';
import { validPin } from '../pin.js';

/** One dialog, four steps: pin → open; or login → new pin → open. */
export function Settings({ kiosk }) {
  const { t, dialog, pin } = kiosk;
  const [stage, setStage] = useState(null);
  if (dialog.value !== 'settings') return null;
  const now = stage ?? (pin.exists() ? 'pin' : 'login');
  const close = () => { setStage(null); dialog.value = null; };
  return html`<${Dialog} open title=${t('pin.title')} t=${t} onClose=${close} class="kiosk-dialog settings">
    <div data-typing>
      ${now === 'pin' && html`<${EnterPin} kiosk=${kiosk} onOk=${() => setStage('open')} onForgot=${() => setStage('login')} />`}
      ${now === 'login' && html`<${Login} kiosk=${kiosk} onOk=${() => setStage('new')} />`}
      ${now === 'new' && html`<${NewPin} kiosk=${kiosk} onOk=${() => setStage('open')} />`}
      ${now === 'open' && html`<${Open} kiosk=${kiosk} close=${close} />`}
    </div><//>`;
}

/** Digits by touch or by keys; the PIN is never shown. */
function Pad({ t, label, error, onDone }) {
  // A ref beside the state: quick fingers press the next key before the last one is drawn.
  const typed = useRef('');
  const go = useRef(null);
  const [pin, setPin] = useState('');
  const put = (value) => { typed.current = value; setPin(value); };
  const add = (digit) => put((typed.current + digit).slice(0, 8));
  const erase = () => put(typed.current.slice(0, -1));
  const done = () => { const value = typed.current; put(''); onDone(value); };
  const onKey = useRef(null);
  onKey.current = (event) => {
    const { key, target } = event;
    if (/^[0-9]$/.test(key)) add(key);
    else if (key === 'Backspace') erase();
    else if (key === 'Enter' && (target.closest('.pad') || !target.matches('button, a'))) done();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  // Keys reach the pad from the moment it is there, wherever the focus was: one digit too early must not go to
  // the keypad of the screens, where 1 means back and would close the settings.
  useLayoutEffect(() => {
    const listen = (event) => onKey.current(event);
    addEventListener('keydown', listen, { capture: true });
    go.current.focus();
    return () => removeEventListener('keydown', listen, { capture: true });
  }, []);
  const key = (digit) => html`<button type="button" class="key" key=${digit} onClick=${() => add(digit)}>${digit}</button>`;
  return html`<div class="pad"><p class="pad-label">${label}</p>
    <p class="pad-dots" role="status" aria-label=${`${label}: ${pin.length}`}>${'●'.repeat(pin.length) || '—'}</p>
    <p class="pad-error" role="alert">${error}</p>
    <div class="pad-keys">${[...'123456789'].map(key)}
      <button type="button" class="key" aria-label=${t('pin.delete')} onClick=${erase}><${Icon} name="delete" size="1.75rem" /></button>
      ${key('0')}
      <button type="button" ref=${go} autofocus class="key key-go" aria-label=${t('pin.confirm')} onClick=${done}><${Icon} name="check" size="1.75rem" /></button></div></div>`;
}

function EnterPin({ kiosk: { t, pin }, onOk, onForgot }) {
  const [error, setError] = useState('');
  const check = (digits) => {
    const answer = pin.check(digits);
    if (answer === 'ok') onOk();
    else setError(answer === 'locked' ? t('pin.locked', { n: pin.lockedSeconds() }) : t('pin.wrong'));
  };
  return html`<${Pad} t=${t} label=${t('pin.enter')} error=${error} onDone=${check} />
    <button type="button" class="button" data-action="forgot" onClick=${onForgot}>${t('pin.forgot')}</button>`;
}

function NewPin({ kiosk: { t, pin }, onOk }) {
  const [error, setError] = useState('');
  return html`<${Pad} t=${t} label=${t('pin.new')} error=${error}
    onDone=${(digits) => { if (validPin(digits)) { pin.set(digits); onOk(); } else setError(t('pin.new')); }} />`;
}

/** Signs in only to prove who stands here, and out again at once: a kiosk must hold no staff session. */
function Login({ kiosk: { t, i18n }, onOk }) {
  const [error, setError] = useState('');
  const [busy, setBusy] = useState(false);
  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(event.currentTarget);
    setBusy(true);
    try {
      const api = createApi({ language: i18n.language.value });
      const { user, csrf_token: csrf } = await api.post('/session', { username: form.get('username'), password: form.get('password') });
      api.setCsrf(csrf);
      await api.del('/session');
      if (user.role === 'attendant') setError(t('pin.login_wrong'));
      else onOk();
    } catch (failure) {
      setError(t(failure.network ? 'pin.login_network' : 'pin.login_wrong'));
    } finally {
      setBusy(false);
    }
  }
  return html`<form class="login" onSubmit=${submit}><p>${t('pin.login')}</p>
    <label for="login-user">${t('pin.login_user')}</label><input id="login-user" name="username" autocomplete="off" autofocus required />
    <label for="login-password">${t('pin.login_password')}</label><input id="login-password" name="password" type="password" autocomplete="off" required />
    <p class="pad-error" role="alert">${error}</p>
    <button type="submit" class="button button-primary big" disabled=${busy}>${t('pin.login_go')}</button></form>`;
}

function Stepper({ kiosk: { t, pref }, name, by, low, high }) {
  const value = pref.get(name);
  const move = (d) => pref.set(name, Math.round(Math.min(high, Math.max(low, value + d)) * 100) / 100);
  return html`<div class="setting" role="group" aria-label=${t(`settings.${name}`)}><span>${t(`settings.${name}`)}</span>
    <span class="setting-controls"><button type="button" class="key" aria-label=${`${t('settings.less')}: ${t(`settings.${name}`)}`} onClick=${() => move(-by)}><${Icon} name="minus" /></button>
      <output>${value}</output>
      <button type="button" class="key" aria-label=${`${t('settings.more')}: ${t(`settings.${name}`)}`} onClick=${() => move(by)}><${Icon} name="plus" /></button></span></div>`;
}

function Choice({ kiosk: { t, pref }, name, options }) {
  return html`<div class="setting" role="group" aria-label=${t(`settings.${name}`)}><span>${t(`settings.${name}`)}</span>
    <span class="setting-controls">${options.map(([value, text]) => html`<button type="button" class="key key-text" key=${text}
      aria-pressed=${String(pref.get(name) === value)} onClick=${() => pref.set(name, value)}>${text}</button>`)}</span></div>`;
}

function Open({ kiosk, close }) {
  const { t, unit, menu, status } = kiosk;
  const forget = () => { keepDeviceToken('kiosk', unit, null); location.reload(); };
  return html`<div class="settings-open">
    <p>${t('settings.connection')}: ${t(`connection.${status.value}`)} · ${t('settings.printer')}: ${t(`settings.printer.${menu.value?.printer?.state ?? 'unknown'}`)}</p>
    <${Stepper} kiosk=${kiosk} name="idle" by=${15} low=${30} high=${300} />
    <${Stepper} kiosk=${kiosk} name="volume" by=${0.1} low=${0} high=${1} />
    <${Stepper} kiosk=${kiosk} name="rate" by=${0.1} low=${0.6} high=${1.6} />
    <${Choice} kiosk=${kiosk} name="reach" options=${[[true, t('settings.yes')], [false, t('settings.no')]]} />
    <${Choice} kiosk=${kiosk} name="keypad" options=${[['pc', t('settings.keypad_pc')], ['phone', t('settings.keypad_phone')]]} />
    <${Choice} kiosk=${kiosk} name="language" options=${LANGUAGES.map((code) => [code, code])} />
    <div class="settings-actions"><button type="button" class="button" onClick=${() => location.reload()}><${Icon} name="refresh-cw" /> ${t('settings.reload')}</button>
      <button type="button" class="button button-danger" onClick=${forget}><${Icon} name="log-out" /> ${t('settings.unpair')}</button>
      <button type="button" class="button button-primary" onClick=${close}>${t('settings.close')}</button></div></div>`;
}
