"""The life of a print job as the server's spool sees it (PRINTING 2.3).

    queued ─claim▶ claimed ─preflight▶ preflight ─send▶ sending ─sent▶ sent ─confirm▶ printed
    blocked: nothing was sent, safe to retry.  unknown: something may be on paper, only evidence or a person decides.

The printer agent has a machine of its own; ``tests/contract/printjob.json`` holds both to the same moves.
"""

from __future__ import annotations

from enum import StrEnum

from server.domain.errors import Refusal


class JobState(StrEnum):
    """Where a print job is."""

    queued = "queued"
    claimed = "claimed"
    preflight = "preflight"
    blocked = "blocked"
    sending = "sending"
    sent = "sent"
    printed = "printed"
    unknown = "unknown"
    expired = "expired"
    reprint = "reprint"


class JobEvent(StrEnum):
    """What may happen to a print job."""

    claim = "claim"
    preflight = "preflight"
    block = "block"
    release = "release"
    send = "send"
    sent = "sent"
    confirm = "confirm"
    doubt = "doubt"
    expire = "expire"
    lease_lost = "lease_lost"
    reprint = "reprint"


_S, _E = JobState, JobEvent
_NOTHING_SENT = (_S.claimed, _S.preflight, _S.blocked)
_MOVES: dict[tuple[JobState, JobEvent], JobState] = {
    (_S.queued, _E.claim): _S.claimed,
    **{(s, _E.preflight): _S.preflight for s in (_S.claimed, _S.blocked)},
    # From sending as well: the agent reports "sending" first and learns then that no byte was accepted.
    **{(s, _E.block): _S.blocked for s in (*_NOTHING_SENT, _S.sending)},
    **{(s, _E.release): _S.queued for s in (_S.queued, *_NOTHING_SENT, _S.sending)},
    **{(s, _E.send): _S.sending for s in (*_NOTHING_SENT, _S.sending)},
    **{(s, _E.sent): _S.sent for s in (_S.sending, _S.sent)},
    **{(s, _E.confirm): _S.printed for s in (_S.sending, _S.sent, _S.printed, _S.unknown)},
    **{(s, _E.doubt): _S.unknown for s in (_S.sending, _S.sent, _S.unknown)},
    **{(s, _E.expire): _S.expired for s in (_S.queued, *_NOTHING_SENT, _S.expired)},
    **{(s, _E.lease_lost): _S.queued for s in _NOTHING_SENT},
    **{(s, _E.lease_lost): _S.unknown for s in (_S.sending, _S.sent)},
    **{(s, _E.reprint): _S.reprint for s in (_S.queued, _S.blocked, _S.unknown, _S.expired)},
    (_S.printed, _E.reprint): _S.printed,
}
REPORTS: dict[str, JobEvent] = {
    "preflight": _E.preflight,
    "sending": _E.send,
    "sent": _E.sent,
    "printed": _E.confirm,
    "unknown": _E.doubt,
    "blocked": _E.block,
    "queued": _E.release,
    "expired": _E.expire,
}
"""What the agent's report of a state means here."""
FINAL = frozenset({_S.printed, _S.expired, _S.reprint})
CAUSES = frozenset(
    {"paper_out", "cover_open", "cutter", "mechanical", "offline", "no_answer", "rejected", "too_old"}
)


def advance_job(state: JobState, event: JobEvent) -> JobState:
    """The next state. Raises ``Refusal('illegal_transition')`` (detail: state, action)."""
    after = _MOVES.get((state, event))
    if after is None:
        raise Refusal("illegal_transition", state=str(state), action=str(event))
    return after
