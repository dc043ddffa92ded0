/**
 * What the attendant has typed or ticked for a ticket, kept per ticket in this tab until it is used.
 *
 * sessionStorage, not localStorage: a note about a citizen must not outlive the tab on a shared computer
 * (LGPD, Lei 13.709/2018). A reload, a lost network or an expired session keep it.
 */

const NAME = 'vez.counter.drafts';
/** Old drafts go first; a day at one counter rarely has more tickets on hold than this. */
const MOST = 40;

/** `{note, services, resolution, documents}` of a ticket nobody has written about yet. */
export function emptyDraft(ticket) {
  return { note: ticket?.note ?? '', services: ticket ? [ticket.service] : [], resolution: 'resolved', documents: [] };
}

/** @param {Storage|null} storage anything with getItem/setItem; failures (private mode, quota) are tolerated. */
export function createDrafts(storage) {
  let all = read(storage);

  function write() {
    try {
      storage?.setItem(NAME, JSON.stringify(all));
    } catch {
      // Storage denied: the draft still lives in memory, which is all that is promised without it.
    }
  }

  return {
    get(ticket) {
      return { ...emptyDraft(ticket), ...(all[ticket?.id] ?? {}) };
    },
    set(ticketId, changes) {
      const { [ticketId]: previous = {}, ...others } = all;
      const kept = Object.entries(others).slice(-(MOST - 1));
      all = { ...Object.fromEntries(kept), [ticketId]: { ...previous, ...changes } };
      write();
    },
    drop(ticketId) {
      delete all[ticketId];
      write();
    },
    clear() {
      all = {};
      write();
    },
  };
}

function read(storage) {
  try {
    const parsed = JSON.parse(storage?.getItem(NAME) ?? '{}');
    return parsed && typeof parsed === 'object' && !Array.isArray(parsed) ? parsed : {};
  } catch {
    return {};
  }
}
