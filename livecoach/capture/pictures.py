"""Converts decoded frames and JPEGs to pictures that are upright, have square pixels, and are within bounds.

A file or camera may state any size and any shape of its pixels, so both are checked before a picture is decoded or
scaled. The scans of a JPEG are counted, because a small file may take gigabytes or minutes. MediaPipe ends the process
at 32,768 px, and encoders refuse less than 16 px.
"""

import re
from fractions import Fraction
from functools import lru_cache
from itertools import islice
from typing import cast

import numpy as np

from livecoach.capture.opencv import SideDataContainer, av, cv2

LARGEST_CODED_SIDE_PX = 8192  # longest side of a picture that is decoded
MOST_CODED_PIXELS = 50_000_000
"""Most pixels of a picture that is decoded. 8K video has 33 million, and 8000 × 6000 are 48 million."""
SMALLEST_SIDE_PX = 32  # shortest side. A smaller picture shows no joints, and H.264 needs 16.
MOST_ELONGATED = 8  # largest ratio of the sides. A panorama has 4, and no lifter fits into a more extreme picture.
LONGEST_FILE_SIDE_PX = 3840  # longest side of a file's pictures; larger pictures are scaled down
LONGEST_LIVE_SIDE_PX = 1920  # longest side of a camera's pictures, which wait in queues, and are drawn and recorded
# Difference of a pixel's sides up to which it counts as square, as a share, because encoders round.
_SQUARE_PIXEL_TOLERANCE = 0.01


class ImpossiblePicture(ValueError):
    """The size of a picture, or the number of scans of a JPEG, is out of bounds. The message names the bound."""


def check_coded_size(width_px: int, height_px: int) -> None:
    """Raise ImpossiblePicture if a picture of this size is too small, too large, or too long in one direction."""
    size = f"its pictures have {width_px} × {height_px} pixels"
    if min(width_px, height_px) < SMALLEST_SIDE_PX:
        raise ImpossiblePicture(f"{size}; at least {SMALLEST_SIDE_PX} × {SMALLEST_SIDE_PX} are needed")
    if max(width_px, height_px) > LARGEST_CODED_SIDE_PX or width_px * height_px > MOST_CODED_PIXELS:
        raise ImpossiblePicture(f"{size}; up to {LARGEST_CODED_SIDE_PX} a side can be read")
    if max(width_px, height_px) > MOST_ELONGATED * min(width_px, height_px):
        raise ImpossiblePicture(f"{size}; no side may be over {MOST_ELONGATED} times as long as the other")


@lru_cache(maxsize=16)  # The arithmetic of fractions takes as long as the check of a JPEG
def display_size(width_px: int, height_px: int, pixel_aspect: Fraction | None, longest_px: int) -> tuple[int, int]:
    """Return the width and height in pixels at which a coded picture is shown with square pixels.

    Args:
        pixel_aspect: Width of a pixel over its height; None if it is unknown.
        longest_px: Greatest width and height; a larger picture is scaled down.

    Raises:
        ImpossiblePicture: The size of the coded or of the shown picture is out of bounds.
    """
    check_coded_size(width_px, height_px)
    wide, high = Fraction(width_px), Fraction(height_px)
    if pixel_aspect is not None and pixel_aspect > 0 and abs(pixel_aspect - 1) > _SQUARE_PIXEL_TOLERANCE:
        wide *= pixel_aspect
    if max(wide, high) > MOST_ELONGATED * min(wide, high):
        raise ImpossiblePicture(
            f"its pictures are shown with {round(wide)} × {height_px} pixels; "
            f"no side may be over {MOST_ELONGATED} times as long as the other"
        )
    scale = min(Fraction(1), longest_px / max(wide, high))
    return max(1, round(wide * scale)), max(1, round(high * scale))


def convert_frame(frame: av.VideoFrame, pixel_aspect: Fraction | None, longest_px: int) -> np.ndarray:
    """Convert a decoded frame of PyAV to an upright picture with square pixels: (height, width, 3) uint8 BGR.

    `display_size` explains the other arguments and the errors.
    """
    width_px, height_px = display_size(frame.width, frame.height, pixel_aspect, longest_px)
    # With its default, PyAV starts a thread for each core at every frame.
    coded = frame.to_ndarray(format="bgr24", width=width_px, height=height_px, threads=1)
    # frame.side_data would make a reference cycle with the frame, whose memory then waits for a garbage collection. On
    # a machine that drops frames, hundreds of frames waited. PyAV's type stub lacks this constructor.
    matrix = SideDataContainer(frame).get("DISPLAYMATRIX")  # type: ignore[call-arg]
    upright = coded if matrix is None else _apply_display_matrix(coded, np.frombuffer(cast(bytes, matrix), np.int32))
    return np.ascontiguousarray(upright)


