"""Deadlines on every way to a printer: a reader that stops is an error in time, with the accepted bytes counted."""

import os
import pty
import socket
import stat
import threading
import time

import pytest

from printer.transports import BadAddress, TransportError, open_address
from printer.transports.serialport import SerialPort
from printer.transports.usblp import UsbLp

PATIENCE = 0.6
MUCH = b"x" * 4_000_000


@pytest.fixture
def deaf_tcp():
    """An address that connects and never reads."""
    listener = socket.create_server(("127.0.0.1", 0))
    kept = []
    thread = threading.Thread(target=lambda: kept.append(listener.accept()), daemon=True)
    thread.start()
    yield f"tcp://127.0.0.1:{listener.getsockname()[1]}"
    listener.close()
    thread.join(2)
    for connection, _ in kept:
        connection.close()


@pytest.fixture
def terminal():
    """A pseudo-terminal whose other end nobody reads: (master descriptor, path)."""
    master, slave = pty.openpty()
    yield master, os.ttyname(slave)
    os.close(master)
    os.close(slave)


@pytest.mark.parametrize("kind", ["tcp", "file", "serial", "usb"])
def test_reader_that_never_reads_is_an_error_in_time(kind, request):
    deaf = request.getfixturevalue("deaf_tcp" if kind == "tcp" else "terminal")
    transport = open_address(deaf if kind == "tcp" else f"{kind}://{deaf[1]}")
    transport.open(1.0)
    started = time.monotonic()
    with pytest.raises(TransportError) as caught:
        transport.write(MUCH, PATIENCE)
    assert time.monotonic() - started < PATIENCE + 0.5
    assert 0 < caught.value.accepted < len(MUCH)
    assert "parou de receber" in str(caught.value)
    transport.close()
    transport.close()


@pytest.mark.parametrize("kind", ["file", "serial", "usb"])
def test_bytes_arrive_unchanged_both_ways(kind, terminal):
    master, path = terminal
    transport = open_address(f"{kind}://{path}")
    transport.open(1.0)
    transport.write(b"\x1b@\n\r\x03\x11\x13ol\xa0", 1.0)
    assert os.read(master, 100) == b"\x1b@\n\r\x03\x11\x13ol\xa0"
    os.write(master, b"\x12\x0a")
    assert transport.read(1.0) == b"\x12\x0a"
    assert transport.read(0.05) == b""
    transport.close()


def test_plain_file_is_appended_and_says_nothing(tmp_path):
    path = tmp_path / "tickets.bin"
    path.write_bytes(b"first")
    transport = open_address(f"file://{path}")
    transport.open(1.0)
    assert not transport.two_way
    transport.write(b" second", 1.0)
    assert transport.read(0.1) == b""
    transport.close()
    assert path.read_bytes() == b"first second"


@pytest.mark.parametrize("address", ["file:///nowhere/lp0", "serial:///dev/nowhere", "usb:///dev/usb/none"])
def test_missing_device_is_one_line(address):
    with pytest.raises(TransportError, match="não abre"):
        open_address(address).open(1.0)


def test_nobody_listening_is_one_line():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(TransportError, match="não conecta"):
        open_address(f"tcp://127.0.0.1:{port}").open(1.0)


def test_unknown_name_is_one_line():
    with pytest.raises(TransportError, match="nome desconhecido"):
        open_address("tcp://impressora.invalid:9100").open(1.0)


def test_ipv6_reaches_a_printer(make_printer):
    if not socket.has_ipv6:
        pytest.skip("this machine has no IPv6")
    try:
        listener = socket.create_server(("::1", 0), family=socket.AF_INET6)
    except OSError:
        pytest.skip("this machine has no IPv6 loopback")
    transport = open_address(f"tcp://[::1]:{listener.getsockname()[1]}")
    transport.open(1.0)
    peer, _ = listener.accept()
    transport.write(b"ticket", 1.0)
    assert peer.recv(100) == b"ticket"
    peer.close()
    with pytest.raises(TransportError, match="fechou a conexão"):
        transport.read(1.0)
    transport.close()
    listener.close()


@pytest.mark.parametrize(
    "address",
    [
        "",
        "9100",
        "http://10.0.0.1",
        "tcp://",
        "tcp://host:notaport",
        "serial://",
        "usb://",
        "cups://",
        "ftp://x/y",
    ],
)
def test_address_that_means_nothing_is_one_line(address):
    with pytest.raises(BadAddress, match="endereço de impressora inválido"):
        open_address(address)


@pytest.mark.parametrize(
    "query, words", [("baud=rápido", "velocidade"), ("flow=talvez", "controle de fluxo")]
)
def test_serial_options_are_checked(query, words):
    with pytest.raises(BadAddress, match=words):
        open_address(f"serial:///dev/ttyS0?{query}")


def test_serial_takes_speed_and_flow_from_the_address(terminal):
    port = open_address(f"serial://{terminal[1]}?baud=9600&flow=xonxoff")
    assert isinstance(port, SerialPort)
    port.open(1.0)
    assert (port._port.baudrate, port._port.xonxoff) == (9600, True)
    port.close()


def test_usb_class_status_is_none_where_the_kernel_has_no_answer(terminal):
    port = UsbLp(terminal[1])
    port.open(1.0)
    assert port.class_bits() is None
    port.close()


@pytest.fixture
def fake_cups(tmp_path, monkeypatch):
    """`lp` and `lpstat` of our own on the PATH; the queue `balcao` exists, what is printed lands in a file."""
    out = tmp_path / "printed.bin"
    scripts = {
        "lpstat": '#!/bin/sh\n[ "$2" = balcao ]\n',
        "lp": f'#!/bin/sh\n[ -e "{tmp_path}/broken" ] && {{ echo "no space" >&2; exit 1; }}\ncat > "{out}"\n',
    }
    for name, text in scripts.items():
        path = tmp_path / name
        path.write_text(text)
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    return tmp_path, out


def test_cups_is_one_way_and_carries_raw_bytes(fake_cups):
    directory, out = fake_cups
    transport = open_address("cups://balcao")
    assert not transport.two_way
    transport.open(2.0)
    transport.write(b"\x1b@ticket", 5.0)
    assert out.read_bytes() == b"\x1b@ticket"
    (directory / "broken").touch()
    with pytest.raises(TransportError, match="no space"):
        transport.write(b"x", 5.0)
    with pytest.raises(TransportError, match="fila desconhecida"):
        open_address("cups://outra").open(2.0)
