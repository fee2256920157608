"""A camera behind an address: MJPEG over HTTP, and what FFmpeg reads (RTSP, RTMP, MPEG-TS, playlists).

Another kind of address is a scheme in `address.STREAM_SCHEMES`, and a function here that opens its pictures.
"""

from urllib.parse import SplitResult

from livecoach.capture import PictureSource, call_within, no_picture_text
from livecoach.capture.address import parse_stream_url, same_host, shown_url, with_credentials
from livecoach.capture.mjpeg import MjpegStream
from livecoach.capture.packets import PacketStream
from livecoach.capture.rtsp import PORTS, RtspRelay
from livecoach.capture.timeline import LiveTimeline
from livecoach.capture.web import (
    MOST_REDIRECTS,
    WebReply,
    circling_text,
    failure_text,
    not_open_text,
    open_web,
)
from livecoach.core.errors import CameraError, NoPicture, SourceLost, SourceSilent
from livecoach.core.types.message import Message

_STEPS = 3
"""Number of steps to open a stream, each with its own limit: the name is looked up, the server answers, a picture
comes."""
PLAYLIST = (
    "{name}: its playlist leads to another place, {name2}. "
    "If you trust it, give that address, or set `capture.other_hosts: true`."
)
_ANSWERS = {"text/html": "a page", "text/plain": "a text", "application/json": "a text"}


def open_stream(
    url: str, *, timeline: LiveTimeline | None = None, timeout_s: float = 2.0, other_hosts: bool = False
) -> PictureSource:
    """Open a stream and wait for its first picture. timeout_s: for each step, and for each picture. other_hosts: follow
    redirects and playlists to other hosts than the address names. Raises CameraError where no server answers in time,
    or its answer is no video."""
    at, name, limit_s = parse_stream_url(url), shown_url(url), _STEPS * timeout_s
    timeline = LiveTimeline() if timeline is None else timeline

    def opened() -> PictureSource:
        match at.scheme:
            case "http" | "https":
                return _by_http(at, name, timeline, timeout_s, other_hosts=other_hosts)
            case "rtsp" | "rtsps":
                return _by_rtsp(at, name, timeline, timeout_s, other_hosts=other_hosts)
            case _:
                return PacketStream(name, with_credentials(at, at), timeline, timeout_s, why=lambda: None)

    try:
        return call_within(limit_s, opened, lambda late: late.close())
    except TimeoutError as err:
        raise CameraError(not_open_text(name, failure_text(err, limit_s))) from err
    except SourceSilent as err:  # the stream has never been open
        raise NoPicture(no_picture_text(name, "Start the stream in the camera's app.")) from err
    except SourceLost as err:
        raise CameraError(err.text) from err


def _by_http(
    at: SplitResult, name: str, timeline: LiveTimeline, timeout_s: float, *, other_hosts: bool
) -> PictureSource:
    reply = open_web(at, timeout_s=timeout_s, other_hosts=other_hosts)
    if reply.boundary is not None:
        return MjpegStream(name, reply, timeline, timeout_s)
    kind, problem = reply.content_type, None
    if kind.startswith("image/"):
        problem = Message("{name}: delivers one picture, not a stream. Give its MJPEG stream’s address.", name=name)
    elif kind in _ANSWERS:
        what = "{name}: it is {text}, not a video. Give the address of the stream."
        problem = Message(what, name=name, text=_ANSWERS[kind])
    if problem is not None:
        reply.close()
        raise CameraError(problem)
    refused: list[Message] = []

    def open_part(url: str, _flags: int, _options: dict[str, str]) -> WebReply:
        there = parse_stream_url(url)
        if not (other_hosts or same_host(parse_stream_url(reply.name), there)):
            refused.append(Message(PLAYLIST, name=name, name2=shown_url(url)))
            raise PermissionError(refused[-1])
        return open_web(there, timeout_s=timeout_s, other_hosts=other_hosts)

    def why() -> str | None:
        return refused[-1] if refused else None

    return PacketStream(name, reply, timeline, timeout_s, why=why, open_part=open_part)


def _by_rtsp(
    first: SplitResult, name: str, timeline: LiveTimeline, timeout_s: float, *, other_hosts: bool
) -> PictureSource:
    """Follow redirects within the camera: some move their stream to another port."""
    at = first
    for _ in range(MOST_REDIRECTS + 1):
        relay = RtspRelay(at, timeout_s, other_hosts=other_hosts)
        place = with_credentials(at, at._replace(scheme="rtsp", netloc=relay.place))
        try:
            return PacketStream(name, place, timeline, timeout_s, why=relay.why)
        except CameraError:
            if relay.target is None:
                raise
            there = parse_stream_url(relay.target)
            if not (same_host(first, there) and there.scheme in PORTS):
                raise
        user, sign, _ = first.netloc.rpartition("@")
        at = there._replace(netloc=user + sign + there.netloc.rpartition("@")[2])
    raise CameraError(circling_text(name))
