"""Where frames come from: cameras, streams, files; all look the same to who reads them.

A source is opened by being made: once there is an object, its `info` is known. One thread reads it and the same
thread closes it (OpenCV and PyAV crash if closed while another thread reads); `paced.PacedSource.close` alone may
be called from anywhere.
"""

from typing import Protocol, runtime_checkable

from livecoach.types import Frame, SourceInfo


class Source(Protocol):
    """Gives frames one after the other."""

    @property
    def info(self) -> SourceInfo:
        """What is known of the source; does not change while it is open."""

    def read(self) -> Frame | None:
        """Wait for the next frame and return it; None at the end of the source, and from then on.

        Frame numbers rise, times never fall.

        Raises:
            SourceLost: a live source stopped; close it, and open it again after a while.
            SourceError: the source can't be read any further, and trying again will not help.
        """

    def close(self) -> None:
        """Let the device or file go. May be called more than once."""


@runtime_checkable
class Pausable(Source, Protocol):
    """A source that can be made to wait; `pause` and `close` may be called from any thread."""

    def pause(self, paused: bool) -> None:
        """Hold the frames back, or let them come again."""
