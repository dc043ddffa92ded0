"""The print spool: one paper a copy, leases that end, nothing printed late, doubts that only a person settles."""

from __future__ import annotations

from typing import Any

import pytest
from city import City
from cityfixtures import both_engines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from races import crowd
from rows import broken_promises, dump, story
from sqlalchemy import select, update

from server.domain.errors import Refusal
from server.domain.printjob import FINAL, REPORTS, JobState
from server.store import tables
from server.usecases import printing
from server.wire.requests import Claim, Report


@pytest.fixture
def printer(city: City) -> Any:
    """Centro's printer agent."""
    return city.device("printer")


def claim(city: City, printer: Any) -> Any:
    """The next job, without waiting."""
    return printing.claim(city.house, printer, Claim())["job"]


def report(city: City, printer: Any, job: str, state: str, **more: Any) -> Any:
    """What became of it."""
    return printing.report(city.house, printer, job, Report(state=state, **more))["job"]  # type: ignore[arg-type]


def jobs(city: City) -> list[Any]:
    """All rows, oldest first."""
    with city.store.read() as connection:
        return list(
            connection.execute(
                select(tables.print_job).order_by(tables.print_job.c.created_at, tables.print_job.c.copy)
            )
        )


@both_engines
def test_from_ticket_to_paper(city, printer):
    """Claimed under a lease, reported step by step, printed once."""
    ticket = city.issue(tier="priority")
    job = claim(city, printer)
    assert job["key"] == f"{ticket['id']}:1"
    assert job["lease_seconds"] == 20
    document = job["document"]
    assert (document["label"], document["tier_text"], document["copy_text"]) == ("PA001", "Prioritário", None)
    assert document["follow_url"] == ticket["follow_url"]
    assert claim(city, printer) is None
    for state in ("preflight", "sending", "sent"):
        assert report(city, printer, job["id"], state)["state"] == state
    done = report(city, printer, job["id"], "printed", millimetres=118, confirm_ms=900)
    assert (done["state"], done["cause"]) == ("printed", None)
    assert done["finished_at"] is not None
    row = jobs(city)[0]
    assert (row.millimetres, row.confirm_ms, row.lease_holder) == (118, 900, None)
    assert claim(city, printer) is None


def test_oldest_first(city, printer):
    """Papers come out in the order of the tickets."""
    labels = []
    for _ in range(3):
        labels.append(city.issue()["label"])
        city.clock.advance(1)
    assert [claim(city, printer)["document"]["label"] for _ in labels] == labels


@both_engines
def test_a_job_is_claimed_once(city, printer):
    """Two agents by mistake on one token, at the same moment."""
    for _ in range(4):
        city.issue()
        city.clock.advance(1)
    found = crowd(lambda _: claim(city, printer), 4)
    assert len({job["id"] for job in found}) == 4


def test_a_lease_that_ends_before_anything_was_sent(city, printer):
    """The agent died: the job is handed out again, and the dead one's report comes too late."""
    city.issue()
    job = claim(city, printer)
    city.clock.advance(20)
    assert claim(city, printer) is None  # still his, on the last second
    city.clock.advance(1)
    again = claim(city, printer)
    assert again["id"] == job["id"]
    assert jobs(city)[0].attempts == 2


@both_engines
def test_a_lease_that_ends_after_sending(city, printer):
    """Something may be on paper: in doubt, told to the staff, never printed again by itself."""
    ticket = city.issue()
    job = claim(city, printer)
    report(city, printer, job["id"], "sending")
    city.clock.advance(21)
    assert claim(city, printer) is None
    row = jobs(city)[0]
    assert (row.state, row.cause) == ("unknown", "no_answer")
    with city.store.read() as connection:
        query = select(tables.journal).where(tables.journal.c.type == "printer.status")
        alerts = [event.data for event in connection.execute(query)]
    assert [(a["state"], a["cause"], a["print_ticket"]) for a in alerts] == [
        ("unknown", "no_answer", ticket["id"])
    ]
    # The agent comes back and knows: evidence settles the doubt.
    assert report(city, printer, job["id"], "printed")["state"] == "printed"


def test_an_agent_that_never_comes_back(city, printer):
    """Nobody claims any more: the house itself sees to the jobs it left, once."""
    for _ in range(2):
        city.issue()
        city.clock.advance(1)
    report(city, printer, claim(city, printer)["id"], "sending")
    claim(city, printer)
    assert printing.settle_lost_leases(city.house) == 0
    city.clock.advance(21)
    assert printing.settle_lost_leases(city.house) == 2
    assert [row.state for row in jobs(city)] == ["unknown", "queued"]
    before = dump(city.store.engine)
    assert printing.settle_lost_leases(city.house) == 0
    assert dump(city.store.engine) == before


def test_each_report_renews_the_lease(city, printer):
    """A slow printer keeps its job as long as it speaks."""
    city.issue()
    job = claim(city, printer)
    for state in ("preflight", "blocked", "blocked", "preflight"):
        city.clock.advance(15)
        report(city, printer, job["id"], state, cause="paper_out" if state == "blocked" else None)
    assert claim(city, printer) is None


def test_never_an_old_number_late(city, printer):
    """Three minutes after the touch the citizen has the number on the screen or has left."""
    city.issue()
    city.clock.advance(minutes=3)
    assert claim(city, printer) is None
    assert (jobs(city)[0].state, jobs(city)[0].cause) == ("expired", "too_old")


