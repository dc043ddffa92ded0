"""From a call on a running server to a push service on a TLS socket: embedded in each async mode, and two workers."""

from __future__ import annotations

import secrets
import socket

import pytest
from city import NO_WAITING, set_rules
from push_service import Telephone, push_service
from serving import serving
from sqlalchemy import func, select
from waiting import wait_until

from server.store import tables
from server.store.unit_of_work import Store

SHARED = (pytest.mark.postgres, pytest.mark.redis)
HOUSES = [
    pytest.param(("sqlite", "eventlet"), id="sqlite-eventlet"),
    pytest.param(("sqlite", "gevent"), id="sqlite-gevent"),
    pytest.param(("sqlite", "threading"), id="sqlite-threading"),
    pytest.param(("postgresql", "eventlet"), id="two-workers-eventlet", marks=SHARED),
    pytest.param(("postgresql", "gevent"), id="two-workers-gevent", marks=SHARED),
]


class Hall:
    """A running server on https (behind a proxy that is not there), its push service, and one that never answers."""

    def __init__(self, served, service, deaf):
        self.served, self.service, self.deaf = served, service, deaf
        self.kiosk = served.device("kiosk")
        self.staff = {"centro-1": served.staff("ana.martins"), "centro-2": served.staff("bruno.silveira")}
        for counter, person in self.staff.items():
            assert person("POST", f"/units/centro/counters/{counter}/open").status == 200

    def issue(self):
        """A ticket."""
        body = {"service": "iptu-segunda-via", "tier": "normal", "language": "en"}
        answer = self.kiosk("POST", "/units/centro/tickets", body, key=secrets.token_hex(8))
        assert answer.status == 201
        return answer.body["ticket"]

    def tell(self, ticket, endpoint) -> Telephone:
        """A telephone of this ticket."""
        mine = Telephone()
        path = f"/tickets/follow/{ticket['follow_url'].rpartition('/')[2]}/push"
        assert self.served.client()("POST", path, mine.subscription(endpoint)).status == 204
        return mine

    def call(self, counter, ticket):
        """Out of order, so that a test knows whom."""
        body = {"ticket": ticket["id"], "reason": "teste"}
        path = f"/units/centro/counters/{counter}/call"
        assert self.staff[counter]("POST", path, body, key=secrets.token_hex(8)).status == 200

    def act(self, counter, ticket, action):
        """Recall or finish."""
        answer = self.staff[counter](
            "POST", f"/tickets/{ticket['id']}/{action}", {}, key=secrets.token_hex(8)
        )
        assert answer.status == 200, answer

    def letters(self, name) -> list[bytes]:
        """What came for this address."""
        return [body for path, _, body in self.service.got if path == f"/send/{name}"]

    def kept(self, ticket) -> int:
        """How many telephones of this ticket are known."""
        store = Store(self.served.database_url)
        try:
            with store.read() as connection:
                query = select(func.count()).where(tables.push.c.ticket == ticket["id"])
                return connection.execute(query).scalar_one()
        finally:
            store.dispose()


@pytest.fixture(scope="module", params=HOUSES)
def hall(request, vez, new_open_city, tmp_path_factory):
    """A running server of each kind."""
    engine, mode = request.param
    url, seeded = new_open_city(engine)
    store = Store(url)
    set_rules(store, "centro", NO_WAITING)
    store.dispose()
    folder = tmp_path_factory.mktemp("push")
    more = {}
    if engine == "postgresql":
        more = {"workers": 2, "redis_url": request.getfixturevalue("redis_url")}
    with (
        pytest.MonkeyPatch.context() as patch,
        push_service(folder) as service,
        socket.create_server(("127.0.0.1", 0)) as deaf,
    ):
        patch.setenv("SSL_CERT_FILE", str(folder / "push.pem"))
        port = deaf.getsockname()[1]
        more |= {
            "public_url": "https://vez.example",
            "push_hosts": f"{service.address} localhost:{port}",
            "async_": mode,
        }
        with serving(vez, folder, url, seeded, **more) as served:
            yield Hall(served, service, deaf)
            log = served.log()
            assert "Traceback" not in log, log[-4000:]
            assert " ERROR " not in log, log[-4000:]
            assert not [secret for secret in ("/send/", "p256dh", "/t/") if secret in log], log[-4000:]


def test_each_call_is_told_once_and_only_the_telephone_reads_it(hall):
    """Two calls, two letters: also where two processes look."""
    ticket = hall.issue()
    mine = hall.tell(ticket, hall.service.endpoint("once"))
    hall.call("centro-1", ticket)
    wait_until(lambda: hall.letters("once"), 10, "the letter of the call")
    hall.act("centro-1", ticket, "recall")
    wait_until(lambda: len(hall.letters("once")) > 1, 10, "the letter of the second call")
    # The next one is on its way after any third letter to this telephone would have been.
    other = hall.issue()
    hall.tell(other, hall.service.endpoint("after"))
    hall.call("centro-2", other)
    wait_until(lambda: hall.letters("after"), 10, "another telephone's letter")
    said = [mine.read(body)["body"] for body in hall.letters("once")]
    assert said == ["Please go to: Counter 1.", "Please go to: Counter 1. Call number 2."]
    for counter, one in (("centro-1", ticket), ("centro-2", other)):
        hall.act(counter, one, "finish")


def still_waits(line) -> bool:
    """Whether the other end has not hung up, whatever it has said so far."""
    line.setblocking(False)
    try:
        while line.recv(4096):
            pass
    except BlockingIOError:
        return True
    return False


def test_a_push_service_that_does_not_answer_delays_nobody(hall):
    """It takes the connection and says nothing: other letters, commands and calls go on while it is waited for."""
    slow, quick = hall.issue(), hall.issue()
    hall.tell(slow, f"https://localhost:{hall.deaf.getsockname()[1]}/x")
    mine = hall.tell(quick, hall.service.endpoint("quick"))
    hall.call("centro-1", slow)
    hall.deaf.settimeout(10)
    line, _ = hall.deaf.accept()
    with line:
        line.settimeout(10)
        assert line.recv(1) == b"\x16", "a TLS handshake has begun"
        for _ in range(20):
            hall.issue()
        hall.call("centro-2", quick)
        wait_until(lambda: hall.letters("quick"), 10, "the other telephone's letter")
        assert mine.read(hall.letters("quick")[0])["title"].endswith("it is your turn!")
        assert still_waits(line), "all this happened while it was waited for"
    for counter, one in (("centro-1", slow), ("centro-2", quick)):
        hall.act(counter, one, "finish")


def test_a_busy_service_is_asked_again_and_a_telephone_that_is_gone_is_forgotten(hall):
    """503, then 410."""
    ticket = hall.issue()
    hall.tell(ticket, hall.service.endpoint("moved"))
    assert hall.kept(ticket) == 1
    hall.service.answers = [503, 410]
    hall.call("centro-1", ticket)
    wait_until(lambda: hall.kept(ticket) == 0, 20, "the telephone is forgotten")
    assert len(hall.letters("moved")) == 2
    hall.service.answers = [201]
    hall.act("centro-1", ticket, "finish")


@pytest.mark.parametrize("hall", HOUSES[:1], indirect=True)
def test_the_address_is_deleted_soon_after_the_end(hall):
    """By the ticker, with nobody's help."""
    ticket = hall.issue()
    hall.tell(ticket, hall.service.endpoint("ended"))
    hall.call("centro-1", ticket)
    wait_until(lambda: hall.letters("ended"), 10, "the letter")
    hall.act("centro-1", ticket, "finish")
    wait_until(lambda: hall.kept(ticket) == 0, 40, "the telephone is forgotten")
