/** Following a print job until the paper is known to be out, or known not to be. */

const POLL_MS = 1000;
/** Beyond this the printer is not going to answer soon: the ticket is valid all the same. */
const PATIENCE_MS = 60_000;
const ENDED = new Set(['printed', 'expired', 'reprint']);

/** Keep `into` (a signal) at the job's state; ends by itself. */
export function watchPrint(app, job, into) {
  if (!job) return;
  into.value = job;
  const began = Date.now();
  const mine = () => into.peek()?.id === job.id;
  async function look() {
    if (!mine()) return;
    try {
      const answer = await app.api.get(`/print-jobs/${job.id}`);
      if (mine()) into.value = answer.job;
      if (ENDED.has(answer.job.state)) return;
    } catch (error) {
      if (error.status === 404 || error.status === 403) return;
    }
    if (Date.now() - began < PATIENCE_MS) setTimeout(look, POLL_MS);
  }
  setTimeout(look, POLL_MS / 2);
}

/** The job in words, with the cause when the printer gave one. */
export function printState(app, job) {
  const { t } = app.i18n;
  const cause = job.cause ? ` ${t(`print.cause.${job.cause}`)}` : '';
  return `${t(`print.${job.state}`)}${cause}`;
}
