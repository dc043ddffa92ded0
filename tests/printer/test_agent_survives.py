"""Servers that restart, printers that vanish, clocks that lie, tokens that are revoked: the agent stays up."""

import socket
import time
from datetime import timedelta
from pathlib import Path

from printer.spool import Spool
from printer.station import Station


def test_fifty_queued_jobs_are_printed_in_order_after_a_restart(server, virtual, make_agent, wait, tmp_path):
    agent = make_agent(("t1", "tcp://127.0.0.1:9"), data="kept")
    agent.stop()
    server.stop()  # its last question still waits for an answer there, and would take one of the fifty
    server.start()
    jobs = [server.add(f"A{n:03}") for n in range(1, 51)]
    # What the agent had claimed when it went down, all of it still unsent.
    spool = Spool(tmp_path / "kept" / "spool.sqlite3")
    name = agent.stations[0].name
    for job_id in jobs:
        claimed = server.claim("t1", 0)
        assert claimed["id"] == job_id
        spool.take(name, job_id, claimed["key"], claimed["document"], time.time() + 60, claimed["lease"])
    spool.close()
    make_agent(("t1", virtual.address), data="kept")
    wait(lambda: all(server.state(job) == "printed" for job in jobs), 30)
    assert virtual.labels() == [f"A{n:03}" for n in range(1, 51)]


def test_old_ticket_expires_and_is_not_printed(server, virtual, make_agent, wait):
    job = server.add(life=-1)
    make_agent(("t1", virtual.address))
    wait(lambda: server.state(job) == "expired")
    assert server.jobs[job]["cause"] == "too_old"
    assert virtual.machine.count == 0


def test_ticket_grows_too_old_while_the_printer_is_blocked(server, virtual, make_agent, wait):
    virtual.machine.set_faults({"cover_open": True})
    job = server.add(life=1.5)
    make_agent(("t1", virtual.address))
    wait(lambda: server.state(job) == "expired")
    virtual.machine.set_faults({"cover_open": False})
    last = server.add("A002")
    wait(lambda: server.state(last) == "printed")
    assert virtual.labels() == ["A002"]


def test_clock_a_day_off_neither_kills_nor_revives_tickets(server, virtual, make_agent, wait):
    server.clock_ahead = timedelta(days=-1)
    fresh, stale = server.add("A001", life=60), server.add("A002", life=-5)
    make_agent(("t1", virtual.address))
    wait(lambda: server.state(fresh) == "printed" and server.state(stale) == "expired")
    assert virtual.labels() == ["A001"]


