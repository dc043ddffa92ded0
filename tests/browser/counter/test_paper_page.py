"""The supervisor's card of the paper ticket: typed, seen as the printer would print it, kept."""

from __future__ import annotations

import io
from typing import Any

import pytest
from counter_room import CHIEF, UNIT, Room, axe
from PIL import Image

pytestmark = pytest.mark.browser


def picture() -> dict[str, Any]:
    """A file as a person would pick it."""
    out = io.BytesIO()
    Image.linear_gradient("L").resize((600, 200)).save(out, "PNG")
    return {"name": "logo.png", "mimeType": "image/png", "buffer": out.getvalue()}


def test_the_paper_is_shaped_beside_its_drawing(open_page: Any, room: Room) -> None:
    """Each change is drawn from the printer's bytes; what cannot fit is said; what is saved is on the next ticket."""
    page = open_page("/supervisor", CHIEF)
    page.wait_for_selector("[data-printer] [data-order=pause]")
    page.click("a[href='#unit']")
    card = page.locator("[data-card=paper]")
    shown = card.locator(".paper-window img")
    before = shown.get_attribute("src")

    def drawn_anew() -> str:
        nonlocal before
        page.wait_for_function("was => document.querySelector('.paper-window img').src !== was", arg=before)
        before = shown.get_attribute("src")
        return before

    card.get_by_label("Cabeçalho", exact=True).first.fill("Cidade da Ilha")
    drawn_anew()
    card.get_by_label("Código QR").uncheck()
    drawn_anew()
    card.locator("input[type=file]").set_input_files(picture())
    drawn_anew()
    card.locator(".paper-logo").wait_for()
    axe(page, "the paper card")
    card.get_by_label("Mensagem em português").fill("x" * 30)
    page.wait_for_selector("text=não cabe em uma linha de 24 letras")
    card.get_by_role("button", name="Salvar").click()
    card.get_by_role("alert").get_by_text("não cabe em uma linha").wait_for()
    card.get_by_label("Mensagem em português").fill("Bem-vindo.")
    card.get_by_role("button", name="Salvar").click()
    card.locator(".unit-ok:not(:empty)").wait_for()
    layout = room.chief.get(f"/units/{UNIT}/ticket-layout")["layout"]
    assert (layout["header"], layout["message"]["pt-BR"]) == ("Cidade da Ilha", "Bem-vindo.")
    assert "qr" not in layout["parts"]
    assert layout["logo"]
    card.get_by_role("button", name="Retirar logotipo").click()
    card.locator(".paper-logo").wait_for(state="detached")
