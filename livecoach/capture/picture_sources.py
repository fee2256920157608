"""Opens the source that a user named: a camera of this machine, a network stream, or a video file."""

from livecoach.capture import Source
from livecoach.capture.camera import Camera
from livecoach.capture.file import VideoFile
from livecoach.capture.timeline import LiveTimeline


def open_picture_source(
    spec: str | int, *, timeline: LiveTimeline | None = None, timeout_s: float = 2.0, other_hosts: bool = False
) -> Source:
    """Open a camera, a stream or a video file. Raises SourceError if the source does not open.

    Args:
        spec: Number of a camera, address of a stream (with "://"), or path of a file.
        timeline: Timeline of an earlier opening of the camera or stream, to continue; None for a new timeline.
        timeout_s: Longest wait for each step of opening a stream, and for each of its pictures.
        other_hosts: Whether a stream may redirect to other hosts than the address names.
    """
    if isinstance(spec, int) or (spec.isascii() and spec.isdigit()):
        return Camera(int(spec), timeline=timeline)
    if "://" in spec:
        from livecoach.capture.stream import open_stream  # With the packages for HTTP

        return open_stream(spec, timeline=timeline, timeout_s=timeout_s, other_hosts=other_hosts)
    return VideoFile(spec)
