"""Asks the local network which printers are there: one multicast DNS question (RFC 6762), answers collected for a
moment. Only printers that announce raw printing are heard; nobody is scanned.
"""

from __future__ import annotations

import socket
import struct
import time

_GROUP = ("224.0.0.251", 5353)
_SERVICE = "_pdl-datastream._tcp.local"
_A, _PTR, _SRV = 1, 12, 33


def printers(seconds: float = 2.0) -> list[tuple[str, int]]:
    """Return (address, port) of each printer heard within `seconds`. Raises OSError without a network."""
    found: dict[tuple[str, int], None] = {}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, 1)
        sock.sendto(question(_SERVICE), _GROUP)
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            sock.settimeout(left)
            try:
                packet, sender = sock.recvfrom(9000)
            except TimeoutError:
                break
            found.update(dict.fromkeys(answers(packet, sender[0])))
    return list(found)


def question(name: str) -> bytes:
    """Return a query for the PTR records of `name`, answers wanted directly to us (the QU bit)."""
    labels = b"".join(bytes((len(label),)) + label.encode() for label in name.split("."))
    return struct.pack(">HHHHHH", 0, 0, 1, 0, 0, 0) + labels + b"\0" + struct.pack(">HH", _PTR, 0x8001)


def answers(packet: bytes, sender: str) -> list[tuple[str, int]]:
    """Return the (address, port) pairs of one answer; a packet that makes no sense gives none."""
    try:
        records = _records(packet)
    except (IndexError, struct.error, UnicodeDecodeError):
        return []
    hosts = {name: socket.inet_ntoa(data) for name, kind, data in records if kind == _A and len(data) == 4}
    pairs = []
    for name, kind, data in records:
        if kind == _SRV and name.endswith(_SERVICE) and len(data) > 6:
            # Names inside SRV data may be compressed; one A record in the packet is as good as its name.
            address = next(iter(hosts.values()), sender)
            pairs.append((address, struct.unpack(">H", data[4:6])[0]))
    return pairs


def _records(packet: bytes) -> list[tuple[str, int, bytes]]:
    _id, _flags, questions, *counts = struct.unpack(">HHHHHH", packet[:12])
    at = 12
    for _ in range(questions):
        _name, at = _name_at(packet, at)
        at += 4
    records = []
    for _ in range(sum(counts)):
        name, at = _name_at(packet, at)
        kind, _class, _ttl, size = struct.unpack(">HHIH", packet[at : at + 10])
        records.append((name, kind, packet[at + 10 : at + 10 + size]))
        at += 10 + size
    return records


def _name_at(packet: bytes, at: int) -> tuple[str, int]:
    labels: list[str] = []
    end = 0
    for _ in range(64):  # a name that points to itself must not hold us for ever
        size = packet[at]
        if size == 0:
            return ".".join(labels), end or at + 1
        if size & 0xC0 == 0xC0:
            end = end or at + 2
            at = (size & 0x3F) << 8 | packet[at + 1]
        else:
            labels.append(packet[at + 1 : at + 1 + size].decode())
            at += 1 + size
    raise IndexError(at)
