"""The lifter's language and units: shows messages in them, by their ids (`livecoach.core.types.message`), which
`livecoach/assets/locales/texts.txt` lists. A text without fields is its own id.

Decisions, events and stored files have English texts; what shows one passes it through `translate` first, which reads a
stored text back by the table of ids. The language belongs to the process, like a locale.
"""

import functools
import gettext
import os
import re
from collections.abc import Callable, Container, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import yaml

from livecoach.core.types.message import AUTO, LANGUAGES, Message, filled

DOMAIN = "livecoach"
LOCALES = Path(__file__).resolve().parents[1] / "assets" / "locales"
TEXTS = LOCALES / "texts.txt"
PAGE_WORDS = LOCALES.parent / "phone" / "words.yaml"
_SWAPPED = str.maketrans(",.", ".,")
_DECIMAL = "0.5"  # its translation shows the language's decimal mark
_DAY_ID = "{year}-{month}-{day}"  # its translation shows how the language writes a day
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?P<time>( \d\d:\d\d[\d:+ -]*)?)", re.ASCII)
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")  # that gettext reads, in its order (GNU gettext manual, 2.3)
IMPERIAL = {"cm": ("in", 1 / 2.54), "m/s": ("ft/s", 1 / 0.3048), "m/s²": ("ft/s²", 1 / 0.3048)}
"""Metric unit → imperial unit, and the factor to it (international yard and pound agreement, 1959)."""
IMPERIAL_ID = {f"{{n}} {metric}": (metric, f"{{n}} {imperial}") for metric, (imperial, _) in IMPERIAL.items()}
"""Id of a number with a metric unit → that unit, and the id with the imperial one."""
SPACED_ID = {"{n}%": "{n}\N{NO-BREAK SPACE}%"}
"""Id of a percentage in events, without a space before the sign → the id for display."""
FINE_INCHES = 10.0  # length below which tenths of an inch count
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = ("cm", "in", "m", "m/s", "m/s²", "ft/s", "ft/s²", "s", "ms", "min", "kg", "lb", "%", "rep", "reps")
"""Words that stay on one line with the number before them, in the language in use."""
_FIELD = re.compile(r"\{((?:n|text|name|time)\d?)\}")
_VALUES = {"n": r"[-+±]?\d[\d.,]*", "text": ".+?", "name": ".+?", "time": r"\d+(?::\d\d){1,2}"}
"""Field of an id, without its digit → what its values look like."""
_WORDLESS = ("{text}: {text2}", "{text}; {text2}", "{text}, {text2}", *SPACED_ID, "{n} %", "{n}°")
"""Ids of stored texts that need no translation."""
_LISTS = ("{text}; {text2}", "{text}, {text2}")
_SHORT = 6
"""Length of words, "of", "to" or "and", that join less than a list's commas do: "12 of 15 to depth, 3 close"."""


def imperial_number(metric: str, unit: str) -> str:
    """As exact as the metric one is read."""
    number = float(metric) * IMPERIAL[unit][1]
    if unit == "cm":
        return f"{number:.{1 if abs(number) < FINE_INCHES else 0}f}"
    return f"{number:.{len(metric.partition('.')[2])}f}"


def percent(share: float, digits: int = 0) -> Message:
    """.234 is "23 %". A space stands before the sign, as in all units, and no line breaks there."""
    return Message("{n}\N{NO-BREAK SPACE}%", n=f"{100 * share:.{digits}f}")


def clock(seconds: float) -> str:
    """In minutes and seconds, and from an hour on in hours too: "2:05", "1:02:05"."""
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class Catalogue:
    def __init__(self, code: str, template: Callable[[str], str]) -> None:
        """template: returns the translation of an id, with the same fields; the id itself without a translation."""
        self.code, self.template = code, template
        self.has_comma = "," in template(_DECIMAL)

    def translate(self, text: str, *, imperial: bool = False) -> str:
        """A text without a translation stays unchanged: a name, or the words of a lifter's own exercise. A day,
        "2026-06-01", is a text that each language writes in its own way."""
        if not isinstance(text, Message):
            stored = self._read_back(text)
            if not isinstance(stored, Message):
                return self._day(self.template(text))
            text = stored
        id, arguments = SPACED_ID.get(text.id, text.id), text.arguments
        if imperial and id in IMPERIAL_ID:
            unit, id = IMPERIAL_ID[id]
            arguments = {"n": imperial_number(str(arguments["n"]), unit)}
        template = self.template(id)
        parts = {field: self._part(template, field, value, imperial=imperial) for field, value in arguments.items()}
        return filled(template, parts)

    def _read_back(self, text: str) -> str | None:
        """The message that a stored English text was made from, or the text itself; None where this language has no
        words for one of its parts."""
        if self.template(text) != text or text in _every_id():
            return text
        for id, found in _shapes(text):
            read = {field: self._read_back(one) if field.startswith("text") else one for field, one in found.items()}
            parts = {field: one for field, one in read.items() if one is not None}
            if len(parts) == len(read):
                return Message(id, **parts)
        return text if self.code == ENGLISH.code else None

    def _part(self, template: str, field: str, value: str | int, *, imperial: bool) -> str:
        if field.lower().startswith("text"):
            text = self.translate(str(value) if isinstance(value, int) else value, imperial=imperial)
            # An abbreviation ends with the period of its sentence.
            return text.removesuffix(".") if f"{{{field}}}." in template else text
        is_number = field.startswith("n") and not field.startswith("name")
        if is_number:
            return str(value).translate(_SWAPPED) if self.has_comma else str(value)
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


