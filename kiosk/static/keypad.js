/**
 * A numeric keypad is enough (SC Lei 17.513/2018: tactile keys): focus moves along the screen in reading
 * order, 5 = OK, 0 = repeat, 1 = back, 9 = call a person. 6 and 4 are next and previous on every keypad;
 * 2 and 8 follow the device's layout (on a telephone 2 is above, on a computer below).
 */
const FOCUSABLE = 'button:not([disabled]), input:not([disabled]), a[href], [tabindex="0"]';

function focusable() {
  const dialog = [...document.querySelectorAll('dialog[open]')].at(-1);
  const root = dialog ?? document.getElementById('app');
  return [...root.querySelectorAll(FOCUSABLE)].filter((n) => n.getClientRects().length > 0 && !n.closest('[inert]'));
}

/** Move the focus by one place, around the ends. From the heading, the first step is the first button after it. */
export function moveFocus(by) {
  const nodes = focusable();
  if (!nodes.length) return;
  const active = document.activeElement;
  let index = nodes.indexOf(active);
  if (index < 0) {
    const after = nodes.findIndex((n) => active && active.compareDocumentPosition(n) & Node.DOCUMENT_POSITION_FOLLOWING);
    index = by > 0 ? (after < 0 ? 0 : after) - 1 : (after < 0 ? nodes.length : after);
  }
  const next = nodes[(index + by + nodes.length) % nodes.length];
  next.focus({ focusVisible: true });
  next.scrollIntoView({ block: 'nearest' });
}

/** Whether keys belong to a field or a form; also when the focus was lost while that form is on top. */
function typing(node) {
  if (node?.matches?.('input:not([readonly]), [data-typing], [data-typing] *')) return true;
  return Boolean([...document.querySelectorAll('dialog[open]')].at(-1)?.querySelector('[data-typing]'));
}

/** `on` names what keys do: {repeat, back, person, wake, letter(char), erase}; `layout()` is 'pc' or 'phone'. */
export function listenKeypad(on, layout) {
  const forward = () => (layout() === 'phone' ? '8' : '2');
  const moves = {
    5: () => document.activeElement?.click?.(), 0: on.repeat, 1: on.back, 9: on.person,
    6: () => moveFocus(1), 4: () => moveFocus(-1),
    2: () => moveFocus(forward() === '2' ? 1 : -1), 8: () => moveFocus(forward() === '8' ? 1 : -1),
    ArrowDown: () => moveFocus(1), ArrowRight: () => moveFocus(1), ArrowUp: () => moveFocus(-1), ArrowLeft: () => moveFocus(-1),
    Escape: on.back,
  };
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey || typing(event.target)) return;
    const { key } = event;
    if (event.repeat && /^[0-9]$/.test(key)) { event.preventDefault(); return; } // a stuck key orders nothing
    if (/^[0-9]$/.test(key)) on.wake();
    if (key in moves) {
      if (key === 'Escape' && document.querySelector('dialog[open]')) return; // the dialog's own key
      event.preventDefault();
      moves[key]();
    } else if (/^\p{L}$/u.test(key)) on.letter(key);
    else if (key === 'Backspace') on.erase();
  });
}
