"""The exit status of what livecoach did, and what is said of an error."""

import errno
import traceback
from collections.abc import Callable
from typing import Any

import click

from livecoach.cli.output import echo, leave_stdout
from livecoach.cli.signals import INTERRUPTED
from livecoach.errors import LivecoachError, OutputError

_UNWRITTEN = {errno.ENOSPC, errno.EFBIG, errno.EIO, getattr(errno, "EDQUOT", errno.ENOSPC)}
"""What a file that standard output leads to says where it takes no more, and a terminal that is gone."""


def status_of(done: Callable[[], Any], *, debug: bool = False) -> int:
    """Do it, and return the exit status: what it returns, or that of the error, which is said in one line.

    debug: whether to show the traceback of an error.
    """
    try:
        return done() or 0
    except click.ClickException as err:
        err.show()
        return err.exit_code
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        leave_stdout()  # the reader is gone
        return 0
    except OSError as err:
        if err.errno not in _UNWRITTEN:
            raise
        leave_stdout()
        click.echo(f"livecoach: standard output: can't be written ({err.strerror}). Free some space.", err=True)
        return OutputError.exit_code
    except LivecoachError as err:
        if debug:
            traceback.print_exc()
        echo(f"livecoach: {err}", err=True)
        return err.exit_code
