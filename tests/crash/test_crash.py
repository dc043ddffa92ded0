"""The power goes: kill -9 of every process of the server at random moments under load, and then it is started again.

Whatever was acknowledged exists once; what was not is there whole or not at all; a retry with the same key settles
which. Short by default; VEZ_TEST_CRASH=long for hours of it.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from rows import broken_promises
from serving import Client, Served, _free_port, screens, serving
from sqlalchemy import text
from waiting import wait_until

from server.domain.board import apply_event
from server.store.engine import open_engine

pytestmark = pytest.mark.crash
BOARD_MODULE = Path(__file__).resolve().parents[2] / "server" / "static" / "shared" / "board.js"
LONG = os.environ.get("VEZ_TEST_CRASH") == "long"
CRASHES = 40 if LONG else 3
LOAD_SECONDS = (0.2, 3.0) if LONG else (0.2, 1.2)
ATTENDANTS = ("ana.martins", "bruno.silveira", "carla.nogueira")
ISSUE = {"service": "iptu-segunda-via"}
HOUSES = [
    pytest.param("sqlite", id="sqlite"),
    pytest.param("postgresql", id="postgresql", marks=[pytest.mark.postgres, pytest.mark.redis]),
]
GONE = (OSError, http.client.HTTPException)


@dataclass
class House:
    """The same database and port through many lives of the server."""

    vez: str
    folder: Path
    url: str
    seeded: Any
    more: dict[str, Any]
    port: int = field(default_factory=_free_port)

    @contextlib.contextmanager
    def alive(self) -> Iterator[Served]:
        """One life."""
        with serving(self.vez, self.folder, self.url, self.seeded, port=self.port, **self.more) as served:
            yield served


@pytest.fixture(params=HOUSES)
def house(request, vez, new_open_city, tmp_path) -> House:
    """Embedded; and two workers over PostgreSQL."""
    url, seeded = new_open_city(request.param)
    more = {}
    if request.param == "postgresql":
        more = {"workers": 2, "redis_url": request.getfixturevalue("redis_url")}
    return House(vez, tmp_path, url, seeded, more)


class Load:
    """Kiosks and counters that go on until the server is gone, and remember what they were told."""

    def __init__(self, house: House) -> None:
        self.base_url = f"http://127.0.0.1:{house.port}"
        self.kiosk_token = house.seeded.token("kiosk")
        self.tickets: dict[str, str] = {}  # key → ticket that was acknowledged
        self.finished: set[str] = set()
        self.doubtful: list[str] = []  # keys whose answer never came
        self.staff: list[Client] = []
        self.keys = 0
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self.errors: list[BaseException] = []
        self.stop = threading.Event()

    def arrive(self, served: Served) -> None:
        """Attendants log in once (their sessions outlive a crash) and sit down."""
        for place, name in enumerate(ATTENDANTS, 1):
            client = Client(self.base_url, timeout=10).log_in(name)
            assert client("POST", f"/units/centro/counters/centro-{place}/open").status == 200
            self.staff.append(client)

    def start(self) -> None:
        """Three kiosks and three counters."""
        self.stop.clear()
        acts = [self._kiosk] * 3 + [lambda n=n: self._counter(n) for n in range(len(self.staff))]
        self._threads = [threading.Thread(target=self._run, args=(act,), daemon=True) for act in acts]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Everybody has noticed; an unexpected answer is raised here."""
        self.stop.set()
        for thread in self._threads:
            thread.join(30)
        for client in self.staff:
            client.close()
        if self.errors:
            raise self.errors[0]

    def _run(self, act: Any) -> None:
        try:
            act()
        except GONE:
            pass
        except BaseException as error:  # noqa: BLE001 - raised by end()
            self.errors.append(error)

    def _key(self) -> str:
        with self._lock:
            self.keys += 1
            return f"crash-{self.keys}"

    def _kiosk(self) -> None:
        client = Client(self.base_url, self.kiosk_token, timeout=10)
        try:
            while not self.stop.is_set():
                self.issue(client, self._key())
        finally:
            client.close()

    def issue(self, client: Client, key: str) -> None:
        """One touch; what it was told is remembered, what it was not told as well."""
        try:
            answer = client("POST", "/units/centro/tickets", ISSUE, key=key)
        except GONE:
            self.doubtful.append(key)
            raise
        assert answer.status in (200, 201), answer
        ticket = answer.body["ticket"]["id"]
        assert self.tickets.setdefault(key, ticket) == ticket

    def _counter(self, n: int) -> None:
        client, desk = self.staff[n], f"/units/centro/counters/centro-{n + 1}"
        held = client("GET", desk).body["ticket"]
        while not self.stop.is_set():
            if held is None:
                answer = client("POST", f"{desk}/call-next", key=self._key())
                assert answer.status == 200, answer
                held = answer.body["ticket"]
            else:
                answer = client("POST", f"/tickets/{held['id']}/finish")
                assert answer.status == 200, answer
                self.finished.add(held["id"])
                held = None


