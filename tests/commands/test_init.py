"""`vez init`: from the example to a server that somebody logs in to; whatever is refused leaves nothing behind."""

from __future__ import annotations

import contextlib
import io
import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from city import Seeded
from serving import serving
from sqlalchemy import create_engine, func, inspect, select

from server.cli import main
from server.demo.data import load_city, load_demo, write_example
from server.store import tables
from server.store.unit_of_work import Store
from server.usecases.accounts import add_account, log_in
from server.usecases.context import House

Refusal = Callable[[list[str], dict[str, str]], list[str]]
PASSWORD = "doze-garças-na-lagoa"
SECRET = {"VEZ_ADMIN_PASSWORD": PASSWORD}
ALREADY = "Error: the database has units already (centro, lagoa, ingleses, …): nothing was changed"
NOT_SHOWN = "a line break, or a character that cannot be shown"


@pytest.fixture
def cidade(tmp_path: Path) -> Path:
    """A city's folder, as `--example` writes it."""
    write_example(tmp_path / "cidade")
    return tmp_path / "cidade"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, dict[str, str]]:
    """A database without any table: its URL, and the setting that names it (SQLite: none, it is the data folder's)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'data' / 'vez.sqlite3'}", {}
    url = request.getfixturevalue("pg_empty_url")
    return url, {"VEZ_DATABASE_URL": url}


def change(path: Path, edit: Callable[[Any], object]) -> None:
    """Edit a JSON file as a person would."""
    value = json.loads(path.read_text(encoding="utf-8"))
    edit(value)
    path.write_text(json.dumps(value), encoding="utf-8")


def rows(url: str) -> dict[str, int]:
    """How many rows each table has; {} for a database without tables."""
    engine = create_engine(url)
    try:
        with engine.connect() as connection:
            there = set(inspect(connection).get_table_names())
            return {
                table.name: connection.execute(select(func.count()).select_from(table)).scalar_one()
                for table in tables.metadata.sorted_tables
                if table.name in there
            }
    finally:
        engine.dispose()


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Refusal:
    """`vez init` in this process, where there is no terminal; it must end with 1: the lines of stderr."""

    def call(words: list[str], settings: dict[str, str]) -> list[str]:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("sys.argv", ["vez", "init", *words])
        monkeypatch.setattr("sys.stdin", io.StringIO())
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        with pytest.raises(SystemExit) as ended:
            main()
        told = capsys.readouterr()
        assert (ended.value.code, told.out) == (1, "")
        return told.err.splitlines()

    return call


@contextlib.contextmanager
def closing_house(url: str) -> Iterator[House]:
    """The use cases on a database, in this process."""
    store = Store(url)
    try:
        yield House(store, lambda: datetime.now(UTC), "http://vez.test")
    finally:
        store.dispose()


def test_from_the_example_to_a_server_with_its_administrator(
    run, vez: str, tmp_path: Path, empty: tuple[str, dict[str, str]]
) -> None:
    """And a second run refuses, and changes nothing."""
    url, setting = empty
    assert run("init", "--example", "cidade").returncode == 0
    change(tmp_path / "cidade/units.json", lambda v: v["units"][0].update(name="Unidade da Praça"))
    words = ("init", "cidade", "--data", "data", "--admin", "Maria.Souza", "--name", "Maria Souza")
    done = run(*words, **SECRET, **setting)
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert "units: 6, services: 43" in done.stdout
    assert 'vez device add centro kiosk --name "Totem" --data data' in done.stdout
    assert (tmp_path / "data/secret_key").stat().st_mode & 0o077 == 0
    made = rows(url)
    assert (made["unit"], made["account"], made["device"]) == (6, 1, 0)

    with serving(vez, tmp_path / "data", url, Seeded({})) as served:
        admin = served.client().log_in("maria.souza", PASSWORD)
        user = admin("GET", "/session").body["user"]
        assert (user["name"], user["role"], user["unit"]) == ("Maria Souza", "admin", None)
        names = [unit["name"] for unit in served.client()("GET", "/units").body["units"]]
        assert names[0] == "Unidade da Praça"
        for person in ("admin", "ana.martins"):
            answer = served.client()("POST", "/session", {"username": person, "password": "vez-demo"})
            assert answer.status == 401

    before = rows(url)
    again = run("init", "cidade", "--data", "data", "--admin", "outra", **SECRET, **setting)
    assert (again.returncode, again.stdout) == (1, "")
    assert again.stderr.splitlines() == [ALREADY]
    assert rows(url) == before


@pytest.mark.postgres
def test_of_two_at_once_one_wins(run, cidade: Path, pg_url: str) -> None:
    """Each with another city: the loser's must not be mixed in."""
    change(cidade / "units.json", lambda v: v["units"].pop())
    write_example(cidade.parent / "other")
    with ThreadPoolExecutor() as threads:
        pending = [threads.submit(run, "init", name, VEZ_DATABASE_URL=pg_url) for name in ("cidade", "other")]
        done = [each.result() for each in pending]
    assert sorted(each.returncode for each in done) == [0, 1]
    assert [each.stderr.splitlines() for each in done if each.returncode] == [[ALREADY]]
    assert rows(pg_url)["unit"] == (5 if done[0].returncode == 0 else 6)


