/** What both staff pages share around their work: bar, look and language, login, notices. */
import { classes, effect, html, useEffect, useRef, useSignal, useState } from 'vez/dom.js';
import { LANGUAGES } from 'vez/i18n.js';
import { persisted } from 'vez/store.js';
import { Connection, Dialog, Icon } from 'vez/ui.js';

const LANGUAGE_NAMES = { 'pt-BR': 'Português', en: 'English', es: 'Español' };

/** How this person likes the screen; kept in this browser. `theme`: auto, light, dark. */
export function createLook() {
  const look = persisted('staff.look', { theme: 'auto', contrast: 'normal', letters: true });
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const contrast = matchMedia('(prefers-contrast: more)');
  function apply() {
    const root = document.documentElement;
    const { theme, contrast: wish } = look.value;
    root.dataset.theme = theme === 'auto' ? (dark.matches ? 'dark' : 'light') : theme;
    if (wish === 'high' || (wish === 'auto' && contrast.matches)) root.dataset.contrast = 'high';
    else delete root.dataset.contrast;
  }
  effect(apply);
  dark.addEventListener('change', apply);
  contrast.addEventListener('change', apply);
  return look;
}

/** "09:12" (with seconds if `precise`) by the clock on the unit's wall, whatever zone this computer believes to be in. */
export function unitTime(i18n, timeZone, value, precise = false) {
  const options = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', ...(timeZone ? { timeZone } : {}) };
  return i18n.formatTime(value, precise ? { ...options, second: '2-digit' } : options);
}

/** The language: the person's choice, kept; else the page's. */
export function createLanguage(i18n, api) {
  const kept = persisted('staff.language', null);
  if (kept.peek()) i18n.setLanguage(kept.peek());
  effect(() => { api.setLanguage(i18n.language.value); document.documentElement.lang = i18n.language.value; });
  return (language) => { kept.value = language; i18n.setLanguage(language); };
}

function Choice({ legend, name, options, value, onChange }) {
  return html`<fieldset class="choice"><legend>${legend}</legend>
    ${options.map(([id, label, lang]) => html`<label><input type="radio" name=${name} checked=${value === id}
      onChange=${() => onChange(id)} /><span lang=${lang}>${label}</span></label>`)}</fieldset>`;
}

/** Language, theme, contrast, letters as keys, notifications; and the way out. */
export function Settings({ app, onClose }) {
  const { t, language } = app.i18n;
  const look = app.look.value;
  const set = (changes) => { app.look.value = { ...look, ...changes }; };
  const named = (group, ids) => ids.map((id) => [id, t(`look.${group}.${id}`)]);
  return html`<${Dialog} open title=${t('settings.title')} onClose=${onClose} t=${t}>
    <div class="settings">
      <${Choice} legend=${t('look.language')} name="language" value=${language.value} onChange=${app.setLanguage}
        options=${LANGUAGES.map((id) => [id, LANGUAGE_NAMES[id], id])} />
      <${Choice} legend=${t('look.theme')} name="theme" value=${look.theme} onChange=${(theme) => set({ theme })}
        options=${named('theme', ['auto', 'light', 'dark'])} />
      <${Choice} legend=${t('look.contrast')} name="contrast" value=${look.contrast}
        onChange=${(contrast) => set({ contrast })} options=${named('contrast', ['normal', 'high'])} />
      ${app.notifier && html`<${Notifications} app=${app} />`}
    </div></${Dialog}>`;
}

function Notifications({ app }) {
  const { t } = app.i18n;
  const state = app.notifier.state.value;
  return html`<div class="choice"><p class="choice-title">${t('notify.title')}</p>
    <p class="quiet">${t(`notify.${state}`)}</p>
    ${state === 'default' && html`<button type="button" class="button button-small" onClick=${app.notifier.ask}>
      <${Icon} name="bell" />${t('notify.ask')}</button>`}</div>`;
}

/** The bar on top: where one is, how the connection is, who one is. `children` sit in the middle. */
export function Bar({ app, title, subtitle, status, tabs, children }) {
  const { t } = app.i18n;
  const settings = useSignal(false);
  const user = app.session.user.value;
  return html`<header class="bar">
    <div class="bar-place"><img src="/static/shared/icon.svg" alt="" width="36" height="36" />
      <div><h1>${title}</h1><p>${subtitle}</p></div></div>
    ${tabs && html`<nav class="tabs" aria-label=${t('nav.label')}>${tabs}</nav>`}
    <div class="bar-middle">${children}</div>
    <div class="bar-side">
      ${status && html`<${Connection} status=${status} t=${t} />`}
      ${app.help && html`<button type="button" class="button-icon" aria-label=${t('help.title')} title=${t('help.title')}
        onClick=${app.help}><${Icon} name="keyboard" /></button>`}
      <button type="button" class="button-icon" aria-label=${t('settings.title')} title=${t('settings.title')}
        onClick=${() => { settings.value = true; }}><${Icon} name="settings" /></button>
      <div class="bar-user"><p class="bar-name">${user?.name}</p><p class="bar-role">${user ? t(`role.${user.role}`) : ''}</p></div>
      <button type="button" class="button-icon" aria-label=${t('logout')} title=${t('logout')} onClick=${app.logout}>
        <${Icon} name="log-out" /></button>
    </div>
    ${settings.value && html`<${Settings} app=${app} onClose=${() => { settings.value = false; }} />`}
  </header>`;
}

