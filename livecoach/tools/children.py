"""Child processes that measure: they answer in JSON, and are ended reliably."""

import dataclasses
import json
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from livecoach.errors import LivecoachError

GRACE_S = 3.0
"""Grace period after terminating a child, before it is killed."""


def end(child: "subprocess.Popen[Any]") -> None:
    """Terminate a child that is still running, kill it if it does not end, and close its pipes."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in (child.stdin, child.stdout, child.stderr):
        if pipe is not None:
            pipe.close()


def answer(measure: Callable[[], Any]) -> None:
    """Measure in a child, and print the dataclass that comes of it as JSON; exit with the status and the line of a
    LivecoachError."""
    try:
        measured = measure()
    except LivecoachError as err:
        print(str(err), file=sys.stderr)
        sys.exit(err.exit_code)
    print(json.dumps(dataclasses.asdict(measured)))
