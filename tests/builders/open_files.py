"""Refuses to move or delete a file that this process has open, as Windows does, so that a fault is seen on Linux."""

import errno
import functools
import os
import stat
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Any

OPEN = "/proc/self/fd"
"""Links to the open files of this process; only Linux has it."""
refuses = True
"""Whether they are refused; not in a test of what only other systems allow."""
CHANGES = ("rename", "replace", "unlink", "remove")
"""Functions of `os` that move or delete what their first argument names."""


def refuse_to_move_open_files() -> None:
    """Let these functions of `os` raise PermissionError from now on, where they would on Windows.

    Wine refuses it by itself, and shows /proc of the Linux below, but as another process'.
    """
    if sys.platform == "linux":
        for name in CHANGES:
            setattr(os, name, _guarded(getattr(os, name)))


def _guarded(change: Callable[..., None]) -> Callable[..., None]:
    @functools.wraps(change)
    def guarded(path: Any, *others: Any, **named: Any) -> None:
        """Refuse what Windows refuses: an open file, also as the target, and a folder with an open file in it."""
        if not refuses:
            change(path, *others, **named)
            return
        folder = named.get("src_dir_fd", named.get("dir_fd"))
        above = "" if folder is None else os.readlink(f"{OPEN}/{folder}")
        for place in (path, *others):
            name = os.path.join(above, os.path.abspath(os.fsdecode(place)) if not above else os.fsdecode(place))
            held = _open_file(name)
            if held is not None:
                raise PermissionError(errno.EACCES, f"{held} is open, and Windows would refuse this", name)
        change(path, *others, **named)

    return guarded


def _open_file(name: str) -> str | None:
    """Return the path of the open file of this name, or of an open file in the folder of this name; None without one.

    Folders, pipes, files that are deleted already, and shared memory, right in /dev/shm, are no such files.
    """
    for number in os.listdir(OPEN):
        with suppress(OSError):
            file = os.readlink(f"{OPEN}/{number}")
            is_held = (file == name or file.startswith(f"{name}{os.sep}")) and os.path.dirname(file) != "/dev/shm"
            if is_held and stat.S_ISREG(os.stat(file).st_mode):
                return file
    return None
