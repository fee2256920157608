"""Reads video files, and folders with the frames of a video as pictures, as sources.

The length and the rate in a file's header are not trusted. Every frame that can be decoded is delivered, at the time of
its own timestamp. Only this module opens files with PyAV to read.
"""

import math
import os
import re
import stat
from collections.abc import Generator, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from fractions import Fraction
from itertools import islice
from pathlib import Path

import numpy as np

from livecoach.capture import PictureSource, Source, pictures
from livecoach.capture.loss_counter import FrameLoss, LossCounter
from livecoach.capture.opencv import av
from livecoach.core.config.files import open_regular
from livecoach.core.errors import SourceError, explain_os_errors
from livecoach.core.types import Frame
from livecoach.core.types.bounds import MOST_S
from livecoach.core.types.message import Message

_FIRST_PACKETS, _BLACK = 300, 30
"""Number of packets by which one of several streams of pictures is chosen, and the ratio of data from which a smaller
stream counts as black. Our choice."""
_NO_PICTURE = np.empty((0, 0, 3), np.uint8)
_FIRST_FILM = datetime(1990, 1, 1, tzinfo=UTC)  # files without a time state 1904 or 1970. Our choice.


FORMATS = (
    "mov,matroska,avi,mpegts,mpeg,mpegvideo,flv,asf,ogg,h264,hevc,av1,obu,ivf,m4v,mjpeg,mxf,dv,nut,rm,swf,wtv,gif,aac,"
    "mp3,wav,flac"
)
"""FFmpeg's names of the formats that are opened. Playlists (hls, dash, concat) are left out, because they name other
files. Files of sound are opened, so that the error says that they have no video."""
NO_PICTURE = "not a picture that can be read. Take it out of the folder."


def check_is_file(path: Path) -> None:
    """Raise SourceError unless a path is a regular file that can be read and is not empty."""
    try:
        status = path.stat()
    except FileNotFoundError as err:
        raise SourceError(f"{path}: no such file. Check the path.") from err
    except OSError as err:  # a loop of links, a name that is too long, a folder that may not be searched
        raise SourceError(f"{path}: can't be opened ({err.strerror}). Check the path.") from err
    except ValueError as err:  # a character that no path has
        raise SourceError(f"{str(path)!r}: not a path ({err}). Check it.") from err
    if stat.S_ISDIR(status.st_mode):
        raise SourceError(f"{path}: this is a folder. Give a video file in it.")
    if not stat.S_ISREG(status.st_mode):
        raise SourceError(f"{path}: this is not a regular file. Give a video file, a camera's number or a URL.")
    if not os.access(path, os.R_OK):
        raise SourceError(f"{path}: you have no permission to read this file. Change its permissions or copy it.")
    if status.st_size == 0:
        raise SourceError(f"{path}: the file is empty. Was it copied completely?")


def open_container(path: Path, formats: str = FORMATS) -> av.container.InputContainer:
    """Open a video file with PyAV, or a picture file if `formats` names formats of pictures.

    Args:
        formats: FFmpeg's names of the accepted formats, separated by commas.

    Raises:
        SourceError: The file can't be opened, or has another format.
    """
    check_is_file(path)
    try:
        return _open_container(path, {}, formats)
    except (av.error.InvalidDataError, av.error.EOFError, av.error.ArgumentError) as err:  # the last: a picture, a list
        if formats != FORMATS:
            raise SourceError(f"{path}: {NO_PICTURE}") from err
        if not _looks_like_mp4(path):
            raise SourceError(f"{path}: not a video. MP4, MOV, MKV, WebM and AVI can be read.") from err
        return _open_torn_mp4(path)
    except av.FFmpegError as err:
        raise SourceError(f"{path}: can't be opened ({err.strerror}). Copy it to a local disk and try again.") from err


def find_picture_stream(container: av.container.InputContainer, path: Path) -> av.VideoStream:
    """Return the video stream that players show, of all video streams in a file.

    Players show the default stream; if several streams or none are the default, the stream with the most data is shown.
    Covers and thumbnails are left out. Single pictures, and streams that are empty or black, are taken only if there is
    no other stream. The stream's decoder is set to refuse pictures of over MOST_CODED_PIXELS.

    Raises:
        SourceError: The file has no video, or the video can't be decoded, or the size of its pictures is out of bounds.
    """
    # The cover picture of an audio file is a video stream too.
    no_film = av.stream.Disposition.attached_pic | av.stream.Disposition.timed_thumbnails
    films = [stream for stream in container.streams.video if not stream.disposition & no_film]
    if not films:
        raise SourceError(f"{path}: there is no video in this file, only sound or text. Give the video itself.")
    stream = films[0] if len(films) == 1 else _shown_by_players(container, films)
    if stream.codec_context is None:
        words = "its encoding can't be decoded here. Convert it to MP4, with HandBrake or `ffmpeg -i FILE out.mp4`."
        raise SourceError(f"{path}: {Message(words)}")
    try:
        pictures.check_coded_size(stream.codec_context.width, stream.codec_context.height)
    except pictures.ImpossiblePicture as err:
        raise impossible_picture_error(path, err) from err
    # A later picture may be larger than the header says: the decoder refuses it.
    stream.codec_context.options = {"max_pixels": str(pictures.MOST_CODED_PIXELS)}
    return stream


