"""A video that stays readable however writing ends: H.264 in fragments, with each frame at its own time.

`session.video` writes the other kind: a file that appears only when it is complete.
"""

from fractions import Fraction
from typing import BinaryIO

import numpy as np

from livecoach.source.opencv import av, cv2

SMALLEST_PX = 16
"""Shortest side that H.264 can have."""
TICKS_PER_S = 1_000_000
"""Resolution of the video's clock: a frame's time is restored to the microsecond."""
FRAGMENT_US = 250_000
"""Length of a fragment, and the most that a kill can lose; 200 and 500 ms were measured."""
GOP_S = 1.0
"""Time between key frames, and so the most that a seek must decode."""
CRF = 25
PRESET = "superfast"
"""docs/sessions.md states the file size and the CPU time that these settings need."""
MOST_BITS_PER_PX_S = 6.0
"""1.8 Mbit/s at 640×480, 14 MB a minute. A moving camera would need more."""


class FragmentedVideo:
    """Encodes BGR pictures into an open file. Use it from one thread. Every method raises OSError, for example when the
    disk is full."""

    def __init__(self, file: BinaryIO, width_px: int, height_px: int, fps: float) -> None:
        """Open the encoder.

        file: unbuffered, so that each complete fragment reaches the operating system; the caller closes it. fps:
        approximate number of pictures a second. Raises ValueError for pictures that are too small.
        """
        if min(width_px, height_px) < SMALLEST_PX:
            raise ValueError(f"pictures of {width_px} × {height_px} pixels can't be encoded")
        self._size_px = width_px, height_px
        self._last = -1
        self._container = av.open(
            file,
            "w",
            format="mp4",
            options={
                "movflags": "empty_moov+default_base_moof+frag_discont+skip_trailer",
                "frag_duration": str(FRAGMENT_US),
                "flush_packets": "1",
                "avoid_negative_ts": "disabled",  # otherwise the first frame moves to 0
            },
        )
        most_kbits_s = max(1, round(MOST_BITS_PER_PX_S * width_px * height_px / 1000))
        stream = self._container.add_stream(
            "libx264",
            rate=Fraction(fps).limit_denominator(1001),
            options={
                "crf": str(CRF),
                "preset": PRESET,
                "tune": "zerolatency",
                "g": str(max(1, round(GOP_S * fps))),
                "x264-params": f"vbv-maxrate={most_kbits_s}:vbv-bufsize={2 * most_kbits_s}",
            },
        )
        # H.264 halves the resolution of colours, so an odd last row or column is left out.
        stream.width, stream.height, stream.pix_fmt = width_px // 2 * 2, height_px // 2 * 2, "yuv420p"
        stream.thread_count = 1
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        self._stream = stream

    @property
    def size_px(self) -> tuple[int, int]:
        """Width and height of the pictures to write."""
        return self._size_px

    def write(self, picture: np.ndarray, t_s: float) -> bool:
        """Append a (height, width, 3) BGR uint8 picture of the video's size; return False where its time is that of the
        last picture."""
        tick = round(t_s * TICKS_PER_S)
        if tick <= self._last:
            return False
        self._last = tick
        even = picture[: self._stream.height, : self._stream.width]
        # FFmpeg's own conversion starts threads for each picture, and takes .5 to 1 ms of CPU more.
        yuv: np.ndarray = cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(yuv, format="yuv420p")
        frame.pts, frame.time_base = tick, self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(frame))
        return True

    def finish(self) -> None:
        """Write the frames that the encoder still holds."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
