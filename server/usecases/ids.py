"""Fresh identifiers and secrets."""

from __future__ import annotations

import os
import secrets
from base64 import urlsafe_b64encode
from collections import deque
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_CHUNK = 10
_CHUNKS = 256
_chunks: deque[bytes] = deque()
# A worker that is forked must not give out what its parent gives out too.
os.register_at_fork(after_in_child=_chunks.clear)
_CODE_DIGITS = "0123456789"  # a kiosk, a TV remote and a numeric keypad have no letters


def _random() -> bytes:
    """Ten bytes from the system's generator, used once. Fetched by the page: a ticket needs three of them."""
    while True:
        try:
            return _chunks.popleft()  # atomic: no two threads get the same
        except IndexError:
            page = os.urandom(_CHUNK * _CHUNKS)
            _chunks.extend(page[at : at + _CHUNK] for at in range(0, len(page), _CHUNK))


def new_id(now: datetime) -> str:
    """A UUIDv7 (RFC 9562): ordered by time, unique across units, so that databases can be merged.

    The twelve bits after the version hold the fraction of the millisecond (6.2, method 3): tickets of one moment are in
    order too, and an index takes them at its end instead of in its middle.
    """
    fresh = _random()
    chance = fresh.hex()
    millisecond, rest = divmod((now - _EPOCH) // _MICROSECOND, 1000)
    text = f"{millisecond:012x}7{(rest << 12) // 1000:03x}{'89ab'[fresh[-1] & 3]}{chance[:15]}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def new_token() -> str:
    """A bearer secret of 256 bits."""
    return secrets.token_urlsafe(32)


def new_follow_token() -> str:
    """The key of a follow page: 72 bits in 12 characters, short enough for a small QR code."""
    return urlsafe_b64encode(_random()[:9]).decode()


def new_pairing_code() -> str:
    """Eight digits to be typed once within minutes; guessing is rate-limited."""
    return "".join(secrets.choice(_CODE_DIGITS) for _ in range(8))