@functools.cache
def _every_id() -> frozenset[str]:
    return frozenset(line for line in TEXTS.read_text(encoding="utf-8").splitlines() if line and line[0] != "#")


@functools.cache
def _patterns() -> tuple[tuple[str, str, str], ...]:
    """Each id with fields, the longest words in it, and what its texts look like; those with a colon, which joins the
    parts of a text, come first, then those with the most words, with lists before short ones."""
    ids = {*_WORDLESS, *(id for id in _every_id() if _FIELD.search(id) and "{Text" not in id)}
    found = []
    length = {id: _SHORT if id in _LISTS else len(_FIELD.sub("", id)) for id in ids}
    for id in sorted(ids, key=lambda id: (": " not in id, -length[id], "{name" in id, id)):
        parts = _FIELD.split(id)  # words and fields in turn
        pattern = "".join(
            f"(?P<{part}>{_VALUES[part.rstrip('0123456789')]})" if place % 2 else re.escape(part)
            for place, part in enumerate(parts)
        )
        found.append((id, max(parts[::2], key=len), pattern))
    return tuple(found)


@functools.lru_cache(maxsize=1024)  # the window asks for the same texts with each picture
def _shapes(text: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return the ids that a text can have, with their arguments, the likeliest first."""
    # Few patterns are ever compiled: all at once would take longer than a frame may.
    matches = ((id, re.fullmatch(pattern, text)) for id, words, pattern in _patterns() if words in text)
    return tuple((id, match.groupdict()) for id, match in matches if match is not None)


def as_message(text: str) -> str:
    """A stored English text as the message that it was made from; itself where it has no arguments."""
    return text if isinstance(text, Message) else ENGLISH._read_back(text) or text


def page_words() -> dict[str, str]:
    return yaml.load(PAGE_WORDS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


ENGLISH = load_catalogue("en")
_shown: tuple[Catalogue, Literal["metric", "imperial"]] = ENGLISH, "metric"


def system_language(known: Container[str], environment: Mapping[str, str] = os.environ) -> str:
    """The first language in the system's settings that is known, else "en"."""
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    codes = (part.split(".")[0].split("@")[0].split("_")[0].lower() for part in value.split(":"))
    return next((code for code in codes if code in known), "en")


def resolved(language: str) -> str:
    """The system's for "auto"."""
    return system_language(LANGUAGES) if language == AUTO else language


def use(language: str, units: Literal["metric", "imperial"] = "metric") -> None:
    """language: a code, or "auto"."""
    global _shown  # noqa: PLW0603 - as with a locale, there is one per process
    _shown = load_catalogue(resolved(language)), units


@contextmanager
def used(language: str, units: Literal["metric", "imperial"] = "metric") -> Iterator[None]:
    global _shown  # noqa: PLW0603 - as in `use`
    before = _shown
    try:
        use(language, units)
        yield
    finally:
        _shown = before


def code() -> str:
    return _shown[0].code


def group_mark() -> str:
    """What stands between groups of digits: "1,000", in German "1.000"."""
    return "." if _shown[0].has_comma else ","


def units() -> Literal["metric", "imperial"]:
    return _shown[1]


def shown_unit(unit: str) -> tuple[str, float]:
    """The unit in which a value of `unit` is shown, and the factor to it, for plots and tables."""
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def translate(text: str) -> str:
    """A message, or a text without arguments, in the language and the units in use."""
    catalogue, units = _shown
    return catalogue.translate(text, imperial=units == "imperial")


def unbroken(text: str) -> str:
    """Return a text in the language in use with no line break between a number and its unit."""
    return _beside_number(code()).sub(NO_BREAK, text)


@functools.cache
def _beside_number(code: str) -> re.Pattern[str]:
    """Return the pattern of spaces between a number and its unit. code: of the language in use."""
    del code  # the cache's key
    units = {shown for unit in UNITS for shown in (unit, translate(unit))}
    before = {"rep", translate("rep"), "about", template("about {text}").removesuffix(" {text}")}
    behind_unit = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    behind = "|".join(rf"(?<=\b{re.escape(word)})" for word in sorted(before))
    return re.compile(rf"(?<=\d) (?=(?:{behind_unit})(?:\W|$))|(?:{behind}|(?<=\?)) (?=\d)")


def template(id: str) -> str:
    return _shown[0].template(id)
