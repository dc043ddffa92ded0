/** What every button of the counter does: one command each, its answer merged, its outcome said in words. */
import { signal } from 'vez/dom.js';
import { newKey } from 'vez/api.js';
import { createCommands } from './commands.js';
import { actions, inHand, learn } from './state.js';

const IDLE = { action: null, phase: 'idle', tries: 0 };
const NOTICE_MS = 9000;
/** The field that holds the moment of the answer. A repeated answer is old: `run` tells by the tries. */
const DONE_AT = { call_next: 'last_call_at', call: 'last_call_at', recall: 'last_call_at', start: 'started_at' };
/** After these the ticket has left the counter: what was typed for it has been sent. */
const SPENT = new Set(['finish', 'transfer', 'next_service']);
const PATHS = {
  recall: 'recall', start: 'start', no_show: 'no-show', finish: 'finish', hold: 'hold', transfer: 'transfer',
  next_service: 'next-service', cancel: 'cancel', return: 'return', reprint: 'reprint', change_tier: 'tier',
};

/**
 * @param {object} parts `session`, `room` (signal of the unit's room or null), `drafts`, `clock`, `i18n`.
 * @returns `command` (signal: status of what is under way), `notice` (signal: `{kind, text}`), `learned`, and actions.
 */
export function createDesk({ session, room, drafts, clock, i18n }) {
  const command = signal(IDLE);
  const notice = signal(null);
  const learned = signal(null);
  const commands = createCommands({
    post: session.post,
    newKey,
    onStatus: (status) => { command.value = status; },
  });

  function say(kind, text) {
    const mine = { kind, text };
    notice.value = mine;
    if (kind === 'ok') setTimeout(() => { if (notice.peek() === mine) notice.value = null; }, NOTICE_MS);
  }

  function words(error) {
    return error.message && error.code !== error.message ? error.message : i18n.t('error.unknown');
  }

  /** `{answer}` on success; `{error}`, `{givenUp}` or `{ignored}` otherwise. Never rejects. */
  async function run(action, path, body, { quiet = false, said = null } = {}) {
    const unitRoom = room.peek();
    const before = unitRoom?.hand.peek().ticket ?? null;
    if (!commands.busy) notice.value = null;
    const outcome = await commands.run(action, path, body);
    if (outcome.ignored) return outcome;
    if (outcome.error) refused(outcome.error, { action, before, quiet });
    else if (outcome.givenUp) say('warn', i18n.t('notice.given_up', { action: i18n.t(`action.${action}`) }));
    else accepted(outcome, { action, before, said });
    unitRoom?.refresh(...(outcome.error || outcome.givenUp ? ['all'] : ['hand', 'queue']));
    return outcome;
  }

  function accepted({ answer, tries }, { action, before, said }) {
    const unitRoom = room.peek();
    const ticket = answer?.ticket;
    if (unitRoom && (answer?.counter || ticket)) {
      const concernsHand = ticket && (ticket.id === before?.id || inHand(ticket));
      unitRoom.merge({ counter: answer.counter, ticket: concernsHand ? ticket : undefined });
    } else if (unitRoom && answer === null && before) {
      unitRoom.merge({ ticket: null });
    }
    if (ticket && tries === 1 && action in DONE_AT) clock.observe(ticket[DONE_AT[action]]);
    learned.value = null;
    if (before && SPENT.has(action)) drafts.drop(before.id);
    const label = ticket?.label ?? before?.label ?? '';
    const text = said ? said(answer) : i18n.t(`done.${action}`, { label });
    if (text) say('ok', text);
  }

  function refused(error, { action, before, quiet }) {
    learned.value = learn(error, action, before, clock.now()) ?? learned.peek();
    // Another tab, or an earlier try, already did it: the state read next is the answer.
    if (action === 'call_next' && error.code === 'ticket_in_hand') say('warn', i18n.t('notice.already_called'));
    else if (!quiet) say('bad', words(error));
  }

  const seat = () => `/units/${room.peek().unit}/counters/${room.peek().counterId.peek()}`;
  const held = () => room.peek()?.hand.peek().ticket ?? null;

  /** With the version on the screen: where the ticket has moved on meanwhile, the server refuses, and we read anew. */
  function onTicket(action, ticket, body = {}, options = {}) {
    const seen = action === 'reprint' ? {} : { version: ticket.version };
    return run(action, `/tickets/${ticket.id}/${PATHS[action]}`, { ...body, ...seen }, options);
  }

  /** The note travels with the ticket; nothing is sent when nothing was written. */
  function withNote(body, note) {
    const text = note.trim();
    return text ? { ...body, note: text } : body;
  }

  async function callNext() {
    const said = (answer) => (answer.ticket ? i18n.t('done.call_next', { label: answer.ticket.label }) : i18n.t('notice.nobody'));
    return run('call_next', `${seat()}/call-next`, {}, { said });
  }

  function finish() {
    const ticket = held();
    const draft = drafts.get(ticket);
    const body = { resolution: draft.resolution, services: draft.services.length ? draft.services : [ticket.service] };
    return onTicket('finish', ticket, withNote(body, draft.note));
  }

  return {
    command, notice, learned, say, words, run, onTicket, held,
    resume: commands.resume,
    giveUp: commands.giveUp,
    busy: () => commands.busy,
    dismiss: () => { notice.value = null; },
    call_next: callNext,
    recall: () => onTicket('recall', held()),
    start: () => onTicket('start', held()),
    no_show: () => onTicket('no_show', held()),
    finish,
    resumeCounter: () => run('resume', `${seat()}/resume`, {}),
    close: () => run('close', `${seat()}/close`, {}),
    pause: (reason) => run('pause', `${seat()}/pause`, { reason }, { quiet: true }),
    hold: (reason) => onTicket('hold', held(), { reason }, { quiet: true }),
    transfer: (target) => onTicket('transfer', held(), target, { quiet: true }),
    nextService: (service, note) => onTicket('next_service', held(), withNote({ service }, note), { quiet: true }),
    callThis: (ticket, reason) => run('call', `${seat()}/call`, { ticket: ticket.id, reason, version: ticket.version }, { quiet: true }),
    open: (unit, counter) => run('open', `/units/${unit}/counters/${counter.id}/open`, {}, { said: () => null }),
    issue: (unit, wish) => run('issue', `/units/${unit}/${wish.booked ? 'check-ins' : 'tickets'}`, wish, { quiet: true }),
    verdicts: (situation) => actions({ ...situation, busy: command.value.action, learned: learned.value }),
    withNote,
  };
}
