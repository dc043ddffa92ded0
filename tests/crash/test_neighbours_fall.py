"""What the server stands on falls under load: PostgreSQL is restarted, Redis is restarted, a screen's line goes dead.

The PostgreSQL and the Redis are of these tests' own, and really stop. Short by default; VEZ_TEST_CRASH=long for more.
"""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn, Self

import pytest
from city import Seeded, fill
from faulty_line import FaultyLine
from private import LackingError, PrivatePostgres, PrivateRedis, private_postgres, private_redis
from rows import broken_promises
from serving import Client, Screen, Served, screens, serving
from waiting import wait_until

from server.domain.board import apply_event
from server.store.engine import open_engine
from server.store.migrate import upgrade

pytestmark = pytest.mark.crash
LONG = os.environ.get("VEZ_TEST_CRASH") == "long"
FALLS = 12 if LONG else 2
ALL_MODES = ["eventlet", "gevent", "threading"]
ISSUE = {"service": "iptu-segunda-via"}


def lack(what: str) -> NoReturn:
    """Skip with the reason; fail in CI."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"CI must have it: {what}", pytrace=False)
    pytest.skip(what)


@pytest.fixture(scope="module")
def postgres() -> Iterator[PrivatePostgres]:
    """A cluster to be stopped at will."""
    try:
        with private_postgres() as made:
            yield made
    except LackingError as what:
        lack(str(what))


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[PrivateRedis]:
    """A Redis to be stopped at will."""
    try:
        with private_redis(tmp_path) as made:
            yield made
    except LackingError as what:
        lack(str(what))


@pytest.fixture
def city(postgres: PrivatePostgres) -> tuple[str, Seeded]:
    """The demo, open day and night, in a new database of that cluster."""
    url = postgres.database(f"fall_{datetime.now(UTC).timestamp():.6f}".replace(".", "_"))
    engine = open_engine(url)
    upgrade(engine)
    engine.dispose()
    return url, fill(url, lambda: datetime.now(UTC), around_the_clock=True)


class Kiosks:
    """Three kiosks that go on whatever happens: a key that got no ticket is tried again until it has one."""

    def __init__(self, served: Served) -> None:
        self.tickets: dict[str, str] = {}
        self.refused = 0
        self.errors: list[BaseException] = []
        self._stop = threading.Event()
        token = served.seeded.token("kiosk")
        clients = [Client(served.base_url, token, timeout=30) for _ in range(3)]
        served.clients.extend(clients)
        self._threads = [
            threading.Thread(target=self._run, args=(n, client), daemon=True)
            for n, client in enumerate(clients)
        ]

    def __enter__(self) -> Self:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join(60)
        if self.errors:
            raise self.errors[0]

    def more(self, count: int) -> Callable[[], bool]:
        """A condition: so many more tickets than now."""
        wanted = len(self.tickets) + count
        return lambda: bool(self.errors) or len(self.tickets) >= wanted

    def _run(self, number: int, client: Client) -> None:
        turn = 0
        try:
            while not self._stop.is_set():
                self._issue(client, f"kiosk-{number}-{turn}")
                turn += 1
        except BaseException as error:  # noqa: BLE001 - raised by __exit__
            self.errors.append(error)

    def _issue(self, client: Client, key: str) -> None:
        for _ in range(2000):
            answer = client("POST", "/units/centro/tickets", ISSUE, key=key)
            if answer.status in (200, 201):
                self.tickets[key] = answer.body["ticket"]["id"]
                return
            assert answer.status == 503, answer
            assert answer.body["error"]["code"] == "unavailable"
            self.refused += 1
            # Not a busy loop: a kiosk waits a moment before it asks again.
            self._stop.wait(0.05)
        raise AssertionError(f"{key}: no ticket after all this time")


def _all_told(screen: Screen, served: Served) -> None:
    """The screen has every event, each once or more, in order; what it shows is what the rows say."""
    panel = served.device("panel")
    end = panel("GET", "/units/centro/board").body["seq"]
    wait_until(lambda: screen.seqs() and max(screen.seqs()) >= end, 20, "the screen is as far as the journal")
    assert sorted(set(screen.seqs())) == list(range(1, end + 1))
    assert screen.seqs() == sorted(screen.seqs())


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("mode", ALL_MODES if LONG else ["eventlet"])
def test_postgresql_is_restarted_under_load(vez, city, postgres, redis_server, tmp_path, mode):
    """Stopped by its administrator, and by a loss of power: 503 meanwhile, then everything goes on by itself."""
    url, seeded = city
    more: dict[str, Any] = {"workers": 2, "redis_url": redis_server.url, "async_": mode}
    with serving(vez, tmp_path, url, seeded, **more) as served, screens() as open_screen:
        screen = open_screen(served, seeded.token("panel"))
        screen.join("centro")
        with Kiosks(served) as kiosks:
            for fall in range(FALLS):
                wait_until(kiosks.more(10), 60, "load is on")
                postgres.stop("immediate" if fall % 2 else "fast")
                down = kiosks.refused
                wait_until(
                    lambda down=down: kiosks.refused > down or kiosks.errors, 60, "503 while it is away"
                )
                postgres.start()
            wait_until(kiosks.more(10), 60, "tickets again")
        _settled(served, kiosks, url)
        _all_told(screen, served)
        assert served.process.poll() is None


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("mode", ALL_MODES if LONG else ["eventlet"])
def test_a_worker_dies_while_postgresql_is_away(vez, city, postgres, redis_server, tmp_path, mode):
    """Another takes its place and waits for the database; the server goes on, and the screens of both hear of all."""
    url, seeded = city
    more: dict[str, Any] = {"workers": 2, "redis_url": redis_server.url, "async_": mode}
    with serving(vez, tmp_path, url, seeded, **more) as served, screens() as open_screen:
        _issue(served.device("kiosk"), 3)
        postgres.stop()
        before = _workers(served)
        for worker in before:
            os.kill(worker, signal.SIGKILL)
        wait_until(lambda: len(_workers(served) - before) == 2, 20, "two new workers")
        wait_until(lambda: _ready_status(served) == 503, 20, "they answer, and are not ready")
        assert served.process.poll() is None
        assert not _workers(served) & before
        after = _workers(served)
        postgres.start()
        wait_until(lambda: _ready_status(served) == 200, 20, "ready by themselves")
        told = [open_screen(served, seeded.token("panel")) for _ in range(4)]
        for screen in told:
            screen.join("centro")
        _issue(served.device("kiosk"), 3)
        for screen in told:
            wait_until(lambda screen=screen: screen.seqs() == [4, 5, 6], 20, "all three are told")
        assert _workers(served) == after


def _workers(served: Served) -> set[int]:
    """The processes under gunicorn's first."""
    first = served.process.pid
    return {int(pid) for pid in Path(f"/proc/{first}/task/{first}/children").read_text().split()}


