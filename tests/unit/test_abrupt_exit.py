"""A library that ends the process does not end it before the session is finished."""

import subprocess
import sys

import pytest

from livecoach.config.paths import PACKAGE

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="handlers of the C library")
SCRIPT = """
import ctypes, os
from livecoach.run.watchdog import on_abrupt_exit

def ended():
    print("finished", flush=True)
    os._exit(3)

with on_abrupt_exit(ended):
    {inside}
{after}
print("went on", flush=True)
"""
EXIT = "ctypes.CDLL(None).exit(1)"


def ran(inside: str, after: str = "") -> "subprocess.CompletedProcess[str]":
    script = SCRIPT.format(inside=inside, after=after)
    return subprocess.run(
        [sys.executable, "-c", script], cwd=PACKAGE.parent, capture_output=True, text=True, timeout=60, check=False
    )


def test_what_a_library_ends_is_finished_first():
    done = ran(EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (3, "finished\n", "")


def test_the_usual_end_calls_nothing():
    done = ran("pass")
    assert (done.returncode, done.stdout, done.stderr) == (0, "went on\n", "")


def test_an_exit_after_the_block_is_nobodys():
    done = ran("pass", EXIT)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "")


def test_an_error_passes():
    done = ran("raise ValueError('mine')")
    assert done.returncode == 1
    assert done.stderr.endswith("ValueError: mine\n")
