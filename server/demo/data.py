"""The Pró-Cidadão demo as plain values: what `vez demo` and the tests put into a fresh database.

The files beside this module are meant to be read and edited by people: one per category under
`services/`, then `units.json`, `people.json` and `texts.json`. `load_demo` reads them, refuses
anything inconsistent with a message that says where, and returns frozen records.

Short hands in the files, expanded here: `"*"` is every service the unit offers (in a unit: every
service of the city), `"@tributos"` is every service of that category the unit offers.
"""

from dataclasses import replace
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path

from server.demo import checks, reading
from server.demo.records import (
    COUNTER_KINDS,
    DEVICE_KINDS,
    LANGUAGES,
    ROLES,
    TIERS,
    WEEKDAYS,
    Category,
    Counter,
    Demo,
    DemoDataError,
    Device,
    Hours,
    Language,
    Notices,
    Profile,
    Service,
    Text,
    Texts,
    Tier,
    Unit,
    User,
)

__all__ = [
    "COUNTER_KINDS",
    "DEVICE_KINDS",
    "LANGUAGES",
    "ROLES",
    "TIERS",
    "WEEKDAYS",
    "Category",
    "Counter",
    "Demo",
    "DemoDataError",
    "Device",
    "Hours",
    "Language",
    "Notices",
    "Profile",
    "Service",
    "Text",
    "Texts",
    "Tier",
    "Unit",
    "User",
    "always_open",
    "load_city",
    "load_demo",
    "write_example",
]


def load_demo(folder: Traversable | None = None) -> Demo:
    """Read and check the demo data of `folder` (default: the files of this package, in a wheel too).

    Raises DemoDataError when a file is missing, malformed, or contradicts another.
    """
    return _checked(reading.read(folder or resources.files("server.demo")))


def load_city(folder: Traversable) -> Demo:
    """Read and check a real city's folder, for `vez init`: the same files without people.json.

    That one is left alone even where it is there: it may hold the demo's public password.
    Raises DemoDataError as `load_demo` does.
    """
    return _checked(reading.read(folder, people=False))


def _checked(demo: Demo) -> Demo:
    problems = list(checks.problems_of(demo))
    if problems:
        raise DemoDataError("\n".join(problems))
    return demo


def write_example(folder: Path) -> None:
    """Copy the demo city into `folder`, for somebody to edit; without its people and devices."""
    source = resources.files("server.demo")
    services = [file for file in source.joinpath("services").iterdir() if file.name.endswith(".json")]
    folder.joinpath("services").mkdir(parents=True)
    for name in ("texts.json", "units.json"):
        folder.joinpath(name).write_bytes(source.joinpath(name).read_bytes())
    for file in services:
        folder.joinpath("services", file.name).write_bytes(file.read_bytes())


def always_open(demo: Demo) -> Demo:
    """The same city with every unit open day and night, so that a demonstration works at any hour."""
    hours = dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),))
    return replace(demo, units=tuple(replace(unit, hours=hours) for unit in demo.units))
