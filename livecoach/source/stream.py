"""A camera behind an address: MJPEG over HTTP, and what FFmpeg reads (RTSP, RTMP, MPEG-TS, playlists)."""

from typing import Protocol, cast

import numpy as np

from livecoach.errors import CameraError, SourceLost
from livecoach.source.address import parsed, shown_url
from livecoach.source.limits import within
from livecoach.source.mjpeg import STOPPED, MjpegPictures
from livecoach.source.packets import PacketPictures
from livecoach.source.rtsp import described_at
from livecoach.source.timeline import LiveTimeline
from livecoach.source.web import open_web
from livecoach.types import Frame, SourceInfo

_STEPS = 3
"""What the limit of one step is multiplied by for all: the name is looked up, the server answers, a picture comes."""
_ANSWERS = {"text/html": "a page", "text/plain": "a text", "application/json": "a text"}


class _Pictures(Protocol):
    def next(self) -> Frame: ...

    def release(self) -> None: ...


class Stream:
    """A camera behind a URL."""

    def __init__(
        self,
        url: str,
        *,
        timeline: LiveTimeline | None = None,
        open_timeout_s: float = 2.0,
        read_timeout_s: float = 2.0,
        other_hosts: bool = False,
    ) -> None:
        """Open the stream and wait for its first picture.

        other_hosts: follow redirects and playlists to other hosts than the address names.

        Raises:
            CameraError: no server answers within the timeout, or its answer is not a video.
        """
        name = shown_url(url)
        parsed(url)
        timeline = LiveTimeline() if timeline is None else timeline

        def opened() -> tuple[_Pictures, Frame]:
            pictures = _pictures(url, name, timeline, open_timeout_s, read_timeout_s, other_hosts=other_hosts)
            try:
                return pictures, pictures.next()
            except SourceLost as err:  # it was not there yet
                pictures.release()
                lost, none = f"{name} {STOPPED}", f"{name} did not open: it answers, but sends no picture."
                raise CameraError(str(err).replace(lost, none)) from err

        limit_s = _STEPS * max(open_timeout_s, read_timeout_s)
        try:
            self._pictures, first = within(limit_s, opened, lambda late: late[0].release())
        except TimeoutError as err:
            raise CameraError(
                f"{name} did not open: no answer within {limit_s:g} s. "
                "Is the camera on, in the same network, and the address right?"
            ) from err
        self._first: Frame | None = first
        height_px, width_px = cast(np.ndarray, first.picture).shape[:2]
        # No rate: MJPEG states none, and what others state is often wrong.
        self._info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=None, live=True)

    @property
    def info(self) -> SourceInfo:
        """Properties at the opening. A camera may send pictures of another shape later."""
        return self._info

    def read(self) -> Frame | None:
        """Wait for the next frame; never None, because a live source has no end."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return self._pictures.next()

    def close(self) -> None:
        """Leave the server. May be called more than once."""
        self._pictures.release()


def _pictures(
    url: str, name: str, timeline: LiveTimeline, open_timeout_s: float, read_timeout_s: float, *, other_hosts: bool
) -> _Pictures:
    scheme = parsed(url).scheme
    at: str = scheme + url[len(scheme) :]  # FFmpeg knows schemes in lower case alone
    if scheme in {"rtsp", "rtsps"}:
        at = described_at(at, open_timeout_s, other_hosts=other_hosts)
    if scheme not in {"http", "https"}:
        return PacketPictures(
            name, at, timeline, open_timeout_s=open_timeout_s, read_timeout_s=read_timeout_s, other_hosts=other_hosts
        )
    reply = open_web(at, timeout_s=open_timeout_s, other_hosts=other_hosts)
    if reply.boundary is not None:
        return MjpegPictures(name, reply, timeline, read_timeout_s)
    if reply.content_type.startswith("image/"):
        reply.close()
        raise CameraError(f"{name}: delivers one picture, not a stream. Give the address of the camera's MJPEG stream.")
    if reply.content_type in _ANSWERS:
        reply.close()
        raise CameraError(
            f"{name}: did not open: it is {_ANSWERS[reply.content_type]}, not a video. Give the address of the stream."
        )
    return PacketPictures(
        name, reply, timeline, open_timeout_s=open_timeout_s, read_timeout_s=read_timeout_s, other_hosts=other_hosts
    )
