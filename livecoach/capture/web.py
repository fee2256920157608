"""HTTP for cameras: one request, with user and password where the camera asks, and no redirect to other hosts.

http.client sends requests, urllib.request answers challenges. Neither follows a redirect here before it is checked.
"""

import base64
import http.client
import io
import socket
import ssl
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit
from urllib.request import AbstractDigestAuthHandler, HTTPPasswordMgrWithDefaultRealm, Request, parse_http_list
from urllib.request import parse_keqv_list as pairs_of

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

MOST_REDIRECTS = 4  # a camera needs one at most
LEADS_AWAY = (
    "{name}: redirects to another place, {name2}. "
    "If you trust it, give that address, or set `capture.other_hosts: true`."
)
REFUSED = "{name}: the camera refuses this user and password ({n}). Check both."
LOCKED = (
    "{name}: the camera asks for a user and a password ({n}). Give them in ~/.netrc, or in the address: "
    "http://user:password@host/…"
)
NOTHING_THERE = "{name}: the camera answers, but has nothing at this path ({n}). Check what follows the host."
ITS_ERROR = (
    "{name}: the camera answers with an error of its own ({n}). Is another program using it? Try again in a minute."
)
OTHER_ANSWER = "{name}: the camera answers {n} {name2}. Try the address in a browser."


class WebReply(io.RawIOBase):
    """An answer whose body is about to come; PyAV reads it as a file."""

    def __init__(self, sock: socket.socket, response: http.client.HTTPResponse, url: str) -> None:
        """url: address of the body, without user and password: the base of relative entries of a playlist."""
        super().__init__()
        self.sock, self.response, self.name = sock, response, url

    @property
    def content_type(self) -> str:
        return self.response.headers.get_content_type()

    @property
    def boundary(self) -> str | None:
        """The separator of the body's parts; None where it has none."""
        return self.response.headers.get_boundary()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.response.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self.response.close()
        self.sock.close()
        super().close()


class _Connection(http.client.HTTPConnection):
    # With HTTP/1.0 no server cuts the body into chunks: what select() reports of the socket is true of the body.
    _http_vsn, _http_vsn_str = 10, "HTTP/1.0"


class _TlsConnection(http.client.HTTPSConnection):
    _http_vsn, _http_vsn_str = 10, "HTTP/1.0"


def open_web(first: SplitResult, *, timeout_s: float, other_hosts: bool) -> WebReply:
    """Send a request and wait for the answer. timeout_s: for each step. other_hosts: follow redirects to any host.
    Raises CameraError where there is no answer, or its status is no success."""
    name = shown_url(first.geturl())
    credentials = credentials_of(first)
    at, authorization = first, None
    for _ in range(MOST_REDIRECTS + 1):
        reply = _ask(at, timeout_s, authorization)
        status = reply.response.status
        if status < 300:
            return reply
        challenges = reply.response.headers.get_all("WWW-Authenticate") or []
        target = reply.response.headers.get("Location")
        reply.close()
        if status == http.client.UNAUTHORIZED and authorization is None and credentials and same_host(first, at):
            authorization = _answer(challenges, at, credentials)
            if authorization is not None:
                continue
        if 300 <= status < 400 and target:
            at, authorization = _next_place(first, at, target, other_hosts=other_hosts), None
            continue
        raise CameraError(status_text(name, status, reply.response.reason, known=credentials is not None))
    raise CameraError(circling_text(name))


def _ask(at: SplitResult, timeout_s: float, authorization: str | None) -> WebReply:
    connection: http.client.HTTPConnection | None = None
    headers = {"User-Agent": "livecoach", "Accept": "*/*"}
    if authorization is not None:
        headers["Authorization"] = authorization
    try:
        connection = _connection(at, timeout_s)
        connection.request("GET", _target(at), headers=headers)
        sock = connection.sock  # the connection drops it when the answer has begun
        return WebReply(sock, connection.getresponse(), without_credentials(at))
    except (OSError, http.client.HTTPException, ValueError) as err:
        if connection is not None:
            connection.close()
        raise CameraError(not_open_text(shown_url(at.geturl()), failure_text(err, timeout_s))) from err


