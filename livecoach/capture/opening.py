"""Opens what a user named: a camera of this machine, one behind an address, or a video file.

Another kind of camera is a class in this room, and a line here.
"""

from livecoach.capture import Source
from livecoach.capture.camera import Camera
from livecoach.capture.file import VideoFile
from livecoach.capture.stream import open_stream
from livecoach.capture.timeline import LiveTimeline


def open_picture_source(
    spec: str | int, *, timeline: LiveTimeline | None = None, timeout_s: float = 2.0, other_hosts: bool = False
) -> Source:
    """Open a camera (a number), a stream (something with "://") or a video file (anything else). Raises SourceError.
    timeline: of a live source; pass the same one when reopening, so that its time continues. timeout_s: of a stream.
    other_hosts: whether a stream may lead to other hosts than its address names."""
    if isinstance(spec, int) or (spec.isascii() and spec.isdigit()):
        return Camera(int(spec), timeline=timeline)
    if "://" in spec:
        return open_stream(spec, timeline=timeline, timeout_s=timeout_s, other_hosts=other_hosts)
    return VideoFile(spec)
