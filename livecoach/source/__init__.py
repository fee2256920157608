"""Sources of frames: cameras, streams and files, behind one protocol.

Creating a source opens it, so that every object has its `info`. One thread reads the source and the same thread closes
it (OpenCV and PyAV crash if closed while another thread reads); only `paced.PacedSource.close` may be called from any
thread.
"""

from typing import Protocol, runtime_checkable

from livecoach.types import Frame, SourceInfo


class Source(Protocol):
    """Delivers frames one after the other."""

    @property
    def info(self) -> SourceInfo:
        """Properties of the source, which do not change while it is open."""

    def read(self) -> Frame | None:
        """Wait for the next frame and return it; None at the end of the source and ever after.

        Frame numbers rise; times never fall.

        Raises:
            SourceLost: a live source stopped; close it, and open it again after a while.
            SourceError: the source can't be read any further, and trying again will not help.
        """

    def close(self) -> None:
        """Release the device or file. May be called more than once."""


@runtime_checkable
class Pausable(Source, Protocol):
    """A source that can be paused; `pause` and `close` may be called from any thread."""

    def pause(self, paused: bool) -> None:
        """Stop delivering frames, or continue."""