def scale_down(picture: np.ndarray, longest_px: int) -> np.ndarray:
    """Scale a (height, width, 3) picture down until no side is longer than `longest_px`.

    Raises ImpossiblePicture if the size of the picture is out of bounds.
    """
    height_px, width_px = picture.shape[:2]
    size = display_size(width_px, height_px, None, longest_px)
    return np.ascontiguousarray(
        picture if size == (width_px, height_px) else cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    )


def letterbox(picture: np.ndarray, width_px: int, height_px: int) -> np.ndarray:
    """Fit a (height, width, 3) picture into a size, with black bars where the aspect ratio differs.

    A picture that has this size already is returned unchanged, and not copied.
    """
    if picture.shape[:2] == (height_px, width_px):
        return picture
    scale = min(width_px / picture.shape[1], height_px / picture.shape[0])
    size = max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale))
    fitted = cv2.resize(picture, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR)
    left_px, top_px = (width_px - size[0]) // 2, (height_px - size[1]) // 2
    canvas = np.zeros((height_px, width_px, 3), np.uint8)
    canvas[top_px : top_px + size[1], left_px : left_px + size[0]] = fitted
    return canvas


def _apply_display_matrix(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Apply a file's display matrix (9 int32), which turns by quarters and mirrors the pictures of selfie cameras.

    It maps coded (x, y) to shown (x', y'): x' = m[0] x + m[3] y, y' = m[1] x + m[4] y (QuickTime file format, tkhd).
    Cameras write quarter turns only; any other angle becomes the nearest quarter turn.
    """
    x_from_x, y_from_x, _, x_from_y, y_from_y = (int(value) for value in matrix[:5])
    if abs(x_from_y) + abs(y_from_x) > abs(x_from_x) + abs(y_from_y):
        # OpenCV's transpose is six times as fast as NumPy's strided copy (2 against 12 ms at 1080p).
        picture = cv2.transpose(picture)
        mirrored, upside_down = x_from_y < 0, y_from_x < 0
    else:
        mirrored, upside_down = x_from_x < 0, y_from_y < 0
    if mirrored or upside_down:
        picture = cv2.flip(picture, -1 if mirrored and upside_down else 1 if mirrored else 0)
    return picture


MOST_PASSES = 32
"""Most headers and scans of a JPEG. A progressive picture and its thumbnail have 11 each, and cameras write two. The
decoder goes over the whole picture for each scan: 10,000 scans of 4000 × 4000 pixels, in 400 kB, take 8 s."""
# Markers of frames (SOF0 to SOF15) and of scans. These bytes do not occur within a scan.
_PASS = re.compile(rb"\xff[\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf\xda]")


class UndecodableJpeg(ValueError):
    """The data contains no picture, a damaged picture, or a picture with too many pixels."""


def check_jpeg_scans(data: bytes) -> None:
    """Raise ImpossiblePicture if a JPEG has more than MOST_PASSES headers and scans."""
    if next(islice(_PASS.finditer(data), MOST_PASSES, None), None) is not None:
        raise ImpossiblePicture(f"its pictures have over {MOST_PASSES} headers and scans")


class JpegDecoder:
    """Decodes JPEGs one after the other, without threads of its own.

    FFmpeg's decoder itself refuses pictures with too many pixels, because a check of the headers may misread them.
    """

    def __init__(self, *, most_pixels: int, longest_px: int) -> None:
        """Create a decoder of JPEGs of up to `most_pixels`. Pictures with a side over `longest_px` are scaled down."""
        self._longest_px = longest_px
        self._codec = av.CodecContext.create("mjpeg", "r")
        self._codec.options = {"max_pixels": str(most_pixels)}
        self._codec.thread_count = 1

    def decode(self, data: bytes) -> np.ndarray:
        """Decode a JPEG to a picture, (height, width, 3) uint8 BGR.

        Raises:
            UndecodableJpeg: The data does not contain an intact picture, or the picture has too many pixels.
            ImpossiblePicture: The size of the picture is out of bounds, or the JPEG has too many scans.
        """
        check_jpeg_scans(data)
        try:
            frames = self._codec.decode(av.Packet(data))
            if not frames or frames[0].is_corrupt:
                raise UndecodableJpeg
            return convert_frame(frames[0], None, self._longest_px)
        except av.FFmpegError as err:
            raise UndecodableJpeg from err
