"""Running the server under gunicorn, in the async mode of the settings. The only file that names a mode's worker."""

from __future__ import annotations

import contextlib
import gc
import logging
import os
import shutil
import signal
import tempfile
from typing import Any

from gunicorn.app.base import BaseApplication

from server.config import Settings

WORKERS = {
    "eventlet": "server.eventlet_worker.EventletWorker",
    "gevent": "server.gevent_worker.GeventWorker",
    "threading": "server.thread_worker.ThreadWorker",
}
FIGURES = "PROMETHEUS_MULTIPROC_DIR"
CONNECTIONS = 4000
GC_THRESHOLDS = (10_000, 20, 20)
THREADS = 256  # threading mode keeps a thread per socket


def options(settings: Settings) -> dict[str, Any]:
    """gunicorn's options for these settings; ``deploy/gunicorn.conf.py`` uses the same."""
    return _counting_together(settings) | {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        "worker_class": WORKERS[settings.async_mode],
        "worker_connections": CONNECTIONS,
        "threads": THREADS if settings.async_mode == "threading" else 1,
        "keepalive": 65,
        "timeout": 60,
        "graceful_timeout": 5,
        "loglevel": settings.log_level,
        "errorlog": "-",
        "control_socket_disable": True,
        # socket.sendfile refuses the non-blocking sockets of eventlet: every static file would be empty.
        "sendfile": False,
    }


def _counting_together(settings: Settings) -> dict[str, Any]:
    """Several workers count in one folder, so that each can tell of all (``web.metrics``). The library looks for its
    name when it is imported, in the worker."""
    if settings.workers == 1 or FIGURES in os.environ:
        return {}  # who names a folder looks after it
    folder = os.environ[FIGURES] = tempfile.mkdtemp(prefix="vez-metrics-")

    def child_exit(_server: Any, worker: Any) -> None:
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(worker.pid)

    def on_exit(_server: Any) -> None:
        shutil.rmtree(folder, ignore_errors=True)

    return {"child_exit": child_exit, "on_exit": on_exit}


def prepare_process(settings: Settings) -> None:
    """What must be set before a library is imported in the worker."""
    if settings.async_mode == "eventlet":
        # psycopg's C wait knows only gevent's patching; without this one slow query blocks every screen.
        os.environ["PSYCOPG_WAIT_FUNC"] = "wait_selector"


def load(settings: Settings) -> Any:
    """Create the application in the worker process and start its background work."""
    prepare_process(settings)
    from server.app import create_app

    if settings.async_mode == "eventlet" and not settings.database.startswith("sqlite"):
        from server import eventlet_postgres

        eventlet_postgres.install()
    app = create_app(settings)
    app.extensions["vez_runtime"].start()
    _tell_the_screens_at_the_end(app.extensions["vez_runtime"])
    # What was loaded stays for good: the collector need not look through half a million objects again and again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GC_THRESHOLDS)
    return app


def _tell_the_screens_at_the_end(runtime: Any) -> None:
    """SIGTERM closes the sockets as well: gunicorn would wait its whole grace for connections that never end."""
    before = signal.getsignal(signal.SIGTERM)
    if not callable(before):
        return  # not in a worker of gunicorn

    def both(number: int, frame: Any) -> None:
        runtime.end_soon()
        before(number, frame)

    # Python itself knows its main thread; under eventlet `threading` takes it for another.
    with contextlib.suppress(ValueError):
        signal.signal(signal.SIGTERM, both)


class Server(BaseApplication):
    """gunicorn around our application, without a configuration file."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        logging.basicConfig(
            level=settings.log_level.upper(), format="%(asctime)s %(levelname)s %(name)s %(message)s"
        )
        # It says at each start which of its plug-ins it has.
        logging.getLogger("alembic").setLevel(logging.WARNING)
        super().__init__()

    def load_config(self) -> None:
        """Take over our options; one that this gunicorn does not know is left out."""
        for name, value in options(self._settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """Called in each worker, after its patching."""
        return load(self._settings)
