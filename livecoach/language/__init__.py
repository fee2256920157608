"""The lifter's language and units: translates English texts where they are shown.

Decisions, events and stored files have English texts. What shows one to the lifter passes it through `told` first, so a
stored session can be shown in any language. The language belongs to the process, as a locale does: a command chooses it
once, before it shows anything, and until then it is English.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Literal

from livecoach.language.catalogue import Catalogue, load_catalogue
from livecoach.language.imperial import IMPERIAL, in_imperial
from livecoach.language.system import system_language

LANGUAGES = {"en": "English", "de": "Deutsch", "es": "Español"}
"""Code of each language, and its name in itself."""
AUTO = "auto"
"""The system's language, as a setting."""

_shown: tuple[Catalogue | None, Literal["metric", "imperial"]] = None, "metric"


def resolved(language: str) -> str:
    """Return the code of a language: of the system's where it is "auto"."""
    return system_language(LANGUAGES) if language == AUTO else language


def use(language: str, units: Literal["metric", "imperial"] = "metric") -> None:
    """Show texts in a language (a code, or "auto") and in units from now on."""
    global _shown  # noqa: PLW0603 - as with a locale, there is one per process
    code = resolved(language)
    _shown = (None if code == "en" else load_catalogue(code)), units


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
    return "en" if _shown[0] is None else _shown[0].code


def units() -> Literal["metric", "imperial"]:
    """Return the units in use."""
    return _shown[1]


def shown_unit(unit: str) -> tuple[str, float]:
    """Return the unit in which a value of `unit` is shown, and the factor to it: for numbers of plots and tables, whose
    unit stands elsewhere. `told` converts those of sentences."""
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def told(text: str) -> str:
    """Return an English text in the language and the units in use. A text without a translation stays English."""
    catalogue, units = _shown
    if units == "imperial":
        text = in_imperial(text)
    return text if catalogue is None else catalogue.told(text)
