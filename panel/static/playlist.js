/**
 * Which image or video comes next. Pure: the moment is given as the unit's own date and time of day,
 * because a schedule such as "08:00 to 12:00" means the clock on that wall.
 */

/** A file that could not be shown is left out for this long (milliseconds); it may be replaced meanwhile. */
export const REST_MS = 10 * 60_000;

/** 1 for Monday to 7 for Sunday, of `YYYY-MM-DD`. */
export function weekday(date) {
  return new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
}

/** Whether the item is to be shown at `{date: 'YYYY-MM-DD', time: 'HH:MM'}`. Its limits are inclusive, `ends` is not. */
export function scheduled(item, { date, time }) {
  if (item.from && date < item.from) return false;
  if (item.to && date > item.to) return false;
  if (item.days?.length && !item.days.includes(weekday(date))) return false;
  const { starts, ends } = item;
  if (starts && ends && starts > ends) return time >= starts || time < ends; // over midnight
  return !(starts && time < starts) && !(ends && time >= ends);
}

/**
 * The item after the one with id `last` (null: from the start), or null when none may be shown.
 * `broken` maps ids to the moment (milliseconds) at which they failed.
 */
export function nextItem(items, last, moment, broken = new Map(), now = 0) {
  const usable = (item) => scheduled(item, moment) && !(now - (broken.get(item.id) ?? -Infinity) < REST_MS);
  const start = items.findIndex((item) => item.id === last) + 1;
  return [...items.slice(start), ...items.slice(0, start)].find(usable) ?? null;
}

/** Date and time of day on the wall of a zone, as `scheduled` takes them. */
export function wallClock(ms, timeZone) {
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' });
  const [date, time] = format.format(ms).split(' ');
  return { date, time };
}
