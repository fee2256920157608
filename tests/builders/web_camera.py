"""A stand-in for whatever answers at a camera's address: each path does what the test says."""

import base64
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

import numpy as np

from livecoach.capture import Source
from livecoach.capture.opencv import cv2

Answer = Callable[[BaseHTTPRequestHandler], None]


def a_jpeg(width_px: int = 160, height_px: int = 120, grey: int = 90) -> bytes:
    return cv2.imencode(".jpg", np.full((height_px, width_px, 3), grey, np.uint8))[1].tobytes()


def a_part(body: bytes, *headers: str) -> bytes:
    head = "".join(f"{line}\r\n" for line in ("Content-Type: image/jpeg", f"Content-Length: {len(body)}", *headers))
    return b"--frame\r\n" + head.encode() + b"\r\n" + body + b"\r\n"


def status(code: int, *headers: tuple[str, str]) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(code)
        for name, value in headers:
            request.send_header(name, value)
        request.end_headers()

    return answer


def body(content: bytes, content_type: str) -> Answer:
    def answer(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Type", content_type)
        request.end_headers()
        request.wfile.write(content)

    return answer


def pictures(*parts: bytes, then: threading.Event | None = None) -> Answer:
    """These parts at once; then the connection stays open until `then`."""

    def answer(request: BaseHTTPRequestHandler) -> None:
        body(b"".join(parts), "multipart/x-mixed-replace; boundary=frame")(request)
        if then is not None:
            then.wait(20)

    return answer


def read_all(stream: Source) -> None:
    while stream.read() is not None:
        pass


class Halting:
    """A stream whose first part is sent at once, and the rest after `go_on`; then the connection stays until `end`."""

    def __init__(self, first: bytes, *rest: bytes) -> None:
        self._first, self._rest = first, b"".join(rest)
        self._goes_on, self._ends, self._sent = (threading.Event() for _ in range(3))

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        pictures(self._first)(request)
        self._goes_on.wait(120)
        request.wfile.write(self._rest)
        self._sent.set()
        self._ends.wait(20)

    def go_on(self) -> None:
        """Send the rest."""
        self._goes_on.set()
        assert self._sent.wait(120)

    def end(self) -> None:
        self._ends.set()


class Flowing:
    """A stream whose first pieces are sent at once, and each other when the test gives it."""

    def __init__(self, *pieces: bytes, content_type: str = "multipart/x-mixed-replace; boundary=frame") -> None:
        self._content_type = content_type
        self._pieces: Queue[bytes | None] = Queue()
        for piece in pieces:
            self._pieces.put(piece)

    def __call__(self, request: BaseHTTPRequestHandler) -> None:
        body(b"", self._content_type)(request)
        for piece in iter(self._pieces.get, None):
            request.wfile.write(piece)
            self._pieces.task_done()

    def send(self, piece: bytes) -> None:
        """Send a piece, and wait until it and those before are sent."""
        self._pieces.put(piece)
        self._pieces.join()

    def end(self) -> None:
        self._pieces.put(None)


def for_user(user: str, password: str, answer: Answer, asked: str = 'Basic realm="camera"') -> Answer:
    """The answer for who gives user and password; otherwise the question for them."""
    pair = "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()

    def checked(request: BaseHTTPRequestHandler) -> None:
        given = request.headers.get("Authorization", "")
        right = given == pair if asked.startswith("Basic") else given.startswith("Digest ") and "response=" in given
        (answer if right else status(401, ("WWW-Authenticate", asked)))(request)

    return checked


class WebCamera:
    """Listens on loopback; `requests` are the paths and what was told of the user with each."""

    def __init__(self, routes: Mapping[str, Answer], host: str = "127.0.0.1") -> None:
        camera = self

        class Handler(BaseHTTPRequestHandler):
            disable_nagle_algorithm = True  # what is written is sent

            def do_GET(self) -> None:
                camera.requests.append((self.path, self.headers.get("Authorization")))
                with contextlib.suppress(OSError):
                    routes.get(self.path, status(404))(self)

            def log_message(self, *_: object) -> None:
                """Nothing on the test's stderr."""

        self.requests: list[tuple[str, str | None]] = []
        self._http = ThreadingHTTPServer((host, 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self.host = f"{host}:{self._http.server_port}"
        self.port = self._http.server_port

    def __enter__(self) -> "WebCamera":
        threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()


class SilentServer:
    """Sends one answer, whatever is asked, and keeps the connection."""

    def __init__(self, answer: bytes = b"") -> None:
        self._answer = answer
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._kept: list[socket.socket] = []
        self.port = self._socket.getsockname()[1]

    def __enter__(self) -> "SilentServer":
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that accepts
        self._socket.close()
        for connection in self._kept:
            connection.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                self._kept.append(connection)
                if self._answer:
                    connection.recv(4096)
                    connection.sendall(self._answer)
