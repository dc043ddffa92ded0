"""The virtual printer behaves like a real one: packet borders, buffers, speed, faults, and its web side."""

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from printer import dialects, render
from printer import document as doc
from printer.virtual.faults import BadFault, Faults
from printer.virtual.paper import Paper
from printer.virtual.parser import Parser
from printer.virtual.web import Web


def ticket_bytes(document, dialect="epson", width=576):
    return render.render(doc.parse(document), dialects.load(dialect), width).data


class Client:
    """A socket to a printer."""

    def __init__(self, printer):
        self.socket = socket.create_connection(("127.0.0.1", printer.port), timeout=5)

    def ask(self, data, size):
        self.socket.sendall(data)
        return self.hear(size)

    def hear(self, size):
        got = b""
        while len(got) < size:
            more = self.socket.recv(size - len(got))
            assert more, "the printer has gone"
            got += more
        return got

    def silent(self):
        self.socket.settimeout(0.3)
        try:
            return self.socket.recv(1) is None
        except TimeoutError:
            return True
        finally:
            self.socket.settimeout(5)


@pytest.fixture
def client():
    made = []

    def connect(printer):
        made.append(Client(printer))
        return made[-1]

    yield connect
    for one in made:
        one.socket.close()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 700), max_size=8))
def test_parsing_does_not_depend_on_packet_borders(cuts):
    data = ticket_bytes(
        {"label": "A042", "message": "Olá", "follow_url": "https://vez.example/t/x"}, "generic80"
    )
    whole = [(token.name, token.raw) for token in Parser().feed(data) if token.name]
    parser, pieces, at = Parser(), [], 0
    for cut in [*cuts, len(data)]:
        pieces += [(token.name, token.raw) for token in parser.feed(data[at : at + cut]) if token.name]
        at += cut
    pieces += [(token.name, token.raw) for token in parser.feed(data[at:]) if token.name]
    assert pieces == whole
    assert parser.pending == 0


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=400))
def test_no_garbage_makes_it_stumble(garbage):
    from printer.virtual import commands

    for dialect in ("epson", "bema", "daruma", "elgin"):
        paper = Paper(384)
        for token in Parser(dialect).feed(garbage):
            if token.name not in commands.CUTS[dialect]:
                commands.execute(paper, token, dialect)
        paper.take()


def test_answers(virtual, client):
    line = client(virtual)
    assert [line.ask(bytes((0x10, 4, n)), 1) for n in (1, 2, 3, 4)] == [b"\x12"] * 4
    assert line.ask(b"\x1dr\x01", 1) == b"\0"
    assert line.ask(b"\x1dI\x42", 5) == b"_Vez\0"
    assert line.ask(b"\x1dI\x43", 9) == b"_Virtual\0"
    assert line.ask(b"\x1d(H\x06\x00\x30\x30ab12", 7) == b"\x37\x22ab12\0"
    assert line.ask(b"\x1da\xff", 4) == b"\x10\0\0\0"
    virtual.machine.set_faults({"cover_open": True})
    assert line.hear(4) == b"\x38\0\0\0"


def test_sequential_answers_wait_for_the_paper(make_printer, client, document):
    slow = make_printer(speed=400.0)
    line = client(slow)
    started = time.monotonic()
    assert line.ask(ticket_bytes(document) + b"\x1dr\x01", 1) == b"\0"
    assert time.monotonic() - started > 0.2  # 130 mm at 400 mm/s
    assert slow.machine.count == 1


def test_paper_out_holds_the_rest_and_a_refill_goes_on(virtual, client, document, wait):
    line = client(virtual)
    virtual.machine.set_faults({"paper_out_after_mm": 40})
    line.socket.sendall(ticket_bytes(document) + b"\x1dr\x01")
    wait(lambda: virtual.machine.faults.paper_out)
    assert line.ask(b"\x10\x04\x04", 1) == b"\x7e"
    assert line.silent()
    virtual.machine.set_faults({"paper_out": False})
    assert line.hear(1) == b"\0"
    assert virtual.machine.count == 1
    assert "Pró-Cidadão Centro" in virtual.machine.tickets[0].sheet_text


