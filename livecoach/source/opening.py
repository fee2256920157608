"""Open the source of pictures that the user named."""

from livecoach.source import Source
from livecoach.source.camera import Camera
from livecoach.source.file import VideoFile
from livecoach.source.stream import Stream
from livecoach.source.timeline import LiveTimeline


def open_picture_source(
    spec: str | int,
    *,
    timeline: LiveTimeline | None = None,
    open_timeout_s: float = 2.0,
    read_timeout_s: float = 2.0,
    other_hosts: bool = False,
) -> Source:
    """Open a camera (a number), a stream (something with "://") or a video file (anything else). Raises SourceError.

    timeline: of a live source; pass the same one when reopening, so that its time continues. open_timeout_s,
    read_timeout_s: of a stream. other_hosts: whether a stream may lead to other hosts than its address names.
    """
    if isinstance(spec, int) or (spec.isascii() and spec.isdigit()):
        return Camera(int(spec), timeline=timeline)
    if "://" in spec:
        return Stream(
            spec,
            timeline=timeline,
            open_timeout_s=open_timeout_s,
            read_timeout_s=read_timeout_s,
            other_hosts=other_hosts,
        )
    return VideoFile(spec)
