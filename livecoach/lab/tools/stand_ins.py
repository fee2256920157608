"""Simulates a camera that serves MJPEG over HTTP on loopback, and runs a private X server, for benchmarks and tests."""

import contextlib
import math
import os
import select
import shutil
import socket
import struct
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import chain, cycle, islice
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.capture.file import VideoFile
from livecoach.capture.opencv import cv2
from livecoach.core.config.paths import assets_dir
from livecoach.core.errors import OutputError

CLIP = "demo.mp4"
BEGIN_S, LOOP_S, END_S = 2.6, 5.23, 9.98
"""The clip is shown from BEGIN_S to END_S, three good reps, and then again and again from LOOP_S to END_S, two reps."""
FIRST_END_S, LOOPED_ENDS_S = 5.0, (7.27, 9.8)  # True ends of the reps, in the clip's own time
STANDS_S = 4.3  # Time at which the lifter stands upright, in the clip's own time
JPEG_QUALITY = 85  # In percent
BLUR_PX, NOISE, NOISY = 60.0, 2.0, 30
"""Standard deviations of the blur, in pixels, and of a webcam's noise, in grey levels; number of pictures in a loop."""
LATE_S = 1.0  # A camera that is delayed for longer does not catch up
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=frame\r\n\r\n"
START_S, GRACE_S = 60.0, 3.0  # Longest waits for a server, and for the end of a terminated child
WIDTH_PX, HEIGHT_PX = 1280, 800  # Size of the private screen
GRID_PX = 16  # Distance of the sampled pixels in both directions
COLOURS = 100  # Fewest colours in the sampled pixels of a camera picture; an empty screen or window has only a few


@dataclass(frozen=True, eq=False)
class PictureLoop:
    """An endless stream of pictures: the first are shown once, the others in a loop."""

    pictures: Sequence[np.ndarray]  # (height, width, 3) uint8 BGR each
    shown_once: int  # Number of pictures that are shown once
    fps: float

    def parts(self, width_px: int, height_px: int) -> Iterator[bytes]:
        """Yield the pictures as parts of an endless MJPEG stream. Each picture is encoded when it is first due."""
        sent = (multipart_part(encode_jpeg(cv2.resize(picture, (width_px, height_px)))) for picture in self.pictures)
        return chain(islice(sent, self.shown_once), cycle(sent))

    def rep_ends(self, shown: int) -> list[int]:
        """Return the indices, from 0, of the pictures in which a rep ends, for a loop that `demo_loop` made.

        Args:
            shown: Number of pictures that the loop has shown. Later ends are left out.
        """
        ends = [math.ceil((FIRST_END_S - BEGIN_S) * self.fps)]
        for begin in range(self.shown_once, shown, len(self.pictures) - self.shown_once):
            ends += [begin + math.ceil((end_s - LOOP_S) * self.fps) for end_s in LOOPED_ENDS_S]
        return [end for end in ends if end < shown]


def demo_loop(fps: float) -> PictureLoop:
    """Decode part of the demo clip as a loop of up to `fps` pictures a second. Raises SourceError for a broken clip."""
    pictures: list[np.ndarray] = []
    first = 0
    with closing(VideoFile(assets_dir() / CLIP)) as video:
        while (frame := video.read()) is not None and frame.t_s < END_S:
            if frame.picture is not None and frame.t_s >= BEGIN_S + len(pictures) / fps:
                first += frame.t_s < LOOP_S
                pictures.append(frame.picture)
    return PictureLoop(pictures, first, fps)


def still_loop(loop: PictureLoop, *, empty: bool) -> PictureLoop:
    """Return a noisy loop of the standing lifter in a loop of `demo_loop`; if `empty`, too blurred to show anybody."""
    still, random = loop.pictures[round((STANDS_S - BEGIN_S) * loop.fps)], np.random.default_rng(0)
    shown = cv2.GaussianBlur(still, (0, 0), BLUR_PX) if empty else still
    exact = [shown + random.normal(0, NOISE, shown.shape) for _ in range(NOISY)]
    return PictureLoop([picture.round().clip(0, 255).astype(np.uint8) for picture in exact], 0, loop.fps)


def encode_jpeg(picture: np.ndarray) -> bytes:
    return bytes(cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1].tobytes())


def multipart_part(jpeg: bytes) -> bytes:
    """Return a JPEG with the header of a part of a multipart HTTP body, as MJPEG cameras send it."""
    head = f"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
    return head.encode() + jpeg + b"\r\n"


