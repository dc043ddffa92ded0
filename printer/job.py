"""Life of a print job, as a pure function: `advance(state, event)`.

The server's spool keeps the same machine (`server/domain/printjob.py`); both are tested against
`tests/contract/printjob.json`, which lists every pair. The rule behind the table: **bytes that a printer
has accepted are never sent again by a machine**. Only a person (`reprint`) or evidence (`confirm`) moves a
job on from there.
"""

from __future__ import annotations

from enum import StrEnum


class State(StrEnum):
    """Where a job stands. `printed`, `expired` and `reprint` are final."""

    QUEUED = "queued"  # waits for an agent
    CLAIMED = "claimed"  # an agent holds the lease; nothing was sent
    PREFLIGHT = "preflight"  # the agent asks the printer how it is; nothing was sent
    BLOCKED = "blocked"  # the printer cannot print now; nothing was sent
    SENDING = "sending"  # from here on bytes may have been accepted
    SENT = "sent"  # all bytes accepted, confirmation awaited
    PRINTED = "printed"  # the printer confirmed it
    UNKNOWN = "unknown"  # bytes were accepted, no confirmation came
    EXPIRED = "expired"  # too old or called already: will never be printed
    REPRINT = "reprint"  # a person replaced it by a new copy


class Event(StrEnum):
    """What happens to a job."""

    CLAIM = "claim"  # an agent takes it under a lease
    PREFLIGHT = "preflight"  # the agent starts asking the printer
    BLOCK = "block"  # the printer cannot print; the agent vouches that no byte was accepted
    RELEASE = "release"  # the agent gives it back; it vouches that no byte was accepted
    SEND = "send"  # the agent is about to write the first byte
    SENT = "sent"  # the last byte was accepted
    CONFIRM = "confirm"  # the printer, or a person, says that the paper came out
    DOUBT = "doubt"  # bytes were accepted, but nobody can say that the paper came out
    EXPIRE = "expire"  # too old, or its ticket was called or cancelled
    LEASE_LOST = "lease_lost"  # the agent died or went silent
    REPRINT = "reprint"  # a person asks for another copy


class IllegalMove(Exception):
    """`event` means nothing in `state`; nothing has changed."""

    def __init__(self, state: State, event: Event) -> None:
        super().__init__(f"print job: {event} is not possible when {state}")
        self.state = state
        self.event = event


_UNSENT: dict[Event, State] = {
    Event.BLOCK: State.BLOCKED,
    Event.RELEASE: State.QUEUED,
    Event.SEND: State.SENDING,
    Event.EXPIRE: State.EXPIRED,
    Event.LEASE_LOST: State.QUEUED,
}

TABLE: dict[State, dict[Event, State]] = {
    State.QUEUED: {
        Event.CLAIM: State.CLAIMED,
        Event.RELEASE: State.QUEUED,
        Event.EXPIRE: State.EXPIRED,
        Event.REPRINT: State.REPRINT,
    },
    State.CLAIMED: {**_UNSENT, Event.PREFLIGHT: State.PREFLIGHT},
    State.PREFLIGHT: {**_UNSENT},
    # A blocked job that a person replaces must not come out later as well.
    State.BLOCKED: {**_UNSENT, Event.PREFLIGHT: State.PREFLIGHT, Event.REPRINT: State.REPRINT},
    State.SENDING: {
        Event.SEND: State.SENDING,  # the same report again, its answer having been lost
        Event.BLOCK: State.BLOCKED,
        Event.RELEASE: State.QUEUED,
        Event.SENT: State.SENT,
        Event.CONFIRM: State.PRINTED,
        Event.DOUBT: State.UNKNOWN,
        Event.LEASE_LOST: State.UNKNOWN,
    },
    State.SENT: {
        Event.SENT: State.SENT,
        Event.CONFIRM: State.PRINTED,
        Event.DOUBT: State.UNKNOWN,
        Event.LEASE_LOST: State.UNKNOWN,
    },
    State.UNKNOWN: {
        Event.DOUBT: State.UNKNOWN,  # the cause may become clearer
        Event.CONFIRM: State.PRINTED,  # paper was refilled and the printer finished the ticket by itself
        Event.REPRINT: State.REPRINT,
    },
    # A second copy of a printed ticket is a new job; that the first one came out stays true.
    State.PRINTED: {Event.CONFIRM: State.PRINTED, Event.REPRINT: State.PRINTED},
    State.EXPIRED: {Event.EXPIRE: State.EXPIRED, Event.REPRINT: State.REPRINT},
    State.REPRINT: {},
}

FINAL = frozenset({State.PRINTED, State.EXPIRED, State.REPRINT})
#: States in which no byte has reached the printer: a retry cannot make a second ticket.
SAFE_TO_RETRY = frozenset({State.QUEUED, State.CLAIMED, State.PREFLIGHT, State.BLOCKED})

#: Event meant by each `state` of a report on the wire (docs/protocol.md).
REPORTS: dict[str, Event] = {
    "sending": Event.SEND,
    "sent": Event.SENT,
    "printed": Event.CONFIRM,
    "unknown": Event.DOUBT,
    "blocked": Event.BLOCK,
    "queued": Event.RELEASE,
    "expired": Event.EXPIRE,
}

#: Words for `cause` on the wire.
CAUSES = frozenset(
    {"paper_out", "cover_open", "cutter", "mechanical", "offline", "no_answer", "rejected", "too_old"}
)


def advance(state: State, event: Event) -> State:
    """Return the state after `event`.

    Raises IllegalMove when the lifecycle does not know the move.
    """
    try:
        return TABLE[state][event]
    except KeyError:
        raise IllegalMove(state, event) from None
