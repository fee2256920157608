"""Asks an RTSP camera what it has (RFC 2326, DESCRIBE) before FFmpeg opens it.

FFmpeg follows a camera's redirect to any host, and says of a refusal only that opening failed.
"""

import socket
import ssl
import time
from urllib.parse import SplitResult

from livecoach.errors import CameraError
from livecoach.source.address import credentials_of, parsed, same_host, shown_url, without_credentials
from livecoach.source.web import MOST_REDIRECTS, OTHER_HOST, refused, why

_PORTS = {"rtsp": 554, "rtsps": 322}
_MOST_BYTES = 16 << 10


def described_at(url: str, timeout_s: float, *, other_hosts: bool) -> str:
    """Return the address at which a camera describes what it has, after its redirects.

    Raises CameraError where no camera answers, it has nothing there, or sends livecoach to another host.
    """
    first = at = parsed(url)
    name = shown_url(url)
    for _ in range(MOST_REDIRECTS + 1):
        try:
            status, reason, target = _described(at, timeout_s)
        except (OSError, ValueError) as err:
            raise CameraError(f"{name} did not open: {why(err, timeout_s)}") from err
        if 300 <= status < 400 and target is not None:
            there = parsed(target)
            if not other_hosts and not (same_host(first, there) and there.scheme in _PORTS):
                raise CameraError(elsewhere(name, target))
            if other_hosts:
                return url  # FFmpeg follows it
            at = there._replace(netloc=first.netloc.rpartition("@")[0] + "@" * ("@" in first.netloc) + _place(there))
            continue
        if status >= 400 and not (status == 401 and credentials_of(at) is not None):
            raise CameraError(refused(name, status, reason, known=False))
        return at.geturl()
    raise CameraError(f"{name}: redirects again and again. Give the address at which it ends.")


def elsewhere(name: str, target: str | None) -> str:
    """Return that a camera redirects to another host. target: where to, if that is known."""
    where = "" if target is None else f", {shown_url(target)}"
    return f"{name}: redirects to another place{where}. If you trust it, give that address; {OTHER_HOST}."


def connected(at: SplitResult, timeout_s: float) -> socket.socket:
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
    """Return host and port of an address."""
    return at.netloc.rpartition("@")[2]


def _described(at: SplitResult, timeout_s: float) -> tuple[int, str, str | None]:
    """Return status, its words and the place of a redirect. Raises OSError or ValueError where there is no answer in
    this time."""
    until_s = time.monotonic() + timeout_s
    with connected(at, timeout_s) as sock:
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
