"""Each shipped model names a command that is there, and with which it can be made again."""

import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from livecoach.cli import cli
from livecoach.core.config.paths import models_dir

IN_TEXT = re.compile(r"^(?: *|Made by `)((?:livecoach|python) [^`,\n]+)", re.MULTILINE)
BY_SCRIPTS = [f"{lift}/{file}.json" for lift in ("deadlift", "squat") for file in ("lift", "model", "stage")]
"""Files that name the scripts which made them, and which are gone: trained anew they count fewer real reps, and place
boundaries less well (docs/lessons.md)."""


def named_in(path: Path) -> list[str]:
    """Return each command in a card."""
    text = path.read_text(encoding="utf-8")
    return IN_TEXT.findall(text) if path.suffix == ".md" else list(_named(json.loads(text)))


def _named(content: object) -> Iterator[str]:
    for name, value in content.items() if isinstance(content, dict) else ():
        yield from [value] if name == "command" else _named(value)


def cards() -> Iterator[object]:
    """Yield the files that name commands."""
    for path in sorted([*models_dir().glob("*/*.json"), *models_dir().glob("*/README.md")]):
        name = path.relative_to(models_dir()).as_posix()
        old = pytest.mark.xfail(reason="names a script that is gone", strict=True, raises=AssertionError)
        if named_in(path):
            yield pytest.param(path, id=name, marks=[old] if name in BY_SCRIPTS else [])


CARDS = list(cards())


def test_each_model_names_a_command() -> None:
    folders = {path.name for path in models_dir().iterdir() if path.is_dir()}
    assert {param.id.partition("/")[0] for param in CARDS} == folders


@pytest.mark.parametrize("card", CARDS)
def test_the_commands_of_a_card_are_understood(card: Path) -> None:
    for command in named_in(card):
        program, *words = shlex.split(command)
        assert program == "livecoach", command
        understood: click.Command = cli
        context = None
        while isinstance(understood, click.Group):
            context = understood.make_context(program, words, parent=context)
            _, found, words = understood.resolve_command(context, words)
            assert found is not None, command
            understood = found
        understood.make_context(program, words, parent=context)
