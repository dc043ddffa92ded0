"""The reader of the demo data refuses what is wrong, and says where."""

import json
import re
import shutil
from collections.abc import Callable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest

from server.demo.data import DemoDataError, load_demo


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the demo files, to be damaged."""
    with resources.as_file(resources.files("server.demo")) as source:
        target = tmp_path / "demo"
        shutil.copytree(source, target, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return target


def damage(folder: Path, name: str, change: Callable[[Any], object]) -> Path:
    path = folder / name
    value = json.loads(path.read_text(encoding="utf-8"))
    change(value)
    path.write_text(json.dumps(value), encoding="utf-8")
    return folder


def _service_0(change: Callable[[dict[str, Any]], object]) -> Callable[[Any], object]:
    return lambda value: change(value["services"][0])


BROKEN = {
    "misspelt key": ("services/obras.json", _service_0(lambda s: s.update(prefx="F")), "unknown key prefx"),
    "language missing": ("services/obras.json", _service_0(lambda s: s["name"].pop("es")), "name: lacks es"),
    "language unknown": (
        "services/obras.json",
        _service_0(lambda s: s["name"].update(fr="x")),
        "unknown language fr",
    ),
    "empty text": ("services/obras.json", _service_0(lambda s: s["name"].update(en=" ")), "en: empty"),
    "no documents": (
        "services/obras.json",
        _service_0(lambda s: s["documents"].update(en=[])),
        "a language has an empty list",
    ),
    "documents uneven": (
        "services/obras.json",
        _service_0(lambda s: s["documents"]["en"].pop()),
        "documents differ",
    ),
    "wrong type": (
        "services/obras.json",
        _service_0(lambda s: s.update(target_minutes="15")),
        "expected int, found str",
    ),
    "boolean minutes": (
        "services/obras.json",
        _service_0(lambda s: s.update(target_minutes=True)),
        "found bool",
    ),
    "no minutes": (
        "services/obras.json",
        _service_0(lambda s: s.update(target_minutes=0)),
        "between 1 and 240",
    ),
    "key missing": ("services/obras.json", _service_0(lambda s: s.pop("official_name")), "found nothing"),
    "letter like a digit": (
        "services/obras.json",
        _service_0(lambda s: s.update(prefix="Q")),
        "prefix Q looks like a digit",
    ),
    "priority letter": (
        "services/obras.json",
        _service_0(lambda s: s.update(prefix="PA")),
        "prefix PA reserved for priority",
    ),
    "sound-alike M": (
        "services/obras.json",
        _service_0(lambda s: s.update(prefix="N")),
        "M and N sound alike",
    ),
    "series of another": (
        "services/obras.json",
        _service_0(lambda s: s.update(prefix="A")),
        "prefix A: shared by",
    ),
    "series in lower case": (
        "services/obras.json",
        _service_0(lambda s: s.update(prefix="f")),
        "prefix f must be capital letters",
    ),
    "id twice": (
        "services/obras.json",
        lambda v: v["services"][1].update(id="itbi"),
        "service itbi: the id is used 2",
    ),
    "id not a slug": (
        "services/obras.json",
        lambda v: v["services"][1].update(id="Obra 1"),
        "ids are lower-case",
    ),
    "file and id differ": (
        "services/obras.json",
        lambda v: v["category"].update(id="obra"),
        "id obra is not the name of its file",
    ),
    "file of a category missing": (
        "texts.json",
        lambda v: v["categories"].append("turismo"),
        "services/turismo.json: no such file",
    ),
    "tier missing": ("texts.json", lambda v: v["tiers"].pop(), "tiers: expected exactly"),
    "languages in another order": (
        "texts.json",
        lambda v: v["languages"].reverse(),
        "languages: expected pt-BR",
    ),
    "unit offers the unknown": (
        "units.json",
        lambda v: v["units"][1]["services"].append("@turismo"),
        "lagoa: @turismo names no service here",
    ),
    "unknown profile": (
        "units.json",
        lambda v: v["units"][0]["counters"][0].update(profile="x"),
        "counter centro-1: unknown profile x",
    ),
    "unknown kind": (
        "units.json",
        lambda v: v["units"][0]["counters"][0].update(kind="booth"),
        "kind booth is none of desk",
    ),
    "counter twice": (
        "units.json",
        lambda v: v["units"][0]["counters"][0].update(number="2"),
        "counter centro-2: the id is used 2 times",
    ),
    "level adds nothing": (
        "units.json",
        lambda v: v["units"][0]["profiles"][0]["levels"].append(["itbi"]),
        "a level adds nothing",
    ),
    "levels not lists": (
        "units.json",
        lambda v: v["units"][0]["profiles"][0].update(levels=["*"]),
        "expected lists of words",
    ),
    "service nobody calls": (
        "units.json",
        lambda v: [
            p.update(levels=[["@obras"]]) for p in v["units"][0]["profiles"] if p["id"] != "preferencial"
        ],
        "no counter calls itbi for normal tickets",
    ),
    "closes before opening": (
        "units.json",
        lambda v: v["units"][0]["hours"].update(mon=[["17:00", "08:00"]]),
        "mon must close after opening",
    ),
    "hours unreadable": (
        "units.json",
        lambda v: v["units"][0]["hours"].update(mon=[["8h", "17h"]]),
        "mon must be hours and minutes",
    ),
    "weekday unknown": (
        "units.json",
        lambda v: v["units"][0]["hours"].update(seg=[["08:00", "17:00"]]),
        "unknown key seg",
    ),
    "time zone unknown": (
        "units.json",
        lambda v: v["units"][0].update(timezone="America/Floripa"),
        "unknown time zone America/Floripa",
    ),
    "user of an unknown unit": ("people.json", lambda v: v["users"][1].update(unit="x"), "unknown unit x"),
    "attendant without unit": ("people.json", lambda v: v["users"][2].update(unit=None), "unknown unit None"),
    "unit forgotten": (
        "people.json",
        lambda v: v["users"][0].pop("unit"),
        "unit: expected str, found nothing",
    ),
    "role unknown": ("people.json", lambda v: v["users"][1].update(role="boss"), "role boss is none of"),
    "username twice": (
        "people.json",
        lambda v: v["users"][2].update(username="admin"),
        "user admin: the id is used 2 times",
    ),
    "device kind unknown": ("people.json", lambda v: v["devices"][0].update(kind="tv"), "kind tv is none of"),
    "device of an unknown unit": (
        "people.json",
        lambda v: v["devices"][0].update(unit="x"),
        "unknown unit x",
    ),
    "not an object": ("people.json", lambda v: v["users"].append("ana"), "expected an object, found str"),
}


class TestTheReader:
    def test_reads_a_folder_of_ones_own(self, folder: Path) -> None:
        assert load_demo(folder) == load_demo()

    @pytest.mark.parametrize("case", BROKEN)
    def test_refuses_and_says_where(self, folder: Path, case: str) -> None:
        name, change, message = BROKEN[case]
        with pytest.raises(DemoDataError, match=re.escape(message)):
            load_demo(damage(folder, name, change))

    def test_names_the_file_and_the_item(self, folder: Path) -> None:
        damage(folder, "services/obras.json", _service_0(lambda s: s["name"].pop("es")))
        with pytest.raises(DemoDataError) as refused:
            load_demo(folder)
        assert str(refused.value) == "services/obras.json: services[0] consulta-viabilidade: name: lacks es"

    def test_tells_every_contradiction_at_once(self, folder: Path) -> None:
        damage(
            folder,
            "people.json",
            lambda v: [v["users"][1].update(unit="x"), v["devices"][0].update(kind="tv")],
        )
        with pytest.raises(DemoDataError) as refused:
            load_demo(folder)
        assert len(str(refused.value).splitlines()) == 2

    def test_refuses_what_is_not_json(self, folder: Path) -> None:
        (folder / "people.json").write_text("{", encoding="utf-8")
        with pytest.raises(DemoDataError, match=r"people\.json: not JSON"):
            load_demo(folder)
