"""Writes the video of a session in fragments during the recording, and reads the video's pictures by time.

A `FragmentedVideo` stays readable when writing is cut off. `open_video` is for videos that are made afterwards: a file
appears only when the file is complete.
"""

from collections.abc import Generator, Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import BinaryIO

import numpy as np

from livecoach.capture.file import find_picture_stream, open_container
from livecoach.capture.opencv import av, cv2
from livecoach.core.config.files import write_atomically
from livecoach.core.errors import ConfigError, OutputError, SourceError

SMALLEST_PX = 16  # Shortest side of a picture that H.264 can encode, in pixels
TICKS_PER_S = 1_000_000  # Ticks of the video's clock in a second: times of frames are restored to the microsecond
FRAGMENT_US = 250_000
"""Length of a fragment in microseconds, and the most that a killed process can lose; 200 and 500 ms were measured."""
GOP_S = 1.0  # Time between key frames, in seconds: the most that a seek must decode
CRF = 25  # Quality of the video on x264's scale from 0 (lossless) to 51
PRESET, MOTION_SEARCH = "superfast", "subme=0"
"""Encoder settings; docs/figures.md states the file size and CPU time with them. Motion is searched to whole pixels,
which takes a quarter less time and makes files 15 % larger."""
MOST_BITS_PER_PX_S = 6.0
"""Highest bit rate per pixel: 1.8 Mbit/s at 640×480, 14 MB a minute. A moving camera would need more."""
LARGEST_SIDE_PX = 4096
"""Longest side of a session's pictures: cameras have up to 3840 px. An 8K picture takes half a second. Our choice."""
MOST_HOLD_S = 0.5  # Longest time in seconds for which a picture replaces missing pictures. Our choice.
SEEK_DISTANCE_S = 2.0  # Distance in seconds from which seeking to a key frame is faster than decoding all frames


