/** What fingers do to a public screen, and must not do to a visit. */

const GHOST_MS = 450;

/** `screen()` names the screen shown; `back()` is what the browser's back button means. */
export function guard(root, screen, back) {
  let seen = screen();
  let changedAt = -Infinity;
  // The second tap of a double tap must not press what has just appeared under the finger.
  root.addEventListener('click', (event) => {
    const now = performance.now();
    if (screen() !== seen) { seen = screen(); changedAt = now; }
    if (event.detail > 1 && now - changedAt < GHOST_MS) { event.preventDefault(); event.stopPropagation(); return; }
    queueMicrotask(() => { if (screen() !== seen) { seen = screen(); changedAt = performance.now(); } });
  }, { capture: true });

  for (const name of ['contextmenu', 'dragstart', 'selectstart']) {
    root.addEventListener(name, (event) => { if (!event.target.closest?.('input')) event.preventDefault(); });
  }
  // Pinching out would leave the next person with half a screen.
  addEventListener('wheel', (event) => { if (event.ctrlKey) event.preventDefault(); }, { passive: false });
  addEventListener('touchmove', (event) => { if (event.touches.length > 1) event.preventDefault(); }, { passive: false });

  // The page is its own history: "back" goes one screen back and never leaves the kiosk.
  history.pushState({ kiosk: true }, '');
  addEventListener('popstate', () => { history.pushState({ kiosk: true }, ''); back(); });
}
