/** What citizens said of today's visits, and whether they may take tickets on the web. */
import { html } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';

const SCORES = [5, 4, 3, 2, 1];

/** How often each score was given: a bar with its number, never the bar alone. */
function Scores({ said }) {
  return html`<ul class="scores">${SCORES.map((score) => html`<li key=${score}><span class="score-name">${score}</span>
    <meter class="score-bar" min="0" max=${said.count} value=${said.scores[score]} aria-label=${score}>${said.scores[score]}</meter>
    <span class="number">${said.scores[score]}</span></li>`)}</ul>`;
}

/** Newest words first; no name is kept of anybody. */
function Words({ floor, comments }) {
  const { t } = floor.i18n;
  return html`<ul class="comments">${comments.slice(0, 6).map((one) => html`<li key=${one.at}>
    <p>${one.comment}</p><p class="quiet">${t('citizens.mean', { n: one.score })} · ${one.service_name} · ${floor.time(one.at)}</p></li>`)}</ul>`;
}

function Web({ floor, web }) {
  const { t } = floor.i18n;
  const verb = web.on ? 'turn_off' : 'turn_on';
  const press = () => floor.desk.run('service', `/units/${floor.watch.unit}/web-issue`, { on: !web.on }, {
    quiet: true, said: (answer) => t(`citizens.web.said_${answer.on ? 'on' : 'off'}`),
  }).then(() => floor.watch.refresh('citizens'));
  return html`<div class="web-issue" data-web=${web.on ? 'on' : 'off'}><h4><${Icon} name="globe" size="1.1em" />${t('citizens.web')}</h4>
    <p>${t(`citizens.web.${web.on ? 'on' : 'off'}`)} ${web.on && html`<a class="link" href=${web.url} target="_blank" rel="noreferrer">${web.url}</a>`}</p>
    <button type="button" class="button button-small" data-action="web-issue" onClick=${press}>${t(`citizens.web.${verb}`)}</button></div>`;
}

/** The card of the supervisor's screen. */
export function Citizens({ floor }) {
  const { t, plural, formatNumber } = floor.i18n;
  const said = floor.watch.citizens.value;
  if (!said) return null;
  return html`<section class="panel-card citizens" aria-label=${floor.label(t('citizens.title'))}><h3><${Icon} name="smile" />${t('citizens.title')}
      <span class="queue-count">${plural('citizens.count', said.count)}</span></h3>
    ${said.count === 0 ? html`<p class="quiet">${t('citizens.none')}</p>`
    : html`<div class="citizens-said"><p class="mean"><strong>${formatNumber(said.average)}</strong> ${t('citizens.mean', { n: '' }).trim()}</p>
      <${Scores} said=${said} /></div><${Words} floor=${floor} comments=${said.comments} />`}
    <${Web} floor=${floor} web=${said.web} /></section>`;
}
