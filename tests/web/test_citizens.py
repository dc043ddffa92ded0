"""A citizen's phone: late, giving up, rating, a ticket from the web; by the API and by plain forms."""

from __future__ import annotations

import re
from typing import Any

import pytest
from city import change_unit, set_rules
from rows import broken_promises, dump, story
from site_under_test import Site
from sqlalchemy import update

from server.store import tables
from server.usecases.verification import verify_journal

UNIT = "/units/centro"
ISSUE = {"service": "iptu-segunda-via"}


def take(site: Site, **more: Any) -> dict[str, Any]:
    """A ticket from the kiosk, with ``token`` and ``phone`` (its address in the API)."""
    ticket = site.device("kiosk")("POST", f"{UNIT}/tickets", ISSUE | more).json["ticket"]
    token = ticket["follow_url"].rpartition("/")[2]
    return ticket | {"token": token, "phone": f"/tickets/follow/{token}"}


def served(site: Site, ticket: dict[str, Any]) -> None:
    ana = site.staff("ana.martins")
    ana("POST", f"{UNIT}/counters/centro-1/open")
    ana("POST", f"{UNIT}/counters/centro-1/call", {"ticket": ticket["id"], "reason": "x"})
    assert ana("POST", f"/tickets/{ticket['id']}/finish", {}).status_code == 200


def test_who_is_late_lets_three_go_first_once_and_the_staff_see_it(site, clock):
    everybody = []
    for tier in ("normal", "priority", "normal", "normal", "normal", "normal"):
        clock.advance(10)
        everybody.append(take(site, tier=tier))
    mine, nobody, ana = everybody[0], site.nobody(), site.staff("ana.martins")
    first = nobody("POST", f"{mine['phone']}/late").json
    assert (first["ticket"]["ahead"], first["can"]["late"], first["can"]["give_up"]) == (4, False, True)
    before = dump(site.store.engine)
    assert nobody("POST", f"{mine['phone']}/late").json["ticket"]["ahead"] == 4, (
        "a second press costs nothing"
    )
    assert dump(site.store.engine) == before
    queue = ana("GET", f"{UNIT}/queue").json["tickets"]
    labels = [everybody[n]["label"] for n in (1, 2, 3, 4, 0, 5)]
    assert [ticket["label"] for ticket in queue] == labels
    assert [bool(ticket["late_at"]) for ticket in queue] == [False] * 4 + [True, False]
    told = ana("GET", f"/tickets/{mine['id']}/history").json["events"][-1]
    assert (told["type"], told["text"]) == (
        "ticket.late",
        "Avisou que se atrasaria: deixou outras pessoas passarem",
    )
    assert story(site.store.engine, mine["id"])[-1].data["by"] == "citizen"
    assert verify_journal(site.house, "centro").problems == []
    assert broken_promises(site.store.engine) == []


def test_how_many_go_first_is_the_units_rule_and_the_last_one_keeps_the_place(site, clock):
    set_rules(site.store, "centro", {"late_places": 1})
    first = take(site)
    clock.advance(10)
    take(site)
    clock.advance(10)
    last = take(site)
    assert site.nobody()("POST", f"{first['phone']}/late").json["ticket"]["ahead"] == 1
    alone = site.nobody()("POST", f"{last['phone']}/late").json["ticket"]
    assert (alone["ahead"], bool(alone["late_at"])) == (2, True)


def test_giving_up_cancels_once_and_only_who_waits(site):
    ticket, nobody, ana = take(site), site.nobody(), site.staff("ana.martins")
    page = nobody("POST", f"{ticket['phone']}/give-up").json
    assert (page["ticket"]["state"], page["closed"], page["can"]) == (
        "cancelled",
        True,
        {"late": False, "give_up": False, "rate": False},
    )
    dump(site.store.engine)
    assert nobody("POST", f"{ticket['phone']}/give-up").status_code == 200
    assert nobody("POST", f"{ticket['phone']}/late").status_code == 409
    called = take(site)
    ana("POST", f"{UNIT}/counters/centro-1/open")
    ana("POST", f"{UNIT}/counters/centro-1/call-next")
    refused = nobody("POST", f"{called['phone']}/give-up")
    assert (refused.status_code, refused.json["error"]["detail"]["state"]) == (409, "called")
    text = ana("GET", f"/tickets/{ticket['id']}/history").json["events"][-1]["text"]
    assert text == "A própria pessoa desistiu, pelo celular"
    assert nobody("POST", "/tickets/follow/nosuchticket/give-up").status_code == 404