def test_printer_is_switched_off_and_on_ten_times(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    for n in range(10):
        job = server.add(f"A{n:03}")
        wait(lambda job=job: server.state(job) == "printed")
        assert virtual.labels() == [f"A{n:03}"]
        virtual.off()
        virtual.on()


def test_server_restarts_and_the_agent_goes_on(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    for n in range(3):
        job = server.add(f"A{n:03}")
        wait(lambda job=job: server.state(job) == "printed", 20)
        server.stop()
        server.start()
    assert len(virtual.labels()) == 3


def test_server_lost_at_the_report_hears_it_later_and_nothing_is_printed_twice(
    server, virtual, make_agent, wait
):
    agent = make_agent(("t1", virtual.address))
    server.refuse = {"/report": (503, "unavailable")}
    job = server.add()
    wait(lambda: virtual.machine.count == 1)
    wait(lambda: agent.spool.counts().get("printed") == 1)
    server.refuse = {}
    wait(lambda: "printed" in server.states_told(job), 20)
    assert virtual.machine.count == 1


def test_lease_lost_before_the_first_byte_prints_nothing(server, virtual, make_agent, wait):
    agent = make_agent(("t1", virtual.address))
    server.refuse = {"/report": (409, "lease_lost")}
    server.add()
    wait(lambda: not agent.spool.counts() and server.claim("t1", 0) is None)
    wait(lambda: not agent.stations[0].busy)
    assert virtual.machine.count == 0


def test_key_that_ended_here_is_told_again_not_printed_again(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "printed")
    before = len(server.reports)
    with server.changed:
        server.jobs[job]["state"] = type(server.jobs[job]["state"]).QUEUED  # the server has lost its memory
    wait(lambda: server.states_told(job)[before:] == ["sending", "printed"])
    assert virtual.machine.count == 1


def test_revoked_token_is_one_line_and_the_other_station_prints_on(server, virtual, make_agent, wait, caplog):
    server.refuse = {"/claim": (401, "device_revoked")}
    agent = make_agent(("t1", virtual.address), ("t2", virtual.address))
    wait(lambda: all(station.refused for station in agent.stations))
    lines = [record.getMessage() for record in caplog.records if "device_revoked" in record.getMessage()]
    assert len(lines) == 2
    assert all("gere um novo token" in line and "\n" not in line for line in lines)
    assert all("t1" not in record.getMessage().replace("estação t1", "") for record in caplog.records)


def test_nonsense_from_the_server_does_not_stop_the_agent(server, virtual, make_agent, wait):
    bad = server.add("X" * 40)
    worse = server.add("A002", issued_at="ontem")
    good = server.add("A003")
    with server.changed:
        server.jobs[worse]["document"]["layout"] = {"parts": "all", "logo": 5}
    make_agent(("t1", virtual.address))
    wait(lambda: server.state(good) == "printed")
    assert server.jobs[bad]["state"] == server.jobs[worse]["state"] == "expired"
    assert server.jobs[bad]["cause"] == "rejected"
    assert virtual.labels() == ["A003"]


def test_an_address_that_is_no_printer_blocks_and_prints_nothing(server, make_agent, wait, stranger):
    make_agent(("t1", stranger(b"HTTP/1.1 400 Bad Request\r\n\r\n")))
    job = server.add()
    wait(lambda: server.state(job) == "blocked")
    assert server.jobs[job]["cause"] in {"no_answer", "offline"}


def test_agent_listens_to_nobody(server, virtual, make_agent, wait):
    """It dials out: no socket of this process listens but those of the fakes."""
    listening = _listening()
    make_agent(("t1", virtual.address))
    wait(lambda: server.beats)
    assert _listening() == listening


def _listening() -> set[str]:
    found = set()
    for name in ("tcp", "tcp6", "udp", "udp6"):
        rows = Path(f"/proc/self/net/{name}").read_text().splitlines()[1:]
        mine = {str(link.readlink()) for link in Path("/proc/self/fd").iterdir() if link.is_symlink()}
        for row in rows:
            fields = row.split()
            if fields[3] == "0A" and f"socket:[{fields[9]}]" in mine:
                found.add(f"{name} {fields[1]}")
    return found


def test_stopping_gives_back_what_was_not_sent(server, virtual, make_agent, wait):
    virtual.machine.set_faults({"paper_out": True})
    agent = make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "blocked")
    agent.stop()
    assert server.state(job) == "queued"


def test_drop_in_mid_ticket_is_unknown_and_not_tried_again(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    first = server.add("A001")
    wait(lambda: server.state(first) == "printed")
    virtual.machine.set_faults({"rst_after": 120})
    job = server.add("A002", message="x" * 390)
    wait(lambda: server.state(job) in {"unknown", "blocked", "printed"})
    last = server.add("A003")
    wait(lambda: server.state(last) == "printed", 20)
    assert virtual.labels().count("A002") <= 1


def test_printer_that_stops_reading_is_unknown_in_time(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    wait(lambda: any(beat["printer"] == "ready" for beat in server.beats))
    virtual.machine.set_faults({"stall": True})
    job = server.add()
    wait(lambda: server.state(job) in {"blocked", "unknown"}, 6)
    assert server.jobs[job]["cause"] == "no_answer"


def test_unexpected_error_is_logged_and_survived(server, virtual, make_agent, wait, monkeypatch, caplog):
    calls = []

    def stumble(self):
        calls.append(1)
        if len(calls) == 1:
            raise RuntimeError("boom")
        return original(self)

    original = Station.step
    monkeypatch.setattr(Station, "step", stumble)
    make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "printed")
    assert "erro inesperado" in caplog.text


def test_server_away_all_night_is_one_line(server, virtual, make_agent, wait, caplog):
    caplog.set_level("INFO", logger="printer.station")
    agent = make_agent(("t1", virtual.address))
    wait(lambda: server.beats)
    server.stop()
    station = agent.stations[0]
    wait(lambda: station._server_away)
    server.start()
    server.add()
    wait(lambda: not station._server_away, 20)
    lines = [record.getMessage() for record in caplog.records if record.name == "printer.station"]
    assert [("inacessível" in line, "de novo" in line) for line in lines] == [(True, False), (False, True)]


def test_systemd_hears_that_we_are_ready_alive_and_stopping(
    server, virtual, make_agent, wait, tmp_path, monkeypatch
):
    path = tmp_path / "notify"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind(str(path))
        systemd.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", str(path))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        agent = make_agent(("t1", virtual.address))
        assert {systemd.recv(100) for _ in range(4)} == {b"READY=1", b"WATCHDOG=1"}
        agent.stop()
        last = b""
        while last != b"STOPPING=1":
            last = systemd.recv(100)


def test_station_without_a_sign_of_life_starves_the_watchdog(virtual, make_agent):
    agent = make_agent(("t1", virtual.address))
    assert agent.alive()
    agent.stations[0].alive_at -= 1000
    assert not agent.alive()


def test_hostname_is_told_with_the_status(server, virtual, make_agent, wait):
    make_agent(("t1", virtual.address))
    wait(lambda: server.beats)
    assert server.beats[0]["host"] == socket.gethostname()[:60]
