"""The demo city in a database: what was read from the files is what the server serves."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from server.demo.data import Demo, load_demo
from server.domain.errors import Refusal
from server.store.unit_of_work import Store, all_units
from server.usecases import accounts, devices, seeding
from server.usecases.context import House
from server.wire.requests import NewDevice

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture
def house(engine_url: str) -> Iterator[House]:
    store = Store(engine_url)
    yield House(store=store, now=lambda: NOW, public_url="http://127.0.0.1")
    store.dispose()


@pytest.fixture(scope="module")
def city() -> Demo:
    return load_demo()


def test_a_fresh_database_becomes_the_city(house: House, city: Demo) -> None:
    assert seeding.is_empty(house)
    paired = seeding.seed(house, city)
    assert not seeding.is_empty(house)
    with house.store.read() as connection:
        rows = all_units(connection)
        catalogs = {row.id: house.catalog(connection, row) for row in rows}
    assert [row.id for row in rows] == [unit.id for unit in city.units]
    for unit in city.units:
        catalog = catalogs[unit.id]
        assert list(catalog.services) == list(unit.services)
        assert set(catalog.series) == {service.prefix for service in catalog.services.values()}
        for profile in unit.profiles:
            kept = catalog.profiles[profile.id]
            assert [level.services for level in kept.levels] == [frozenset(level) for level in profile.levels]
            assert kept.dedicated == profile.dedicated
    assert {device.id for device in paired} == {device.id for device in city.devices}


def test_lower_levels_help_out_after_a_while_and_the_first_never_needs_to(house: House, city: Demo) -> None:
    seeding.seed(house, city)
    with house.store.read() as connection:
        centro = house.catalog(connection, all_units(connection)[0])
    assert [level.overflow_seconds for level in centro.profiles["tributos"].levels] == [None, 20 * 60]


def test_people_log_in_and_devices_are_known(house: House, city: Demo) -> None:
    paired = seeding.seed(house, city)
    for name in ("admin", "supervisao.centro", "ana.martins"):
        _, body = accounts.log_in(house, name, "vez-demo")
        assert body["user"]["username"] == name
    with pytest.raises(Refusal, match="bad_credentials"):
        accounts.log_in(house, "ana.martins", "vez-demonstration")
    for device in paired:
        actor = devices.authenticate(house, device.token)
        assert (actor.device_kind, actor.unit) == (device.kind, device.unit)
    kiosk = next(device for device in paired if (device.kind, device.unit) == ("kiosk", "lagoa"))
    assert devices.authenticate(house, kiosk.token).printer == "lagoa-impressora"


def test_a_second_run_keeps_the_tokens_that_it_knows(house: House, city: Demo) -> None:
    before = seeding.seed(house, city)
    after = seeding.keep_tokens(house, city, [device.token for device in before])
    assert {(device.id, device.token) for device in after} == {(device.id, device.token) for device in before}


def test_a_lost_token_is_renewed_and_the_old_one_is_dead(house: House, city: Demo) -> None:
    before = seeding.seed(house, city)
    lost, kept = before[0], before[1]
    after = seeding.keep_tokens(house, city, ["of another demo", kept.token])
    tokens = {device.id: device.token for device in after}
    assert tokens.keys() == {device.id for device in before}
    assert tokens[kept.id] == kept.token
    assert devices.authenticate(house, tokens[lost.id]).unit == lost.unit
    with pytest.raises(Refusal):
        devices.authenticate(house, lost.token)


def test_what_people_have_paired_stays_paired(house: House, city: Demo) -> None:
    seeding.seed(house, city)
    session, _ = accounts.log_in(house, "admin", "vez-demo")
    leader, _ = accounts.authenticate(house, session)
    made = devices.add_device(house, leader, "centro", NewDevice(kind="panel", name="Painel da porta"))
    token = devices.pair(house, made["code"])["token"]
    after = seeding.keep_tokens(house, city, [])
    assert devices.authenticate(house, token).device_kind == "panel"
    assert made["device"]["id"] not in {device.id for device in after}