def check(house: House, load: Load) -> None:
    """What the rows say, against what people were told."""
    engine = open_engine(house.url)
    try:
        assert broken_promises(engine) == []
        with engine.connect() as connection:
            states = dict(connection.execute(text("SELECT id, state FROM ticket")).all())
    finally:
        engine.dispose()
    assert max(Counter(load.tickets.values()).values(), default=1) == 1
    lost = [ticket for ticket in load.tickets.values() if ticket not in states]
    assert not lost, f"{len(lost)} acknowledged tickets are gone"
    undone = [ticket for ticket in load.finished if states[ticket] != "finished"]
    assert not undone, f"{len(undone)} acknowledged ends are undone"


def settle(served: Served, load: Load) -> None:
    """Who never got an answer asks again with the same key: now there is one ticket for it, and no other."""
    client = served.device("kiosk")
    doubtful, load.doubtful = load.doubtful, []
    for key in doubtful:
        load.issue(client, key)
        load.issue(client, key)


def test_kill_dash_nine(house: House):
    """Crash after crash on the same database."""
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    load = Load(house)
    for crash in range(CRASHES):
        with house.alive() as served:
            if crash == 0:
                load.arrive(served)
            else:
                settle(served, load)
            load.start()
            before = len(load.tickets)
            wait_until(lambda before=before: len(load.tickets) > before + 5 or load.errors, 30, "load is on")
            killed_at = time.monotonic() + chance.uniform(*LOAD_SECONDS)
            wait_until(lambda at=killed_at: time.monotonic() >= at, 10)
            served.kill()
            load.end()
        check(house, load)
    with house.alive() as served:
        settle(served, load)
        _screens_converge(served)
    check(house, load)
    assert len(load.tickets) > CRASHES * 5, f"seed {seed}"


def _screens_converge(served: Served) -> None:
    """A panel that had the board of long ago, and one that comes new, show the same."""
    panel = served.device("panel")
    events, board = [], None
    while True:
        after = events[-1]["seq"] if events else 0
        page = panel("GET", f"/units/centro/events?after={after}&limit=500").body
        if "snapshot" in page:
            board = page["snapshot"]
            break
        events += page["events"]
        if not page["more"]:
            break
    now = panel("GET", "/units/centro/board").body
    if board is None:
        board = {"unit": "centro", "seq": 0, "day": now["day"], "calls": [], "waiting": {}, "counters": {}}
        assert _board_in_javascript(board, events) == now
        for event in events:
            board = apply_event(board, event)
    assert board == now
    with screens() as open_screen:
        assert open_screen(served, served.seeded.token("panel")).join("centro")["snapshot"] == now


def _board_in_javascript(board: dict[str, Any], events: list[dict[str, Any]]) -> Any:
    """The fold of the real panel's module, run by node: what a television would show."""
    script = (
        f"import {{ applyEvent }} from {json.dumps(BOARD_MODULE.as_uri())};"
        "import { readFileSync } from 'node:fs';"
        "const { board, events } = JSON.parse(readFileSync(0, 'utf8'));"
        "console.log(JSON.stringify(events.reduce(applyEvent, board)));"
    )
    told = json.dumps({"board": board, "events": events})
    node = ["node", "--input-type=module", "--eval", script]
    ran = subprocess.run(node, input=told, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(ran.stdout)


@pytest.mark.postgres
@pytest.mark.parametrize("mode", ["eventlet", "gevent"])
def test_postgresql_hangs_up_on_everybody(vez, new_open_city, tmp_path, mode):
    """A restart of the database as a server sees it: every connection is cut, again and again, under load.

    Commands answer 503 or succeed; nothing is half done; the relay goes on; no restart of ours is needed.
    """
    url, seeded = new_open_city("postgresql")
    engine = open_engine(url)
    cut = text(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    with serving(vez, tmp_path, url, seeded, async_=mode) as served, screens() as open_screen:
        panel = open_screen(served, seeded.token("panel"))
        panel.join("centro")
        kiosk, told, refused = served.device("kiosk"), {}, 0
        for turn in range(120):
            if turn % 12 == 0:
                with engine.connect() as connection:
                    connection.execute(cut)
            key = f"turn-{turn}"
            answer = kiosk("POST", "/units/centro/tickets", ISSUE, key=key)
            for _ in range(50):
                if answer.status != 503:
                    break
                assert answer.body["error"]["code"] == "unavailable"
                refused += 1
                answer = kiosk("POST", "/units/centro/tickets", ISSUE, key=key)
            assert answer.status in (200, 201), answer
            told[key] = answer.body["ticket"]["id"]
        assert len(set(told.values())) == 120
        wait_until(lambda: set(panel.seqs()) == set(range(1, 121)), 10, "every event came")
        assert panel.seqs() == sorted(panel.seqs())
        assert broken_promises(engine) == []
    engine.dispose()
