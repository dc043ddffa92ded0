"""A telephone that wants to be woken when its ticket is called: asks for it, is told, is forgotten.

A message is a hint, like the bell of the screens: sent once for each call and telephone, by one process of several, and
lost if that process dies in the very moment. The page, the panel and the voice tell the call in any case.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row

from server.domain.errors import Refusal
from server.domain.ticket import ALIVE, Ticket
from server.push.letters import BadBrowserKey, Browser
from server.push.post import Fate
from server.store import boards, pushes, tickets
from server.usecases.context import House
from server.wire.citizens import TellMe
from server.wire.words import say

MOST_TELEPHONES = 3  # of one ticket: a family may follow it


@dataclass(frozen=True, slots=True)
class Letter:
    """One call to be told to one telephone."""

    id: str
    browser: Browser
    message: dict[str, Any]
    topic: str


def public_key(house: House, t: Ticket) -> str | None:
    """The key with which a browser subscribes; None where it cannot, or for a visit that is over."""
    return house.post.public_key if house.post is not None and t.state in ALIVE else None


def tell_me(house: House, token: str, request: TellMe) -> None:
    """Keep a telephone's address until the visit ends; the same one again is no second one.

    Raises ``Refusal``: unknown_ticket, illegal_transition (the visit is over), invalid_fields (an address that is no
    browser maker's push service, keys that are none), conflict (too many telephones), unavailable (no https here).
    """
    post = house.post
    if post is None:
        raise Refusal("unavailable")
    browser = Browser(request.endpoint, request.keys.p256dh, request.keys.auth)
    if not post.delivers_to(browser.endpoint):
        raise Refusal("invalid_fields", fields=[{"field": "endpoint", "problem": "unknown_push_service"}])
    try:
        _ = browser.keys
    except BadBrowserKey:
        raise Refusal("invalid_fields", fields=[{"field": "keys", "problem": "no_browser_keys"}]) from None
    with house.store.read() as connection:
        known = _known(boards.by_follow_token(connection, token))
    # Under the unit's lock: no call, no end of the visit and no other telephone comes in between.
    with house.unit(known.unit) as work:
        t = tickets.get(work.connection, known.id)
        if t.state not in ALIVE:
            raise Refusal("illegal_transition", state=str(t.state), action="tell_me")
        own = _id(t, browser.endpoint)
        if pushes.count_of(work.connection, t.id, but=own) >= MOST_TELEPHONES:
            raise Refusal("conflict", most=MOST_TELEPHONES)
        # Whoever subscribes while being called sees that call on the page already.
        told = pushes.last_call(work.connection, t.id)
        keys = (browser.endpoint, browser.p256dh, browser.auth)
        pushes.add(work.connection, t, own, keys, request.language or t.language, told, house.now())


def tell_me_no_more(house: House, token: str, endpoint: str) -> None:
    """Forget a telephone; one that is not known is no error. Raises ``Refusal('unknown_ticket')``."""
    with house.store.write() as connection:
        t = _known(boards.by_follow_token(connection, token))
        pushes.remove(connection, _id(t, endpoint))


def _known(found: Ticket | None) -> Ticket:
    if found is None:
        raise Refusal("unknown_ticket")
    return found


def _id(t: Ticket, endpoint: str) -> str:
    return hashlib.sha256(f"{t.id}\n{endpoint}".encode()).hexdigest()


def letters_to_send(house: House) -> Iterator[Letter]:
    """The calls that some telephone has not been told yet; each is marked as told, and handed to one caller only.

    One by one, so that a database that goes away in between loses no letter that is already marked.
    """
    with house.store.read() as connection:
        due = pushes.due(connection)
    for row in due:
        with house.store.write() as connection:
            is_ours = pushes.claim(connection, row.id, row.board_seq)
        if is_ours:
            yield _letter(house, row)


def _letter(house: House, row: Row[Any]) -> Letter:
    place = say(row.language, f"push.{row.counter_kind}", number=row.counter_number)
    message = {
        "title": say(row.language, "push.title", label=row.label),
        "body": say(
            row.language, "push.body" if row.calls == 1 else "push.again", place=place, calls=row.calls
        ),
        "lang": row.language,
        "tag": row.label,
        "url": f"{house.public_url}/t/{row.follow_token}?lang={row.language}",
    }
    return Letter(row.id, Browser(row.endpoint, row.p256dh, row.auth), message, row.id[:32])


def send(house: House, letter: Letter) -> Fate:
    """Deliver a letter once; an address that has gone is forgotten."""
    if house.post is None:
        return Fate.gone
    fate = house.post.send(letter.browser, letter.message, letter.topic)
    if fate is Fate.gone:
        with house.store.write() as connection:
            pushes.remove(connection, letter.id)
    return fate


def forget_ended(house: House) -> int:
    """Drop the telephones of visits that are over; how many. Who was absent may come back today, and is kept."""
    if house.post is None:
        return 0
    with house.store.read() as connection:
        if not pushes.ended(connection):
            return 0  # nearly always: no lock is taken for that
    with house.store.write() as connection:
        return pushes.forget_ended(connection)
