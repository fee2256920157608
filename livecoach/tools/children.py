"""Child processes that are sure to end."""

import subprocess
from typing import Any

GRACE_S = 3.0
"""How long a child that was asked to end may take, before it is killed."""


def end(child: "subprocess.Popen[Any]") -> None:
    """Ask a child to end if it has not, kill it if it does not, and let go of its pipes."""
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
