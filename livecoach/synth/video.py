"""Writing pictures as an H.264 video."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from livecoach.errors import ConfigError, OutputError


class VideoWriter:
    """Encodes BGR pictures; get one from `open_video`."""

    def __init__(self, container: av.container.OutputContainer, stream: av.VideoStream) -> None:
        self._container, self._stream, self._next = container, stream, 0

    def write(self, picture: np.ndarray, index: int | None = None) -> None:
        """One (height, width, 3) BGR uint8 picture, shown at index / fps seconds (None: a frame after the last one)."""
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        frame.pts = self._next if index is None else index
        frame.time_base = self._stream.codec_context.time_base
        self._next = frame.pts + 1
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode what is still in the queue."""
        self._container.mux(self._stream.encode(None))


@contextmanager
def open_video(path: Path, width_px: int, height_px: int, fps: float, crf: int = 23) -> Iterator[VideoWriter]:
    """A writer of `path` (mp4, H.264, yuv420p); crf: 0 (lossless) to 51, 23 is usual.

    The file appears under its name when it is complete; after an error nothing is left behind. Raises ConfigError on a
    size or crf that H.264 can't have, OutputError where the file can't be written.
    """
    _check(width_px, height_px, crf)
    part = path.with_name(f".{path.stem}.part.mp4")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with av.open(str(part), "w") as container:
            stream = _stream(container, width_px, height_px, fps, crf)
            writer = VideoWriter(container, stream)
            yield writer
            writer.finish()
        os.replace(part, path)
    except OSError as err:  # av's errors are OSErrors too
        raise OutputError(f"{path}: can't be written ({err.strerror}). Is there a folder of that name, and room?") from err
    finally:
        part.unlink(missing_ok=True)


def _check(width_px: int, height_px: int, crf: int) -> None:
    if width_px % 2 or height_px % 2 or min(width_px, height_px) < 32:
        raise ConfigError(f"video size {width_px}x{height_px}: expected even numbers of 32 or more")
    if not 0 <= crf <= 51:
        raise ConfigError(f"crf {crf}: expected 0..51")


def _stream(
    container: av.container.OutputContainer, width_px: int, height_px: int, fps: float, crf: int
) -> av.VideoStream:
    rate = Fraction(fps).limit_denominator(1001)
    stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": "medium"})
    stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
    stream.codec_context.time_base = 1 / rate
    return stream
