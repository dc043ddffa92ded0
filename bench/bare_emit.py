"""The floor for calls on the panel: the same worker, Flask-SocketIO alone, one route that emits at once.

Run by bench/screens.py as a program of its own: ``python bench/bare_emit.py PORT MODE``.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from gunicorn.app.base import BaseApplication

from server.config import Settings
from server.serving import options, prepare_process


class Bare(BaseApplication):
    """gunicorn with the options of `vez serve` around an empty application."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """The same worker, the same keep-alive."""
        for name, value in options(self._settings).items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Any:
        """A route that emits to one room and answers."""
        from flask import Flask
        from flask_socketio import SocketIO, join_room

        app = Flask("bare")
        socketio = SocketIO(app, async_mode=self._settings.async_mode, transports=["websocket"])

        @socketio.on("join", namespace="/live")
        def join(_message: Any) -> dict[str, int]:
            join_room("screens")
            return {"seq": 0}

        @app.post("/emit")
        def emit() -> dict[str, str]:
            socketio.emit("event", {"type": "ticket.called"}, to="screens", namespace="/live")
            return {"status": "ok"}

        @app.get("/readyz")
        def ready() -> dict[str, str]:
            return {"status": "ok"}

        return app


if __name__ == "__main__":
    chosen = Settings(port=int(sys.argv[1]), async_mode=sys.argv[2], log_level="warning")
    prepare_process(chosen)
    Bare(chosen).run()
