"""The panel against the running demo: every call, in order, one at a time, said as shown."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


def test_a_call_appears_without_a_reload(room, make_screen, wait_for):
    screen = make_screen().open()
    [label] = room.call()
    screen.page.wait_for_selector(f".now-calling .now-label:has-text('{label}')", timeout=5000)
    assert screen.text(".now-number") == "1"
    assert screen.text(".now-kind") in ("Guichê", "Mesa", "Sala")
    assert screen.text(".now-service") != ""
    assert label in screen.text(".now .visually-hidden")
    wait_for(lambda: screen.page.query_selector(".now-calling") is None or None, 30, "the call settles")
    assert screen.text(".now-label") == label, "the last call stays on the screen"


def test_a_screen_that_was_refused_becomes_live_by_itself(room, make_screen):
    """As after a restart with the database still away: the server answers the connection with a refusal."""
    screen, refused = make_screen(), []
    admit = screen.on_socket

    def refuse_the_first(socket):
        if refused:
            admit(socket)
            return
        refused.append(socket)
        socket.on_message(lambda _connect: socket.send('44/live,{"message":"unavailable"}'))
        socket.send('0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":65536}')

    screen.on_socket = refuse_the_first
    screen.open()
    assert len(refused) == 1
    [label] = room.call()
    screen.page.wait_for_selector(f".now-calling .now-label:has-text('{label}')", timeout=5000)


def test_simultaneous_calls_are_announced_one_at_a_time_and_said_as_shown(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.listen()
    screen.open()
    labels = room.call(3)
    screen.receive(3)
    screen.let_pass(
        120, lambda: len(screen.heard()) >= 4 and screen.page.query_selector(".now-calling") is None
    )
    assert screen.shown() == labels
    heard = screen.heard()
    assert [call["said"] for call in heard if call["said"] != call["shown"]] == []
    # Once each while others wait; the last, at leisure, twice.
    order = list(dict.fromkeys(call["said"] for call in heard))
    assert order == labels
    assert [call["said"] for call in heard].count(labels[-1]) == 2
    recent = [node.inner_text() for node in screen.page.query_selector_all(".recent-label")]
    assert recent[:2] == [labels[1], labels[0]]


@pytest.mark.slow
def test_fifty_calls_missed_in_twenty_seconds_are_all_shown_and_said_once_in_order(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.listen()
    screen.open()
    screen.unplug()
    labels = room.call(50)
    screen.let_pass(20)
    assert screen.shown() == []
    assert screen.page.query_selector(".panel .connection-live") is None, "the screen says it is cut off"
    screen.plug()
    screen.receive(50)
    more = screen.text(".more")
    screen.let_pass(
        600, lambda: len(screen.shown()) >= 50 and screen.page.query_selector(".now-calling") is None
    )
    assert screen.shown() == labels, "all, in order, none twice"
    heard = screen.heard()
    assert all(call["said"] == call["shown"] for call in heard)
    said = [call["said"] for call in heard]
    assert list(dict.fromkeys(said)) == labels
    # Called once while the queue is long; the last ones, with nobody waiting behind, twice.
    assert [label for label in labels[:-3] if said.count(label) != 1] == []
    assert more.startswith("mais 4")


def test_calls_missed_for_longer_are_listed_but_not_announced(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.open("?sound=off")
    screen.page.route("**/panel/*", lambda route: route.abort())  # no answer that would set its clock right
    screen.unplug()
    labels = room.call(2)
    screen.page.clock.fast_forward(300_000)
    screen.plug()
    screen.let_pass(30, lambda: labels[0] in screen.text(".recent"))
    assert screen.shown() == []
    assert screen.text(".now-label") == labels[-1] or labels[-1] in screen.text(".recent")


def test_a_reload_in_the_middle_announces_the_rest_and_repeats_nothing(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.open("?sound=off")
    labels = room.call(4)
    screen.receive(4)
    screen.let_pass(30, lambda: len(screen.shown()) == 2)
    assert screen.shown() == labels[:2]
    screen.page.reload()
    screen.live()
    screen.let_pass(60, lambda: len(screen.shown()) == 2)
    screen.let_pass(10)
    assert screen.shown() == labels[2:]


def test_the_supervisor_s_heartbeat_says_how_the_screen_is(room, make_screen):
    screen = make_screen()
    screen.hurry()
    beats = []
    screen.page.on(
        "request", lambda r: beats.append(r.post_data_json) if r.url.endswith("/heartbeat") else None
    )
    screen.listen()
    screen.open()
    room.call()
    screen.let_pass(30, lambda: len(beats) >= 2)
    state = beats[-1]["state"]
    assert set(state) == {"seq", "audio", "voice", "visible", "queue"}
    assert state["seq"] > 0
    assert (state["audio"], state["visible"], state["queue"]) == ("on", True, 0)


def test_the_server_s_own_voice_is_really_heard(room, make_screen, wait_for):
    """Chromium's real audio, the server's real voice: the wave file is fetched, decoded and played."""
    screen = make_screen().open()
    screen.page.mouse.click(5, 5)  # the touch that lets Chromium make sound
    with screen.page.expect_response(lambda r: "/voice?" in r.url, timeout=10_000) as answer:
        [label] = room.call()
    assert answer.value.status == 200, answer.value.text()
    assert answer.value.headers["content-type"] == "audio/wav"
    assert f"label={label}&" in answer.value.url
    wait_for(lambda: screen.page.query_selector(".now-calling") is None, 40, "the call settles")
    assert screen.text(".sound-sign") == "", "neither “Sem som” nor “Sem voz”"


# Chromium's own rule depends on what other tests did on this origin, and counts `evaluate` as a touch.
BLOCKED = """
addEventListener('pointerdown', () => { window.touched = true; }, { capture: true });
Object.assign(AudioContext.prototype, {
  resume() { return window.touched ? Promise.resolve() : new Promise(() => {}); },
});
Object.defineProperty(AudioContext.prototype, 'state', {
  get: () => (window.touched ? 'running' : 'suspended'), set() {},
});
"""


def test_blocked_sound_offers_a_button_and_never_stops_the_screen(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.listen()
    screen.page.add_init_script(BLOCKED)
    screen.open()
    labels = room.call(2)
    screen.receive(2)
    screen.let_pass(60, lambda: len(screen.shown()) == 2 and not screen.page.query_selector(".now-calling"))
    assert screen.shown() == labels
    assert screen.heard() == []
    assert screen.text(".sound-button") == "Ativar som"
    screen.page.click(".sound-button")
    screen.let_pass(2, lambda: screen.text(".sound-button") == "")
    assert screen.text(".sound-button") == ""
    labels += room.call()
    screen.receive(1)
    screen.let_pass(30, lambda: len(screen.heard()) == 2)
    assert [call["said"] for call in screen.heard()] == [labels[-1]] * 2


def test_a_stalled_audio_device_is_shown_and_the_calls_go_on(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.listen()
    screen.page.add_init_script(
        "Object.defineProperty(AudioContext.prototype, 'currentTime', { get: () => 0 });"
    )
    screen.open()
    labels = room.call(2)
    screen.receive(2)
    screen.let_pass(120, lambda: len(screen.shown()) == 2)
    assert screen.shown() == labels
    assert screen.text(".sound-sign") == "Sem som"


def test_after_an_update_of_the_server_the_page_renews_itself(make_screen):
    screen = make_screen()
    screen.hurry()
    screen.open("?sound=off")
    screen.page.evaluate("window.old = true")
    page = screen.page.content()

    def newer(route):
        if route.request.resource_type == "document":
            route.continue_()
        else:
            route.fulfill(body=page.replace('"version"', '"version": "new", "was"'), content_type="text/html")

    screen.page.route("**/panel/continente", newer)
    with screen.page.expect_navigation():
        screen.page.clock.fast_forward(601_000)
    screen.live()
    assert screen.page.evaluate("window.old") is None


def test_without_any_voice_the_chime_rings_and_the_screen_says_so(room, make_screen):
    screen = make_screen()
    screen.hurry()
    screen.listen()
    screen.page.unroute("**/api/v1/units/*/voice?**")
    screen.page.route("**/api/v1/units/*/voice?**", lambda route: route.fulfill(status=503))
    screen.open()
    [label] = room.call()
    screen.receive(1)
    screen.let_pass(30, lambda: screen.shown() == [label] and bool(screen.text(".sound-sign")))
    assert screen.text(".sound-sign") == "Sem voz"
