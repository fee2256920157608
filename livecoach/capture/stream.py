"""A camera behind an address: MJPEG over HTTP, and what FFmpeg reads (RTSP, RTMP, MPEG-TS, playlists).

Another kind of address is a scheme in `address.STREAM_SCHEMES`, and a method here that opens its pictures: an object
with `next`, which waits for a picture, and `release`.
"""

from livecoach.capture import STOPPED, PictureSource, call_within, no_picture_text
from livecoach.capture.address import parse_stream_url, same_host, shown_url, with_credentials
from livecoach.capture.mjpeg import MjpegPictures
from livecoach.capture.packets import PacketPictures
from livecoach.capture.rtsp import PORTS, RtspRelay
from livecoach.capture.timeline import LiveTimeline
from livecoach.capture.web import MOST_REDIRECTS, OTHER_HOST, WebReply, circling_text, open_web
from livecoach.core.errors import CameraError, NoPicture, SourceLost
from livecoach.core.types import Frame

_STEPS = 3
"""Number of steps to open a stream, each with its own limit: the name is looked up, the server answers, a picture
comes."""
_ANSWERS = {"text/html": "a page", "text/plain": "a text", "application/json": "a text"}
Pictures = MjpegPictures | PacketPictures


class Stream(PictureSource):
    def __init__(
        self, url: str, *, timeline: LiveTimeline | None = None, timeout_s: float = 2.0, other_hosts: bool = False
    ) -> None:
        """Open the stream and wait for its first picture. timeout_s: for each step, and for each picture. other_hosts:
        follow redirects and playlists to other hosts than the address names. Raises CameraError where no server answers
        in time, or its answer is no video."""
        self._at, self._name = parse_stream_url(url), shown_url(url)
        self._timeline = LiveTimeline() if timeline is None else timeline
        self._timeout_s, self._other_hosts = timeout_s, other_hosts
        limit_s = _STEPS * timeout_s
        try:
            self._pictures, first = call_within(limit_s, self._opened, lambda late: late[0].release())
        except TimeoutError as err:
            raise CameraError(
                f"{self._name} did not open: no answer within {limit_s:g} s. "
                "Is the camera on, in the same network, and the address right?"
            ) from err
        # MJPEG states no rate, and what others state is often wrong.
        self._begin(first, name=self._name, fps=None, live=True)

    def _next(self) -> Frame:
        return self._pictures.next()

    def close(self) -> None:
        self._pictures.release()

    def _opened(self) -> tuple[Pictures, Frame]:
        pictures = self._pictures_at()
        try:
            return pictures, pictures.next()
        except SourceLost as err:  # the stream has never been open
            pictures.release()
            if str(err).startswith(f"{self._name} {STOPPED[:-1]}"):
                raise NoPicture(no_picture_text(self._name, "Start the stream in the camera's app.")) from err
            raise CameraError(str(err)) from err

    def _pictures_at(self) -> Pictures:
        match self._at.scheme:
            case "http" | "https":
                return self._by_http()
            case "rtsp" | "rtsps":
                return self._by_rtsp()
            case _:
                place = with_credentials(self._at, self._at)
                return PacketPictures(self._name, place, self._timeline, self._timeout_s, why=lambda: None)

    def _by_http(self) -> Pictures:
        reply = open_web(self._at, timeout_s=self._timeout_s, other_hosts=self._other_hosts)
        if reply.boundary is not None:
            return MjpegPictures(self._name, reply, self._timeline, self._timeout_s)
        kind, problem = reply.content_type, None
        if kind.startswith("image/"):
            problem = "delivers one picture, not a stream. Give the address of the camera's MJPEG stream."
        elif kind in _ANSWERS:
            problem = f"did not open: it is {_ANSWERS[kind]}, not a video. Give the address of the stream."
        if problem is not None:
            reply.close()
            raise CameraError(f"{self._name}: {problem}")
        refused: list[str] = []

        def open_part(url: str, _flags: int, _options: dict[str, str]) -> WebReply:
            there = parse_stream_url(url)
            if not (self._other_hosts or same_host(parse_stream_url(reply.name), there)):
                refused.append(f"{self._name}: its playlist leads to another place, {shown_url(url)}; {OTHER_HOST}.")
                raise PermissionError(refused[-1])
            return open_web(there, timeout_s=self._timeout_s, other_hosts=self._other_hosts)

        why, seconds = (lambda: refused[-1] if refused else None), self._timeout_s
        return PacketPictures(self._name, reply, self._timeline, seconds, why=why, open_part=open_part)

    def _by_rtsp(self) -> PacketPictures:
        """Follow redirects within the camera: some move their stream to another port."""
        at = self._at
        for _ in range(MOST_REDIRECTS + 1):
            relay = RtspRelay(at, self._timeout_s, other_hosts=self._other_hosts)
            place = with_credentials(at, at._replace(scheme="rtsp", netloc=relay.place))
            try:
                return PacketPictures(self._name, place, self._timeline, self._timeout_s, why=relay.why)
            except CameraError:
                if relay.target is None:
                    raise
                there = parse_stream_url(relay.target)
                if not (same_host(self._at, there) and there.scheme in PORTS):
                    raise
            user, sign, _ = self._at.netloc.rpartition("@")
            at = there._replace(netloc=user + sign + there.netloc.rpartition("@")[2])
        raise CameraError(circling_text(self._name))
