/** A unit that departs from the law's order says so: what it does, who decided it and when. */
import { html, useEffect, useSignal } from 'vez/dom.js';
import { Icon } from 'vez/ui.js';

const DAY = { day: '2-digit', month: '2-digit', year: 'numeric' };

/** Nothing while the law's own order is in force. The menu tells that there is a notice; who decided is for staff alone. */
export function Order({ floor }) {
  const { t } = floor.i18n;
  const notice = floor.watch.menu.value?.notices?.order ?? null;
  const policy = useSignal(null);
  useEffect(() => {
    policy.value = null;
    if (!notice) return;
    floor.api.get(`/units/${floor.watch.unit}/policy`).then((read) => { policy.value = read.policy; })
      .catch(() => { /* the notice stands without its signature */ });
  }, [notice]);
  if (!notice) return null;
  const by = policy.value?.enabled_by
    && t('order.by', { name: policy.value.enabled_by, at: floor.i18n.formatTime(policy.value.enabled_at, DAY) });
  return html`<p class="hint" data-policy><${Icon} name="info" /><span>${notice} ${by}</span></p>`;
}
