"""What the texts of livecoach are: the ids that the catalogues have, and the parts of a message."""

import importlib.util
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from string import Formatter
from types import ModuleType

from livecoach.core.types.message import Message

SCRIPT = Path(__file__).parents[2] / "scripts" / "make_translations.py"


@cache
def translations_script() -> ModuleType:
    """The script that keeps the catalogues in step with the English texts."""
    spec = importlib.util.spec_from_file_location("make_translations", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@cache
def known_ids() -> frozenset[str]:
    """Every id that has a translation in every language: scripts/make_translations.py checks that they have."""
    return frozenset(translations_script().english())


def fields(id: str) -> set[str]:
    """The fields of an id."""
    return {name for _, name, _, _ in Formatter().parse(id) if name}


def has_words(id: str) -> bool:
    """Whether an id has letters besides its fields: otherwise it needs no translation."""
    return any(character.isalpha() for words, *_ in Formatter().parse(id) for character in words)


def unknown_ids(texts: Iterable[str]) -> set[str]:
    """The ids of messages, and of all of their parts, that have no translation."""
    ids = {id.replace("\N{NO-BREAK SPACE}", " ") for text in texts for id in _ids(text)}
    return {id for id in ids if has_words(id)} - known_ids()


def _ids(text: str) -> Iterator[str]:
    if not isinstance(text, Message):
        yield text
        return
    yield text.id
    for field, value in text.arguments.items():
        if field.lower().startswith("text"):
            yield from _ids(str(value) if isinstance(value, int) else value)
