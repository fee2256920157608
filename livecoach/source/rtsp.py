"""Asks an RTSP camera what it has (RFC 2326, DESCRIBE) before FFmpeg opens it.

FFmpeg follows a camera's redirect to any host, and says of a refusal only that opening failed.
"""

import socket
import ssl
from urllib.parse import SplitResult

from livecoach.errors import CameraError
from livecoach.source.address import credentials_of, parsed, same_host, shown_url, without_credentials
from livecoach.source.web import OTHER_HOST, refused, why

_PORTS = {"rtsp": 554, "rtsps": 322}
_MOST_BYTES = 16 << 10


def check_rtsp(url: str, timeout_s: float, *, other_hosts: bool) -> None:
    """Raise CameraError where no camera answers, it has nothing there, or sends livecoach to another host."""
    at = parsed(url)
    name = shown_url(url)
    try:
        status, reason, target = _described(at, timeout_s)
    except (OSError, ValueError) as err:
        raise CameraError(f"{name} did not open: {why(err, timeout_s)}") from err
    if 300 <= status < 400 and target is not None:
        there = parsed(target)
        if not other_hosts and not same_host(at, there):
            raise CameraError(
                f"{name}: redirects to another place, {shown_url(target)}. "
                f"If you trust it, give that address; {OTHER_HOST}."
            )
    elif status >= 400 and not (status == 401 and credentials_of(at) is not None):
        raise CameraError(refused(name, status, reason, known=False))


def _described(at: SplitResult, timeout_s: float) -> tuple[int, str, str | None]:
    """Return status, its words and the place of a redirect. Raises OSError or ValueError where there is no answer."""
    host, port = at.hostname or "", at.port or _PORTS[at.scheme]
    with socket.create_connection((host, port), timeout_s) as plain:
        sock = plain if at.scheme == "rtsp" else ssl._create_unverified_context().wrap_socket(plain)
        request = f"DESCRIBE {without_credentials(at)} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n"
        sock.sendall(f"{request}User-Agent: livecoach\r\n\r\n".encode())
        answer = b""
        while b"\r\n\r\n" not in answer and len(answer) < _MOST_BYTES:
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
