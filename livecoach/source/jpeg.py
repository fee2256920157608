"""JPEGs from elsewhere: bounded, because a small one may take gigabytes or minutes, then decoded by FFmpeg."""

import re
from itertools import islice

import numpy as np

from livecoach.source.opencv import av
from livecoach.source.pictures import ImpossiblePicture, picture_of

MOST_PASSES = 32
"""Largest number of headers and scans of one JPEG. A progressive picture has 11, and its thumbnail as many; cameras and
browsers write two. The decoder goes over the whole picture for each, however few bytes it has: 10,000 scans of a
picture of 4000 × 4000 pixels, in 400 kB, take 8 s."""
# The markers of frames (SOF0 to SOF15) and of scans. Within a scan these bytes do not occur.
_PASS = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xda]")


class UndecodableJpeg(ValueError):
    """The data holds no picture, or a damaged one."""


def check_passes(data: bytes) -> None:
    """Raise ImpossiblePicture where a JPEG makes the decoder go over the picture too often."""
    if next(islice(_PASS.finditer(data), MOST_PASSES, None), None) is not None:
        raise ImpossiblePicture(f"its pictures have over {MOST_PASSES} headers and scans")


class JpegDecoder:
    """Decodes JPEGs in sequence, on one thread. The decoder itself refuses a picture that is too large, whatever a
    parser reads in its headers."""

    def __init__(self, *, most_pixels: int, longest_px: int) -> None:
        """most_pixels: largest picture that is decoded. longest_px: larger sides are scaled down to this."""
        self._longest_px = longest_px
        self._codec = av.CodecContext.create("mjpeg", "r")
        self._codec.options = {"max_pixels": str(most_pixels)}
        self._codec.thread_count = 1

    def picture(self, data: bytes) -> np.ndarray:
        """Return the picture, (height, width, 3) uint8 BGR. Raises UndecodableJpeg and ImpossiblePicture."""
        check_passes(data)
        try:
            frames = self._codec.decode(av.Packet(data))
            if not frames or frames[0].is_corrupt:
                raise UndecodableJpeg
            return picture_of(frames[0], None, self._longest_px)
        except av.FFmpegError as err:
            raise UndecodableJpeg from err
