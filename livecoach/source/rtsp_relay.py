"""A relay between FFmpeg and an RTSP camera, through which no redirect passes.

FFmpeg follows a redirect to any host, in whichever answer it comes, and can't be told not to. So it talks to a socket
of this computer instead, which passes everything on to the camera, and looks at what that says until it plays.
"""

import re
import select
import socket
import ssl
import threading
from itertools import pairwise

_REDIRECT = re.compile(rb"[+0]*3\d\d")
"""A status of 300 to 399, as FFmpeg reads it (libavformat/rtsp.c): it skips carriage returns, spaces and zeros."""
_PLAY = b"PLAY "
_AT_ONCE_BYTES = 1 << 16
_TICK_S = 0.5
"""How long the end of the relay may stay unnoticed."""
_MOST_SAID_BYTES = 1 << 16
"""What a camera says before it plays takes some kilobytes."""


class RtspRelay:
    """Passes one connection on to a camera."""

    def __init__(self, camera: socket.socket, timeout_s: float) -> None:
        """camera: a connection to it, which this closes. timeout_s: longest wait for FFmpeg, and for either side to
        take what the other sent. Raises OSError."""
        self._camera, self._timeout_s = camera, timeout_s
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        host, port = self._door.getsockname()
        self.place = f"{host}:{port}"
        """Where FFmpeg connects to."""
        self.refused = False
        """Whether the camera tried to send FFmpeg elsewhere."""
        self._over = threading.Event()
        threading.Thread(target=self._run, name="rtsp relay", daemon=True).start()

    def close(self) -> None:
        """End the connection."""
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
                    self.refused = _redirects(said) or len(said) > _MOST_SAID_BYTES
                    if self.refused:
                        return
                player.sendall(data)

    def _received(self, sock: socket.socket) -> bytes | None:
        """Return what a side that is ready has sent: nothing at its end, and None where TLS alone had to say
        something."""
        sock.settimeout(0.0)
        try:
            return sock.recv(_AT_ONCE_BYTES)
        except (ssl.SSLWantReadError, BlockingIOError):
            return None
        finally:
            sock.settimeout(self._timeout_s)

    def _ready(self, player: socket.socket) -> list[socket.socket]:
        """Return the sides that have sent something."""
        if isinstance(self._camera, ssl.SSLSocket) and self._camera.pending():
            return [self._camera]
        return select.select([player, self._camera], [], [], _TICK_S)[0]


def _redirects(said: bytes) -> bool:
    """Return whether an answer of the camera is a redirect."""
    return any(b"RTSP/" in name and _REDIRECT.match(status) for name, status in pairwise(said.split()))
