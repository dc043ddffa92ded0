/**
 * The keys of the counter: pure, so that a test can prove that no two actions share one in any language.
 *
 * Letters come from the catalogue (`keys.<action>`), because a mnemonic is a word of a language; F-keys are the
 * same everywhere and avoid those a browser keeps for itself (F1, F3, F5, F6, F7, F10–F12).
 * Letters can be switched off (WCAG 2.1.4); F-keys always work.
 */

export const FUNCTION_KEYS = Object.freeze({ call_next: 'F2', start: 'F4', finish: 'F8', recall: 'F9' });

/** Actions that have a letter, in the order the help shows them. */
export const LETTERED = Object.freeze([
  'call_next', 'recall', 'start', 'no_show', 'finish', 'transfer', 'next_service', 'hold',
  'note', 'pause', 'resume', 'close', 'search', 'issue', 'help',
]);

const FIELDS = new Set(['INPUT', 'TEXTAREA', 'SELECT']);
const NOT_TYPED_IN = new Set(['button', 'checkbox', 'radio', 'submit', 'reset', 'range', 'color', 'file']);

/** True when the key belongs to a field being filled in, not to the screen. */
export function isTyping(target) {
  if (!target) return false;
  if (target.isContentEditable) return true;
  if (!FIELDS.has(target.tagName)) return false;
  return !(target.tagName === 'INPUT' && NOT_TYPED_IN.has(target.type));
}

/** The table `{action: {letter, fkey}}` of a language; `t` is the translator. */
export function keyTable(t) {
  const table = {};
  for (const action of LETTERED) {
    table[action] = { letter: t(`keys.${action}`), fkey: FUNCTION_KEYS[action] ?? null };
  }
  return table;
}

/** What to print on a button: the letter, the F-key when letters are off, or null. */
export function keyLabel(table, action, lettersOn) {
  const entry = table[action];
  if (!entry) return null;
  return lettersOn ? entry.letter : entry.fkey;
}

/**
 * The actions a key press may mean (several where only one is possible at a time, such as pause and resume).
 *
 * Nothing while typing, with a modifier, in a dialog (`modal`), or for a key held down: a held key would
 * otherwise press the next state's button as soon as the screen changes.
 */
export function actionsForKey(event, table, { lettersOn = true, modal = false } = {}) {
  if (event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || modal) return [];
  if (isTyping(event.target)) return [];
  const key = event.key ?? '';
  const names = Object.keys(table);
  const byFunction = names.filter((name) => table[name].fkey === key);
  if (byFunction.length > 0) return byFunction;
  if (!lettersOn || key.length !== 1) return [];
  return names.filter((name) => table[name].letter.toLowerCase() === key.toLowerCase());
}
