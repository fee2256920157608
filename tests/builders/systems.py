"""What some systems lack: tests say there what they can't look at."""

import errno
import os
import signal
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[1]


def not_on_windows(reason: str) -> pytest.MarkDecorator:
    """Skip a test on Windows, with the reason."""
    return pytest.mark.skipif(sys.platform == "win32", reason=reason)


has_no_screen = not_on_windows("Windows always has a screen")
sends_ctrl_c = not_on_windows("Windows sends Ctrl-C to all processes of a console")
has_full_device = not_on_windows("Windows has no device that is full")
END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a command: Ctrl-C first. Windows has no SIGHUP."""


@contextmanager
def files_of_at_most(count: int) -> Iterator[None]:
    """No file may grow larger, as on a disk without room."""
    resource = pytest.importorskip("resource", reason="Windows limits no process' files")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (count, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def mode_of(path: Path) -> int:
    """Return the permission bits of a file or folder; on Windows, which has none, those of what is private."""
    if os.name == "nt":
        return 0o700 if path.is_dir() else 0o600
    return stat.S_IMODE(path.stat().st_mode)


def make_no_link(*_: object, **__: object) -> None:
    """Skip the test that makes a link. pytest itself, which links to its newest folder, gets an error."""
    callers = sys._getframe(1), sys._getframe(2)  # pathlib may be the first
    if any(Path(caller.f_code.co_filename).is_relative_to(TESTS) for caller in callers):
        pytest.skip("Windows lets only administrators make links")
    raise OSError(errno.EPERM, "links are for administrators")
