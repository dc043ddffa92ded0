"""Cardinal numbers from 0 to 999 999 in words, in the three languages of the house.

Used for counters ("Guichê vinte e um"): a number that names a place keeps the masculine or neutral form
("Mesa dois", never "Mesa duas").
"""

from __future__ import annotations

from collections.abc import Callable

LIMIT = 1_000_000


def _words(text: str) -> list[str]:
    return text.split()


_PT_SMALL = _words(
    "zero um dois três quatro cinco seis sete oito nove dez onze doze treze quatorze quinze dezesseis "
    "dezessete dezoito dezenove"
)
_PT_TENS = _words("- - vinte trinta quarenta cinquenta sessenta setenta oitenta noventa")
_PT_HUNDREDS = _words(
    "- cento duzentos trezentos quatrocentos quinhentos seiscentos setecentos oitocentos novecentos"
)

_EN_SMALL = _words(
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen"
)
_EN_TENS = _words("- - twenty thirty forty fifty sixty seventy eighty ninety")

_ES_SMALL = _words(
    "cero uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince dieciséis "
    "diecisiete dieciocho diecinueve veinte veintiuno veintidós veintitrés veinticuatro veinticinco "
    "veintiséis veintisiete veintiocho veintinueve"
)
_ES_TENS = _words("- - - treinta cuarenta cincuenta sesenta setenta ochenta noventa")
_ES_HUNDREDS = _words(
    "- ciento doscientos trescientos cuatrocientos quinientos seiscientos setecientos ochocientos novecientos"
)


def _portuguese(number: int) -> str:
    if number < 20:
        return _PT_SMALL[number]
    if number < 100:
        return _joined(_PT_TENS[number // 10], number % 10, " e ", _portuguese)
    if number == 100:
        return "cem"
    if number < 1000:
        return _joined(_PT_HUNDREDS[number // 100], number % 100, " e ", _portuguese)
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{_portuguese(thousands)} mil"
    # "mil e cem", "mil e doze", but "mil duzentos e doze": the "e" goes before a last simple group.
    return _joined(head, rest, " e " if rest < 100 or rest % 100 == 0 else " ", _portuguese)


def _english(number: int) -> str:
    if number < 20:
        return _EN_SMALL[number]
    if number < 100:
        return _joined(_EN_TENS[number // 10], number % 10, "-", _english)
    if number < 1000:
        return _joined(f"{_EN_SMALL[number // 100]} hundred", number % 100, " and ", _english)
    thousands, rest = divmod(number, 1000)
    return _joined(f"{_english(thousands)} thousand", rest, " and " if rest < 100 else " ", _english)


def _spanish(number: int) -> str:
    if number < 30:
        return _ES_SMALL[number]
    if number < 100:
        return _joined(_ES_TENS[number // 10], number % 10, " y ", _spanish)
    if number == 100:
        return "cien"
    if number < 1000:
        return _joined(_ES_HUNDREDS[number // 100], number % 100, " ", _spanish)
    thousands, rest = divmod(number, 1000)
    head = "mil" if thousands == 1 else f"{_before_mil(_spanish(thousands))} mil"
    return _joined(head, rest, " ", _spanish)


def _before_mil(words: str) -> str:
    """Spanish shortens "uno" before "mil": veintiún mil, treinta y un mil."""
    if words.endswith("veintiuno"):
        return words.removesuffix("veintiuno") + "veintiún"
    return words.removesuffix("uno") + "un" if words.endswith("uno") else words


def _joined(head: str, rest: int, link: str, spell: Callable[[int], str]) -> str:
    return f"{head}{link}{spell(rest)}" if rest else head


_BY_LANGUAGE = {"pt-BR": _portuguese, "en": _english, "es": _spanish}


def cardinal(number: int, language: str) -> str:
    """The number in words. ValueError outside 0..999 999; KeyError for an unknown language."""
    if not 0 <= number < LIMIT:
        raise ValueError(f"numbers are spoken from 0 to {LIMIT - 1}, not {number}")
    return _BY_LANGUAGE[language](number)