def _shown_by_players(container: av.container.InputContainer, films: list[av.VideoStream]) -> av.VideoStream:
    sizes: dict[int, list[int]] = {film.index: [] for film in films}
    with suppress(av.FFmpegError):  # a damaged file is read as far as it goes
        for packet in islice(container.demux(films), _FIRST_PACKETS):
            if packet.size:
                sizes[packet.stream_index].append(packet.size)
    most = max(map(sum, sizes.values()))

    def rank(film: av.VideoStream) -> tuple[bool, bool, int]:
        found = sizes[film.index]
        is_film = len(found) > 1 and sum(found) * _BLACK >= most
        return is_film, bool(film.disposition & av.stream.Disposition.default), sum(found)

    shown = max(films, key=rank)
    with suppress(av.FFmpegError):
        container.seek(0, stream=shown)  # in Matroska, other streams may not find the beginning
    return shown


def impossible_picture_error(path: Path, err: pictures.ImpossiblePicture) -> SourceError:
    """Return the error for a file whose pictures have an impossible size."""
    words = "{name}. Convert it to MP4, with HandBrake or `ffmpeg -i FILE -vf scale=1280:-2,setsar=1 out.mp4`."
    return SourceError(f"{path}: {Message(words, name=str(err))}")


def _open_container(path: Path, options: dict[str, str], formats: str = FORMATS) -> av.container.InputContainer:
    # Only files, because a playlist disguised as a video names other files and addresses.
    limits = {"protocol_whitelist": "file", "format_whitelist": formats, "max_pixels": str(pictures.MOST_CODED_PIXELS)}
    # Titles of old files may not be UTF-8. livecoach does not use titles.
    # "file:" keeps a colon in the name from being read as a protocol.
    return av.open(f"file:{path}", options=limits, container_options=options, metadata_errors="replace")


def _open_torn_mp4(path: Path) -> av.container.InputContainer:
    """Open a fragmented recording that was cut off inside a fragment's header.

    FFmpeg refuses the file because of the last fragment. If FFmpeg ignores the index, it reads only the first fragment
    on opening. This is the second attempt, because formats other than MP4 need their index.
    """
    try:
        return _open_container(path, {"fflags": "+ignidx"})
    except av.FFmpegError as err:
        raise SourceError(
            f"{path}: its end is missing: it was not copied whole, or the recording was cut off. "
            "Copy it again, or take another file."
        ) from err


def _looks_like_mp4(path: Path) -> bool:
    try:
        with open_regular(path) as file:
            return file.read(8)[4:] == b"ftyp"
    except OSError:
        return False


# Least step back in time, in seconds, of an appended recording. Smaller steps are untidy muxing. Our choice.
_NEW_BEGINNING_S = Fraction(1)
# Highest frame rate. Cameras reach 1000; higher values are time bases that a muxer wrote in place of a rate.
_HIGHEST_FPS = 1000
NO_TIMES = Message(
    "frames carry no usable times and the file states no rate. Convert it to MP4, with HandBrake or "
    "`ffmpeg -r 30 -i FILE out.mp4` (30: the camera's rate)."
)
_RETIME = "`ffmpeg -r 30 -i FILE out.mp4` writes new times (30: the camera's rate)."
# After this many unreadable packets in a row the rest of the file counts as missing. Our choice.
_UNREADABLE_PACKETS = 16


CAPTURE_RATE_KEY = "com.android.capture.fps"
"""Key under which Android and many cameras state the rate at which a video was filmed. iPhones keep the true times in
the file and leave slow motion to the player (com.apple.quicktime.full-frame-rate-playback-intent)."""
_MOST_ORDINARY_FPS = 48
"""Highest rate that is never taken for slow motion: in the dark, cameras film more slowly than stated. Our choice."""
_LEAST_SLOWER = 1.5  # least ratio of filmed to played rate in slow motion, because rates are uneven. Our choice.


def _possible(at: datetime) -> datetime | None:
    return at if _FIRST_FILM <= at <= datetime.now(UTC) else None


