"""The lifter's language and units: shows messages in them.

Decisions, events and stored files have English texts. Code that shows one to the lifter passes it through `translate`
first, the only place where numbers, units and words of a language meet. The language belongs to the process, like a
locale: a command chooses it once, before it shows anything, and until then it is English.
"""

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from livecoach.language.catalogue import Catalogue, load_catalogue
from livecoach.language.units import IMPERIAL
from livecoach.types.message import AUTO, LANGUAGES

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that gettext reads, in its order (GNU gettext manual, 2.3)."""

ENGLISH = load_catalogue("en")
_shown: tuple[Catalogue, Literal["metric", "imperial"]] = ENGLISH, "metric"


def system_language(known: Container[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the code of the first language in the system's settings that is known; "en" where none is."""
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    codes = (part.split(".")[0].split("@")[0].split("_")[0].lower() for part in value.split(":"))
    return next((code for code in codes if code in known), "en")


def resolved(language: str) -> str:
    """Return the code of a language; the system's for "auto"."""
    return system_language(LANGUAGES) if language == AUTO else language


def use(language: str, units: Literal["metric", "imperial"] = "metric") -> None:
    """Show texts in a language (a code, or "auto") and in units from now on."""
    global _shown  # noqa: PLW0603 - as with a locale, there is one per process
    _shown = load_catalogue(resolved(language)), units


@contextmanager
def used(language: str, units: Literal["metric", "imperial"] = "metric") -> Iterator[None]:
    """Show texts in a language and in units for a while."""
    global _shown  # noqa: PLW0603 - as in `use`
    before = _shown
    try:
        use(language, units)
        yield
    finally:
        _shown = before


def code() -> str:
    """Return the code of the language in use."""
    return _shown[0].code


def units() -> Literal["metric", "imperial"]:
    """Return the units in use."""
    return _shown[1]


def shown_unit(unit: str) -> tuple[str, float]:
    """Return the unit in which a value of `unit` is shown, and the factor to it: for numbers of plots and tables, which
    name the unit separately. `translate` converts numbers in sentences."""
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def translate(text: str) -> str:
    """Return a message, or a text without arguments, in the language and the units in use."""
    catalogue, units = _shown
    return catalogue.translate(text, imperial=units == "imperial")


def english(text: str) -> str:
    """Return a message in English, in the units in use: for the terminal, whose language is English."""
    return ENGLISH.translate(text, imperial=_shown[1] == "imperial")


def template(id: str) -> str:
    """Return the template of a message in the language in use."""
    return _shown[0].template(id)
