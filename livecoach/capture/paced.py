"""Plays a file like a live source, at the pace of its timestamps."""

import threading
import time
from collections.abc import Callable
from dataclasses import replace

from livecoach.capture import Source
from livecoach.core.types import Frame, SourceInfo

# Longest single sleep, and so the longest delay until a pause, its end, or close() takes effect. Our choice.
_NOTICE_S = 0.05
LONGEST_INTERVAL_S = 0.1  # longest time until the last picture is repeated, so that clocks on the screen count on


class PacedSource:
    """Delivers each frame of another source when the frame is due, `speed` times as fast as it was recorded.

    The first frame is due at once. A frame that is read late is delivered at once. The frames after a late frame keep
    their times, which makes up for the delay. `captured_s` is the clock reading at delivery. At the end, the last
    picture can be repeated for a while, as new frames at the source's rate or at 10 frames/s, whichever is higher.
    """

    def __init__(
        self,
        source: Source,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], object] = time.sleep,
        *,
        stays_s: float = 0.0,
    ) -> None:
        """Take over a source, which `close` will close.

        Args:
            speed: Speed of playing, above 0; 1 is the recorded speed.
            stays_s: Time in seconds of the recording for which the last picture is repeated at the end.
        """
        self._source, self._stays_s = source, stays_s
        self.info: SourceInfo = source.info
        self._speed = speed
        self._clock = clock
        self._sleep = sleep
        self._started_s: float | None = None
        """Clock reading at which time 0 of the source was due. Each pause delays it."""
        self._paused = threading.Event()
        self._closed = threading.Event()
        self._in_use = threading.Lock()
        """Held while `_source` is read or closed: a file must not be closed while it is read."""
        self._last: Frame | None = None
        self._interval_s = LONGEST_INTERVAL_S
        self._until_s: float | None = None  # time of the end; None while the source delivers frames of its own

    def read(self) -> Frame | None:
        """Wait until the next frame is due, and return the frame; None at the end of the source and after `close`."""
        frame = self._read_now()
        if frame is None or not self._wait_until_due(frame.t_s):
            return None
        return replace(frame, captured_s=self._clock())

    def pause(self, paused: bool) -> None:
        """Stop delivering frames if `paused` is true, or continue. Any thread may call this method."""
        if paused:
            self._paused.set()
        else:
            self._paused.clear()

    def close(self) -> None:
        """Close the source, and end a `read` that waits. Any thread may call this method.

        If another thread is reading the source, that thread closes the source after the read.
        """
        self._closed.set()
        self._close_if_free()

    def _read_now(self) -> Frame | None:
        with self._in_use:
            frame = None if self._closed.is_set() else self._next()
        # A close() during the read left the closing to this thread.
        if self._closed.is_set():
            self._close_if_free()
            return None
        return frame

    def _next(self) -> Frame | None:
        frame = self._source.read() if self._until_s is None else None
        if frame is None:
            return self._again()
        if self._last is not None and frame.t_s > self._last.t_s:
            self._interval_s = min(frame.t_s - self._last.t_s, LONGEST_INTERVAL_S)
        self._last = frame
        return frame

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

    def _close_if_free(self) -> None:
        if self._in_use.acquire(blocking=False):
            try:
                self._source.close()
            finally:
                self._in_use.release()

    def _wait_until_due(self, t_s: float) -> bool:
        """Sleep until the frame of a time is due. Return False if the source was closed meanwhile."""
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
