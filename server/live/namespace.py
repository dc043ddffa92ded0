"""The namespace ``/live``: who connects, and which rooms they may join (docs/protocol.md, Socket.IO)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Any

from flask import Flask, request
from flask_socketio import ConnectionRefusedError as Refused
from flask_socketio import Namespace, join_room
from sqlalchemy.exc import SQLAlchemyError

from server.domain.errors import Refusal
from server.live.relay import NAMESPACE, device_room, room
from server.usecases import accounts, devices, supervision
from server.usecases.context import Actor, House, Json

log = logging.getLogger("vez.live")
COOKIE = "vez_session"


def take_turns(socketio: Any) -> None:
    """Between two messages of one socket everybody else has a turn: whoever talks without a pause stops no screen."""
    engine = socketio.server.eio
    hear = engine.handlers["message"]

    def message(sid: str, data: Any) -> Any:
        socketio.sleep(0)
        return hear(sid, data)

    engine.on("message", message)


class Live(Namespace):
    """One instance serves all sockets of the process; what it knows of each is the actor behind it."""

    def __init__(self, app: Flask, house: House, say: Any) -> None:
        super().__init__(NAMESPACE)
        self._app = app
        self._house = house
        self._say = say  # (code, language, detail) → the one error shape
        self._actors: dict[str, Actor] = {}
        self._sessions: dict[str, str] = {}  # sockets of staff, and the session each came with
        self.find_place: Callable[[], None] = lambda: None  # the relay's, before anybody counts on being told

    def on_connect(self, auth: Any = None) -> None:
        """Admit a device by token or staff by cookie; refuse anybody else with the code of the reason."""
        try:
            actor = self._identify(auth)
            self.find_place()
        except Refusal as refusal:
            raise Refused(refusal.code) from None
        except SQLAlchemyError:
            log.warning("a screen could not connect: the database does not answer")
            raise Refused("unavailable") from None
        self._actors[request.sid] = actor  # type: ignore[attr-defined]
        if actor.kind == "staff":
            self._sessions[request.sid] = request.cookies[COOKIE]  # type: ignore[attr-defined]
        if actor.device_kind == "printer":
            join_room(device_room(actor.id))

    def _identify(self, auth: Any) -> Actor:
        token = auth.get("token") if isinstance(auth, dict) else None
        if isinstance(token, str) and token:
            return devices.authenticate(self._house, token)
        cookie = request.cookies.get(COOKIE)
        if cookie:
            return accounts.authenticate(self._house, cookie)[0]
        raise Refusal("not_authenticated")

    def on_disconnect(self, *_reason: Any) -> None:
        """Forget the actor."""
        self._actors.pop(request.sid, None)  # type: ignore[attr-defined]
        self._sessions.pop(request.sid, None)  # type: ignore[attr-defined]

    def dismiss(self, device: str) -> None:
        """Hang up on a device that was revoked: its open socket ends, and its token opens no other."""
        self._house.doorman.forget_all()
        for sid in [sid for sid, actor in self._actors.items() if actor.id == device]:
            self.socketio.server.disconnect(sid, namespace=NAMESPACE)

    def end_closed_sessions(self) -> None:
        """Hang up on staff who logged out, wherever they did, whose session expired or whose account was disabled."""
        here = dict(self._sessions)
        if not here:
            return
        ended = accounts.ended_sessions(self._house, set(here.values()))
        for sid in [sid for sid, token in here.items() if token in ended]:
            self.socketio.server.disconnect(sid, namespace=NAMESPACE)

    def close_sockets(self) -> None:
        """The process ends: close every connection, so that the screens look for another at once."""
        engine = self.socketio.server.eio
        for sid in list(engine.sockets):
            # Each apart: closing waits for what is still to be sent, and one dead line must not keep the others.
            self.socketio.start_background_task(engine.disconnect, sid)

    def on_join(self, *messages: Any) -> Json:
        """``join {unit, after}`` → ``{seq, events}``, ``{seq, snapshot}`` or ``{error}``."""
        try:
            return self._join(messages[0] if len(messages) == 1 else None)
        except Refusal as refusal:
            return self._error(refusal.code, refusal.detail)
        except SQLAlchemyError:
            log.warning("a join failed: the database does not answer")
            return self._error("unavailable", {})

    def _error(self, code: str, detail: Json) -> Json:
        best = request.accept_languages.best_match(("pt-BR", "en", "es"), default="pt-BR")
        answer: Json = self._say(code, best, detail)
        return answer

    def _join(self, message: Any) -> Json:
        actor = self._actors.get(request.sid)  # type: ignore[attr-defined]
        if actor is None:
            raise Refusal("not_authenticated")
        unit, after = _read(message)
        actor.must_reach(unit)
        # Into the room first: an event that comes between room and answer is told twice, never not at all.
        if actor.device_kind == "printer":
            seq = supervision.board(self._house, actor, unit)["seq"]
            return {"seq": seq}
        join_room(room(unit, supervision.audience_of(actor)))
        if after is None:
            snapshot = supervision.board(self._house, actor, unit)
            return {"seq": snapshot["seq"], "snapshot": snapshot}
        found = supervision.events_after(self._house, actor, unit, after)
        if found.get("more"):
            snapshot = supervision.board(self._house, actor, unit)
            return {"seq": snapshot["seq"], "snapshot": snapshot}
        return found


def _read(message: Any) -> tuple[str, int | None]:
    if not isinstance(message, dict) or not set(message) <= {"unit", "after"}:
        raise Refusal("invalid_fields", fields=[{"field": "join", "problem": "expects {unit, after}"}])
    unit, after = message.get("unit"), message.get("after")
    if not isinstance(unit, str) or not 0 < len(unit) <= 80 or not unit.isprintable():
        raise Refusal("invalid_fields", fields=[{"field": "unit", "problem": "string_type"}])
    if after is not None and (isinstance(after, bool) or not isinstance(after, int) or after < 0):
        raise Refusal("invalid_fields", fields=[{"field": "after", "problem": "int_type"}])
    return unit, after
