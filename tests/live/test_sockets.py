"""Sockets as screens open them: joining, order, gaps, audiences, refusals. Each test leaves its unit as it found it."""

from __future__ import annotations

import socket
import threading
from collections import Counter
from urllib.parse import urlsplit

import pytest
import socketio
from races import at_once
from serving import Client, Screen, Served, process_of
from waiting import wait_until
from websocket import ABNF

from server.domain.board import apply_event

TICKETS = "/units/{}/tickets"
ISSUE = {"service": "iptu-segunda-via"}
STAFF_ONLY = {
    "tier",
    "reason",
    "attendant",
    "attendant_name",
    "by",
    "note",
    "arrival_at",
    "language",
    "print_job",
    "idle_seconds",
    "seconds_before",
}


def issue(kiosk: Client, unit: str = "centro", **more: str) -> dict:
    """A citizen touches a service."""
    answer = kiosk("POST", TICKETS.format(unit), ISSUE | more)
    assert answer.status == 201, answer
    return dict(answer.body["ticket"])


def panel_of(served: Served, open_screen, unit: str = "centro") -> tuple[Screen, dict]:
    """A joined panel and its snapshot."""
    screen = open_screen(served, served.seeded.token("panel", unit))
    return screen, screen.join(unit)["snapshot"]


def test_a_snapshot_and_then_every_event_in_order(served, open_screen):
    """What the panel shows after 30 events is what the server's rows say."""
    screen, board = panel_of(served, open_screen)
    kiosk = served.device("kiosk")
    for _ in range(30):
        issue(kiosk)
    wait_until(lambda: len(screen.events) >= 30, 10, "30 events")
    seqs = screen.seqs()
    assert sorted(set(seqs)) == list(range(board["seq"] + 1, board["seq"] + 31))
    assert seqs == sorted(seqs)
    for event in screen.events:
        board = apply_event(board, event)
    assert board == served.device("panel")("GET", "/units/centro/board").body


def test_catching_up_after_a_cut(served, open_screen):
    """The cable is pulled, three tickets come, the screen asks for what it missed: each once, in order."""
    screen, board = panel_of(served, open_screen)
    kiosk = served.device("kiosk")
    issue(kiosk)
    wait_until(lambda: screen.events, 5, "the first event")
    screen.cut()
    assert screen.lost.wait(10)
    for _ in range(3):
        issue(kiosk)
    again = open_screen(served, served.seeded.token("panel"))
    answer = again.join("centro", board["seq"] + 1)
    assert [event["seq"] for event in answer["events"]] == [board["seq"] + n for n in (2, 3, 4)]
    assert answer["seq"] == board["seq"] + 4
    assert again.join("centro", answer["seq"])["events"] == []


def test_too_far_behind_or_ahead_takes_the_snapshot(served, open_screen):
    """A journal restored from an older backup is noticed by the screens themselves."""
    screen, board = panel_of(served, open_screen)
    for after in (board["seq"] + 1, board["seq"] + 1000, 2**70):
        assert screen.join("centro", after)["snapshot"] == board
    panel = served.device("panel")
    over_http = panel("GET", f"/units/centro/events?after={board['seq'] + 1000}").body
    assert over_http == {"snapshot": board, "seq": board["seq"]}
    assert panel("GET", f"/units/centro/events?after={board['seq']}").body["events"] == []


def test_a_socket_tells_the_same_as_http(served, open_screen):
    """Event by event, for each audience."""
    screen, board = panel_of(served, open_screen)
    ana = served.staff("ana.martins")
    desk = open_screen(served, cookie=ana.headers["Cookie"])
    desk.join("centro", board["seq"])
    issue(served.device("kiosk"), tier="priority")
    wait_until(lambda: screen.events and desk.events, 5, "both were told")
    after = f"/units/centro/events?after={board['seq']}"
    assert served.device("panel")("GET", after).body["events"] == screen.events[:1]
    assert ana("GET", after).body["events"] == desk.events[:1]


