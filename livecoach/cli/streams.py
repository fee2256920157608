"""The standard streams: any character can be written, and no message is lost among those of libraries."""

import io
import os
import sys
from contextlib import suppress


def prepare_streams(*, native: bool) -> None:
    """Make the streams ready, before any other thread runs. native: show what native libraries say."""
    write_anything()
    if not native:
        leave_native_messages()


def write_anything() -> None:
    """Replace characters that the terminal's encoding lacks; write UTF-8 where the output is not a terminal."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="replace")


def leave_native_messages() -> None:
    """Let Python write to a duplicate of standard error, and discard what comes by file descriptor 2 itself.

    MediaPipe, LiteRT, PortAudio and Xlib write there what does not concern the lifter, and can't be told not to. A
    descriptor belongs to the whole process: redirecting it for a while would discard what other threads say meanwhile,
    as sounddevice does each time it looks for devices.
    """
    own = sys.stderr
    with suppress(OSError, ValueError):  # it is closed, or no file
        if own.fileno() != 2:
            return
        own.flush()
        kept = os.dup(2)
        sys.stderr = io.TextIOWrapper(
            io.FileIO(kept, "w"), encoding=own.encoding, errors=own.errors, line_buffering=True, write_through=True
        )
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.close(null)
