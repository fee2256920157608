"""Connections to cameras that lead nowhere else: a request over HTTP, and a relay for RTSP.

FFmpeg follows a redirect, and what a playlist names, to any host, and has no option against that.
"""

import re
import select
import socket
import ssl
import threading
import warnings
from collections.abc import Callable
from contextlib import suppress
from http.client import HTTPResponse
from itertools import pairwise
from typing import TypeVar
from urllib import request
from urllib.error import HTTPError, URLError
from urllib.parse import SplitResult, urljoin

from livecoach.capture.address import (
    UserAndPassword,
    credentials_of,
    parse_stream_url,
    same_host,
    shown_url,
    without_credentials,
)
from livecoach.core.errors import CameraError
from livecoach.core.types.message import Message

T = TypeVar("T")
LEADS_AWAY = (
    "{name}: redirects to another place, {name2}. "
    "If you trust it, give that address, or set `capture.other_hosts: true`."
)
warnings.filterwarnings("ignore", "Basic Auth Realm was unquoted")  # urllib's, on the user's terminal
PORTS = {"rtsp": 554, "rtsps": 322}
_MOST_REDIRECTS = 4  # a camera needs one at most
_MOST_ANSWER_BYTES = 1 << 16  # a camera's answers before it plays take some kilobytes
_REDIRECT = re.compile(rb"[\s+0]*3\d\d")
"""A status as FFmpeg reads it (libavformat/rtsp.c), which skips spaces, signs, zeros and carriage returns."""


class Moved(Exception):
    """A redirect. Its argument is the address."""


def followed(first: SplitResult, opens: Callable[[SplitResult, UserAndPassword | None], T], *, other_hosts: bool) -> T:
    """Return what `opens` returns for an address, or for the place where its redirects lead. opens: takes user and
    password too, for the address's own host alone. Raises CameraError where they lead to another host."""
    place, name = first, shown_url(first.geturl())
    for _ in range(_MOST_REDIRECTS + 1):
        try:
            return opens(place, credentials_of(first) if same_host(first, place) else None)
        except Moved as moved:
            target = str(moved)
            with suppress(ValueError):  # of brackets that do not match
                target = urljoin(place.geturl(), target)
            place = checked_place(first, target, other_hosts=other_hosts)
    raise CameraError(Message("{name}: redirects again and again. Give the address at which it ends.", name=name))


def checked_place(first: SplitResult, target: str, *, other_hosts: bool) -> SplitResult:
    """Return the place of an address to which a camera leads. Raises CameraError where it is on another host."""
    there, name = parse_stream_url(target), shown_url(first.geturl())
    if there.scheme.removesuffix("s") != first.scheme.removesuffix("s"):
        raise CameraError(
            Message("{name}: redirects to {name2}. Give that address.", name=name, name2=shown_url(target))
        )
    if not other_hosts and not same_host(first, there):
        raise CameraError(Message(LEADS_AWAY, name=name, name2=shown_url(target)))
    return there


def ask_web(place: SplitResult, user: UserAndPassword | None, timeout_s: float) -> HTTPResponse:
    """Send a request and wait for the answer. user: sent where the server asks for it. Raises Moved, HTTPError for
    another status that is no success, OSError, HTTPException or ValueError."""
    address, passwords = without_credentials(place), request.HTTPPasswordMgrWithDefaultRealm()
    if user is not None:
        passwords.add_password(None, address, *user)
    opener = request.OpenerDirector()  # of these alone: none follows redirects, asks proxies or reads files
    for handler in (
        request.HTTPHandler(),
        # Cameras have self-signed certificates. The local network protects the password.
        request.HTTPSHandler(context=ssl._create_unverified_context()),
        request.HTTPErrorProcessor(),
        request.HTTPDefaultErrorHandler(),
        request.HTTPBasicAuthHandler(passwords),
        request.HTTPDigestAuthHandler(passwords),
    ):
        opener.add_handler(handler)
    try:
        answer = opener.open(request.Request(address, headers={"User-Agent": "livecoach"}), timeout=timeout_s)
        assert isinstance(answer, HTTPResponse)
        return answer
    except HTTPError as err:
        err.close()
        if 300 <= err.code < 400 and "Location" in err.headers:
            raise Moved(err.headers["Location"]) from err
        raise
    except URLError as err:
        raise err.reason if isinstance(err.reason, OSError) else ValueError(err.reason) from err
    except (LookupError, AttributeError) as err:  # of urllib, at a challenge that is none
        raise ValueError(str(err)) from err


class RtspRelay:
    """Passes on what FFmpeg and a camera send each other, and hangs up at a redirect, which may be any answer until the
    camera plays. FFmpeg connects to `port` of this computer."""

    def __init__(self, place: SplitResult, timeout_s: float) -> None:
        """timeout_s: for each step. Raises OSError where the camera does not answer."""
        self._timeout_s = timeout_s
        self._camera = socket.create_connection((place.hostname or "", place.port or PORTS[place.scheme]), timeout_s)
        if place.scheme == "rtsps":
            self._camera = ssl._create_unverified_context().wrap_socket(self._camera)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port: int = self._door.getsockname()[1]
        self.answers = b""  # of the camera, until it plays, without carriage returns
        self.leads_to: str | None = None  # where a redirect leads
        threading.Thread(target=self._run, name="rtsp relay", daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError), self._camera, self._door:  # FFmpeg reports that the connection is gone
            self._door.settimeout(self._timeout_s)
            player, _ = self._door.accept()
            self._door.close()  # for one connection alone
            with player:
                self._pass_on(player, self._camera)

    def _pass_on(self, player: socket.socket, camera: socket.socket) -> None:
        plays = False
        while True:
            pending = isinstance(camera, ssl.SSLSocket) and camera.pending()
            for sock in [camera] if pending else select.select([player, camera], [], [])[0]:
                try:
                    sock.settimeout(0.0)
                    data = sock.recv(1 << 16)
                except (ssl.SSLWantReadError, BlockingIOError):
                    continue  # TLS records of the connection itself
                finally:
                    sock.settimeout(self._timeout_s)
                if not data:
                    return
                plays = plays or (sock is player and b"PLAY " in data)
                if sock is camera and not plays:
                    self.answers += data.replace(b"\r", b"")
                    if _redirects(self.answers):
                        found = re.search(rb"(?im)^location:\s*(\S+)", self.answers)
                        self.leads_to = found and found[1].decode("utf-8", "replace")
                        return
                    if len(self.answers) > _MOST_ANSWER_BYTES:
                        return
                (camera if sock is player else player).sendall(data)


def _redirects(answers: bytes) -> bool:
    words = pairwise(re.split(rb"[ \t\n]+", answers))
    return any(b"RTSP/" in word and _REDIRECT.match(status) is not None for word, status in words)
