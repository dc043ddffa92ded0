"""Bringing a message to the push service of a browser's maker, and to nobody else.

The address comes from whoever holds a ticket, so it is never trusted: only https, only the makers' own hosts
(``VEZ_PUSH_HOSTS``), no redirect followed, short deadlines. Without internet a message is simply lost: the phone page,
the panel and the voice do not need it.
"""

from __future__ import annotations

import json
import logging
import re
import ssl
from collections.abc import Sequence
from enum import Enum
from typing import Any
from urllib.parse import urlsplit

import urllib3
from urllib3.exceptions import HTTPError

from server.push.letters import BadBrowserKey, Browser, own_key, pack, public_bytes, seal, signature

log = logging.getLogger("vez.push")
#: Chromium and its kin, Safari, Firefox, Edge.
MAKERS = ("fcm.googleapis.com", "web.push.apple.com", "push.services.mozilla.com", "notify.windows.com")
KEPT_SECONDS = 300  # a call that arrives later than this would only send somebody to an empty counter
DEADLINES = urllib3.Timeout(connect=4.0, read=6.0)
AT_ONCE = 16  # letters to one service whose connections are kept for the next
# So narrow that no two readers of addresses see two hosts in it: a backslash ends the host for one and not for another.
_ADDRESS = re.compile(r"https://([a-z0-9.-]+)(?::([0-9]{1,5}))?/[!-\[\]-~]*")


class Fate(Enum):
    """What became of a message."""

    taken = "taken"
    again = "again"  # later, perhaps
    gone = "gone"  # this browser wants no more, or never did


class Post:
    """The way to the push services."""

    def __init__(self, secret: str, contact: str, hosts: Sequence[str] = MAKERS) -> None:
        self._key = own_key(secret)
        self._contact = contact
        self._hosts = tuple(hosts)
        self.public_key = pack(public_bytes(self._key))
        context = ssl.create_default_context()
        self._pool = urllib3.PoolManager(
            num_pools=8, maxsize=AT_ONCE, ssl_context=context, retries=False, timeout=DEADLINES
        )

    def delivers_to(self, endpoint: str) -> bool:
        """Whether this is an address of a push service that we know."""
        found = _ADDRESS.fullmatch(endpoint)
        if found is None:
            return False
        host, port = found.groups()
        # A host of one's own may come with its port; the makers' have none but the usual.
        named = f"{host}:{port}" if port not in (None, "443") else host
        return any(named == known or named.endswith(f".{known}") for known in self._hosts)

    def send(self, browser: Browser, message: dict[str, Any], topic: str) -> Fate:
        """Deliver once; a later message of the same ``topic`` (at most 32 characters) replaces one still on its way."""
        if not self.delivers_to(browser.endpoint):
            return Fate.gone
        try:
            body = seal(json.dumps(message, ensure_ascii=False).encode(), browser)
            headers = {
                "Authorization": signature(self._key, browser.endpoint, self._contact),
                "Content-Encoding": "aes128gcm",
                "Content-Type": "application/octet-stream",
                "TTL": str(KEPT_SECONDS),
                "Urgency": "high",
                "Topic": topic,
            }
            answer = self._pool.request("POST", browser.endpoint, body=body, headers=headers, redirect=False)
        except BadBrowserKey:
            return Fate.gone
        except HTTPError as error:
            log.info("push: %s not reached: %s", urlsplit(browser.endpoint).hostname, type(error).__name__)
            return Fate.again
        if answer.status < 300:
            return Fate.taken
        # A browser that wants no more is nothing unusual; anything else is for whoever keeps the server.
        level = logging.INFO if answer.status in {404, 410} else logging.WARNING
        log.log(level, "push: %s answered %s", urlsplit(browser.endpoint).hostname, answer.status)
        return Fate.again if answer.status == 429 or answer.status >= 500 else Fate.gone
