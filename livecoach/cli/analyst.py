"""A process that runs one command after the other for `livecoach.batch`, which so pays for one start alone.

A line of standard input is a list of words, in JSON; a line of the answer is a list of the exit status and of what the
command wrote on standard output and error. A command that fails is the last one.
"""

import io
import json
import os
import sys
import traceback
from contextlib import redirect_stderr, redirect_stdout

from livecoach.cli import cli
from livecoach.cli.process import keep_strays_out, prepare_streams, status_of
from livecoach.run.process import obey_signals


def main() -> None:
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what native libraries write there is no answer
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
        except Exception:  # a defect of livecoach, which costs this recording alone
            traceback.print_exc()
            status = 1
    return status, out.getvalue(), err.getvalue()


if __name__ == "__main__":
    main()
