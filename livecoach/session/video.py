"""Writes pictures to an H.264 video that appears when it is complete."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import numpy as np

from livecoach.config.files import create_private
from livecoach.errors import ConfigError, OutputError
from livecoach.source.opencv import av


class VideoWriter:
    """Encodes BGR pictures. `open_video` makes one."""

    def __init__(self, container: av.container.OutputContainer, stream: av.VideoStream) -> None:
        self._container, self._stream, self._next = container, stream, 0

    def write(self, picture: np.ndarray, tick: int | None = None) -> None:
        """Append one (height, width, 3) BGR uint8 picture.

        tick: its time in ticks of the video's clock; None: one tick after the last picture. A picture that is not later
        than the last one is shown one tick after it.
        """
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="bgr24")
        frame.pts = self._next if tick is None else max(tick, self._next)
        frame.time_base = self._stream.codec_context.time_base
        self._next = frame.pts + 1
        self._container.mux(self._stream.encode(frame))

    def finish(self) -> None:
        """Encode the pictures that the encoder still holds."""
        self._container.mux(self._stream.encode(None))


@contextmanager
def open_video(
    path: Path,
    width_px: int,
    height_px: int,
    fps: float,
    *,
    crf: int = 23,
    preset: str = "medium",
    ticks_per_s: int | None = None,
) -> Iterator[VideoWriter]:
    """Open a writer for `path` (mp4, H.264, yuv420p).

    crf: 0 (lossless) to 51; 23 is usual. preset: x264's name for its effort. ticks_per_s: resolution of the video's
    clock for pictures at any time; None: one tick a frame. The file appears under its name when it is complete, for its
    owner alone; after an error nothing is left behind. Raises ConfigError for an invalid name, size or crf, OutputError
    where the file can't be written.
    """
    if path.suffix.lower() != ".mp4":
        raise ConfigError(f"{path}: not the name of an MP4 file. Choose one that ends in .mp4.")
    _check(width_px, height_px, crf)
    part = path.with_name(f".{path.stem}.part.mp4")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        create_private(part)
        # With "file:" a colon in the name does not look like a protocol.
        with _removed_after(part), av.open(f"file:{part}", "w", format="mp4") as container:
            rate = Fraction(fps).limit_denominator(1001)
            stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": preset})
            stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
            stream.codec_context.time_base = 1 / rate if ticks_per_s is None else Fraction(1, ticks_per_s)
            writer = VideoWriter(container, stream)
            yield writer
            writer.finish()
            container.close()
            os.replace(part, path)
    except (OSError, av.FFmpegError) as err:  # not all of av's errors are OSErrors
        why = f"{path}: can't be written ({err.strerror})"
        raise OutputError(f"{why}. Free some space and make its folder writable.") from err


@contextmanager
def _removed_after(part: Path) -> Iterator[None]:
    """Remove the unfinished file afterwards."""
    try:
        yield
    finally:
        part.unlink(missing_ok=True)


def _check(width_px: int, height_px: int, crf: int) -> None:
    if width_px % 2 or height_px % 2 or min(width_px, height_px) < 32:
        raise ConfigError(f"video size {width_px}x{height_px}: expected even numbers of 32 or more")
    if not 0 <= crf <= 51:
        raise ConfigError(f"crf {crf}: expected 0..51")
