"""The installer's proof: a page with every accent, type, a QR code and a cut, sent and confirmed like a ticket."""

from __future__ import annotations

import secrets
from datetime import datetime

from printer import document, render
from printer.device import Device
from printer.status import WORDS, Cause

LETTERS = "ÀÁÂÃÇÉÊÍÓÔÕÚÜ àáâãçéêíóôõúü ª º ° –"


def page() -> document.Ticket:
    """Return the page as a ticket."""
    return document.parse(
        {
            "label": "TESTE",
            "header": "Vez · página de teste",
            "unit": "Impressão",
            "service": LETTERS,
            "tier": "priority",
            "tier_text": "Faixa em negativo",
            "issued_at": datetime.now().astimezone().isoformat(),
            "wait_text": "Os acentos acima estão certos? · O código abre no celular? · O papel foi cortado?",
            "follow_url": "https://vez.example/teste/" + "ação".encode().hex(),
            "message": "Se tudo saiu certo, o dialeto está certo.",
            "short_id": "0123456789",
        }
    )


def print_page(device: Device, width: int) -> tuple[bool, str]:
    """Print the page; return whether the printer confirmed it, and one Portuguese line. Raises TransportError."""
    printout = render.render(page(), device.dialect, width)
    with device.lock:
        status = device.look()
        if not device.may_send():
            return False, f"não impressa: {WORDS[status.cause or Cause.OFFLINE]}"
        tag = secrets.token_hex(2).encode()
        device.send(printout.data, tag)
        outcome = device.confirm(tag, printout.millimetres)
    if outcome.printed:
        return True, f"impressa e confirmada em {outcome.confirm_ms} ms ({len(printout.data)} bytes)"
    return False, f"enviada, mas sem confirmação: {WORDS[outcome.cause or Cause.NO_ANSWER]}"
