"""Ends child processes reliably."""

import subprocess
from typing import Any

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
