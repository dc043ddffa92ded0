/** What the citizen chose for this visit (forgotten at rest) and what staff set for this kiosk (kept). */
import { effect, signal } from 'vez/dom.js';
import { persisted } from 'vez/store.js';

const PLAIN = Object.freeze({ text: false, contrast: false, reach: false, speak: false, print: null });

/** Staff settings of this device, behind the PIN. */
export const DEFAULTS = Object.freeze({ idle: 60, language: 'pt-BR', reach: false, rate: 1, volume: 1, keypad: 'pc' });

/** `prefs`: signal of the visit's choices, mirrored on <html> for the style sheets. */
export function createPrefs(unit) {
  const settings = persisted(`kiosk.${unit}.settings`, { ...DEFAULTS });
  const fresh = () => ({ ...PLAIN, reach: Boolean(settings.value.reach) });
  const prefs = signal(fresh());
  effect(() => {
    const { text, contrast, reach } = prefs.value;
    const root = document.documentElement.dataset;
    root.text = text ? 'large' : 'normal';
    root.contrast = contrast ? 'high' : 'normal';
    root.reach = reach ? 'low' : 'full';
  });
  return {
    prefs,
    settings,
    get: (name) => settings.value[name] ?? DEFAULTS[name],
    set: (name, value) => { settings.value = { ...settings.value, [name]: value }; },
    /** Large print on paper: as chosen, else as the letters on the screen. */
    largePrint: () => prefs.value.print ?? prefs.value.text,
    toggleLargePrint: () => { const { print, text } = prefs.value; prefs.value = { ...prefs.value, print: !(print ?? text) }; },
    toggle: (name) => { prefs.value = { ...prefs.value, [name]: !prefs.value[name] }; },
    reset: () => { prefs.value = fresh(); },
    changed: () => JSON.stringify(prefs.value) !== JSON.stringify(fresh()),
  };
}
