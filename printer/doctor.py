"""Checks everything that printing needs, one Portuguese line each: what is wrong, and what to do about it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from printer import bytebuilder, dialects, discovery, document, render
from printer.client import Client, Refused, Unreachable
from printer.config import StationConfig
from printer.spool import Spool
from printer.transports import TransportError


@dataclass(frozen=True)
class Finding:
    """One line. `fine` is None for a hint that is no fault."""

    fine: bool | None
    text: str


def examine(stations: list[StationConfig], data: Path) -> Iterator[Finding]:
    """Check builder, spool, and each station's printer and server; never raises."""
    for check in (_builder, lambda: _spool(data)):
        yield _guard(check)
    for printer in dict.fromkeys(one.printer for one in stations):
        first = next(one for one in stations if one.printer == printer)
        yield _guard(lambda first=first: _printer(first))  # type: ignore[misc]
    for one in stations:
        yield _guard(lambda one=one: _server(one))  # type: ignore[misc]


def _guard(check: Callable[[], Finding]) -> Finding:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 -- a doctor who faints helps nobody
        return Finding(False, f"verificação interrompida: {type(error).__name__}: {error}")


def _builder() -> Finding:
    try:
        ticket = document.parse({"label": "A001"})
        render.render(ticket, dialects.load("epson"), 576)
    except bytebuilder.NoBuilder as error:
        return Finding(False, str(error))
    return Finding(True, "python-escpos carregado")


def _spool(data: Path) -> Finding:
    try:
        spool = Spool(data / "spool.sqlite3")
        counts = spool.counts()
        spool.close()
    except (OSError, sqlite3.Error) as error:
        return Finding(False, f"fila local em {data} inutilizável: {error}")
    told = ", ".join(f"{number} {state}" for state, number in sorted(counts.items())) or "vazia"
    return Finding(True, f"fila local em {data}: {told}")


def _printer(one: StationConfig) -> Finding:
    try:
        found = discovery.ask(one.printer)
    except TransportError as error:
        if "Permission denied" in str(error):
            return Finding(
                False, f"sem permissão para {one.printer}: instale a regra do udev (99-vez-printer.rules)"
            )
        return Finding(False, f"impressora inacessível: {error}")
    name = f"{found.maker} {found.model}".strip() or "modelo não informado"
    if dialects.load(one.dialect).status != "dle_eot":
        return Finding(
            None, f"{one.printer} conecta; o dialeto {one.dialect} é conferido pela página de teste"
        )
    if not found.answers:
        return Finding(False, f"{one.printer} conecta, mas não responde como impressora ESC/POS")
    return Finding(True, f"{one.printer} responde: {name}")


def _server(one: StationConfig) -> Finding:
    client = Client(one.server, one.token)
    try:
        device = client.me()
    except Unreachable as error:
        return Finding(False, str(error))
    except Refused as error:
        if error.status == 401:
            return Finding(
                False, f"{one.name}: token recusado por {one.server}; gere outro no painel de dispositivos"
            )
        return Finding(False, f"{one.name}: {error}")
    finally:
        client.close()
    if device.get("kind") != "printer":
        return Finding(
            False, f"{one.name}: o token é de um dispositivo {device.get('kind')}, não de uma impressora"
        )
    if abs(client.skew) > 60:
        return Finding(
            None, f"{one.name}: o relógio desta máquina difere {client.skew:+.0f} s do servidor; ajuste o NTP"
        )
    host = urlsplit(one.server).netloc
    return Finding(
        True, f"{one.name}: servidor {host} reconhece {device.get('name')} (unidade {device.get('unit')})"
    )
