"""Checks the addresses of streams, and separates the parts that are shown and stored from users and passwords."""

import netrc
import re
from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from livecoach.core.config.files import open_regular
from livecoach.core.errors import CameraError
from livecoach.core.types.bounds import to_printable
from livecoach.core.types.message import Message

STREAM_SCHEMES = ("http", "https", "rtsp", "rtsps", "rtmp", "udp")
_SECRET = re.compile("pass|pwd|user|login|account|auth|token|key|secret|sign|cred|session|sid")
"""Pattern of words in the names of query parameters in which cameras accept a user or a password."""


UserAndPassword = tuple[str, str]


def redact_url(url: str) -> str:
    """Return the part of a URL that may be shown: without user, password, query and fragment.

    The query is removed because some cameras take a password in it. From a malformed URL too much is removed rather
    than too little: a password may contain an unescaped "@", "/" or "?".
    """
    scheme, colon, rest = url.partition("://")
    shown = (rest if colon else url).rpartition("@")[2]
    for mark in "?#&;":
        shown = shown.partition(mark)[0]
    return to_printable(f"{scheme.lower()}://{shown}" if colon else shown)


def storable_url(url: str) -> str | None:
    """Return a URL without user and password, to store it; None if it is malformed or may still hold a password."""
    try:
        parts = urlsplit(url)
        names = [name.lower() for name, _ in parse_qsl(parts.query, keep_blank_values=True)]
    except ValueError:
        return None
    if "@" in parts.path + parts.query + parts.fragment or any(map(_SECRET.search, names)):
        return None
    return without_credentials(parts)


def storable_camera(camera: int | str) -> tuple[int | str | None, str | None]:
    """Return a camera as the settings may store it, and a message for the user.

    Returns:
        The number, the path, or the address without user and password; None for an address that is malformed or may
        still hold a password. The message is None if `camera` is stored unchanged, or only spelled in another way.
    """
    if isinstance(camera, int) or "://" not in camera:
        return camera, None
    stored = storable_url(camera)
    if stored is None:
        return None, f"{redact_url(camera)}: not remembered, because its address may hold a password"
    if not urlsplit(camera).netloc.rpartition("@")[1]:  # no user was removed; at most the spelling differs (HTTP://)
        return stored, None
    host = urlsplit(stored).hostname
    return stored, (
        f"{stored}: remembered without user and password. A line `machine {host} login USER password PASSWORD` in "
        "~/.netrc keeps them"
    )


def without_credentials(parts: SplitResult) -> str:
    """Return an address without user and password."""
    return parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl()


def parse_stream_url(url: str) -> SplitResult:
    """Split a stream's address into its parts.

    Raises CameraError if the text is not an address, names no host, or has another scheme than STREAM_SCHEMES.
    """
    name = redact_url(url)
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises ValueError for a port that is not a number
    except ValueError as err:
        raise CameraError(
            Message("{name}: not an address. Check it; escape @, / and ? in a password.", name=name)
        ) from err
    if parts.scheme not in STREAM_SCHEMES:
        raise CameraError(
            Message("{name}: not a stream that can be read. Give a URL that starts with http:// or rtsp://.", name=name)
        )
    if not parts.hostname:
        raise CameraError(
            Message("{name}: names no host. Give a URL such as http://192.168.1.20:8080/video.", name=name)
        )
    return parts


def find_credentials(parts: SplitResult) -> UserAndPassword | None:
    """Return user and password from an address or, if it names no user, from ~/.netrc; None if neither has them."""
    if parts.username is not None:
        return unquote(parts.username), unquote(parts.password or "")
    try:
        path = Path.home() / ".netrc"
        open_regular(path).close()
        entry = netrc.netrc(path).authenticators(parts.hostname or "")
    except (OSError, RuntimeError, ValueError, netrc.NetrcParseError):
        return None  # the file is missing or malformed
    return None if entry is None else (entry[0], entry[2] or "")


def with_credentials(user: UserAndPassword | None, place: SplitResult) -> str:
    """Return an address with a user and a password, both escaped for FFmpeg; without both if `user` is None."""
    plain = urlsplit(without_credentials(place))
    prefix = "" if user is None else f"{quote(user[0], safe='')}:{quote(user[1], safe='')}@"
    return plain._replace(netloc=prefix + plain.netloc).geturl()


def keeps_host_and_encryption(first: SplitResult, second: SplitResult) -> bool:
    """Return whether the second of two addresses names the host of the first, and is encrypted if the first is."""
    weaker = first.scheme in {"https", "rtsps"} and second.scheme not in {"https", "rtsps"}
    return first.hostname == second.hostname and not weaker
