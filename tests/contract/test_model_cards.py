"""Each shipped model names a command that is there and makes the model again, or the commit that has its script."""

import json
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from livecoach.cli import cli
from livecoach.core.config.paths import models_dir
from livecoach.core.model_files import model_folder

IN_TEXT = re.compile(r"^(?: *|Made by `)((?:livecoach|python) [^`,\n]+)", re.MULTILINE)
ROOT = Path(__file__).resolve().parents[2]


def named_in(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8")
    return IN_TEXT.findall(text) if path.suffix == ".md" else list(_named(json.loads(text)))


def _named(content: object) -> Iterator[str]:
    if not isinstance(content, dict) or "revision" in content:
        return
    for name, value in content.items():
        yield from [value] if name == "command" else _named(value)


def cards() -> Iterator[object]:
    for path in sorted([*models_dir().glob("*/*.json"), *models_dir().glob("*/README.md")]):
        name = path.relative_to(models_dir()).as_posix()
        if named_in(path):
            yield pytest.param(path, id=name)


CARDS = list(cards())


def test_each_model_names_a_command() -> None:
    folders = {path.name for path in models_dir().iterdir() if path.is_dir()}
    assert {param.id.partition("/")[0] for param in CARDS} == folders


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="no history of the repository is here")
@pytest.mark.parametrize("exercise", ["deadlift", "squat"])
def test_a_script_that_is_gone_is_in_the_commit_that_the_card_names(exercise: str) -> None:
    """That commit also has the file as it ships, or the same training record."""
    made = model_folder.read_model_card(models_dir() / exercise).made
    of_scripts = {name: run for name, run in made.items() if run.revision is not None}
    assert {*of_scripts} == {"stage.json", "lift.json"}
    for name, run in of_scripts.items():
        script, (path, kept) = run.command.split()[1], (f"models/{exercise}/{name}", models_dir() / exercise / name)
        text = [
            subprocess.run(["git", "show", f"{run.revision}:{file}"], cwd=ROOT, capture_output=True, check=False)
            for file in (script, path)
        ]
        if any(done.returncode for done in text):
            pytest.skip("the history here does not go back so far")
        then, now = (json.loads(content)["training"] for content in (text[1].stdout, kept.read_bytes()))
        assert then | {"revision": run.revision} == now


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
