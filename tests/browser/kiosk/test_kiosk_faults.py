"""The kiosk when things go wrong: no network, closed, no paper, a revoked token. And back by itself."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser
NORMAL = "[data-tier=normal]"


def test_server_away_says_so_kindly_and_comes_back_by_itself(kiosk):
    screen = kiosk(hurry=True).at("rest")
    screen.expects("ERR_INTERNET_DISCONNECTED", "Failed to load")
    screen.page.context.set_offline(True)
    screen.soon("offline")
    assert "recepção" in screen.page.inner_text(".calm")
    screen.page.context.set_offline(False)
    screen.soon("rest")


def test_the_shell_survives_a_reload_without_the_server(kiosk):
    screen = kiosk(hurry=True, service_workers="allow").at("rest")
    screen.expects("ERR_INTERNET_DISCONNECTED", "Failed to load", "ERR_FAILED")
    screen.page.wait_for_function(
        "async () => (await (await caches.open('vez-kiosk-1')).keys()).some((r) => r.url.endsWith('/kiosk/lagoa'))"
    )
    screen.page.reload()
    screen.at("rest")
    screen.page.context.set_offline(True)
    screen.page.reload()
    screen.soon("offline")
    screen.page.context.set_offline(False)
    screen.soon("rest")


def test_away_in_the_middle_of_an_order_the_ticket_comes_when_the_server_does(kiosk, waiting):
    screen = kiosk().at("rest")
    screen.expects("ERR_INTERNET_DISCONNECTED", "Failed to load")
    before = waiting("itbi")
    screen.choose()
    screen.page.context.set_offline(True)
    screen.tap(NORMAL)
    screen.page.wait_for_selector("[data-action=retry]")
    screen.page.context.set_offline(False)
    screen.tap("[data-action=retry]").at("done")
    assert waiting("itbi") == before + 1


def close(menu):
    menu["unit"] |= {
        "open": False,
        "next_opening": "2030-01-07T08:00:00-03:00",
        "hours": {"opens": "08:00", "closes": "17:00"},
    }


def test_closed_unit_says_when_it_opens_and_opens_by_itself(kiosk):
    screen = kiosk(hurry=True, prepare=lambda s: s.wire.menu(close)).at("closed")
    assert "08:00 às 17:00" in screen.page.inner_text(".calm")
    assert "segunda-feira, 07/01 às 08:00" in screen.page.inner_text(".calm-when")
    screen.wire.menu(lambda menu: None)
    screen.soon("rest")


def test_a_menu_left_open_at_closing_issues_nothing(kiosk, waiting):
    def refuse(route, _n):
        route.fulfill(status=409, json={"error": {"code": "unit_closed", "message": "x", "detail": {}}})

    screen = kiosk(hurry=True).at("rest")
    screen.expects("409")
    screen.wire.order(refuse)
    before = waiting("itbi")
    screen.choose().tap(NORMAL).at("problem")
    assert "acabou de fechar" in screen.page.inner_text(".calm")
    screen.tap("[data-action=home]").at("rest")
    assert waiting("itbi") == before
    screen.wire.menu(close)
    screen.soon("closed")


def test_closed_and_sold_out_services_say_why_and_cannot_be_taken(kiosk):
    def change(menu):
        services = menu["categories"][0]["services"]
        services[0] |= {
            "open": False,
            "closed_reason": "service_closed",
            "next_opening": "2030-01-07T13:00:00-03:00",
        }
        services[1] |= {"open": False, "closed_reason": "daily_cap_reached", "next_opening": None}

    screen = (
        kiosk(prepare=lambda s: s.wire.menu(change)).at("rest").tap("[data-category=tributos]").at("services")
    )
    assert "abre segunda-feira, 07/01 às 13:00" in screen.page.inner_text(".service >> nth=0")
    assert "Senhas de hoje esgotadas" in screen.page.inner_text(".service >> nth=1")
    screen.page.locator(".service >> nth=0").click(force=True)
    screen.at("services")
    assert screen.page.get_attribute(".service >> nth=0", "aria-disabled") == "true"


def test_a_tier_without_numbers_says_so_and_the_others_go_on(kiosk):
    def change(menu):
        menu["categories"][0]["services"][0] |= {"capped_tiers": ["normal"]}

    screen = (
        kiosk(prepare=lambda s: s.wire.menu(change))
        .at("rest")
        .tap("[data-category=tributos]")
        .at("services")
        .tap(".service >> nth=0")
        .at("service")
    )
    assert "Senhas de hoje esgotadas" in screen.page.inner_text("[data-tier=normal]")
    screen.page.locator("[data-tier=normal]").click(force=True)
    screen.at("service")
    assert screen.page.get_attribute("[data-tier=normal]", "aria-disabled") == "true"
    assert screen.page.get_attribute("[data-tier=priority]", "aria-disabled") == "false"


@pytest.mark.parametrize("state, words", [("blocked", "não está pronta"), ("unknown", "Não temos certeza")])
def test_no_paper_shows_the_number_larger_qr_and_another_try(kiosk, state, words):
    screen = kiosk().at("rest")
    jobs = []

    def job(route):
        body = route.fetch().json()
        body["job"] |= {"state": state if len(jobs) == 0 else "printed"}
        route.fulfill(json=body)

    def again(route):
        jobs.append(route.request.headers["idempotency-key"])
        route.continue_()

    screen.page.route("**/print-jobs/*", job)
    screen.page.route("**/reprint", again)
    screen.choose().tap(NORMAL).at("done")
    screen.page.wait_for_selector(".done-fallback")
    label = screen.label()
    assert "fotografe" in screen.page.inner_text(".paper")
    assert words in screen.page.inner_text(".paper")
    assert screen.page.locator(".qr").bounding_box()["width"] > 300
    screen.tap("[data-action=reprint]")
    screen.page.wait_for_selector("[data-print=printed]", timeout=15_000)
    assert screen.label() == label
    assert len(jobs) == 1


def test_a_revoked_token_leads_to_pairing_and_leaves_no_token_behind(kiosk):
    screen = kiosk().at("rest")
    screen.expects("401")
    refuse = {"error": {"code": "device_revoked", "message": "x", "detail": {}}}
    screen.page.route("**/tickets", lambda route: route.fulfill(status=401, json=refuse))
    screen.choose().tap(NORMAL)
    screen.page.wait_for_selector(".pair")
    assert screen.page.evaluate("() => localStorage.getItem('vez.token.kiosk.lagoa')") is None
    assert "token" not in screen.page.url


def test_a_wrong_pairing_code_is_said(kiosk):
    screen = kiosk(paired=False)
    screen.expects("404", "422", "400")
    screen.page.fill("#pair-code", "000000")
    screen.tap(".pair .button-primary")
    screen.page.wait_for_selector("text=Código desconhecido")


def test_a_kiosk_is_paired_by_touch_alone(kiosk, demo, browser):
    context = browser.new_context()
    http, api = context.request, f"{demo['base_url']}/api/v1"
    boss = next(u for u in demo["users"] if u["role"] == "admin")
    login = {"username": boss["username"], "password": boss["password"]}
    headers = {"X-CSRF-Token": http.post(f"{api}/session", data=login).json()["csrf_token"]}
    new = {"kind": "kiosk", "name": "Totem novo"}
    made = http.post(f"{api}/units/lagoa/devices", data=new, headers=headers).json()
    screen = kiosk(paired=False)
    screen.page.wait_for_selector(".pair")
    for digit in made["code"]:
        screen.tap(f'.pair-key:text-is("{digit}")')
    screen.tap(".pair-go").at("rest")
    screen.expects("401")
    assert http.post(f"{api}/units/lagoa/devices/{made['device']['id']}/revoke", data={}, headers=headers).ok
    context.close()


def test_an_hour_without_the_server_and_a_changed_clock_do_no_harm(kiosk):
    screen = kiosk(hurry=True).at("rest")
    screen.expects("ERR_INTERNET_DISCONNECTED", "Failed to load")
    screen.page.context.set_offline(True)
    screen.page.clock.run_for(30_000)
    screen.at("offline")
    screen.page.clock.fast_forward(3_600_000)
    screen.at("offline")
    screen.page.context.set_offline(False)
    screen.page.clock.run_for(5_000)
    screen.at("rest")
    screen.page.clock.set_system_time("2020-01-01T00:00:00Z")
    screen.choose().tap(NORMAL).at("done")


def test_after_an_update_of_the_server_the_page_renews_itself_at_rest(kiosk, demo):
    screen = kiosk(hurry=True).at("rest")
    screen.page.evaluate("window.old = true")

    def newer(route):
        body = route.fetch().text().replace('"version":', '"version":"9.9.9","was":')
        route.fulfill(body=body, content_type="text/html")

    screen.page.route("**/kiosk/lagoa", newer)
    with screen.page.expect_event("load"):
        screen.page.clock.fast_forward(610_000)
    screen.at("rest")
    assert not screen.page.evaluate("window.old")


VISITS = """async (n) => {
  const press = async (selector, next) => {
    document.querySelector(selector).click();
    while (!document.querySelector(`[data-screen=${next}]`)) await new Promise(requestAnimationFrame);
  };
  for (let i = 0; i < n; i += 1) {
    await press('[data-category=tributos]', 'services');
    await press('[data-service=itbi]', 'service');
    await press('[data-action=other-service]', 'services');
    await press('[data-action=search]', 'search');
    document.querySelector('.key').click();
    await press('[data-action=home]', 'rest');
  }
}"""


def test_many_visits_leave_nothing_in_memory(kiosk):
    """Weeks without a reload, in short: heap, nodes and listeners after 120 visits are those after 30."""
    screen = kiosk().at("rest")
    console = screen.page.context.new_cdp_session(screen.page)

    def weight():
        console.send("HeapProfiler.collectGarbage")
        found = console.send("Memory.getDOMCounters")
        heap = console.send("Runtime.getHeapUsage")["usedSize"]
        return heap, found["nodes"], found["jsEventListeners"]

    screen.page.evaluate(VISITS, 30)
    before = weight()
    screen.page.evaluate(VISITS, 90)
    after = weight()
    assert after[0] < before[0] * 1.15 + 300_000
    assert after[1] <= before[1] * 1.1 + 100
    assert after[2] <= before[2] * 1.1 + 50


def test_no_gesture_leaves_half_a_screen_or_a_menu_of_the_browser(kiosk):
    """Long press, pinch, ctrl and wheel, a dragged tile, marked text: nothing that stays for the next person."""
    screen = kiosk().at("rest")
    swallowed = """() => {
      const tile = document.querySelector('.tile');
      const fingers = [1, 2].map((id) => new Touch({ identifier: id, target: tile, clientX: 100 * id, clientY: 300 }));
      const made = [
        new MouseEvent('contextmenu', { bubbles: true, cancelable: true }),
        new DragEvent('dragstart', { bubbles: true, cancelable: true }),
        new Event('selectstart', { bubbles: true, cancelable: true }),
        new WheelEvent('wheel', { bubbles: true, cancelable: true, ctrlKey: true, deltaY: -100 }),
        new TouchEvent('touchmove', { bubbles: true, cancelable: true, touches: fingers, targetTouches: fingers }),
      ];
      return made.filter((event) => tile.dispatchEvent(event)).map((event) => event.type);
    }"""
    assert screen.page.evaluate(swallowed) == []
    style = "() => getComputedStyle(document.documentElement)"
    assert screen.page.evaluate(f"({style})().overscrollBehaviorY") == "none"
    assert screen.page.evaluate(f"({style})().touchAction") == "pan-y"