class VideoFile(PictureSource):
    """A video file as a source, which delivers frames as fast as they are read."""

    def __init__(self, path: str | Path, filmed_at_fps: float | None = None) -> None:
        """Open the file, and decode its first frame.

        Args:
            filmed_at_fps: Rate at which the camera filmed; None for the rate that the file states. The times of
                frames are times of filming, even if the file plays at another rate.

        Raises:
            SourceError: The file is not a readable video, or states no rate with which to compare `filmed_at_fps`.
        """
        self._path = Path(path)
        self.every_s = 0.0  # least time between two pictures; the pictures in between are empty
        self._container = open_container(self._path)
        try:
            self._stream = find_picture_stream(self._container, self._path)
            rate = self._stream.average_rate or self._stream.guessed_rate
            # Rate at which the file plays; None if the file states no rate, or an impossible rate.
            self.played_fps = float(rate) if rate is not None and 0 < rate <= _HIGHEST_FPS else None
            fps = filmed_at_fps or _capture_rate(self._container, self.played_fps) or self.played_fps
            if filmed_at_fps is not None and self.played_fps is None:
                raise SourceError(f"{self._path}: states no rate to compare {filmed_at_fps:g} a second with. {_RETIME}")
            # Seconds of the filming in a second of the file.
            self._true_s = Fraction(self.played_fps) / Fraction(fps) if self.played_fps and fps else Fraction(1)
            self._timestamps = FrameTimes(fps, self._path)
            self._counter = LossCounter(self._container, self._stream, self._path, true_s=self._true_s, fps=fps)
            self._frames = self._decoded()
            first = next(self._frames, None)
            if first is None:
                raise SourceError(f"{self._path}: no frame of it can be decoded. Does it play elsewhere?")
        except SourceError:
            self._container.close()
            raise
        self._begin(first, name=self._path.name, fps=fps, live=False)  # the header's rate may be wrong

    @property
    def created_at(self) -> datetime | None:
        """The time of filming that the file states; None if the file states no time from 1990 to the present."""
        try:
            stated = datetime.fromisoformat(_stated(self._container, "creation_time"))
        except ValueError:
            return None
        return _possible(stated if stated.tzinfo else stated.replace(tzinfo=UTC))

    @property
    def changed_at(self) -> datetime | None:
        """The time of the last change of the file; None if it is unknown, or not from 1990 to the present."""
        with suppress(OSError, ValueError, OverflowError):
            return _possible(datetime.fromtimestamp(self._path.stat().st_mtime, UTC))
        return None

    @property
    def loss(self) -> FrameLoss | None:
        """The loss of frames in the part of the video that has been read so far; None if no frame was lost."""
        return self._counter.find_loss()

    def _next(self) -> Frame | None:
        return next(self._frames, None)

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _decoded(self) -> Generator[Frame, None, None]:
        aspect, pictured_s = self._stream.sample_aspect_ratio, -math.inf
        try:
            for index, frame in enumerate(self._pictures()):
                # The last frames, which the decoder releases at the end of the file, lack a time base.
                base = frame.time_base or self._stream.time_base
                t_s = self._timestamps.next_time_s(frame.pts, None if base is None else base * self._true_s)
                picture = _NO_PICTURE
                if t_s - pictured_s >= self.every_s:
                    picture, pictured_s = pictures.convert_frame(frame, aspect, pictures.LONGEST_FILE_SIDE_PX), t_s
                if frame.is_corrupt:
                    self._counter.add_damage()
                else:
                    self._counter.add_frame(t_s)
                yield Frame(index=index, t_s=t_s, picture=picture)
        except pictures.ImpossiblePicture as err:
            raise impossible_picture_error(self._path, err) from err
        except av.FFmpegError as err:
            problem = Message(
                "can't be read after {n} s ({name}). Copy it to a local disk and try again.",
                n=f"{self._timestamps.latest_s:.1f}",
                name=str(err),
            )
            raise SourceError(f"{self._path}: {problem}") from err

    def _pictures(self) -> Iterator[av.VideoFrame]:
        for packet in self._packets():
            try:
                frames = packet.decode()
            except av.error.InvalidDataError:
                self._counter.add_damage()
            else:
                yield from frames
        try:
            yield from self._stream.codec_context.decode(None)
        except av.error.InvalidDataError:
            self._counter.add_damage()
        self._counter.end()

    def _packets(self) -> "Iterator[av.Packet[av.VideoStream]]":
        """Yield the packets with content. Skip errors of the container, and end after several errors in a row."""
        for _ in range(_UNREADABLE_PACKETS):
            try:
                for packet in self._container.demux(self._stream):
                    if packet.size == 0 and packet.pts is None:
                        continue  # such a packet only marks the end
                    self._counter.add_packet(hidden=packet.is_discard or packet.size == 0)
                    if packet.is_corrupt:
                        self._counter.add_damage()
                    elif packet.size > 0:
                        yield packet
            except av.error.InvalidDataError:
                self._counter.add_damage()
                continue
            except av.error.EOFError:
                return
            return


