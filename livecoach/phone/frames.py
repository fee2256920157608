"""Bounds on the pictures that a phone sends, all checked before a picture is decoded."""

from livecoach.phone.protocol import LARGEST_SIDE_PX, MOST_PIXELS, ProtocolError

MOST_BYTES = 1_500_000
"""Largest JPEG. One of 640 × 480 has 30 to 120 kB."""
_TAIL = 64
"""Bytes in which the end must be: some encoders fill up with zeros. The decoder would write a line to the terminal for
each picture that was cut."""
MOST_HZ, BURST = 60.0, 15
"""Frames a second that are taken for long, and at once."""
_WITHOUT_LENGTH = frozenset({0x01, *range(0xD0, 0xD8)})
_FRAME_HEADERS = frozenset({0xC0, 0xC1})
"""Baseline and extended: what browsers write. Progressive ones are of many scans."""
_SCAN, _END = b"\xff\xda", b"\xff\xd9"
MOST_SCANS = 4
"""Browsers write one for all colours, or one each, and may add a thumbnail. Each scan is decoded over the whole
picture, however short it is: 10 000 of them, in 110 kB, took 5.6 s."""


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Return width and height, as the JPEG's header gives them. Raises ProtocolError where there is no such header."""
    if data[:2] != b"\xff\xd8":
        raise ProtocolError("not a JPEG")
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            break
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        if marker in _WITHOUT_LENGTH:
            at += 2
            continue
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        if marker in _FRAME_HEADERS and at + 9 <= len(data):
            return int.from_bytes(data[at + 7 : at + 9], "big"), int.from_bytes(data[at + 5 : at + 7], "big")
        if marker == 0xDA or length < 2:
            break
        at += 2 + length
    raise ProtocolError("a JPEG without a size")


def check(jpeg: bytes) -> None:
    """Raise ProtocolError where a picture is out of bounds."""
    if len(jpeg) > MOST_BYTES:
        raise ProtocolError("a picture of too many bytes")
    width, height = jpeg_size(jpeg)
    if not width or not height:
        raise ProtocolError("an empty picture")
    if max(width, height) > LARGEST_SIDE_PX or width * height > MOST_PIXELS:
        raise ProtocolError("a picture of too many pixels")
    if jpeg.count(_SCAN) > MOST_SCANS:
        raise ProtocolError("a picture of too many scans")
    if _END not in jpeg[-_TAIL:]:
        raise ProtocolError("a picture without its end")


class RateLimit:
    """Admits a number of events a second, and short bursts of more."""

    def __init__(self, most_hz: float = MOST_HZ, burst: int = BURST) -> None:
        self._most_hz, self._burst = most_hz, float(burst)
        self._left = float(burst)
        self._last_s: float | None = None

    def admits(self, now_s: float) -> bool:
        """Return whether an event at a time is admitted."""
        if self._last_s is not None:
            self._left = min(self._burst, self._left + max(0.0, now_s - self._last_s) * self._most_hz)
        self._last_s = now_s
        if self._left < 1:
            return False
        self._left -= 1
        return True
