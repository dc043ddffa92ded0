/**
 * The board of a unit: the same fold as `server/domain/board.py`, proved from the same cases
 * (`tests/contract/board.json`). Pure: each step returns a new board and leaves the old one alone.
 */

/** At most so many calls are kept, newest first, one entry a ticket. */
export const MAX_CALLS = 12;

const CALLS = new Set(['ticket.called', 'ticket.recalled']);

/** The board of a unit of which nothing is known yet. */
export function emptyBoard(unit) {
  return { unit, seq: 0, day: null, calls: [], waiting: {}, counters: {} };
}

function moved(waiting, service, by) {
  if (!service) return waiting;
  const count = (waiting[service] ?? 0) + by;
  const { [service]: _gone, ...rest } = waiting;
  return count > 0 ? { ...rest, [service]: count } : rest;
}

function applyTicket(board, event) {
  const { data } = event;
  let { waiting, calls } = board;
  if (data.from === 'waiting') waiting = moved(waiting, data.previous_service || data.service, -1);
  if (data.to === 'waiting') waiting = moved(waiting, data.service, 1);
  if (CALLS.has(event.type)) {
    const entry = {
      ticket: data.ticket, label: data.label, service: data.service, counter: data.counter,
      counter_number: data.counter_number, counter_kind: data.counter_kind, calls: data.calls,
      at: event.at, seq: event.seq,
    };
    calls = [entry, ...calls.filter((c) => c.ticket !== data.ticket)].slice(0, MAX_CALLS);
  }
  return { ...board, waiting, calls };
}

function applyCounter(board, { data }) {
  const { [data.counter]: _old, ...others } = board.counters;
  return { ...board, counters: data.state === 'closed' ? others : { ...others, [data.counter]: data.state } };
}

/** The board after one event. The caller has already checked that `event.seq` is the next one. */
export function applyEvent(board, event) {
  let next = board;
  if (event.type.startsWith('ticket.')) next = applyTicket(board, event);
  else if (event.type.startsWith('counter.')) next = applyCounter(board, event);
  else if (event.type === 'day.closed') next = { ...board, calls: [], waiting: {}, day: event.data.next_day };
  return { ...next, seq: event.seq };
}
