"""The parent's side of what bench measures: a run in a child, and a start of the command that users give."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from typing import TextIO

from livecoach.errors import OutputError
from livecoach.tools.bench_figures import Value, not_measured, percentile
from livecoach.tools.bench_trace import Request, Trace, to_json, trace_from
from livecoach.tools.children import end
from livecoach.tools.null_sink import Recording
from livecoach.tools.virtual_screen import VirtualScreen

GRACE_S = 60.0
"""A child may take so much longer than its run, for loading, before it is given up."""
FIRST_PICTURE_S = 30.0
"""Longest wait for a first picture."""
LOOK_S = 0.005
BLANK_S = 5.0
"""Longest wait for a picture to go with its program."""


class _NoPictureError(Exception):
    """Why a start showed none."""


def run_child(request: Request, env: Mapping[str, str], recording: Recording | None) -> Trace:
    """Let a child run, and return its trace. Raises OutputError with what the child said where it fails."""
    command = [sys.executable, "-m", "livecoach.tools.bench_run", to_json(request)]
    give_up_s = time.monotonic() + request.seconds + GRACE_S
    with tempfile.TemporaryFile("w+", encoding="utf-8", errors="replace") as said:
        child = subprocess.Popen(
            command, env=dict(env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=said, text=True
        )
        try:
            told = _answer(child, give_up_s, recording)
        finally:
            end(child)
        if child.returncode or not told:
            raise OutputError(_last_line(said) or f"the measured run ended with status {child.returncode}")
    return trace_from(told)


def _answer(child: "subprocess.Popen[str]", give_up_s: float, recording: Recording | None) -> str:
    while True:
        try:
            return child.communicate(timeout=1.0)[0]
        except subprocess.TimeoutExpired:
            if time.monotonic() > give_up_s:
                return ""
        if recording is not None:
            recording.wait(0.02)  # ties the recording to the clock, at a fiftieth of the time


def _last_line(said: TextIO) -> str | None:
    said.seek(0)
    lines = [line.strip() for line in said if line.strip()]
    return lines[-1] if lines else None


def first_picture(screen: VirtualScreen | None, env: Mapping[str, str], starts: int) -> Value:
    """From giving the command `livecoach demo` until its picture is in the X server's frame buffer, median of a few."""
    if screen is None:
        return not_measured("it is looked for on a virtual screen, and Xvfb is not installed")
    try:
        took_s = [_one_start(screen, {**env, "DISPLAY": screen.display}) for _ in range(starts)]
    except _NoPictureError as err:
        return not_measured(str(err))
    spread = f", {min(took_s):.2f} … {max(took_s):.2f} s" if starts > 1 else ""
    many = f"median of {starts} starts" if starts > 1 else "one start"
    return Value(value=percentile(took_s, 50), note=f"{many}{spread}, with its files in the system's cache")


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
        raise _NoPictureError(f"no picture in {time.monotonic() - began_s:.0f} s; it said: {_last_line(said)}")


def _wait_blank(screen: VirtualScreen) -> None:
    """The next start must not find this one's picture."""
    give_up_s = time.monotonic() + BLANK_S
    while screen.shows_picture():
        if time.monotonic() > give_up_s:
            raise OutputError("the virtual screen keeps a picture of a program that has ended; try again")
        time.sleep(LOOK_S)
