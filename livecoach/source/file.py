"""A video file, frame by frame, as fast as the caller reads it.

The header's length and rate are not relied on: the frames are those that can be decoded, and each has its own
timestamp, which PyAV keeps.
"""

import logging
import os
from collections.abc import Generator, Iterator
from fractions import Fraction
from pathlib import Path
from typing import NoReturn, cast

import numpy as np

from livecoach.errors import SourceError
from livecoach.source.opencv import av, cv2
from livecoach.types import Frame, SourceInfo

logger = logging.getLogger(__name__)

# A jump back of more than this is where another recording was joined on, less is untidy muxing. Our choice.
_NEW_BEGINNING_S = Fraction(1)
# Higher rates are time bases that a muxer wrote in place of a rate; cameras reach up to 1000.
_HIGHEST_FPS = 1000
# Pixels whose sides differ by less count as square, because encoders round.
_SQUARE_PIXEL_TOLERANCE = 0.01
# After this many unreadable packets in a row the rest of the file counts as missing. Our choice.
_UNREADABLE_PACKETS = 16


class VideoFile:
    """Every frame of a video file, upright, with its own time."""

    def __init__(self, path: str | Path) -> None:
        """Open the file and decode its first frame.

        Raises:
            SourceError: the file does not exist, is no file, is no video, is incomplete, or contains no picture.
        """
        self._path = Path(path)
        _check_is_file(self._path)
        self._container = open_container(self._path)
        try:
            self._stream = _picture_stream(self._container, self._path)
            fps = _nominal_fps(self._stream)
            self._timestamps = FrameTimes(fps, self._path)
            self._frames = self._decoded()
            first = next(self._frames, None)
            if first is None:
                raise SourceError(f"{self._path}: no frame of it can be decoded. Does it play elsewhere?")
        except SourceError:
            self._container.close()
            raise
        self._first: Frame | None = first
        height_px, width_px = cast(np.ndarray, first.picture).shape[:2]
        name = self._path.name.encode("utf-8", "replace").decode()  # a document can't hold a name in another encoding
        self._info = SourceInfo(name=name, width_px=width_px, height_px=height_px, fps=fps, live=False)

    @property
    def info(self) -> SourceInfo:
        """Name, size of the first picture, and the header's `fps`, which may be wrong."""
        return self._info

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
        for index, frame in enumerate(self._pictures()):
            # The last frames, which the decoder releases at the end of the file, lack a time base.
            t_s = self._timestamps.t_s(frame.pts, frame.time_base or self._stream.time_base)
            yield Frame(index=index, t_s=t_s, picture=_picture(frame, self._stream.sample_aspect_ratio))

    def _pictures(self) -> Iterator[av.VideoFrame]:
        damaged = 0
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                damaged += 1
            except av.FFmpegError as err:
                self._give_up(err)
            else:
                yield from frames
        try:
            yield from self._stream.codec_context.decode(None)
        except av.error.InvalidDataError:
            damaged += 1
        if damaged:
            logger.info("%s: %d damaged packets skipped", self._path, damaged)

    def _packets(self) -> "Iterator[av.Packet[av.VideoStream]]":
        """Yield the packets with content. Skip errors of the container; end after several in a row."""
        for _ in range(_UNREADABLE_PACKETS):
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size > 0 and not packet.is_corrupt:
                        yield packet
            except av.error.InvalidDataError:
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
            SourceError: a timestamp is missing and there is no rate to replace it.
        """
        if pts is None or time_base is None:
            self._latest = self._following()
            return self.latest_s
        stamp = pts * time_base
        if self._origin is None or stamp - self._origin < (self._latest or 0) - _NEW_BEGINNING_S:
            self._origin = stamp - self._following()
        self._latest = max(self._latest or Fraction(0), stamp - self._origin)
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


def _check_is_file(path: Path) -> None:
    if not path.exists():
        raise SourceError(f"{path}: no such file. A camera is given by its number, a stream by its URL.")
    if path.is_dir():
        raise SourceError(f"{path}: this is a folder. Give a video file in it.")
    if not path.is_file():
        raise SourceError(f"{path}: this is not a regular file. Give a video file, a camera's number or a URL.")
    if not os.access(path, os.R_OK):
        raise SourceError(f"{path}: you have no permission to read this file. Change its permissions or copy it.")
    if path.stat().st_size == 0:
        raise SourceError(f"{path}: the file is empty. Was it copied completely?")


def open_container(path: Path) -> av.container.InputContainer:
    """Open the file's container. The prefix "file:" keeps a colon in the name from being read as a protocol."""
    try:
        return av.open(f"file:{path}")
    except (av.error.InvalidDataError, av.error.EOFError) as err:
        if not _looks_like_mp4(path):
            raise SourceError(f"{path}: not a video. MP4, MOV, MKV, WebM and AVI can be read.") from err
        return _open_torn_mp4(path)
    except av.FFmpegError as err:
        raise SourceError(f"{path}: can't be opened ({err.strerror}). Copy it to a local disk and try again.") from err


