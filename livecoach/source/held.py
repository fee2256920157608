"""A recording whose last picture stays for a while, as if the camera went on and nobody moved."""

from dataclasses import replace

from livecoach.source import Source
from livecoach.types import Frame, SourceInfo

LONGEST_INTERVAL_S = 0.1
"""Longest time between two frames of the held picture: clocks in the picture count seconds. Our choice."""


class HeldSource:
    """Delivers another source, and then its last picture again and again, as new frames at the same rate."""

    def __init__(self, source: Source, stays_s: float) -> None:
        """Take over `source`, which `close` will close. stays_s: how long its last picture stays."""
        self._source = source
        self._stays_s = stays_s
        self._last: Frame | None = None
        self._interval_s = LONGEST_INTERVAL_S
        self._until_s: float | None = None
        """Time of the end; None while the source delivers frames of its own."""

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def read(self) -> Frame | None:
        """Read the next frame, or repeat the last one; None at the end. Raises as the source does."""
        frame = self._source.read() if self._until_s is None else None
        if frame is None:
            return self._again()
        if self._last is not None and frame.t_s > self._last.t_s:
            self._interval_s = min(frame.t_s - self._last.t_s, LONGEST_INTERVAL_S)
        self._last = frame
        return frame

    def close(self) -> None:
        self._source.close()

    def _again(self) -> Frame | None:
        last = self._last
        if last is None:
            return None
        if self._until_s is None:
            self._until_s = last.t_s + self._stays_s
        if last.t_s + self._interval_s > self._until_s:
            return None
        self._last = replace(last, index=last.index + 1, t_s=last.t_s + self._interval_s)
        return self._last
