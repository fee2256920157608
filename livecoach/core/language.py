"""Shows messages in the lifter's language and units.

A message is translated by its id (`livecoach.core.types.message`); `livecoach/assets/locales/texts.txt` lists all ids.
A text without fields is its own id. Decisions, events and stored files contain English texts. Code that shows a text
passes it through `translate` first, which finds the id of a stored text in the list. The language belongs to the
process, like a locale.
"""

import functools
import gettext
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

import yaml

from livecoach.core.types.message import AUTO, LANGUAGES, Message, fill_template

DOMAIN = "livecoach"  # gettext's name for livecoach's translations
LOCALES = Path(__file__).resolve().parents[1] / "assets" / "locales"  # folder of the translations
TEXTS = LOCALES / "texts.txt"  # file of all ids
PAGE_WORDS = LOCALES.parent / "phone" / "words.yaml"  # file of the English texts of the phone's page
_SWAPPED = str.maketrans(",.", ".,")
_DECIMAL = "0.5"  # id of a message by whose translation the language's decimal mark is found
_DAY_ID = "{year}-{month}-{day}"  # id of the message for a day, which each language writes in its own way
_DAY = re.compile(r"(?P<year>\d{4})-(?P<month>0[1-9]|1[0-2])-(?P<day>\d\d)(?P<time>( \d\d:\d\d[\d:+ -]*)?)", re.ASCII)
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Environment variables that name the system's languages, most important first (GNU gettext manual, 2.3)."""
IMPERIAL = {"cm": ("in", 1 / 2.54), "m/s": ("ft/s", 1 / 0.3048), "m/s²": ("ft/s²", 1 / 0.3048)}
"""Metric unit → imperial unit, and the factor of the conversion (international yard and pound agreement, 1959)."""
IMPERIAL_ID = {f"{{n}} {metric}": (metric, f"{{n}} {imperial}") for metric, (imperial, _) in IMPERIAL.items()}
"""Id of a number with a metric unit → the metric unit, and the id of the number with the imperial unit."""
SPACED_ID = {"{n}%": "{n}\N{NO-BREAK SPACE}%"}
"""Id of a percentage in events, without a space before the sign → the id for display."""
FINE_INCHES = 10.0  # length in inches below which tenths are shown
NO_BREAK = "\N{NO-BREAK SPACE}"
UNITS = ("cm", "in", "m", "m/s", "m/s²", "ft/s", "ft/s²", "s", "ms", "min", "kg", "lb", "%", "rep", "reps")
"""Words that stay on one line with the number before them, in English and in the language in use."""
_FIELD = re.compile(r"\{((?:n|text|name|time)\d?)\}")
_VALUES = {"n": r"[-+±]?\d[\d.,]*", "text": ".+?", "name": ".+?", "time": r"\d+(?::\d\d){1,2}"}
"""Field of an id, without its digit → pattern of its values."""
_WORDLESS = ("{text}: {text2}", "{text}; {text2}", "{text}, {text2}", *SPACED_ID, "{n} %", "{n}°")
"""Ids of stored texts that need no translation."""
_LISTS = ("{text}; {text2}", "{text}, {text2}")
_SHORT = 6
"""Length up to which words, such as "of", "to" or "and", bind more closely than the commas of a list: "12 of 15 to
depth, 3 close" is a list."""


def _imperial_number(metric: str, unit: str) -> str:
    """Convert a number such as "102.5" from a metric unit of IMPERIAL to the imperial unit, with similar precision."""
    number = float(metric) * IMPERIAL[unit][1]
    if unit == "cm":
        return f"{number:.{1 if abs(number) < FINE_INCHES else 0}f}"
    return f"{number:.{len(metric.partition('.')[2])}f}"


def format_percent(share: float, digits: int = 0) -> Message:
    """Return a share as a percentage with a no-break space: "23 %" for .234, or "23.4 %" if `digits` is 1."""
    return Message("{n}\N{NO-BREAK SPACE}%", n=f"{100 * share:.{digits}f}")


