"""The page of pictures shows what `scripts/make_moments.py` draws."""

import re
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "moments.md").read_text(encoding="utf-8")
MOST_BYTES, MOST_BYTES_TOGETHER = 60_000, 1_600_000


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
