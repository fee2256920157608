"""No message of ours is lost, whatever native libraries and redirections do to file descriptor 2."""

import subprocess
import sys

MESSAGES = """
import os, sys
from livecoach.cli.streams import prepare_streams
prepare_streams(native={native})
os.write(2, b"INFO: a library speaks\\n")
null = os.open(os.devnull, os.O_WRONLY)
os.dup2(null, 2)  # as sounddevice does while it looks for devices
print("where the session lies", file=sys.stderr)
"""


def said(native: bool) -> str:
    return subprocess.run(
        [sys.executable, "-c", MESSAGES.format(native=native)], capture_output=True, text=True, check=True
    ).stderr


def test_a_redirected_descriptor_takes_no_message_along() -> None:
    """Standard error holds the message, and nothing of the library."""
    assert said(native=False) == "where the session lies\n"


def test_with_debug_libraries_are_heard() -> None:
    """They may tell why a process ends."""
    assert said(native=True).startswith("INFO: a library speaks\n")
