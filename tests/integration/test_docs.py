"""What the README, the help and the pages say is what there is."""

import argparse
import ast
import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import pytest
from click.testing import CliRunner
from markdown.extensions.toc import slugify

from livecoach.cli import cli
from livecoach.config.exercise import load, names
from livecoach.documents import json_schema
from livecoach.profile import rep_file
from livecoach.rep.measures import load_faults

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {"README.md": README} | {
    f"docs/{path.name}": path.read_text(encoding="utf-8") for path in sorted((ROOT / "docs").glob("*.md"))
}
"""Every document for users and developers: path → text."""
ALL = "\n".join(PAGES.values())
COMMANDS_PAGE = PAGES["docs/commands.md"]
CONTEXT = click.Context(cli)
TOP = [command for name in cli.list_commands(CONTEXT) if (command := cli.get_command(CONTEXT, name))]


def leaves(command: click.Command, before: str = "") -> dict[str, click.Command]:
    """What can be run, by its whole name: "bench", "synth render"."""
    name = f"{before} {command.name}".strip()
    if not isinstance(command, click.Group):
        return {name: command}
    return {full: leaf for part in command.commands.values() for full, leaf in leaves(part, name).items()}


COMMANDS = {name: leaf for command in TOP for name, leaf in leaves(command).items()}


def parsed(line: str) -> click.Context:
    """Make sense of a command line as click does, and do nothing of it. Raises UsageError where there is none."""
    words = shlex.split(line, comments=True)
    assert words.pop(0) == "livecoach"
    if not words:
        return cli.make_context("livecoach", [], resilient_parsing=True)
    name = next((name for name in COMMANDS if words[: len(name.split())] == name.split()), None)
    assert name is not None, f"no such command: {line}"
    return COMMANDS[name].make_context(name, words[len(name.split()) :])


def example_of(command: click.Command) -> str:
    """The line after `Example: ` in a command's help."""
    found = re.search(r"^\s*Example: (livecoach .+)$", command.help or "", re.MULTILINE)
    assert found, f"{command.name}: no example in its help"
    return found[1]


def blocks(text: str) -> list[str]:
    """Return the lines of a document's shell blocks that run livecoach."""
    shell = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in shell for line in block.splitlines() if line.startswith("livecoach ")]


def inline(text: str) -> list[str]:
    """Return the livecoach commands in a document's running text, which may lack their arguments."""
    prose = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    return [" ".join(command.split()) for command in re.findall(r"`(livecoach [^`]+)`", prose)]


