"""Waits for what another thread or process does."""

import subprocess
import time
from collections.abc import Callable

from builders.warm_process import WarmProcess

TIMEOUT_S = 120.0
"""Far more than a window takes to come, or a key to be taken, on a machine that is busy with other tests."""


def wait_until(
    done: Callable[[], object], what: str = "", process: "subprocess.Popen[str] | WarmProcess | None" = None
) -> None:
    """Look again until it is so; an AssertionError says what never was. process: has to go on meanwhile."""
    until = time.monotonic() + TIMEOUT_S
    while not done():
        assert time.monotonic() < until, f"it never was: {what}"
        assert process is None or process.poll() is None, "it ended"
        time.sleep(0.02)
