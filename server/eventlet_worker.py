"""gunicorn's worker for eventlet: gunicorn dropped its own in 26.0, and Flask-SocketIO still speaks eventlet best.

Built on ``AsyncWorker`` as gunicorn's gevent worker is. Removed again the day eventlet is (docs/decisions).
"""

from __future__ import annotations

import contextlib
import logging
import socket
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from gunicorn.workers.base_async import AsyncWorker

with warnings.catch_warnings():
    # We know, and have decided (docs/decisions): whoever installs need not read it at every start. By its words, since
    # its class is no DeprecationWarning, so that Python would show it to everybody.
    warnings.filterwarnings("ignore", message=r"\s*Eventlet is deprecated")
    import eventlet
    import eventlet.wsgi as green_wsgi
    from eventlet import greenio, hubs
    from eventlet.greenthread import GreenThread

from server.accepting import PAUSE_SECONDS

log = logging.getLogger("vez.eventlet")
NOTICE_SECONDS = 0.5  # how soon it sees that it was told to stop
GOODBYE_SECONDS = 0.7  # for the application to close its websockets itself


class _Input:
    """What engine.io asks of an eventlet server: the socket behind the request."""

    def __init__(self, sock: Any) -> None:
        self._sock = sock

    def get_socket(self) -> Any:
        """The green socket of this connection."""
        return self._sock


class _Notes:
    """Where eventlet writes that a websocket was closed twice, by it and by engine.io: no news for the error log."""

    def write(self, note: str) -> None:
        """Keep it for those who debug."""
        log.debug("%s", note.rstrip())


class EventletWorker(AsyncWorker):
    """One green thread per connection."""

    wsgi: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._clients: dict[Any, Any] = {}  # each connection's green thread, and its socket
        self._idle: set[Any] = set()  # those that wait for a request
        self._upgraded: set[Any] = set()  # websockets

    def init_process(self) -> None:
        """Patch the standard library before the application is imported."""
        hubs.use_hub()
        eventlet.monkey_patch()
        super().init_process()

    def load_wsgi(self) -> None:
        """Give the application the socket where engine.io looks for it."""
        super().load_wsgi()
        application = self.wsgi

        def with_socket(environ: dict[str, Any], start_response: Any) -> Any:
            if "HTTP_UPGRADE" in environ:
                self._upgraded.add(eventlet.getcurrent())
                environ["eventlet.input"] = _Input(environ["gunicorn.socket"])
                environ["wsgi.errors"] = _Notes()
            return application(environ, start_response)

        self.wsgi = with_socket

    def handle(self, listener: Any, client: Any, addr: Any) -> None:
        """One connection, from its first request to its end."""
        self._clients[eventlet.getcurrent()] = client
        try:
            super().handle(listener, client, addr)
        finally:
            del self._clients[eventlet.getcurrent()]
            self._upgraded.discard(eventlet.getcurrent())

    @contextlib.contextmanager
    def timeout_ctx(self) -> Iterator[None]:
        """Ends an idle keep-alive connection; whoever is in here waits for a request and may be hung up on."""
        # Everybody else's turn first: a socket that has bytes already is read without a look at the hub, and a client
        # that never pauses would have the server to itself. (It also brings commands of one moment into one commit.)
        eventlet.sleep(0)
        here = eventlet.getcurrent()
        self._idle.add(here)
        try:
            with eventlet.Timeout(self.cfg.keepalive or None, False):
                yield
        finally:
            self._idle.discard(here)

    def _hang_up(self, who: set[Any]) -> None:
        for one in list(who):
            with contextlib.suppress(OSError):
                self._clients[one].shutdown(socket.SHUT_RDWR)

    def is_already_handled(self, respiter: Any) -> bool:
        """A websocket has ended: its bytes are already on the wire, there is no response to write."""
        local: Any = green_wsgi.WSGI_LOCAL
        if getattr(local, "already_handled", None):
            local.already_handled = None
            raise StopIteration
        return bool(super().is_already_handled(respiter))

    def run(self) -> None:
        """Accept until told to stop, then let open requests finish within the graceful time."""
        pool = eventlet.GreenPool(self.worker_connections)
        acceptors = []
        for listener in self.sockets:
            green = greenio.GreenSocket(listener.sock)
            green.setblocking(True)
            acceptors.append(eventlet.spawn(self._accept, green, pool))
        while self.alive:
            self.notify()
            eventlet.sleep(NOTICE_SECONDS)
        self.notify()
        for acceptor in acceptors:
            acceptor.kill()
        # The application says goodbye to the screens (Runtime); some never hang up in turn, and so we do. Kept-alive
        # connections without a request just end.
        goodbye = time.monotonic() + GOODBYE_SECONDS
        with eventlet.Timeout(self.cfg.graceful_timeout, False):
            while pool.running():
                self._hang_up(self._idle if time.monotonic() < goodbye else self._idle | self._upgraded)
                eventlet.sleep(0.05)

    def _accept(self, listener: Any, pool: Any) -> None:
        while True:
            client, address = listener.accept()
            client.close = partial(close_and_tell, client, client.close)
            thread: GreenThread = pool.spawn(self.handle, listener, client, address)
            thread.link(partial(_closed, client))
            if self.cfg.workers > 1:
                eventlet.sleep(PAUSE_SECONDS)


def close_and_tell(client: Any, close: Callable[[], Any]) -> None:
    """Close a green socket, and wake whoever still waits to read it.

    engine.io closes a websocket (a screen that answers no ping) from another green thread than the one that reads it.
    eventlet would leave that one asleep for ever, listening to a number that the system gives to the next connection:
    then psycopg, which opens its sockets in C, is told that two read the same one.
    """
    number = client.fileno()
    if number >= 0:
        hubs.notify_opened(number)
    close()


def _closed(client: Any, _thread: GreenThread) -> None:
    client.close()
