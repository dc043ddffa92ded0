"""A line that breaks in mid-ticket leaves half a command in the printer: the next citizen's paper must be whole."""

from __future__ import annotations

import base64
import io
import secrets
from pathlib import Path

import pytest
from PIL import Image

from printer import dialects, render
from printer.device import HALF_COMMAND, Device
from printer.document import parse
from printer.transports import TransportError, open_address
from printer.transports.file import File
from printer.virtual.machine import Machine

NEXT_URL = "https://vez.example/t/ThenextCitizen000001"


def logo() -> str:
    """A picture is the longest command there is."""
    file = io.BytesIO()
    Image.linear_gradient("L").resize((384, 144)).convert("1").save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


@pytest.fixture
def ticket(document):
    """Return a maker of a ticket's bytes."""
    dialect = dialects.load("epson")
    return lambda **changes: render.render(parse(document | changes), dialect, dialect.widths[0]).data


@pytest.fixture
def connect(virtual, quick):
    """Return a maker of agents' ends of the line to the one printer."""
    made: list[Device] = []

    def make() -> Device:
        made.append(Device(open_address(virtual.address), dialects.load("epson"), quick))
        return made[-1]

    yield make
    for device in made:
        device.disconnect()


def send(device: Device, data: bytes) -> bool:
    """One ticket, the way a station sends it; whether it was confirmed."""
    tag = secrets.token_hex(2).encode()
    device.look()
    assert device.may_send()
    try:
        device.send(data, tag)
    except TransportError:
        return False
    return device.confirm(tag, 100).printed


@pytest.mark.parametrize("with_logo", [False, True], ids=["plain", "logo"])
def test_the_ticket_after_a_torn_one_is_whole_wherever_the_line_broke(virtual, ticket, connect, with_logo):
    """The rest of the torn one falls off as a piece of its own; nothing of it stands on the next paper."""
    changes = {"layout": {"logo": logo()}} if with_logo else {}
    torn = ticket(label="T007", **changes)
    whole = ticket(label="N008", follow_url=NEXT_URL)
    device = connect()
    device.look()
    for cut in range(1, len(torn), 97 if with_logo else 3):
        virtual.machine.set_faults({"reset": True, "drop_after" if cut % 2 else "rst_after": cut + 9})
        assert not send(device, torn), cut
        virtual.machine.set_faults({"reset": True})
        assert send(device, whole), cut
        paper = virtual.machine.tickets[-1]
        assert paper.qr == (NEXT_URL,), cut
        assert "N008" in paper.sheet_text, cut
        assert "T007" not in paper.sheet_text, cut
        assert paper.unknown == (), cut


def test_a_whole_ticket_is_not_followed_by_any_padding(virtual, ticket, connect):
    """A new connection after a confirmed ticket costs no byte and no paper."""
    data = ticket()
    device = connect()
    assert send(device, data)
    device.disconnect()
    assert send(device, data)
    assert [ticket.raw for ticket in virtual.machine.tickets] == [data, data]


def test_after_a_crash_in_mid_ticket_the_printer_is_cleared_once(virtual, ticket, connect):
    """What the dead process had sent is not known: the longest command that we ever send is assumed."""
    whole = ticket(follow_url=NEXT_URL)
    before = connect()
    before.connect()
    before.transport.write(ticket(layout={"logo": logo()})[:3000], 2.0)
    before.disconnect()
    after = connect()
    after.assume_torn()
    assert send(after, whole)
    assert virtual.machine.tickets[-1].qr == (NEXT_URL,)
    assert send(after, whole)
    assert virtual.machine.tickets[-1].raw == whole
    assert len(ticket(layout={"logo": logo()})) < HALF_COMMAND


class HalfDeaf(File):
    """A one-way line that fails after so many bytes, once."""

    room: int | None = None

    def send_some(self, data: memoryview) -> int:
        if self.room is None:
            return super().send_some(data)
        if self.room == 0:
            self.room = None
            raise OSError(5, "unplugged")
        written = super().send_some(data[: self.room])
        self.room -= written
        return written


def test_a_printer_that_cannot_answer_is_cleared_too(ticket, tmp_path: Path, quick):
    """Nobody can ask it; the half command is completed all the same, and the piece cut off."""
    paper = tmp_path / "paper.bin"
    paper.touch()
    line = HalfDeaf(str(paper))
    device = Device(line, dialects.load("epson"), quick)
    line.room = 700
    assert not send(device, ticket(label="T007", layout={"logo": logo()}))
    assert paper.stat().st_size == 700
    assert not send(device, ticket(label="N008", follow_url=NEXT_URL)), "a one-way printer confirms nothing"
    device.disconnect()
    machine = Machine(speed=0.0)
    machine.start()
    machine.receive(paper.read_bytes(), lambda _data: None, lambda: False)
    assert machine.wait_for_tickets(2, 5.0)
    machine.stop()
    torn, whole = machine.tickets
    assert "N008" not in torn.sheet_text
    assert (whole.qr, "N008" in whole.sheet_text, whole.unknown) == ((NEXT_URL,), True, ())
