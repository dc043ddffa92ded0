"""What goes wrong at a counter: lost answers, no network, an expired session, a seat closed by somebody else."""

from __future__ import annotations

from typing import Any

import pytest
from counter_room import ANA, UNIT, Room, in_queue, log_in, press_and_wait, sit_down

pytestmark = pytest.mark.browser


def test_a_lost_answer_is_asked_again_with_the_same_key_and_done_once(open_page: Any, room: Room) -> None:
    room.issue(), room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    keys: list[str] = []

    def lose_the_first_answer(route: Any) -> None:
        keys.append(route.request.headers["idempotency-key"])
        if len(keys) == 1:
            route.fetch()
            route.abort()
        else:
            route.continue_()

    page.route("**/call-next", lose_the_first_answer)
    page.keyboard.press("c")
    page.wait_for_selector(".notice-trying")
    page.wait_for_selector("[data-phase=called]")
    page.wait_for_selector(".notice-trying", state="detached")
    assert len(keys) == 2
    assert len(set(keys)) == 1
    assert len(room.tickets("called")) == 1


def test_without_network_what_was_typed_stays_and_goes_when_it_is_back(open_page: Any, room: Room) -> None:
    ticket = room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    press_and_wait(page, "i", "serving")
    page.fill("#note", "falta o comprovante")
    page.keyboard.press("Escape")
    page.context.set_offline(True)
    page.keyboard.press("f")
    page.wait_for_selector(".notice-trying")
    assert page.input_value("#note") == "falta o comprovante"
    assert page.get_attribute("[data-action=transfer]", "aria-disabled") == "true"
    page.context.set_offline(False)
    page.wait_for_selector("[data-phase=idle]")
    done = room.ticket(ticket["id"])
    assert (done["state"], done["note"]) == ("finished", "falta o comprovante")


def test_giving_up_frees_the_screen_and_a_reload_keeps_the_note(open_page: Any, room: Room) -> None:
    room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    press_and_wait(page, "i", "serving")
    page.fill("#note", "volta amanhã")
    page.context.set_offline(True)
    page.click("[data-action=finish]")
    page.click(".notice-trying >> text=Parar de tentar")
    page.wait_for_selector(".notice-warn:not(.notice-trying)")
    page.context.set_offline(False)
    page.reload()
    page.wait_for_selector("[data-phase=serving]")
    assert page.input_value("#note") == "volta amanhã"


def test_an_expired_session_asks_again_over_the_work_and_goes_on(open_page: Any, room: Room) -> None:
    ticket = room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    press_and_wait(page, "i", "serving")
    page.fill("#note", "pediu segunda via")
    page.keyboard.press("Escape")
    page.context.clear_cookies()
    page.keyboard.press("f")
    page.wait_for_selector("dialog[open] #password")
    assert page.input_value("#note") == "pediu segunda via"
    assert page.input_value("#username") == ANA
    page.fill("#password", room.password)
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-phase=idle]")
    done = room.ticket(ticket["id"])
    assert (done["state"], done["note"]) == ("finished", "pediu segunda via")
    page.wait_for_selector("[data-status=live]")
    assert room.issue()["label"] == page.wait_for_selector("[data-queue] [data-ticket]").get_attribute(
        "data-ticket"
    )


def test_an_empty_queue_that_gets_somebody_is_told_outside_the_window(open_page: Any, room: Room) -> None:
    page = open_page()
    page.add_init_script(
        """window.told = [];
        window.Notification = class { constructor(title, o) { window.told.push(`${title} ${o.body}`); } close() {} };
        Notification.permission = 'granted';
        document.hasFocus = () => false;"""
    )
    page.reload()
    log_in(page, ANA, room.password)
    sit_down(page)
    page.wait_for_selector(".queue-empty")
    first = room.issue()
    in_queue(page, first["label"])  # no reload
    second = room.issue()
    in_queue(page, first["label"], second["label"])
    told = page.evaluate("window.told")
    assert len(told) == 1
    assert first["label"] in told[0]
    assert page.title().startswith("(2) ")


def test_a_seat_closed_by_the_supervisor_is_not_pretended(open_page: Any, room: Room) -> None:
    page = open_page(username=ANA)
    sit_down(page)
    room.chief.post(f"/units/{UNIT}/counters/ingleses-1/close")
    page.wait_for_selector("[data-counter=ingleses-1]:enabled")
    assert "Guichê 1 foi fechado em outra tela" in page.inner_text(".notices")


def test_leaving_offers_to_free_the_seat_and_leaves_nothing_behind(open_page: Any, room: Room) -> None:
    room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    page.fill("#note", "segredo")
    page.keyboard.press("Escape")
    page.click("[aria-label=Sair]")
    page.wait_for_selector("dialog[open]")
    assert page.locator("[data-action=close-and-leave]").count() == 0  # not with a ticket in hand
    page.keyboard.press("Escape")
    press_and_wait(page, "f", "idle")
    page.click("[aria-label=Sair]")
    page.click("[data-action=close-and-leave]")
    page.wait_for_selector("#username")
    assert room.counters()["ingleses-1"]["state"] == "closed"
    assert page.evaluate("sessionStorage.getItem('vez.counter.drafts')") in (None, "{}")
    with page.expect_response("**/api/v1/session") as answer:
        page.reload()
    assert answer.value.status == 401
