"""The switches that break the virtual printer, and the sensors that they move."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


class BadFault(ValueError):
    """Unknown switch or impossible value; one Portuguese line."""


@dataclass
class Faults:
    """All at their defaults: a healthy printer."""

    paper_out: bool = False
    paper_out_after_mm: float | None = None  # paper left on the roll; at 0 `paper_out` comes on
    near_end: bool = False
    cover_open: bool = False
    cutter: bool = False  # the blade is stuck
    mechanical: bool = False
    offline: bool = False  # the operator's button
    mute: bool = False  # prints, but answers nothing
    stall: bool = False  # keeps the connection, reads nothing
    drop_after: int | None = None  # closes the connection after so many more bytes
    rst_after: int | None = None  # the same, with a reset instead of a goodbye
    slow: float | None = None  # mm/s instead of the normal speed
    power: bool = True  # off: connections die, buffers are lost

    @property
    def stopped(self) -> bool:
        """Whether the mechanism cannot move paper."""
        broken = self.paper_out or self.cover_open or self.cutter or self.mechanical
        return broken or self.offline or not self.power

    def change(self, wanted: dict[str, Any]) -> None:
        """Set switches by name; `reset: true` first puts all back. Raises BadFault and changes nothing."""
        fresh = asdict(Faults()) if wanted.get("reset") else asdict(self)
        for name, value in wanted.items():
            if name != "reset":
                fresh[name] = _checked(name, value)
        if "paper_out" in wanted and not wanted["paper_out"] and "paper_out_after_mm" not in wanted:
            fresh["paper_out_after_mm"] = None  # a refill is a full roll
        for name, value in fresh.items():
            setattr(self, name, value)


def _checked(name: str, value: Any) -> bool | float | int | None:
    if name not in Faults.__dataclass_fields__:
        raise BadFault(f"falha desconhecida: {name}")
    if name in {"paper_out_after_mm", "drop_after", "rst_after", "slow"}:
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
            raise BadFault(f"{name}: esperado um número ou null")
        return value if name in {"paper_out_after_mm", "slow"} else int(value)
    if not isinstance(value, bool):
        raise BadFault(f"{name}: esperado true ou false")
    return value


def real_time(faults: Faults, n: int) -> int:
    """Return the answer to DLE EOT `n`."""
    low = faults.near_end or faults.paper_out
    if n == 1:
        return 0x12 | (0x08 if faults.stopped else 0)
    if n == 2:
        cover, paper = 0x04 * faults.cover_open, 0x20 * faults.paper_out
        return 0x12 | cover | paper | 0x40 * (faults.cutter or faults.mechanical)
    if n == 3:
        return 0x12 | 0x08 * faults.cutter | 0x20 * faults.mechanical
    return 0x12 | 0x0C * low | 0x60 * faults.paper_out


def asb(faults: Faults) -> bytes:
    """Return the four bytes of Automatic Status Back."""
    first = 0x10 | 0x08 * faults.stopped | 0x20 * faults.cover_open
    second = 0x08 * faults.cutter | 0x20 * faults.mechanical
    third = 0x03 * (faults.near_end or faults.paper_out) | 0x0C * faults.paper_out
    return bytes((first, second, third, 0))


def sensor(faults: Faults) -> int:
    """Return the answer to GS r 1."""
    return 0x03 * (faults.near_end or faults.paper_out) | 0x0C * faults.paper_out


def tongue(faults: Faults, question: bytes, *, busy: bool) -> bytes | None:
    """Return the answer to a maker's own status question, None when `question` is none (bits: printer/tongues)."""
    well, closed, low = not faults.stopped, not faults.cover_open, faults.near_end or faults.paper_out
    broken = faults.cutter or faults.mechanical
    if question == b"\x1d\xf81":
        first = 0x08 * (not well) | 0x10 * busy
        second = 0x02 * low | 0x24 * faults.paper_out | 0x10 | 0x40 * faults.mechanical | 0x80 * closed
        return bytes((first, second, 0x40 * faults.cutter, 0, 0))
    if question == b"\x1d\x05":
        out = 0x02 * faults.paper_out
        return bytes((0x01 * low | out | 0x08 * (not well) | 0x10 * closed | 0x40 * broken,))
    return None


def enquiry(faults: Faults, dialect: str, *, busy: bool) -> bytes:
    """Return the answer to ENQ, in Daruma's or Elgin's coding."""
    well, closed, low = not faults.stopped, not faults.cover_open, faults.near_end or faults.paper_out
    broken = faults.cutter or faults.mechanical
    if dialect == "elgin":
        return bytes((0x01 * well | 0x02 * faults.paper_out | 0x08 * closed | 0x10 * low,))
    return bytes((0x01 * busy | 0x08 * broken | 0x10 * well | 0x20 * faults.paper_out | 0x80 * (not closed),))
