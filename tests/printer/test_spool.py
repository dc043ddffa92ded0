"""The agent's memory: nothing forgotten, nothing twice, nothing late."""

import sqlite3
import time

import pytest

from printer.job import Event, IllegalMove, State
from printer.spool import Spool


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.sqlite3"


@pytest.fixture
def spool(path):
    spool = Spool(path)
    yield spool
    spool.close()


def take(spool, key="k:1", station="s", expires=None):
    return spool.take(
        station, f"id-{key}", key, {"label": "A001"}, time.time() + 180 if expires is None else expires
    )


def test_same_key_is_the_same_ticket(spool):
    take(spool)
    for event in (Event.PREFLIGHT, Event.SEND, Event.SENT, Event.CONFIRM):
        spool.move("k:1", event)
    spool.reported("k:1", State.PRINTED)
    again = spool.take("s", "another-id", "k:1", {}, 0.0)
    assert (again.state, again.id, again.reported) == (State.PRINTED, "another-id", None)
    assert [job.key for job in spool.unreported("s")] == ["k:1"]


def test_illegal_move_changes_nothing(spool):
    take(spool)
    with pytest.raises(IllegalMove):
        spool.move("k:1", Event.CONFIRM)
    assert spool.find("k:1").state is State.CLAIMED


@pytest.mark.parametrize(
    "events, after",
    [
        ([], State.QUEUED),
        ([Event.PREFLIGHT], State.QUEUED),
        ([Event.PREFLIGHT, Event.BLOCK], State.QUEUED),
        ([Event.PREFLIGHT, Event.SEND], State.UNKNOWN),
        ([Event.PREFLIGHT, Event.SEND, Event.SENT], State.UNKNOWN),
        ([Event.PREFLIGHT, Event.SEND, Event.SENT, Event.CONFIRM], State.PRINTED),
    ],
)
def test_after_a_crash_only_what_was_not_sent_is_tried_again(path, events, after):
    spool = Spool(path)
    take(spool)
    for event in events:
        spool.move("k:1", event)
    spool.close()
    spool = Spool(path)
    spool.recover()
    assert spool.find("k:1").state is after
    assert bool(spool.queued("s")) == (after is State.QUEUED)
    spool.close()


def test_stations_do_not_see_each_other(spool):
    take(spool, "a:1", "one")
    take(spool, "b:1", "two")
    spool.recover()
    assert [job.key for job in spool.queued("one")] == ["a:1"]


def test_prune_keeps_what_the_server_does_not_know(spool):
    for key in ("told", "untold"):
        take(spool, key)
        spool.move(key, Event.EXPIRE)
    spool.reported("told", State.EXPIRED)
    spool._db.execute("UPDATE jobs SET changed_at = 0")
    spool.prune()
    assert spool.find("told") is None
    assert spool.find("untold") is not None


def test_damaged_file_is_put_aside_and_the_agent_starts(path):
    Spool(path).close()
    path.write_bytes(b"this is no database at all, but long enough to look at" * 100)
    spool = Spool(path)
    assert spool.counts() == {}
    spool.close()
    assert len(list(path.parent.glob("spool.sqlite3.damaged-*"))) == 1


def test_read_only_directory_is_an_error_not_a_new_file(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises((OSError, sqlite3.Error)):
        Spool(tmp_path / "file" / "spool.sqlite3")


def test_odometer_counts_until_a_new_roll(spool):
    spool.add_millimetres("tcp://a", 130)
    assert spool.add_millimetres("tcp://a", 120) == 250
    assert spool.roll_millimetres("tcp://b") == 0
    spool.new_roll("tcp://a")
    assert spool.roll_millimetres("tcp://a") == 0


def test_sending_is_on_disk_before_the_first_byte(spool):
    """FULL means an fsync at each commit; the moves that may be lost do without it."""
    take(spool)
    spool.move("k:1", Event.PREFLIGHT, durable=False)
    assert spool._db.execute("PRAGMA synchronous").fetchone() == (1,)
    spool.move("k:1", Event.SEND)
    assert spool._db.execute("PRAGMA synchronous").fetchone() == (2,)
