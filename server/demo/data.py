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
    "load_demo",
]


def load_demo(folder: Traversable | None = None) -> Demo:
    """Read and check the demo data of `folder` (default: the files of this package, in a wheel too).

    Raises DemoDataError when a file is missing, malformed, or contradicts another.
    """
    demo = reading.read(folder or resources.files("server.demo"))
    problems = list(checks.problems_of(demo))
    if problems:
        raise DemoDataError("\n".join(problems))
    return demo


def always_open(demo: Demo) -> Demo:
    """The same city with every unit open day and night, so that a demonstration works at any hour."""
    hours = dict.fromkeys(WEEKDAYS, (("00:00", "24:00"),))
    return replace(demo, units=tuple(replace(unit, hours=hours) for unit in demo.units))
