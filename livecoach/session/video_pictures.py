"""Reads the pictures of a session's video by time, in any order; forward is fastest."""

from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from livecoach.errors import SourceError
from livecoach.session.fragmented_video import TICKS_PER_S
from livecoach.source.container import open_container, picture_stream
from livecoach.source.opencv import av

LARGEST_SIDE_PX = 4096
"""Longest side of a session's pictures: cameras have up to 3840 px. A picture of 8K takes half a second. Our choice."""
HOLD_S = 0.5
"""How long a picture stands in for pictures that were left out of the video after it. Our choice."""
FAR_S = 2.0
"""Distance in seconds from which seeking to a key frame is faster than decoding everything in between."""


class SessionPictures:
    """One open video. Use it from one thread."""

    def __init__(self, path: Path) -> None:
        """Open the video. Raises SourceError where it can't be read."""
        self._path = path
        self._container = open_container(path)
        try:
            self._stream = picture_stream(self._container, path)
            self._check_size()
            self._stream.thread_type = "AUTO"  # several pictures at once: a report of 4K takes half as long
        except SourceError:
            self._container.close()
            raise
        self._frames = self._decoded()
        self._shown: tuple[int, av.VideoFrame] | None = None
        self._next: tuple[int, av.VideoFrame] | None = None

    def _check_size(self) -> None:
        """Raise SourceError for pictures so large that a report would take minutes."""
        width_px, height_px = self._stream.width, self._stream.height
        if max(width_px, height_px) > LARGEST_SIDE_PX:
            raise SourceError(
                f"{self._path}: its pictures have {width_px}×{height_px} pixels; no session has more than "
                f"{LARGEST_SIDE_PX} a side."
            )

    def at(self, t_s: float) -> np.ndarray | None:
        """Return the picture at a time, or the last one before it, as (height, width, 3) uint8 BGR; None where that is
        too old."""
        tick = round(t_s * TICKS_PER_S)
        if self._is_far(tick):
            self._seek(tick)
        if self._next is None:
            self._next = next(self._frames, None)
        while self._next is not None and self._next[0] <= tick:
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None or not 0 <= tick - self._shown[0] <= HOLD_S * TICKS_PER_S:
            return None
        return self._shown[1].to_ndarray(format="bgr24")

    def each(self) -> Iterator[tuple[float, np.ndarray]]:
        """Yield all pictures in order with their times in seconds. Damaged pictures are left out."""
        for tick, frame in self._decoded():
            yield tick / TICKS_PER_S, frame.to_ndarray(format="bgr24")

    def close(self) -> None:
        """Close the file."""
        self._frames.close()
        self._container.close()

    def _is_far(self, tick: int) -> bool:
        if self._shown is None:
            return tick > FAR_S * TICKS_PER_S
        return tick < self._shown[0] or tick > self._shown[0] + FAR_S * TICKS_PER_S

    def _seek(self, tick: int) -> None:
        base = self._stream.time_base or 1 / TICKS_PER_S
        try:
            self._container.seek(int(tick / TICKS_PER_S / base), stream=self._stream, backward=True)
        except av.FFmpegError as err:
            raise SourceError(f"{self._path}: seeking to {tick / TICKS_PER_S:.1f} s failed ({err}).") from err
        self._frames.close()
        self._frames = self._decoded()
        self._shown = self._next = None

    def _decoded(self) -> "Generator[tuple[int, av.VideoFrame], None, None]":
        """Yield frames with their ticks. Damaged frames are left out."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    continue
                for frame in frames:
                    fits = max(frame.width, frame.height) <= LARGEST_SIDE_PX
                    if fits and frame.pts is not None and frame.time_base is not None:
                        yield round(frame.pts * frame.time_base * TICKS_PER_S), frame
        except av.FFmpegError:
            return