def _open_torn_mp4(path: Path) -> av.container.InputContainer:
    """Open a fragmented recording that was cut off inside a fragment's header.

    FFmpeg reads all fragments when it opens the file, and refuses the file because of the last; with the index ignored
    it reads only the first. (Verified by cutting a file at every seventh byte. This is only the second attempt because
    formats other than MP4 need their index.)
    """
    try:
        return av.open(f"file:{path}", container_options={"fflags": "+ignidx"})
    except av.FFmpegError as err:
        raise SourceError(
            f"{path}: its index is missing (no moov atom): the recording was cut off before it was finished. "
            "It can't be read; take another file."
        ) from err


def _looks_like_mp4(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(8)[4:] == b"ftyp"


def _picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    for stream in container.streams.video:
        # The cover picture of an audio file is a video stream too.
        if not stream.disposition & av.stream.Disposition.attached_pic:
            break
    else:
        raise SourceError(f"{path}: there is no video in this file, only sound or text. Give the video itself.")
    if stream.codec_context is None:
        raise SourceError(f"{path}: its encoding can't be decoded here. Convert it with `ffmpeg -i FILE out.mp4`.")
    return stream


def _nominal_fps(stream: av.VideoStream) -> float | None:
    rate = stream.average_rate or stream.guessed_rate
    return float(rate) if rate is not None and 0 < rate <= _HIGHEST_FPS else None


def _picture(frame: av.VideoFrame, pixel_aspect: Fraction | None) -> np.ndarray:
    """Return the frame as (height, width, 3) uint8 BGR, C-contiguous, upright, with square pixels."""
    width_px = frame.width
    if pixel_aspect is not None and abs(pixel_aspect - 1) > _SQUARE_PIXEL_TOLERANCE:
        width_px = round(frame.width * pixel_aspect)
    coded = frame.to_ndarray(format="bgr24", width=width_px, height=frame.height)
    matrix = frame.side_data.get("DISPLAYMATRIX")
    upright = coded if matrix is None else _turned(coded, np.frombuffer(cast(bytes, matrix), np.int32))
    return np.ascontiguousarray(upright)


def _turned(picture: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Apply the file's display matrix (9 int32): quarter turns, and the mirroring of selfie cameras.

    It maps coded (x, y) to shown (x, y): x' = m[0] x + m[3] y, y' = m[1] x + m[4] y (QuickTime file format, tkhd).
    Cameras write quarter turns only; any other angle is shown as the nearest.
    """
    x_from_x, y_from_x, _, x_from_y, y_from_y = (int(value) for value in matrix[:5])
    if abs(x_from_y) + abs(y_from_x) > abs(x_from_x) + abs(y_from_y):
        # OpenCV's transpose is six times as fast as NumPy's strided copy (2 against 12 ms at 1080p).
        picture = cv2.transpose(picture)
        mirrored, upside_down = x_from_y < 0, y_from_x < 0
    else:
        mirrored, upside_down = x_from_x < 0, y_from_y < 0
    if mirrored or upside_down:
        picture = cv2.flip(picture, -1 if mirrored and upside_down else 1 if mirrored else 0)
    return picture