def test_audiences_are_apart(served, open_screen):
    """A whole service, seen from the hall and from the desk: no name, tier, note or reason reaches a public socket."""
    hall, board = panel_of(served, open_screen)
    totem = open_screen(served, served.seeded.token("kiosk"))
    totem.join("centro")
    ana = served.staff("ana.martins")
    desk = open_screen(served, cookie=ana.headers["Cookie"])
    assert desk.join("centro", board["seq"])["events"] == []
    counter = "/units/centro/counters/centro-9"
    try:
        ticket = issue(served.device("kiosk"), tier="priority")["id"]
        assert ana("POST", f"{counter}/open").status == 200
        called = ana("POST", f"{counter}/call", {"ticket": ticket, "reason": "dona Maria, de muletas"})
        assert called.status == 200
        assert ana("POST", f"/tickets/{ticket}/hold", {"reason": "formulário da Maria"}).status == 200
        assert ana("POST", f"/tickets/{ticket}/cancel", {"reason": "Maria desistiu"}).status == 200
    finally:
        ana("POST", f"{counter}/close")
    for screen in (hall, totem, desk):
        wait_until(lambda at=screen: len(at.events) >= 6, 5, "six events")
    for screen in (hall, totem):
        text = str(screen.events)
        assert "Maria" not in text
        assert "Ana" not in text
        assert not {key for event in screen.events for key in event["data"]} & STAFF_ONLY
        assert screen.seqs() == desk.seqs()
    seen = {key for event in desk.events for key in event["data"]}
    assert {"tier", "reason", "attendant", "by", "attendant_name", "idle_seconds", "seconds_before"} <= seen
    assert "Maria" in str(desk.events)


def test_units_are_apart(served, open_screen):
    """Lagoa hears nothing of Centro."""
    centro, _ = panel_of(served, open_screen)
    lagoa, _ = panel_of(served, open_screen, "lagoa")
    issue(served.device("kiosk"))
    issue(served.device("kiosk", "lagoa"), "lagoa")
    wait_until(lambda: centro.events and lagoa.events, 5, "one event each")
    assert {event["unit"] for event in centro.events} == {"centro"}
    assert {event["unit"] for event in lagoa.events} == {"lagoa"}


def test_a_printer_gets_hints_and_nothing_else(served, open_screen):
    """The agent is told to claim, in the moment the ticket is committed; it sees no queue."""
    agent = open_screen(served, served.seeded.token("printer"))
    ack = agent.join("centro")
    assert set(ack) == {"seq"}
    made = served.device("kiosk")("POST", TICKETS.format("centro"), ISSUE).body
    wait_until(lambda: agent.hints, 5, "a hint")
    assert agent.hints == [{"id": made["print_job"]["id"]}]
    assert agent.events == []


@pytest.mark.parametrize("token", ["", "nonsense", "x" * 5000, "\ud800"])
def test_strangers_are_refused(served, open_screen, token):
    """No token, a wrong one, an endless one: not connected, no reason to log an accident."""
    with pytest.raises(socketio.exceptions.ConnectionError):
        open_screen(served, token)


@pytest.mark.parametrize("cookie", ["vez_session=", "vez_session=nonsense", "other=1"])
def test_old_cookies_are_refused(served, open_screen, cookie):
    """An ended session gets no socket."""
    with pytest.raises(socketio.exceptions.ConnectionError):
        open_screen(served, cookie=cookie)


@pytest.mark.parametrize(
    "message",
    [
        None,
        "centro",
        [],
        {},
        {"unit": 5, "after": None},
        {"unit": "", "after": 0},
        {"unit": "x" * 81},
        {"unit": "centro", "after": -1},
        {"unit": "centro", "after": "3"},
        {"unit": "centro", "after": True},
        {"unit": "centro", "after": 1.5},
        {"unit": "cen\0tro"},
        {"unit": "centro", "surprise": 1},
    ],
    ids=repr,
)
def test_a_join_that_makes_no_sense(served, open_screen, message):
    """The ack is the one error shape, and the socket lives on."""
    screen = open_screen(served, served.seeded.token("panel"))
    answer = screen.say("join", message)
    assert answer["error"]["code"] == "invalid_fields", answer
    assert answer["error"]["message"]
    assert "snapshot" in screen.join("centro")
    assert screen.say("join", ("centro", "lagoa"))["error"]["code"] == "invalid_fields"


def test_a_join_elsewhere(served, open_screen):
    """Another unit is out of reach; an unknown one is unknown to those who could reach it."""
    screen = open_screen(served, served.seeded.token("panel"))
    assert screen.join("lagoa")["error"]["code"] == "wrong_unit"
    admin = served.staff("admin")
    desk = open_screen(served, cookie=admin.headers["Cookie"])
    assert desk.join("atlantida")["error"]["code"] == "unknown_unit"
    assert "snapshot" in desk.join("lagoa")
    issue(served.device("kiosk"))
    issue(served.device("kiosk", "lagoa"), "lagoa")
    wait_until(lambda: desk.events, 5, "the admin hears of Lagoa")
    assert screen.events == []
    assert {event["unit"] for event in desk.events} == {"lagoa"}


