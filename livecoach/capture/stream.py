"""A camera behind an address: MJPEG over HTTP, and the formats of FFmpeg (RTSP, RTMP, MPEG-TS, playlists)."""

import io
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from http.client import HTTPException
from typing import Any
from urllib.parse import SplitResult, quote

from livecoach.capture import PictureSource, call_within, no_picture_text
from livecoach.capture.address import credentials_of, parse_stream_url, same_host, shown_url, without_credentials
from livecoach.capture.mjpeg import STOPPED, MjpegPictures
from livecoach.capture.opencv import av
from livecoach.capture.pictures import (
    LONGEST_LIVE_SIDE_PX,
    MOST_CODED_PIXELS,
    ImpossiblePicture,
    check_coded,
    check_passes,
    picture_of,
)
from livecoach.capture.rtsp import PORTS, RtspRelay
from livecoach.capture.timeline import ArrivalAge, LiveTimeline
from livecoach.capture.web import MOST_REDIRECTS, OTHER_HOST, WebReply, failure_text, open_web
from livecoach.core.errors import CameraError, NoPicture, SourceLost
from livecoach.core.types import Frame

LATE_S = 0.4
"""Age from which pictures are left out until those after them are newer: decoding alone is faster. Our choice."""
MOST_LEFT_OUT = 10
"""Largest number of pictures left out in a row: if all pictures are late, a late one is better than none."""
_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets in a gym's Wi-Fi, and each loss spoils a second
    "flags": "low_delay",
    "probesize": "500000",
    "analyzeduration": "1000000",
    "max_pixels": str(MOST_CODED_PIXELS),
    "protocol_whitelist": "rtsp,rtsps,rtp,rtmp,tcp,tls,udp,srtp",
    "format_whitelist": "rtsp,sdp,rtp,mpegts,flv,mov,matroska,h264,hevc,mjpeg,mpjpeg,m4v,hls,aac,mp3",
}
_WEB_OPTIONS = _OPTIONS | {"format_whitelist": "mpegts,flv,mov,matroska,h264,hevc,mjpeg,mpjpeg,m4v,hls,aac,mp3"}
"""For what comes over HTTP: a description of a session (SDP) would name other hosts."""

_BROKEN = (av.FFmpegError, OSError, ValueError, HTTPException, CameraError)
"""Errors that opening and reading raise where the other side misbehaves."""


