"""RTSP cameras (RFC 2326): FFmpeg talks to them through a relay, which reads their answers and blocks redirects.

FFmpeg follows a redirect to any host, in whichever answer it comes, has no option against that, and reports a refusal
only as a failure to open. So it connects to a socket of this computer instead. The relay behind that socket passes
everything on to the camera, and checks the camera's answers until it plays.
"""

import re
import select
import socket
import ssl
import threading
from itertools import pairwise
from urllib.parse import SplitResult

from livecoach.capture.address import credentials_of, shown_url
from livecoach.capture.web import failure_text, not_open_text, redirect_text, status_text
from livecoach.core.errors import CameraError
from livecoach.core.types.message import Message

_STATUS = re.compile(rb"[+0]*(\d{3})")
"""A status as FFmpeg reads it (libavformat/rtsp.c): it skips carriage returns, spaces and zeros."""
_LOCATION = re.compile(rb"(?im)^location:\s*(\S+)")
_PLAY = b"PLAY "
_AT_ONCE_BYTES = 1 << 16
_MOST_ANSWER_BYTES = 1 << 16  # largest size of a camera's answers before it plays; they take some kilobytes
PORTS = {"rtsp": 554, "rtsps": 322}


class RtspRelay:
    def __init__(self, at: SplitResult, timeout_s: float, *, other_hosts: bool) -> None:
        """Connect to a camera. timeout_s: longest wait for it, for FFmpeg, and for either side to accept the other's
        data. other_hosts: let redirects pass, which FFmpeg follows. Raises CameraError. The relay ends with either
        side."""
        self._at, self._timeout_s, self._other_hosts = at, timeout_s, other_hosts
        self._name = shown_url(at.geturl())
        try:
            self._camera = _connected(at, timeout_s)
        except OSError as err:
            raise CameraError(not_open_text(self._name, failure_text(err, timeout_s))) from err
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        host, port = self._door.getsockname()
        self.place = f"{host}:{port}"  # the address to which FFmpeg connects
        self._said = b""
        """The camera's answers until it plays, without carriage returns."""
        self._refused = False  # whether the camera tried to send FFmpeg elsewhere
        threading.Thread(target=self._run, name="rtsp relay", daemon=True).start()

    @property
    def target(self) -> str | None:
        """Where the camera tried to send FFmpeg; None where it did not, or did not say."""
        found = _LOCATION.search(self._said) if self._refused else None
        return None if found is None else found[1].decode("utf-8", "replace")

    def why(self) -> str | None:
        """Return why it does not open, by the camera's answers; None where that is not known from them."""
        statuses = _statuses(self._said)
        if self._refused:
            return redirect_text(self._name, self.target)
        if not self._said:
            return not_open_text(self._name, failure_text(TimeoutError(), self._timeout_s))
        if not statuses:
            return not_open_text(self._name, Message("what answers there speaks no RTSP. Is the address right?"))
        if statuses[-1] >= 400:
            return status_text(self._name, statuses[-1], "", known=credentials_of(self._at) is not None)
        return None

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
        plays = False
        while True:
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
                    self._said += data.replace(b"\r", b"")
                    redirects = not self._other_hosts and any(300 <= status < 400 for status in _statuses(self._said))
                    self._refused = redirects or len(self._said) > _MOST_ANSWER_BYTES
                    if self._refused:
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
        return select.select([player, self._camera], [], [])[0]


def _statuses(said: bytes) -> list[int]:
    found = (_STATUS.match(status) for name, status in pairwise(said.split()) if b"RTSP/" in name)
    return [int(status[1]) for status in found if status is not None]


def _connected(at: SplitResult, timeout_s: float) -> socket.socket:
    """Raises OSError."""
    plain = socket.create_connection((at.hostname or "", at.port or PORTS[at.scheme]), timeout_s)
    if at.scheme == "rtsp":
        return plain
    try:
        return ssl._create_unverified_context().wrap_socket(plain)
    except OSError:
        plain.close()
        raise
