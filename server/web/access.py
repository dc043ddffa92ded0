"""Every route with its rule. A route cannot be made without saying who may use it; a test walks them all."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from server.usecases.context import Actor

ATTENDANT = frozenset({"attendant", "supervisor", "admin"})
SUPERVISOR = frozenset({"supervisor", "admin"})
ADMIN = frozenset({"admin"})
ANY_DEVICE = frozenset({"kiosk", "panel", "printer", "feedback"})
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Access:
    """Who may use a route: everybody (``public``), these staff roles, these kinds of device."""

    public: bool = False
    roles: frozenset[str] = NOBODY
    devices: frozenset[str] = NOBODY

    def admits(self, actor: Actor) -> bool:
        """Whether the rule lets this actor in (its unit is checked by the use case)."""
        if self.public:
            return True
        return actor.role in self.roles if actor.kind == "staff" else actor.device_kind in self.devices


PUBLIC = Access(public=True)


@dataclass(frozen=True, slots=True)
class Route:
    """One address: method, path under /api/v1, rule, body, success status, errors, and what it is for."""

    method: str
    path: str
    access: Access
    handler: Callable[..., Any]
    summary: str
    body: type[BaseModel] | None = None
    answer: type[BaseModel] | None = None
    status: int = 200
    idempotent: bool = False
    query: tuple[tuple[str, str], ...] = ()  # (name, what it means)
    errors: tuple[str, ...] = ()
    limit: str = ""  # e.g. "30 per minute", counted per address
    media: str = ""  # what it answers where that is no JSON: audio/wav
    most_bytes: int = 0  # a body larger than the application's usual limit, where a file is uploaded

    @property
    def name(self) -> str:
        """The endpoint's name in Flask and the operation's in OpenAPI."""
        return self.handler.__name__


ROUTES: list[Route] = []


def route(method: str, path: str, access: Access, summary: str, **more: Any) -> Callable[[Any], Any]:
    """Declare an API route: ``server.web.api`` makes the blueprint of the list, ``server.web.openapi`` the spec."""

    def declare(handler: Callable[..., Any]) -> Callable[..., Any]:
        ROUTES.append(Route(method, path, access, handler, summary, **more))
        return handler

    return declare
