"""Every trouble of the printer is told apart, and silence is never taken for health."""

import pytest

from printer import dialects
from printer.device import Device
from printer.status import Cause, Listener, Status, from_asb, from_real_time
from printer.transports import open_address
from printer.virtual import faults

TROUBLES = {
    "paper_out": Cause.PAPER_OUT,
    "cover_open": Cause.COVER_OPEN,
    "cutter": Cause.CUTTER,
    "mechanical": Cause.MECHANICAL,
    "offline": Cause.OFFLINE,
}


@pytest.fixture
def device_at(quick):
    made = []

    def make(printer, dialect="epson"):
        made.append(Device(open_address(printer.address), dialects.load(dialect), quick))
        return made[-1]

    yield make
    for one in made:
        one.disconnect()


@pytest.mark.parametrize("fault", TROUBLES)
def test_each_trouble_is_named(fault, virtual, device_at):
    device = device_at(virtual)
    assert device.look().state == "ready"
    virtual.machine.set_faults({fault: True})
    assert device.look().cause is TROUBLES[fault]
    assert device.status.state == "blocked"
    assert not device.may_send()
    virtual.machine.set_faults({fault: False})
    assert device.look().cause is None


@pytest.mark.parametrize("dialect", ["bema", "daruma", "elgin"])
@pytest.mark.parametrize("fault", ["paper_out", "cover_open", "offline"])
def test_other_tongues_name_trouble_too(dialect, fault, make_printer, device_at):
    printer = make_printer(dialect=dialect)
    device = device_at(printer, dialect)
    assert device.look().state == "ready"
    printer.machine.set_faults({fault: True, "near_end": True})
    assert device.look().cause is TROUBLES[fault]
    assert device.status.near_end


def test_near_end_is_no_trouble_but_told(virtual, device_at):
    device = device_at(virtual)
    virtual.machine.set_faults({"near_end": True})
    assert device.look().state == "ready"
    assert device.status.near_end


def test_silence_is_unknown_and_a_printer_that_used_to_answer_gets_nothing(virtual, device_at):
    device = device_at(virtual)
    device.look()
    virtual.machine.set_faults({"mute": True})
    assert device.look().state == "unknown"
    assert device.status.cause is Cause.NO_ANSWER
    assert not device.may_send()


def test_switched_off_is_offline(virtual, device_at, wait):
    device = device_at(virtual)
    device.look()
    virtual.off()
    assert device.look().cause is Cause.OFFLINE
    virtual.on()
    wait(lambda: device.look().state == "ready")


@pytest.mark.parametrize(
    "answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b"\xff\xfe\xfd", b"SSH-2.0-OpenSSH\r\n"]
)
def test_an_address_that_is_no_printer_never_gets_a_ticket(answer, device_at, stranger):
    class Somebody:
        address = stranger(answer)

    device = device_at(Somebody)
    device.look()
    assert device.status.state != "ready"
    assert not device.may_send()


@pytest.mark.parametrize("name", TROUBLES)
def test_automatic_status_says_the_same_as_real_time(name):
    broken = faults.Faults(**{name: True})
    answers = {n: faults.real_time(broken, n) for n in (1, 2, 3, 4)}
    assert from_asb(faults.asb(broken)).cause is from_real_time(answers).cause is TROUBLES[name]


def test_nothing_heard_is_nothing_known():
    assert from_real_time({}).cause is Cause.NO_ANSWER
    assert Status().cause is Cause.OFFLINE


def test_listener_sorts_a_mixed_stream_at_every_cut():
    stream = b"\x12" + b"\x14\x00\x00\x00" + b"_Vez\0" + b"\x00" + b"7\x22ABCD\0" + b"\xff"
    expected = ["real_time", "asb", "info", "sensor", "id", "noise"]
    for cut in range(len(stream) + 1):
        listener = Listener()
        replies = listener.feed(stream[:cut]) + listener.feed(stream[cut:])
        assert [reply.kind for reply in replies] == expected
