"""Checks whether a window can be opened. A child process tries it early, while the rest still loads.

A child, because without a display OpenCV's Qt does not raise but aborts the process. This module does not import
OpenCV, so that the child can start before any slow import.
"""

import os
import subprocess
import sys
from collections.abc import Mapping

_LIMIT_S = 10.0
"""The child needs 0.2 s here. A display that takes longer than this does not answer."""

_TRY = """
import cv2
cv2.namedWindow("livecoach", cv2.WINDOW_NORMAL)
cv2.destroyAllWindows()
"""


class Probe:
    """A probe in progress."""

    def __init__(self, child: "subprocess.Popen[str] | None", reason: str | None) -> None:
        self._child = child
        self._reason = reason

    def result(self) -> str | None:
        """Wait for the result: None if a window can be opened, otherwise one line that says why not."""
        if self._child is not None:
            self._reason = _outcome(self._child)
            self._child = None
        return self._reason


def start_probe(
    environment: Mapping[str, str] = os.environ, platform: str = sys.platform, attempt: str = _TRY
) -> Probe:
    """Start a probe; its `result()` waits for the outcome. It always succeeds off Linux, where OpenCV itself raises."""
    if not platform.startswith("linux"):
        return Probe(None, None)
    if not environment.get("DISPLAY"):
        return Probe(None, "no window: DISPLAY is not set")
    child = subprocess.Popen(
        [sys.executable, "-c", attempt],
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
    )
    return Probe(child, None)


def _outcome(child: "subprocess.Popen[str]") -> str | None:
    try:
        _, said = child.communicate(timeout=_LIMIT_S)
    except subprocess.TimeoutExpired:
        child.kill()
        child.communicate()
        return f"no window: the display did not answer within {_LIMIT_S:.0f} s"
    if child.returncode == 0:
        return None
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    # Qt names the cause in its first line; a Python error in its last.
    cause = (lines[-1] if lines[0].startswith("Traceback") else lines[0]) if lines else f"status {child.returncode}"
    return f"no window: {cause.rstrip('.')}"