class _WebBody(io.RawIOBase):
    """The body of an answer, for PyAV. `name` is the base of relative playlist entries."""

    def __init__(self, reply: WebReply) -> None:
        super().__init__()
        self._reply, self.name = reply, reply.url

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._reply.response.read1(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._reply.close()
        super().close()


@dataclass(frozen=True, slots=True)
class _Limits:
    open_s: float
    read_s: float
    other_hosts: bool  # whether redirects and playlists may lead to other hosts


class PacketPictures:
    """Returns each decoded picture, except late ones."""

    def __init__(
        self, name: str, at: str | WebReply, timeline: LiveTimeline, limits: _Limits, relay: RtspRelay | None = None
    ) -> None:
        """name: for messages. at: address, or the answer to a request. relay: to the camera at that address. Raises
        CameraError."""
        self._name, self._timeline, self._read_timeout_s = name, timeline, limits.read_s
        self._age = ArrivalAge()
        self._web = None if isinstance(at, str) else at
        self._refused: str | None = None
        self._container: av.container.InputContainer | None = None
        self._relay = relay

        def open_part(url: str, flags: int, options: dict[str, str]) -> _WebBody:
            del flags, options
            there = parse_stream_url(url)
            if self._web is None or not (limits.other_hosts or same_host(parse_stream_url(self._web.url), there)):
                self._refused = f"{name}: its playlist leads to another place, {shown_url(url)}; {OTHER_HOST}."
                raise PermissionError(self._refused)
            return _WebBody(open_web(url, timeout_s=limits.read_s, other_hosts=limits.other_hosts))

        try:
            self._container = container = av.open(
                _with_credentials(at, self._relay) if isinstance(at, str) else _WebBody(at),
                "r",
                options=_OPTIONS if self._web is None else _WEB_OPTIONS,
                timeout=(limits.open_s, limits.read_s),
                io_open=None if self._web is None else open_part,
                metadata_errors="replace",
            )
        except _BROKEN as err:
            self.release()
            said = self._refused if relay is None else relay.why()
            raise CameraError(said or f"{name} did not open: {_why(err)}") from err
        shown = [stream for stream in container.streams.video if stream.codec_context is not None]  # None: no decoder
        if not shown:
            self.release()
            raise CameraError(f"{name}: delivers no pictures. Give the address of its video.")
        self._stream = shown[0]
        try:
            check_coded(self._stream.codec_context.width, self._stream.codec_context.height)
        except ImpossiblePicture as err:
            self.release()
            raise CameraError(f"{name}: {err}. Choose another size in the camera's settings.") from err
        self._stream.codec_context.options = {"max_pixels": str(MOST_CODED_PIXELS)}
        self._stream.codec_context.thread_count = 1  # each further thread holds a picture back
        self._frames = self._decoded(container)

    def next(self) -> Frame:
        """Wait for the next picture. Raises SourceLost where none comes in time, or none that can be used."""
        skipped = 0
        try:
            for frame in self._frames:
                arrival = self._age.arrival(self._timeline.clock(), _sent_s(frame), skipped)
                if self._timeline.leaves_out(arrival.arrived_s, skipped):
                    skipped = 0
                    continue
                if arrival.age_s > LATE_S and skipped < MOST_LEFT_OUT:
                    skipped += 1
                    continue
                picture = picture_of(frame, self._stream.sample_aspect_ratio, LONGEST_LIVE_SIDE_PX)
                return self._timeline.frame(picture, arrival)
        except ImpossiblePicture as err:
            raise SourceLost(f"{self._name}: {err}. Choose another size in the camera's settings.") from err
        except _BROKEN as err:
            raise SourceLost(self._refused or f"{self._name} stopped delivering pictures: {_why(err)}") from err
        raise SourceLost(f"{self._name} {STOPPED} Is it still connected and switched on?")

    def release(self) -> None:
        if self._container is not None:
            self._container.close()
        if self._web is not None:
            self._web.close()
        if self._relay is not None:
            self._relay.close()

    def _decoded(self, container: av.container.InputContainer) -> Iterator[av.VideoFrame]:
        damaged_since_s: float | None = None
        for packet in container.demux(self._stream):
            if self._stream.codec_context.name == "mjpeg":
                check_passes(bytes(packet))
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                now_s = self._timeline.clock()
                damaged_since_s = now_s if damaged_since_s is None else damaged_since_s
                if now_s - damaged_since_s > self._read_timeout_s:
                    raise
                continue
            if frames:
                damaged_since_s = None
            yield from frames


def _sent_s(frame: av.VideoFrame) -> float | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return float(frame.pts * Fraction(frame.time_base))


def _with_credentials(url: str, relay: RtspRelay | None) -> str:
    """Return the address for FFmpeg: with user and password, escaped as it takes them, and through the relay."""
    parts = parse_stream_url(url)
    known = credentials_of(parts)
    plain = parse_stream_url(without_credentials(parts))
    place = plain.netloc if relay is None else relay.place
    user = "" if known is None else f"{quote(known.user, safe='')}:{quote(known.password, safe='')}@"
    scheme = plain.scheme if relay is None else "rtsp"
    return plain._replace(scheme=scheme, netloc=f"{user}{place}").geturl()


def _why(err: Exception) -> str:
    if isinstance(err, (av.error.ExitError, TimeoutError)):
        return "no answer in time. Is the camera on, in the same network, and the address right?"
    if isinstance(err, av.error.InvalidDataError):
        return "what it answers is no video. Try the address in VLC."
    return failure_text(err, 0.0)


_STEPS = 3
"""Number of steps to open a stream, each with its own limit: the name is looked up, the server answers, a picture
comes."""
_ANSWERS = {"text/html": "a page", "text/plain": "a text", "application/json": "a text"}


class Stream(PictureSource):
    def __init__(
        self,
        url: str,
        *,
        timeline: LiveTimeline | None = None,
        open_timeout_s: float = 2.0,
        read_timeout_s: float = 2.0,
        other_hosts: bool = False,
    ) -> None:
        """Open the stream and wait for its first picture. Raises CameraError where no server answers in time, or its
        answer is no video. other_hosts: follow redirects and playlists to other hosts than the address names."""
        name = shown_url(url)
        parse_stream_url(url)
        timeline = LiveTimeline() if timeline is None else timeline

        def opened() -> tuple[MjpegPictures | PacketPictures, Frame]:
            pictures = _pictures(url, name, timeline, _Limits(open_timeout_s, read_timeout_s, other_hosts))
            try:
                return pictures, pictures.next()
            except SourceLost as err:  # the stream has never been open
                pictures.release()
                if str(err).startswith(f"{name} {STOPPED[:-1]}"):
                    raise NoPicture(no_picture_text(name, "Start the stream in the camera's app.")) from err
                raise CameraError(str(err)) from err

        limit_s = _STEPS * max(open_timeout_s, read_timeout_s)
        try:
            self._pictures, first = call_within(limit_s, opened, lambda late: late[0].release())
        except TimeoutError as err:
            raise CameraError(
                f"{name} did not open: no answer within {limit_s:g} s. "
                "Is the camera on, in the same network, and the address right?"
            ) from err
        self._begin(first, name=name, fps=None, live=True)  # MJPEG states no rate, and what others state is often wrong

    def _next(self) -> Frame:
        return self._pictures.next()

    def close(self) -> None:
        self._pictures.release()


def _pictures(url: str, name: str, timeline: LiveTimeline, limits: _Limits) -> MjpegPictures | PacketPictures:
    first = parse_stream_url(url)
    if first.scheme in PORTS:
        return _rtsp_pictures(first, name, timeline, limits)
    at: str = first.scheme + url[len(first.scheme) :]  # FFmpeg knows schemes in lower case alone
    if first.scheme not in {"http", "https"}:
        return PacketPictures(name, at, timeline, limits)
    reply = open_web(at, timeout_s=limits.open_s, other_hosts=limits.other_hosts)
    if reply.boundary is not None:
        return MjpegPictures(name, reply, timeline, limits.read_s)
    if reply.content_type.startswith("image/"):
        reply.close()
        raise CameraError(f"{name}: delivers one picture, not a stream. Give the address of the camera's MJPEG stream.")
    if reply.content_type in _ANSWERS:
        reply.close()
        raise CameraError(
            f"{name}: did not open: it is {_ANSWERS[reply.content_type]}, not a video. Give the address of the stream."
        )
    return PacketPictures(name, reply, timeline, limits)


def _rtsp_pictures(first: SplitResult, name: str, timeline: LiveTimeline, limits: _Limits) -> PacketPictures:
    """Follow redirects within the camera: some move their stream to another port."""
    at = first
    for _ in range(MOST_REDIRECTS + 1):
        timeout_s = max(limits.open_s, limits.read_s)
        relay = RtspRelay(at, limits.open_s, timeout_s, other_hosts=limits.other_hosts)
        try:
            return PacketPictures(name, at.geturl(), timeline, limits, relay)
        except CameraError:
            if relay.target is None:
                raise
            there = parse_stream_url(relay.target)
            if not (same_host(first, there) and there.scheme in PORTS):
                raise
        user, sign, _ = first.netloc.rpartition("@")
        at = there._replace(netloc=user + sign + there.netloc.rpartition("@")[2])
    raise CameraError(f"{name}: redirects again and again. Give the address at which it ends.")
