"""A stand-in for a network camera: MJPEG over HTTP on loopback, which can be stalled, killed and brought back."""

import contextlib
import itertools
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np

from builders.command import CLIPS
from builders.videos import pictures_of
from livecoach.source.opencv import cv2

_BOUNDARY = "frame"


def a_picture(number: int, width_px: int = 160, height_px: int = 120) -> np.ndarray:
    """(height_px, width_px, 3) uint8; a white bar whose place follows from the number."""
    picture = np.full((height_px, width_px, 3), 40, np.uint8)
    left_px = number * 8 % (width_px - 16)
    picture[:, left_px : left_px + 16] = 255
    return picture


def _bars() -> Iterator[bytes]:
    for number in itertools.count():
        yield cv2.imencode(".jpg", a_picture(number))[1].tobytes()


class MjpegServer:
    """Serves moving pictures to whoever connects, from `start` to `kill`, always on the same port."""

    def __init__(self, fps: float = 60.0, jpegs: Callable[[], Iterator[bytes]] | None = None) -> None:
        """jpegs: the pictures that each client is shown, from the first on; None for the bar of `a_picture`."""
        self._interval_s = 1 / fps
        self._jpegs = jpegs if jpegs is not None else _bars
        self._flowing = threading.Event()
        self._flowing.set()
        self._http: _Http | None = None
        self._port = 0
        self.connections = threading.Semaphore(0)
        """Released once for each client that comes."""

    def __enter__(self) -> "MjpegServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}/video"

    def start(self) -> None:
        """Listen; on the port of the first time, if there was one."""
        self._http = _Http(self._port, self)
        self._port = self._http.server_port
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def kill(self) -> None:
        """Cut every connection and stop to listen."""
        if self._http is None:
            return
        http, self._http = self._http, None
        http.shutdown()
        http.server_close()
        http.cut_all()

    def stall(self) -> None:
        """Keep the connections, and send nothing."""
        self._flowing.clear()

    def flow(self) -> None:
        """Send again."""
        self._flowing.set()

    def parts(self, gone: threading.Event):
        """Multipart bodies, paced, until the connection is gone."""
        due_s = time.monotonic()
        for jpeg in self._jpegs():
            while not self._flowing.wait(0.05):
                if gone.is_set():
                    return
            due_s = max(due_s + self._interval_s, time.monotonic() - self._interval_s)
            if gone.wait(max(0.0, due_s - time.monotonic())):
                return
            head = f"--{_BOUNDARY}\r\nContent-Type: image/jpeg\r\nContent-Length: {len(jpeg)}\r\n\r\n"
            yield head.encode() + jpeg + b"\r\n"


class _Http(ThreadingHTTPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, port: int, camera: MjpegServer) -> None:
        self.camera = camera
        self.gone = threading.Event()
        self._sockets: list[socket.socket] = []
        super().__init__(("127.0.0.1", port), _Handler)

    def get_request(self):
        accepted = super().get_request()
        self._sockets.append(accepted[0])
        return accepted

    def cut_all(self) -> None:
        self.gone.set()
        for connection in self._sockets:
            with contextlib.suppress(OSError):  # closed by the other side already
                connection.shutdown(socket.SHUT_RDWR)

    def handle_error(self, *_: object) -> None:
        """Clients that leave are part of the game."""


class _Handler(BaseHTTPRequestHandler):
    server: _Http

    def do_GET(self) -> None:
        if self.path != "/video":
            self.send_error(404)
            return
        self.server.camera.connections.release()
        self.send_response(200)
        self.send_header("Content-Type", f"multipart/x-mixed-replace; boundary={_BOUNDARY}")
        self.end_headers()
        for part in self.server.camera.parts(self.server.gone):
            self.wfile.write(part)

    def log_message(self, *_: object) -> None:
        """Nothing on the test's stderr."""


def two_squats() -> MjpegServer:
    """Shows two squats again and again, from the start to each client."""
    shown = [cv2.imencode(".jpg", picture)[1].tobytes() for _, picture in pictures_of(CLIPS / "squat_2.mp4")]
    return MjpegServer(fps=30, jpegs=lambda: itertools.cycle(shown))
