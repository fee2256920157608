"""Reads network cameras with PyAV: MJPEG and other streams over HTTP, RTSP, RTMP, MPEG-TS and playlists."""

import re
import select
import ssl
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPException, HTTPResponse
from io import BytesIO
from typing import TypeAlias
from urllib.error import HTTPError
from urllib.parse import SplitResult

import numpy as np

from livecoach.capture import PictureSource, address, call_within, no_picture_text, pictures, stopped_text
from livecoach.capture.opencv import av
from livecoach.capture.redirects import PORTS, Redirected, RtspRelay, check_redirect, follow_redirects, send_request
from livecoach.capture.timeline import FrameAgeEstimator, LiveTimeline
from livecoach.core.errors import CameraError, NoPicture, SourceLost, SourceSilent
from livecoach.core.types import Frame
from livecoach.core.types.bounds import to_printable
from livecoach.core.types.message import Message

LATE_S = 0.4
"""Age by the sender's clock above which a picture is late, and is left out. Our choice."""
MOST_LATE, MOST_WAITING = 10, 100
"""Most pictures to leave out in a row: if they are late, and if newer pictures wait behind them. A late picture is
better than none. Our choice."""
_WAITING, _WAITING_BEYOND = 2.0, 2.5
"""Bytes received since the start of a picture, in sizes of that picture, from which a newer picture waits behind it.
The second holds if FFmpeg finds the end of a picture by the start of the next picture."""
LARGEST_BYTES = 32 << 20  # most bytes from one picture to the next: 50 million pixels at high quality
_STEPS = 3  # steps of opening a stream, each with its own limit: look-up of the name, answer, first picture
_MOST_HELD_BYTES = 4 << 20  # most bytes that are received ahead
_MADE_UP_TIMES = 0x80  # AVFMT_NOTIMESTAMPS: FFmpeg makes up times, at another rate than the camera's
_WEB_FORMATS = "mpegts,flv,mov,matroska,h264,hevc,mjpeg,mpjpeg,m4v,hls,aac,mp3"
"""Formats over HTTP. The description of a session (SDP) is left out, because it names other hosts."""
_BLANK = re.compile(rb"\n\r?\n")
_PART = re.compile(rb"(?is)\s*--.*\ncontent-type:\s*image/jpeg\s*(\n|$)")  # head of a part, in the form for FFmpeg
_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets in a gym's Wi-Fi, and each loss spoils a second
    "flags": "low_delay",
    "probesize": "500000",
    "analyzeduration": "1000000",
    "fpsprobesize": "0",
    "http_persistent": "0",  # otherwise FFmpeg aborts the process when it keeps a connection that PyAV opened
    "max_pixels": str(pictures.MOST_CODED_PIXELS),
    "protocol_whitelist": "rtsp,rtsps,rtp,rtmp,tcp,tls,udp,srtp",
}
_BROKEN = (av.FFmpegError, OSError, ValueError, HTTPException)
"""Errors of opening and reading if the camera misbehaves."""
_SILENT = (av.error.ExitError, TimeoutError)  # errors if the camera sends nothing
_Item: TypeAlias = "av.Packet[av.VideoStream] | av.VideoFrame"
_ANSWERS = {"text/html": "a page", "text/plain": "a text", "application/json": "a text"}
_REASONS: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
    (_SILENT, "no answer within {n} s. Is the camera on, in the same network, and the address right?"),
    (ConnectionRefusedError, "nothing listens at this port. Is the camera's stream switched on, and the port right?"),
    (ssl.SSLError, "the camera does not support TLS on that port. Try http:// instead of https://."),
    (HTTPException, "the answer is not HTTP. Is the camera on, and is the address right?"),
    (av.error.InvalidDataError, "the answer is not a video. Try the address in VLC."),
    (Exception, "{name}. Is the camera on and the address right?"),
)
_STATUSES: tuple[tuple[str, str], ...] = (
    ("40[13]", "{name}: the camera refuses this user and password ({n}). Check both."),
    ("404|410", "{name}: the camera answers, but has nothing at this path ({n}). Check what follows the host."),
    (
        "5..",
        "{name}: the camera answers with an error of its own ({n}). Is another program using it? Try again in a "
        "minute.",
    ),
    ("", "{name}: the camera answers {n} {name2}. Try the address in a browser."),
)
LOCKED = (
    "{name}: the camera asks for a user and a password ({n}). Give them in ~/.netrc, or in the address: "
    "http://user:password@host/…"
)


