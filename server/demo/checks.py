"""What must hold between the records of the demo: unique ids, known references, distinct series.

Each problem begins with the file, or the files, in which it can be put right.
"""

import re
from collections import Counter as Tally
from collections.abc import Iterable, Iterator

from server.demo.records import COUNTER_KINDS, DEVICE_KINDS, LANGUAGES, ROLES, TIERS, Demo, Service, Unit
from server.domain import numbering
from server.domain.errors import Refusal

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
USERNAME = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*")
TEXTS, UNITS, PEOPLE = "texts.json", "units.json", "people.json"


def problems_of(demo: Demo) -> Iterator[str]:
    """Every contradiction in `demo`, each as one sentence; nothing when it is sound."""
    yield from _in_file(TEXTS, _repeated("category", (category.id for category in demo.categories)))
    yield from _service_ids(demo.services)
    yield from _in_file(UNITS, _unit_ids(demo.units))
    yield from _in_file(PEOPLE, _repeated("user", (user.username for user in demo.users)))
    yield from _in_file(PEOPLE, _repeated("device", (device.id for device in demo.devices)))
    yield from _in_file(TEXTS, _languages_and_tiers(demo))
    yield from _series(demo.services)
    for service in demo.services:
        yield from _in_file(_file_of(service.category), _service(service))
    for unit in demo.units:
        yield from _in_file(UNITS, _unit(unit))
    yield from _in_file(PEOPLE, _people(demo))


def _file_of(*categories: str) -> str:
    return ", ".join(f"services/{category}.json" for category in sorted(set(categories)))


def _in_file(name: str, problems: Iterable[str]) -> Iterator[str]:
    return (f"{name}: {problem}" for problem in problems)


def _repeated(what: str, ids: Iterable[str]) -> Iterator[str]:
    for name, count in Tally(ids).items():
        if count > 1:
            yield f"{what} {name}: the id is used {count} times"
        if not (USERNAME if what == "user" else SLUG).fullmatch(name):
            yield f"{what} {name}: ids are lower-case letters, digits and hyphens"


def _service_ids(services: Iterable[Service]) -> Iterator[str]:
    by_id: dict[str, list[Service]] = {}
    for service in services:
        by_id.setdefault(service.id, []).append(service)
    for alike in by_id.values():
        where = _file_of(*(service.category for service in alike))
        yield from _in_file(where, _repeated("service", (service.id for service in alike)))


def _unit_ids(units: tuple[Unit, ...]) -> Iterator[str]:
    if not units:
        yield "units: none is there"
    yield from _repeated("unit", (unit.id for unit in units))
    yield from _repeated("counter", (counter.id for unit in units for counter in unit.counters))


def _languages_and_tiers(demo: Demo) -> Iterator[str]:
    if [language.code for language in demo.languages] != list(LANGUAGES):
        yield f"languages: expected {', '.join(LANGUAGES)} in this order"
    if sorted(tier.id for tier in demo.tiers) != sorted(TIERS):
        yield f"tiers: expected exactly {', '.join(TIERS)}"


def _series(services: Iterable[Service]) -> Iterator[str]:
    owners: dict[str, set[str]] = {}
    for service in services:
        owners.setdefault(service.prefix, set()).add(service.category)
        if problem := numbering.prefix_problem(service.prefix):
            where = f"{_file_of(service.category)}: service {service.id}"
            yield f"{where}: prefix {service.prefix} {problem.replace('_', ' ')}"
    for prefix, categories in owners.items():
        if len(categories) > 1:
            shared = f"prefix {prefix}: shared by the categories {', '.join(sorted(categories))}"
            yield f"{_file_of(*categories)}: {shared}"
    for one, other in numbering.clashes(owners):
        where = _file_of(*owners[one], *owners[other])
        yield f"{where}: prefixes {one} and {other} sound alike when called"


def _service(service: Service) -> Iterator[str]:
    lengths = {len(items) for items in service.documents.values()}
    if len(lengths) > 1:
        yield f"service {service.id}: documents differ in number between languages"
    for language, words in service.keywords.items():
        if len({word.casefold() for word in words}) < len(words):
            yield f"service {service.id}: a keyword is repeated in {language}"


def _unit(unit: Unit) -> Iterator[str]:
    try:
        numbering.zone(unit.timezone)
    except Refusal:
        yield f"unit {unit.id}: unknown time zone {unit.timezone}"
    if not unit.services:
        yield f"unit {unit.id}: it offers no service"
    profiles = {profile.id: profile for profile in unit.profiles}
    if len(profiles) < len(unit.profiles):
        yield f"unit {unit.id}: two profiles with the same id"
    for counter in unit.counters:
        if counter.kind not in COUNTER_KINDS:
            yield f"counter {counter.id}: kind {counter.kind} is none of {', '.join(COUNTER_KINDS)}"
        if counter.profile not in profiles:
            yield f"counter {counter.id}: unknown profile {counter.profile}"
    used = (profiles[counter.profile] for counter in unit.counters if counter.profile in profiles)
    # A dedicated counter leaves normal tickets where they are: it does not count.
    called = {
        service for profile in used if not profile.dedicated for level in profile.levels for service in level
    }
    for service in unit.services:
        if service not in called:
            yield f"unit {unit.id}: no counter calls {service} for normal tickets"


def _people(demo: Demo) -> Iterator[str]:
    units = {unit.id for unit in demo.units}
    for user in demo.users:
        if user.role not in ROLES:
            yield f"user {user.username}: role {user.role} is none of {', '.join(ROLES)}"
        if user.unit not in units and not (user.unit is None and user.role == "admin"):
            yield f"user {user.username}: unknown unit {user.unit}"
    for device in demo.devices:
        if device.kind not in DEVICE_KINDS:
            yield f"device {device.id}: kind {device.kind} is none of {', '.join(DEVICE_KINDS)}"
        if device.unit not in units:
            yield f"device {device.id}: unknown unit {device.unit}"
