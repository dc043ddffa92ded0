/** The unit's own colours and logo (`/units/{unit}/brand.css`), on a page that is already open. */

const ID = 'brand';

/** Show the look of a unit (null: the house's own). `fresh` after a change: the same address is fetched again. */
export function showBrand(unit, fresh = '') {
  const old = document.getElementById(ID);
  if (unit === null) {
    old?.remove();
    return;
  }
  const href = `/units/${encodeURIComponent(unit)}/brand.css${fresh && `?${fresh}`}`;
  if (old?.getAttribute('href') === href) return;
  const link = document.createElement('link');
  link.rel = 'stylesheet';
  link.href = href;
  // The old look stays until the new one is there: nothing flickers.
  link.addEventListener('load', () => { old?.remove(); link.id = ID; });
  link.addEventListener('error', () => link.remove());
  document.head.append(link);
}
