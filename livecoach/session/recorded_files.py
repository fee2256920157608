"""The files that a recording appends to. What does not fit on the disk leaves no trace in them."""

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from livecoach.session import layout

SYNC_EVERY_S = 1.0
"""Time that a power failure may lose, in seconds."""
_SYNC = getattr(os, "fdatasync", os.fsync)
"""Flushes content and length of a file; its timestamps need not reach the disk."""


def is_full(err: OSError) -> bool:
    """Return whether an error says that there is no room on the disk, or none for this user."""
    return err.errno in {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class RecordedFiles:
    """Files of one folder, each open for one writer. Every method raises OSError."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, BinaryIO] = {}
        self._lengths: dict[str, int] = {}
        self._synced_s: dict[str, float] = {}

    def __bool__(self) -> bool:
        """Return whether any file is open."""
        return bool(self._files)

    def create(self, name: str) -> BinaryIO:
        """Create a file, and return it for those who write to it themselves."""
        self._files[name] = layout.create(self._folder / name)
        self._lengths[name] = 0
        layout.sync_names(self._folder)
        return self._files[name]

    def append(self, contents: dict[str, bytes]) -> None:
        """Append to files, which are created where they are missing: all of the contents, or nothing."""
        try:
            for name, content in contents.items():
                if name not in self._files:  # most sessions have no correction
                    self.create(name)
                _write_all(self._files[name], content)
        except OSError:
            for name in contents.keys() & self._files.keys():
                with suppress(OSError):  # a damaged end harms less than an error in its place
                    os.ftruncate(self._files[name].fileno(), self._lengths[name])
                    self._files[name].seek(self._lengths[name])
            raise
        for name, content in contents.items():
            self._lengths[name] += len(content)

    def sync_one(self, now_s: float) -> None:
        """Flush one file, if one is due: each flush may take a while, and pictures wait meanwhile."""
        for name, file in self._files.items():
            if now_s - self._synced_s.get(name, now_s) >= SYNC_EVERY_S:
                self._synced_s[name] = now_s
                _SYNC(file.fileno())
                return
            self._synced_s.setdefault(name, now_s)

    def sync_all(self) -> None:
        """Flush all files."""
        for file in self._files.values():
            _SYNC(file.fileno())

    def close(self) -> None:
        """Close the files. What could not be written before can't be written now."""
        files, self._files = self._files, {}
        for file in files.values():
            file.close()


def _write_all(file: BinaryIO, content: bytes) -> None:
    """Write all of `content`: an unbuffered file may accept only a part at a time."""
    while content:
        content = content[file.write(content) :]
