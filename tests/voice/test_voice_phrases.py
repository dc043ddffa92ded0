"""What is said: labels spelled, numbers as people say them, the words of the screen."""

import json
from pathlib import Path

import pytest

from server.voice import phrases
from server.voice.numbers import cardinal

SCREEN_TEXTS = Path(__file__).parents[2] / "panel" / "static" / "i18n"


@pytest.mark.parametrize(
    "language, label, kind, number, said",
    [
        ("pt-BR", "A042", "desk", "3", "Senha A, zero, quatro, dois. Guichê três."),
        ("pt-BR", "PA001", "table", "21", "Senha P, A, zero, zero, um. Mesa vinte e um."),
        ("pt-BR", "W7", "room", "102", "Senha dáblio, sete. Sala cento e dois."),
        ("en", "A042", "desk", "3", "Ticket A, zero, four, two. Counter three."),
        ("en", "B9", "room", "45", "Ticket B, nine. Room forty-five."),
        ("es", "A042", "desk", "3", "Turno A, cero, cuatro, dos. Ventanilla tres."),
        ("es", "Y10", "table", "31", "Turno i griega, uno, cero. Mesa treinta y uno."),
        ("pt-BR", "A-042", "desk", "", "Senha A, zero, quatro, dois."),
        ("pt-BR", "a042", "desk", "12A", "Senha A, zero, quatro, dois. Guichê doze A."),
        ("pt-BR", "A1", "room", "Azul", "Senha A, um. Sala Azul."),
        ("pt-BR", "A1", "desk", "03", "Senha A, um. Guichê zero três."),
        ("pt-BR", "A1", "desk", "12345678", "Senha A, um. Guichê um dois três quatro cinco seis sete oito."),
        ("fr", "A1", "desk", "1", "Senha A, um. Guichê um."),
        ("es-AR", "A1", "desk", "1", "Turno A, uno. Ventanilla uno."),
        ("pt-BR", "Ａ１", "desk", "１２", "Senha A, um. Guichê doze."),
    ],
)
def test_a_call_is_said_as_people_say_it(language, label, kind, number, said):
    assert phrases.announcement(language, label, kind, number) == said


@pytest.mark.parametrize(
    "label, kind, number",
    [
        ("", "desk", "1"),
        ("--", "desk", "1"),
        ("A" * 25, "desk", "1"),
        ("A1", "window", "1"),
        ("A1", "desk", "-"),
    ],
)
def test_what_cannot_be_said_is_refused(label, kind, number):
    with pytest.raises(ValueError, match=r"label|kind|counter"):
        phrases.announcement("pt-BR", label, kind, number)


def test_a_number_too_long_is_refused():
    with pytest.raises(ValueError, match="at most"):
        phrases.announcement("pt-BR", "A1", "desk", "1" * 25)


@pytest.mark.parametrize("language", phrases.LANGUAGES)
def test_voice_and_screen_use_the_same_words(language):
    screen = json.loads((SCREEN_TEXTS / f"{language}.json").read_text(encoding="utf-8"))
    for kind in phrases.KINDS:
        said = phrases.counter_sentence(language, kind, "7")
        assert said.startswith(screen[f"kind.{kind}"] + " ")
    assert phrases.ticket_sentence(language, "A1").startswith(screen["voice.ticket"] + " ")


@pytest.mark.parametrize(
    "number, words",
    [
        (0, ("zero", "zero", "cero")),
        (14, ("quatorze", "fourteen", "catorce")),
        (16, ("dezesseis", "sixteen", "dieciséis")),
        (20, ("vinte", "twenty", "veinte")),
        (22, ("vinte e dois", "twenty-two", "veintidós")),
        (99, ("noventa e nove", "ninety-nine", "noventa y nueve")),
        (100, ("cem", "one hundred", "cien")),
        (101, ("cento e um", "one hundred and one", "ciento uno")),
        (215, ("duzentos e quinze", "two hundred and fifteen", "doscientos quince")),
        (1000, ("mil", "one thousand", "mil")),
        (1012, ("mil e doze", "one thousand and twelve", "mil doce")),
        (1100, ("mil e cem", "one thousand one hundred", "mil cien")),
        (
            1234,
            (
                "mil duzentos e trinta e quatro",
                "one thousand two hundred and thirty-four",
                "mil doscientos treinta y cuatro",
            ),
        ),
        (2000, ("dois mil", "two thousand", "dos mil")),
        (21_001, ("vinte e um mil e um", "twenty-one thousand and one", "veintiún mil uno")),
        (31_000, ("trinta e um mil", "thirty-one thousand", "treinta y un mil")),
        (
            999_999,
            (
                "novecentos e noventa e nove mil novecentos e noventa e nove",
                "nine hundred and ninety-nine thousand nine hundred and ninety-nine",
                "novecientos noventa y nueve mil novecientos noventa y nueve",
            ),
        ),
    ],
)
def test_cardinals(number, words):
    assert tuple(cardinal(number, language) for language in phrases.LANGUAGES) == words


def test_every_number_is_said_differently():
    for language in phrases.LANGUAGES:
        assert len({cardinal(number, language) for number in range(12_000)}) == 12_000


@pytest.mark.parametrize("number", [-1, 1_000_000])
def test_numbers_beyond_are_refused(number):
    with pytest.raises(ValueError, match="spoken from 0"):
        cardinal(number, "en")
