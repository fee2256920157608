"""The page of pictures shows what `scripts/make_moments.py` draws, and the film is that of `scripts/make_film.py`."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "experience.md").read_text(encoding="utf-8")
MOST_BYTES, MOST_BYTES_TOGETHER, MOST_BYTES_OF_FILM = 60_000, 1_600_000, 4_000_000


def test_the_page_shows_the_pictures_that_are_drawn_in_both_shapes(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS.parent / "scripts"))
    from make_moments import CAMERAS, MOMENTS

    drawn = {f"{name}-{shape}.jpg" for name in (*MOMENTS, "start_screen") for shape in CAMERAS}
    assert drawn == set(re.findall(r"!\[[^\]]+\]\(moments/([\w-]+\.jpg)\)", PAGE))
    assert drawn == {path.name for path in DOCS.glob("moments/*")}


def test_the_pictures_are_small() -> None:
    """A clone does not get slow by them."""
    sizes = [path.stat().st_size for path in DOCS.glob("moments/*")]
    assert max(sizes) <= MOST_BYTES
    assert sum(sizes) <= MOST_BYTES_TOGETHER


def test_the_film_and_its_stills_are_there_and_small(monkeypatch) -> None:
    monkeypatch.syspath_prepend(str(DOCS.parent / "scripts"))
    from make_film import FILM, STILLS_S

    files = {path.name: path.stat().st_size for path in DOCS.glob("film/*")}
    assert set(files) == {FILM, *(f"{name}.jpg" for name in (*STILLS_S, "report", "phone"))}
    assert files.pop(FILM) <= MOST_BYTES_OF_FILM
    assert max(files.values()) <= MOST_BYTES
    assert f"film/{FILM}" in (DOCS / "index.md").read_text(encoding="utf-8")
