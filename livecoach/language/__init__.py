"""The lifter's language and units: shows messages and English texts in them.

Decisions, events and stored files have English texts. What shows one to the lifter passes it through `translate` first,
so a stored session can be shown in any language. The language belongs to the process, as a locale does: a command
chooses it once, before it shows anything, and until then it is English.
"""

import os
from collections.abc import Container, Iterator, Mapping
from contextlib import contextmanager
from typing import Literal

from livecoach.language.catalogue import Catalogue, load_catalogue
from livecoach.language.units import IMPERIAL, imperial_message, in_imperial
from livecoach.types.message import AUTO, LANGUAGES, Message

VARIABLES = ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG")
"""Variables that gettext reads, in its order (GNU gettext manual, 2.3)."""

_shown: tuple[Catalogue | None, Literal["metric", "imperial"]] = None, "metric"


def system_language(known: Container[str], environment: Mapping[str, str] = os.environ) -> str:
    """Return the code of the first language in the system's settings that is known; "en" where none is."""
    value = next((environment[name] for name in VARIABLES if environment.get(name)), "")
    codes = (part.split(".")[0].split("@")[0].split("_")[0].lower() for part in value.split(":"))
    return next((code for code in codes if code in known), "en")


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
    unit stands elsewhere. `translate` converts those of sentences."""
    return IMPERIAL.get(unit, (unit, 1.0)) if _shown[1] == "imperial" else (unit, 1.0)


def translate(text: str) -> str:
    """Return a message or an English text in the language and the units in use.

    A message is shown by its id and arguments. Any other text, of a stored session or of a page, is first matched with
    the catalogue's. What has no translation stays English.
    """
    catalogue, units = _shown
    if units == "imperial":
        text = imperial_message(text) if isinstance(text, Message) else in_imperial(text)
    return text if catalogue is None else catalogue.translate(text)


def template(id: str) -> str:
    """Return the template of a message in the language in use."""
    return id if _shown[0] is None else _shown[0].template(id) or id
