"""Holding the rows against the journal: the chain is whole, and replaying the events gives the very tickets stored,
the board, and what is kept beside them (``besides``)."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from server.domain.board import apply_event, empty_board
from server.domain.chain import GENESIS, link
from server.domain.errors import Refusal
from server.domain.replay import replay_one
from server.domain.ticket import Ticket
from server.store import boards, journal, tickets
from server.store.unit_of_work import find_unit
from server.usecases.besides import Besides
from server.usecases.context import House
from server.wire.events import Audience, event_view

MOST_FINDINGS = 20


@dataclass
class Verdict:
    """What was found in one unit."""

    unit: str
    entries: int = 0
    tickets: int = 0
    chain: str = GENESIS
    problems: list[str] = field(default_factory=list)


def verify_journal(house: House, unit_id: str) -> Verdict:
    """Check one unit's journal: no holes, an unbroken chain, and all that the rows say told by its entries."""
    verdict = Verdict(unit_id)
    with house.store.read() as connection:
        row = find_unit(connection, unit_id)
        told: dict[str, Ticket] = {}
        besides = Besides()
        board = empty_board(unit_id, "")
        for entry, text, about, stored in journal.chained(connection, unit_id):
            verdict.entries += 1
            verdict.chain = link(verdict.chain, entry, text)
            if entry.seq != verdict.entries:
                verdict.problems.append(f"entry {verdict.entries} is missing: found {entry.seq}")
                return verdict
            if stored != verdict.chain:
                verdict.problems.append(f"entry {entry.seq} was changed after it was written")
                return verdict
            if about != entry.data.get("ticket"):
                verdict.problems.append(f"entry {entry.seq} is filed under another ticket")
            besides.note(entry)
            try:
                replay_one(told, entry)
            except (Refusal, KeyError, ValueError) as error:
                verdict.problems.append(f"entry {entry.seq} ({entry.type}) cannot have happened: {error}")
                return verdict
            board = apply_event(board, event_view(entry, row.timezone, Audience.public))
        if (verdict.entries, verdict.chain) != (row.seq, row.chain):
            verdict.problems.append(f"the journal ends at {verdict.entries}, the unit says {row.seq}")
        verdict.tickets = len(told)
        _compare_tickets(connection, told, verdict)
        _compare_board(connection, row, board, verdict)
        verdict.problems += besides.differences(connection, unit_id, told)
    return verdict


def _compare_tickets(connection: Connection, told: dict[str, Ticket], verdict: Verdict) -> None:
    stored = tickets.of_unit(connection, verdict.unit)
    for ticket_id in sorted(told.keys() | stored.keys()):
        mine, theirs = told.get(ticket_id), stored.get(ticket_id)
        if mine is None or theirs is None:
            where = "rows" if mine is None else "journal"
            verdict.problems.append(f"ticket {ticket_id} exists in the {where} only")
        elif mine != theirs:
            names = [
                f.name for f in dataclasses.fields(Ticket) if getattr(mine, f.name) != getattr(theirs, f.name)
            ]
            verdict.problems.append(f"ticket {mine.label} ({ticket_id}) differs in {', '.join(names)}")
        if len(verdict.problems) >= MOST_FINDINGS:
            return


def _compare_board(connection: Connection, row: Any, told: dict[str, Any], verdict: Verdict) -> None:
    stored = boards.board(connection, row)
    # The first day begins with the unit, not with an event.
    told = told | {"day": told["day"] or stored["day"]}
    for part in sorted(stored):
        if stored[part] != told[part]:
            verdict.problems.append(f"the board differs in {part}")
