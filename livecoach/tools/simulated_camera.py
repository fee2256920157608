"""A network camera on loopback that a test or a measurement controls: it serves, dies, stalls, sends garbage, or
changes its size.

It serves two reps of the demo clip in a loop, so that a set never ends, as MJPEG over HTTP from threads of this
process.
"""

import contextlib
import itertools
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

import numpy as np

from livecoach.config.paths import assets_dir
from livecoach.source.file import VideoFile
from livecoach.source.opencv import cv2

CLIP = "demo.mp4"
BEGIN_S, LOOP_S, END_S = 2.6, 5.23, 9.98
"""The clip runs from the first time to the third, and then repeats from the second. The lifter rests at the last two;
between them are two good reps."""
FIRST_END_S, LOOPED_ENDS_S = 5.0, (7.27, 9.8)
"""True ends of the reps, in the clip's own time."""
JPEG_QUALITY = 85
BOUNDARY = b"frame"
BLUR_PX, NOISE, NOISY = 60.0, 2.0, 30
"""Standard deviation of the blur, pixels; of the noise, grey levels, as of a webcam indoors; pictures of the loop."""
LOOK_S = 0.02
LATE_S = 1.0
"""A camera that is blocked for longer does not catch up."""
_START_OF_FRAME = b"\xff\xc0"


Picture = np.ndarray
Wire = Callable[[int], bytes]
"""Maps a picture's number to the bytes that go over the wire instead of it."""


@dataclass(frozen=True, eq=False)
class RepLoop:
    """Pictures in a loop, after some that are shown once."""

    pictures: Sequence[Picture]
    first: int
    """Number of pictures that are shown once."""
    fps: float

    def jpegs(self, width_px: int, height_px: int) -> list[bytes]:
        """Return the pictures as JPEG of this size."""
        return [jpeg(cv2.resize(picture, (width_px, height_px))) for picture in self.pictures]

    def place(self, number: int) -> int:
        """Return the index of the picture that a camera shows as its number `number`, from 0."""
        looped = len(self.pictures) - self.first
        return number if number < self.first else self.first + (number - self.first) % looped

    def reps_until(self, t_s: float) -> int:
        """Return the number of reps that a camera has shown completely at a time since its first picture."""
        return sum(end_s <= t_s for end_s in self._ends_s(t_s))

    def _ends_s(self, until_s: float) -> Iterator[float]:
        yield FIRST_END_S - BEGIN_S
        # The loop consists of whole pictures.
        first_s, looped_s = self.first / self.fps, (len(self.pictures) - self.first) / self.fps
        for round_ in range(1 + int(max(until_s - first_s, 0.0) / looped_s)):
            for end_s in LOOPED_ENDS_S:
                yield first_s + round_ * looped_s + end_s - LOOP_S


def demo_loop(fps: float) -> RepLoop:
    """Decode the loop of the demo clip. fps: pictures a second, at most those of the clip. Raises SourceError."""
    pictures: list[Picture] = []
    first = 0
    with closing(VideoFile(assets_dir() / CLIP)) as video:
        while (frame := video.read()) is not None and frame.t_s < END_S:
            if frame.picture is not None and frame.t_s >= BEGIN_S + len(pictures) / fps:
                first += frame.t_s < LOOP_S
                pictures.append(frame.picture)
    return RepLoop(pictures, first, fps)


def still_loop(loop: RepLoop) -> RepLoop:
    """Return a loop of the lifter who stands still between two reps, with a camera's noise."""
    return _noisy(loop.pictures[loop.first], loop.fps)


def empty_loop(loop: RepLoop) -> RepLoop:
    """Return a loop of a place without a person: the lifter's, too blurred for one to be seen, with a camera's
    noise."""
    return _noisy(cv2.GaussianBlur(loop.pictures[loop.first], (0, 0), BLUR_PX), loop.fps)


def _noisy(picture: Picture, fps: float) -> RepLoop:
    random = np.random.default_rng(0)
    exact = [picture + random.normal(0, NOISE, picture.shape) for _ in range(NOISY)]
    return RepLoop([one.round().clip(0, 255).astype(np.uint8) for one in exact], 0, fps)


def jpeg(picture: Picture) -> bytes:
    """Encode a picture, (height, width, 3) uint8."""
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())


def jpeg_claiming_size(picture: bytes, width_px: int, height_px: int) -> bytes:
    """Return a baseline JPEG whose header claims another size."""
    at = picture.index(_START_OF_FRAME) + 5  # marker, length, precision
    return picture[:at] + struct.pack(">HH", height_px, width_px) + picture[at + 4 :]


def part(picture: bytes) -> bytes:
    """Return one part of the multipart body."""
    head = f"Content-Type: image/jpeg\r\nContent-Length: {len(picture)}\r\n\r\n".encode()
    return b"--" + BOUNDARY + b"\r\n" + head + picture + b"\r\n"


class SimulatedCamera:
    """Serves a loop to whoever connects, from `start` to `kill`, always on the same port."""

    def __init__(self, loop: RepLoop, width_px: int = 320, height_px: int = 240) -> None:
        self.loop = loop
        self._shown: Sequence[bytes] = loop.jpegs(width_px, height_px)
        self._replaced: Wire | None = None
        self._flowing = threading.Event()
        self._flowing.set()
        self._up: threading.Event | None = None
        """Set to end the running server; None while there is none."""
        self._listener: socket.socket | None = None
        self._port = 0

    def __enter__(self) -> "SimulatedCamera":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """Address of the stream."""
        return f"http://127.0.0.1:{self._port}/video"

    def start(self) -> None:
        """Listen, on the same port as before, if any."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        self._up = threading.Event()
        threading.Thread(target=self._accept, args=(self._listener, self._up), daemon=True).start()

    def kill(self) -> None:
        """Cut every connection and stop listening."""
        if self._listener is None or self._up is None:
            return
        self._up.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._listener.close()
        self._listener = None

    def stall(self) -> None:
        """Keep the connections and send nothing."""
        self._flowing.clear()

    def resume(self) -> None:
        """Send the pictures again, after `stall` or `replace`."""
        self._replaced = None
        self._flowing.set()

    def replace(self, wire: Wire) -> None:
        """Send something else instead of the pictures, at the same rate."""
        self._replaced = wire

    def resize(self, width_px: int, height_px: int) -> None:
        """Continue in another size."""
        self._shown = self.loop.jpegs(width_px, height_px)

    def _accept(self, listener: socket.socket, up: threading.Event) -> None:
        while not up.is_set():
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, up), daemon=True).start()

    def _serve(self, client: socket.socket, up: threading.Event) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65536)  # the request does not matter
            head = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=" + BOUNDARY
            client.sendall(head + b"\r\n\r\n")
            due_s = time.monotonic()
            for number in itertools.count():
                due_s = max(due_s + 1 / self.loop.fps, time.monotonic() - LATE_S)
                if not self._wait(due_s, up):
                    return
                client.sendall(self._wire(number))

    def _wait(self, due_s: float, up: threading.Event) -> bool:
        """Wait until a picture is due and the camera sends; False if it was killed meanwhile."""
        while not self._flowing.wait(LOOK_S):
            if up.is_set():
                return False
        return not up.wait(max(due_s - time.monotonic(), 0.0))

    def _wire(self, number: int) -> bytes:
        replaced = self._replaced
        return part(self._shown[self.loop.place(number)]) if replaced is None else replaced(number)
