"""A video file, frame by frame, as fast as the caller reads it.

The header's length and rate are not relied on: the frames are those that can be decoded, and each has its own
timestamp, which PyAV keeps.
"""

from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NoReturn, cast

import numpy as np

from livecoach.errors import SourceError
from livecoach.source.container import impossible, open_container, picture_stream
from livecoach.source.loss import FrameLoss, LossCounter
from livecoach.source.opencv import av
from livecoach.source.picture_size import LONGEST_FILE_SIDE_PX, ImpossiblePicture
from livecoach.source.pictures import picture_of
from livecoach.types import Frame, SourceInfo
from livecoach.types.bounds import MOST_S, printable

# A jump back of more than this is where another recording was joined on, less is untidy muxing. Our choice.
_NEW_BEGINNING_S = Fraction(1)
# Higher rates are time bases that a muxer wrote in place of a rate; cameras reach up to 1000.
_HIGHEST_FPS = 1000
# After this many unreadable packets in a row the rest of the file counts as missing. Our choice.
_UNREADABLE_PACKETS = 16


class VideoFile:
    """Every frame of a video file, upright, with its own time."""

    def __init__(self, path: str | Path) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: the file does not exist, is no file, is no video, is incomplete, or contains no picture, or
                none of a size that can be read.
        """
        self._path = Path(path)
        self._container = open_container(self._path)
        try:
            self._stream = picture_stream(self._container, self._path)
            fps = _nominal_fps(self._stream)
            self._timestamps = FrameTimes(fps, self._path)
            self._counter = LossCounter(
                _frames_of_cut_index(self._stream, self._path), _stated_s(self._container, self._stream), fps
            )
            self._frames = self._decoded()
            first = next(self._frames, None)
            if first is None:
                raise SourceError(f"{self._path}: no frame of it can be decoded. Does it play elsewhere?")
        except SourceError:
            self._container.close()
            raise
        self._first: Frame | None = first
        height_px, width_px = cast(np.ndarray, first.picture).shape[:2]
        # A document can't hold a name in another encoding, and no terminal is to obey one.
        name = printable(self._path.name.encode("utf-8", "replace").decode())
        self._info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=fps, live=False)

    @property
    def info(self) -> SourceInfo:
        """Name, size of the first picture, and the header's `fps`, which may be wrong."""
        return self._info

    @property
    def loss(self) -> FrameLoss | None:
        """What can't be read of a damaged file, known once all of it was read; None where nothing is missing."""
        return self._counter.result()

    def read(self) -> Frame | None:
        """Decode the next frame; None at the end, and where the rest of the file is missing."""
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return next(self._frames, None)

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _decoded(self) -> Generator[Frame, None, None]:
        aspect = self._stream.sample_aspect_ratio
        for index, frame in enumerate(self._pictures()):
            # The last frames, which the decoder releases at the end of the file, lack a time base.
            t_s = self._timestamps.t_s(frame.pts, frame.time_base or self._stream.time_base)
            try:
                picture = picture_of(frame, aspect, LONGEST_FILE_SIDE_PX)
            except ImpossiblePicture as err:
                raise impossible(self._path, err) from err
            except av.FFmpegError as err:
                self._give_up(err)
            if frame.is_corrupt:
                self._counter.damage()
            else:
                self._counter.frame(t_s)
            yield Frame(index=index, t_s=t_s, picture=picture)

    def _pictures(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self._counter.damage()
            except av.FFmpegError as err:
                self._give_up(err)
            else:
                yield from frames
        try:
            yield from self._stream.codec_context.decode(None)
        except av.error.InvalidDataError:
            self._counter.damage()
        except av.FFmpegError as err:
            self._give_up(err)
        self._counter.end()

    def _packets(self) -> "Iterator[av.Packet[av.VideoStream]]":
        """Yield the packets with content. Skip errors of the container; end after several in a row."""
        for _ in range(_UNREADABLE_PACKETS):
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size == 0 and packet.pts is None:
                        continue  # it only tells the end
                    self._counter.packet(hidden=packet.is_discard or packet.size == 0)
                    if packet.is_corrupt:
                        self._counter.damage()
                    elif packet.size > 0:
                        yield packet
            except av.error.InvalidDataError:
                self._counter.damage()
                continue
            except av.error.EOFError:
                return
            except av.FFmpegError as err:
                self._give_up(err)
            return

    def _give_up(self, err: Exception) -> NoReturn:
        at_s = self._timestamps.latest_s
        raise SourceError(
            f"{self._path}: can't be read after {at_s:.1f} s ({err}). Copy it to a local disk and try again."
        ) from err


class FrameTimes:
    """Turns a file's timestamps into seconds since the first frame, which never fall."""

    def __init__(self, fps: float | None, path: Path) -> None:
        """fps: nominal rate, which replaces missing timestamps. path: file name for messages."""
        self._interval = None if fps is None else 1 / Fraction(fps)
        self._path = path
        self._origin: Fraction | None = None
        self._latest: Fraction | None = None

    @property
    def latest_s(self) -> float:
        """Time of the latest frame; 0 before the first."""
        return float(self._latest or 0)

    def t_s(self, pts: int | None, time_base: Fraction | None) -> float:
        """Return the time of the next frame in seconds.

        A frame without a timestamp follows one nominal interval after the previous one. A small step back becomes no
        step. A large one is where another recording was joined on, and time continues from there.

        Raises:
            SourceError: a timestamp is missing and there is no rate to replace it, or no recording lasts that long.
        """
        if pts is None or time_base is None:
            self._latest = self._following()
            return self.latest_s
        stamp = pts * time_base
        if self._origin is None or stamp - self._origin < (self._latest or 0) - _NEW_BEGINNING_S:
            self._origin = stamp - self._following()
        self._latest = max(self._latest or Fraction(0), stamp - self._origin)
        if self._latest > MOST_S:
            raise SourceError(
                f"{self._path}: a frame is said to come after {float(self._latest) / 86400:.0f} days: its times are "
                "damaged. `ffmpeg -r 30 -i FILE out.mp4` writes new ones (30: the camera's rate)."
            )
        return self.latest_s

    def _following(self) -> Fraction:
        """Return when the next frame is due by the nominal rate."""
        if self._latest is None:
            return Fraction(0)
        if self._interval is None:
            raise SourceError(
                f"{self._path}: frames carry no usable times and the file states no rate. "
                "`ffmpeg -r 30 -i FILE out.mp4` writes them (30: the camera's rate)."
            )
        return self._latest + self._interval


def _nominal_fps(stream: av.VideoStream) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate is not None and 0 < rate <= _HIGHEST_FPS else None


def _frames_of_cut_index(stream: av.VideoStream, path: Path) -> int | None:
    """Return how many frames the index of an MP4 lists where the file ends before the last; None where it does not."""
    if "mp4" not in stream.container.format.name or not len(stream.index_entries):
        return None
    last = stream.index_entries[-1]
    return len(stream.index_entries) if last.pos + last.size > path.stat().st_size else None


def _stated_s(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Return how long the pictures last by the header of a Matroska or WebM file; None where it may mean the sound."""
    if "matroska" not in container.format.name or container.streams.audio or container.duration is None:
        return None
    return (container.duration - (container.start_time or 0)) / av.time_base if stream.frames == 0 else None
