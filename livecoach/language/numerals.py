"""Spoken numbers: which recordings make up a number in each language.

English says tens and ones one after the other, so a few recordings are enough. German ("einundzwanzig") and Spanish
("veintiuno", "treinta y uno") join them, so numbers up to a hundred are recorded whole. Before a counted noun some
numbers have another form, here always the feminine one, because Wiederholung and repetición are feminine.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

LARGEST_NUMBER = 999
FEMININE = "-f"
"""End of a recording's name: the form before a feminine noun."""
_CIENTO = "100-and"


@dataclass(frozen=True, slots=True)
class Numerals:
    """The spoken numbers of a language."""

    recordings: Mapping[str, str]
    """Name of each recording → what the voice says; digits are read as a number."""
    _parts: Callable[[int], tuple[str, ...]]
    """Number from 1 to LARGEST_NUMBER → the recordings that make it up."""

    def parts(self, number: int, *, counts: bool = False) -> tuple[str, ...]:
        """Return the recordings that make up `number`; empty outside 1…LARGEST_NUMBER. counts: a noun follows."""
        if not 1 <= number <= LARGEST_NUMBER:
            return ()
        parts = self._parts(number)
        return tuple(self._feminine(part) for part in parts) if counts else parts

    def _feminine(self, part: str) -> str:
        return part + FEMININE if part + FEMININE in self.recordings else part


def _english(number: int) -> tuple[str, ...]:
    """123 is "1", "100", "20", "3"."""
    hundreds, rest = divmod(number, 100)
    words: tuple[str, ...] = (str(hundreds), "100") if hundreds else ()
    if rest > 20:
        words += (str(rest - rest % 10),)
        rest %= 10
    return (*words, str(rest)) if rest else words


def _german(number: int) -> tuple[str, ...]:
    """223 is "200", "23"."""
    hundreds, rest = divmod(number, 100)
    return (*((str(100 * hundreds),) if hundreds else ()), *((str(rest),) if rest else ()))


def _spanish(number: int) -> tuple[str, ...]:
    """As in German, but a hundred is "cien" alone and "ciento" before others."""
    parts = _german(number)
    return (_CIENTO, *parts[1:]) if parts[0] == "100" and len(parts) > 1 else parts


def _whole(*more: int) -> dict[str, str]:
    """Return recordings that are read as they are named."""
    return {str(number): str(number) for number in (*range(1, 101), *more)}


_HUNDREDS = range(200, 1000, 100)
_GERMAN_ONES = ("ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun")
_GERMAN_TENS = ("zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig", "neunzig")
_SPANISH_TENS = ("treinta", "cuarenta", "cincuenta", "sesenta", "setenta", "ochenta", "noventa")
_SPANISH_HUNDREDS = ("dos", "tres", "cuatro", "quin", "seis", "sete", "ocho", "nove")
NUMERALS = {
    "en": Numerals(
        {str(number): str(number) for number in (*range(1, 21), *range(30, 100, 10))} | {"100": "hundred"}, _english
    ),
    # In digits espeak-ng reads 21 as three words.
    "de": Numerals(
        _whole(*_HUNDREDS)
        | {"1" + FEMININE: "eine", "100": "hundert"}
        | {
            f"{tens}{ones}": f"{one}und{ten}"
            for tens, ten in enumerate(_GERMAN_TENS, 2)
            for ones, one in enumerate(_GERMAN_ONES, 1)
        },
        _german,
    ),
    "es": Numerals(
        _whole(*_HUNDREDS)
        | {_CIENTO: "ciento", "1" + FEMININE: "una", "21" + FEMININE: "veintiuna"}
        | {f"{10 * tens + 1}{FEMININE}": f"{word} y una" for tens, word in enumerate(_SPANISH_TENS, 3)}
        | {
            f"{hundreds}{FEMININE}": word + ("ientas" if word == "quin" else "cientas")
            for hundreds, word in zip(_HUNDREDS, _SPANISH_HUNDREDS, strict=True)
        },
        _spanish,
    ),
}
"""Code of a language → its spoken numbers."""
