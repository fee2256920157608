"""The command `home`, which `livecoach` alone runs too: brings the home page up to date and opens it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livecoach.cli import options
from livecoach.cli.opening import has_screen, open_page
from livecoach.cli.options import say
from livecoach.cli.output import echo
from livecoach.errors import LivecoachError

if TYPE_CHECKING:
    from livecoach.history.reading import PastSession, PastSessions
    from livecoach.report.pictures import LifterFigure

BEGIN = """
Begin here:
  livecoach demo       a lifter on the screen, no camera needed
  livecoach doctor     what works on this machine
  livecoach live       your first set
"""


@click.command()
@click.option("--no-open", is_flag=True, help="Write the page and print its path.")
def home(no_open: bool) -> None:
    """Open a page of your sessions, trends and profiles.

    The newest sessions link their reports; reports that are missing or out of date are made first. Ctrl-C leaves the
    rest of them for the next time. The page and the reports lie in livecoach's data folder and need no network.
    `livecoach` without a command opens the page, too.

    Example: livecoach home
    """
    open_home(opens=not no_open)


def open_home(*, opens: bool = True) -> None:
    """Bring the home page up to date, and open it or print its path. Raises OutputError."""
    from livecoach.history.reading import load_past

    options.settings()
    path = _write(load_past())
    if opens:
        open_page(path)
    else:
        echo(path)


def begin(context: click.Context) -> None:
    """Open the start screen, and before it the home page if there are sessions. Without a screen, print the help and
    how to begin."""
    from livecoach.feedback.probe import start_probe
    from livecoach.session import layout

    try:
        is_first = next(layout.folders(), None) is None
    except OSError:
        is_first = False  # reading them says why they can't be read
    probe = start_probe()
    if not has_screen() or probe.result() is not None:
        click.echo(context.get_help())
        click.echo(BEGIN if is_first else "\n`livecoach home` writes a page of your sessions.")
        return
    if not is_first:
        open_home()
    from livecoach.cli import options
    from livecoach.cli.live_runs import LiveOptions, lift

    lift(options.settings(), LiveOptions(probe=probe), begin_on_screen=True)


def _write(found: "PastSessions") -> Path:
    """Make what is missing and write the home page. Returns its path. Raises OutputError."""
    from livecoach.cli.output import atomic_write
    from livecoach.history.page import HistoryChoice, distinct_sessions, history_document, render_page
    from livecoach.report import home
    from livecoach.report.home import render_home

    home.tidy({one.name for one in found.sessions})
    shown = home.newest(found.sessions)
    _make_reports(shown)
    kept, notes = distinct_sessions(found)
    document = history_document(kept, notes, HistoryChoice(), datetime.now().astimezone().date())
    with atomic_write(home.page_file(home.HISTORY), "--html") as part:
        part.write_text(render_page(document, home.page_file(home.HISTORY).parent), encoding="utf-8")
    cards = [home.session_card(one, _figure(one)) for one in shown]
    trends, profiles = home.trend_cards(document), home.profile_cards(say)
    page = render_home(cards, trends, profiles, count=len(found.sessions), notes=document.notes)
    path = home.page_file(home.HOME)
    with atomic_write(path, "--html") as part:
        part.write_text(page, encoding="utf-8")
    return path


def _make_reports(sessions: "Sequence[PastSession]") -> None:
    """Make the reports that are missing or out of date, newest first. Ctrl-C leaves the rest."""
    from rich.console import Console
    from rich.progress import track

    from livecoach.cli.output import atomic_write
    from livecoach.config.paths import sessions_dir
    from livecoach.report import home

    folders = [sessions_dir() / one.name for one in sessions]
    folders = [folder for folder in folders if not home.is_current(folder)]
    if not folders:
        return
    from livecoach.report.page import make_report

    console = Console(stderr=True)
    try:
        for folder in track(
            folders, "making reports", console=console, transient=True, disable=not console.is_terminal
        ):
            try:
                page = make_report(folder, str)  # the page says what is damaged
            except LivecoachError as err:
                say(f"no report of {folder.name}: {err}")
                continue
            with atomic_write(home.page_file(folder.name), "--html") as part:
                part.write_text(page, encoding="utf-8")
    except KeyboardInterrupt:
        say("stopped: the other reports are made next time")


def _figure(one: "PastSession") -> "LifterFigure | None":
    """Return the session's thumbnail; None where there is none."""
    from livecoach.config.paths import sessions_dir
    from livecoach.report.home import thumbnail
    from livecoach.session.stored import open_session

    try:
        return thumbnail(open_session(sessions_dir() / one.name, str))
    except LivecoachError as err:
        say(str(err))
        return None
