"""A run goes on where the window's library ends the process; a call that hangs has a limit."""

import subprocess
import sys

import pytest

from livecoach.config.paths import PACKAGE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="handlers of the C library")
SCRIPT = """
import contextlib, ctypes, sys
from livecoach.run.watchdog import WindowCalls

def turns():
    for turn in range(4):
        yield turn

def run(feed, call):
    for turn in feed:
        with call():
            if turn == 1:
                ctypes.CDLL(None).exit(1)  # as Qt does it
        print(turn, flush=True)

feed, calls = turns(), WindowCalls(contextlib.nullcontext)

def rest():
    run(feed, contextlib.nullcontext)
    {end}

{before}
run(feed, calls.guarded)
"""


def ran(end: str, before: str = "calls.rest = rest") -> "subprocess.CompletedProcess[str]":
    script = SCRIPT.format(end=end, before=before)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60, check=False
    )


def test_what_is_left_of_a_run_is_done():
    """From the next turn on; the status is that of the run."""
    done = ran("return 0")
    assert (done.returncode, done.stdout.split(), done.stderr) == (0, ["0", "2", "3"], "")


def test_a_signal_ends_what_is_left():
    """With its status."""
    assert ran("sys.exit(143)").returncode == 143


def test_before_a_run_begins_there_is_nothing_to_go_on_with():
    """Whoever armed a handler before is asked."""
    done = ran("return 0", before="")
    assert (done.returncode, done.stdout.split()) == (1, ["0"])
