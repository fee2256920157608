"""MJPEG: a sequence of JPEGs that a camera sends over HTTP (multipart/x-mixed-replace, RFC 2046)."""

import math
import re
import select
import ssl
from http.client import HTTPException

from livecoach.capture import PictureSource, stopped_text, unusable_text
from livecoach.capture.pictures import (
    LONGEST_LIVE_SIDE_PX,
    MOST_CODED_PIXELS,
    ImpossiblePicture,
    JpegDecoder,
    UndecodableJpeg,
)
from livecoach.capture.timeline import ArrivalAge, LiveTimeline
from livecoach.capture.web import WebReply
from livecoach.core.errors import SourceLost, SourceSilent
from livecoach.core.types import Frame
from livecoach.core.types.message import Message

LARGEST_PART_BYTES = 32 << 20  # a picture of 50 million pixels at high quality
LARGEST_HEAD_BYTES = 16 << 10
TIME_HEADERS = (b"x-timestamp", b"x-time-stamp", b"timestamp", b"x-capture-time")
"""Headers in which cameras (mjpg-streamer, ustreamer, ESP32-CAM) state when they took a picture, in seconds."""
_BLANK_LINE = re.compile(rb"\r?\n\r?\n")


MjpegPart = tuple[bytes, float | None]
"""A picture, and when it was taken, in seconds of the sender's clock; None where the sender does not state it."""


class PartTooLarge(ValueError):
    """The data is no stream of pictures."""


class PartSplitter:
    """Collects arriving data and returns the parts that are complete."""

    def __init__(self, boundary: bytes) -> None:
        """boundary: as the server names it; some name it with its dashes, and others without."""
        self._mark = b"--" + boundary.removeprefix(b"--")
        self._held = bytearray()
        self._head: tuple[int, int | None, float | None] | None = None
        """Where the body of the part under way begins, its length and its time."""
        self._searched = 0

    def feed(self, data: bytes) -> list[MjpegPart]:
        """Take arrived data; return the parts that are complete now. Raises PartTooLarge."""
        self._held += data
        parts = []
        while (part := self._next()) is not None:
            parts.append(part)
        return parts

    def _next(self) -> MjpegPart | None:
        if self._head is None:
            self._head = self._read_head()
            if self._head is None:
                return None
        begin, length, sent_s = self._head
        end = begin + length if length is not None else self._next_boundary(begin)
        if end is None or end > len(self._held):
            if len(self._held) - begin > LARGEST_PART_BYTES:
                raise PartTooLarge("a part without an end")
            return None
        body = bytes(self._held[begin:end])
        del self._held[:end]
        self._head, self._searched = None, 0
        return (body.removesuffix(b"\r\n") if length is None else body), sent_s

    def _read_head(self) -> tuple[int, int | None, float | None] | None:
        start = self._held.find(self._mark)
        if start < 0:
            del self._held[: max(0, len(self._held) - len(self._mark))]
            return None
        # Its end is not looked for in all that was sent: there may be thousands of parts.
        blank = _BLANK_LINE.search(self._held, start, start + LARGEST_HEAD_BYTES)
        if blank is not None:
            return blank.end(), *_length_and_time(blank.string[start : blank.start()])
        if len(self._held) - start > LARGEST_HEAD_BYTES:
            raise PartTooLarge("a part without a body")
        return None

    def _next_boundary(self, begin: int) -> int | None:
        end = self._held.find(self._mark, max(begin, self._searched))
        self._searched = max(begin, len(self._held) - len(self._mark))
        return None if end < 0 else end


def _length_and_time(head: bytes) -> tuple[int | None, float | None]:
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


UNDECODABLE = "{name} sends pictures that can't be decoded. Choose MJPEG in its settings."
_AT_ONCE_BYTES = 1 << 18
_MOST_AT_ONCE_BYTES = 64 << 20  # bytes read without a break where a server sends faster than they can be read


class MjpegStream(PictureSource):
    """Returns the newest picture that has arrived, and leaves older ones out: a late cue is worse than none."""

    def __init__(self, name: str, reply: WebReply, timeline: LiveTimeline, timeout_s: float) -> None:
        """name: for messages. reply: a multipart one. Raises SourceLost."""
        self._name, self._reply, self._timeline, self._timeout_s = name, reply, timeline, timeout_s
        self._splitter = PartSplitter((reply.boundary or "").encode("latin-1", "replace"))
        self._begins = True  # whether data that came together with the headers may be unread
        self._age = ArrivalAge()
        self._decoder = JpegDecoder(most_pixels=MOST_CODED_PIXELS, longest_px=LONGEST_LIVE_SIDE_PX)
        self._begin_stream(name)

    def _next(self) -> Frame:
        deadline_s = self._timeline.clock() + self._timeout_s
        skipped, problem = 0, None
        while self._timeline.clock() < deadline_s:
            part, older = self._newest(deadline_s)
            if part is None:
                break
            body, sent_s = part
            arrived_s = self._timeline.clock()
            skipped += older
            if self._timeline.leaves_out(arrived_s, skipped):
                self._age.on_arrival(arrived_s, sent_s, skipped)
                skipped, deadline_s = 0, arrived_s + self._timeout_s
                continue
            try:
                picture = self._decoder.picture(body)
                age_s = self._age.on_arrival(arrived_s, sent_s, skipped)
                timed = sent_s is not None
                return self._timeline.frame(picture, arrived_s, age_s=age_s, timed=timed, skipped=skipped)
            except ImpossiblePicture as err:
                problem = unusable_text(self._name, err)
            except UndecodableJpeg:
                problem = Message(UNDECODABLE, name=self._name)
            skipped += 1
        raise SourceSilent(stopped_text(self._name)) if problem is None else SourceLost(problem)

    def close(self) -> None:
        self._reply.close()

    def _newest(self, deadline_s: float) -> tuple[MjpegPart | None, int]:
        """Wait for a picture; return the newest of those that have arrived completely, and the number of older ones.
        None where none comes."""
        newest: MjpegPart | None = None
        count = read = 0
        while not self._reply.response.isclosed():
            left_s = deadline_s - self._timeline.clock()
            enough = left_s <= 0 or read > _MOST_AT_ONCE_BYTES
            if newest is not None and (enough or not self._waits(0.0)):
                break
            if newest is None and (left_s <= 0 or not self._waits(left_s)):
                break
            data = self._read()
            read += len(data)
            try:
                parts = self._splitter.feed(data)
            except PartTooLarge as err:
                what = "{name} sends something that is no video stream ({name2})."
                raise SourceLost(Message(what, name=self._name, name2=str(err))) from err
            count += len(parts)
            newest = parts[-1] if parts else newest
        return newest, max(count - 1, 0)

    def _waits(self, seconds: float) -> bool:
        sock = self._reply.sock
        if self._begins or (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            return True
        return bool(select.select([self._reply.response.fileno()], [], [], seconds)[0])

    def _read(self) -> bytes:
        self._begins = False
        try:
            return self._reply.response.read1(_AT_ONCE_BYTES)
        except TimeoutError as err:
            raise SourceSilent(stopped_text(self._name)) from err
        except (OSError, ValueError, HTTPException) as err:
            broke = "{name} broke the connection ({name2})."
            raise SourceLost(Message(broke, name=self._name, name2=str(err))) from err
