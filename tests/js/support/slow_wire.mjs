/**
 * A server and a wire in the hands of a test: nothing arrives before the test lets it. HTTP answers come in any order,
 * the socket's messages in their own; an answer is made when the server reads the question, not when it is asked.
 */
import { applyEvent, emptyBoard } from '../../../server/static/shared/board.js';

const copy = (value) => JSON.parse(JSON.stringify(value));

export function call(seq) {
  const data = { ticket: `t${seq}`, label: `A${seq}`, service: 's', counter: 'c', counter_number: '1', counter_kind: 'desk', calls: 1 };
  return { unit: 'u', seq, type: 'ticket.called', at: new Date().toISOString(), data };
}

/** What the server holds, and what it says to a screen. */
function createServer(journal) {
  const board = () => journal.reduce(applyEvent, { ...emptyBoard('u'), day: 'd' });
  const seq = () => journal.length;
  return {
    journal,
    board,
    commit() { journal.push(call(seq() + 1)); },
    restore(length) { journal.length = length; },
    join: (after) => (after === null || after > seq() ? { seq: seq(), snapshot: board() } : { seq: seq(), events: journal.slice(after) }),
    get(path) {
      if (path.endsWith('/board')) return board();
      const after = Number(new URL(path, 'http://x').searchParams.get('after'));
      return after > seq() ? { seq: seq(), snapshot: board() } : { seq: seq(), events: journal.slice(after), more: false };
    },
  };
}

/** As socket.io-client: `active` while it would connect by itself, a refused one would not. */
function createSocket(wire) {
  const handlers = {};
  const socket = {
    handlers,
    connected: false,
    active: true,
    on(name, handler) { handlers[name] = handler; },
    connect() { socket.active = true; wire.connects += 1; return socket; },
    disconnect() { socket.active = false; wire.hangUp('io client disconnect'); return socket; },
    timeout: () => ({ emitWithAck: (_name, { after }) => new Promise((resolve, reject) => { wire.joining = { after, resolve, reject }; }) }),
  };
  return socket;
}

export function slowWire({ held = 0 } = {}) {
  const server = createServer(Array.from({ length: held }, (_, i) => call(i + 1)));
  const wire = {
    server, asked: [], line: [], joining: null, connects: 0, inRoom: false, sent: held,
    api: { get: (path) => new Promise((resolve, reject) => { wire.asked.push({ path, resolve, reject, answer: null }); }) },
    connect() { wire.socket.connected = true; wire.socket.handlers.connect(); },
    /** The server's middleware says no: the client does not come again by itself. */
    refuse(code) {
      wire.socket.active = false;
      wire.socket.handlers.connect_error(new Error(code));
    },
    hangUp(why) {
      const { joining, socket } = wire;
      Object.assign(wire, { line: [], joining: null, inRoom: false });
      if (!socket.connected) return;
      socket.connected = false;
      socket.handlers.disconnect(why);
      joining?.reject(new Error('socket has been disconnected'));
    },
    /** The relay sends the next of the journal to whoever is in the room. */
    relay() {
      const event = server.journal[wire.sent];
      if (!event) return;
      wire.sent += 1;
      if (wire.inRoom) wire.line.push(() => wire.socket.handlers.event(copy(event)));
    },
    /** The server reads the join. What is committed `between` room and answer is told twice. */
    hearJoin(answer = null, between = () => {}) {
      const { after, resolve } = wire.joining;
      wire.joining = null;
      wire.inRoom = !answer;
      between();
      const words = copy(answer ?? server.join(after));
      wire.line.push(() => resolve(words));
    },
    hear() { wire.line.shift()?.(); },
    /** The server reads a question; its answer is on the way from now on. */
    read(request = wire.asked.find((one) => !one.answer)) { if (request) request.answer ??= copy(server.get(request.path)); },
    arrive(request = wire.asked[0]) {
      wire.read(request);
      wire.asked.splice(wire.asked.indexOf(request), 1);
      request.resolve(request.answer);
    },
  };
  wire.socket = createSocket(wire);
  return wire;
}

export const settle = () => new Promise((done) => { setImmediate(done); });
