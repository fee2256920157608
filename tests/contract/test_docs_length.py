"""The documents stay short enough for one person to read, whoever they are for."""

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
MOST_WORDS = {
    "README index first-set experience phone faults sessions troubleshooting commands security reliability": 12_000,
    "design extending models developing": 8_000,
    "figures protocols": 5_000,
    "lessons": 3_000,
}
"""Pages for one reader (who lifts; who builds; who asks how good it is, and what was tried) → words together."""
GENERATED = {"formats"}


@pytest.mark.parametrize("pages", MOST_WORDS)
def test_pages_for_one_reader_stay_within_their_words(pages: str) -> None:
    """As `wc -w` counts them, tables and pictures included."""
    folders = (ROOT if page == "README" else ROOT / "docs" for page in pages.split())
    files = [folder / f"{page}.md" for folder, page in zip(folders, pages.split(), strict=True)]
    words = {file.name: len(file.read_text(encoding="utf-8").split()) for file in files}
    assert sum(words.values()) <= MOST_WORDS[pages], words


def test_no_page_is_left_out() -> None:
    counted = {page for pages in MOST_WORDS for page in pages.split()} | GENERATED
    assert counted == {file.stem for file in (ROOT / "docs").glob("*.md")} | {"README"}
