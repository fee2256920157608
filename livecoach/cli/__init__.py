"""The command line. `main` is the entry point: it turns errors into one line and an exit status."""

import difflib
import sys
import time
from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click
from click.shell_completion import CompletionItem

from livecoach import __version__
from livecoach.cli.options import disk_awaited, say
from livecoach.cli.process import keep_strays_out, prepare_streams, status_of, take_signals
from livecoach.config import paths

SECTIONS = {
    "Lift": {
        "demo": ("demo", "Run the shipped clip as if live."),
        "live": ("run", "Watch a set through a camera."),
        "replay": ("run", "Run a recording as if live."),
        "exercises": ("config", "List the exercises, or the faults of one."),
        "voices": ("config", "List the voices, and which one speaks."),
    },
    "Afterwards": {
        "home": ("pages", "Open a page of your sessions, trends and profiles."),
        "report": ("pages", "Write an HTML report of a session."),
        "history": ("history", "Show how much you lifted, and how it changes."),
        "sessions": ("sessions", "List, show, export, import and delete recorded sessions."),
        "correct": ("correct", "Correct a verdict: say that a rep was good, bad, or not a rep."),
        "sets": ("correct", "Show the load, RPE and note of each set, or correct them."),
        "clip": ("pages", "Write a video of a rep in slow motion beside your typical one."),
        "export": ("correct", "Write a training log for Strong, Hevy or a spreadsheet."),
        "analyze": ("analyze", "Count and judge the reps of recordings, from every frame."),
        "batch": ("batch", "Analyse many recordings, here or on a cluster, and sum them up."),
        "profiles": ("profiles", "List, show and change the stored good reps of lifters."),
        "calibrate": ("calibrate", "Make your own reference from good reps."),
    },
    "This machine": {
        "config": ("config", "Show and change your settings."),
        "doctor": ("bench", "Check what works here, and say how to fix what does not."),
        "bench": ("bench", "Measure the speed of livecoach on this machine."),
    },
    "Models and data": {
        "observe": ("observe", "Store the observations of a video."),
        "synth": ("synth", "Make sets of a synthetic lifter with known ground truth."),
        "annotate": ("lab_annotate", "Mark stages and good reps in a window."),
        "dataset": ("lab_dataset", "Make a dataset from recordings."),
        "explore": ("lab_evaluate", "Plot the reps of a dataset, or how clips are recognised."),
        "train": ("lab_train", "Train the models of an exercise, and other networks."),
        "evaluate": ("lab_evaluate", "Judge a scorer on reps whose label is known."),
        "measure": ("lab_measure", "Measure how well livecoach counts and judges."),
    },
}
"""Section of the help → its commands, each with its module and its line in the help. Only the module of the command
that runs is imported."""


class SectionedGroup(click.Group):
    """A group whose help lists its commands in sections. It imports a command only when needed."""

    def __init__(self, *args: Any, sections: Mapping[str, Mapping[str, tuple[str, str]]], **kwargs: Any) -> None:
        """sections: title → name of a command → its module in `livecoach.cli` and its line in the help."""
        super().__init__(*args, **kwargs)
        self._sections = sections
        self._known = {name: about for of in sections.values() for name, about in of.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as click's
        """Return the names of all commands, in the order of the help."""
        return list(self._known)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - as click's
        """Return the command of that name, if any."""
        if cmd_name in self._known and cmd_name not in self.commands:
            module, _ = self._known[cmd_name]
            self.add_command(getattr(import_module(f"livecoach.cli.{module}"), cmd_name))
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the first argument names. Raises click.UsageError with the most similar name."""
        # click knows only the commands that were imported.
        close = difflib.get_close_matches(args[0], self._known, n=1)
        if args[0] not in self._known and close and not ctx.resilient_parsing:
            raise click.UsageError(f"No such command {args[0]!r}. Did you mean {close[0]!r}?", ctx)
        return super().resolve_command(ctx, args)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Return the shell's completions: commands, without importing them, and options."""
        commands = [CompletionItem(name, help=text) for name, (_, text) in self._known.items()]
        begun = [item for item in commands if item.value.startswith(incomplete)]
        return begun + click.Command.shell_complete(self, ctx, incomplete)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - as click's
        """Write the sections, with a line for each command."""
        # One width for the names of all sections, so that the texts stand below each other.
        widest = max(map(len, self._known))
        for title, commands in self._sections.items():
            with formatter.section(title):
                formatter.write_dl([(f"{name:<{widest}}", text) for name, (_, text) in commands.items()])


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

        with disk_awaited():
            recording.remove_leftovers(time.time())
            recording.close_truncated(say)
    if context.invoked_subcommand is None:
        from livecoach.cli.run import begin

        begin(context)


def _are_sessions_left_behind() -> bool:
    """Return whether a session was cut off. A folder that can't be read counts as no, because the commands that need it
    report it."""
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

    def command() -> Any:
        keep_strays_out()
        prepare_streams(native=debug)
        take_signals()
        # click returns the status of `ctx.exit`, or what the command returned.
        return cli.main(standalone_mode=False, prog_name="livecoach")

    try:
        sys.exit(status_of(command, debug=debug))
    finally:
        if not debug:  # errors that library objects raise while Python exits do not concern the user
            sys.unraisablehook = lambda _: None