def test_a_visit_is_rated_once_at_its_end_and_the_supervisor_sees_no_name(site, clock):
    ticket, nobody = take(site), site.nobody()
    early = nobody("POST", f"{ticket['phone']}/rating", {"score": 5})
    assert (early.status_code, early.json["error"]["code"]) == (409, "illegal_transition")
    served(site, ticket)
    assert nobody("GET", ticket["phone"]).json["can"]["rate"]
    for bad in ({"score": 6}, {"score": 0}, {"score": "5"}, {"score": 5, "name": "x"}, {"score": 4.5}, {}):
        assert nobody("POST", f"{ticket['phone']}/rating", bad).status_code == 422
    assert (
        nobody("POST", f"{ticket['phone']}/rating", {"score": 2, "comment": " Demorou. "}).json["rating"] == 2
    )
    assert nobody("POST", f"{ticket['phone']}/rating", {"score": 5}).json["rating"] == 2, "said once"
    quick = take(site)
    served(site, quick)
    nobody("POST", f"{quick['phone']}/rating", {"score": 5})
    seen = site.staff("supervisao.centro")("GET", f"{UNIT}/satisfaction").json
    assert (seen["count"], seen["average"], seen["scores"]["2"], seen["scores"]["5"]) == (2, 3.5, 1, 1)
    assert [one["comment"] for one in seen["comments"]] == ["Demorou."]
    forgotten = take(site)
    served(site, forgotten)
    clock.advance(hours=8 * 24)
    assert nobody("POST", f"{forgotten['phone']}/rating", {"score": 1}).status_code == 409


def test_a_phone_that_presses_too_often_is_slowed_down_and_no_other(site):
    one, other, nobody = take(site), take(site), site.nobody()
    answers = [nobody("POST", f"{one['phone']}/late").status_code for _ in range(21)]
    assert (answers[:20], answers[20]) == ([200] * 20, 429)
    assert nobody("POST", f"{other['phone']}/late").status_code == 200


def test_the_web_gives_out_tickets_only_where_it_may_and_by_the_kiosks_rules(site):
    nobody, leader = site.nobody(), site.staff("supervisao.centro")
    before = dump(site.store.engine)
    assert nobody("POST", f"{UNIT}/web-tickets", ISSUE).json["error"]["code"] == "forbidden"
    assert dump(site.store.engine) == before
    leader("POST", f"{UNIT}/web-issue", {"on": True})
    here = take(site)
    made = nobody("POST", f"{UNIT}/web-tickets", ISSUE, key="a").json
    assert made["ahead"] == 1, "behind whoever stood at the kiosk first"
    found = leader("GET", f"{UNIT}/tickets?label={made['label']}").json["tickets"][0]
    assert (found["origin"], found["service"]) == ("web", here["service"])
    assert (
        site.device("printer")("POST", "/print-jobs/claim").json["job"]["document"]["label"] == here["label"]
    )
    assert site.device("printer")("POST", "/print-jobs/claim").json["job"] is None, (
        "nobody waits for paper at home"
    )
    leader("POST", f"{UNIT}/services/iptu-segunda-via/open", {"open": False})
    assert nobody("POST", f"{UNIT}/web-tickets", ISSUE).json["error"]["code"] == "service_closed"
    change_unit(site.store, "centro", hours={})
    leader("POST", f"{UNIT}/services/iptu-segunda-via/open", {"open": True})
    assert nobody("POST", f"{UNIT}/web-tickets", ISSUE).json["error"]["code"] == "unit_closed"


class Browser:
    """A phone without JavaScript: pages and forms."""

    def __init__(self, site: Site) -> None:
        self.client = site.app.test_client(use_cookies=False)

    def get(self, path: str) -> str:
        self.answer = self.client.get(path)
        return self.answer.text

    def post(self, path: str, **form: str) -> Any:
        return self.client.post(path, data=form)


def test_the_phone_page_does_everything_by_plain_forms(site):
    ticket, phone = take(site), Browser(site)
    page = f"/t/{ticket['token']}"
    assert "Estou atrasado" in phone.get(page)
    assert 'http-equiv="refresh"' in phone.get(page)
    question = phone.get(f"{page}/give-up?lang=en")
    assert "Give up your place?" in question
    assert "http-equiv" not in question, "a question does not vanish by itself"
    assert site.nobody()("GET", ticket["phone"]).json["ticket"]["state"] == "waiting", (
        "looking changes nothing"
    )
    foreign = phone.client.post(f"{page}/give-up", headers={"Sec-Fetch-Site": "cross-site"})
    assert foreign.status_code == 303
    assert site.nobody()("GET", ticket["phone"]).json["ticket"]["state"] == "waiting"
    assert phone.post(f"{page}/late").headers["Location"].startswith(page)
    assert "Você avisou às" in phone.get(page)
    served(site, ticket)
    assert "Como foi o atendimento?" in phone.get(page)
    assert phone.post(f"{page}/rating", comment="sem nota").status_code == 303
    assert phone.post(f"{page}/rating", score="4", comment="ok\r\nobrigado").status_code == 303
    assert 'id="thanks" class="card" role="status">' in phone.get(page)
    assert phone.post("/t/nosuchticket/late").status_code == 404
    gone = take(site)
    assert phone.post(f"/t/{gone['token']}/give-up").status_code == 303
    assert "Senha cancelada" in phone.get(f"/t/{gone['token']}")


