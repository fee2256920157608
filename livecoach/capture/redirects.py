"""Connects to cameras without following redirects to other hosts: a request over HTTP, and a relay for RTSP.

FFmpeg follows redirects and playlists to any host, and has no option against that.
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
    find_credentials,
    keeps_host_and_encryption,
    parse_stream_url,
    redact_url,
    without_credentials,
)
from livecoach.core.errors import CameraError
from livecoach.core.types.message import Message

T = TypeVar("T")
LEADS_AWAY = (
    "{name}: redirects to another place, {name2}. "
    "If you trust it, give that address, or set `capture.other_hosts: true`."
)
warnings.filterwarnings("ignore", "Basic Auth Realm was unquoted")  # urllib would print this on the user's terminal
PORTS = {"rtsp": 554, "rtsps": 322}  # scheme → port if the address names none
_MOST_REDIRECTS = 4  # most redirects in a row; a camera needs at most one
_MOST_ANSWER_BYTES = 1 << 16  # most bytes of a camera's answers before it plays; usually some kilobytes
_REDIRECT = re.compile(rb"[\s+0]*3\d\d")
"""A redirect's status as FFmpeg reads it (libavformat/rtsp.c): it skips spaces, signs, zeros and carriage returns."""


class Redirected(Exception):
    """The server answered with a redirect. The exception's argument is the address to which the redirect leads."""


def follow_redirects(
    first: SplitResult, open_at: Callable[[SplitResult, UserAndPassword | None], T], *, other_hosts: bool
) -> T:
    """Open an address, follow its redirects, and return the result of `open_at`.

    Args:
        open_at: Opens an address, or raises Redirected. Called with the address, and with the user and the password, or
            None if they are unknown or must not be sent to this address.
        other_hosts: Whether redirects may lead to another host, or from an encrypted to an unencrypted address.

    Raises:
        CameraError: There are too many redirects, or a redirect leads to a malformed or forbidden address.
    """
    place, name = first, redact_url(first.geturl())
    for _ in range(_MOST_REDIRECTS + 1):
        try:
            return open_at(place, find_credentials(first) if keeps_host_and_encryption(first, place) else None)
        except Redirected as moved:
            target = str(moved)
            with suppress(ValueError):  # brackets in the address do not match
                target = urljoin(place.geturl(), target)
            place = check_redirect(first, target, other_hosts=other_hosts)
    raise CameraError(Message("{name}: redirects again and again. Give the address at which it ends.", name=name))


def check_redirect(first: SplitResult, target: str, *, other_hosts: bool) -> SplitResult:
    """Check the address to which a camera redirects, and return its parts.

    Raises:
        CameraError: The target is malformed or has another protocol than the address `first`, apart from encryption;
            or, without `other_hosts`, is on another host than `first`, or is not encrypted although `first` is.
    """
    place, name = parse_stream_url(target), redact_url(first.geturl())
    if place.scheme.removesuffix("s") != first.scheme.removesuffix("s"):
        raise CameraError(
            Message("{name}: redirects to {name2}. Give that address.", name=name, name2=redact_url(target))
        )
    if not other_hosts and not keeps_host_and_encryption(first, place):
        raise CameraError(Message(LEADS_AWAY, name=name, name2=redact_url(target)))
    return place


def send_request(place: SplitResult, user: UserAndPassword | None, timeout_s: float) -> HTTPResponse:
    """Send an HTTP request, and return the answer. The certificate of the server is not checked.

    Args:
        user: User and password, which are sent only if the server asks for them; None if unknown.

    Raises:
        Redirected: The answer is a redirect.
        HTTPError: The status of the answer is not success.
        OSError, HTTPException, ValueError: The connection fails, or the answer is not HTTP.
    """
    address, passwords = without_credentials(place), request.HTTPPasswordMgrWithDefaultRealm()
    if user is not None:
        passwords.add_password(None, address, *user)
    opener = request.OpenerDirector()  # without the default handlers, which follow redirects, ask proxies, read files
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
            raise Redirected(err.headers["Location"]) from err
        raise
    except URLError as err:
        raise err.reason if isinstance(err.reason, OSError) else ValueError(err.reason) from err
    except (LookupError, AttributeError) as err:  # urllib raises these for a malformed challenge
        raise ValueError(str(err)) from err


class RtspRelay:
    """Relays data between FFmpeg and a camera, and hangs up when the camera redirects.

    FFmpeg connects to `port` of this computer. Any answer before the camera plays may be a redirect.
    """

    def __init__(self, place: SplitResult, timeout_s: float) -> None:
        """Connect to a camera, and wait on another thread for FFmpeg to connect to `port`.

        Args:
            timeout_s: Longest wait for the camera, for FFmpeg's connection, and for each transfer.

        Raises:
            OSError: The camera does not answer in time, or does not support TLS.
        """
        self._timeout_s = timeout_s
        self._camera = socket.create_connection((place.hostname or "", place.port or PORTS[place.scheme]), timeout_s)
        if place.scheme == "rtsps":
            self._camera = ssl._create_unverified_context().wrap_socket(self._camera)
        self._door = socket.create_server(("127.0.0.1", 0), backlog=1)
        self.port: int = self._door.getsockname()[1]
        self.answers = b""  # the camera's answers until it plays, without carriage returns
        self.redirect_url: str | None = None  # address to which the camera redirects; None without a redirect
        threading.Thread(target=self._run, name="rtsp relay", daemon=True).start()

    def _run(self) -> None:
        with suppress(OSError), self._camera, self._door:  # FFmpeg reports that the connection is gone
            self._door.settimeout(self._timeout_s)
            player, _ = self._door.accept()
            self._door.close()  # there is only one connection
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
                    words = pairwise(re.split(rb"[ \t\n]+", self.answers))
                    if any(b"RTSP/" in word and _REDIRECT.match(status) is not None for word, status in words):
                        found = re.search(rb"(?im)^location:\s*(\S+)", self.answers)
                        self.redirect_url = found and found[1].decode("utf-8", "replace")
                        return
                    if len(self.answers) > _MOST_ANSWER_BYTES:
                        return
                (camera if sock is player else player).sendall(data)
