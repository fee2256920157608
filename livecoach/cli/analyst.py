"""Runs commands for `livecoach.batch` one after the other in a process, which has to start only once.

A line of standard input is a list of words, in JSON. A line of the answer is a list of the exit status and of the texts
on standard output and error. The process ends after a command that fails.
"""

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

from livecoach.cli import cli
from livecoach.cli.command_process import keep_strays_out, prepare_streams, status_of
from livecoach.run.process import obey_signals


def main() -> None:
    """Run the commands on standard input until it ends or a command fails."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Native libraries may write to standard output, which must hold only answers
    keep_strays_out()
    prepare_streams(native=False)
    obey_signals()
    for line in sys.stdin:
        status, out, err = _ran(json.loads(line))
        print(json.dumps([status, out, err]), file=answers, flush=True)
        if status:
            return


def _ran(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = status_of(lambda: cli.main(words, standalone_mode=False, prog_name="livecoach"))
        except SystemExit as end:
            status = int(end.code or 0)
        except Exception:  # A defect of livecoach must not affect other recordings
            traceback.print_exc()
            status = 1
    return status, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    main()