class MjpegCamera:
    """A simulated camera that serves pictures to each client, from `start` to `kill`, always on the same port."""

    def __init__(self, parts: Callable[[], Iterator[bytes]], fps: float) -> None:
        """Make a camera that sends the `parts` of a multipart body, made anew for each client, at `fps` a second."""
        self._parts, self._fps = parts, fps
        self._listener: socket.socket | None = None
        self._clients: list[socket.socket] = []
        self._port = 0
        self.sent_s: list[float] = []  # times at which pictures were sent to the newest client, by time.monotonic()

    def __enter__(self) -> "MjpegCamera":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        """Address of the stream."""
        return f"http://127.0.0.1:{self._port}/video"

    def start(self) -> None:
        """Listen on the port of the previous start; on the first start, choose a free port."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def kill(self) -> None:
        """Cut every connection and stop listening."""
        sockets = [*([self._listener] if self._listener else []), *self._clients]
        self._listener, self._clients = None, []
        for connection in sockets:
            with contextlib.suppress(OSError):  # closed by the other side already
                connection.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for it
            connection.close()

    def _accept(self, listener: socket.socket) -> None:
        with contextlib.suppress(OSError):  # a closed listener raises it
            while True:
                client, _ = listener.accept()
                self._clients.append(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with client, contextlib.suppress(OSError):
            client.recv(65536)  # the request
            client.sendall(_HEAD)
            self.sent_s = sent_s = list[float]()
            due_s = time.monotonic()
            for sent in self._parts():
                due_s = max(due_s + 1 / self._fps, time.monotonic() - LATE_S)
                time.sleep(max(due_s - time.monotonic(), 0.0))
                sent_s.append(time.monotonic())
                client.sendall(sent)


class VirtualScreen:
    """A private X server, run by `virtual_screen`, that can tell whether it shows a camera's picture."""

    def __init__(self, display: str, frame_buffer: Path, server: "subprocess.Popen[bytes]") -> None:
        """Map the picture of a server from the X window dump into which the server maps it."""
        self.display = display
        self.server = server
        header = struct.unpack(">25I", frame_buffer.read_bytes()[:100])
        header_bytes, height_px, bytes_per_line, colours = header[0], header[5], header[12], header[19]
        begin = header_bytes + 12 * colours
        self._pixels: np.ndarray = np.memmap(
            frame_buffer, np.uint32, "r", offset=begin, shape=(height_px, bytes_per_line // 4)
        )

    def shows_picture(self) -> bool:
        """Return whether the screen seems to show a camera's picture: it has at least COLOURS colours."""
        return len(np.unique(self._pixels[::GRID_PX, ::GRID_PX])) >= COLOURS

    def close(self) -> None:
        """Release the mapped picture, so that the file of the frame buffer can be deleted."""
        self._pixels = np.empty((0, 0), np.uint32)


@contextmanager
def virtual_screen() -> Iterator[VirtualScreen]:
    """Run a private X server during the block. Raises OutputError if it can't be started."""
    if shutil.which("Xvfb") is None:
        raise OutputError("Xvfb is missing. Install it: sudo apt install xvfb")
    with tempfile.TemporaryDirectory(prefix="livecoach-screen-") as folder:
        read_fd, write_fd = os.pipe()
        words = ["Xvfb", "-displayfd", str(write_fd), "-screen", "0", f"{WIDTH_PX}x{HEIGHT_PX}x24"]
        words += ["-fbdir", folder, "-nolisten", "tcp", "-r"]  # no repeated key, if it is let go late on a busy machine
        with os.fdopen(read_fd) as pipe:
            quiet = subprocess.DEVNULL
            server = subprocess.Popen(words, pass_fds=[write_fd], stdout=quiet, stderr=quiet)
            os.close(write_fd)
            try:
                ready, _, _ = select.select([pipe], [], [], START_S)
                number = pipe.readline().strip() if ready else ""
                if not number:
                    raise OutputError("Xvfb did not start; try `Xvfb -displayfd 1` to see why")
                with closing(VirtualScreen(f":{number}", Path(folder) / "Xvfb_screen0", server)) as screen:
                    yield screen
            finally:
                end_process(server)


def end_process(child: "subprocess.Popen[Any]") -> None:
    """Terminate a child process, kill it if it does not end, and close its pipes."""
    if child.poll() is None:
        child.terminate()
        try:
            child.wait(GRACE_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
    for pipe in filter(None, (child.stdin, child.stdout, child.stderr)):
        pipe.close()