class FragmentedVideo:
    """Writes an MP4 video in fragments, so that the video stays readable if writing is cut off. Use it from one thread.

    Any method may raise OSError, for example because the disk is full, or an error of the encoder (av.FFmpegError).
    """

    def __init__(self, file: BinaryIO, width_px: int, height_px: int, fps: float) -> None:
        """Open the encoder of the video. Raises ValueError if the pictures are too small to be encoded.

        Args:
            file: Unbuffered file, so that each complete fragment reaches the operating system. The caller closes it.
            fps: Approximate number of pictures a second.
        """
        if min(width_px, height_px) < SMALLEST_PX:
            raise ValueError(f"pictures of {width_px} × {height_px} pixels can't be encoded")
        self.size_px = width_px, height_px
        self._last = -1
        self._container = av.open(
            file,
            "w",
            format="mp4",
            options={
                "movflags": "empty_moov+default_base_moof+frag_discont+skip_trailer",
                "frag_duration": str(FRAGMENT_US),
                "flush_packets": "1",
                "avoid_negative_ts": "disabled",  # otherwise the first frame moves to 0
            },
        )
        most_kbits_s = max(1, round(MOST_BITS_PER_PX_S * width_px * height_px / 1000))
        stream = self._container.add_stream(
            "libx264",
            rate=Fraction(fps).limit_denominator(1001),
            options={
                "crf": str(CRF),
                "preset": PRESET,
                "tune": "zerolatency",
                "g": str(max(1, round(GOP_S * fps))),
                "x264-params": f"{MOTION_SEARCH}:vbv-maxrate={most_kbits_s}:vbv-bufsize={2 * most_kbits_s}",
            },
        )
        # H.264 halves the resolution of colours, so an odd last row or column is left out.
        stream.width, stream.height, stream.pix_fmt = width_px // 2 * 2, height_px // 2 * 2, "yuv420p"
        stream.thread_count = 1
        stream.codec_context.time_base = Fraction(1, TICKS_PER_S)
        self._stream = stream
        self._yuv = np.empty((stream.height * 3 // 2, stream.width), np.uint8)
        """The picture that is being encoded. The encoder copies it before `encode` returns, so it is reused."""

    def write(self, picture: np.ndarray, t_s: float) -> bool:
        """Append a picture of the video's size if it is later than the last picture; return whether it was appended."""
        tick = round(t_s * TICKS_PER_S)
        if tick <= self._last:
            return False
        self._last = tick
        even = picture[: self._stream.height, : self._stream.width]
        cv2.cvtColor(even, cv2.COLOR_BGR2YUV_I420, self._yuv)
        frame = av.VideoFrame.from_numpy_buffer(self._yuv, format="yuv420p")
        frame.pts, frame.time_base = tick, self._stream.codec_context.time_base
        self._container.mux(self._stream.encode(frame))
        return True

    def finish(self) -> None:
        """Write the pictures that the encoder still holds, and complete the video."""
        self._container.mux(self._stream.encode(None))
        self._container.close()


class SessionPictures:
    """Reads the pictures of a session's video by their times. Use the object from one thread."""

    def __init__(self, path: Path) -> None:
        """Open the video of a session. Raises SourceError if the video can't be read."""
        self._path = path
        self._container = open_container(path)
        try:
            self._stream = find_picture_stream(self._container, path)
            width_px, height_px = self._stream.width, self._stream.height
            if max(width_px, height_px) > LARGEST_SIDE_PX:  # a report would take minutes
                raise SourceError(
                    f"{path}: its pictures have {width_px}×{height_px} pixels; no session has more than "
                    f"{LARGEST_SIDE_PX} a side."
                )
            self._stream.thread_type = "AUTO"  # several pictures at once: a report of a 4K video takes half as long
        except SourceError:
            self._container.close()
            raise
        self._frames = self._decoded()
        self._shown: tuple[int, av.VideoFrame] | None = None
        self._next: tuple[int, av.VideoFrame] | None = None

    def picture_at(self, t_s: float) -> np.ndarray | None:
        """Return the picture at a time in seconds, (height, width, 3) uint8 BGR; None without a picture.

        The last picture up to MOST_HOLD_S before the time replaces a missing picture. Raises SourceError if seeking
        fails. Reading in the order of time is fastest.
        """
        tick = round(t_s * TICKS_PER_S)
        shown, far = 0 if self._shown is None else self._shown[0], SEEK_DISTANCE_S * TICKS_PER_S
        if not shown <= tick <= shown + far:
            self._seek(tick)
        if self._next is None:
            self._next = next(self._frames, None)
        while self._next is not None and self._next[0] <= tick:
            self._shown, self._next = self._next, next(self._frames, None)
        if self._shown is None or not 0 <= tick - self._shown[0] <= MOST_HOLD_S * TICKS_PER_S:
            return None
        return self._shown[1].to_ndarray(format="bgr24")

    def read_pictures(self) -> Iterator[tuple[float, np.ndarray]]:
        """Yield the time in seconds and the picture, (height, width, 3) uint8 BGR, of each readable frame, in order.

        Call this only once, and before `picture_at`. Damage to the container ends the pictures early.
        """
        for tick, frame in self._decoded():
            yield tick / TICKS_PER_S, frame.to_ndarray(format="bgr24")

    def close(self) -> None:
        self._frames.close()
        self._container.close()

    def _seek(self, tick: int) -> None:
        base = self._stream.time_base or 1 / TICKS_PER_S
        try:
            self._container.seek(int(tick / TICKS_PER_S / base), stream=self._stream, backward=True)
        except av.FFmpegError as err:
            raise SourceError(f"{self._path}: seeking to {tick / TICKS_PER_S:.1f} s failed ({err}).") from err
        self._frames.close()
        self._frames = self._decoded()
        self._shown = self._next = None

    def _decoded(self) -> "Generator[tuple[int, av.VideoFrame], None, None]":
        """Yield frames with ticks, up to a container error, but no damaged, too large or undated frame."""
        try:
            for packet in self._container.demux(self._stream):
                try:
                    frames = packet.decode()
                except av.error.InvalidDataError:
                    continue
                for frame in frames:
                    fits = max(frame.width, frame.height) <= LARGEST_SIDE_PX
                    if fits and frame.pts is not None and frame.time_base is not None:
                        yield round(frame.pts * frame.time_base * TICKS_PER_S), frame
        except av.FFmpegError:
            return


class VideoWriter:
    """Encodes BGR pictures to an MP4 file, which `open_video` opens."""

    def __init__(self, container: av.container.OutputContainer, stream: av.VideoStream) -> None:
        self._container, self._stream, self._next = container, stream, 0

    def write(self, picture: np.ndarray, tick: int | None = None) -> None:
        """Append a picture to the video.

        Args:
            picture: (height, width, 3) uint8, BGR.
            tick: Time in ticks of the video's clock. With None, or if the time is not later than the last picture, the
                picture is shown one tick after the last picture.
        """
        # FFmpeg's own conversion starts threads for each picture, and takes .5 to 1 ms of CPU more.
        coded: np.ndarray = cv2.cvtColor(picture, cv2.COLOR_BGR2YUV_I420)
        frame = av.VideoFrame.from_ndarray(coded, format="yuv420p")
        frame.pts = self._next if tick is None else max(tick, self._next)
        frame.time_base = self._stream.codec_context.time_base
        self._next = frame.pts + 1
        self._container.mux(self._stream.encode(frame))


@contextmanager
def open_video(
    path: Path,
    width_px: int,
    height_px: int,
    fps: float,
    *,
    crf: int = 23,
    preset: str = "medium",
    threads: int = 0,
    ticks_per_s: int | None = None,
) -> Iterator[VideoWriter]:
    """Open a writer for an MP4 file (H.264, yuv420p).

    Missing folders are created. The file appears under its name when the file is complete, private to its owner. After
    an error, no part of the file is left behind.

    Args:
        path: Path of the file, which ends in .mp4.
        width_px: Width of the pictures, an even number from 32.
        height_px: Height of the pictures, an even number from 32.
        crf: Quality from 0 (lossless) to 51; 23 is usual.
        threads: Number of the encoder's threads; 0 for about as many as there are processors.
        ticks_per_s: Ticks of the video's clock in a second; None for `fps`, a tick for each picture.

    Raises:
        ConfigError: The name or the size is not valid.
        OutputError: The file can't be written.
    """
    if path.suffix.lower() != ".mp4":
        raise ConfigError(f"{path}: not the name of an MP4 file. Choose one that ends in .mp4.")
    if width_px % 2 or height_px % 2 or min(width_px, height_px) < 32:
        raise ConfigError(f"video size {width_px}x{height_px}: expected even numbers of 32 or more")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        # With "file:" a colon in the name does not look like a protocol.
        with write_atomically(path) as part, av.open(f"file:{part}", "w", format="mp4") as container:
            rate = Fraction(fps).limit_denominator(1001)
            stream = container.add_stream("libx264", rate=rate, options={"crf": str(crf), "preset": preset})
            stream.width, stream.height, stream.pix_fmt = width_px, height_px, "yuv420p"
            stream.thread_count = threads
            stream.codec_context.time_base = 1 / rate if ticks_per_s is None else Fraction(1, ticks_per_s)
            yield VideoWriter(container, stream)
            container.mux(stream.encode(None))
    except (OSError, av.FFmpegError) as err:  # not all of av's errors are OSErrors
        why = f"{path}: can't be written ({err.strerror})"
        raise OutputError(f"{why}. Free some space and make the folder writable.") from err
