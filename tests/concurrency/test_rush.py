"""The rush: eight kiosks issue a thousand tickets while eight counters call them, over real HTTP."""

from __future__ import annotations

import threading
from collections import Counter

from races import crowd
from rows import broken_promises
from serving import Client, Served

from server.store.engine import open_engine

TICKETS = 1000
KIOSKS = COUNTERS = 8
ATTENDANTS = (
    "ana.martins", "bruno.silveira", "carla.nogueira", "diego.ferreira",
    "eduarda.lopes", "felipe.cardoso", "gabriela.pires", "henrique.duarte",
)  # fmt: skip
SERVICES = ("iptu-segunda-via", "itbi", "certidao-negativa", "alvara-construcao")


class Rush:
    """Everybody's part in it, and what each of them saw."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.closed = threading.Event()
        self.waiting = threading.Semaphore(
            0
        )  # one for each citizen in the hall: nobody presses for an empty queue
        self.issued: list[list[tuple[str, str]]] = [[] for _ in range(KIOSKS)]
        self.called: list[list[str]] = [[] for _ in range(COUNTERS)]

    def act(self, n: int) -> None:
        """Kiosks come first in the numbering, counters after them."""
        try:
            self.kiosk(n) if n < KIOSKS else self.counter(n - KIOSKS)
        except BaseException:
            self.closed.set()  # let the others end as well
            raise

    def kiosk(self, n: int) -> None:
        """An eighth of the tickets; the last kiosk to end closes the doors."""
        client = self.served.device("kiosk")
        for turn in range(TICKETS // KIOSKS):
            tier = ("normal", "normal", "priority", "eighty_plus")[turn % 4]
            body = {"service": SERVICES[(n + turn) % len(SERVICES)], "tier": tier}
            answer = client("POST", "/units/centro/tickets", body, key=f"{n}-{turn}")
            assert answer.status == 201, answer
            self.waiting.release()
            self.issued[n].append((answer.body["ticket"]["id"], answer.body["ticket"]["label"]))
        if sum(map(len, self.issued)) == TICKETS:
            self.closed.set()

    def counter(self, n: int) -> None:
        """Call and finish until the doors are closed and nobody waits."""
        client = self.served.staff(ATTENDANTS[n])
        desk = f"/units/centro/counters/centro-{n + 1}"
        assert client("POST", f"{desk}/open").status == 200
        while True:
            if self.waiting.acquire(timeout=0.2):
                self.serve(n, client, desk)
            elif self.closed.is_set():
                return

    def serve(self, n: int, client: Client, desk: str) -> None:
        """Somebody is in the hall: the call must bring a citizen."""
        answer = client("POST", f"{desk}/call-next", key=f"{n}-{len(self.called[n])}")
        assert answer.status == 200, answer
        assert answer.body["ticket"] is not None, "somebody waits, and nobody was called"
        ticket = answer.body["ticket"]["id"]
        self.called[n].append(ticket)
        finished = client("POST", f"/tickets/{ticket}/finish")
        assert finished.status == 200, finished


def test_a_thousand_tickets_eight_kiosks_eight_counters(served: Served):
    """0 labels twice, 0 tickets called twice, 0 lost; the journal has every number; every row keeps its promise."""
    rush = Rush(served)
    crowd(rush.act, KIOSKS + COUNTERS, seconds=240)
    tickets = [ticket for some in rush.issued for ticket, _ in some]
    labels = {label for some in rush.issued for _, label in some}
    calls = [ticket for some in rush.called for ticket in some]
    assert len(set(tickets)) == TICKETS
    assert len(labels) == TICKETS
    assert Counter(calls) == Counter(tickets)
    assert sum(1 for some in rush.called if some) > 1, "one counter did it all: that was no race"
    engine = open_engine(served.database_url)
    assert broken_promises(engine) == []
    engine.dispose()
