"""From what the user typed to the source that gives pictures."""

from livecoach.source import Source
from livecoach.source.camera import Camera, LiveTimeline, Stream
from livecoach.source.file import VideoFile


def open_picture_source(
    spec: str | int,
    *,
    timeline: LiveTimeline | None = None,
    open_timeout_s: float = 2.0,
    read_timeout_s: float = 2.0,
) -> Source:
    """Open a camera (a number), a stream (something with "://") or a video file (anything else).

    Args:
        spec: What the user gave for the source.
        timeline: For live sources; hand the same one in again when reopening, so that their time goes on.
        open_timeout_s: For streams.
        read_timeout_s: For streams.

    Raises:
        SourceError: it can't be opened; the message says what to do.
    """
    if isinstance(spec, int) or _is_camera_number(spec):
        return Camera(int(spec), timeline=timeline)
    if "://" in spec:
        return Stream(spec, timeline=timeline, open_timeout_s=open_timeout_s, read_timeout_s=read_timeout_s)
    return VideoFile(spec)


def _is_camera_number(spec: str) -> bool:
    return spec.isascii() and spec.isdigit()
