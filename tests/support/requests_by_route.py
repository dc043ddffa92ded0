"""How to ask each route for something that exists: an address and a body for every entry of the table of routes."""

from __future__ import annotations

import re
from typing import Any

from site_under_test import Site

from server.web.access import Route

UNIT = "centro"
LAYOUT = {
    "header": "Prefeitura de Florianópolis",
    "message": {"pt-BR": "Aguarde a chamada.", "en": "Please wait.", "es": "Espere su turno."},
    "parts": ["header", "unit", "service", "number", "qr"],
    "large": False,
}
# A white PNG of one dot.
LOGO = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABAQAAAAA3bvkkAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg=="
BODIES: dict[str, dict[str, Any]] = {
    "log_in": {"username": "ana.martins", "password": "vez-demo"},
    "pair_device": {"code": "ABCD2345"},
    "heartbeat": {"state": {"seq": 3, "audio": True}},
    "issue_ticket": {"service": "iptu-segunda-via", "tier": "normal", "language": "pt-BR"},
    "check_in": {"service": "iptu-segunda-via", "booked": "2026-11-23T09:20:00-03:00"},
    "pause_counter": {"reason": "almoço"},
    "call_ticket": {"ticket": "", "reason": "mãe com bebê"},
    "hold_ticket": {"reason": "formulário"},
    "transfer_ticket": {"service": "itbi"},
    "next_service": {"service": "itbi"},
    "cancel_ticket": {"reason": "desistiu"},
    "change_tier": {"tier": "priority", "reason": "tocou na opção errada"},
    "claim_job": {"wait": 0},
    "report_job": {"state": "sending"},
    "reprint_ticket": {"reason": "papel rasgado"},
    "set_panels": {"layout": "media", "sound": {"volume": 0.5}},
    "set_one_panel": {"contrast": "high"},
    "plan_media": {"seconds": 20, "from": "2026-11-23", "starts": "08:00", "ends": "12:00", "days": [1, 2]},
    "arrange_media": {"order": []},
    "set_brand": {"name": "Pró-Cidadão Centro", "colour": "#7a1f3d"},
    "add_device": {"kind": "panel", "name": "Painel da entrada"},
    "share_device": {"units": []},
    "switch_web_issue": {"on": True},
    "rate_visit": {"score": 5, "comment": "muito bom"},
    "tell_me": {
        "endpoint": "https://fcm.googleapis.com/fcm/send/abc",
        # Of the example in RFC 8291.
        "keys": {
            "p256dh": "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
            "auth": "BTBZMqHH6r4Tts7J_aSIgg",
        },
        "language": "pt-BR",
    },
    "tell_me_no_more": {"endpoint": "https://fcm.googleapis.com/fcm/send/abc"},
    "take_web_ticket": {"service": "iptu-segunda-via", "tier": "normal", "language": "pt-BR"},
    "open_service": {"open": False},
    "change_ticket_layout": LAYOUT,
    "preview_ticket_layout": LAYOUT | {"language": "es", "large_print": True},
    "change_ticket_logo": {"picture": LOGO},
}


def someone_waits(site: Site) -> dict[str, str]:
    """A ticket in centro, and the names that stand in addresses of its unit."""
    made = site.device("kiosk")("POST", f"/units/{UNIT}/tickets", BODIES["issue_ticket"]).json
    return {
        "unit": UNIT,
        "counter": "centro-1",
        "ticket": made["ticket"]["id"],
        "job": made["print_job"]["id"],
        "token": made["ticket"]["follow_url"].rpartition("/")[2],
        "device": site.city.seeded.devices[UNIT, "panel"].id,
        "service": "itbi",
        "media": "0193a000-0000-7000-8000-000000000000",
    }


def address(route: Route, names: dict[str, str]) -> str:
    """The route's path with names filled in."""
    return re.sub(r"<(\w+)>", lambda found: names[found[1]], route.path)


def body_of(route: Route, names: dict[str, str]) -> dict[str, Any] | None:
    """A body that the route takes; None for a route without one."""
    if route.body is None:
        return None
    body = dict(BODIES.get(route.name, {}))
    if route.name == "call_ticket":
        body["ticket"] = names["ticket"]
    return body
