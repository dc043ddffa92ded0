"""The spool: one row per copy of a ticket, with the lease of the agent that has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam, func, insert, literal_column, select, update

from server.domain.errors import Refusal
from server.store.prepared import Prepared
from server.store.tables import OPEN_JOB, print_job
from server.store.work import Work

_NEW = (
    "id", "unit", "ticket", "copy", "printer", "asked_by", "reason", "promise", "state", "attempts", "created_at",
    "expires_at",
)  # fmt: skip
_ADD = Prepared(insert(print_job).values({name: bindparam(name) for name in _NEW}))
_BY_ID = Prepared(select(print_job).where(print_job.c.id == bindparam("job_id")))
_OPEN = (
    select(print_job)
    .where(
        print_job.c.printer == bindparam("printer_id"),
        OPEN_JOB,  # the words of the partial index themselves: with bound states no planner would use it
    )
    .order_by(print_job.c.created_at, print_job.c.id)
)

_EXPIRE = Prepared(
    update(print_job)
    .where(
        print_job.c.ticket == bindparam("ticket_id"),
        print_job.c.state.in_([literal_column("'queued'"), literal_column("'blocked'")]),
        print_job.c.copy == literal_column("1"),
    )
    .values(
        state=literal_column("'expired'"),
        cause=literal_column("'too_old'"),
        finished_at=bindparam("now", type_=print_job.c.finished_at.type),
        lease_holder=literal_column("NULL"),
        lease_until=literal_column("NULL"),
    )
)


def add(work: Work, **values: Any) -> None:
    """A new job; a second one for the same ticket and copy is a constraint error.

    It is stored with the commit: of a ticket that is being issued nobody can ask for the job before. Whoever will,
    says ``add_now``.
    """
    work.jobs = (*work.jobs, values)


def add_now(work: Work) -> None:
    """Store what was added in this transaction."""
    write(work.connection, work.jobs)
    work.jobs = ()


def write(connection: Connection, jobs: Sequence[dict[str, Any]]) -> None:
    """Store new jobs."""
    _ADD.run_many(connection, jobs)


def get(connection: Connection, job_id: str) -> Row[Any]:
    """One job. Raises ``Refusal('unknown_print_job')``."""
    row = _BY_ID.one_or_none(connection, {"job_id": job_id})
    if row is None:
        raise Refusal("unknown_print_job", print_job=job_id)
    return row


def open_of_printer(connection: Connection, printer_id: str) -> Sequence[Row[Any]]:
    """The jobs that a printer has not ended, oldest first."""
    return connection.execute(_OPEN, {"printer_id": printer_id}).all()


def lost(connection: Connection, now: datetime) -> Sequence[Row[Any]]:
    """The open jobs whose lease has ended, of every unit."""
    query = select(print_job).where(OPEN_JOB, print_job.c.lease_until < now)
    return connection.execute(query.order_by(print_job.c.created_at, print_job.c.id)).all()


def of_ticket(connection: Connection, ticket_id: str) -> Sequence[Row[Any]]:
    """All copies of a ticket."""
    return connection.execute(
        select(print_job).where(print_job.c.ticket == ticket_id).order_by(print_job.c.copy)
    ).all()


def last_copy(connection: Connection, ticket_id: str) -> int:
    """The number of the latest copy, 0 if none was asked for."""
    query = select(func.max(print_job.c.copy)).where(print_job.c.ticket == ticket_id)
    return int(connection.execute(query).scalar_one() or 0)


def save(connection: Connection, job_id: str, was: str, **values: Any) -> None:
    """Guarded write. Raises ``Refusal('conflict')`` when the job is no longer in the state decided on."""
    change = update(print_job).where(print_job.c.id == job_id, print_job.c.state == was).values(**values)
    if connection.execute(change).rowcount != 1:
        raise Refusal("conflict", print_job=job_id)


def expire_for_ticket(work: Work, ticket_id: str, now: datetime) -> None:
    """A ticket that was called or given up needs no paper any more: an old number is never printed late."""
    add_now(work)  # it may have been issued a moment before, for the same commit
    _EXPIRE.run(work.connection, {"ticket_id": ticket_id, "now": now})