@pytest.mark.parametrize(
    "language, words", [("pt-BR", "Retirar senha"), ("en", "Take a ticket"), ("es", "Retirar turno")]
)
def test_a_ticket_is_taken_on_the_web_without_a_script(site, language, words):
    phone, leader = Browser(site), site.staff("supervisao.centro")
    page = f"/u/centro?lang={language}"
    assert (phone.get(page) and phone.answer.status_code) == 404
    assert phone.get("/u/nowhere")
    assert phone.answer.status_code == 404
    leader("POST", f"{UNIT}/web-issue", {"on": True})
    assert words in phone.get(page)
    form = phone.get(f"{page}&service=iptu-segunda-via")
    key = re.search(r'name="key" value="([^"]+)"', form)[1]
    wish = {"service": "iptu-segunda-via", "tier": "priority", "key": key}
    first, again = phone.post(page, **wish), phone.post(page, **wish)
    assert first.status_code == again.status_code == 303
    assert first.headers["Location"] == again.headers["Location"], "a second press takes no second ticket"
    assert 'class="label">P' in phone.get(first.headers["Location"])
    assert phone.post(page, service="iptu-segunda-via", tier="nonsense").status_code == 422
    assert phone.client.post(page, data=wish, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    change_unit(site.store, "centro", hours={})
    closed = phone.post(page, **wish | {"key": "another"})
    assert closed.status_code == 409
    assert 'role="alert"' in closed.text


def test_a_tier_without_numbers_cannot_be_chosen_on_the_web(site):
    site.staff("supervisao.centro")("POST", f"{UNIT}/web-issue", {"on": True})
    here = (tables.series.c.unit == "centro") & (tables.series.c.prefix == "A")
    with site.store.write() as connection:
        connection.execute(update(tables.series).where(here).values(daily_cap=1))
    change_unit(site.store, "centro")
    take(site)
    form = Browser(site).get("/u/centro?service=iptu-segunda-via")
    assert re.search('value="normal" required disabled>.*Senhas de hoje esgotadas', form)
    assert 'value="priority" required>' in form


def test_a_kiosk_between_units_issues_and_prints_for_each_and_for_no_other(site):
    admin, kiosk, printer = site.staff("admin"), site.device("kiosk"), site.device("printer")
    me = kiosk("GET", "/devices/me").json["device"]
    path = f"{UNIT}/devices/{me['id']}/units"
    assert site.staff("supervisao.centro")("POST", path, {"units": ["lagoa"]}).status_code == 403
    assert admin("POST", path, {"units": ["nowhere"]}).json["error"]["code"] == "unknown_unit"
    assert kiosk("POST", "/units/lagoa/tickets", ISSUE).json["error"]["code"] == "wrong_unit"
    assert admin("POST", path, {"units": ["lagoa", "centro"]}).json["device"]["also"] == ["lagoa"]
    assert kiosk("GET", "/devices/me").json["device"]["also"] == ["lagoa"]
    here = kiosk("POST", f"{UNIT}/tickets", ISSUE).json
    there = kiosk("POST", "/units/lagoa/tickets", ISSUE, key="x").json
    assert (there["ticket"]["unit"], there["ticket"]["label"]) == ("lagoa", "A001")
    assert kiosk("POST", "/units/ingleses/tickets", ISSUE).json["error"]["code"] == "wrong_unit"
    papers = {}
    for _ in range(2):
        job = printer("POST", "/print-jobs/claim").json["job"]
        papers[job["id"]] = job["document"]["unit"]
        for state in ("preflight", "sending", "sent", "printed"):
            report = {"state": state, "lease": job["lease"]}
            assert printer("POST", f"/print-jobs/{job['id']}/report", report).status_code == 200
    units = {one["id"]: one["name"] for one in site.nobody()("GET", "/units").json["units"]}
    assert papers == {here["print_job"]["id"]: units["centro"], there["print_job"]["id"]: units["lagoa"]}
    assert kiosk("GET", f"/print-jobs/{there['print_job']['id']}").json["job"]["state"] == "printed"
    admin("POST", path, {"units": []})
    assert kiosk("POST", "/units/lagoa/tickets", ISSUE).json["error"]["code"] == "wrong_unit"
