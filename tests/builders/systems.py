"""What some systems lack: tests say there what they can't look at."""

import os
import signal
import stat
from pathlib import Path

import pytest

END_SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
"""Signals that end a command: Ctrl-C first. Windows has no SIGHUP."""
posix_users = pytest.mark.skipif(os.name == "nt", reason="Windows has neither modes of files nor numbers of users")


def mode_of(path: Path) -> int:
    """Return the permission bits of a file or folder; on Windows, which has none, those of what is private."""
    if os.name == "nt":
        return 0o700 if path.is_dir() else 0o600
    return stat.S_IMODE(path.stat().st_mode)


def make_no_link(*_: object, **__: object) -> None:
    """Skip the test that makes a link."""
    pytest.skip("Windows lets only administrators make links")
