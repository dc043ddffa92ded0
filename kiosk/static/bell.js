/**
 * A hint to read the menu again now: the printer stopped or came back, a service closed. Only a hint: without it the
 * menu is read every few seconds all the same, and the state of the connection is the menu's, not this socket's.
 */
const WORTH = new Set(['printer.status', 'unit.changed', 'day.closed']);
const CALM_MS = 150;

/**
 * Rings `hint` for events worth a look; calls `look(seq)` when the unit's colours were changed. `connect` makes a
 * Socket.IO connection (the library is loaded late).
 */
export function createBell({ unit, hint, connect = lateConnect, look = (seq) => newLook(unit, seq), after = setTimeout }) {
  let pending = null;

  function heard(event) {
    if (event?.type === 'unit.changed' && event.data?.what === 'brand') look(event.seq);
    if (!WORTH.has(event?.type) || pending !== null) return;
    pending = after(() => { pending = null; hint(); }, CALM_MS); // several at once are one look
  }

  return {
    async start(token) {
      const { createRetry, IDENTITY } = await import('vez/retry.js');
      const retry = createRetry();
      const socket = await connect(token);
      const again = (code, task) => { if (!IDENTITY.includes(code)) retry.later(task); };
      const join = () => socket.emit('join', { unit, after: null }, (answer) => {
        if (answer?.error) again(answer.error.code, join);
        else retry.succeeded();
      });
      socket.on('connect', join);
      socket.on('disconnect', retry.cancel);
      // The socket comes again by itself after a network fault, not after a refusal.
      socket.on('connect_error', (error) => { if (!socket.active) again(error.message, () => socket.connect()); });
      socket.on('event', heard);
      return socket;
    },
  };
}

/** The unit's colours were changed. */
async function newLook(unit, seq) {
  const { showBrand } = await import('vez/brand.js');
  showBrand(unit, seq);
}

/** Not part of the first load: the screen must not wait for it. */
async function lateConnect(token) {
  const { io } = await import('socket.io-client');
  return io('/live', { path: '/socket.io', transports: ['websocket'], auth: { token }, reconnectionDelay: 1000, reconnectionDelayMax: 15_000 });
}
