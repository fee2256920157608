"""The lifter's language and units: shows messages in them.

Decisions, events and stored files have English texts; what shows one passes it through `translate` first. The language
belongs to the process, like a locale.
"""

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from livecoach.language.catalogue import Catalogue, load_catalogue
from livecoach.language.units import IMPERIAL
from livecoach.types.message import AUTO, LANGUAGES

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""That gettext reads, in its order (GNU gettext manual, 2.3)."""

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


def units() -> Literal["metric", "imperial"]:
    return _shown[1]


def shown_unit(unit: str) -> tuple[str, float]:
    """The unit in which a value of `unit` is shown, and the factor to it, for plots and tables."""
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def translate(text: str) -> str:
    """A message, or a text without arguments, in the language and the units in use."""
    catalogue, units = _shown
    return catalogue.translate(text, imperial=units == "imperial")


def english(text: str) -> str:
    """In the units in use: for the terminal, whose language is English."""
    return ENGLISH.translate(text, imperial=_shown[1] == "imperial")


def template(id: str) -> str:
    return _shown[0].template(id)