FAULTS: dict[str, tuple[str, Callable[[Any], object], list[str]]] = {
    "a misspelt key": (
        "units.json",
        lambda v: v["units"][1].update(adress="Rua"),
        ["cidade/units.json: units[1] lagoa: unknown key adress"],
    ),
    "several at once": (
        "units.json",
        lambda v: [
            v["units"][0].update(timezone="Floripa"),
            v["units"][0]["counters"][0].update(profile="x"),
        ],
        [
            "cidade/units.json: unit centro: unknown time zone Floripa",
            "cidade/units.json: counter centro-1: unknown profile x",
        ],
    ),
    "longer than the database keeps": (
        "units.json",
        lambda v: v["units"][0].update(name="x" * 121),
        ["cidade/units.json: units[0] centro: name: 121 characters, the most is 120"],
    ),
    "half a character": (
        "services/obras.json",
        lambda v: v["services"][0]["name"].update(en="\ud83d"),
        [f"cidade/services/obras.json: services[0] consulta-viabilidade: name: en: {NOT_SHOWN}"],
    ),
    "no unit": ("units.json", lambda v: v["units"].clear(), ["cidade/units.json: units: none is there"]),
    "two files": (
        "services/obras.json",
        lambda v: v["services"][1].update(id="itbi"),
        ["cidade/services/obras.json, services/tributos.json: service itbi: the id is used 2 times"],
    ),
}


@pytest.mark.parametrize("case", FAULTS)
def test_a_fault_is_a_line_with_file_and_place_and_nothing_is_made(
    refusal: Refusal, cidade: Path, tmp_path: Path, case: str
) -> None:
    name, edit, told = FAULTS[case]
    change(cidade / name, edit)
    words = ["cidade", "--data", "data", "--admin", "maria"]
    assert refusal(words, SECRET) == [f"Error: {line}" for line in told]
    assert not (tmp_path / "data").exists()


