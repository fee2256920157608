"""Runs commands for `livecoach.batch` one after the other in a process, which has to start only once.

A line of standard input is a list of words, in JSON. The answer is lines with the share that is done, from 0 to 1, and
then a list of the exit status and of the texts on standard output and error. After each share the command waits for an
empty line, so that the parent process can pause it. The process ends after a command that fails. Its priority is low,
because a set may be lifted meanwhile.
"""

import gc
import io
import json
import os
import signal
import sys
import time
from contextlib import redirect_stderr, redirect_stdout

from livecoach.cli import cli, progress
from livecoach.cli.command_process import call_command, ignore_local_modules, prepare_streams
from livecoach.core.own_process import lower_priority
from livecoach.run.process import handle_signals

SHARES_EVERY_S = 0.5  # Least time between two shares, in seconds. Our choice.


def main() -> None:
    """Run the commands on standard input until the input ends or a command fails."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Native libraries may write to standard output, which must hold only answers
    ignore_local_modules()
    prepare_streams(native=False)
    signal.signal(signal.SIGINT, signal.default_int_handler)  # Jobs of a shell may ignore it; the parent sends it
    handle_signals()
    lower_priority()
    due_s = 0.0

    def show(share: float) -> None:
        nonlocal due_s
        if time.monotonic() >= due_s:
            due_s = time.monotonic() + SHARES_EVERY_S
            print(share, file=answers, flush=True)
            sys.stdin.readline()

    progress.watch = show
    for line in sys.stdin:
        status, out, err = _run_command(json.loads(line))
        print(json.dumps([status, out, err]), file=answers, flush=True)
        if status:
            return


def _run_command(words: list[str]) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        try:
            status = call_command(lambda: cli.main(words, standalone_mode=False, prog_name="livecoach"))
        except SystemExit as end:
            status = int(end.code or 0)
    gc.collect()  # The imports of the next command would otherwise freeze this command's pictures for good
    return status, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    main()
