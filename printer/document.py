"""The ticket to print, as it comes over the wire (docs/protocol.md, "Printing"), checked and cleaned.

A job holds words, never printer bytes: whoever steals a server token cannot make the printer do anything
but print.
"""

from __future__ import annotations

import base64
import binascii
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from printer.text import clean

#: Every part of a ticket that a unit can switch on or off, in the order of printing.
PARTS = (
    "logo", "header", "unit", "copy", "service", "number", "tier", "time", "wait", "qr", "url", "message",
    "id",
)  # fmt: skip
MAX_LABEL = 12
MAX_URL = 300
MAX_LOGO_BYTES = 64 * 1024


class Rejected(Exception):
    """The document cannot be printed as it is; the message says why in one Portuguese line."""


@dataclass(frozen=True)
class Style:
    """How a unit wants its tickets: which parts, in large print, with which logo (PNG bytes)."""

    parts: tuple[str, ...] = PARTS
    large: bool = False
    logo: bytes | None = None


@dataclass(frozen=True)
class Ticket:
    """All that goes on one ticket. Texts are clean; `issued_at` keeps the unit's own offset."""

    label: str
    unit: str = ""
    header: str = ""
    service: str = ""
    tier: str = "normal"
    tier_text: str = ""
    issued_at: datetime | None = None
    wait_text: str = ""
    follow_url: str = ""
    message: str = ""
    copy_text: str = ""
    short_id: str = ""
    language: str = "pt-BR"
    style: Style = field(default_factory=Style)
    warnings: tuple[str, ...] = ()


def parse(document: object) -> Ticket:
    """Read a job's `document`.

    Raises Rejected when there is no label, or no sensible label, date or address. Fields that are new to us are
    ignored, so that an older agent keeps printing for a newer server; wishes of style that make no sense end up
    in `warnings`.
    """
    if not isinstance(document, Mapping):
        raise Rejected("o documento da senha não é um objeto")
    label = clean(document.get("label"))
    if not label:
        raise Rejected("a senha não tem número")
    if len(label) > MAX_LABEL:
        raise Rejected(f"o número da senha tem {len(label)} caracteres; cabem no máximo {MAX_LABEL}")
    words = {
        name: clean(document.get(name))
        for name in (
            "unit",
            "header",
            "service",
            "tier",
            "tier_text",
            "wait_text",
            "message",
            "copy_text",
            "short_id",
        )
    }
    warnings: list[str] = []
    return Ticket(
        label=label,
        issued_at=_moment(document.get("issued_at")),
        follow_url=_url(document.get("follow_url")),
        language=clean(document.get("language")) or "pt-BR",
        style=_style(document.get("layout"), warnings),
        warnings=tuple(warnings),
        **words,
    )


def _moment(value: object) -> datetime | None:
    if value is None:
        return None
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        raise Rejected(f"data de emissão inválida: {clean(str(value))[:40]}") from None


def _url(value: object) -> str:
    """Return the address for the QR code, with anything outside printable characters removed."""
    if not isinstance(value, str) or not value:
        return ""
    if len(value) > MAX_URL:
        raise Rejected(f"o endereço do QR tem {len(value)} caracteres; cabem no máximo {MAX_URL}")
    return "".join(c for c in value if not c.isspace() and not unicodedata.category(c).startswith("C"))


def _style(value: object, warnings: list[str]) -> Style:
    """Read the unit's wishes. A wish that makes no sense costs the wish, never the citizen's ticket."""
    if not isinstance(value, Mapping):
        if value is not None:
            warnings.append("o leiaute não é um objeto; usado o padrão")
        return Style()
    parts = value.get("parts", list(PARTS))
    if not isinstance(parts, list):
        warnings.append("as partes do leiaute não são uma lista; usado o padrão")
        parts = list(PARTS)
    strange = [part for part in parts if part not in PARTS]
    if strange:
        warnings.append(f"parte desconhecida no leiaute: {clean(str(strange[0]))[:40]}")
    return Style(
        parts=tuple(part for part in PARTS if part in parts or part == "number"),
        large=value.get("large") is True,
        logo=_logo(value.get("logo"), warnings),
    )


def _logo(value: Any, warnings: list[str]) -> bytes | None:
    if value is None:
        return None
    if not isinstance(value, str) or len(value) > MAX_LOGO_BYTES * 4 // 3 + 4:
        warnings.append(f"o logotipo passa de {MAX_LOGO_BYTES // 1024} KiB; a senha sai sem ele")
        return None
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        warnings.append("o logotipo não está em base64; a senha sai sem ele")
        return None