@both_engines
def test_called_before_it_was_printed(city, printer):
    """Whoever was called needs no paper any more; what is being sent is left alone."""
    city.open("ana.martins", "centro-1")
    for _ in range(2):
        city.issue()
        city.clock.advance(1)
    job = claim(city, printer)
    report(city, printer, job["id"], "sending")
    for _ in range(2):
        city.act("ana.martins", "finish", city.call_next("ana.martins", "centro-1")["ticket"]["id"])
    assert [row.state for row in jobs(city)] == ["sending", "expired"]
    assert claim(city, printer) is None


def test_a_stranger_has_no_lease(city, printer):
    """Another printer of the unit, and another unit's."""
    city.issue()
    job = claim(city, printer)
    with pytest.raises(Refusal, match="wrong_unit"):
        report(city, city.device("printer", "lagoa"), job["id"], "sent")
    with city.store.write() as connection:
        connection.execute(update(tables.print_job).values(printer=city.seeded.devices["centro", "kiosk"].id))
    with pytest.raises(Refusal, match="lease_lost"):
        report(city, printer, job["id"], "sending")


def test_a_report_without_lease(city, printer):
    """The job went back to the queue meanwhile: whoever still thinks to have it must not send."""
    city.issue()
    job = claim(city, printer)
    city.clock.advance(21)
    city.issue()
    assert claim(city, printer)["id"] == job["id"]
    report(city, printer, job["id"], "queued")
    before = dump(city.store.engine)
    with pytest.raises(Refusal, match="lease_lost"):
        report(city, printer, job["id"], "sending")
    assert dump(city.store.engine) == before


@both_engines
def test_reprint(city, printer):
    """A second copy says so, settles the first, and is on record; never a new place in the queue."""
    ticket = city.issue()
    kiosk = city.device("kiosk")
    answer, is_new = printing.reprint(city.house, kiosk, ticket["id"], "papel rasgado", None)
    assert is_new
    assert answer["print_job"]["copy"] == 2
    assert [row.state for row in jobs(city)] == ["reprint", "queued"]
    job = claim(city, printer)
    assert job["document"]["copy_text"] == "2ª VIA"
    assert job["document"]["label"] == ticket["label"]
    with city.store.read() as connection:
        row = connection.execute(select(tables.audit).where(tables.audit.c.action == "ticket.reprint")).one()
    assert row.detail["why"] == "papel rasgado"
    assert [event.type for event in story(city.store.engine, ticket["id"])] == ["ticket.issued"]
    assert broken_promises(city.store.engine) == []


def test_reprint_only_for_the_living(city):
    """A finished ticket, another kiosk's, or a unit without printer: no paper."""
    city.open("ana.martins", "centro-1")
    ticket = city.issue()
    with pytest.raises(Refusal, match="unknown_ticket"):
        printing.reprint(city.house, city.device("panel"), ticket["id"], "x", None)
    city.act("ana.martins", "finish", city.call_next("ana.martins", "centro-1")["ticket"]["id"])
    with pytest.raises(Refusal, match="illegal_transition"):
        printing.reprint(city.house, city.who("ana.martins"), ticket["id"], "x", None)
    with city.store.write() as connection:
        connection.execute(
            update(tables.device).values(revoked_at=city.clock()).where(tables.device.c.kind == "printer")
        )
    other = city.issue(by=city.who("ana.martins"))
    with pytest.raises(Refusal, match="conflict"):
        printing.reprint(city.house, city.who("ana.martins"), other["id"], "x", None)


def test_a_printers_heartbeat(city, printer):
    """Told to the staff when it changes, not when it repeats; the kiosk knows before it promises paper."""
    from server.usecases import devices, visitors
    from server.wire.requests import Heartbeat

    def beat(**state: Any) -> None:
        devices.heartbeat(city.house, printer, Heartbeat(state=state))

    def shown() -> dict[str, Any]:
        return dict(visitors.menu(city.house, "centro", "pt-BR", city.device("kiosk"))["printer"])

    assert shown() == {"state": "unknown", "cause": "no_answer"}
    for _ in range(3):
        beat(printer="ready", cause=None)
    assert shown() == {"state": "ready", "cause": None}
    beat(printer="blocked", cause="paper_out")
    assert shown() == {"state": "blocked", "cause": "paper_out"}
    city.clock.advance(61)
    assert shown() == {"state": "unknown", "cause": "no_answer"}
    with city.store.read() as connection:
        query = select(tables.journal).where(tables.journal.c.type == "printer.status")
        told = [event.data["state"] for event in connection.execute(query)]
    assert told == ["ready", "blocked"]


STEPS = st.one_of(
    st.just(("claim", 0)),
    st.tuples(st.just("report"), st.sampled_from(sorted(REPORTS))),
    st.tuples(st.just("wait"), st.sampled_from([1, 15, 25, 200])),
)


@given(plan=st.lists(STEPS, max_size=14))
@settings(
    max_examples=40,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_whatever_an_agent_does(city, printer, plan):
    """No order of claims, reports and silence prints a copy twice or makes a final job move again."""
    ticket = city.issue()["id"]
    mine, over = None, None
    for what, value in plan:
        if what == "claim":
            job = claim(city, printer)
            mine = job["id"] if job else mine
        elif what == "wait":
            city.clock.advance(value)
        elif mine is not None:
            try:
                report(city, printer, mine, value)
            except Refusal as refusal:
                if refusal.code not in ("illegal_transition", "lease_lost"):
                    raise
        state = next(row.state for row in jobs(city) if row.ticket == ticket)
        if over is not None:
            assert state == over
        elif JobState(state) in FINAL:
            over = state
    with city.store.write() as connection:  # the next example begins with an empty spool
        connection.execute(update(tables.print_job).values(state="expired"))
    city.clock.set(city.clock.now.replace(hour=13, minute=0))
