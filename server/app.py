"""Composition root: the only place that knows every room. Creates no thread and asks the database nothing."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from flask import Flask
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_socketio import SocketIO
from redis.backoff import NoBackoff
from redis.retry import Retry
from werkzeug.middleware.proxy_fix import ProxyFix

import counter
import kiosk
import panel
from server.config import Settings, keep_secret_key
from server.domain.events import Recorded
from server.live.namespace import Live, take_turns
from server.live.neighbours import Neighbours
from server.live.pusher import Pusher
from server.live.relay import NAMESPACE, Relay
from server.live.runtime import Runtime
from server.push.post import MAKERS, Post
from server.store.unit_of_work import Store
from server.usecases.context import Clock, House
from server.usecases.shelf import Shelf
from server.voice.synth import open_voice
from server.web import errors, metrics, pages
from server.web.api import make_api
from server.web.citizen_pages import make_citizen_pages
from server.web.errors import error_body
from server.web.files import files
from server.web.ops import ops

BIGGEST_BODY = 64 * 1024
LIMITER_SECONDS = 0.3


def utc_now() -> datetime:
    """The real clock."""
    return datetime.now(UTC)


def create_app(settings: Settings, clock: Clock = utc_now) -> Flask:
    """The whole server as a Flask app. ``app.extensions['vez_runtime'].start()`` begins the background work."""
    logging.getLogger("vez").setLevel(settings.log_level.upper())
    app = Flask("server", static_folder="static", static_url_path="/static")
    app.config["SECRET_KEY"] = keep_secret_key(settings)
    app.config["MAX_CONTENT_LENGTH"] = BIGGEST_BODY
    # Asked for each time, answered by ETag: modules have no versions in their names and must never mix.
    app.config["SEND_FILE_MAX_AGE_DEFAULT"] = 0
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    store = Store(settings.database)
    house = House(store, clock, settings.public_url.rstrip("/"), settings.session_hours)
    house.voice = open_voice(settings.data_dir, settings.piper_commands)
    house.post = _open_post(settings, str(app.config["SECRET_KEY"]))
    app.extensions["vez_settings"] = settings
    app.extensions["vez_house"] = house
    app.extensions["vez_shelf"] = Shelf(settings.data_dir / "media")
    _install_web(app, settings)
    _install_live(app, settings, house)
    return app


def _open_post(settings: Settings, secret: str) -> Post | None:
    url = settings.public_url.rstrip("/")
    if not url.startswith("https://") or settings.push_hosts == "none":
        return None  # elsewhere no browser subscribes; or the city does not want its calls to pass through others
    return Post(secret, url, settings.push_hosts.split() or MAKERS)


def _install_web(app: Flask, settings: Settings) -> None:
    limiter = Limiter(
        get_remote_address,
        app=app,
        storage_uri=settings.redis_url or "memory://",
        storage_options=_patience() if settings.redis_url else {},
        # A limit that cannot be counted must not stop the queue.
        swallow_errors=True,
        in_memory_fallback_enabled=bool(settings.redis_url),
    )
    metrics.install(app)
    errors.install(app)
    pages.install(app)
    app.register_blueprint(make_api(limiter))
    app.register_blueprint(ops)
    app.register_blueprint(pages.pages)
    app.register_blueprint(make_citizen_pages(limiter))
    app.register_blueprint(files)
    for screen in (kiosk, panel, counter):
        app.register_blueprint(screen.bp)


def _patience() -> dict[str, Any]:
    # Attempts are counted in memory while Redis does not answer; a login must not wait long to learn that.
    return {
        "socket_timeout": LIMITER_SECONDS,
        "socket_connect_timeout": LIMITER_SECONDS,
        "retry": Retry(NoBackoff(), 0),
    }


def _install_live(app: Flask, settings: Settings, house: House) -> None:
    socketio = SocketIO(
        app,
        async_mode=settings.async_mode,
        transports=["websocket"],
        cors_allowed_origins=None,
        ping_interval=20,
        ping_timeout=20,
        max_http_buffer_size=BIGGEST_BODY,
        manage_session=False,
    )
    relay = Relay(house, socketio)
    pusher = Pusher(house, socketio.start_background_task, socketio.sleep) if house.post else None
    house.store.on_commit(partial(_ring, relay, pusher) if pusher else relay.ring)
    house.wait_for_print_job = relay.wait_for_print_job
    house.is_relay_alive = relay.is_alive
    live = Live(app, house, error_body)
    socketio.on_namespace(live)
    take_turns(socketio)
    relay.dismiss = live.dismiss
    live.find_place = relay.find_place
    relay.is_heard = lambda room: room in socketio.server.manager.rooms.get(NAMESPACE, ())
    app.extensions["vez_socketio"] = socketio
    app.extensions["vez_relay"] = relay
    # The database is part of the key: a copy of this installation beside it has the same secret.
    key = f"{app.config['SECRET_KEY']}\n{settings.database}"
    redis_url = settings.redis_url
    neighbours = Neighbours(redis_url, relay, socketio.sleep, key) if redis_url else None
    runtime = Runtime(house, relay, socketio, neighbours, pusher)
    runtime.close_sockets, runtime.end_closed_sessions = live.close_sockets, live.end_closed_sessions
    app.extensions["vez_runtime"] = runtime


def _ring(relay: Relay, pusher: Pusher, events: Sequence[Recorded]) -> None:
    relay.ring(events)
    pusher.ring(events)
