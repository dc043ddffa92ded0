"""The staff's orders, two agents on one token, and pairing: who may print, and when."""

import stat
import threading

import pytest
from click.testing import CliRunner

from printer.cli import printer as command
from printer.client import Client, Refused
from printer.orders import Orders
from printer.spool import Spool
from printer.wake import Wake


def test_paused_agent_prints_nothing_and_says_so(server, virtual, make_agent, wait):
    agent = make_agent(("t1", virtual.address))
    station = agent.stations[0]
    wait(lambda: server.beats and server.beats[-1]["printer"] == "ready")
    station.orders.obey({"paused": True, "roll": None})  # as the bell tells it
    wait(lambda: (server.beats[-1]["printer"], server.beats[-1]["cause"]) == ("blocked", "paused"), 2)
    server.orders = {"paused": True, "roll": None}
    job = server.add()
    station.step()
    assert (server.state(job), virtual.machine.count) == ("queued", 0)
    server.orders = {"paused": False, "roll": None}
    wait(lambda: server.state(job) == "printed")
    wait(lambda: server.beats[-1]["printer"] == "ready", 2)


def test_pause_gives_back_a_ticket_that_waits_for_paper(server, virtual, make_agent, wait):
    virtual.machine.set_faults({"paper_out": True})
    agent = make_agent(("t1", virtual.address))
    job = server.add()
    wait(lambda: server.state(job) == "blocked")
    server.orders = {"paused": True, "roll": None}
    agent.stations[0].orders.obey(server.orders)
    wait(lambda: server.state(job) == "queued")
    virtual.machine.set_faults({"reset": True})
    server.orders = {"paused": False, "roll": None}
    wait(lambda: server.state(job) == "printed")
    assert virtual.machine.count == 1


def test_orders_are_remembered_and_nonsense_is_ignored(tmp_path):
    spool = Spool(tmp_path / "spool.sqlite3")
    spool.add_millimetres("tcp://p", 900)
    orders = Orders(spool, "s", "tcp://p")
    assert orders.obey({"paused": True, "roll": "2026-11-23T09:00:00-03:00"})
    assert spool.roll_millimetres("tcp://p") == 0
    spool.add_millimetres("tcp://p", 120)
    # The same order again, as each claim tells it, counts nothing anew.
    assert not orders.obey({"paused": True, "roll": "2026-11-23T09:00:00-03:00"})
    for nonsense in (None, [], "x", {"paused": "no", "roll": 7}, {}):
        assert not orders.obey(nonsense)
    assert spool.roll_millimetres("tcp://p") == 120
    assert Orders(spool, "s", "tcp://p").paused
    spool.close()


def test_orders_come_over_the_bell(wait):
    heard = []
    wake = Wake("http://127.0.0.1:9", "secret", lambda: None, heard.append)
    wake._hear(None, '42/live,["orders",{"paused":true,"roll":null}]')
    wake._hear(None, '42/live,["print_job",{"id":"j"}]')
    assert heard == [{"paused": True, "roll": None}]


def test_two_agents_on_one_token_print_each_ticket_once(server, virtual, make_agent, wait):
    """The first is held up for longer than its lease between claim and first byte; the second prints meanwhile."""
    first = make_agent(("t1", virtual.address), data="one")
    station = first.stations[0]
    held, go = threading.Event(), threading.Event()
    holds = station._lease_holds

    def slow(job):
        held.set()
        go.wait(10)
        return holds(job)

    station._lease_holds = slow
    server.lease_seconds = 0.5
    job = server.add()
    assert held.wait(5)
    second = make_agent(("t1", virtual.address), data="two")
    second.stations[0].device.look()
    wait(lambda: server.state(job) == "printed")
    go.set()
    wait(lambda: not station.busy)
    assert server.state(job) == "printed"
    assert virtual.machine.count == 1


def test_an_older_lease_is_refused_before_the_first_byte(server):
    job = server.add()
    client = Client(server.url, "t1")
    server.lease_seconds = 0.0
    first = client.claim(0)
    second = client.claim(0)
    assert (first["id"], first["lease"], second["lease"]) == (job, 1, 2)
    with pytest.raises(Refused, match="lease_lost"):
        client.report(job, "sending", lease=1)
    client.report(job, "sending", lease=2)


def pair(server, code, path):
    arguments = ["pair", code, "--server", server, "--token-file", str(path)]
    return CliRunner().invoke(command, arguments)


def test_a_code_becomes_a_token_that_only_its_owner_reads(server, tmp_path):
    server.codes = {"ABCD2345": "printer", "PANEL234": "panel"}
    path = tmp_path / "new" / "token"
    done = pair(server.url, "ABCD2345", path)
    assert done.exit_code == 0, done.output
    assert "Pareada: Impressora" in done.output
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.read_text() == "token-of-ABCD2345\n"
    assert path.read_text().strip() not in done.output


@pytest.mark.parametrize(
    "code, words",
    [("WRONG234", "unknown_pairing_code"), ("PANEL234", "outro tipo de aparelho (panel)")],
)
def test_no_pairing_leaves_no_file_and_keeps_the_old_one(server, tmp_path, code, words):
    server.codes = {"ABCD2345": "printer", "PANEL234": "panel"}
    path = tmp_path / "token"
    path.write_text("old")
    done = pair(server.url, code, path)
    assert done.exit_code == 1
    assert words in done.output
    assert path.read_text() == "old"
    assert [one.name for one in tmp_path.iterdir()] == ["token"]


def test_pairing_says_what_is_wrong_with_server_and_path(tmp_path):
    assert "não respondeu" in pair("http://127.0.0.1:9", "ABCD2345", tmp_path / "t").output
    assert "endereço do servidor inválido" in pair("vez", "ABCD2345", tmp_path / "t").output
    (tmp_path / "file").touch()
    assert (
        "não foi possível escrever" in pair("http://127.0.0.1:9", "ABCD2345", tmp_path / "file" / "t").output
    )
