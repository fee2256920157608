"""The command `report`: writes the report of a session as one HTML page."""

from pathlib import Path

import click

from livecoach.cli import options
from livecoach.cli.opening import open_page
from livecoach.cli.options import say
from livecoach.cli.output import atomic_write, echo, write_error
from livecoach.cli.share_bar import bar
from livecoach.errors import OutputError

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
@options.language_of("the page")
@click.option("--open", "opens", is_flag=True, help="Open the page in the browser.")
def report(session: str, out: Path | None, blur_faces: bool, language: str | None, opens: bool) -> None:
    """Write an HTML report of a session.

    The page needs no other file and no network. It shows what to fix first, the two reps that show it best, how the set
    went, all reps, and what was not visible. SESSION is a session's name, the beginning of it, its folder, or "last",
    which is the default. An older report of the same name is replaced, but no other file.

    Example: livecoach report last --open
    """
    from livecoach.report.page import make_report
    from livecoach.session.stored import find_session

    options.settings(language=language)
    folder = find_session(session)
    path = Path(f"{folder.resolve().name}.html") if out is None else out
    _check(path)
    with bar() as progress:
        page = make_report(folder, say, blur_faces=blur_faces, progress=progress)
    with atomic_write(path, OPTION) as part:
        part.write_text(page, encoding="utf-8")
    if opens:
        open_page(path)
    else:
        echo(path)


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
