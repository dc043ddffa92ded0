"""From the JSON files to the records. Shapes are checked here, references between records in `checks`."""

import json
import unicodedata
from collections.abc import Iterable, Iterator
from importlib.resources.abc import Traversable
from typing import Any

from server.demo.records import (
    LANGUAGES,
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
from server.domain import hours
from server.domain.errors import Refusal


class Node:
    """One JSON object and where it stands, so that every complaint can say so."""

    def __init__(self, value: object, where: str) -> None:
        if not isinstance(value, dict):
            raise DemoDataError(f"{where}: expected an object, found {type(value).__name__}")
        self._value: dict[str, Any] = value
        self._left = set(value)
        self.where = where

    def fail(self, problem: str) -> DemoDataError:
        return DemoDataError(f"{self.where}: {problem}")

    def _take(self, key: str, kind: type, *, default: object = None) -> Any:
        self._left.discard(key)
        value = self._value.get(key, default)
        # bool is an int in Python, but not in the files.
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            found = "nothing" if key not in self._value else type(value).__name__
            raise self.fail(f"{key}: expected {kind.__name__}, found {found}")
        return value

    def text(self, key: str, most: int | None = None) -> str:
        """One line of words; `most` characters, where the database keeps no more."""
        value: str = self._take(key, str)
        if not value.strip() or value != value.strip():
            raise self.fail(f"{key}: empty, or with blanks around it")
        if not _can_be_shown(value):
            raise self.fail(f"{key}: a line break, or a character that cannot be shown")
        if most is not None and len(value) > most:
            raise self.fail(f"{key}: {len(value)} characters, the most is {most}")
        return value

    def text_or_none(self, key: str) -> str | None:
        """None only where the file says null: a forgotten key is an error."""
        if key in self._value and not self.has(key):
            return None
        return self.text(key)

    def minutes(self, key: str) -> int:
        value: int = self._take(key, int)
        if not 1 <= value <= 240:
            raise self.fail(f"{key}: {value} minutes is not between 1 and 240")
        return value

    def flag(self, key: str) -> bool:
        value: bool = self._take(key, bool, default=False)
        return value

    def words(self, key: str) -> tuple[str, ...]:
        value = self._take(key, list)
        if not all(isinstance(word, str) and word.strip() and _can_be_shown(word) for word in value):
            raise self.fail(f"{key}: expected a list of words")
        return tuple(value)

    def has(self, key: str) -> bool:
        """Whether `key` is there and not null; a null counts as read."""
        if self._value.get(key) is None:
            self._left.discard(key)
            return False
        return True

    def lists(self, key: str) -> tuple[list[Any], ...]:
        value = self._take(key, list)
        if not all(isinstance(item, list) and all(isinstance(word, str) for word in item) for item in value):
            raise self.fail(f"{key}: expected lists of words")
        return tuple(value)

    def node(self, key: str) -> "Node":
        return Node(self._take(key, dict), f"{self.where}: {key}")

    def nodes(self, key: str) -> Iterator["Node"]:
        for index, item in enumerate(self._take(key, list)):
            name = item.get("id") or item.get("username") if isinstance(item, dict) else None
            yield Node(item, f"{self.where}: {key}[{index}]" + (f" {name}" if name else ""))

    def in_languages(self, key: str) -> Text:
        inner = self.node(key)
        inner.exactly_languages()
        return {language: inner.text(language) for language in LANGUAGES}

    def lists_in_languages(self, key: str) -> Texts:
        inner = self.node(key)
        inner.exactly_languages()
        lists = {language: inner.words(language) for language in LANGUAGES}
        if any(not words for words in lists.values()):
            raise inner.fail("a language has an empty list")
        return lists

    def exactly_languages(self) -> None:
        missing = [language for language in LANGUAGES if language not in self._value]
        if missing:
            raise self.fail(f"lacks {', '.join(missing)}")
        unknown = sorted(set(self._value) - set(LANGUAGES))
        if unknown:
            raise self.fail(f"unknown language {', '.join(unknown)}")

    def done(self) -> None:
        """Refuse what nobody asked for: a misspelt key must not be silently ignored."""
        if self._left:
            raise self.fail(f"unknown key {', '.join(sorted(self._left))}")


def _can_be_shown(text: str) -> bool:
    """No control character, and no half of a pair: neither paper nor database takes those."""
    return not any(unicodedata.category(character) in {"Cc", "Cs"} for character in text)


def read(folder: Traversable, *, people: bool = True) -> Demo:
    """All files of `folder` as one Demo; DemoDataError says which file and item is malformed.

    Without `people`, people.json is not even opened, and the city has neither users nor devices.
    """
    texts = _open(folder, "texts.json")
    by_category = [_category_file(folder, name) for name in texts.words("categories")]
    categories = tuple(category for category, _ in by_category)
    services = tuple(service for _, of_category in by_category for service in of_category)
    users, devices = _people(folder) if people else ((), ())
    units_file = _open(folder, "units.json")
    header, message = texts.text("ticket_header", 120), texts.in_languages("ticket_message")
    demo = Demo(
        languages=tuple(_language(node) for node in texts.nodes("languages")),
        tiers=tuple(_tier(node) for node in texts.nodes("tiers")),
        notices=Notices(
            companion=texts.in_languages("companion_notice"),
            priority=texts.in_languages("priority_notice"),
            priority_short=texts.in_languages("priority_short_notice"),
            law_reference=texts.in_languages("law_reference"),
        ),
        categories=categories,
        services=services,
        units=tuple(_unit(node, services, header, message) for node in units_file.nodes("units")),
        users=users,
        devices=devices,
    )
    for node in (texts, units_file):
        node.done()
    return demo


def _people(folder: Traversable) -> tuple[tuple[User, ...], tuple[Device, ...]]:
    file = _open(folder, "people.json")
    users = tuple(_user(node) for node in file.nodes("users"))
    devices = tuple(_device(node) for node in file.nodes("devices"))
    file.done()
    return users, devices


def _open(folder: Traversable, *path: str) -> Node:
    where = "/".join(path)
    try:
        # Some editors put a mark before the first character.
        value = json.loads(folder.joinpath(*path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError as error:
        raise DemoDataError(f"{where}: no such file") from error
    except (ValueError, RecursionError) as error:
        raise DemoDataError(f"{where}: not JSON: {error}") from error
    return Node(value, where)


def _category_file(folder: Traversable, name: str) -> tuple[Category, tuple[Service, ...]]:
    node = _open(folder, "services", f"{name}.json")
    inner = node.node("category")
    category = Category(id=inner.text("id", 60), icon=inner.text("icon", 40), name=inner.in_languages("name"))
    inner.done()
    if category.id != name:
        raise inner.fail(f"id {category.id} is not the name of its file")
    services = tuple(_service(item, category.id) for item in node.nodes("services"))
    node.done()
    return category, services


def _service(node: Node, category: str) -> Service:
    service = Service(
        id=node.text("id", 80),
        category=category,
        prefix=node.text("prefix"),
        name=node.in_languages("name"),
        official_name=node.text("official_name", 200),
        description=node.in_languages("description"),
        documents=node.lists_in_languages("documents"),
        keywords=node.lists_in_languages("keywords"),
        target_minutes=node.minutes("target_minutes"),
        typical_service_minutes=node.minutes("typical_service_minutes"),
    )
    node.done()
    return service


def _language(node: Node) -> Language:
    language = Language(code=node.text("code"), name=node.text("name"))
    node.done()
    return language


def _tier(node: Node) -> Tier:
    tier = Tier(
        id=node.text("id"),
        name=node.in_languages("name"),
        ticket_text=node.in_languages("ticket_text"),
        description=node.in_languages("description"),
    )
    node.done()
    return tier


def _unit(node: Node, city: Iterable[Service], header: str, message: Text) -> Unit:
    unit_id = node.text("id", 40)
    offered = _expand(node.words("services"), tuple(city), node)
    unit = Unit(
        id=unit_id,
        name=node.text("name", 120),
        address=node.text("address", 200),
        timezone=node.text("timezone", 60),
        hours=_week(node.node("hours")),
        services=tuple(service.id for service in offered),
        profiles=tuple(_profile(item, offered) for item in node.nodes("profiles")),
        counters=tuple(_counter(item, unit_id) for item in node.nodes("counters")),
        ticket_header=header,
        ticket_message=message,
    )
    node.done()
    return unit


def _expand(words: Iterable[str], known: tuple[Service, ...], node: Node) -> tuple[Service, ...]:
    """The services that ids, `@category` and `*` stand for, in the order of the city, each once."""
    chosen: set[str] = set()
    for word in words:
        found = {s.id for s in known if word in ("*", s.id, f"@{s.category}")}
        if not found:
            raise node.fail(f"{word} names no service here")
        chosen |= found
    return tuple(service for service in known if service.id in chosen)


def _profile(node: Node, offered: tuple[Service, ...]) -> Profile:
    levels: list[tuple[str, ...]] = []
    placed: set[str] = set()
    for level in node.lists("levels"):
        ids = tuple(s.id for s in _expand(level, offered, node) if s.id not in placed)
        if not ids:
            raise node.fail("levels: a level adds nothing to those above it")
        placed.update(ids)
        levels.append(ids)
    profile = Profile(
        id=node.text("id", 60),
        name=node.text("name", 120),
        levels=tuple(levels),
        overflow_minutes=node.minutes("overflow_minutes") if node.has("overflow_minutes") else None,
        dedicated=node.flag("dedicated"),
    )
    node.done()
    return profile


def _counter(node: Node, unit: str) -> Counter:
    number = node.text("number", 12)
    counter = Counter(
        id=f"{unit}-{number.lower()}", number=number, kind=node.text("kind"), profile=node.text("profile")
    )
    node.done()
    return counter


def _week(node: Node) -> Hours:
    week = {day: node.lists(day) for day in WEEKDAYS if node.has(day)}
    node.done()
    try:
        checked = hours.check_hours(week)
    except Refusal as refusal:
        wrong = refusal.detail["fields"][0]
        raise node.fail(
            f"{wrong['field'].removeprefix('hours.')} {wrong['problem'].replace('_', ' ')}"
        ) from refusal
    return {day: tuple((opens, closes) for opens, closes in intervals) for day, intervals in checked.items()}


def _user(node: Node) -> User:
    user = User(
        username=node.text("username"),
        name=node.text("name"),
        role=node.text("role"),
        unit=node.text_or_none("unit"),
        password=node.text("password"),
    )
    node.done()
    return user


def _device(node: Node) -> Device:
    device = Device(
        id=node.text("id"), kind=node.text("kind"), unit=node.text("unit"), name=node.text("name")
    )
    node.done()
    return device
