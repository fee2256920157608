"""Videos made of pictures: cuts of the shipped clips, and what no camera would give."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from fractions import Fraction
from itertools import islice
from pathlib import Path

import av
import numpy as np

from livecoach.capture.file import VideoFile


def pictures_of(path: Path, from_s: float = 0.0, to_s: float = float("inf")) -> Iterator[tuple[float, np.ndarray]]:
    """Times from `from_s` on, and pictures."""
    with closing(VideoFile(path)) as video:
        while (frame := video.read()) is not None and frame.t_s < to_s:
            if frame.t_s >= from_s and frame.picture is not None:
                yield frame.t_s - from_s, frame.picture


def write_pictures(path: Path, pictures: Iterable[tuple[float, np.ndarray]]) -> Path:
    """A video of pictures with their times, of good quality."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "18", "preset": "ultrafast"})
        stream.codec_context.time_base = Fraction(1, 1000)
        for t_s, picture in pictures:
            if not stream.codec_context.is_open:
                stream.height, stream.width, stream.pix_fmt = picture.shape[0], picture.shape[1], "yuv420p"
            frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
            frame.pts, frame.time_base = round(t_s * 1000), Fraction(1, 1000)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def cut(path: Path, to: Path, from_s: float, to_s: float, *, every: int = 1) -> Path:
    """A part of a video. every: 2 takes every second picture."""
    return write_pictures(to, islice(pictures_of(path, from_s, to_s), 0, None, every))


def times_of(path: Path) -> list[float]:
    """Time of each frame by PyAV alone, seconds from the first."""
    with av.open(str(path)) as container:
        stamps = [float(frame.time) for frame in container.decode(video=0) if frame.time is not None]
    return [stamp - stamps[0] for stamp in stamps]


def no_frames(path: Path) -> Path:
    """An MP4 with a picture track and no picture in it."""
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=30)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        container.start_encoding()
    return path


def without_index(path: Path) -> Path:
    """Take the end of an MP4 away, where its index is: as after a power failure while it was recorded."""
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"moov") - 4])
    return path
