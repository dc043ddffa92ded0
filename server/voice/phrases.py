"""What is said, as plain text: pure, and the same words as on the screen.

"Senha A, zero, quatro, dois. Guichê três." A label is spelled, character by character, because letters and
digits are what the citizen holds in the hand; the number of a counter is said as people say it.
"""

from __future__ import annotations

import re
import unicodedata

from server.voice.numbers import LIMIT, cardinal

LANGUAGES = ("pt-BR", "en", "es")
DEFAULT_LANGUAGE = "pt-BR"
KINDS = ("desk", "table", "room")
MAX_LABEL = 24
MAX_NUMBER = 24

_TICKET = {"pt-BR": "Senha", "en": "Ticket", "es": "Turno"}
_KIND = {
    "pt-BR": {"desk": "Guichê", "table": "Mesa", "room": "Sala"},
    "en": {"desk": "Counter", "table": "Desk", "room": "Room"},
    "es": {"desk": "Ventanilla", "table": "Mesa", "room": "Sala"},
}
# Letters whose bare name a synthesiser gets wrong or says unlike the people of the place.
_LETTERS = {
    "pt-BR": {"W": "dáblio"},
    "en": {},
    "es": {"W": "doble ve", "Y": "i griega"},
}


def language_of(tag: str | None) -> str:
    """The language of the house nearest to a tag such as ``pt``, ``es-AR`` or ``fr`` (the default)."""
    wanted = (tag or "").lower()
    for language in LANGUAGES:
        if wanted == language.lower() or wanted.split("-")[0] == language.split("-")[0]:
            return language
    return DEFAULT_LANGUAGE


def announcement(language: str, label: str, kind: str, number: str) -> str:
    """The whole call, two sentences; without a number of the counter only the first.

    ValueError when label or number has nothing that can be said or is too long, or the kind is unknown.
    """
    language = language_of(language)
    ticket = ticket_sentence(language, label)
    return f"{ticket} {counter_sentence(language, kind, number)}" if number else ticket


def ticket_sentence(language: str, label: str) -> str:
    """ "Senha A, zero, quatro, dois." Signs between letters and digits (A-042) are not said."""
    return f"{_TICKET[language]} {', '.join(_spelled(language, label, MAX_LABEL))}."


def counter_sentence(language: str, kind: str, number: str) -> str:
    """ "Guichê três." A number with letters is said in its parts: "12A" is "doze A"."""
    if kind not in KINDS:
        raise ValueError(f"unknown kind of counter {kind!r}: one of {', '.join(KINDS)}")
    if len(number) > MAX_NUMBER:
        raise ValueError(f"the number of a counter has at most {MAX_NUMBER} characters")
    parts = [_part(language, part) for part in re.findall(r"[0-9]+|[^\W\d_]+", _plain(number))]
    if not parts:
        raise ValueError(f"nothing can be said of the counter number {number!r}")
    return f"{_KIND[language][kind]} {' '.join(parts)}."


def _plain(text: str) -> str:
    """Full-width and other compatibility digits and letters become the ordinary ones."""
    return unicodedata.normalize("NFKC", text)


def _spelled(language: str, text: str, limit: int) -> list[str]:
    if len(text) > limit:
        raise ValueError(f"a label has at most {limit} characters")
    said = [_character(language, sign) for sign in _plain(text).upper() if sign.isalnum()]
    if not said:
        raise ValueError(f"nothing can be said of the label {text!r}")
    return said


def _character(language: str, sign: str) -> str:
    if sign in "0123456789":
        return cardinal(int(sign), language)
    return _LETTERS[language].get(sign, sign)


def _part(language: str, part: str) -> str:
    if not part[0].isdigit():
        # One letter is a name of its own (A); more are a word (Azul).
        return _character(language, part.upper()) if len(part) == 1 else part
    if part.startswith("0") or int(part) >= LIMIT:
        return " ".join(_character(language, digit) for digit in part)
    return cardinal(int(part), language)
