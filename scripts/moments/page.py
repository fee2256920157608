"""The page of the moments: the rows of the table in docs/experience.md, each with its pictures."""

from collections.abc import Iterator

from moments.clips import CAMERAS
from moments.moments import MOMENTS, Moment

TITLE = "# A set in pictures"
INTRODUCTION = """A synthetic lifter does two sets of deadlifts. Pose, counting, verdicts and window are those of a
live run, once with pictures of 1280×720 pixels and once with 720×1280, as an upright phone films. [What you see and
hear](experience.md) gives the rules behind the pictures. Where the two sets lack a moment, livecoach's decision was
changed, and the caption says "Staged". `python scripts/make_moments.py` draws this page."""


def rows(experience: str) -> Iterator[tuple[str, str]]:
    """Yield moment and sound of each row of the table."""
    table = experience.split("## A set, moment by moment")[1].split("\n\n")[1]
    for line in table.splitlines()[2:]:
        moment, _, sound = (cell.strip() for cell in line.strip("|").split("|"))
        yield moment, sound


def page(experience: str, last_words: str) -> str:
    """Return the page. experience: the text with the table. last_words: the terminal's last lines.

    Raises KeyError where the table has another row than MOMENTS.
    """
    by_row = {moment.row: moment for moment in MOMENTS}
    parts = [TITLE, INTRODUCTION]
    for row, sound in rows(experience):
        parts += _moment(by_row[row], sound, last_words)
    return "\n\n".join(parts) + "\n"


def _moment(moment: Moment, sound: str, last_words: str) -> Iterator[str]:
    yield f"## {moment.row[0].upper()}{moment.row[1:]}"
    yield f"{moment.caption}{' Staged.' if moment.is_staged else ''}"
    if moment.name == "end":
        yield f"```text\n{last_words}\n```"
    else:
        yield "\n".join(f"![{alt(moment, shape)}](moments/{moment.name}-{shape}.jpg)" for shape in CAMERAS)
    yield "You hear nothing." if sound in ("", "none") else f"You hear: {sound}."


def alt(moment: Moment, shape: str) -> str:
    """Return the alternative text of a picture."""
    return f"The window in {shape}: {moment.shows}"
