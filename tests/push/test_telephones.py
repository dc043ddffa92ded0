"""A telephone asks to be told of its ticket's call, is told once for each call, and is forgotten with the visit."""

from __future__ import annotations

import itertools
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from city import NO_WAITING, set_rules
from cityfixtures import both_engines
from push_service import Telephone
from races import crowd
from rows import dump
from sqlalchemy import select

from server.domain.errors import Refusal
from server.push.post import Fate
from server.store import tables
from server.store.unit_of_work import Store
from server.usecases import citizens, endofday, telephones
from server.usecases.context import House
from server.wire.citizens import TellMe

ANA, SEAT = "ana.martins", "centro-1"
# What another process does when its bell rings: takes what is there, and says which letters it got.
TAKER = """
import sys
from datetime import UTC, datetime
from server.store.unit_of_work import Store
from server.usecases import telephones
from server.usecases.context import House
house = House(Store(sys.argv[1]), lambda: datetime.now(UTC), "https://vez.example")
print("ready", flush=True)
sys.stdin.readline()
for letter in telephones.letters_to_send(house):
    print(letter.id)
house.store.dispose()
"""


def token_of(ticket) -> str:
    """What stands in the QR code."""
    return ticket["follow_url"].rpartition("/")[2]


def ask(city, ticket, endpoint, language=None, keys=None) -> Telephone:
    """A telephone that wants to be told; its side of the keys."""
    mine = keys or Telephone()
    request = TellMe(**mine.subscription(endpoint), language=language)
    telephones.tell_me(city.house, token_of(ticket), request)
    return mine


def kept(city) -> list[str]:
    """The addresses that are kept."""
    with city.store.read() as connection:
        return sorted(connection.execute(select(tables.push.c.endpoint)).scalars())


@pytest.fixture
def called(city):
    """``called()``: a new ticket, and ana who can call it."""
    set_rules(city.store, "centro", NO_WAITING)
    city.open(ANA, SEAT)
    return lambda ticket: city.call(ANA, SEAT, ticket["id"])


@both_engines
def test_one_letter_for_each_call(city, called, service):
    """Nothing while waiting, one when called, one more when called again; and each only once."""
    ticket = city.issue()
    mine = ask(city, ticket, service.endpoint())
    assert list(telephones.letters_to_send(city.house)) == []
    called(ticket)
    (letter,) = telephones.letters_to_send(city.house)
    assert telephones.send(city.house, letter) is Fate.taken
    assert list(telephones.letters_to_send(city.house)) == []
    city.act(ANA, "recall", ticket["id"])
    (again,) = telephones.letters_to_send(city.house)
    assert telephones.send(city.house, again) is Fate.taken
    first, second = (mine.read(body) for _, _, body in service.got)
    assert first == {
        "title": f"Senha {ticket['label']}: é a sua vez!",
        "body": "Vá para: Guichê 1.",
        "lang": "pt-BR",
        "tag": ticket["label"],
        "url": f"https://vez.example/t/{token_of(ticket)}?lang=pt-BR",
    }
    assert second["body"] == "Vá para: Guichê 1. Chamada número 2."
    topics = {headers["Topic"] for _, headers, _ in service.got}
    assert len(topics) == 1, "the second letter replaces the first where the telephone has not got it yet"


@pytest.mark.parametrize(
    "language,title,body",
    [
        ("en", "Ticket {}: it is your turn!", "Please go to: Counter 1."),
        ("es", "Turno {}: ¡es su turno!", "Diríjase a: Puesto 1."),
    ],
)
def test_in_the_language_of_the_page(city, called, service, language, title, body):
    """The one that the citizen reads, not the ticket's."""
    ticket = city.issue()
    ask(city, ticket, service.endpoint(), language)
    called(ticket)
    (letter,) = telephones.letters_to_send(city.house)
    assert (letter.message["title"], letter.message["body"]) == (title.format(ticket["label"]), body)


@both_engines
def test_who_asks_while_being_called_is_told_of_the_next_call_only(city, called, service):
    """The page shows this one already."""
    ticket = city.issue()
    called(ticket)
    ask(city, ticket, service.endpoint())
    assert list(telephones.letters_to_send(city.house)) == []
    city.act(ANA, "recall", ticket["id"])
    assert len(list(telephones.letters_to_send(city.house))) == 1


@both_engines
def test_a_call_that_is_over_is_not_told(city, called, service):
    """Whoever sits at the counter needs no letter, however late the post is."""
    ticket = city.issue()
    ask(city, ticket, service.endpoint())
    called(ticket)
    city.act(ANA, "start", ticket["id"])
    assert list(telephones.letters_to_send(city.house)) == []


@both_engines
def test_the_same_telephone_twice_is_one(city, service):
    """With the newest keys, as after a browser's update."""
    ticket = city.issue()
    first, second = Telephone(), Telephone()
    for keys in (first, first, second):
        ask(city, ticket, service.endpoint(), keys=keys)
    with city.store.read() as connection:
        (row,) = connection.execute(select(tables.push)).all()
    assert row.p256dh == second.subscription("")["keys"]["p256dh"]


