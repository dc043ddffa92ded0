"""Ways to a printer, each with deadlines for connecting, writing and reading.

Addresses: `tcp://10.0.0.5:9100`, `tcp://[fd00::5]:9100`, `usb:///dev/usb/lp0`,
`serial:///dev/ttyS0?baud=115200`, `file:///dev/pts/3`, `cups://fila`. None of them scans anything.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

from printer.transports.base import BadAddress, Transport, TransportError

__all__ = ["BadAddress", "Transport", "TransportError", "open_address"]


def open_address(address: str) -> Transport:
    """Return the transport, not yet opened, for `address`.

    Raises BadAddress with one Portuguese line.
    """
    try:
        url = urlsplit(address)
        port = url.port
    except ValueError:
        raise BadAddress(f"endereço de impressora inválido: {address}") from None
    options = dict(parse_qsl(url.query))
    if url.scheme == "tcp" and url.hostname:
        from printer.transports.tcp import Tcp

        return Tcp(url.hostname, port or 9100)
    if url.scheme in {"usb", "usblp"} and url.path:
        from printer.transports.usblp import UsbLp

        return UsbLp(url.path)
    if url.scheme == "serial" and url.path:
        from printer.transports.serialport import SerialPort

        return SerialPort(url.path, options)
    if url.scheme == "file" and url.path:
        from printer.transports.file import File

        return File(url.path)
    if url.scheme == "cups" and url.netloc:
        from printer.transports.cups import Cups

        return Cups(url.netloc)
    raise BadAddress(
        f"endereço de impressora inválido: {address} (use tcp://máquina:9100, usb:///dev/usb/lp0, "
        "serial:///dev/ttyS0?baud=115200, file:///caminho ou cups://fila)"
    )