REFUSED: dict[str, tuple[list[str], dict[str, str], str]] = {
    "no folder": (["nada"], {}, "Error: nada: no such folder; `vez init --example nada`"),
    "an empty folder": (["vazia"], {}, "Error: vazia/texts.json: no such file"),
    "a short password": (
        ["cidade", "--admin", "maria"],
        {"VEZ_ADMIN_PASSWORD": "curta"},
        "password: string_too_short",
    ),
    "the demo's password": (["cidade", "--admin", "maria"], {"VEZ_ADMIN_PASSWORD": "vez-demo"}, "everybody"),
    "no password": (["cidade", "--admin", "maria"], {}, "Error: no password for the administrator"),
    "no username": (["cidade", "--admin", "maria souza"], SECRET, "Error: --admin maria souza: letters"),
    "a name of nobody": (["cidade", "--name", "Maria"], {}, "give --admin too"),
    "a folder that cannot be made": (["cidade", "--data", "/proc/vez"], {}, "vez: /proc/vez"),
    "an example over files": (["--example", "cidade"], {}, "Error: cidade: has files already"),
    "an example over a file": (["--example", "cidade/texts.json"], {}, "Error: cidade/texts.json: no folder"),
    "an example with an administrator": (["--example", "nova", "--admin", "a"], SECRET, "leave out --admin"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_refused_is_one_line_and_nothing_is_made(
    refusal: Refusal, cidade: Path, tmp_path: Path, case: str
) -> None:
    (tmp_path / "vazia").mkdir()
    words, settings, told = REFUSED[case]
    before = sorted(tmp_path.rglob("*"))
    (line,) = refusal(words, settings)
    assert told in line
    assert sorted(tmp_path.rglob("*")) == before


def test_a_name_that_is_taken_leaves_the_city_out_as_well(run, cidade: Path, engine_url: str) -> None:
    """One transaction: somebody may have made accounts before."""
    with closing_house(engine_url) as house:
        add_account(house, "maria", "Maria", "admin", None, PASSWORD)
    before = rows(engine_url)
    done = run("init", "cidade", "--admin", "maria", **SECRET, VEZ_DATABASE_URL=engine_url)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert "username: already_taken" in line
    assert rows(engine_url) == before
    assert (before["unit"], before["account"]) == (0, 1)


def test_people_of_the_folder_stay_out(run, cidade: Path, sqlite_url: str) -> None:
    """Even the demo's own, with their public password."""
    people = [{"username": u.username, "password": u.password} for u in load_demo().users]
    (cidade / "people.json").write_text(json.dumps({"users": people}), encoding="utf-8")
    done = run("init", "cidade", VEZ_DATABASE_URL=sqlite_url)
    assert done.returncode == 0, done.stderr
    assert "cidade/people.json was not read" in done.stdout
    assert rows(sqlite_url)["account"] == 0


def test_the_example_is_the_demo_without_people_and_devices(cidade: Path) -> None:
    assert not (cidade / "people.json").exists()
    city, demo = load_city(cidade), load_demo()
    assert (city.units, city.services, city.tiers) == (demo.units, demo.services, demo.tiers)
    assert (city.users, city.devices) == ((), ())


def test_the_password_may_be_a_line_of_the_input(vez: str, cidade: Path, sqlite_url: str) -> None:
    done = subprocess.run(
        [vez, "init", str(cidade), "--data", str(cidade.parent), "--admin", "maria"],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=True,
    )
    assert PASSWORD not in done.stdout + done.stderr
    _may_log_in(sqlite_url)


def test_on_a_terminal_the_password_is_asked_for_twice_and_not_shown(
    vez: str, cidade: Path, sqlite_url: str
) -> None:
    ours, theirs = pty.openpty()
    words = [vez, "init", str(cidade), "--data", str(cidade.parent), "--admin", "maria"]
    with subprocess.Popen(
        words, stdin=theirs, stdout=theirs, stderr=theirs, start_new_session=True
    ) as process:
        os.close(theirs)
        shown = _read_until(ours, b"Password: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        shown += _read_until(ours, b"confirmation: ")
        os.write(ours, f"{PASSWORD}\n".encode())
        shown += _read_until(ours, b"feedback)")
    os.close(ours)
    assert process.returncode == 0
    assert PASSWORD.encode() not in shown
    _may_log_in(sqlite_url)


def _read_until(terminal: int, words: bytes) -> bytes:
    shown = b""
    while words not in shown:
        shown += os.read(terminal, 1024)
    return shown


def _may_log_in(url: str) -> None:
    with closing_house(url) as house:
        _, body = log_in(house, "maria", PASSWORD)
    assert body["user"]["role"] == "admin"
