"""The page of pictures shows every moment of the table in docs/experience.md."""

import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGE = (DOCS / "moments.md").read_text(encoding="utf-8")
EXPERIENCE = (DOCS / "experience.md").read_text(encoding="utf-8")
PICTURES = re.findall(r"!\[([^\]]+)\]\((moments/[\w-]+\.jpg)\)", PAGE)
MOST_BYTES, MOST_BYTES_TOGETHER = 60_000, 1_600_000


def rows() -> list[str]:
    """The first cells of the table."""
    table = EXPERIENCE.split("## A set, moment by moment")[1].split("\n\n")[1]
    return [line.split("|")[1].strip() for line in table.splitlines()[2:]]


def parts() -> dict[str, str]:
    """Heading → what stands under it."""
    return {part.splitlines()[0]: part for part in PAGE.split("\n## ")[1:]}


@pytest.fixture
def scripts(monkeypatch):
    """The folder of scripts, from which make_moments.py imports."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    yield
    for name in [name for name in sys.modules if name.split(".")[0] == "moments"]:
        del sys.modules[name]


def test_every_row_of_the_table_has_its_part_of_the_page() -> None:
    """In the table's order."""
    assert list(parts()) == [row[0].upper() + row[1:] for row in rows()]


@pytest.mark.parametrize("heading", parts())
def test_a_moment_is_seen_in_both_shapes_and_says_what_is_heard(heading) -> None:
    """The end is text, because the window is closed by then."""
    part = parts()[heading]
    assert "You hear" in part
    shown = re.findall(r"moments/\w+-(landscape|portrait)\.jpg", part)
    assert shown == ["landscape", "portrait"] or "```text\ncamera 0" in part


def test_the_pictures_of_the_page_are_those_of_the_folder() -> None:
    """Each once."""
    assert sorted(name for _, name in PICTURES) == sorted(f"moments/{path.name}" for path in DOCS.glob("moments/*"))


def test_the_pictures_are_small() -> None:
    """A clone does not get slow by them."""
    sizes = [(DOCS / name).stat().st_size for _, name in PICTURES]
    assert max(sizes) <= MOST_BYTES
    assert sum(sizes) <= MOST_BYTES_TOGETHER


def test_the_script_draws_the_rows_of_the_table(scripts) -> None:  # noqa: ARG001
    """So a row that is new or has changed is noticed here."""
    from moments.moments import MOMENTS

    assert [moment.row for moment in MOMENTS] == rows()
