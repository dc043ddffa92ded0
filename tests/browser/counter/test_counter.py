"""The attendant at work, in a real browser against the real demo: seat, queue, ticket in hand, reception."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from counter_room import ANA, BETO, OTHER, SERVICE, UNIT, Room, in_queue, log_in, press_and_wait, sit_down

pytestmark = pytest.mark.browser


def test_a_wrong_password_is_said_in_the_language_and_keeps_the_name(open_page: Any, room: Room) -> None:
    page = open_page()
    log_in(page, ANA, "wrong")
    assert page.wait_for_selector("#login-problem:not(:empty)").inner_text() == "Usuário ou senha incorretos."
    assert page.input_value("#username") == ANA
    page.click("[lang=es]")
    log_in(page, ANA, "wrong")
    page.wait_for_selector("#login-problem:has-text('contraseña')")
    log_in(page, ANA, room.password)
    page.wait_for_selector("[data-counter=ingleses-1]")
    page.reload()
    page.wait_for_selector("[data-counter=ingleses-1]")  # the cookie's session is found again


def test_an_occupied_counter_says_by_whom_and_cannot_be_taken(open_page: Any, room: Room) -> None:
    room.staff(BETO).post(f"/units/{UNIT}/counters/ingleses-2/open")
    page = open_page(username=ANA)
    taken = page.locator("[data-counter=ingleses-2]")
    taken.wait_for()
    assert taken.is_disabled()
    assert "Rafael Cunha" in taken.inner_text()
    sit_down(page)
    assert room.counters()["ingleses-1"]["attendant_name"] == "Paula Menezes"
    page.reload()
    page.wait_for_selector("[data-phase=idle]")  # the seat is found again


def test_a_counter_taken_in_the_same_moment_is_refused_in_words(open_page: Any, room: Room) -> None:
    page = open_page(username=ANA)
    page.wait_for_selector("[data-counter=ingleses-1]:enabled")
    page.route("**/counters", lambda route: route.abort())  # this screen does not hear of it
    page.context.set_offline(True)
    room.staff(BETO).post(f"/units/{UNIT}/counters/ingleses-1/open")
    page.context.set_offline(False)
    page.evaluate("document.querySelector('[data-counter=ingleses-1]').disabled = false")
    page.click("[data-counter=ingleses-1]")
    assert "ocupado" in page.wait_for_selector(".notice-bad").inner_text()


def test_a_whole_service_by_keyboard_alone(open_page: Any, room: Room) -> None:
    normal = room.issue()
    elder = room.issue(OTHER, "eighty_plus")
    page = open_page(username=ANA)
    sit_down(page)
    in_queue(page, elder["label"], normal["label"])
    assert "80 anos" in page.locator("[data-queue] li").first.inner_text()
    press_and_wait(page, "c", "called")
    page.wait_for_selector(f"[data-hand={elder['label']}]")
    in_queue(page, normal["label"])
    assert page.title().startswith(f"(1) {elder['label']} · Guichê 1")
    press_and_wait(page, "i", "serving")
    page.keyboard.press("o")
    page.keyboard.type("trouxe tudo; c i f")  # letters in a field are letters
    assert page.get_attribute(".work-hand", "data-phase") == "serving"
    page.keyboard.press("Escape")
    page.click("text=Pendente")
    page.keyboard.press("Escape")
    press_and_wait(page, "f", "idle")
    done = room.ticket(elder["id"])
    assert (done["state"], done["resolution"], done["note"]) == ("finished", "pending", "trouxe tudo; c i f")
    assert done["performed"] == [OTHER]


def test_the_queue_is_in_the_exact_order_of_calling(open_page: Any, room: Room) -> None:
    for tier in ("normal", "donor", "priority", "normal", "eighty_plus", "priority"):
        room.issue(tier=tier)
    page = open_page(username=ANA)
    sit_down(page)
    listed = room.chief.get(f"/units/{UNIT}/queue?counter=ingleses-1")["tickets"]
    assert len(listed) == 6
    in_queue(page, *[ticket["label"] for ticket in listed])
    called = []
    for left in range(6, 0, -1):
        press_and_wait(page, "F2", "called")
        called.append(page.locator("[data-hand]").get_attribute("data-hand"))
        press_and_wait(page, "F8", "idle")
        assert left
    assert called == [ticket["label"] for ticket in listed]


def test_a_double_click_and_two_windows_call_once(open_page: Any, room: Room) -> None:
    for _ in range(3):
        room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    other = page.context.new_page()
    other.goto(room.base + "/counter")
    other.wait_for_selector("[data-phase=idle] .act-primary:not([aria-disabled])")
    page.bring_to_front()
    page.dblclick("[data-action=call_next]")
    other.bring_to_front()
    other.keyboard.press("c")
    for window in (page, other):
        window.wait_for_selector("[data-phase=called]")
    called = room.tickets("called")
    assert [ticket["calls"] for ticket in called] == [1]
    assert not room.tickets("serving")  # the second click did not land on what came under it


def test_absent_and_recall_say_in_words_why_they_wait(open_page: Any, room: Room) -> None:
    room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    absent, recall = page.locator("[data-action=no_show]"), page.locator("[data-action=recall]")
    assert "Faltam 2 chamadas e 1:1" in absent.inner_text()
    assert absent.get_attribute("aria-disabled") == "true"
    assert " s" in recall.inner_text()
    page.keyboard.press("a")
    page.keyboard.press("r")
    assert [ticket["calls"] for ticket in room.tickets("called")] == [1]


def test_pause_needs_a_reason_and_ends_with_the_same_key(open_page: Any, room: Room) -> None:
    page = open_page(username=ANA)
    sit_down(page)
    page.keyboard.press("p")
    page.wait_for_selector("dialog[open]")
    page.keyboard.press("Enter")
    assert page.locator("dialog[open]").count() == 1
    page.click("dialog >> text=Almoço")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("[data-phase=paused]")
    assert room.counters()["ingleses-1"]["pause_reason"] == "Almoço"
    press_and_wait(page, "p", "idle")
    page.keyboard.press("x")
    page.wait_for_selector("[data-counter=ingleses-1]:enabled")
    assert room.counters()["ingleses-1"]["state"] == "closed"


def test_transfer_hold_return_and_next_service(open_page: Any, room: Room) -> None:
    first, second = room.issue(), room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    press_and_wait(page, "c", "called")
    page.keyboard.press("t")
    page.wait_for_selector("dialog .picker-search input:focus")
    page.keyboard.type("negativa")
    page.click("dialog .picker-item")
    page.click("dialog >> text=Vai para o fim")
    page.click("dialog button[type=submit]")
    in_queue(page, second["label"], first["label"])
    moved = room.ticket(first["id"])
    assert (moved["state"], moved["service"]) == ("waiting", OTHER)
    press_and_wait(page, "c", "called")
    page.keyboard.press("v")
    page.click("dialog >> text=Busca documento")
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-phase=idle]")
    assert room.ticket(second["id"])["state"] == "on_hold"
    page.click(".aside summary")
    page.click(f".aside [data-ticket={second['label']}]")
    page.click("[data-sheet-action=return]")
    in_queue(page, second["label"], first["label"])
    page.keyboard.press("Escape")
    press_and_wait(page, "c", "called")
    press_and_wait(page, "i", "serving")
    page.keyboard.press("s")
    page.wait_for_selector("dialog .picker-search input:focus")
    page.keyboard.type("certidao negativa")
    page.click("dialog .picker-item")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("[data-phase=idle]")
    again = room.ticket(second["id"])
    assert (again["state"], again["service"], again["performed"]) == ("waiting", OTHER, [SERVICE])


def test_a_press_on_an_old_picture_is_refused_and_the_screen_looks_again(open_page: Any, room: Room) -> None:
    """A colleague has noted meanwhile that the citizen is late: cancelling does not happen unseen."""
    waiting = room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    page.click(f"[data-queue] [data-ticket={waiting['label']}]")
    page.click("[data-sheet-action=cancel]")
    room.staff(BETO).post(f"/tickets/{waiting['id']}/late")
    page.fill("dialog input[type=text]", "foi embora")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog [role=alert]:has-text('ao mesmo tempo')")
    assert room.ticket(waiting["id"])["state"] == "waiting"
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .state-cancelled")


def test_a_call_out_of_order_needs_its_reason_and_the_story_tells_it(open_page: Any, room: Room) -> None:
    room.issue()
    late = room.issue()
    page = open_page(username=ANA)
    sit_down(page)
    page.click(f"[data-queue] [data-ticket={late['label']}]")
    page.click("[data-sheet-action=call]")
    page.fill("dialog input[type=text]", "passa mal")
    page.keyboard.press("Enter")
    page.wait_for_selector(f"[data-hand={late['label']}]")
    page.click(".hand-reason")
    page.wait_for_selector(".story li:nth-child(2)")
    assert "passa mal" in page.inner_text(".story")


def test_reception_issues_prints_finds_reprints_and_cancels(open_page: Any, room: Room) -> None:
    page = open_page(username=BETO)
    page.click("[data-action=reception]")
    page.fill(".picker-search input >> nth=0", "segunda")
    page.click(".picker-item")
    page.click("text=80 anos ou mais")
    page.click("[data-action=issue]")
    label = page.wait_for_selector("[data-issued]").get_attribute("data-issued")
    page.wait_for_selector(".print-state:has-text('Impressa.')")
    assert page.locator(".qr").is_visible()
    assert [(t["label"], t["tier"], t["origin"]) for t in room.tickets("waiting")] == [
        (label, "eighty_plus", "reception")
    ]
    page.fill("#search", label)
    page.click(f".search [data-ticket={label}]")
    page.click("[data-sheet-action=reprint]")
    page.fill("dialog input[type=text]", "saiu ilegível")
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog .print-state:has-text('Impressa.')")
    page.click("[data-sheet-action=cancel]")
    page.click("dialog >> text=A pessoa desistiu")
    page.click("dialog button[type=submit]")
    page.wait_for_selector("dialog .state-cancelled")
    assert not room.tickets("waiting")


def test_reception_checks_an_appointment_in_at_its_time(open_page: Any, room: Room) -> None:
    """Whatever the computer's time zone is: the booked time is the unit's."""
    page = open_page(username=BETO, timezone_id="Asia/Tokyo")
    page.click("[data-action=reception]")
    page.fill(".picker-search input >> nth=0", "segunda")
    page.click(".picker-item")
    now = datetime.now(ZoneInfo("America/Sao_Paulo"))
    page.fill("[name=booked]", now.strftime("%H:%M"))
    page.click("[data-tab=counter]")  # a look elsewhere loses nothing of what was typed
    page.click("[data-action=reception]")
    assert page.input_value("[name=booked]") == now.strftime("%H:%M")
    page.click("[data-action=issue]")
    page.wait_for_selector("[data-issued]")
    (ticket,) = room.tickets("waiting")
    assert ticket["origin"] == "appointment"
    # In time: its place in the queue is the booked minute, not the moment of the check-in.
    assert datetime.fromisoformat(ticket["arrival_at"]) == now.replace(second=0, microsecond=0)
    page.click("[data-action=issue-again]")
    assert page.input_value("[name=booked]") == "", "the next citizen has no appointment of somebody else's"
