/** The frame around every screen: head, the area that scrolls, and the dock at hand height. */
import { html, useEffect, useRef, useState } from 'vez/dom.js';
import { Connection, Icon } from 'vez/ui.js';
import { Flag } from './flags.js';

/** Who this is, the time, the state of the connection, languages. */
export function Head({ kiosk, gear, choice }) {
  const { menu, i18n, t, status, clock, dialog } = kiosk;
  const unit = menu.value?.unit;
  return html`<header class="head">
    <div class="head-who">
      <span class="brand-logo head-logo"></span><${Icon} name="ticket" size="2.5rem" class="head-mark" />
      <div><p class="head-unit">${unit?.name ?? t('app.name')}</p>
        <p class="head-small"><time data-quiet>${i18n.formatTime(clock.value, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone: unit?.timezone })}</time>
          <span data-quiet><${Connection} status=${status} t=${t} /></span></p></div>
    </div>
    <div class="head-tools"><${Languages} kiosk=${kiosk} />
      ${gear && html`<button type="button" class="gear" data-action="settings" aria-label=${t('nav.settings')} data-quiet
        onClick=${() => { dialog.value = 'settings'; }}><${Icon} name="settings" size="1.5rem" /></button>`}</div>
    ${choice && html`<${Places} kiosk=${kiosk} />`}
  </header>`;
}

/** Which unit, where the kiosk serves several. Its own is chosen until somebody says otherwise. */
function Places({ kiosk }) {
  const { t, places } = kiosk;
  if (places.all.value.length < 2) return null;
  return html`<div class="places" role="group" aria-label=${t('rest.places')}><p class="places-title">${t('rest.places')}</p>
    ${places.all.value.map(({ id, name, open }) => html`<button type="button" key=${id} class="place" data-place=${id}
      aria-pressed=${String(places.place.value === id)} onClick=${() => kiosk.choosePlace(id)}>
      <${Icon} name=${places.place.value === id ? 'circle-check' : 'map-pin'} size="1.5rem" />
      <span>${name}${!open && html` <span class="place-closed">${t('rest.place_closed')}</span>`}</span></button>`)}</div>`;
}

function Languages({ kiosk }) {
  const { i18n, t, menu } = kiosk;
  const names = menu.value?.languages ?? [{ code: 'pt-BR', name: 'Português' }, { code: 'en', name: 'English' }, { code: 'es', name: 'Español' }];
  return html`<div class="languages" role="group" aria-label=${t('rest.language')} data-quiet>
    ${names.map(({ code, name }) => html`<button type="button" key=${code} class="language" lang=${code} data-language=${code}
      aria-pressed=${String(i18n.language.value === code)} onClick=${() => kiosk.setLanguage(code)}>
      <${Flag} code=${code} /><span>${name}</span></button>`)}
  </div>`;
}

/** What scrolls, with large buttons for those who do not know or cannot make the gesture. */
export function Scroller({ kiosk, children, class: extra = '' }) {
  const ref = useRef(null);
  const [more, setMore] = useState({ up: false, down: false });
  useEffect(() => {
    const node = ref.current;
    const look = () => {
      const up = node.scrollTop > 4;
      const down = node.scrollTop + node.clientHeight < node.scrollHeight - 4;
      setMore((old) => (old.up === up && old.down === down ? old : { up, down }));
    };
    const observer = new ResizeObserver(look);
    observer.observe(node);
    for (const child of node.children) observer.observe(child);
    node.addEventListener('scroll', look, { passive: true });
    look();
    return () => { observer.disconnect(); node.removeEventListener('scroll', look); };
  }, []);
  const by = (part) => ref.current.scrollBy({ top: ref.current.clientHeight * part, behavior: 'smooth' });
  return html`<div class="scroller">
    <div ref=${ref} class="scroll ${extra}"><div class="scroll-in">${children}</div></div>
    ${(more.up || more.down) && html`<div class="scroll-buttons" data-quiet>
      <button type="button" class="scroll-button" disabled=${!more.up} aria-label=${kiosk.t('nav.up')} onClick=${() => by(-0.8)}><${Icon} name="chevron-up" size="2rem" /></button>
      <button type="button" class="scroll-button" disabled=${!more.down} aria-label=${kiosk.t('nav.down')} onClick=${() => by(0.8)}><${Icon} name="chevron-down" size="2rem" /></button>
    </div>`}
  </div>`;
}

const ACCESS = [['text', 'a-large-small'], ['contrast', 'contrast'], ['reach', 'arrow-down'], ['speak', 'volume-2']];

/** Back and start on the left, accessibility on the right: always there, always at hand height. */
export function Dock({ kiosk, screen }) {
  const { t, pref, dialog, help } = kiosk;
  return html`<nav class="dock" aria-label=${t('access.bar')}>
    <${Ways} kiosk=${kiosk} screen=${screen} />
    <div class="dock-access" role="group" aria-label=${t('access.bar')}>
      ${ACCESS.map(([name, icon]) => html`<button type="button" key=${name} class="dock-button" data-access=${name}
        aria-pressed=${String(pref.prefs.value[name])} onClick=${() => pref.toggle(name)}>
        <${Icon} name=${icon} size="1.75rem" /><span>${t(`access.${name}`)}</span></button>`)}
      <button type="button" class="dock-button dock-person" data-access="person" onClick=${() => { dialog.value = 'person'; }}>
        <${Icon} name=${help.value === 'sent' ? 'bell-ring' : 'hand-helping'} size="1.75rem" /><span>${t('access.person')}</span></button>
    </div>
  </nav>`;
}

const BACK = { services: ['nav.back', 'back'], search: ['nav.back', 'back'], service: ['service.other', 'other-service'] };

/** The ways out of this screen. On the done screen that is one: finished, with the seconds it stays by itself. */
function Ways({ kiosk, screen }) {
  const { t, home, back, idle } = kiosk;
  if (screen === 'done') {
    return html`<div class="dock-nav"><button type="button" class="dock-button dock-finish" data-action="finish" onClick=${home}>
      <${Icon} name="check" size="1.75rem" /><span>${t('done.finish')}</span>
      <span class="dock-seconds" aria-hidden="true">${t('done.closing', { n: idle.remaining.value ?? '' })}</span></button></div>`;
  }
  const [label, action] = BACK[screen] ?? [];
  if (!label) return null;
  return html`<div class="dock-nav">
    <button type="button" class="dock-button dock-back" data-action=${action} onClick=${back}><${Icon} name="arrow-left" size="1.75rem" /><span>${t(label)}</span></button>
    <button type="button" class="dock-button" data-action="home" onClick=${home}><${Icon} name="house" size="1.75rem" /><span>${t('nav.home')}</span></button></div>`;
}

/** Focus the heading when a screen appears, so that a screen reader starts where the eye does. */
export function Title({ children, class: extra = '', focus = true }) {
  const ref = useRef(null);
  useEffect(() => { if (focus) ref.current?.focus({ preventScroll: true }); }, []);
  return html`<h1 ref=${ref} tabindex="-1" class="title ${extra}">${children}</h1>`;
}
