"""Bounds on the size of pictures, checked before a picture is decoded or scaled.

A file or camera states any size and any shape of its pixels. MediaPipe ends the process at 32,768 px, encoders refuse
less than 16 px, and a picture of a gigabyte helps nobody.
"""

from fractions import Fraction

LARGEST_CODED_SIDE_PX = 8192
MOST_CODED_PIXELS = 50_000_000
"""Largest picture that is decoded: 8K video has 33 million pixels, a picture of 8000 × 6000 has 48 million."""
SMALLEST_SIDE_PX = 32
"""No joint can be found in less, and H.264 needs 16."""
MOST_ELONGATED = 8
"""Greatest ratio of the longer side to the shorter one. A panorama has 4; a lifter fits in no more."""
LONGEST_FILE_SIDE_PX = 3840
"""Larger pictures of a file are scaled down to this."""
LONGEST_LIVE_SIDE_PX = 1920
"""Larger pictures of a camera are scaled down to this when they arrive: they wait in queues, are drawn and recorded."""
# Pixels whose sides differ by less count as square, because encoders round.
_SQUARE_PIXEL_TOLERANCE = 0.01


class ImpossiblePicture(ValueError):
    """No picture of this size is decoded. The message says why."""


def check_coded(width_px: int, height_px: int) -> None:
    """Raise ImpossiblePicture where a picture of this size is not to be decoded."""
    size = f"its pictures have {width_px} × {height_px} pixels"
    if min(width_px, height_px) < SMALLEST_SIDE_PX:
        raise ImpossiblePicture(f"{size}; at least {SMALLEST_SIDE_PX} × {SMALLEST_SIDE_PX} are needed")
    if max(width_px, height_px) > LARGEST_CODED_SIDE_PX or width_px * height_px > MOST_CODED_PIXELS:
        raise ImpossiblePicture(f"{size}; up to {LARGEST_CODED_SIDE_PX} a side can be read")
    if max(width_px, height_px) > MOST_ELONGATED * min(width_px, height_px):
        raise ImpossiblePicture(f"{size}; no side may be over {MOST_ELONGATED} times as long as the other")


def shown_size(width_px: int, height_px: int, pixel_aspect: Fraction | None, longest_px: int) -> tuple[int, int]:
    """Return width and height of a picture with square pixels, no side of which is longer than `longest_px`.

    pixel_aspect: width of a pixel over its height; None where it is not known. Raises ImpossiblePicture where the
    picture as coded or as shown is out of bounds.
    """
    check_coded(width_px, height_px)
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
