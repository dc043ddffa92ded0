"""The agent's settings: which tokens print on which printers. Checked at the start, in one Portuguese line
each.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from printer import dialects
from printer.transports import BadAddress, open_address


class BadConfig(Exception):
    """A setting is missing or means nothing; the message is one Portuguese line."""


@dataclass(frozen=True)
class StationConfig:
    """One kiosk's printing: `token` is a secret and never shown."""

    server: str
    token: str
    printer: str
    dialect: str = "epson"
    width: int = 576
    name: str = ""

    def __repr__(self) -> str:
        return f"StationConfig({self.name or self.printer}, {self.server}, {self.dialect}, {self.width})"


_NAMES = {"name", "server", "token", "token_file", "token_env", "printer", "dialect", "width"}


def station(data: Mapping[str, Any], defaults: Mapping[str, Any], number: int) -> StationConfig:
    """Check one station. Raises BadConfig."""
    where = f"estação {data.get('name') or number}"
    strange = sorted(set(data) - _NAMES)
    if strange:
        raise BadConfig(
            f"{where}: opção desconhecida: {strange[0]} (conhecidas: {', '.join(sorted(_NAMES))})"
        )
    merged = {**defaults, **data}
    server, printer = str(merged.get("server") or ""), str(merged.get("printer") or "")
    if urlsplit(server).scheme not in {"http", "https"} or not urlsplit(server).netloc:
        raise BadConfig(f"{where}: endereço do servidor inválido ou ausente: {server or '(vazio)'}")
    if not printer:
        raise BadConfig(f'{where}: falta o endereço da impressora (printer = "tcp://10.0.0.5:9100")')
    try:
        open_address(printer)
        dialect = dialects.load(str(merged.get("dialect") or "epson"))
    except (BadAddress, dialects.UnknownDialect) as error:
        raise BadConfig(f"{where}: {error}") from error
    width = merged.get("width") or dialect.widths[0]
    if width not in dialect.widths:
        allowed = ", ".join(map(str, dialect.widths))
        raise BadConfig(f"{where}: o dialeto {dialect.name} não tem largura {width}; use {allowed}")
    name = str(merged.get("name") or f"estação {number}")
    return StationConfig(server, _token(merged, where), printer, dialect.name, int(width), name)


def _token(data: Mapping[str, Any], where: str) -> str:
    token = data.get("token")
    if data.get("token_file"):
        try:
            token = Path(str(data["token_file"])).read_text("utf-8")
        except OSError as error:
            raise BadConfig(f"{where}: não foi possível ler o token: {error}") from error
    elif data.get("token_env"):
        token = os.environ.get(str(data["token_env"]))
    token = str(token or "").strip()
    if not token:
        raise BadConfig(f"{where}: falta o token (token_file, token_env ou VEZ_PRINTER_TOKEN)")
    if not token.isascii() or not token.isprintable():
        raise BadConfig(f"{where}: o token contém caracteres estranhos")
    return token


def read(text: str, kind: str) -> list[Mapping[str, Any]]:
    """Return the `station` tables of a TOML or JSON text (a JSON list will do). Raises BadConfig."""
    try:
        data = json.loads(text) if kind == "json" else tomllib.loads(text)
    except (ValueError, tomllib.TOMLDecodeError) as error:
        raise BadConfig(f"configuração ilegível: {error}") from error
    tables = data if isinstance(data, list) else data.get("station", data.get("stations"))
    if not isinstance(tables, list) or not tables or not all(isinstance(table, dict) for table in tables):
        raise BadConfig("a configuração não tem nenhuma [[station]]")
    return tables


def consistent(stations: list[StationConfig]) -> list[StationConfig]:
    """Refuse two opinions on one printer, and one token used twice. Raises BadConfig."""
    spoken: dict[str, tuple[str, int]] = {}
    tokens: set[str] = set()
    for one in stations:
        if spoken.setdefault(one.printer, (one.dialect, one.width)) != (one.dialect, one.width):
            raise BadConfig(f"{one.name}: a impressora {one.printer} já tem outro dialeto ou largura")
        if one.token in tokens:
            raise BadConfig(f"{one.name}: o mesmo token aparece em duas estações")
        tokens.add(one.token)
    return stations
