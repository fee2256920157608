"""Implements the command line: commands parse, call and print. It may import every room, and no room imports it.

`main` is the entry point: it turns errors into one line and an exit status.
"""

import sys
import time
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from livecoach import __version__
from livecoach.cli.command_process import ErrorWindow, call_command, ignore_local_modules, prepare_streams
from livecoach.cli.options import LazyCommand, OrderedGroup
from livecoach.core.config import paths
from livecoach.core.errors import SourceError
from livecoach.core.types import ignore
from livecoach.run.process import command_flag, handle_signals, report_slow_disk, say

COMMANDS = (
    LazyCommand("demo", "demo", "Play the demo clip as if live."),
    LazyCommand("live", "run", "Watch your sets through a camera."),
    LazyCommand("replay", "run", "Run a recording as if live."),
    LazyCommand("exercises", "config", "List the exercises, or the faults of an exercise."),
    LazyCommand("home", "pages", "Open a page of your sessions, trends and profiles."),
    LazyCommand("report", "pages", "Write an HTML report of a session, or of a film."),
    LazyCommand("history", "pages", "Show how much you lifted, and how it changes."),
    LazyCommand("sessions", "sessions", "List, correct, export, import and delete recorded sessions."),
    LazyCommand("analyze", "analyze", "Count and judge the reps of recordings, from every frame."),
    LazyCommand("config", "config", "Show and change settings and profiles."),
    LazyCommand("doctor", "bench", "Check what works here, and say how to fix what does not."),
    LazyCommand("lab", "lab", "Make data, train models, and measure how livecoach works."),
)
WINDOWED, NO_WINDOW = (None, "live", "replay"), frozenset(("--no-window", "--fast", "--compare"))
"""Commands that show errors in the window, too (None: livecoach without a command), and options that turn the window
off."""


@click.group(
    cls=OrderedGroup,
    later=COMMANDS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.version_option(__version__, "-V", "--version", prog_name="livecoach")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.option("--start-screen", metavar="P", hidden=True, help="For the home page: open no page, and choose P, if any.")
@click.pass_context
def cli(context: click.Context, debug: bool, start_screen: str | None) -> None:  # noqa: ARG001 - main reads debug before
    """Watch your sets, count the reps, and report reps that differ from your good reps. Nothing goes to the internet.

    Without a command, livecoach opens its start screen and, if you have sessions, the page of `livecoach home`.
    """
    command_flag.set()
    shows = context.ensure_object(ErrorWindow)
    shows.wanted = context.invoked_subcommand in WINDOWED and not NO_WINDOW.intersection(sys.argv)
    if _are_sessions_left_behind():
        from livecoach.records.session import upkeep

        with report_slow_disk():
            upkeep.remove_leftovers(time.time())
            cut_off = upkeep.close_cut_off_sessions(say)
        _learn_from_sessions(cut_off)
    if context.invoked_subcommand is None:
        from livecoach.cli.run import open_start_screen

        open_start_screen(context, start_screen)


def _are_sessions_left_behind() -> bool:
    """Return whether a session is marked as being recorded, or a hidden folder is left; False if that can't be read."""
    # Listing the names costs 10 ms with a thousand sessions; the code that reads sessions is imported only if needed.
    left_behind = (f"*/{paths.SESSION_LOCK}", f"{paths.SESSION_HIDDEN}*")
    try:
        return any(any(paths.sessions_dir().glob(name)) for name in left_behind)
    except OSError:
        return False


def _learn_from_sessions(cut_off: Iterable[Path]) -> None:
    """Let the lifters' profiles learn from sessions that were cut off, as at the end of a run."""
    for folder in cut_off:
        from livecoach.records.session.opening import open_session
        from livecoach.run.parts import learn_from_session

        with suppress(SourceError):  # closing it has reported the damage
            learn_from_session(open_session(folder, ignore).valid_profiles, folder)


def main() -> None:
    """Run livecoach's command line, and exit with the status of the command.

    The status is 0 for success, 2 for a usage error, 130 after Ctrl-C, 143 after SIGTERM and 129 after SIGHUP;
    otherwise the status of the error (livecoach.core.errors) or of the command.
    """
    debug, errors = "--debug" in sys.argv[1:2], ErrorWindow()

    def run_command() -> Any:
        """Prepare streams and signals, run the command that the command line names, and return its exit status."""
        ignore_local_modules()
        prepare_streams(native=debug)
        handle_signals()
        # click returns the status of `ctx.exit`, or what the command returned: None for 0.
        return cli.main(standalone_mode=False, prog_name="livecoach", obj=errors)

    try:
        sys.exit(call_command(run_command, debug=debug, show=errors.show))
    finally:
        if not debug:  # Errors of library objects while Python exits do not concern the user
            sys.unraisablehook = lambda _: None