const NOTICE_ICON = { ok: 'circle-check', warn: 'triangle-alert', bad: 'circle-x' };

/** What happened, in words, and what is still being tried. Both regions are there from the start, so they are read out. */
export function Notices({ app }) {
  const { t } = app.i18n;
  const notice = app.desk.notice.value;
  const command = app.desk.command.value;
  const trying = command.phase === 'waiting' || (command.phase === 'sending' && command.tries > 1);
  const urgent = notice && notice.kind !== 'ok';
  return html`<div class="notices">
    <div role="status">${notice && !urgent && html`<${Notice} notice=${notice} app=${app} />`}
      ${trying && html`<${Trying} app=${app} command=${command} />`}</div>
    <div role="alert">${urgent && html`<${Notice} notice=${notice} app=${app} />`}</div>
  </div>`;
}

function Notice({ notice, app }) {
  return html`<div class=${classes('notice', `notice-${notice.kind}`)}>
    <${Icon} name=${NOTICE_ICON[notice.kind]} /><p>${notice.text}</p>
    <button type="button" class="button-icon button-tiny" aria-label=${app.i18n.t('notice.dismiss')} onClick=${app.desk.dismiss}>
      <${Icon} name="x" size="1em" /></button></div>`;
}

/** No answer yet: the same request, the same key, until there is one. */
export function Trying({ app, command }) {
  const { t } = app.i18n;
  return html`<div class="notice notice-warn notice-trying">
    <${Icon} name="refresh-cw" /><p>${t('trying.text', { action: t(`action.${command.action}`) })}</p>
    <button type="button" class="button button-small" onClick=${app.desk.resume}>${t('trying.now')}</button>
    <button type="button" class="button button-small" onClick=${app.desk.giveUp}>${t('trying.stop')}</button></div>`;
}

/** The login, whole page or over the work of a session that ended. What was typed stays when it fails. */
export function LoginForm({ app, onDone, again = false }) {
  const { t } = app.i18n;
  const [username, setUsername] = useState(again ? app.session.user.peek()?.username ?? '' : '');
  const [password, setPassword] = useState('');
  const [problem, setProblem] = useState(null);
  const [busy, setBusy] = useState(false);
  const first = useRef(null);
  const second = useRef(null);
  useEffect(() => { (username ? second : first).current?.focus(); }, []);

  async function submit(event) {
    event.preventDefault();
    if (busy) return;
    if (!username.trim() || !password) { setProblem(t('login.missing')); return; }
    setBusy(true);
    setProblem(null);
    try {
      const user = await app.session.login(username.trim(), password);
      onDone?.(user);
    } catch (error) {
      setProblem(error.network ? t('login.network') : app.desk.words(error));
      if (error.code === 'bad_credentials') second.current?.select();
    } finally {
      setBusy(false);
    }
  }
  const typed = (set) => (event) => set(event.currentTarget.value);
  return html`<form class="login-form" onSubmit=${submit} novalidate>
    <div class="field"><label for="username">${t('login.username')}</label>
      <input ref=${first} id="username" name="username" autocomplete="username" autofocus=${!username} autocapitalize="none" spellcheck=${false}
        value=${username} onInput=${typed(setUsername)} aria-describedby="login-problem" /></div>
    <div class="field"><label for="password">${t('login.password')}</label>
      <input ref=${second} id="password" name="password" type="password" autocomplete="current-password" autofocus=${again}
        value=${password} onInput=${typed(setPassword)} aria-describedby="login-problem" /></div>
    <p class="field-error" id="login-problem" role="alert">${problem}</p>
    <button type="submit" class="button button-primary" aria-disabled=${busy ? 'true' : undefined}>
      <${Icon} name="log-in" />${busy ? t('login.busy') : t('login.submit')}</button>
  </form>`;
}

export function LoginPage({ app, title, subtitle }) {
  const { t, language } = app.i18n;
  return html`<main class="login">
    <section class="login-card">
      <img src="/static/shared/icon.svg" alt="" width="64" height="64" />
      <h1>${title}</h1><p class="quiet">${subtitle}</p>
      <${LoginForm} app=${app} />
      <div class="login-languages" role="group" aria-label=${t('look.language')}>
        ${LANGUAGES.map((id) => html`<button type="button" class="chip" lang=${id} aria-pressed=${language.value === id}
          onClick=${() => app.setLanguage(id)}>${LANGUAGE_NAMES[id]}</button>`)}</div>
    </section></main>`;
}

/** The session ended while somebody worked: nothing is lost, the login comes over the screen. */
export function LoginAgain({ app, onDone }) {
  const { t } = app.i18n;
  return html`<${Dialog} open alert title=${t('login.again')} t=${t}>
    <p class="quiet">${t('login.again.text')}</p>
    <${LoginForm} app=${app} onDone=${onDone} again /></${Dialog}>`;
}

/** The first question has no answer yet. */
export function Waiting({ app }) {
  const { t } = app.i18n;
  return html`<main class="login"><p class="waiting" role="status">
    ${app.session.silent.value ? t('login.silent') : t('login.loading')}</p></main>`;
}
