/** Numbers and moments of the menu in words, for every screen alike. */

/** "3 pessoas aguardando" */
export const waitingText = ({ t, i18n }, n, key = 'waiting') => (n === 0 ? t(`${key}.none`) : i18n.plural(key, n));

/** "espera de 5 a 15 min", or that there is no forecast. */
export function estimateText({ t, i18n }, estimate, keys = { range: 'estimate.range', upto: 'estimate.upto', none: 'estimate.none' }) {
  if (!estimate) return t(keys.none);
  const vars = { low: i18n.formatNumber(estimate.low), high: i18n.formatNumber(estimate.high) };
  return t(estimate.low > 0 && estimate.low !== estimate.high ? keys.range : keys.upto, vars);
}

const dayOf = (i18n, date, timeZone) => i18n.formatTime(date, { year: 'numeric', month: '2-digit', day: '2-digit', timeZone });

/** "hoje às 08:00", "amanhã às 08:00", "segunda-feira às 08:00" (beyond a week, with the date); '' for none. */
export function whenText({ t, i18n }, iso, timeZone, now = Date.now()) {
  if (!iso) return '';
  const date = new Date(iso);
  const time = i18n.formatTime(date, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23', timeZone });
  const day = dayOf(i18n, date, timeZone);
  if (day === dayOf(i18n, now, timeZone)) return t('when.today', { time });
  if (day === dayOf(i18n, now + 86_400_000, timeZone)) return t('when.tomorrow', { time });
  const far = date.getTime() - now > 6 * 86_400_000;
  const name = i18n.formatTime(date, { weekday: 'long', timeZone, ...(far ? { day: '2-digit', month: '2-digit' } : {}) });
  return t('when.day', { day: name, time });
}

/** Queue and forecast of a service in one line; an empty queue needs no forecast. */
export function queueText(kiosk, service) {
  const waiting = waitingText(kiosk, service.waiting);
  return service.waiting === 0 && !service.estimate ? waiting : `${waiting} · ${estimateText(kiosk, service.estimate)}`;
}

/** Why a service gives no tickets now, and when it does again. */
export function closedText(kiosk, service) {
  const { t, menu } = kiosk;
  const reason = t(`closed.${service.closed_reason ?? 'service_closed'}`);
  const when = whenText(kiosk, service.next_opening, menu.value?.unit.timezone, kiosk.clock.value);
  return when ? `${reason} · ${t('closed.reopens', { when })}` : reason;
}
