"""The parent's side of the benchmark: runs a measured child, and times the start of `livecoach demo`."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import TextIO

from livecoach.errors import OutputError
from livecoach.tools.bench_figures import MeasuredValue, not_measured, percentile
from livecoach.tools.bench_trace import RunRequest, Trace, to_json, trace_from
from livecoach.tools.children import end
from livecoach.tools.null_sink import MonitorRecording
from livecoach.tools.virtual_screen import VirtualScreen

GRACE_S = 60.0
"""Time for loading on top of the run, after which a child is stopped."""
FIRST_PICTURE_S = 30.0
"""Longest wait for a first picture."""
LOOK_S = 0.005
BLANK_S = 5.0
"""Longest wait for a picture to disappear after its program has ended."""


class _NoPictureError(Exception):
    """A start showed no picture; the message says why."""


def run_child(
    request: RunRequest, env: Mapping[str, str], recording: MonitorRecording | None, code: Path | None = None
) -> Trace:
    """Run a child and return its trace. Raises OutputError with the child's message if it fails.

    code: its working folder, which Python imports from first; None for this one.
    """
    command = [sys.executable, "-m", "livecoach.tools.bench_run", to_json(request)]
    give_up_s = time.monotonic() + request.seconds + GRACE_S
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=code,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=said,
            text=True,
        )
        try:
            answer = _answer(child, give_up_s, recording)
        finally:
            end(child)
        if child.returncode or not answer:
            raise OutputError(_last_line(said) or f"the measured run ended with status {child.returncode}")
    try:
        return trace_from(answer)
    except ValueError as err:
        raise OutputError(f"{code or 'the measured run'}: its figures are of another kind than this bench's.") from err


def _answer(child: "subprocess.Popen[str]", give_up_s: float, recording: MonitorRecording | None) -> str:
    while True:
        try:
            return child.communicate(timeout=1.0)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > give_up_s:
                return ""
        if recording is not None:
            recording.wait(0.02)  # aligns the recording with the clock, at 2 % of the time


def _last_line(said: TextIO) -> str | None:
    said.seek(0)
    lines = [line.strip() for line in said if line.strip()]
    return lines[-1] if lines else None


def first_picture(screen: VirtualScreen | None, env: Mapping[str, str], starts: int) -> MeasuredValue:
    """Measure the time from running `livecoach demo` to its picture in the X server's frame buffer, as a median."""
    if screen is None:
        return not_measured("this needs a virtual screen, and Xvfb is not installed")
    try:
        took_s = [_one_start(screen, {**env, "DISPLAY": screen.display}) for _ in range(starts)]
    except _NoPictureError as err:
        return not_measured(str(err))
    spread = f", {min(took_s):.2f} … {max(took_s):.2f} s" if starts > 1 else ""
    many = f"median of {starts} starts" if starts > 1 else "one start"
    return MeasuredValue(value=percentile(took_s, 50), note=f"{many}{spread}, with its files in the system cache")


def _one_start(screen: VirtualScreen, env: dict[str, str]) -> float:
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        began_s = time.monotonic()
        child = subprocess.Popen(
            [sys.executable, "-m", "livecoach", "demo"],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=said,
        )
        try:
            while child.poll() is None and time.monotonic() - began_s < FIRST_PICTURE_S:
                if screen.shows_picture():
                    return time.monotonic() - began_s
                time.sleep(LOOK_S)
        finally:
            end(child)
            _wait_blank(screen)
        raise _NoPictureError(f"no picture in {time.monotonic() - began_s:.0f} s; its last message: {_last_line(said)}")


def _wait_blank(screen: VirtualScreen) -> None:
    """Wait until the screen is blank, so that the next start does not see this one's picture."""
    give_up_s = time.monotonic() + BLANK_S
    while screen.shows_picture():
        if time.monotonic() > give_up_s:
            raise OutputError("the virtual screen still shows a program that has ended. Run the benchmark again.")
        time.sleep(LOOK_S)
