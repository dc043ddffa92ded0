"""The bell on a real Socket.IO server, and the numbers for Prometheus."""

import re
import threading
from wsgiref.simple_server import WSGIServer

import pytest
import socketio
from werkzeug.serving import make_server

from printer import metrics
from printer.spool import Spool
from printer.wake import Wake


class Bell:
    """python-socketio's own server, so that the protocol is theirs and not our reading of it."""

    def __init__(self) -> None:
        self.io = socketio.Server(async_mode="threading", ping_interval=0.3, ping_timeout=3)
        self.seen: list[str] = []
        self.accept = True
        self.io.on("connect", self._connect, namespace="/live")
        self.io.on("disconnect", lambda *_: None, namespace="/live")
        self.http: WSGIServer | None = None
        self.port = 0

    def _connect(self, _sid, _environ, auth):
        self.seen.append((auth or {}).get("token"))
        if not self.accept:
            raise socketio.exceptions.ConnectionRefusedError("device_revoked")

    def start(self) -> None:
        self.http = make_server("127.0.0.1", self.port, socketio.WSGIApp(self.io), threaded=True)
        self.http.daemon_threads = True
        self.port = self.http.server_port
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.io.shutdown()
        self.http.shutdown()
        self.http.server_close()

    def ring(self, event="print_job") -> None:
        self.io.emit(event, {"id": "j1"}, namespace="/live")


@pytest.fixture
def bell():
    bell = Bell()
    bell.start()
    yield bell
    bell.stop()


@pytest.fixture
def wake(bell):
    rung = []
    wake = Wake(f"http://127.0.0.1:{bell.port}", "secret", lambda: rung.append(1))
    wake.start()
    yield wake, rung
    wake.stop()
    wake._thread.join(5)


def test_bell_rings_for_a_job_and_for_nothing_else(bell, wake, wait):
    wake, rung = wake
    wait(lambda: wake.connected)
    assert bell.seen == ["secret"]
    before = len(rung)
    bell.ring("event")
    bell.ring()
    wait(lambda: len(rung) == before + 1)


def test_bell_answers_pings(bell, wake, wait):
    """A client that did not answer would be cut off, and would be seen twice."""
    wake, _ = wake
    wait(lambda: wake.connected)
    heard = []
    hear = wake._hear
    wake._hear = lambda socket, message: (heard.append(message), hear(socket, message))
    wait(lambda: heard.count("2") >= 4)
    assert wake.connected
    assert bell.seen == ["secret"]


def test_refused_bell_keeps_trying_without_noise(bell, wait, caplog):
    bell.accept = False
    wake = Wake(f"http://127.0.0.1:{bell.port}", "revoked", lambda: None)
    wake.start()
    wait(lambda: len(bell.seen) >= 2)
    assert not wake.connected
    wake.stop()
    wake._thread.join(5)
    assert not [
        r for r in caplog.records if r.name.startswith("printer") and r.levelname in {"WARNING", "ERROR"}
    ]


def test_no_server_is_no_catastrophe(wait):
    rung = []
    wake = Wake("http://127.0.0.1:9", "secret", lambda: rung.append(1))
    wake.start()
    wait(lambda: rung)
    assert not wake.connected
    wake.stop()
    wake._thread.join(15)
    assert not wake._thread.is_alive()


def test_metrics_are_a_file_that_prometheus_reads(server, virtual, make_agent, wait, tmp_path):
    agent = make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "printed")
    metrics.write(tmp_path / "vez.prom", agent.devices.values(), agent.spool)
    text = (tmp_path / "vez.prom").read_text()
    assert re.search(r'^vez_printer_ready\{printer="tcp://127.0.0.1:\d+"\} 1$', text, re.MULTILINE)
    assert re.search(r'^vez_printer_roll_millimetres\{printer="[^"]+"\} 1\d\d$', text, re.MULTILINE)
    assert 'vez_print_jobs{state="printed"} 1' in text
    assert 'vez_print_confirm_seconds{quantile="0.95"}' in text
    for line in text.splitlines():
        assert line.startswith("#") or re.fullmatch(r'[a-z_]+(\{[a-z]+="[^"]*"\})? [0-9.]+', line)
    assert [path.name for path in tmp_path.glob("vez*")] == ["vez.prom"]


def test_metrics_that_cannot_be_written_stop_nothing(tmp_path):
    spool = Spool(tmp_path / "spool.sqlite3")
    metrics.write(tmp_path / "nowhere" / "vez.prom", [], spool)
    spool.close()