def open_stream(
    url: str, *, timeline: LiveTimeline | None = None, timeout_s: float = 2.0, other_hosts: bool = False
) -> PictureSource:
    """Open a stream, and wait for its first picture.

    Args:
        timeline: Timeline of an earlier opening, to continue its frame indices and times; None for a new timeline.
        timeout_s: Longest wait for each step of opening the stream, and for each picture.
        other_hosts: Whether redirects and playlists may lead to other hosts than the address names.

    Raises:
        CameraError: The address is wrong, no server answers in time, or the answer is not a video that can be read.
    """
    first, name, limit_s = address.parse_stream_url(url), address.redact_url(url), _STEPS * timeout_s
    timeline = LiveTimeline() if timeline is None else timeline

    def open_at(place: SplitResult, user: address.UserAndPassword | None) -> PictureSource:
        return NetworkStream(name, place, user, timeline, timeout_s, other_hosts=other_hosts)

    try:
        return call_within(
            limit_s, lambda: follow_redirects(first, open_at, other_hosts=other_hosts), lambda late: late.close()
        )
    except TimeoutError as err:
        raise CameraError(_not_open_text(name, err, limit_s)) from err
    except SourceSilent as err:  # the stream has never been open
        raise NoPicture(no_picture_text(name, "Start the stream in the camera's app.")) from err
    except SourceLost as err:
        raise CameraError(err.text) from err


class _Body:
    """The body of an HTTP answer, as a file that PyAV reads."""

    def __init__(self, answer: HTTPResponse, place: SplitResult, stream: "NetworkStream") -> None:
        self.answer, self._stream, self._held, self.received = answer, stream, bytearray(), 0
        self.name = address.without_credentials(place)  # base of the relative addresses in a playlist

    def read(self, size: int) -> bytes:
        """Return up to `size` bytes; empty at the end, and always empty after a call that raised an error."""
        with self._stream.guard_callback() as is_intact:
            if not is_intact:
                return b""
            if not self._held:
                self._receive()
            data = bytes(self._held[:size])
            del self._held[:size]
            self._stream.count_received(len(data))
        return data

    def receive_head(self) -> bytes:
        """Return the head of the next part, or the first bytes of an answer without parts; keep the bytes for `read`.

        FFmpeg reads the head of a part twice, so the whole head must have been received. The result may be incomplete
        if the answer ends, or if the head is longer than _MOST_HELD_BYTES.
        """
        while len(self._held) < 4 or (b"--" in self._held[:4] and not _BLANK.search(self._held)):
            self._stream.count_received(0)
            if not self._receive() or len(self._held) > _MOST_HELD_BYTES:
                break
        return _BLANK.split(bytes(self._held), 1)[0]

    def receive_available(self) -> None:
        """Receive the data that has arrived, up to _MOST_HELD_BYTES, without waiting for more."""
        answer = self.answer
        while len(self._held) < _MOST_HELD_BYTES and not answer.isclosed():
            if not select.select([answer.fileno()], [], [], 0.0)[0]:
                break
            if answer.chunked and not answer.chunk_left and b"\n" not in answer.fp.peek()[2:]:
                break  # only the end of a chunk has come, after which http.client would wait for the next chunk
            if not self._receive():
                break

    def close(self) -> None:
        self.answer.close()

    def _receive(self) -> bool:
        data = self.answer.read1(1 << 18)
        self._held += data
        self.received += len(data)
        return bool(data)


