"""A file shown at the pace of its own timestamps, as if it were live."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from livecoach.source import Source
from livecoach.types import Frame, SourceInfo

# Longest single sleep: how late a pause, its end, or close() may be noticed while a frame is not yet due. Our choice.
_NOTICE_S = 0.05


class PacedSource:
    """Gives each frame of another source when it is due, `speed` times as fast as it was recorded.

    The first frame is due at once. A frame that is read late is given at once; those after it keep their own times,
    so that a delay is made up for. `captured_s` is the clock when the frame is given.
    """

    def __init__(
        self,
        source: Source,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
    ) -> None:
        """Take over `source`: closing this closes it.

        Raises:
            ValueError: the speed is not above 0.
        """
        if not speed > 0:
            raise ValueError(f"speed: expected more than 0, got {speed}")
        self._source = source
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._started_s: float | None = None
        """Reading of the clock at which time 0 of the source was due; moved on by each pause."""
        self._paused = threading.Event()
        self._closed = threading.Event()
        self._in_use = threading.Lock()
        """Held while the other source is read or closed: a file must not be closed while it is read."""

    @property
    def info(self) -> SourceInfo:
        return self._source.info

    def read(self) -> Frame | None:
        """Wait until the next frame is due; None at the end, or as soon as this was closed."""
        frame = self._read_now()
        if frame is None or not self._wait_until_due(frame.t_s):
            return None
        return replace(frame, captured_s=self._clock())

    def pause(self, paused: bool) -> None:
        """Hold the frames back, or let them come again; from any thread."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def close(self) -> None:
        """End it, and wake who is waiting in `read`; from any thread."""
        self._closed.set()
        self._close_if_free()

    def _read_now(self) -> Frame | None:
        with self._in_use:
            frame = None if self._closed.is_set() else self._source.read()
        # close() leaves the closing to us if it came while we were reading.
        if self._closed.is_set():
            self._close_if_free()
            return None
        return frame

    def _close_if_free(self) -> None:
        if self._in_use.acquire(blocking=False):
            try:
                self._source.close()
            finally:
                self._in_use.release()

    def _wait_until_due(self, t_s: float) -> bool:
        """Sleep until the frame is due; False if this was closed meanwhile."""
        if self._started_s is None:
            self._started_s = self._clock() - t_s / self._speed
        while not self._closed.is_set():
            if self._paused.is_set():
                self._sit_out_pause()
                continue
            left_s = self._started_s + t_s / self._speed - self._clock()
            if left_s <= 0:
                return True
            self._sleep(min(left_s, _NOTICE_S))
        return False

    def _sit_out_pause(self) -> None:
        began_s = self._clock()
        while self._paused.is_set() and not self._closed.is_set():
            self._sleep(_NOTICE_S)
        if self._started_s is not None:
            self._started_s += self._clock() - began_s
