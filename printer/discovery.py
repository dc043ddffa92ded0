"""Which printers are there: USB devices of the kernel, serial ports, announced network printers, given addresses.

Nothing is scanned. On the network only those are found that announce themselves (mDNS) or whose address somebody
gave; serial ports are listed, not probed, because any byte may move a machine that is no printer.
"""

from __future__ import annotations

import contextlib
import re
import time
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from printer.status import Listener, info_text, is_real_time
from printer.transports import Transport, TransportError, open_address

_MAKERS = (
    ("epson", "epson"), ("bematech", "epson"), ("elgin", "epson"), ("control id", "epson"), ("controlid", "epson"),
    ("tanca", "epson"), ("gertec", "epson"), ("vez", "epson"), ("daruma", "daruma"), ("pos-58", "generic58"),
    ("pos58", "generic58"), ("zj-58", "generic58"),
)  # fmt: skip


@dataclass(frozen=True)
class Found:
    """One candidate. `answers` tells whether it replied to a status question; None: it was not asked."""

    address: str
    maker: str = ""
    model: str = ""
    serial: str = ""
    answers: bool | None = None
    dialect: str = "generic80"
    note: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return it for JSON."""
        return asdict(self)


def suggest(words: str) -> str:
    """Return the dialect to try first for a maker and model. Brazilian makers: set the printer to ESC/POS mode."""
    lower = words.lower()
    return next((dialect for word, dialect in _MAKERS if word in lower), "generic80")


def usb(sys: Path = Path("/sys/class/usbmisc")) -> list[Found]:
    """Return printers that the kernel's usblp driver serves, with what they call themselves (IEEE 1284 id)."""
    found = []
    for entry in sorted(sys.glob("lp*")):
        device = entry / "device"
        fields = _ieee1284(_read(device / "ieee1284_id"))
        maker = fields.get("MFG") or fields.get("MANUFACTURER") or _read(device / "../manufacturer")
        model = fields.get("MDL") or fields.get("MODEL") or _read(device / "../product")
        node = Path("/dev/usb") / entry.name
        note = (
            ""
            if sys.parts[:2] != ("/", "sys") or node.exists()
            else f"{node} não existe: falta a regra do udev"
        )
        serial = fields.get("SN") or _read(device / "../serial")
        found.append(Found(f"usb://{node}", maker, model, serial, None, suggest(f"{maker} {model}"), note))
    return found


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def _ieee1284(text: str) -> dict[str, str]:
    pairs = (item.split(":", 1) for item in text.split(";") if ":" in item)
    return {name.strip().upper(): value.strip() for name, value in pairs}


def serial_ports() -> list[Found]:
    """Return serial ports by name; whether a printer hangs on one, only a person knows."""
    from serial.tools import list_ports

    note = "porta serial: confirme a velocidade no autoteste da impressora"
    return [
        Found(f"serial://{port.device}?baud=115200", port.manufacturer or "", port.product or "", note=note)
        for port in sorted(list_ports.comports())
    ]


def ask(address: str, timeout: float = 2.0) -> Found:
    """Ask the printer at `address` who it is (GS I) and how it is (DLE EOT).

    Raises TransportError, BadAddress.
    """
    transport = open_address(address)
    transport.open(timeout)
    try:
        answers = _answers(transport)
        maker, model, serial = (_info(transport, n) if answers else "" for n in (66, 67, 68))
    finally:
        transport.close()
    note = "" if answers else "não respondeu como impressora ESC/POS"
    return Found(address, maker, model, serial, answers, suggest(f"{maker} {model}"), note)


def _answers(transport: Transport) -> bool:
    transport.write(b"\x10\x04\x01", 0.5)
    replies = Listener().feed(_collect(transport, 0.5, lambda data: any(is_real_time(byte) for byte in data)))
    return any(reply.kind == "real_time" for reply in replies) and not any(r.kind == "noise" for r in replies)


def _info(transport: Transport, n: int) -> str:
    transport.write(bytes((0x1D, 0x49, n)), 0.5)
    replies = Listener().feed(_collect(transport, 0.5, lambda data: b"\0" in data))
    texts = (info_text(reply) for reply in replies if reply.kind == "info")
    return next((re.sub(r"[^\x20-\x7e]", "", text) for text in texts), "")


def _collect(transport: Transport, seconds: float, enough: object) -> bytes:
    data, deadline = b"", time.monotonic() + seconds
    while (left := deadline - time.monotonic()) > 0 and not (callable(enough) and enough(data)):
        data += transport.read(left)
    return data


def network(addresses: Iterable[str], seconds: float = 2.0) -> list[Found]:
    """Ask the given addresses and those that announce themselves; silent ones are left out unless given."""
    given = [address if "://" in address else f"tcp://{address}" for address in addresses]
    announced: list[str] = []
    if seconds:
        from printer import mdns

        with contextlib.suppress(OSError):
            announced = [f"tcp://{host}:{port}" for host, port in mdns.printers(seconds)]
    found = []
    for address in dict.fromkeys([*given, *announced, "tcp://127.0.0.1:9100"]):
        try:
            found.append(ask(address))
        except TransportError as error:
            if address in given:
                found.append(Found(address, answers=False, note=str(error)))
    return found
