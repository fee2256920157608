"""The commands that make pages and clips: report, clip, home."""

from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import track

from livecoach import assembly
from livecoach.cli import options
from livecoach.cli.arguments import RepAddress, files_in, open_rep, rep_argument
from livecoach.cli.options import Decimal, say
from livecoach.cli.output import atomic_write, check_apart, check_writable, echo, open_page, write_error
from livecoach.cli.progress import bar
from livecoach.config import local_time
from livecoach.config.paths import sessions_dir
from livecoach.errors import LivecoachError, OutputError
from livecoach.history.page import HistoryChoice, distinct_sessions, history_document, render_page
from livecoach.history.reading import PastSession, PastSessions, load_past
from livecoach.report import home as home_pages
from livecoach.report.home import render_home, thumbnail
from livecoach.report.page import MARKER, make_report
from livecoach.report.pictures import LifterFigure
from livecoach.report.rep_clip import write_clip
from livecoach.session.stored import find_session, open_session
from livecoach.types.callbacks import ignore

BEGINNING = 4096
"""Bytes at the beginning of a page that contain the marker of a report."""


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
    _check_report(path)
    with bar() as progress:
        page = make_report(folder, say, blur_faces=blur_faces, progress=progress)
    with atomic_write(path, "--out") as part:
        part.write_text(page, encoding="utf-8")
    if opens:
        open_page(path)
    else:
        echo(path)


def _check_report(path: Path) -> None:
    """Raise OutputError, before any work is done, if something other than a report would be overwritten."""
    if not path.is_file():
        return
    try:
        with path.open("rb") as file:
            is_report = MARKER.encode() in file.read(BEGINNING)
    except OSError as err:
        raise write_error(path, "--out", err) from err
    if not is_report:
        raise OutputError(f"{path}: exists and is not a report. Choose another place with --out.")


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
    "--blur-faces/--show-faces",
    default=None,
    help="Make the lifter's face unrecognisable; by default with --share.",
)
@options.language_of("the captions")
def clip(
    rep: RepAddress, out: Path | None, speed: float, share: bool, blur_faces: bool | None, language: str | None
) -> None:
    """Write a video of a rep in slow motion beside your typical one.

    last:2/4 is rep 4 of set 2 of the last session, as the report names it. Both reps are shown at the same moment, and
    the video pauses where the rep differs most. A session without video gives drawn figures. With --share the
    face is blurred unless you ask for it, and without it only if you ask. Faces in the background never are.

    Example: livecoach clip last:2/4 --out rep.mp4 --share
    """
    options.settings(language=language)
    session, event = open_rep(rep)
    of_set, number = event.rep.place
    path = out or Path(f"{session.name}-{of_set}-{number}.mp4")
    check_apart(path, files_in((session.folder,)), "--out")
    check_writable(path, "--out")
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
@click.option("--no-open", is_flag=True, help="Write the page and print its path.")
def home(no_open: bool) -> None:
    """Open a page of your sessions, trends and profiles.

    The newest sessions link to their reports; reports that are missing or out of date are made first. Ctrl-C leaves the
    rest for the next time. The page and the reports are in livecoach's data folder and need no network. `livecoach`
    without a command opens the page, too.

    Example: livecoach home
    """
    open_home(opens=not no_open)


def open_home(*, opens: bool = True) -> None:
    """Bring the home page up to date, and open it or print its path. Raises OutputError."""
    options.settings()
    path = _write_home(load_past())
    if opens:
        open_page(path)
    else:
        echo(path)


def _write_home(past: PastSessions) -> Path:
    """Make what is missing and write the home page. Returns its path. Raises OutputError."""
    home_pages.tidy({one.name for one in past.sessions})
    shown = home_pages.newest(past.sessions)
    _make_reports(shown)
    kept, notes = distinct_sessions(past)
    document = history_document(kept, notes, HistoryChoice(), local_time.now().date())
    with atomic_write(home_pages.page_file(home_pages.HISTORY), "--html") as part:
        part.write_text(render_page(document, home_pages.page_file(home_pages.HISTORY).parent), encoding="utf-8")
    cards = [home_pages.session_card(one, _figure(one)) for one in shown]
    trends, profiles = home_pages.trend_cards(document), home_pages.profile_cards(say)
    page = render_home(cards, trends, profiles, count=len(past.sessions), notes=document.notes)
    path = home_pages.page_file(home_pages.HOME)
    with atomic_write(path, "--html") as part:
        part.write_text(page, encoding="utf-8")
    return path


def _make_reports(sessions: Sequence[PastSession]) -> None:
    """Make the reports that are missing or out of date, newest first. Ctrl-C leaves the rest."""
    folders = [sessions_dir() / one.name for one in sessions]
    folders = [folder for folder in folders if not home_pages.is_current(folder)]
    if not folders:
        return

    console = Console(stderr=True)
    try:
        for folder in track(
            folders, "making reports", console=console, transient=True, disable=not console.is_terminal
        ):
            try:
                page = make_report(folder, ignore)  # the page lists the damage
            except LivecoachError as err:
                say(f"no report of {folder.name}: {err}")
                continue
            with atomic_write(home_pages.page_file(folder.name), "--html") as part:
                part.write_text(page, encoding="utf-8")
    except KeyboardInterrupt:
        say("stopped: the other reports are made next time")


def _figure(one: PastSession) -> LifterFigure | None:
    """Return the session's thumbnail, if any."""
    try:
        return thumbnail(open_session(sessions_dir() / one.name, ignore))
    except LivecoachError as err:
        say(str(err))
        return None
