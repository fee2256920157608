"""Pictures of what FFmpeg can read from a network, by PyAV: RTSP, RTMP, MPEG-TS and playlists."""

from collections.abc import Callable, Iterator
from fractions import Fraction
from http.client import HTTPException

from livecoach.capture import PictureSource, stopped_text, unusable_text
from livecoach.capture.opencv import av
from livecoach.capture.pictures import (
    LONGEST_LIVE_SIDE_PX,
    MOST_CODED_PIXELS,
    ImpossiblePicture,
    check_coded,
    check_passes,
    picture_of,
)
from livecoach.capture.timeline import ArrivalAge, LiveTimeline
from livecoach.capture.web import WebReply, failure_text, not_open_text
from livecoach.core.errors import CameraError, SourceLost, SourceSilent
from livecoach.core.types import Frame
from livecoach.core.types.message import Message

LATE_S = 0.4
"""Age from which pictures are left out until those after them are newer: decoding alone is faster. Our choice."""
MOST_LEFT_OUT = 10
"""Largest number of pictures left out in a row: if all pictures are late, a late one is better than none."""
_WEB_FORMATS = "mpegts,flv,mov,matroska,h264,hevc,mjpeg,mpjpeg,m4v,hls,aac,mp3"
"""For what comes over HTTP: a description of a session (SDP) would name other hosts."""
_OPTIONS = {
    "rtsp_transport": "tcp",  # UDP loses packets in a gym's Wi-Fi, and each loss spoils a second
    "flags": "low_delay",
    "probesize": "500000",
    "analyzeduration": "1000000",
    "max_pixels": str(MOST_CODED_PIXELS),
    "protocol_whitelist": "rtsp,rtsps,rtp,rtmp,tcp,tls,udp,srtp",
}
_BROKEN = (av.FFmpegError, OSError, ValueError, HTTPException, CameraError)
"""Errors that opening and reading raise where the other side misbehaves."""


class PacketStream(PictureSource):
    """Returns each decoded picture, except late ones."""

    def __init__(
        self,
        name: str,
        at: str | WebReply,
        timeline: LiveTimeline,
        timeout_s: float,
        *,
        why: Callable[[], str | None],
        open_part: Callable[[str, int, dict[str, str]], WebReply] | None = None,
    ) -> None:
        """name: for messages. at: an address as FFmpeg takes it, or the answer to a request. why: returns why it fails,
        where that is known better than FFmpeg knows it. open_part: opens what a playlist names. Raises CameraError."""
        self._name, self._at, self._timeline, self._timeout_s, self._why = name, at, timeline, timeout_s, why
        self._age = ArrivalAge()
        self._container: av.container.InputContainer | None = None
        formats = f"rtsp,sdp,rtp,{_WEB_FORMATS}" if isinstance(at, str) else _WEB_FORMATS
        try:
            self._container = container = av.open(
                at,
                "r",
                options=_OPTIONS | {"format_whitelist": formats},
                timeout=timeout_s,
                io_open=open_part,
                metadata_errors="replace",
            )
            shown = [one for one in container.streams.video if one.codec_context is not None]  # None: no decoder
            if not shown:
                raise CameraError(Message("{name} delivers no pictures. Give the address of its video.", name=name))
            self._stream = shown[0]
            check_coded(self._stream.codec_context.width, self._stream.codec_context.height)
        except ImpossiblePicture as err:
            self.close()
            raise CameraError(unusable_text(name, err)) from err
        except _BROKEN as err:
            self.close()
            if self._container is not None:
                raise
            raise CameraError(why() or not_open_text(name, _said(err))) from err
        self._stream.codec_context.options = {"max_pixels": str(MOST_CODED_PIXELS)}
        self._stream.codec_context.thread_count = 1  # each further thread holds a picture back
        self._frames = self._decoded(container)
        self._begin_stream(name)

    def _next(self) -> Frame:
        skipped = 0
        try:
            for frame in self._frames:
                arrived_s, sent_s = self._timeline.clock(), _sent_s(frame)
                age_s = self._age.on_arrival(arrived_s, sent_s, skipped)
                if self._timeline.leaves_out(arrived_s, skipped):
                    skipped = 0
                    continue
                if age_s > LATE_S and skipped < MOST_LEFT_OUT:
                    skipped += 1
                    continue
                picture = picture_of(frame, self._stream.sample_aspect_ratio, LONGEST_LIVE_SIDE_PX)
                timed = sent_s is not None
                return self._timeline.frame(picture, arrived_s, age_s=age_s, timed=timed, skipped=skipped)
        except ImpossiblePicture as err:
            raise SourceLost(unusable_text(self._name, err)) from err
        except _BROKEN as err:
            if why := self._why():
                raise SourceLost(why) from err
            stopped = Message("{name} stopped delivering pictures: {text}", name=self._name, text=_said(err))
            raise SourceSilent(stopped) from err
        raise SourceSilent(stopped_text(self._name))

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
        if not isinstance(self._at, str):
            self._at.close()

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
                if now_s - damaged_since_s > self._timeout_s:
                    raise
                continue
            if frames:
                damaged_since_s = None
            yield from frames


def _sent_s(frame: av.VideoFrame) -> float | None:
    if frame.pts is None or frame.time_base is None:
        return None
    return float(frame.pts * Fraction(frame.time_base))


def _said(err: Exception) -> str:
    if isinstance(err, (av.error.ExitError, TimeoutError)):
        return Message("no answer in time. Is the camera on, in the same network, and the address right?")
    if isinstance(err, av.error.InvalidDataError):
        return Message("what it answers is no video. Try the address in VLC.")
    return failure_text(err, 0.0)