def _connection(at: SplitResult, timeout_s: float) -> http.client.HTTPConnection:
    """Return a connection that is not open yet. Raises http.client.InvalidURL for an impossible host name."""
    host, port = at.hostname or "", at.port
    if at.scheme == "https":
        # Cameras have self-signed certificates. The local network protects the password.
        return _TlsConnection(host, port, timeout=timeout_s, context=ssl._create_unverified_context())
    return _Connection(host, port, timeout=timeout_s)


def _target(at: SplitResult) -> str:
    return (at.path or "/") + (f"?{at.query}" if at.query else "")


def _next_place(first: SplitResult, at: SplitResult, target: str, *, other_hosts: bool) -> SplitResult:
    """Return where a redirect leads. Raises CameraError where it leads to another host, or to no address."""
    try:
        there = parse_stream_url(urljoin(at.geturl(), target))
    except ValueError as err:  # of urljoin: the target's own brackets do not match
        nowhere = "{name}: redirects to what is not an address ({name2}). Check the camera's settings."
        raise CameraError(Message(nowhere, name=shown_url(first.geturl()), name2=str(err))) from err
    if there.scheme not in {"http", "https"}:
        leads = "{name}: redirects to {name2}. Give that address."
        raise CameraError(Message(leads, name=shown_url(first.geturl()), name2=shown_url(there.geturl())))
    if not other_hosts and not same_host(first, there):
        raise CameraError(redirect_text(shown_url(first.geturl()), there.geturl()))
    return urlsplit(without_credentials(there))


def _answer(challenges: list[str], at: SplitResult, credentials: UserAndPassword) -> str | None:
    """Return the answer to a challenge for user and password; None where there is none."""
    by_scheme = {scheme.lower(): rest for scheme, _, rest in (one.strip().partition(" ") for one in challenges)}
    if "digest" in by_scheme:
        known = HTTPPasswordMgrWithDefaultRealm()
        place = without_credentials(at)
        known.add_password(None, place, *credentials)
        pairs = (pair.partition("=") for pair in parse_http_list(by_scheme["digest"]))
        challenge = pairs_of([f"{key}={value}" for key, _, value in pairs if value])
        try:
            answer = AbstractDigestAuthHandler(known).get_authorization(Request(place), challenge)
        except (KeyError, ValueError, AttributeError, OSError):  # URLError is one
            answer = None  # an algorithm or a quality that urllib does not know
        return f"Digest {answer}" if answer else None
    if "basic" in by_scheme:
        pair = ":".join(credentials).encode()
        return f"Basic {base64.b64encode(pair).decode('ascii')}"
    return None


def not_open_text(name: str, why: str) -> Message:
    return Message("{name} did not open: {text}", name=name, text=why)


def circling_text(name: str) -> Message:
    return Message("{name}: redirects again and again. Give the address at which it ends.", name=name)


def redirect_text(name: str, target: str | None) -> Message:
    """Return the message that a camera redirects to another host. target: the address, if it is known."""
    return Message(LEADS_AWAY, name=name, name2="?" if target is None else shown_url(target))


def status_text(name: str, status: int, reason: str, *, known: bool) -> Message:
    if status in {http.client.UNAUTHORIZED, http.client.FORBIDDEN}:
        what = REFUSED if known else LOCKED
    elif status in {http.client.NOT_FOUND, http.client.GONE}:
        what = NOTHING_THERE
    else:
        what = ITS_ERROR if status >= 500 else OTHER_ANSWER
    return Message(what, name=name, n=status, name2=" ".join(reason.split())[:50])


def failure_text(err: Exception, timeout_s: float) -> Message:
    if isinstance(err, TimeoutError):
        waited = "no answer within {n} s. Is the camera on, in the same network, and the address right?"
        return Message(waited, n=f"{timeout_s:g}")
    if isinstance(err, ConnectionRefusedError):
        return Message("nothing listens at this port. Is the camera's stream switched on, and the port right?")
    if isinstance(err, ssl.SSLError):
        return Message("the camera does not support TLS on that port. Try http:// instead of https://.")
    if isinstance(err, http.client.HTTPException):
        return Message("what answers there speaks no HTTP. Is the camera on and the address right?")
    said = " ".join(str(getattr(err, "strerror", None) or err).split())
    return Message("{name}. Is the camera on and the address right?", name=said)