def test_recover_and_clear_drops_the_rest(virtual, client, document, wait):
    line = client(virtual)
    virtual.machine.set_faults({"cutter": True})
    line.socket.sendall(ticket_bytes(document))
    assert line.ask(b"\x10\x04\x03", 1) == b"\x1a"
    line.socket.sendall(b"\x10\x05\x02")
    wait(lambda: not virtual.machine.faults.cutter)
    line.socket.sendall(ticket_bytes({**document, "label": "B001"}))
    wait(lambda: virtual.machine.count == 1)
    assert virtual.labels() == ["B001"]


def test_full_buffer_pushes_back(make_printer, client, wait):
    printer = make_printer(buffer_size=256)
    printer.machine.set_faults({"paper_out": True})
    line = client(printer)
    line.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    line.socket.settimeout(0.5)
    with pytest.raises(TimeoutError):
        line.socket.sendall(b"x\n" * 5_000_000)
    assert printer.machine._buffered <= 256


def test_drop_and_reset(virtual, client, wait):
    virtual.machine.set_faults({"drop_after": 5})
    line = client(virtual)
    line.socket.sendall(b"123456789")
    assert line.socket.recv(1) == b""
    virtual.machine.set_faults({"rst_after": 5})
    line = client(virtual)
    line.socket.sendall(b"123456789")
    with pytest.raises(ConnectionResetError):
        line.socket.recv(1)
    assert virtual.machine.faults == Faults()


def test_stall_keeps_the_line_and_reads_nothing(virtual, client):
    line = client(virtual)
    line.ask(b"\x10\x04\x01", 1)
    virtual.machine.set_faults({"stall": True})
    line.socket.sendall(b"\x10\x04\x01\x10\x04\x01")
    assert line.silent()
    virtual.machine.set_faults({"stall": False})
    assert set(line.hear(1)) == {0x12}


def test_power_off_forgets_everything(virtual, client, wait):
    line = client(virtual)
    line.ask(b"half a ticket\x10\x04\x01", 1)
    virtual.machine.set_faults({"power": False})
    wait(lambda: virtual.server.connections() == 0)
    virtual.machine.set_faults({"power": True})
    line = client(virtual)
    line.socket.sendall(b"whole\n\x1dV\x42\x00")
    wait(lambda: virtual.machine.count == 1)
    assert virtual.machine.tickets[0].sheet_text == "whole\n"


def test_slow_is_slower(make_printer, client):
    printer = make_printer(speed=0.0)
    printer.machine.set_faults({"slow": 200})
    line = client(printer)
    started = time.monotonic()
    line.ask(b"\x1bJ\xff" * 2 + b"\x1dr\x01", 1)
    assert time.monotonic() - started > 0.25


@pytest.mark.parametrize(
    "wanted",
    [{"fire": True}, {"mute": "yes"}, {"slow": -1}, {"drop_after": "x"}, {"paper_out_after_mm": True}],
)
def test_unknown_faults_change_nothing(virtual, wanted):
    with pytest.raises(BadFault):
        virtual.machine.set_faults({"near_end": True, **wanted})
    assert virtual.machine.faults == Faults()


def test_memory_is_bounded(make_printer, client, wait):
    printer = make_printer(keep=5)
    line = client(printer)
    line.socket.sendall(b"".join(b"%d\n\x1dV\x42\x00" % n for n in range(40)))
    wait(lambda: printer.machine.count == 40)
    assert [ticket.sheet_text for ticket in printer.machine.tickets] == [f"{n}\n" for n in range(35, 40)]


def test_paper_without_a_blade_is_torn_by_hand(virtual, client, wait):
    client(virtual).socket.sendall(b"sem corte\n")
    wait(lambda: virtual.machine.paper.sheet.rows)
    assert virtual.machine.tear()
    assert virtual.machine.tickets[0].cuts == 0
    assert not virtual.machine.tear()


