"""Translations of one language.

`livecoach/locales/texts.txt` lists the English texts, which are the ids of messages; `livecoach.types.message` explains
their fields. A message is shown by its id and arguments. Stored sessions and pages have finished English texts: these
are first matched with the ids, part by part.
"""

import functools
import gettext
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

from livecoach.types.message import Message

DOMAIN = "livecoach"
LOCALES = Path(__file__).resolve().parents[1] / "locales"
TEXTS = LOCALES / "texts.txt"
PAGE_WORDS = LOCALES.parent / "assets" / "phone" / "words.yaml"
_NUMBER = r"[-+−±]?\d+(?:,\d{3})*(?:\.\d+)?"
_PATTERNS = {"time": r"\d+(?::\d\d)+", "n": _NUMBER, "text": r".+?", "name": r"(?:(?!\. | · |; ).)+?"}
_SENTENCES = "{text}. {text2}"
_ANY_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\.?\w)")
_FIELD = re.compile(r"\{(?P<field>(?P<kind>n|time|text|name)(?:\d*))\}")
_SWAPPED = str.maketrans(",.", ".,")
_DECIMAL = "0.5"
"""The text whose translation shows the language's decimal mark."""
_DEEPEST = 40
"""Parts in parts that are looked at. A list of items is as deep as it is long."""
_LONGEST = 800
"""Characters of the longest text that is looked at; twice as many as the longest that there is."""
_REMEMBERED = 4096
"""Texts whose translation is remembered: those of some hours in front of the window."""


class _Unknown(gettext.NullTranslations):
    """The end of the chain: tells that a text has no translation."""

    def gettext(self, message: str) -> str:
        """Raise LookupError."""
        raise LookupError(message)


@dataclass(frozen=True, slots=True)
class _Composed:
    """An English text with fields."""

    msgid: str
    own: tuple[str, ...]
    """The words between the fields."""

    @property
    def rank(self) -> tuple[bool, int, int]:
        """Place in the order in which texts are tried: sentences, then the more words of its own and the fewer open
        fields, the earlier."""
        open_fields = 3 * self.msgid.count("{name") + self.msgid.count("{text")
        return self.msgid != _SENTENCES, -sum(map(len, self.own)), open_fields

    def match(self, text: str) -> re.Match[str] | None:
        """Match a text as a whole; most texts are ruled out by words that they lack."""
        return _pattern(self.msgid).fullmatch(text) if all(words in text for words in self.own) else None


class Catalogue:
    """The translations of one language."""

    def __init__(self, code: str, translations: gettext.NullTranslations, composed: Iterable[str]) -> None:
        """code: of the language. translations: English text → translation; LookupError where there is none. composed:
        the English texts with fields."""
        self.code = code
        self._translations = translations
        self._has_comma = "," in (self.template(_DECIMAL) or "")
        between = ((msgid, tuple(filter(None, re.split(r"\{\w+\}", msgid)))) for msgid in composed)
        self._composed = sorted((_Composed(msgid, own) for msgid, own in between), key=lambda one: one.rank)
        self._remembered: dict[str, str | None] = {}

    def translate(self, text: str) -> str:
        """Return the translation; the text itself where a part of it has none: half a sentence in each language
        would be worse than one in English."""
        shown = self._filled(text.id, text.arguments, _DEEPEST) if isinstance(text, Message) else None
        if shown is not None:
            return shown
        if "\n" in text:
            return "\n".join(map(self.translate, text.split("\n")))
        found = self._found(text, _DEEPEST)
        return text if found is None else found

    def template(self, id: str) -> str | None:
        """Return the translation of a message's id, with the same fields; None where there is none."""
        try:
            return self._translations.gettext(id)
        except LookupError:
            return None

    def knows(self, text: str) -> bool:
        """Return whether a text and all of its parts have a translation."""
        if isinstance(text, Message):
            return self._filled(text.id, text.arguments, _DEEPEST) is not None
        return self._found(text, _DEEPEST) is not None

    def _filled(self, id: str, arguments: Mapping[str, str | int], depth: int) -> str | None:
        """Return the translation of an id with its arguments; None where that of a part is missing."""
        template = self.template(id)
        parts = {field: self._part(field, value, depth) for field, value in arguments.items()}
        known = {field: part for field, part in parts.items() if part is not None}
        if template is None or len(known) < len(parts):
            return None
        # An abbreviation ends with the period of its sentence.
        return template.format(**known).replace("..", ".")

    def _part(self, field: str, value: str | int, depth: int) -> str | None:
        if field.startswith("text"):
            if isinstance(value, Message):
                return self._filled(value.id, value.arguments, depth)
            return self._found(str(value), depth - 1)
        return self._local(str(value)) if field.startswith("n") and not field.startswith("name") else str(value)

    def _found(self, text: str, depth: int) -> str | None:
        """Return the translation of a text without parts; None where there is none. depth: how many parts in parts are
        looked at."""
        text = _with_spaces(text)
        if text not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[text] = self._find(text, depth)
        return self._remembered[text]

    def _find(self, text: str, depth: int) -> str | None:
        if not text or not any(character.isalpha() for character in text):
            return self._local(text)
        found = self.template(text)
        if found is not None or depth <= 0 or len(text) > _LONGEST:
            return found
        matches = ((one, one.match(text)) for one in self._composed)
        filled = (self._filled(one.msgid, match.groupdict(), depth) for one, match in matches if match is not None)
        found = next((one for one in filled if one is not None), None)
        if found is None and text[0].isupper():
            begun_small = self._found(text[0].lower() + text[1:], depth - 1)
            return None if begun_small is None else begun_small[:1].upper() + begun_small[1:]
        return found

    def _local(self, number: str) -> str:
        """Return a text without letters with the language's decimal mark."""
        return _ANY_NUMBER.sub(lambda found: found[0].translate(_SWAPPED), number) if self._has_comma else number


def load_catalogue(code: str) -> Catalogue:
    """Read the translations of a language."""
    return Catalogue(code, _with_end(gettext.translation(DOMAIN, LOCALES, [code])), composed_texts())


def composed_texts() -> list[str]:
    """Return the English texts that have fields."""
    lines = TEXTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#") and _FIELD.search(line)]


def page_words() -> dict[str, str]:
    """Return the words of the phone's page: key → English text."""
    words: dict[str, str] = YAML(typ="safe").load(PAGE_WORDS)
    return words


def _with_end(translations: gettext.NullTranslations) -> gettext.NullTranslations:
    translations.add_fallback(_Unknown())
    return translations


def _with_spaces(text: str) -> str:
    """Return a text without spaces that forbid a line break: they depend on how long the words are."""
    return text.replace("\N{NO-BREAK SPACE}", " ")


@functools.cache
def _pattern(msgid: str) -> re.Pattern[str]:
    out, end = "", 0
    for field in _FIELD.finditer(msgid):
        out += re.escape(msgid[end : field.start()]) + f"(?P<{field['field']}>{_PATTERNS[field['kind']]})"
        end = field.end()
    return re.compile(out + re.escape(msgid[end:]))
