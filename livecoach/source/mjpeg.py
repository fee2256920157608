"""Pictures that a camera sends one after the other as JPEGs over HTTP (MJPEG)."""

import select
import ssl

import numpy as np

from livecoach.errors import SourceLost
from livecoach.source.age import ArrivalAge
from livecoach.source.multipart import Part, PartSplitter, PartTooLarge
from livecoach.source.opencv import av
from livecoach.source.picture_size import LONGEST_LIVE_SIDE_PX, MOST_CODED_PIXELS, ImpossiblePicture
from livecoach.source.pictures import picture_of
from livecoach.source.timeline import LiveTimeline
from livecoach.source.web import WebReply
from livecoach.types import Frame

STOPPED = "stopped delivering pictures."
_AT_ONCE_BYTES = 1 << 18
_MOST_AT_ONCE_BYTES = 64 << 20
"""Read without a break where a server sends faster than anything can be read."""


class MjpegPictures:
    """Gives the newest picture that has arrived, and leaves older ones out: a late cue is worse than none."""

    def __init__(self, name: str, reply: WebReply, timeline: LiveTimeline, read_timeout_s: float) -> None:
        """name: for messages. reply: a multipart one."""
        self._name, self._reply, self._timeline, self._read_timeout_s = name, reply, timeline, read_timeout_s
        self._splitter = PartSplitter((reply.boundary or "").encode("latin-1", "replace"))
        self._first = True
        """Whether what came together with the headers may not have been read yet."""
        self._age = ArrivalAge()
        self._decoder = av.CodecContext.create("mjpeg", "r")
        self._decoder.options = {"max_pixels": str(MOST_CODED_PIXELS)}
        self._decoder.thread_count = 1

    def next(self) -> Frame:
        """Wait for the next picture. Raises SourceLost where none comes in time, or none that can be used."""
        deadline_s = self._timeline.clock() + self._read_timeout_s
        skipped, problem = 0, f"{STOPPED} Is it still connected and switched on?"
        while self._timeline.clock() < deadline_s:
            parts = self._newest(deadline_s)
            if not parts:
                break
            arrived_s = self._timeline.clock()
            skipped += len(parts) - 1
            picture, why = self._decoded(parts[-1])
            if picture is not None:
                return self._timeline.frame(picture, self._age.arrival(arrived_s, parts[-1].sent_s, skipped))
            skipped, problem = skipped + 1, why
        raise SourceLost(f"{self._name} {problem}")

    def release(self) -> None:
        """Leave the server."""
        self._reply.close()

    def _newest(self, deadline_s: float) -> list[Part]:
        """Return the pictures that have arrived completely, and wait for one; empty where none comes."""
        parts: list[Part] = []
        read = 0
        while not self._reply.response.isclosed():
            if parts and (read > _MOST_AT_ONCE_BYTES or not self._waits(0.0)):
                return parts
            left_s = deadline_s - self._timeline.clock()
            if not parts and (left_s <= 0 or not self._waits(left_s)):
                return []
            data = self._read()
            read += len(data)
            try:
                parts += self._splitter.feed(data)
            except PartTooLarge as err:
                raise SourceLost(f"{self._name} sends what is no stream of pictures ({err}).") from err
        return parts

    def _waits(self, seconds: float) -> bool:
        """Return whether data is there, or comes in time."""
        sock = self._reply.sock
        if self._first or (isinstance(sock, ssl.SSLSocket) and sock.pending()):
            return True
        return bool(select.select([self._reply.response.fileno()], [], [], seconds)[0])

    def _read(self) -> bytes:
        self._first = False
        try:
            return self._reply.response.read1(_AT_ONCE_BYTES)
        except TimeoutError as err:
            raise SourceLost(f"{self._name} {STOPPED} Is it still connected and switched on?") from err
        except (OSError, ValueError) as err:
            raise SourceLost(f"{self._name} broke the connection ({err}).") from err

    def _decoded(self, part: Part) -> tuple[np.ndarray | None, str]:
        """Return the picture, or None and what is wrong with it."""
        try:
            frames = self._decoder.decode(av.Packet(part.body))
            if not frames or frames[0].is_corrupt:
                return None, "sends pictures that can't be decoded. Choose MJPEG in the camera's settings."
            return picture_of(frames[0], None, LONGEST_LIVE_SIDE_PX), ""
        except ImpossiblePicture as err:
            return None, f"can't be used: {err}. Choose another size in the camera's settings."
        except av.FFmpegError:
            return None, "sends pictures that can't be decoded. Choose MJPEG in the camera's settings."
