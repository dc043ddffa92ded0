"""Settings: frozen, from ``VEZ_*`` variables or a TOML file; unknown names are refused with a hint, secrets are masked.

The environment wins over the file (``VEZ_CONFIG`` names the file). Every name is explained in docs/pt/instalacao.md.
"""

from __future__ import annotations

import difflib
import os
import re
import secrets
import shlex
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path

ASYNC_MODES = ("eventlet", "gevent", "threading")
DATABASES = ("postgresql://", "postgresql+psycopg://", "sqlite://")
REDIS = ("redis://", "rediss://", "unix://")
MOST_PORT = 65535
SPOKEN = ("pt-BR", "en", "es")
# Read by others: `vez init`, the print agent, the tests, and this file's own place.
NOT_OURS = ("VEZ_ADMIN_PASSWORD", "VEZ_CONFIG", "VEZ_CHROMIUM", "VEZ_PRINTER_", "VEZ_TEST_")


class SettingsError(Exception):
    """A setting is unknown or makes no sense; the message is one line for the person who installs."""


def _setting(default: object, help_text: str, *, secret: bool = False) -> object:
    return field(default=default, metadata={"help": help_text, "secret": secret})


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All settings of the server. ``str(settings)`` never shows a secret."""

    database_url: str = _setting("", "SQLAlchemy URL; empty: an SQLite file in data_dir", secret=True)  # type: ignore[assignment]
    redis_url: str = _setting("", "Redis URL; needed with more than one worker process", secret=True)  # type: ignore[assignment]
    async_mode: str = _setting("eventlet", "eventlet, gevent or threading")  # type: ignore[assignment]
    secret_key: str = _setting("", "signs what must not be forged; made in data_dir when empty", secret=True)  # type: ignore[assignment]
    data_dir: Path = _setting(Path("var"), "where the embedded database and caches live")  # type: ignore[assignment]
    public_url: str = _setting("http://127.0.0.1:8000", "the address that phones reach: QR codes carry it")  # type: ignore[assignment]
    host: str = _setting("127.0.0.1", "address to listen on")  # type: ignore[assignment]
    port: int = _setting(8000, "port to listen on")  # type: ignore[assignment]
    workers: int = _setting(1, "worker processes; more than one needs PostgreSQL and Redis")  # type: ignore[assignment]
    session_hours: int = _setting(12, "how long a staff login lasts")  # type: ignore[assignment]
    secure_cookies: bool = _setting(False, "set when the site is served over https")  # type: ignore[assignment]
    trusted_proxies: int = _setting(0, "reverse proxies in front (nginx: 1)")  # type: ignore[assignment]
    log_level: str = _setting("info", "debug, info, warning or error")  # type: ignore[assignment]
    piper: str = _setting("", "commands of piper voices: pt-BR=piper --model FILE --output_file -; es=…")  # type: ignore[assignment]
    push_hosts: str = _setting(
        "", "hosts of push services, apart by spaces; empty: those of the browsers' makers; none: no push"
    )  # type: ignore[assignment]
    demo: bool = _setting(False, "show the demo's start page with its logins")  # type: ignore[assignment]

    def __post_init__(self) -> None:
        if self.async_mode not in ASYNC_MODES:
            raise SettingsError(f"VEZ_ASYNC must be one of {', '.join(ASYNC_MODES)}, not {self.async_mode!r}")
        _ = self.piper_commands  # refused at the start, not at the first call
        if not re.fullmatch(r"([a-z0-9.-]+(:\d{1,5})?\s*)*", self.push_hosts):
            raise SettingsError(
                f"VEZ_PUSH_HOSTS is names of hosts apart by spaces, or none, not {self.push_hosts!r}"
            )
        # Their values are secrets, and are not repeated here.
        if self.database_url and not self.database_url.startswith(DATABASES):
            raise SettingsError("VEZ_DATABASE_URL begins with postgresql:// or sqlite:///, or is empty")
        if self.redis_url and not self.redis_url.startswith(REDIS):
            raise SettingsError("VEZ_REDIS_URL begins with redis://, rediss:// or unix://, or is empty")
        if not 0 <= self.port <= MOST_PORT:
            raise SettingsError(f"VEZ_PORT must be between 0 and {MOST_PORT}, not {self.port}")
        if self.workers < 1:
            raise SettingsError("VEZ_WORKERS must be at least 1")
        if self.workers > 1 and (self.database.startswith("sqlite") or not self.redis_url):
            raise SettingsError(
                "more than one worker needs PostgreSQL (VEZ_DATABASE_URL) and Redis (VEZ_REDIS_URL)"
            )

    @property
    def piper_commands(self) -> dict[str, list[str]]:
        """The command of each language for which a piper voice is configured. Raises ``SettingsError``."""
        found = {}
        for part in filter(None, (part.strip() for part in self.piper.split(";"))):
            language, _, command = part.partition("=")
            if language.strip() not in SPOKEN or not command.strip():
                raise SettingsError(
                    f"VEZ_PIPER is LANGUAGE=COMMAND; …, with {', '.join(SPOKEN)}, not {part!r}"
                )
            found[language.strip()] = shlex.split(command)
        return found

    @property
    def database(self) -> str:
        """The database URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir.resolve() / 'vez.sqlite3'}"

    def __repr__(self) -> str:
        shown = {
            f.name: "***" if f.metadata.get("secret") and getattr(self, f.name) else getattr(self, f.name)
            for f in fields(self)
        }
        return f"Settings({', '.join(f'{k}={v!r}' for k, v in shown.items())})"

    __str__ = __repr__