def _ready_status(served: Served) -> int:
    client = Client(served.base_url, timeout=10)
    try:
        return client("GET", "//readyz").status
    except OSError:
        return 0
    finally:
        client.close()


@pytest.mark.postgres
def test_postgresql_becomes_a_standby(vez, city, postgres, tmp_path):
    """It reads, and refuses every write: 503 and not ready, reading goes on. Promoted, it is used again."""
    url, seeded = city
    with serving(vez, tmp_path, url, seeded) as served, screens() as open_screen:
        screen = open_screen(served, seeded.token("panel"))
        screen.join("centro")
        kiosk = served.device("kiosk")
        _issue(kiosk, 3)
        postgres.stop()
        postgres.become_standby()
        ready = served.client()
        wait_until(lambda: kiosk("GET", "/units/centro/menu").status == 200, 20, "reading")
        for _ in range(3):
            answer = kiosk("POST", "/units/centro/tickets", ISSUE)
            assert (answer.status, answer.body["error"]["code"]) == (503, "unavailable")
        assert ready("GET", "//readyz").body["checks"]["database"] is False
        postgres.be_promoted()
        wait_until(lambda: ready("GET", "//readyz").status == 200, 20, "ready again")
        _issue(kiosk, 3)
        _all_told(screen, served)


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.parametrize("mode", ALL_MODES if LONG else ["gevent"])
def test_redis_is_restarted_under_load(vez, city, redis_server, tmp_path, mode):
    """Killed and started again while tickets are issued: no command notices, no event is lost."""
    url, seeded = city
    more: dict[str, Any] = {"workers": 2, "redis_url": redis_server.url, "async_": mode}
    with serving(vez, tmp_path, url, seeded, **more) as served, screens() as open_screen:
        screen = open_screen(served, seeded.token("panel"))
        screen.join("centro")
        with Kiosks(served) as kiosks:
            for fall in range(FALLS):
                wait_until(kiosks.more(10), 60, "load is on")
                redis_server.tell(signal.SIGTERM if fall % 2 else signal.SIGKILL)
                wait_until(kiosks.more(10), 60, "tickets without Redis")
                redis_server.start()
            wait_until(kiosks.more(10), 60, "tickets again")
        assert kiosks.refused == 0
        _settled(served, kiosks, url)
        _all_told(screen, served)


def _settled(served: Served, kiosks: Kiosks, url: str) -> None:
    """Every acknowledged ticket exists once, and no promise of the rows is broken."""
    assert len(set(kiosks.tickets.values())) == len(kiosks.tickets)
    engine = open_engine(url)
    try:
        assert broken_promises(engine) == []
        with engine.connect() as connection:
            found = {row.id for row in connection.exec_driver_sql("SELECT id FROM ticket")}
    finally:
        engine.dispose()
    assert found == set(kiosks.tickets.values())


@pytest.mark.parametrize("fault", ["cut", "blackhole"])
def test_a_screen_behind_a_faulty_line(vez, new_open_city, tmp_path, fault):
    """The line is cut, or swallows everything without a word: behind it the screen catches up from the journal, and the
    server neither waits for it nor notices a difference."""
    url, seeded = new_open_city("sqlite")
    with (
        serving(vez, tmp_path, url, seeded) as served,
        screens() as open_screen,
        FaultyLine(served.base_url) as line,
    ):
        behind = Served(line.base_url, seeded, served.process, served.log_path, url)
        screen = open_screen(behind, seeded.token("panel"))
        board = screen.join("centro")["snapshot"]
        kiosk = served.device("kiosk")
        _issue(kiosk, 5)
        wait_until(lambda: len(screen.events) >= 5, 10, "five events through the line")
        line.break_(fault)
        _issue(kiosk, 10)  # nobody waits for a line that swallows
        if fault == "cut":
            assert screen.lost.wait(10)
        assert len(screen.events) == 5
        line.mend()
        again = open_screen(behind, seeded.token("panel"))
        answer = again.join("centro", screen.seqs()[-1])
        _issue(kiosk, 5)
        wait_until(lambda: len(again.events) >= 5, 10, "and it is told again")
        missed = [*screen.events, *answer["events"], *again.events]
        for event in missed:
            board = apply_event(board, event)
        assert [event["seq"] for event in missed] == list(range(1, 21))
        assert board == served.device("panel")("GET", "/units/centro/board").body


def _issue(kiosk: Client, count: int) -> None:
    for _ in range(count):
        assert kiosk("POST", "/units/centro/tickets", ISSUE).status == 201
