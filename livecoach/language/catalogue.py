"""Translations of one language, and of texts that are put together from others.

`livecoach/locales/texts.txt` lists the English texts. A field in one stands for a part of the text that is shown:

    {time}  a time by the clock, 0:45
    {n}     a number, which is shown in the language's way: 0.45 is 0,45 in German
    {text}  another text of the list, translated on its own
    {name}  anything else within a sentence, left as it is

A digit or word behind these names tells several of a kind apart: {n2}, {text2}.
"""

import functools
import gettext
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

DOMAIN = "livecoach"
LOCALES = Path(__file__).resolve().parents[1] / "locales"
TEXTS = LOCALES / "texts.txt"
_NUMBER = r"[-+−±]?\d+(?:,\d{3})*(?:\.\d+)?"
_PATTERNS = {"time": r"\d+(?::\d\d)+", "n": _NUMBER, "text": r".+?", "name": r"(?:(?!\. | · |; ).)+?"}
_SENTENCES = "{text}. {text2}"
_ANY_NUMBER = re.compile(r"(?<![\w.])\d+(?:,\d{3})*(?:\.\d+)?(?!\.?\w)")
_FIELD = re.compile(r"\{(?P<field>(?P<kind>n|time|text|name)(?:\d*))\}")
_COMMA = str.maketrans(",.", ".,")
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
        between = ((msgid, tuple(filter(None, re.split(r"\{\w+\}", msgid)))) for msgid in composed)
        self._composed = sorted((_Composed(msgid, own) for msgid, own in between), key=lambda one: one.rank)
        self._remembered: dict[str, str | None] = {}

    def told(self, text: str) -> str:
        """Return the translation; the text itself where a part of it has none."""
        if "\n" in text:
            return "\n".join(map(self.told, text.split("\n")))
        found = self._found(_with_spaces(text), _DEEPEST)
        return text if found is None else found

    def knows(self, text: str) -> bool:
        """Return whether a text and all of its parts have a translation."""
        return self._found(_with_spaces(text), _DEEPEST) is not None

    def _found(self, text: str, depth: int) -> str | None:
        """Return the translation; None where there is none. depth: how many parts in parts are looked at."""
        if text not in self._remembered:
            if len(self._remembered) >= _REMEMBERED:
                self._remembered.clear()
            self._remembered[text] = self._find(text, depth)
        return self._remembered[text]

    def _find(self, text: str, depth: int) -> str | None:
        if not text or not any(character.isalpha() for character in text):
            return _local(text)
        try:
            return self._translations.gettext(text)
        except LookupError:
            pass
        if depth <= 0 or len(text) > _LONGEST:
            return None
        found = next(self._put_together(text, depth), None)
        if found is None and text[0].isupper():
            begun_small = self._found(text[0].lower() + text[1:], depth - 1)
            return None if begun_small is None else begun_small[:1].upper() + begun_small[1:]
        return found

    def _put_together(self, text: str, depth: int) -> Iterator[str]:
        """Yield the translations as one of the texts with fields, the closest first."""
        for one in self._composed:
            match = one.match(text)
            if match is None:
                continue
            parts = {field: self._part(field, part, depth) for field, part in match.groupdict().items()}
            known = {field: part for field, part in parts.items() if part is not None}
            if len(known) == len(parts):
                try:
                    # An abbreviation ends with the period of its sentence.
                    yield self._translations.gettext(one.msgid).format(**known).replace("..", ".")
                except LookupError:
                    continue

    def _part(self, field: str, part: str, depth: int) -> str | None:
        if field.startswith("text"):
            return self._found(part, depth - 1)
        return _local(part) if field.startswith("n") and not field.startswith("name") else part


def load_catalogue(code: str) -> Catalogue:
    """Read the translations of a language."""
    return Catalogue(code, _with_end(gettext.translation(DOMAIN, LOCALES, [code])), composed_texts())


def composed_texts() -> list[str]:
    """Return the English texts that have fields."""
    lines = TEXTS.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#") and _FIELD.search(line)]


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


def _local(number: str) -> str:
    """Return a text without letters with decimal commas, as German and Spanish have them."""
    return _ANY_NUMBER.sub(lambda found: found[0].translate(_COMMA), number)