def test_unknown_commands_are_noted(virtual, client, wait):
    client(virtual).socket.sendall(b"\x1b\x01ol\xa0\n\x1dV\x42\x00")
    wait(lambda: virtual.machine.count == 1)
    assert virtual.machine.tickets[0].unknown == ("?ESC 01 1b 01",)


@pytest.fixture
def web(virtual):
    web = Web(virtual.server)
    web.start()
    yield web
    web.stop()


def get(url, data=None, kind="application/json"):
    body = None if data is None else json.dumps(data).encode()
    request = urllib.request.Request(url, body, {"Content-Type": kind} if body else {})
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read(), error.headers


def test_web_shows_each_ticket_as_picture_text_and_bytes(virtual, web, client, document, wait):
    data = ticket_bytes(document)
    client(virtual).socket.sendall(data)
    wait(lambda: virtual.machine.count == 1)
    (ticket,) = json.loads(get(f"{web.url}/tickets.json")[1])
    assert (ticket["n"], ticket["cuts"], ticket["bytes"]) == (1, 1, len(data))
    assert ticket["qr"] == [document["follow_url"]]
    assert get(web.url + ticket["bin"])[1] == data
    assert get(web.url + ticket["txt"])[1].decode() == ticket["text"]
    with Image.open(io.BytesIO(get(web.url + ticket["png"])[1])) as picture:
        assert picture.width == 576
    page = get(web.url + "/")[1].decode()
    assert "Impressora virtual" in page
    assert not re.search(r"(src|href)=\"?https?://", page)
    assert get(f"{web.url}/tickets/99.png")[0] == 404
    assert get(f"{web.url}/../secret")[0] == 404


def test_web_moves_the_fault_switches(virtual, web):
    assert json.loads(get(f"{web.url}/faults")[1])["paper_out"] is False
    assert get(f"{web.url}/faults", {"paper_out": True, "slow": 20})[0] == 200
    assert virtual.machine.faults.paper_out
    assert get(f"{web.url}/faults", {"reset": True})[0] == 200
    assert virtual.machine.faults == Faults()
    assert get(f"{web.url}/faults", {"fire": True})[0] == 422
    assert get(f"{web.url}/faults", [1])[0] == 400
    assert get(f"{web.url}/faults", {"mute": True}, "text/plain")[0] == 415
    assert virtual.machine.faults == Faults()


def test_command_line_says_where_it_is_and_ends_on_sigterm():
    command = [
        sys.executable,
        "-m",
        "printer",
        "virtual",
        "--port",
        "0",
        "--web-port",
        "0",
        "--json",
        "--fault",
        "slow=20",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            ready = json.loads(process.stdout.readline())
            assert set(ready) == {"host", "port", "web"}
            assert json.loads(get(ready["web"] + "/faults")[1])["slow"] == 20
            socket.create_connection((ready["host"], ready["port"])).close()
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        finally:
            process.kill()  # a failure above must not leave the whole run waiting for this program


def test_taken_port_is_one_line(virtual):
    command = [sys.executable, "-m", "printer", "virtual", "--port", str(virtual.port), "--web-port", "0"]
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, env={**os.environ, "LANG": "C.UTF-8"}
    )
    assert done.returncode == 1
    assert done.stderr.startswith("Error: a impressora virtual não pôde iniciar")
    assert done.stderr.count("\n") == 1


def test_two_clients_at_once_do_not_mix_answers(virtual, client):
    lines = [client(virtual) for _ in range(4)]
    wrong = []

    def chat(line, n):
        for _ in range(20):
            tag = b"%04d" % n
            if line.ask(b"\x1d(H\x06\x00\x30\x30" + tag, 7) != b"\x37\x22" + tag + b"\0":
                wrong.append(n)

    threads = [threading.Thread(target=chat, args=(line, n)) for n, line in enumerate(lines)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
