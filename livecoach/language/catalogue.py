"""Translations of one language, by the ids of messages (`livecoach.types.message`), which `livecoach/locales/texts.txt`
lists. A text without fields is its own id."""

import functools
import gettext
import re
from collections.abc import Callable
from pathlib import Path

from ruamel.yaml import YAML

from livecoach.language.units import IMPERIAL_ID, SPACED_ID, imperial_number
from livecoach.types.message import Message, filled

DOMAIN = "livecoach"
LOCALES = Path(__file__).resolve().parents[1] / "locales"
TEXTS = LOCALES / "texts.txt"
PAGE_WORDS = LOCALES.parent / "assets" / "phone" / "words.yaml"
_SWAPPED = str.maketrans(",.", ".,")
_DECIMAL = "0.5"
"""Its translation shows the language's decimal mark."""
_DAY_ID = "{year}-{month}-{day}"  # its translation shows how the language writes a day
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?P<time>( \d\d:\d\d[\d:+ -]*)?)", re.ASCII)


class Catalogue:
    def __init__(self, code: str, template: Callable[[str], str]) -> None:
        """template: returns the translation of an id, with the same fields; the id itself without a translation."""
        self.code, self.template = code, template
        self._has_comma = "," in template(_DECIMAL)

    def translate(self, text: str, *, imperial: bool = False) -> str:
        """A text without a translation stays unchanged: a name, or the words of a lifter's own exercise. A day,
        "2026-06-01", is a text that each language writes in its own way."""
        if not isinstance(text, Message):
            return self._day(self.template(text))
        id, arguments = SPACED_ID.get(text.id, text.id), text.arguments
        if imperial and id in IMPERIAL_ID:
            unit, id = IMPERIAL_ID[id]
            arguments = {"n": imperial_number(str(arguments["n"]), unit)}
        template = self.template(id)
        parts = {field: self._part(template, field, value, imperial=imperial) for field, value in arguments.items()}
        return filled(template, parts)

    def _part(self, template: str, field: str, value: str | int, *, imperial: bool) -> str:
        if field.lower().startswith("text"):
            text = self.translate(str(value) if isinstance(value, int) else value, imperial=imperial)
            # An abbreviation ends with the period of its sentence.
            return text.removesuffix(".") if f"{{{field}}}." in template else text
        is_number = field.startswith("n") and not field.startswith("name")
        if is_number:
            return str(value).translate(_SWAPPED) if self._has_comma else str(value)
        return self._day(str(value))

    def _day(self, text: str) -> str:
        """A day, with or without a time, as the language writes it; any other text unchanged."""
        day = _DAY.fullmatch(text)
        return text if day is None else self.template(_DAY_ID).format_map(day.groupdict()) + day["time"]


def load_catalogue(code: str) -> Catalogue:
    """English, and a language without compiled translations, shows the ids."""
    if code == "en":
        return Catalogue(code, str)
    return Catalogue(code, functools.partial(_translation, gettext.translation(DOMAIN, LOCALES, [code], fallback=True)))


def _translation(translations: gettext.NullTranslations, id: str) -> str:
    # Where a space forbids a line break depends on the length of the words.
    plain = id.replace("\N{NO-BREAK SPACE}", " ")
    translation = translations.gettext(plain) if plain else ""  # the translation of "" is the file's header
    return id if translation == plain else translation


def page_words() -> dict[str, str]:
    """Key → English text."""
    words: dict[str, str] = YAML(typ="safe").load(PAGE_WORDS)
    return words