def links(text: str) -> set[tuple[str, str]]:
    """Return the targets of a document's links and pictures inside the repository: path and anchor, either may be
    empty."""
    return {(path, anchor or "") for path, anchor in re.findall(r"\]\(([^)#:]*)(?:#([^)]+))?\)", text)}


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as Markdown makes them."""
    return {slugify(heading.replace("`", ""), "-") for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_has_help_with_an_example_that_works(name):
    """Its help says what it does and shows a command line that it understands."""
    shown = CliRunner().invoke(cli, [*name.split(), "--help"])
    assert shown.exit_code == 0
    example = example_of(COMMANDS[name])
    assert example in re.sub(r"\s+", " ", shown.output)
    assert parsed(example).info_name == name


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_is_on_the_commands_page(name):
    """With `livecoach` before it."""
    assert re.search(rf"\blivecoach {name}\b", COMMANDS_PAGE)


@pytest.mark.parametrize("name", COMMANDS)
def test_each_option_says_what_it_does(name):
    """No option without help."""
    silent = [p.name for p in COMMANDS[name].params if isinstance(p, click.Option) and not p.help]
    assert silent == []


def test_the_readme_shows_commands_and_fits_a_screen():
    """A lifter sees how to install it, how to begin, and where more is; the tests below have something to look at."""
    assert len(blocks(README)) >= 3
    assert len(README.splitlines()) <= 80


@pytest.mark.parametrize("line", sorted({line for text in PAGES.values() for line in blocks(text)}))
def test_a_line_of_a_shell_block_is_understood(line):
    """Command, options and values."""
    parsed(line)


@pytest.mark.parametrize("command", sorted({command for text in PAGES.values() for command in inline(text)}))
def test_a_command_in_running_text_exists(command):
    """By its name; what follows may be left out there."""
    words = command.split()[1:]
    groups = {" ".join(name.split()[:count]) for name in COMMANDS for count in range(1, len(name.split()) + 1)}
    assert words[0] in groups or words[0].startswith("-")
    if words[0] not in COMMANDS and len(words) > 1 and words[1].islower() and words[1].isalpha():
        assert " ".join(words[:2]) in groups


@pytest.mark.parametrize("line", sorted({line for line in inline(ALL) if line.startswith("livecoach measure ")}))
def test_a_measuring_command_in_running_text_is_given_what_it_needs(line):
    """Whoever copies it measures the figure that stands beside it."""
    parsed(line)


@pytest.mark.parametrize(
    "line",
    sorted({line for line in inline(PAGES["docs/models.md"]) if re.match(r"livecoach train [^\[]+$", line)}),
)
def test_a_training_command_of_the_models_page_is_understood(line):
    """It has all arguments that it needs, and no option that is not there."""
    parsed(line)


@pytest.mark.parametrize(("path", "anchor"), sorted(links(README)))
def test_what_the_readme_links_to_is_there(path, anchor):
    """Pages, pictures, model cards, and headings on them. `mkdocs build --strict` checks the links between pages."""
    assert (ROOT / path).exists()
    assert not anchor or anchor in anchors(PAGES[path])


@pytest.mark.parametrize("script", sorted(set(re.findall(r"^(scripts/\w+)(?:\s|$)", ALL, re.MULTILINE))))
def test_a_script_that_is_run_can_be_run(script):
    """It is there, and executable."""
    assert (ROOT / script).stat().st_mode & 0o100


PATHS = r"`((?:livecoach|scripts|tests|configs|models|docs|requirements)/[\w./-]+)`"
"""A path of the repository in running text."""


@pytest.mark.parametrize("path", sorted(set(re.findall(PATHS, ALL))))
def test_a_path_that_is_named_exists(path):
    """From the root of the repository."""
    assert (ROOT / path).exists()


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`(\w+/[\w/]+\.py)`", PAGES["docs/design.md"]))))
def test_a_module_that_the_design_names_exists(path):
    """In the package, or from the root of the repository."""
    assert (ROOT / "livecoach" / path).is_file() or (ROOT / path).is_file()


def cited() -> set[str]:
    """Return the pages that code, configuration and model cards cite."""
    kinds = ("livecoach/**/*.py", "scripts/**/*.py", "configs/**/*.yaml", "models/*/README.md")
    files = [path for kind in kinds for path in ROOT.glob(kind)]
    return {page for path in files for page in re.findall(r"\bdocs/\w+\.md", path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("page", sorted(cited()))
def test_a_page_that_the_code_cites_exists(page):
    """Nothing rests on a document that is not in the repository."""
    assert page in PAGES


@pytest.mark.parametrize("exercise", [name for name in names() if load_faults(name).faults])
def test_the_faults_page_lists_each_fault_with_its_cue(exercise):
    """In the order of priority, under the exercise's heading, or by what differs from another exercise's list."""
    rows = _fault_rows(_faults_section(load(exercise).title))
    assert rows == [(name, fault.cue) for name, fault in load_faults(exercise).faults.items()]


@pytest.mark.parametrize("exercise", [name for name in names() if not load_faults(name).faults])
def test_the_faults_page_says_which_exercises_have_none(exercise):
    """In the heading over the sentence that says so."""
    (heading, text) = re.findall(r"^## (.+)\n\n(.*no named faults)", PAGES["docs/faults.md"], re.MULTILINE)[0]
    assert text.startswith("These")
    assert load(exercise).title.lower() in heading.lower()


def _faults_section(title: str) -> str:
    return PAGES["docs/faults.md"].split(f"## {title}\n")[1].split("\n## ")[0]


def _fault_rows(section: str) -> list[tuple[str, str]]:
    """Return the names and cues of a section's table; without a table, those of the section that it starts from, but
    for the faults that it names."""
    rows: list[tuple[str, str]] = re.findall(r"^\| `(\w+)` \|.*\| ([^|]+) \|$", section, re.MULTILINE)
    same = re.search(r"^The faults of the \[(\w+)\]\(#\w+\) but for `(\w+)`", section, re.MULTILINE)
    if same is None:
        return rows
    return [row for row in _fault_rows(_faults_section(same[1].capitalize())) if row[0] != same[2]]


def test_every_room_is_in_the_design():
    """The table of rooms names every package and module at the top of livecoach, and no other."""
    table = PAGES["docs/design.md"].split("## Rooms")[1].split("## ")[0]
    named = {
        name.rstrip("/")
        for row in re.findall(r"^\| (`[^|]+) \|", table, re.MULTILINE)
        for name in row[1:-1].split("`, `")
    }
    there = {
        path.stem for path in (ROOT / "livecoach").iterdir() if path.suffix == ".py" or (path / "__init__.py").is_file()
    }
    assert named == there - {"__init__", "__main__"}


def parser_of(script: Path) -> argparse.ArgumentParser:
    """The names that a script gives to argparse, read from its text: to import it may take torch."""
    parser = argparse.ArgumentParser(prog=script.name)
    for call in ast.walk(ast.parse(script.read_text(encoding="utf-8"))):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Attribute) and call.func.attr == "add_argument":
            names = [ast.literal_eval(name) for name in call.args]
            kept = {word.arg: word.value for word in call.keywords if word.arg in {"action", "nargs", "required"}}
            parser.add_argument(*names, **{name: ast.literal_eval(value) for name, value in kept.items()})
    return parser


@pytest.mark.parametrize("line", sorted(set(re.findall(r"`python\s+(scripts/[^`]+)`", ALL))))
def test_a_script_is_given_what_it_needs(line):
    """It has all arguments that the script requires, and none that it does not know."""
    script, *words = shlex.split(line)
    parser_of(ROOT / script).parse_args(words)


def test_a_missing_argument_would_be_noticed():
    """As it was on the page once."""
    with pytest.raises(SystemExit):
        parser_of(ROOT / "scripts" / "synth" / "fit_noise.py").parse_args(["clips", "--out", "FILE"])


def make_formats() -> ModuleType:
    """scripts/make_formats.py, which is no package."""
    spec = importlib.util.spec_from_file_location("make_formats", ROOT / "scripts" / "make_formats.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("path", "content"), make_formats().files().items(), ids=lambda given: Path(given).name[:40])
def test_schemas_and_formats_are_up_to_date(path, content):
    """`python scripts/make_formats.py` would change nothing."""
    assert path.read_text(encoding="utf-8") == content, "run python scripts/make_formats.py"


def undescribed(schema: dict[str, Any]) -> list[str]:
    return [
        f"{name}.{field}"
        for name, definition in schema["$defs"].items()
        for field, content in definition["properties"].items()
        if not content.get("description")
    ]


@pytest.mark.parametrize("kind", ["analysis", "events"])
def test_every_field_is_described(kind):
    """In the schema, and so on the page; classes too."""
    schema = json_schema(kind)
    assert undescribed(schema) == []
    assert [name for name, definition in schema["$defs"].items() if not definition.get("description")] == []


def test_every_field_of_a_kept_rep_is_described():
    """In the header of a profile's files, and so on the page."""
    fields = rep_file.json_schema()["properties"]
    assert [name for name, content in fields.items() if not content.get("description")] == []
