"""What the README, the help, the pages and the model cards say is what there is."""

import importlib.util
import re
import shlex
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from builders.command import schema_of
from builders.commands import every_command
from builders.systems import not_on_windows
from click.testing import CliRunner
from markdown.extensions.toc import slugify

from livecoach.cli import cli
from livecoach.core.config.paths import models_dir
from livecoach.core.errors import LivecoachError
from livecoach.records.profile import RepHeader

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {"README.md": README} | {
    f"docs/{path.name}": path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))
}
"""Every document for users and developers: path → text."""
ALL = "\n".join(PAGES.values())
COMMANDS = {name: command for name, command in every_command() if not isinstance(command, click.Group)}
"""What can be run, by its whole name: "lab bench", "lab synth render"."""


def parsed(line: str) -> click.Context:
    """Make sense of a command line as click does, and do nothing of it. Raises UsageError where there is none."""
    words = shlex.split(line, comments=True)
    assert words.pop(0) == "livecoach"
    if not words:
        return cli.make_context("livecoach", [], resilient_parsing=True)
    name = next((name for name in COMMANDS if words[: len(name.split())] == name.split()), None)
    assert name is not None, f"no such command: {line}"
    return COMMANDS[name].make_context(name, words[len(name.split()) :])


def blocks(text: str) -> list[str]:
    """Return the lines of a document's shell blocks that run livecoach."""
    shell = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in shell for line in block.splitlines() if line.startswith("livecoach ")]


def links(text: str) -> set[tuple[str, str]]:
    """Return the targets of a document's links and pictures inside the repository: path and anchor, either may be
    empty."""
    return {(path, anchor or "") for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", text)}


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as Markdown makes them."""
    return {slugify(heading.replace("`", ""), "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def problems(check: Callable[[str], object], things: Iterable[str]) -> dict[str, str]:
    checked = sorted(set(things))
    assert checked, "nothing to check"
    found = {}
    for thing in checked:
        try:
            check(thing)
        except (click.UsageError, AssertionError, SystemExit, LivecoachError) as err:
            found[thing] = str(err) or type(err).__name__
    return found


def absent(paths: Iterable[str], *folders: Path) -> list[str]:
    named = sorted(set(paths))
    assert named, "nothing to check"
    return [path for path in named if not any((folder / path).exists() for folder in folders)]


def test_a_command_has_help_with_an_example_that_works():
    def check(name: str) -> None:
        shown = CliRunner().invoke(cli, [*name.split(), "--help"])
        assert shown.exit_code == 0, shown.output
        found = re.search(r"^\s*Example: (livecoach .+)$", COMMANDS[name].help or "", re.MULTILINE)
        assert found, f"{name}: no example in its help"
        assert found[1] in re.sub(r"\s+", " ", shown.output)
        assert parsed(found[1]).info_name == name

    assert problems(check, COMMANDS) == {}


def test_a_command_is_on_the_commands_page():
    of_lab = PAGES["docs/models.md"]
    pages = {name: of_lab if name.startswith("lab ") else PAGES["docs/commands.md"] for name in COMMANDS}
    assert [name for name, page in pages.items() if not re.search(rf"\blivecoach {name}\b", page)] == []


def test_the_table_of_commands_and_pages_has_each_command_but_home_once():
    rows = "\n".join(re.findall(r"^\| .+", PAGES["docs/commands.md"], re.MULTILINE))
    named = [command for command in re.findall(r"`livecoach ([^`]+)`", rows) if not command.startswith("--")]
    assert sorted([*named, "home"]) == sorted(name for name in COMMANDS if not name.startswith("lab "))


def test_each_option_says_what_it_does():
    options = ((name, p) for name in COMMANDS for p in COMMANDS[name].params if isinstance(p, click.Option))
    assert [f"{name} --{option.name}" for name, option in options if not option.help] == []


def test_the_command_line_accepts_each_line_of_the_shell_blocks():
    assert problems(parsed, (line for text in PAGES.values() for line in blocks(text))) == {}


def test_each_shipped_model_names_commands_that_make_it():
    """In its README or in the JSON of a part. Files that an earlier version made name its script instead."""
    named = {
        folder.name: {
            command
            for file in (*folder.glob("*.json"), *folder.glob("*.md"))
            for command in re.findall(
                r'(?:^ *|^Made by `|"command": ")(livecoach [^`",\n]+)', file.read_text("utf-8"), re.M
            )
        }
        for folder in models_dir().iterdir()
        if folder.is_dir()
    }
    assert [name for name, commands in named.items() if not commands] == []
    assert problems(parsed, set().union(*named.values())) == {}


def test_commands_in_running_text_exist():
    groups = {" ".join(name.split()[:count]) for name in COMMANDS for count in range(1, len(name.split()) + 1)}

    def check(command: str) -> None:
        words = command.split()[1:]
        assert words[0] in groups or words[0].startswith("-")
        if words[0] not in COMMANDS and len(words) > 1 and words[1].islower() and words[1].isalpha():
            assert " ".join(words[:2]) in groups
        name = next((name for name in COMMANDS if command.startswith(f"livecoach {name} ")), None)
        known = [] if name is None else [option for param in COMMANDS[name].params for option in param.opts]
        assert name is None or {word for word in words if word.startswith("--")} <= {*known, "--help"}

    prose = re.sub(r"^```.*?^```", "", ALL, flags=re.MULTILINE | re.DOTALL)  # its commands may lack their arguments
    assert problems(check, (" ".join(found.split()) for found in re.findall(r"`(livecoach [^`]+)`", prose))) == {}


def test_files_that_the_readme_links_to_exist():
    """Pages, pictures, model cards, and headings on them. `mkdocs build --strict` checks the links between pages."""
    assert absent((path for path, _ in links(README)), ROOT) == []
    assert [(path, anchor) for path, anchor in links(README) if anchor and anchor not in anchors(PAGES[path])] == []


@not_on_windows("Windows has no permission bits")
def test_scripts_that_the_docs_run_are_executable():
    scripts = set(re.findall(r"^(scripts/\w+)(?:\s|$)", ALL, re.MULTILINE))
    assert [script for script in scripts if not (ROOT / script).stat().st_mode & 0o100] == []


def test_paths_that_the_docs_name_exist():
    kinds = "livecoach|scripts|tests|configs|models|docs|requirements"
    assert absent(re.findall(rf"`((?:{kinds})/[\w./-]+)`", ALL), ROOT) == []


def make_formats() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_formats", ROOT / "scripts" / "make_formats.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_schemas_and_formats_are_up_to_date():
    files = make_formats().files().items()
    stale = [path.name for path, content in files if path.read_text(encoding="utf-8") != content]
    assert stale == [], "run python scripts/make_formats.py"


@pytest.mark.parametrize("kind", ["analysis", "events", "history", "sessions"])
def test_every_field_is_described(kind):
    schema = schema_of(kind)
    for name, definition in schema["$defs"].items():
        assert definition.get("description"), name
        assert undescribed(definition) == [], name


def test_every_field_of_a_kept_rep_is_described():
    assert undescribed(make_formats().described_schema(RepHeader)) == []


def undescribed(definition: dict[str, Any]) -> list[str]:
    return [name for name, content in definition["properties"].items() if not content.get("description")]