def format_duration(seconds: float) -> str:
    """Format a duration, rounded down to seconds, as "2:05" or, from an hour on, "1:02:05"; "0:00" if negative."""
    minutes, rest = divmod(int(max(seconds, 0.0)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


class Catalogue:
    """The translations of all messages into one language."""

    def __init__(self, code: str, template: Callable[[str], str]) -> None:
        """Create the catalogue of a language by its code, such as "de".

        Args:
            template: Returns the translation of an id, with the same fields; the id itself without a translation.
        """
        self.code, self.template = code, template
        self.has_comma = "," in template(_DECIMAL)

    def translate(self, text: str, *, imperial: bool = False) -> str:
        """Translate a message, or an English text of an event or a file; with imperial units if `imperial` is true.

        A day, "2026-06-01", is written as the language writes days. Any other text without a translation, such as a
        name, is returned unchanged.
        """
        if not isinstance(text, Message):
            stored = self._read_back(text)
            if not isinstance(stored, Message):
                return self._day(self.template(text))
            text = stored
        if str(text.arguments.get("n")) == "1" and text in _every_id():
            return self.template(text)  # The form for one, such as "1 different" of "{n} different"
        if text.id == "{n} {text}" and (counted := f"{{n}} {text.arguments.get('text')}") in _every_id():
            text = Message(counted, n=text.arguments["n"])  # The word agrees with the reps: "5 buenas"
        id, arguments = SPACED_ID.get(text.id, text.id), text.arguments
        if imperial and id in IMPERIAL_ID:
            unit, id = IMPERIAL_ID[id]
            arguments = {"n": _imperial_number(str(arguments["n"]), unit)}
        template = self.template(id)
        parts = {field: self._part(template, field, value, imperial=imperial) for field, value in arguments.items()}
        return fill_template(template, parts)

    def _read_back(self, text: str, known: dict[str, str | None] | None = None) -> str | None:
        """Return a stored text as a message, or unchanged if it has no arguments; None if a part has no translation.

        Without the results for parts in `known`, the time would double with each joined part.
        """
        known = {} if known is None else known
        if text not in known:
            known[text] = self._read_new(text, known)
        return known[text]

    def _read_new(self, text: str, known: dict[str, str | None]) -> str | None:
        if self.template(text) != text or text in _every_id():
            return text
        for id, arguments in _shapes(text):
            read = {
                field: self._read_back(value, known) if field.startswith("text") else value
                for field, value in arguments.items()
            }
            parts = {field: value for field, value in read.items() if value is not None}
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
        """Return a day, with or without a time, as the language writes it, and any other text unchanged."""
        day = _DAY.fullmatch(text)
        if day is None:
            return text
        if self.code == ENGLISH.code:  # English readers read 03/04 in two ways
            return f"{int(day['day'])} {_MONTHS[int(day['month']) - 1]} {day['year']}{day['time']}"
        return self.template(_DAY_ID).format_map(day.groupdict()) + day["time"]


def load_catalogue(code: str) -> Catalogue:
    """Load the translations into a language. Without compiled translations, messages stay in English."""
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
    """Return each id with fields, the longest words in it, and the pattern of its texts.

    Ids with a colon, which joins the parts of a text, come first. Then come ids with many words, lists, and ids with
    few words.
    """
    ids = {*_WORDLESS, *(id for id in _every_id() if _FIELD.search(id) and "{Text" not in id)}
    found = []
    length = {id: _SHORT if id in _LISTS else len(_FIELD.sub("", id)) for id in ids}
    for id in sorted(ids, key=lambda id: (": " not in id, -length[id], "{name" in id, id)):
        parts = _FIELD.split(id)  # words and fields in turn
        pattern = re.escape(parts[0])
        for field, words in zip(parts[1::2], parts[2::2], strict=True):
            again = f"(?P<{field}>" in pattern
            value = f"(?P={field})" if again else f"(?P<{field}>{_VALUES[field.rstrip('0123456789')]})"
            pattern += value + re.escape(words)
        found.append((id, max(parts[::2], key=len), pattern))
    return tuple(found)


@functools.lru_cache(maxsize=1024)  # the window asks for the same texts with each picture
def _shapes(text: str) -> tuple[tuple[str, dict[str, str]], ...]:
    """Return the possible ids of a text, each with its arguments, likeliest first."""
    # A pattern is compiled when it is needed: compiling all of them would take longer than a frame may.
    matches = ((id, re.fullmatch(pattern, text)) for id, words, pattern in _patterns() if words in text)
    return tuple((id, match.groupdict()) for id, match in matches if match is not None)


def as_message(text: str) -> str:
    """Return the message that a stored English text was made from; the text itself if no message with fields fits."""
    return text if isinstance(text, Message) else ENGLISH._read_back(text) or text


def phone_words() -> dict[str, str]:
    """Return the English texts of the phone's page by their keys."""
    return yaml.load(PAGE_WORDS.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)


ENGLISH = load_catalogue("en")
_shown: tuple[Catalogue, Literal["metric", "imperial"]] = ENGLISH, "metric"


def resolve_language(language: str) -> str:
    """Return a language's code; for "auto", the first of the system's languages that LANGUAGES contains, or "en".

    The first environment variable of VARIABLES that is not empty lists the languages. Windows has a setting instead.
    """
    if language != AUTO:
        return language
    value = next((os.environ[name] for name in VARIABLES if os.environ.get(name)), "") or _windows_language()
    codes = (re.split("[.@_]", part)[0].lower() for part in value.split(":"))  # such as de_DE.UTF-8@euro
    return next((code for code in codes if code in LANGUAGES), "en")


def _windows_language() -> str:
    """Return the language of Windows' own texts, such as "de_AT"; "" if it is unknown, and on other systems."""
    if sys.platform != "win32":
        return ""
    import ctypes
    import locale

    return locale.windows_locale.get(ctypes.windll.kernel32.GetUserDefaultUILanguage(), "")


def set_language(language: str, units: Literal["metric", "imperial"] = "metric") -> None:
    """Set the language, a code or "auto", and the system of units of this process."""
    global _shown  # noqa: PLW0603 - as with a locale, there is one per process
    _shown = load_catalogue(resolve_language(language)), units


@contextmanager
def using_language(language: str, units: Literal["metric", "imperial"] = "metric") -> Iterator[None]:
    """Use a language, by its code or "auto", and a system of units in a `with` block, in the whole process."""
    global _shown  # noqa: PLW0603 - as in `set_language`
    before = _shown
    try:
        set_language(language, units)
        yield
    finally:
        _shown = before


def language_code() -> str:
    """Return the code of the language in use."""
    return _shown[0].code


def group_mark() -> str:
    """Return the mark between groups of digits in the language in use: "," as in "1,000", or "." as in "1.000"."""
    return "." if _shown[0].has_comma else ","


def unit_system() -> Literal["metric", "imperial"]:
    """Return the system of units in use."""
    return _shown[1]


def display_unit(unit: str) -> tuple[str, float]:
    """Return the unit in which values of a metric unit are shown, and the factor that converts the values to it.

    In the metric system, or if IMPERIAL lacks the unit, the unit is returned unchanged with the factor 1.
    """
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def translate(text: str) -> str:
    """Translate a message, or a stored English text, into the language and the units in use."""
    catalogue, units = _shown
    return catalogue.translate(text, imperial=units == "imperial")


def with_unbroken_units(text: str) -> str:
    """Put no-break spaces into a translated text, in place of the spaces at which no line may break.

    These spaces are between a number and its unit, and between "rep", "about" or a question mark and a number.
    """
    return _unit_space(language_code()).sub(NO_BREAK, text)


@functools.cache
def _unit_space(code: str) -> re.Pattern[str]:
    """Return the pattern of the spaces that `with_unbroken_units` replaces in the language in use."""
    del code  # the cache's key
    units = {shown for unit in UNITS for shown in (unit, translate(unit))}
    before = {"rep", translate("rep"), "about", translated_template("about {text}").removesuffix(" {text}")}
    behind_unit = "|".join(sorted(map(re.escape, units), key=len, reverse=True))
    behind = "|".join(rf"(?<=\b{re.escape(word)})" for word in sorted(before))
    return re.compile(rf"(?<=\d) (?=(?:{behind_unit})(?:\W|$))|(?:{behind}|(?<=\?)) (?=\d)")


def translated_template(id: str) -> str:
    """Return the translation of an id into the language in use, with its fields unfilled."""
    return _shown[0].template(id)