@both_engines
def test_three_telephones_of_a_ticket_and_no_fourth_however_fast_they_come(city, service):
    """Six at one moment through six connections to the database: three are kept."""
    ticket = city.issue()

    def one(n: int) -> str:
        store = Store(city.store.engine.url.render_as_string(hide_password=False))
        house = House(store, city.clock, city.house.public_url)
        house.post = city.house.post
        request = TellMe(**Telephone().subscription(service.endpoint(str(n))))
        try:
            telephones.tell_me(house, token_of(ticket), request)
        except Refusal as refusal:
            return refusal.code
        finally:
            store.dispose()
        return "kept"

    assert sorted(crowd(one, 6)) == ["conflict"] * 3 + ["kept"] * 3
    assert len(kept(city)) == 3
    mine = kept(city)[0]
    telephones.tell_me_no_more(city.house, token_of(ticket), mine)
    telephones.tell_me_no_more(city.house, token_of(ticket), mine)  # not known any more: no error
    ask(city, ticket, service.endpoint("new"))
    assert len(kept(city)) == 3


@both_engines
def test_refused_and_nothing_kept(city, called, service):
    """Each reason by its code."""
    waiting, over = city.issue(), city.issue()
    called(over)
    city.act(ANA, "finish", over["id"])
    before = dump(city.store.engine)
    bad_keys = {"p256dh": "A" * 87, "auth": "A" * 22}
    good = Telephone().subscription(service.endpoint())
    for ticket, request, code in (
        ({"follow_url": "/t/nosuch"}, good, "unknown_ticket"),
        (over, good, "illegal_transition"),
        (waiting, good | {"endpoint": "https://intranet.example/x"}, "invalid_fields"),
        (waiting, good | {"keys": bad_keys}, "invalid_fields"),
    ):
        with pytest.raises(Refusal) as refused:
            telephones.tell_me(city.house, token_of(ticket), TellMe(**request))
        assert refused.value.code == code
    with pytest.raises(Refusal) as refused:
        telephones.tell_me_no_more(city.house, "nosuch", "https://x")
    assert refused.value.code == "unknown_ticket"
    city.house.post = None
    with pytest.raises(Refusal) as refused:
        telephones.tell_me(city.house, token_of(waiting), TellMe(**good))
    assert refused.value.code == "unavailable"
    assert citizens.follow(city.house, token_of(waiting))["push_key"] is None
    assert dump(city.store.engine) == before


@both_engines
def test_of_several_processes_each_letter_goes_to_one(city, called, service):
    """Three processes and six telephones at one moment: nobody is told twice, nobody is forgotten."""
    city.open("bruno.silveira", "centro-2")
    tickets = [city.issue(), city.issue()]
    for ticket in tickets:
        for n in range(3):
            ask(city, ticket, service.endpoint(f"{ticket['label']}-{n}"))
    called(tickets[0])
    city.call("bruno.silveira", "centro-2", tickets[1]["id"])
    url = city.store.engine.url.render_as_string(hide_password=False)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    takers = [subprocess.Popen([sys.executable, "-c", TAKER, url], **pipes) for _ in range(3)]
    assert [taker.stdout.readline() for taker in takers] == ["ready\n"] * 3
    for taker in takers:
        taker.stdin.write("\n")
        taker.stdin.flush()
    got = [taker.communicate(timeout=60)[0].split() for taker in takers]
    assert [taker.returncode for taker in takers] == [0, 0, 0]
    with city.store.read() as connection:
        everybody = sorted(connection.execute(select(tables.push.c.id)).scalars())
    assert sorted(itertools.chain(*got)) == everybody
    assert len(everybody) == 6


@both_engines
def test_an_address_that_has_gone_is_forgotten_and_one_that_is_busy_is_not(city, called, service):
    """410 from the push service; 503 keeps it for the next call."""
    ticket = city.issue()
    ask(city, ticket, service.endpoint())
    called(ticket)
    (letter,) = telephones.letters_to_send(city.house)
    service.answers = [503, 410]
    assert telephones.send(city.house, letter) is Fate.again
    assert kept(city) == [service.endpoint()]
    assert telephones.send(city.house, letter) is Fate.gone
    assert kept(city) == []


@both_engines
def test_the_address_goes_when_the_visit_ends(city, called, service):
    """Finished, given up, expired: gone. Waiting, served, or absent and perhaps back today: kept."""
    waiting, served, absent, over, gone = (city.issue() for _ in range(5))
    for n, ticket in enumerate((waiting, served, absent, over, gone)):
        ask(city, ticket, service.endpoint(str(n)))
    called(over)
    city.act(ANA, "finish", over["id"])
    called(absent)
    city.act(ANA, "no-show", absent["id"])
    called(served)
    city.act(ANA, "start", served["id"])
    citizens.give_up(city.house, token_of(gone), None)
    assert telephones.forget_ended(city.house) == 2
    assert kept(city) == [service.endpoint(n) for n in "012"]
    assert telephones.forget_ended(city.house) == 0
    endofday.close_day_by_command(city.house, city.who("supervisao.centro"), "centro")
    assert telephones.forget_ended(city.house) == 1
    assert kept(city) == [service.endpoint(n) for n in "12"]


@both_engines
def test_nothing_is_kept_beyond_the_day(city, called, service):
    """Not even of who is still being served over midnight, nor where push was switched off meanwhile."""
    ticket = city.issue()
    ask(city, ticket, service.endpoint())
    called(ticket)
    city.act(ANA, "start", ticket["id"])
    city.house.post = None
    city.clock.set(datetime(2026, 11, 23, 12, tzinfo=UTC) + timedelta(days=1))
    assert "centro" in endofday.close_due_days(city.house)
    assert kept(city) == []
