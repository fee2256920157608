"""The command line. `main` is the entry point: it turns errors into one line and an exit status."""

import sys
import time

import click

from livecoach import __version__
from livecoach.cli.help import SectionedGroup
from livecoach.cli.options import say
from livecoach.cli.signals import take_signals
from livecoach.cli.status import status_of
from livecoach.cli.streams import prepare_streams
from livecoach.config import paths

SECTIONS = {
    "Lift": {
        "run": ("demo", "live", "replay"),
        "exercises": ("exercises",),
        "voices": ("voices",),
    },
    "Afterwards": {
        "home": ("home",),
        "report": ("report",),
        "history": ("history",),
        "sessions": ("sessions",),
        "correct": ("correct",),
        "sets": ("sets",),
        "clip": ("clip",),
        "export": ("export",),
        "analyze": ("analyze",),
        "batch": ("batch",),
        "profiles": ("profiles",),
        "calibrate": ("calibrate",),
    },
    "This machine": {
        "config_commands": ("config",),
        "bench": ("doctor", "bench", "soak", "faults"),
    },
    "Models and data": {
        "observe": ("observe",),
        "synth": ("synth",),
        "lab_annotate": ("annotate",),
        "lab_dataset": ("dataset",),
        "lab_explore": ("explore",),
        "lab_train": ("train",),
        "lab_evaluate": ("evaluate",),
        "lab_measure": ("measure",),
    },
}
"""Commands by the section of the help that lists them, in its order: the module that has them, and their names. Only
the module of the command that runs is imported."""


@click.group(
    cls=SectionedGroup,
    sections=SECTIONS,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100, "show_default": True},
)
@click.version_option(__version__, "-V", "--version", prog_name="livecoach")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
@click.pass_context
def cli(context: click.Context, debug: bool) -> None:  # noqa: ARG001 - main reads it, before click does
    """Watch a lifter's set, count the reps, and report those that differ from good ones. Nothing leaves the device.

    Without a command, livecoach opens your sessions in the browser and begins on its start screen.
    """
    if _are_sessions_left_behind():
        from livecoach.session import recording

        recording.remove_leftovers(time.time())
        recording.close_truncated(say)
    if context.invoked_subcommand is None:
        from livecoach.cli.home import begin

        begin(context)


def _are_sessions_left_behind() -> bool:
    """Return whether a session was cut off; False where the folder can't be read, which the commands that need it
    report."""
    # Listing the names costs 10 ms with a thousand sessions; the code that reads sessions is imported only if needed.
    left_behind = (f"*/{paths.SESSION_LOCK}", f"{paths.SESSION_HIDDEN}*")
    try:
        return any(any(paths.sessions_dir().glob(name)) for name in left_behind)
    except OSError:
        return False


def main() -> None:
    """Run the command line and exit: 0 for success, 2 for a usage error, 130 after Ctrl-C, 143 after SIGTERM, 129 after
    SIGHUP, otherwise with the status of the error (livecoach.errors)."""
    debug = "--debug" in sys.argv[1:2]
    prepare_streams(native=debug)
    take_signals()
    try:
        # click returns the status of `ctx.exit`, or what the command returned.
        sys.exit(status_of(lambda: cli.main(standalone_mode=False, prog_name="livecoach"), debug=debug))
    finally:
        if not debug:  # what objects of libraries raise while Python ends does not concern the user
            sys.unraisablehook = lambda _: None
