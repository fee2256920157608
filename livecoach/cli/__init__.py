"""The command line. `main` is the entry point: it turns errors into one line and an exit status."""

import os
import sys
import traceback

import click

from livecoach import __version__
from livecoach.errors import LivecoachError

INTERRUPTED = 130


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="livecoach")
@click.option("--debug", is_flag=True, help="Show where an error comes from.")
def cli(debug: bool) -> None:
    """Watch a lifter's set, count the reps, and say when one is unlike good ones. Nothing leaves the device."""


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 not understood, 130 interrupted."""
    from livecoach.cli import batch, facts, run

    for command in (*run.COMMANDS, *batch.COMMANDS, *facts.COMMANDS):
        cli.add_command(command)
    sys.exit(_status("--debug" in sys.argv[1:2]))


def _status(debug: bool) -> int:
    try:
        # click gives back the status of `ctx.exit`, or what the command returned.
        return cli.main(standalone_mode=False, prog_name="livecoach") or 0
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output has gone; Python would complain once more while it exits.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except LivecoachError as err:
        if debug:
            traceback.print_exc()
        click.echo(f"livecoach: {err}", err=True)
        return err.exit_code
