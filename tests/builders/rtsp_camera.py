"""A stand-in for an RTSP camera: MPEG-TS in RTP packets, between the answers of one connection (RFC 2326, 10.12)."""

import contextlib
import io
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator

import numpy as np
import trustme

from builders.certificates import tls_of
from livecoach.capture.opencv import av

SDP = "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\nm=video 0 RTP/AVP 33\r\na=control:track\r\n"
AT_ONCE_BYTES = 7 * 188
Turn = Callable[[str], str | None]
"""Method → an answer in place of the usual one; None for the usual one."""


def usual(_: str) -> None:
    """Answer as cameras do."""


@contextlib.contextmanager
def rtsp_camera(turn: Turn = usual, host: str = "127.0.0.1", *, tls: bool = False) -> Iterator["RtspCamera"]:
    """Run a camera. tls: as rtsps."""
    with RtspCamera(turn, host, tls_of(trustme.CA(), host) if tls else None) as camera:
        threading.Thread(target=camera.serve_forever, args=(0.01,), daemon=True).start()
        try:
            yield camera
        finally:
            camera.shutdown()


class RtspCamera(socketserver.ThreadingTCPServer):
    """The camera, made by `rtsp_camera`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, turn: Turn, host: str, tls: ssl.SSLContext | None) -> None:
        super().__init__((host, 0), _Connection)
        self.turn, self.tls = turn, tls
        self.stream = _pictures()
        self.methods: list[str] = []

    @property
    def url(self) -> str:
        return f"rtsp{'s' if self.tls else ''}://{self.server_address[0]}:{self.server_address[1]}/cam"

    def get_request(self) -> tuple[socket.socket, object]:
        """Accept a connection. The handshake is made on its own thread, with the first read."""
        sock, place = super().get_request()
        if self.tls is None:
            return sock, place
        return self.tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False), place


class _Connection(socketserver.StreamRequestHandler):
    server: RtspCamera

    def handle(self) -> None:
        with contextlib.suppress(OSError):
            while line := self.rfile.readline().decode():
                method = line.split()[0]
                heads = dict(head.split(": ", 1) for head in iter(lambda: self.rfile.readline().decode().strip(), ""))
                self.server.methods.append(method)
                answer = self.server.turn(method) or _answer(method, heads)
                self.wfile.write(answer.replace("CSeq", f"CSeq: {heads['CSeq']}").encode())
                if method == "PLAY":
                    self._play()

    def _play(self) -> None:
        for number, begin in enumerate(range(0, len(self.server.stream), AT_ONCE_BYTES)):
            packet = struct.pack(">BBHII", 0x80, 33, number, number * 3000, 1)
            packet += self.server.stream[begin : begin + AT_ONCE_BYTES]
            self.wfile.write(struct.pack(">cBH", b"$", 0, len(packet)) + packet)


def _answer(method: str, heads: dict[str, str]) -> str:
    head = "RTSP/1.0 200 OK\r\nCSeq\r\n"
    if method == "OPTIONS":
        return f"{head}Public: OPTIONS, DESCRIBE, SETUP, PLAY, TEARDOWN\r\n\r\n"
    if method == "DESCRIBE":
        return f"{head}Content-Type: application/sdp\r\nContent-Length: {len(SDP)}\r\n\r\n{SDP}"
    if method == "SETUP":
        return f"{head}Transport: {heads['Transport']}\r\nSession: 1\r\n\r\n"
    return f"{head}Session: 1\r\n\r\n"


def _pictures() -> bytes:
    """Return two seconds of grey pictures in MPEG-TS."""
    file = io.BytesIO()
    with av.open(file, "w", format="mpegts") as container:
        stream = container.add_stream("mpeg2video", rate=25)
        stream.width, stream.height, stream.pix_fmt = 160, 120, "yuv420p"
        for _ in range(50):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(np.full((120, 160, 3), 90, np.uint8), "bgr24")))
        container.mux(stream.encode(None))
    return file.getvalue()
