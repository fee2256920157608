"""Adds events to a file of a finished session."""

import os
from pathlib import Path

from livecoach import documents
from livecoach.documents import Event


class EventAppender:
    """A file of events, open for appending. Use it in a `with`."""

    def __init__(self, path: Path) -> None:
        """Open the file, for its owner alone where it is new. Raises OSError where nothing can be appended."""
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOFOLLOW", 0)
        self._handle = os.open(path, flags, 0o600)

    def __enter__(self) -> "EventAppender":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._handle)

    def add(self, event: Event) -> None:
        """Append an event and flush it to the disk. A truncated last line stays and damages no other.

        Raises OSError.
        """
        line = documents.to_json(event).encode() + b"\n"
        length = os.fstat(self._handle).st_size
        if length:
            os.lseek(self._handle, length - 1, os.SEEK_SET)
            if os.read(self._handle, 1) != b"\n":
                line = b"\n" + line
        while line:
            line = line[os.write(self._handle, line) :]
        os.fsync(self._handle)
