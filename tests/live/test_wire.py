"""HTTP as it really arrives: big bodies, chunks, half requests, static files; in every async mode."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from serving import Served
from waiting import wait_until

GOOD = json.dumps({"service": "iptu-segunda-via"}).encode()
PATH = "/api/v1/units/centro/tickets"


@pytest.fixture
def line(served: Served) -> Iterator[http.client.HTTPConnection]:
    """One connection."""
    address = urlsplit(served.base_url)
    made = http.client.HTTPConnection(address.hostname or "", address.port, timeout=10)
    yield made
    made.close()


@pytest.fixture
def headers(served: Served) -> dict[str, str]:
    """As a kiosk sends them."""
    return {"Authorization": f"Bearer {served.seeded.token('kiosk')}", "Content-Type": "application/json"}


def ask(
    line: http.client.HTTPConnection, body: object, headers: dict[str, str], **more: bool
) -> tuple[int, dict]:
    """Status and body of one POST; a server may hang up on a body that it will not read."""
    with contextlib.suppress(
        BrokenPipeError, ConnectionResetError
    ):  # the answer may come before the body's end
        line.request("POST", PATH, body, headers, **more)
    answer = line.getresponse()
    raw = answer.read()
    return answer.status, json.loads(raw)


def test_a_big_body_and_then_a_good_one(line, headers):
    """413, and what was left of it is never taken for the next request."""
    smuggled = b"x" * 70_000 + b"\r\n\r\nGET /api/v1/units HTTP/1.1\r\nHost: x\r\n\r\n"
    status, body = ask(line, smuggled, headers)
    assert (status, body["error"]["code"]) == (413, "body_too_large")
    line.close()
    status, body = ask(line, GOOD, headers)
    assert (status, body["ticket"]["state"]) == (201, "waiting")
    status, body = ask(line, GOOD, headers)
    assert status == 201


def test_a_big_body_in_chunks(line, headers):
    """Without Content-Length the limit holds as well."""
    chunks = (b"x" * 1000 for _ in range(70))
    status, body = ask(line, chunks, headers, encode_chunked=True)
    assert (status, body["error"]["code"]) == (413, "body_too_large")


def test_a_good_body_in_chunks(line, headers):
    """As some proxies send them."""
    status, body = ask(line, iter([GOOD[:5], GOOD[5:]]), headers, encode_chunked=True)
    assert (status, body["ticket"]["state"]) == (201, "waiting")


@pytest.mark.parametrize(
    "raw", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET\r\n\r\n", b"GET / HTTP/1.1\r\nHost", b""]
)
def test_what_is_no_http(served, raw):
    """TLS on a plain port, half a request, silence: the server lives on, and logs no accident (see conftest)."""
    address = urlsplit(served.base_url)
    with socket.create_connection((address.hostname, address.port), 10) as wire:
        wire.sendall(raw)
        wire.shutdown(socket.SHUT_WR)
        wire.settimeout(10)
        while wire.recv(4096):
            pass
    assert served.client()("GET", "//healthz").status == 200


@pytest.mark.parametrize("path", ["/static/shared/icon.svg", "/panel/static/main.js", "/counter", "/readyz"])
def test_files_and_pages_arrive_whole(served, path):
    """Every byte that Content-Length promises."""
    answer = served.client()("GET", f"/{path}")
    assert answer.status == 200
    if not isinstance(answer.body, dict):
        assert len(answer.body) > 200
        assert len(answer.body) == int(answer.headers["content-length"])


def test_who_asks_without_a_pause_keeps_nobody_waiting(served):
    """One connection sends three thousand requests at once, another asks between them: they take turns."""
    address = urlsplit(served.base_url)
    many, request = 3000, b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    polite = served.client()
    assert polite("GET", "//healthz").status == 200
    with socket.create_connection((address.hostname, address.port), 30) as greedy:
        got = bytearray()

        def read() -> None:
            while chunk := greedy.recv(1 << 20):
                got.extend(chunk)

        def answers() -> int:
            return got.count(b"HTTP/1.1 200 OK")

        reader = threading.Thread(target=read)
        sender = threading.Thread(target=greedy.sendall, args=(request * many,))
        reader.start()
        sender.start()
        wait_until(lambda: answers() > 0, 10, "the greedy one is being served")
        for _ in range(5):
            assert polite("GET", "//healthz").status == 200
        before = answers()
        wait_until(lambda: answers() == many, 60, "the greedy one got all its answers too")
        sender.join()
        greedy.shutdown(socket.SHUT_RDWR)
        reader.join()
    assert before < many, "nobody else was served before the greedy one was done"


def test_every_worker_tells_the_figures_of_all(served):
    """Whichever of them Prometheus happens to ask: no figure jumps, and none is a share."""
    asked = 'vez_http_requests_total{method="GET",route="api.list_units",status="200"}'

    def figure() -> float:
        text = served.client()("GET", "//metrics").body.decode()
        return next((float(line.split()[-1]) for line in text.splitlines() if line.startswith(asked)), 0.0)

    before = figure()
    for _ in range(20):
        assert served.client()("GET", "/units").status == 200
    assert [figure() for _ in range(10)] == [before + 20] * 10
