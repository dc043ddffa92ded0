"""The public picture of a unit (glossary: board) as a fold over its journal.

A board is plain JSON data, because Python, JavaScript and the wire share it: ``tests/contract/board.json`` holds the
cases that both folds must pass, and ``server/static/shared/board.js`` is the twin of this file.
"""

from __future__ import annotations

from typing import Any

CALLS_KEPT = 12
Board = dict[str, Any]


def empty_board(unit: str, day: str, seq: int = 0) -> Board:
    """A board on which nothing has happened yet."""
    return {"unit": unit, "seq": seq, "day": day, "calls": [], "waiting": {}, "counters": {}}


def apply_event(board: Board, event: dict[str, Any]) -> Board:
    """Fold one wire event ``{unit, seq, type, at, data}`` into the board.

    Older or repeated events change nothing. The caller sees to it that there is no gap (DESIGN 3, catching up).
    """
    if event["seq"] <= board["seq"]:
        return board
    board = board | {"seq": event["seq"]}
    kind, data = event["type"], event["data"]
    if kind.startswith("ticket."):
        board = board | {"waiting": _waiting(board["waiting"], data)}
        if kind in ("ticket.called", "ticket.recalled"):
            board = board | {"calls": _calls(board["calls"], event)}
    elif kind.startswith("counter."):
        board = board | {"counters": _counters(board["counters"], data)}
    elif kind == "day.closed":
        board = board | {"calls": [], "waiting": {}, "day": data["next_day"]}
    return board


def call_entry(event: dict[str, Any]) -> dict[str, Any]:
    """The board's line for one call."""
    data = event["data"]
    keys = ("ticket", "label", "service", "counter", "counter_number", "counter_kind", "calls")
    return {key: data[key] for key in keys} | {"at": event["at"], "seq": event["seq"]}


def _calls(calls: list[dict[str, Any]], event: dict[str, Any]) -> list[dict[str, Any]]:
    entry = call_entry(event)
    others = [call for call in calls if call["ticket"] != entry["ticket"]]
    return [entry, *others][:CALLS_KEPT]


def _waiting(waiting: dict[str, int], data: dict[str, Any]) -> dict[str, int]:
    counts = waiting
    # A change of tier is nothing to the public: its event comes to them without data.
    if data.get("from") == "waiting":
        counts = _moved(counts, data.get("previous_service") or data["service"], -1)
    if data.get("to") == "waiting":
        counts = _moved(counts, data["service"], 1)
    return counts


def _moved(waiting: dict[str, int], service: str, by: int) -> dict[str, int]:
    """One more or less; nobody left, no entry. Never below zero: a screen must not show minus one person."""
    count = waiting.get(service, 0) + by
    others = {name: n for name, n in waiting.items() if name != service}
    return others | {service: count} if count > 0 else others


def _counters(counters: dict[str, str], data: dict[str, Any]) -> dict[str, str]:
    states = {key: value for key, value in counters.items() if key != data["counter"]}
    if data["state"] != "closed":
        states[data["counter"]] = data["state"]
    return states