def _stated(container: av.container.InputContainer, name: str) -> str:
    """Return a text from the metadata of a file; empty if the metadata lacks the name."""
    return next((value for key, value in container.metadata.items() if key.lower() == name), "")


def _capture_rate(container: av.container.InputContainer, played_fps: float | None) -> float | None:
    """Return the rate at which a slow-motion video was filmed; None for other videos, and if a rate is not stated."""
    try:
        fps = float(_stated(container, CAPTURE_RATE_KEY))
    except ValueError:
        return None
    is_slow = played_fps is not None and fps >= _LEAST_SLOWER * played_fps
    return fps if _MOST_ORDINARY_FPS < fps <= _HIGHEST_FPS and is_slow else None


def find_frame_loss(source: Source) -> FrameLoss | None:
    """Return the frame loss in the part of a video file that was read; None without a loss, and for other sources."""
    return source.loss if isinstance(source, VideoFile) else None


class FrameTimes:
    """Converts a file's timestamps into times in seconds since the first frame. These times never fall."""

    def __init__(self, fps: float | None, path: Path) -> None:
        """Start before the first frame. `fps`, the nominal rate, replaces missing timestamps; None if it is unknown."""
        self._interval = None if fps is None else 1 / Fraction(fps)
        self._path = path
        self._origin: Fraction | None = None
        self._latest: Fraction | None = None

    @property
    def latest_s(self) -> float:
        """The time of the latest frame in seconds; 0 before the first frame."""
        return float(self._latest or 0)

    def next_time_s(self, pts: int | None, time_base: Fraction | None) -> float:
        """Return the time of the next frame in seconds.

        A frame without a timestamp comes one nominal interval after the previous frame. If the timestamps step back a
        little, the time stays the same. If they step back by over a second, another recording was appended: its first
        frame comes one nominal interval after the previous frame, too.

        Args:
            pts: Timestamp of the frame, in units of the time base; None if missing.
            time_base: Time base in seconds; None if missing.

        Raises:
            SourceError: A timestamp is impossibly large, or the nominal interval is needed and unknown.
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
                f"damaged. {_RETIME}"
            )
        return self.latest_s

    def _following(self) -> Fraction:
        if self._latest is None:
            return Fraction(0)
        if self._interval is None:
            raise SourceError(f"{self._path}: {NO_TIMES}")
        return self._latest + self._interval


USUAL_FPS = 30.0  # Pictures a second, unless the user names another rate
PICTURE_SUFFIXES = frozenset((".jpg", ".jpeg", ".png", ".bmp", ".webp"))
_PICTURE_FORMATS = "image2,jpeg_pipe,png_pipe,bmp_pipe,webp_pipe"


def list_pictures(folder: Path) -> list[Path]:
    """Return the paths of the pictures in a folder, in the order of their names; 2.jpg comes before 10.jpg.

    Hidden files, and files with other suffixes than PICTURE_SUFFIXES, are left out. Raises SourceError if the folder
    can't be read.
    """
    with explain_os_errors(SourceError, f"{folder}: can't be read", "Check the path."):
        found = [path for path in folder.iterdir() if path.suffix.lower() in PICTURE_SUFFIXES and path.name[0] != "."]
    return sorted(
        found,
        key=lambda path: [
            (part.isdecimal(), int(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", path.name)
        ],
    )


class PictureFolder(PictureSource):
    """The pictures in a folder as a source, at a constant rate."""

    def __init__(self, folder: Path, filmed_at_fps: float | None = None) -> None:
        """List the folder, and read its first picture. The rate is USUAL_FPS if `filmed_at_fps` is None.

        Raises SourceError if the folder can't be read or has no pictures, or the first picture can't be read.
        """
        self._fps = filmed_at_fps or USUAL_FPS
        self._left = enumerate(list_pictures(folder))
        first = self._next()
        if first is None:
            raise SourceError(f"{folder}: holds no picture. Put pictures into the folder, or name a video file in it.")
        self._begin(first, name=folder.resolve().name, fps=self._fps, live=False)

    def _next(self) -> Frame | None:
        index, path = next(self._left, (0, None))
        if path is None:
            return None
        try:
            with open_container(path, _PICTURE_FORMATS) as container:
                picture = pictures.convert_frame(next(container.decode(video=0)), None, pictures.LONGEST_FILE_SIDE_PX)
        except pictures.ImpossiblePicture as err:
            raise impossible_picture_error(path, err) from err
        except (av.FFmpegError, StopIteration, IndexError) as err:
            raise SourceError(f"{path}: {NO_PICTURE}") from err
        return Frame(index=index, t_s=index / self._fps, picture=picture)

    def close(self) -> None:
        self._left = enumerate([])
