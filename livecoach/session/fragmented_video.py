"""A video that is readable however its writing ends: H.264 in fragments, each frame at its own time.

Not for `session.video`'s purpose, a file that is there as a whole or not at all.
"""

from fractions import Fraction
from typing import BinaryIO

import numpy as np

from livecoach.source.opencv import av

TICKS_PER_S = 1_000_000
"""Of the video's clock: a frame's time comes back to the microsecond."""
FRAGMENT_US = 250_000
"""Length of a fragment, which is what a kill loses at most; 200 and 500 ms were measured."""
GOP_S = 1.0
"""Between pictures that need no other one: how far a seek has to decode."""
CRF = 25
PRESET = "superfast"
"""See docs/sessions.md for the size and the CPU time that these take."""
MOST_BITS_PER_PX_S = 6.0
"""1.8 Mbit a second at 640×480, 14 MB a minute: more is asked for where the camera is moved about."""


class FragmentedVideo:
    """Encodes BGR pictures into an open file. One thread; every method raises OSError, as when the disk is full."""

    def __init__(self, file: BinaryIO, width_px: int, height_px: int, fps: float) -> None:
        """file: unbuffered, so that a fragment is with the system once it is complete; it is the caller's to close.
        fps: about how many pictures come a second."""
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
                "avoid_negative_ts": "disabled",  # else the first frame is moved to 0
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
        # H.264 halves the colours' resolution: an odd last row or column has none, and is left out.
        stream.width, stream.height, stream.pix_fmt = width_px // 2 * 2, height_px // 2 * 2, "yuv420p"
        stream.thread_count = 1
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        self._stream = stream

    def fits(self, picture: np.ndarray) -> bool:
        """Whether it has the video's size."""
        return picture.shape[:2] == self._size_px[::-1]

    def write(self, picture: np.ndarray, t_s: float) -> bool:
        """Append a (height, width, 3) BGR uint8 picture that fits; False where its time is that of the last one."""
        tick = round(t_s * TICKS_PER_S)
        if tick <= self._last:
            return False
        self._last = tick
        even = picture[: self._stream.height, : self._stream.width]
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="bgr24")
        frame.pts, frame.time_base = tick, self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(frame))
        return True

    def finish(self) -> None:
        """Write what is still held back."""
        self._container.mux(self._stream.encode(None))
        self._container.close()
