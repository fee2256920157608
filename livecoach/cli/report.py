"""The command `report`: writes the report of a session as one HTML page."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, write_error
from livecoach.errors import ConfigError, ModelError, OutputError

if TYPE_CHECKING:
    from livecoach.assembly import Coach
    from livecoach.session.stored import Session

BEGINNING = 4096
"""Bytes at the beginning of a page that contain the marker of a report."""
OPTION = "--out"


@click.command()
@click.argument("session", metavar="[SESSION]", default="last")
@click.option(
    OPTION,
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="File to write; by default SESSION.html in this folder.",
)
@click.option("--blur-faces", is_flag=True, help="Make the lifter's face unrecognisable in every picture.")
def report(session: str, out: Path | None, blur_faces: bool) -> None:
    """Write an HTML report of a session.

    The page needs no other file and no network. It shows what to fix first, the two reps that show it best, how the set
    went, all reps, and what was not visible. SESSION is a session's name, the beginning of it, its folder, or "last",
    which is the default. An older report of the same name is replaced, but no other file.

    Example: livecoach report last --blur-faces
    """
    from livecoach.session.stored import find_session

    folder = find_session(session)
    path = Path(f"{folder.resolve().name}.html") if out is None else out
    _check(path)
    page = _page(folder, blur_faces=blur_faces)
    with atomic_write(path, OPTION) as part:
        _write(part, page)
    click.echo(path)


COMMANDS = (report,)


def _page(folder: Path, *, blur_faces: bool) -> str:
    from livecoach.report.content import gather
    from livecoach.report.page import PageInput, render_page
    from livecoach.report.pictures import ReportPictures
    from livecoach.session.stored import open_session

    damage: list[str] = []

    def tell(line: str) -> None:
        say(line)
        damage.append(line)

    found = open_session(folder, tell)
    coaches = {name: _coach(found, name) for name in found.exercises}
    if found.video_damage is not None:
        tell(f"the video is damaged: {found.video_damage}")
    with ReportPictures(found, without_faces=blur_faces) as pictures:
        content = gather(found)
        return render_page(
            PageInput(session=found, coaches=coaches, gathered=content, pictures=pictures, damage=damage)
        )


def _coach(session: "Session", exercise: str) -> "Coach":
    """Return the coach of an exercise of the session. Raises ConfigError or ModelError that names the session."""
    from livecoach import assembly

    try:
        return assembly.load(exercise, session.about.settings.false_alarms)
    except (ConfigError, ModelError) as err:
        raise type(err)(f"session {session.name}: {err}") from err


def _check(path: Path) -> None:
    """Raise OutputError, before any work is done, where something other than a report would be overwritten."""
    from livecoach.report.page import MARKER

    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            is_report = MARKER.encode() in file.read(BEGINNING)
    except OSError as err:
        raise write_error(path, OPTION, err) from err
    if not is_report:
        raise OutputError(f"{path}: exists and is not a report. Choose another place with {OPTION}.")


def _write(part: Path, page: str) -> None:
    """Write the page for its owner alone, because it shows a person. Raises OSError."""
    if part.exists() and not part.is_file():
        part.write_text(page, encoding="utf-8")  # a pipe or device
        return
    part.unlink(missing_ok=True)  # left by a killed process
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(page)
