/** Were the waits that citizens were told today kept? */
import { html } from 'vez/dom.js';

const percent = (i18n, share) => (share === null ? '–' : i18n.formatNumber(share, { style: 'percent' }));

/** "2,5 min mais tarde": the mean error in words. */
function bias(i18n, figures) {
  const minutes = i18n.formatNumber(Math.abs(figures.mean_error_minutes), { maximumFractionDigits: 1 });
  const way = figures.mean_error_minutes > 0 ? 'later' : figures.mean_error_minutes < 0 ? 'sooner' : 'none';
  return i18n.t(`unit.forecast.bias.${way}`, { n: minutes });
}

export function ForecastCard({ store, i18n }) {
  const { t, formatNumber } = i18n;
  const { figures, services, taken } = store.forecast.value;
  const judged = services.filter((one) => one.figures.judged > 0);
  if (!figures.judged) return html`<p class="quiet">${t('unit.forecast.none', { n: formatNumber(taken) })}</p>`;
  const tile = (name, value) => html`<div class="figure" data-forecast=${name}><dt>${t(`unit.forecast.${name}`)}</dt><dd>${value}</dd></div>`;
  return html`<dl class="figures forecast-figures">${tile('judged', formatNumber(figures.judged))}${tile('inside', percent(i18n, figures.share_inside))}
      ${tile('miss', t('unit.minutes', { n: formatNumber(figures.mean_miss_minutes, { maximumFractionDigits: 1 }) }))}${tile('bias', bias(i18n, figures))}</dl>
    <table class="grid"><thead><tr><th scope="col">${t('super.col.service')}</th><th scope="col" class="number">${t('unit.forecast.judged')}</th>
        <th scope="col" class="number">${t('unit.forecast.inside')}</th><th scope="col" class="number">${t('unit.forecast.bias')}</th></tr></thead>
      <tbody>${judged.map((one) => html`<tr key=${one.id}><th scope="row">${one.name}</th><td class="number">${formatNumber(one.figures.judged)}</td>
        <td class="number">${percent(i18n, one.figures.share_inside)}</td><td class="number">${bias(i18n, one.figures)}</td></tr>`)}</tbody></table>`;
}
