"""RTSP cameras (RFC 2326): livecoach asks what they have (DESCRIBE) before FFmpeg opens them, and blocks redirects.

FFmpeg follows a redirect to any host, in whichever answer it comes, has no option against that, and reports a refusal
only as a failure to open. So it connects to a socket of this computer instead. The relay behind that socket passes
everything on to the camera, and checks the camera's answers until it plays.
"""

import re
import select
import socket
import ssl
import threading
import time
from itertools import pairwise
from urllib.parse import SplitResult

from livecoach.errors import CameraError
from livecoach.source.address import credentials_of, parse_stream_url, same_host, shown_url, without_credentials
from livecoach.source.web import MOST_REDIRECTS, failure_text, redirect_text, status_text

_REDIRECT = re.compile(rb"[+0]*3\d\d")
"""A status of 300 to 399, as FFmpeg reads it (libavformat/rtsp.c): it skips carriage returns, spaces and zeros."""
_PLAY = b"PLAY "
_AT_ONCE_BYTES = 1 << 16
_TICK_S = 0.5  # longest delay until the end of the relay is noticed
_MOST_ANSWER_BYTES = 1 << 16  # largest size of a camera's answers before it plays; they take some kilobytes


class RtspRelay:
    def __init__(self, camera: socket.socket, timeout_s: float) -> None:
        """camera: a connection to it, which the relay closes. timeout_s: longest wait for FFmpeg, and for either side
        to accept the other's data. Raises OSError."""
        self._camera, self._timeout_s = camera, timeout_s
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        host, port = self._door.getsockname()
        self.place = f"{host}:{port}"  # the address to which FFmpeg connects
        self.refused = False  # whether the camera tried to send FFmpeg elsewhere
        self._over = threading.Event()
        threading.Thread(target=self._run, name="rtsp relay", daemon=True).start()

    def close(self) -> None:
        self._over.set()

    def _run(self) -> None:
        try:
            with self._camera, self._door:
                self._door.settimeout(self._timeout_s)
                player, _ = self._door.accept()
                with player:
                    self._door.close()  # for one connection alone
                    for sock in (player, self._camera):
                        sock.settimeout(self._timeout_s)
                    self._pass_on(player)
        except OSError:
            return  # FFmpeg says that the connection is gone

    def _pass_on(self, player: socket.socket) -> None:
        plays, said = False, b""
        while not self._over.is_set():
            for sock in self._ready(player):
                data = self._received(sock)
                if data is None:
                    continue
                if not data:
                    return
                if sock is player:
                    plays = plays or _PLAY in data
                    self._camera.sendall(data)
                    continue
                if not plays:
                    said += data.replace(b"\r", b"")
                    self.refused = _redirects(said) or len(said) > _MOST_ANSWER_BYTES
                    if self.refused:
                        return
                player.sendall(data)

    def _received(self, sock: socket.socket) -> bytes | None:
        """Return the data from a side that is ready: empty at its end, and None where it sent only TLS records."""
        sock.settimeout(0.0)
        try:
            return sock.recv(_AT_ONCE_BYTES)
        except (ssl.SSLWantReadError, BlockingIOError):
            return None
        finally:
            sock.settimeout(self._timeout_s)

    def _ready(self, player: socket.socket) -> list[socket.socket]:
        if isinstance(self._camera, ssl.SSLSocket) and self._camera.pending():
            return [self._camera]
        return select.select([player, self._camera], [], [], _TICK_S)[0]


def _redirects(said: bytes) -> bool:
    """Return whether an answer of the camera is a redirect."""
    return any(b"RTSP/" in name and _REDIRECT.match(status) for name, status in pairwise(said.split()))


_PORTS = {"rtsp": 554, "rtsps": 322}
_MOST_BYTES = 16 << 10


def described_at(url: str, timeout_s: float, *, other_hosts: bool) -> str:
    """Return the address at which a camera describes its stream, after its redirects.

    Raises CameraError where no camera answers, it has no stream there, or it redirects to another host.
    """
    first = at = parse_stream_url(url)
    name = shown_url(url)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            status, reason, target = _described(at, timeout_s)
        except (OSError, ValueError) as err:
            raise CameraError(f"{name} did not open: {failure_text(err, timeout_s)}") from err
        if 300 <= status < 400 and target is not None:
            there = parse_stream_url(target)
            if not other_hosts and not (same_host(first, there) and there.scheme in _PORTS):
                raise CameraError(redirect_text(name, target))
            if other_hosts:
                return url  # FFmpeg follows it
            at = there._replace(netloc=first.netloc.rpartition("@")[0] + "@" * ("@" in first.netloc) + _place(there))
            continue
        if status >= 400 and not (status == 401 and credentials_of(at) is not None):
            raise CameraError(status_text(name, status, reason, known=False))
        return at.geturl()
    raise CameraError(f"{name}: redirects again and again. Give the address at which it ends.")


def connect(at: SplitResult, timeout_s: float) -> socket.socket:
    """Return a connection to a camera. Raises OSError."""
    plain = socket.create_connection((at.hostname or "", at.port or _PORTS[at.scheme]), timeout_s)
    if at.scheme == "rtsp":
        return plain
    try:
        return ssl._create_unverified_context().wrap_socket(plain)
    except OSError:
        plain.close()
        raise


def _place(at: SplitResult) -> str:
    return at.netloc.rpartition("@")[2]


def _described(at: SplitResult, timeout_s: float) -> tuple[int, str, str | None]:
    """Return status, its words and the target of a redirect. Raises OSError or ValueError where no valid answer comes
    in time."""
    until_s = time.monotonic() + timeout_s
    with connect(at, timeout_s) as sock:
        request = f"DESCRIBE {without_credentials(at)} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n"
        sock.sendall(f"{request}User-Agent: livecoach\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer and len(answer) < _MOST_BYTES:
            sock.settimeout(max(until_s - time.monotonic(), 0.001))  # for all of it: a camera may send byte by byte
            data = sock.recv(4096)
            if not data:
                break
            answer += data
    head = answer.partition(b"\r\n\r\n")[0].decode("utf-8", "replace").splitlines()
    protocol, status, reason = (*head[0].split(None, 2), "", "")[:3] if head else ("", "", "")
    if not protocol.startswith("RTSP/") or not status.isdigit():
        raise ValueError("what answers there speaks no RTSP")
    headers = {key.strip().lower(): value.strip() for key, _, value in (line.partition(":") for line in head[1:])}
    return int(status), reason, headers.get("location")
