"""gunicorn's worker for gevent: its pywsgi server, with websockets by gevent-websocket."""

from __future__ import annotations

import contextlib
import socket
from typing import Any, ClassVar

import gevent
from geventwebsocket.handler import WebSocketHandler
from gunicorn.workers.ggevent import GeventPyWSGIWorker, PyWSGIServer

from server.accepting import PAUSE_SECONDS


class Handler(WebSocketHandler):
    """Upgrades websockets and writes no access log: addresses of follow pages hold their key."""

    idle: ClassVar[set[Any]] = set()
    """Connections that wait for a request."""

    def read_requestline(self) -> Any:
        """Wait for the next request; meanwhile a worker that stops may hang up."""
        # Everybody else's turn first: a client that never pauses must not have the server to itself.
        gevent.sleep(0)
        self.idle.add(self.socket)
        try:
            return super().read_requestline()
        finally:
            self.idle.discard(self.socket)

    def log_request(self) -> None:
        """Nothing: requests are counted by route (``/metrics``), and nginx logs for those who want it."""


class Server(PyWSGIServer):
    """Takes one connection where there are several workers, and leaves the next to another of them."""

    def do_read(self) -> Any:
        """Accept."""
        taken = super().do_read()
        if taken and self.max_accept == 1:  # so gunicorn tells it that it is not alone
            self.stop_accepting()
            self._timer = self.loop.timer(PAUSE_SECONDS)
            self._timer.start(self._start_accepting_if_started)
        return taken


class GeventWorker(GeventPyWSGIWorker):
    """One greenlet per connection."""

    server_class: Any = Server
    wsgi_handler: Any = Handler

    def notify(self) -> None:
        """Called every second, also while stopping: then kept-alive connections without a request are ended."""
        super().notify()
        if not self.alive:
            for waiting in list(Handler.idle):
                with contextlib.suppress(OSError):
                    waiting.shutdown(socket.SHUT_RDWR)
