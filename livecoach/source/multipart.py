"""Takes a stream of parts (multipart/x-mixed-replace, RFC 2046), as cameras send pictures, apart. Pure."""

import math
from dataclasses import dataclass

LARGEST_PART_BYTES = 32 << 20
"""A picture of 50 million pixels at high quality."""
LARGEST_HEAD_BYTES = 16 << 10
TIME_HEADERS = (b"x-timestamp", b"x-time-stamp", b"timestamp", b"x-capture-time")
"""Headers in which cameras (mjpg-streamer, ustreamer, ESP32-CAM) tell when they took a picture, in seconds."""
_BLANK_LINES = (b"\r\n\r\n", b"\n\n")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: a picture."""

    body: bytes
    sent_s: float | None
    """When it was taken, in seconds of the sender's clock; None where it does not tell."""


class PartTooLarge(ValueError):
    """What arrives is no stream of pictures."""


class PartSplitter:
    """Collects what arrives and gives the parts that are complete."""

    def __init__(self, boundary: bytes) -> None:
        """boundary: as the server names it; some name it with its dashes, and others without."""
        self._mark = b"--" + boundary.removeprefix(b"--")
        self._held = bytearray()
        self._head: tuple[int, int | None, float | None] | None = None
        """Where the body of the part under way begins, its length and its time."""
        self._searched = 0

    def feed(self, data: bytes) -> list[Part]:
        """Take what has arrived; return the parts that are complete now. Raises PartTooLarge."""
        self._held += data
        parts = []
        while (part := self._next()) is not None:
            parts.append(part)
        return parts

    def _next(self) -> Part | None:
        if self._head is None:
            self._head = self._read_head()
            if self._head is None:
                return None
        begin, length, sent_s = self._head
        end = begin + length if length is not None else self._found_end(begin)
        if end is None or end > len(self._held):
            if len(self._held) - begin > LARGEST_PART_BYTES:
                raise PartTooLarge("a part without an end")
            return None
        body = bytes(self._held[begin:end])
        del self._held[:end]
        self._head, self._searched = None, 0
        return Part(body.removesuffix(b"\r\n") if length is None else body, sent_s)

    def _read_head(self) -> tuple[int, int | None, float | None] | None:
        start = self._held.find(self._mark)
        if start < 0:
            del self._held[: max(0, len(self._held) - len(self._mark))]
            return None
        ends = [(end, len(blank)) for blank in _BLANK_LINES if (end := self._held.find(blank, start)) >= 0]
        if ends:
            end, blank_bytes = min(ends)
            return end + blank_bytes, *_told(bytes(self._held[start:end]))
        if len(self._held) - start > LARGEST_HEAD_BYTES:
            raise PartTooLarge("a part without a body")
        return None

    def _found_end(self, begin: int) -> int | None:
        end = self._held.find(self._mark, max(begin, self._searched))
        self._searched = max(begin, len(self._held) - len(self._mark))
        return None if end < 0 else end


def _told(head: bytes) -> tuple[int | None, float | None]:
    """Return length and time by the headers of a part."""
    length: int | None = None
    sent_s: float | None = None
    for line in head.splitlines()[1:]:
        name, _, value = line.partition(b":")
        name, value = name.strip().lower(), value.strip()
        if name == b"content-length" and value.isdigit():
            length = int(value[:10])
            if length > LARGEST_PART_BYTES:
                raise PartTooLarge(f"a part of {length} bytes")
        elif name in TIME_HEADERS:
            sent_s = _seconds(value)
    return length or None, sent_s


def _seconds(value: bytes) -> float | None:
    try:
        seconds = float(value)
    except ValueError:
        return None
    return seconds if math.isfinite(seconds) and seconds > 0 else None