class NetworkStream(PictureSource):
    """A network stream as a source. It leaves out some pictures that are late, or behind which newer pictures wait."""

    def __init__(
        self,
        name: str,
        place: SplitResult,
        user: address.UserAndPassword | None,
        timeline: LiveTimeline,
        timeout_s: float,
        *,
        other_hosts: bool,
    ) -> None:
        """Open the stream. `open_stream` explains `timeout_s` and `other_hosts`.

        Args:
            name: Name of the stream in messages, without a password.
            place: Parts of the address of the stream.
            user: User and password; None if they are unknown, or must not be sent to this address.

        Raises:
            Redirected: The server redirects to another address.
            SourceLost: The server answers, but sends no picture that can be decoded in time.
            CameraError: The stream does not open for another reason.
        """
        self._name, self._place, self._user, self._timeline = name, place, user, timeline
        self._timeout_s, self._other_hosts = timeout_s, other_hosts
        self._age, self._opened = FrameAgeEstimator(), ExitStack()
        self._body: _Body | None = None
        self._is_intact = True
        self._await_picture(_STEPS * timeout_s)
        try:
            self._container = self._by_http() if place.scheme in {"http", "https"} else self._by_ffmpeg()
            shown = [stream for stream in self._container.streams.video if stream.codec_context is not None]
            if not shown:  # no stream has pictures, or a decoder
                raise CameraError(Message("{name} delivers no pictures. Give the address of its video.", name=name))
        except _BROKEN as err:
            self.close()
            if isinstance(err, TimeoutError) and self._body is not None:
                raise SourceSilent(stopped_text(name)) from err
            raise CameraError(self._not_opened_text(err)) from err
        except (Redirected, CameraError):
            self.close()
            raise
        self._stream, codec = shown[0], shown[0].codec_context
        codec.options = {"max_pixels": str(pictures.MOST_CODED_PIXELS)}
        codec.thread_count = 1  # each further thread delays the pictures by one
        self._jpegs: pictures.JpegDecoder | None = None
        if codec.name == "mjpeg":
            self._jpegs = pictures.JpegDecoder(
                most_pixels=pictures.MOST_CODED_PIXELS, longest_px=pictures.LONGEST_LIVE_SIDE_PX
            )
        self._items, self._waits = self._arriving(), False
        try:
            self._begin(self._next(), name=name, fps=None, live=True)  # streams state no rate, or often a wrong rate
        except CameraError:
            self.close()
            raise

    def close(self) -> None:
        self._opened.close()

    @contextmanager
    def guard_callback(self) -> Iterator[bool]:
        """Guard a callback of FFmpeg: yield whether all earlier callbacks succeeded, and remember if the block fails.

        FFmpeg goes on after an error in a callback, and PyAV raises the error later. On False, the block must return.
        """
        is_intact, self._is_intact = self._is_intact, False
        yield is_intact
        self._is_intact = is_intact

    def _await_picture(self, limit_s: float) -> None:
        self._until_s, self._bytes_left = self._timeline.clock() + limit_s, LARGEST_BYTES

    def count_received(self, received: int) -> None:
        """Count bytes. Raises TimeoutError if no picture came in time, ValueError if none came in LARGEST_BYTES."""
        self._bytes_left -= received
        if self._bytes_left < 0:
            raise ValueError(f"{LARGEST_BYTES >> 20} MiB without a picture")
        if self._timeline.clock() > self._until_s:
            raise TimeoutError

    def _by_http(self) -> av.container.InputContainer:
        self._body = self._ask(self._place)
        self._opened.callback(self._body.close)
        kind = self._body.answer.headers.get_content_type()
        if kind.startswith("image/"):
            picture = "{name}: delivers one picture, not a stream. Give its MJPEG stream’s address."
            raise CameraError(Message(picture, name=self._name))
        if kind in _ANSWERS:
            what = "{name}: it is {text}, not a video. Give the address of the stream."
            raise CameraError(Message(what, name=self._name, text=_ANSWERS[kind]))
        head = self._body.receive_head()
        form = "mpjpeg" if _PART.match(head) else None
        if form is None and (kind.startswith("multipart/") or head.startswith(b"\xff\xd8")):
            form = "mjpeg"  # FFmpeg looks for the markers of JPEGs, and ends a picture where the next picture starts
        self._waiting = _WAITING if form == "mpjpeg" and b"content-length" in head.lower() else _WAITING_BEYOND
        return self._open(self._body, form)

    def _by_ffmpeg(self) -> av.container.InputContainer:
        place, relay = self._place, None
        try:
            if place.scheme in PORTS:
                relay = RtspRelay(place, self._timeout_s)
                place = place._replace(scheme="rtsp", netloc=f"127.0.0.1:{relay.port}")
            return self._open(address.with_credentials(self._user, place))
        except _BROKEN as err:
            if relay is not None and relay.redirect_url is not None:
                raise Redirected(relay.redirect_url) from err
            if relay is not None and not relay.answers:  # FFmpeg reports this as invalid data
                raise TimeoutError from err
            raise

    def _ask(self, place: SplitResult) -> _Body:
        user = self._user if address.keeps_host_and_encryption(self._place, place) else None
        return _Body(send_request(place, user, self._timeout_s), place, self)

    def _part(self, url: str, _flags: int, _options: dict[str, str]) -> _Body | BytesIO:
        """Open an entry of a playlist, which PyAV will close."""
        with self.guard_callback() as is_intact:
            if not is_intact:
                return BytesIO()
            entry = check_redirect(self._place, url, other_hosts=self._other_hosts)
            return follow_redirects(entry, lambda place, _: self._ask(place), other_hosts=self._other_hosts)

    def _open(self, file: str | _Body, form: str | None = None) -> av.container.InputContainer:
        formats = f"rtsp,sdp,rtp,{_WEB_FORMATS}" if isinstance(file, str) else _WEB_FORMATS
        container = av.open(
            file,
            "r",
            format=form,
            options=_OPTIONS | {"format_whitelist": formats} | ({"probesize": "32"} if form else {}),
            metadata_errors="replace",
            timeout=self._timeout_s,
            io_open=None if isinstance(file, str) else self._part,
        )
        self._opened.callback(container.close)
        return container

    def _next(self) -> Frame:
        skipped = 0
        lost: SourceLost = SourceSilent(stopped_text(self._name))
        self._await_picture(self._timeout_s)
        try:
            for item in self._items:
                arrived_s, sent_s = self._timeline.clock(), self._sent_s(item)
                age = self._age
                age_s = age.estimate_by_rate(arrived_s) if sent_s is None else age.estimate_by_sender(arrived_s, sent_s)
                unseen = self._timeline.skip_unneeded(arrived_s, skipped)
                late = sent_s is not None and age_s > LATE_S
                waits = sent_s is None and self._waits
                if unseen or skipped < (MOST_LATE if late else MOST_WAITING if waits else 0):
                    skipped = 0 if unseen else skipped + 1
                    self._await_picture(self._timeout_s)
                    continue
                try:
                    picture = self._picture(item)
                except pictures.UndecodableJpeg:
                    undecodable = "{name} sends pictures that can't be decoded. Choose MJPEG in its settings."
                    skipped, lost = skipped + 1, SourceLost(Message(undecodable, name=self._name))
                    self.count_received(0)
                    continue
                timed = sent_s is not None
                return self._timeline.make_frame(picture, arrived_s, age_s=age_s, timed=timed, skipped=skipped)
        except pictures.ImpossiblePicture as err:
            unusable = "{name} can't be used: {name2}. Choose another size in its settings."
            raise SourceLost(Message(unusable, name=self._name, name2=str(err))) from err
        except CameraError as err:  # raised for an entry of a playlist
            raise SourceLost(err.text) from err
        except _BROKEN as err:
            if isinstance(err, ValueError):  # FFmpeg's error of invalid data is a ValueError, too
                no_video = "{name} sends something that is no video stream ({name2})."
                lost = SourceLost(Message(no_video, name=self._name, name2=_reason(err)))
            elif not isinstance(err, (*_SILENT, EOFError)):
                broken = "{name} broke the connection ({name2})."
                lost = SourceLost(Message(broken, name=self._name, name2=_reason(err)))
            raise lost from err
        raise lost

    def _arriving(self) -> Iterator[_Item]:
        """Yield JPEGs as they come. Other pictures are decoded first, because later pictures depend on them."""
        damaged_since_s: float | None = None
        for packet in self._container.demux(self._stream):
            if self._body is not None and packet.pos is not None:
                self._body.receive_available()
                self._waits = self._body.received - packet.pos >= self._waiting * packet.size
            if self._jpegs is not None:
                if packet.size:
                    yield packet
                continue
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                now_s = self._timeline.clock()
                damaged_since_s = now_s if damaged_since_s is None else damaged_since_s
                if now_s - damaged_since_s > self._timeout_s:
                    raise
                continue
            damaged_since_s = None if frames else damaged_since_s
            yield from frames

    def _sent_s(self, item: _Item) -> float | None:
        made_up = self._container.format.flags & _MADE_UP_TIMES
        return None if made_up or item.pts is None or item.time_base is None else float(item.pts * item.time_base)

    def _picture(self, item: _Item) -> np.ndarray:
        if isinstance(item, av.VideoFrame):
            return pictures.convert_frame(item, self._stream.sample_aspect_ratio, pictures.LONGEST_LIVE_SIDE_PX)
        assert self._jpegs is not None
        return self._jpegs.decode(bytes(item))

    def _not_opened_text(self, err: Exception) -> Message:
        if isinstance(err, HTTPError):
            status, reason = str(err.code), to_printable(" ".join(err.reason.split()))[:50]
        elif isinstance(err, (av.error.HTTPError, av.error.HTTPClientError)):
            status, reason = (err.errno or 0).to_bytes(4, "little")[1:].decode("ascii"), ""  # FFmpeg's tag: 404, 4XX
        else:
            return _not_open_text(self._name, err, self._timeout_s)
        text = next(text for pattern, text in _STATUSES if re.match(pattern, status))
        locked = text is _STATUSES[0][1] and self._user is None
        return Message(LOCKED if locked else text, name=self._name, n=status, name2=reason)


def _not_open_text(name: str, err: Exception, timeout_s: float) -> Message:
    reason = next(reason for kinds, reason in _REASONS if isinstance(err, kinds))
    text = Message(reason, n=f"{timeout_s:g}", name=_reason(err))
    return Message("{name} did not open: {text}", name=name, text=text)


def _reason(err: Exception) -> str:
    """Return the text of an error without the address that FFmpeg adds, which may contain a password."""
    return to_printable(" ".join(str(getattr(err, "strerror", None) or err).split()))
