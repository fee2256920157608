"""The commands that make pages and clips: report, clip, home."""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from livecoach import assembly
from livecoach.cli import options
from livecoach.cli.arguments import RepAddress, files_in, open_rep, rep_argument
from livecoach.cli.options import Decimal, say
from livecoach.cli.output import check_writable, echo, open_page, write_error, write_text
from livecoach.cli.progress import bar
from livecoach.config import local_time
from livecoach.config.paths import sessions_dir
from livecoach.errors import LivecoachError, OutputError
from livecoach.history.page import HistoryChoice, past_document, render_page
from livecoach.history.reading import PastSession, load_past
from livecoach.report.home import HISTORY, HOME, home_page, newest, session_page
from livecoach.report.page import MARKER, make_report
from livecoach.report.rep_clip import write_clip
from livecoach.session.stored import find_session
from livecoach.types import ignore

BEGINNING = 4096  # bytes at the beginning of a page that contain its marker
PAGE_MARKER = '<meta name="generator" content="livecoach '
"""Beginning of a line near the top of every page that livecoach writes."""


@click.command()
@click.argument("session", metavar="[SESSION]", default="last")
@click.option(
    "--out",
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
    options.settings(language=language)
    folder = find_session(session)
    path = Path(f"{folder.resolve().name}.html") if out is None else out
    if os.path.isfile(path) and not _is_page(path, MARKER):
        raise OutputError(f"{path}: exists and is not a report. Choose another place with --out.")
    with bar() as progress:
        page = make_report(folder, say, blur_faces=blur_faces, progress=progress)
    write_text(path, "--out", page)
    if opens:
        open_page(path)
    else:
        echo(path)


def _is_page(path: Path, marker: str) -> bool:
    """Return whether a file is a page of ours. marker: the line that says so. Raises OutputError."""
    try:
        with path.open("rb") as file:
            return marker.encode() in file.read(BEGINNING)
    except OSError as err:
        raise write_error(path, "--out", err) from err


@click.command()
@rep_argument
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="MP4 file to write; by default SESSION-2-4.mp4 in this folder.",
)
@click.option("--speed", type=Decimal(0.1, 1), default=0.5, metavar="X", help="Speed; 1 is as fast as it was.")
@click.option("--share", is_flag=True, help="Upright (9:16), at most 15 s, with the cue and the number.")
@click.option(
    "--blur-faces/--show-faces", default=None, help="Make the lifter's face unrecognisable; by default with --share."
)
@options.language_of("the captions")
def clip(
    rep: RepAddress, out: Path | None, speed: float, share: bool, blur_faces: bool | None, language: str | None
) -> None:
    """Write a video of a rep beside your typical one.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. Both reps are shown in slow motion, at the
    same moment, and the video pauses where the rep differs most. A session without video gives drawn figures. With
    --share the face is blurred unless you ask for it, and without it only if you ask. Faces in the background never
    are.

    Example: livecoach sessions clip last:2/4 --out rep.mp4 --share
    """
    options.settings(language=language)
    session, event = open_rep(rep)
    of_set, number = event.rep.place
    path = out or Path(f"{session.name}-{of_set}-{number}.mp4")
    check_writable(path, "--out", apart_from=files_in((session.folder,)))
    coach = assembly.load(session.exercise_of(event.rep), session.about.settings.false_alarms)
    with bar() as progress:
        made = write_clip(
            session,
            event.rep,
            coach,
            path,
            speed=speed,
            without_faces=share if blur_faces is None else blur_faces,
            shared=share,
            progress=progress,
        )
    if made.beside is None:
        options.say(
            f"{session.name}:{event.rep.name}: shown alone, because there is no good rep of this view to compare with"
        )
    if not made.filmed:
        options.say("drawn figures: the session has no video. `livecoach live --record` keeps it.")
    echo(path)


@click.command()
@click.option("--no-open", is_flag=True, help="Print the address of the page, and open no browser.")
@click.option(
    "--out",
    metavar="FOLDER",
    type=click.Path(path_type=Path),
    help="Write the pages to a folder instead, as files that change nothing.",
)
@click.option(
    "--asked-by-stdin",
    is_flag=True,
    hidden=True,
    help="For the start screen: open the page again at each line of standard input, and end some time after its end.",
)
def home(no_open: bool, out: Path | None, asked_by_stdin: bool) -> None:
    """Open a page of your sessions, trends and profiles.

    It starts a set with an exercise, and links the report of each session. There you correct reps, log load, RPE and
    note of sets, and delete sessions.
    The page is served to this computer alone, until Ctrl-C. `livecoach` without a command opens it, too.

    Example: livecoach home
    """
    options.settings()
    if out is not None:
        echo(_write_pages(out))
        return
    from livecoach.cli.home_run import HomeRun, echo_line
    from livecoach.home_server import serve

    requests = sys.stdin if asked_by_stdin else None
    runs = None if asked_by_stdin else HomeRun(echo_line)  # the start screen begins them
    asyncio.run(serve(echo if no_open else open_page, say, requests=requests, runs=runs))


def _write_pages(folder: Path) -> Path:
    """Write home page, history and the newest reports to a folder. Returns the home page. Raises OutputError."""
    path = folder / f"{HOME}.html"
    _check_folder(folder)
    past = load_past()
    reports = set(_write_reports(folder, newest(past.sessions)))
    document = past_document(past, HistoryChoice(), local_time.now().date())
    write_text(folder / f"{HISTORY}.html", "--out", render_page(document, folder))
    write_text(path, "--out", home_page(past, document, say, reports=reports))
    return path


def _check_folder(folder: Path) -> None:
    """Make a folder, for its owner alone. Raises OutputError if it holds anything but pages of ours."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        there = [*folder.iterdir()]
    except OSError as err:
        raise write_error(folder, "--out", err) from err
    if not all(os.path.isfile(one) and _is_page(one, PAGE_MARKER) for one in there):
        raise OutputError(f"{folder}: holds other files. Choose a new or an empty folder with --out.")


def _write_reports(folder: Path, sessions: Sequence[PastSession]) -> Iterator[str]:
    with bar() as progress:
        for number, one in enumerate(sessions):
            progress("making reports", number / len(sessions))
            name = session_page(one.name)
            if not name:
                continue
            try:
                page = make_report(sessions_dir() / one.name, ignore)  # the page lists the damage
            except LivecoachError as err:
                say(f"no report of {one.name}: {err}")
                continue
            write_text(folder / name, "--out", page)
            yield one.name