def test_a_revoked_device_is_cut_off(served, open_screen):
    """Its open socket ends as well, not only its next request."""
    leader = served.staff("supervisao.rio-tavares")
    token = served.seeded.token("panel", "rio-tavares")
    screen = open_screen(served, token)
    screen.join("rio-tavares")
    device = served.seeded.devices["rio-tavares", "panel"].id
    assert leader("POST", f"/units/rio-tavares/devices/{device}/revoke").status == 200
    assert screen.lost.wait(5), "a revoked panel still listens"

    def is_shut_out() -> bool:
        try:
            again = open_screen(served, token)
        except socketio.exceptions.ConnectionError:
            return True
        # The other worker has not read of it yet: then it hangs up as soon as it has.
        assert again.lost.wait(3), "a revoked panel came back in"
        return False

    wait_until(is_shut_out, 10, "the token opens no socket any more")


def test_many_come_and_go(served, open_screen):
    """Forty sockets, left politely or cut off: no trace of an accident in the log, and no process ends."""
    for turn in range(20):
        screen, _ = panel_of(served, open_screen)
        screen.cut() if turn % 2 else screen.close()
    assert served.device("panel")("GET", "/units/centro/board").status == 200
    wait_until(lambda: served.process.poll() is None, 1)
    log = served.log()
    assert "Traceback" not in log, log[-3000:]
    assert "Bad file descriptor" not in log


def test_an_event_reaches_the_sockets_of_every_worker(served, open_screen):
    """Whichever process committed. (With one worker it is plain that it does; the two are told apart by their pids.)"""
    workers: dict[int, list[Screen]] = {}
    wanted = 2 if "VEZ_WORKERS" in served.settings else 1

    def both() -> bool:
        screen, _ = panel_of(served, open_screen)
        workers.setdefault(process_of(screen.local_port(), served.process.pid) or 0, []).append(screen)
        return len(workers) >= wanted

    wait_until(both, 20, f"sockets at {wanted} workers")
    issue(served.device("kiosk"))
    for group in workers.values():
        for screen in group:
            wait_until(lambda at=screen: at.events, 5, "the event")
    assert 0 not in workers


def test_who_talks_without_a_pause_stops_nobody(served, open_screen):
    """One screen sends five thousand messages at once; a citizen at a kiosk is served while they are being read."""
    screen = open_screen(served, served.seeded.token("panel"))
    screen.join("centro")
    kiosk = served.client()
    assert kiosk("GET", "//healthz").status == 200
    many = 5000
    text = ABNF.create_frame('42/live,["nothing",{}]', ABNF.OPCODE_TEXT).format() * many
    # The last one is a join, whose ack tells that all before it have been read.
    sender = threading.Thread(target=screen.send_raw, args=(text,))
    sender.start()
    answers = 0
    heard = threading.Thread(target=lambda: (sender.join(), screen.join("centro")))
    heard.start()
    while heard.is_alive():
        assert kiosk("GET", "//healthz").status == 200
        answers += 1
    heard.join()
    assert answers > 20, f"{answers} answers while {many} messages were read"


def whose(served: Served, count: int) -> Counter[int | None]:
    """Open so many connections at once, ask one thing on each; how many each worker has taken."""
    address = urlsplit(served.base_url)
    lines = [socket.socket() for _ in range(count)]
    at_once(*(lambda line=line: line.connect((address.hostname, address.port)) for line in lines))
    for line in lines:
        line.settimeout(20)
        line.sendall(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
    for line in lines:
        assert line.recv(100).startswith(b"HTTP/1.1 200")
    share = Counter(process_of(line.getsockname()[1], served.process.pid) for line in lines)
    for line in lines:
        line.close()
    return share


def test_connections_are_shared_among_the_workers(served):
    """Forty screens come at once, as after a power cut: no worker takes them all while the others look on."""
    workers = 2 if "VEZ_WORKERS" in served.settings else 1
    wait_until(lambda: len(whose(served, 8)) == workers, 20, "every worker has begun")
    share = whose(served, 40)
    assert len(share) == workers
    assert min(share.values()) >= 40 / workers / 3, share