def env_name(setting: str) -> str:
    """The variable of a setting: VEZ_ASYNC for async_mode, VEZ_<NAME> for all others."""
    return "VEZ_ASYNC" if setting == "async_mode" else f"VEZ_{setting.upper()}"


_NAMES = {env_name(f.name): f.name for f in fields(Settings)}
_TYPES = {f.name: f.type for f in fields(Settings)}


def _parse(name: str, raw: object) -> object:
    kind = _TYPES[name]
    text = str(raw).strip()
    if kind == "int":
        try:
            return int(text)
        except ValueError:
            raise SettingsError(f"{env_name(name)} must be a whole number, not {text!r}") from None
    if kind == "bool":
        if text.lower() in {"1", "true", "yes", "on", "sim"}:
            return True
        if text.lower() in {"0", "false", "no", "off", "não", ""}:
            return False
        raise SettingsError(f"{env_name(name)} must be yes or no, not {text!r}")
    return Path(text) if kind == "Path" else text


def _known(name: str, source: str) -> str:
    if name in _NAMES:
        return _NAMES[name]
    near = difflib.get_close_matches(name, _NAMES, n=1)
    hint = f"; did you mean {near[0]}?" if near else ""
    raise SettingsError(f"unknown setting {name} in {source}{hint}")


def load_settings(environ: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Read the settings. ``overrides`` win over the environment, which wins over the file.

    Raises ``SettingsError`` with one clear line: an unknown name (with the nearest known one), or a bad value.
    """
    env = os.environ if environ is None else environ
    values: dict[str, object] = {}
    if path := env.get("VEZ_CONFIG"):
        values |= _from_file(Path(path))
    for name, raw in env.items():
        if name.startswith("VEZ_") and not name.startswith(NOT_OURS):
            setting = _known(name, "the environment")
            values[setting] = _parse(setting, raw)
    values |= {name: value for name, value in overrides.items() if value is not None}
    return Settings(**values)  # type: ignore[arg-type]


def _from_file(path: Path) -> dict[str, object]:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise SettingsError(f"cannot read {path}: {error.strerror}") from None
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{path} is not TOML: {error}") from None
    names = {
        name: _known("VEZ_ASYNC" if name == "async" else f"VEZ_{name.upper()}", str(path)) for name in table
    }
    return {setting: _parse(setting, table[name]) for name, setting in names.items()}


def keep_secret_key(settings: Settings) -> str:
    """The signing key: the given one, or one made once and kept in the data directory (mode 600)."""
    if settings.secret_key:
        return settings.secret_key
    path = settings.data_dir / "secret_key"
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    if not path.exists() or not path.read_text().strip():
        _make_key(path)
    return path.read_text().strip()


def _make_key(path: Path) -> None:
    """Whole or not there: of processes that start together one makes it, and a power cut leaves no empty one."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    with os.fdopen(os.open(fresh, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file:
        file.write(secrets.token_hex(32))
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(fresh, path)  # unlike a renaming it does not replace what another has put there meanwhile
    except FileExistsError:
        if not path.read_text().strip():
            fresh.replace(path)  # left empty by an older version and a power cut
    finally:
        fresh.unlink(missing_ok=True)
