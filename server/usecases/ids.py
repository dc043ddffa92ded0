"""Fresh identifiers and secrets."""

from __future__ import annotations

import secrets
from datetime import datetime

# No I, O, Q, 0, 1: pairing codes are read aloud and typed on a touch screen.
_CODE_DIGITS = "0123456789"  # a kiosk, a TV remote and a numeric keypad have no letters


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562): ordered by time, unique across units, so that databases can be merged."""
    value = int(now.timestamp() * 1000) << 80 | secrets.randbits(80)
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0x3 << 62) | 2 << 62
    text = f"{value:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_token() -> str:
    """A bearer secret of 256 bits."""
    return secrets.token_urlsafe(32)


def new_follow_token() -> str:
    """The key of a follow page: 72 bits in 12 characters, short enough for a small QR code."""
    return secrets.token_urlsafe(9)


def new_pairing_code() -> str:
    """Eight digits to be typed once within minutes; guessing is rate-limited."""
    return "".join(secrets.choice(_CODE_DIGITS) for _ in range(8))
