"""Counts the frames that are lost in damaged video files.

A decoder skips what it can't read, and some formats end anywhere without an error.
"""

import os
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from livecoach.capture.opencv import av
from livecoach.core.config.files import open_regular
from livecoach.core.types.message import Message

_UNTIDY_S = 0.5  # tolerance for the header's length, which is rounded and may count from a later start. Our choice.


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLoss:
    """The loss of frames in a damaged video: the number of frames that can't be read, and where the damage begins."""

    frames: int  # number of frames that could not be read, as far as the file shows; 1 or more
    of: int  # number of frames that the file should have
    from_s: float  # time of the last frame before the first damage

    @property
    def text(self) -> str:
        """The loss in words, for the user."""
        return Message(
            "damaged: {n} of {n2} frames can't be read, from {n3} s on. "
            "Reps there may be missing. Copy the file again, or take another.",
            n=self.frames,
            n2=self.of,
            n3=f"{self.from_s:.1f}",
        )


class LossCounter:
    """Counts the packets and frames of a video while it is read, and estimates how many frames are lost."""

    def __init__(
        self,
        container: av.container.InputContainer,
        stream: av.VideoStream,
        path: Path,
        *,
        true_s: Fraction,
        fps: float | None,
    ) -> None:
        """Start before the first frame of a file.

        Args:
            true_s: Seconds of the filming in a second of the file.
            fps: Nominal frame rate of the filming; None if the file does not state it.
        """
        stated_s = _stated_s(container, stream)
        self._duration_s = None if stated_s is None else float(stated_s * true_s)
        self._stated, self._fps = _frames_of_cut_index(stream, path), fps
        self._is_cut = _is_cut(container.format.name, path)  # By an unknown number of frames
        self._packets = self._hidden = self._good = 0
        self._from_s: float | None = None
        self._latest_s = 0.0
        self._ended = False

    def add_packet(self, *, hidden: bool) -> None:
        """Count a packet, which is `hidden` if it is empty, or if an edit list removes its frame."""
        self._packets += 1
        self._hidden += hidden

    def add_damage(self) -> None:
        """Note that the file is damaged after the latest frame. Only the place of the first damage is kept."""
        if self._from_s is None:
            self._from_s = self._latest_s

    def add_frame(self, t_s: float) -> None:
        """Count an intact frame, and note its time as the latest."""
        self._good += 1
        self._latest_s = t_s

    def end(self) -> None:
        """Note that the file has been read to its end."""
        self._ended = True

    def find_loss(self) -> FrameLoss | None:
        """Return the loss of frames in the part that was read so far; None if nothing was damaged or missing.

        Damage counts as at least one lost frame. Frames that are missing at the end of the file count only after `end`.
        """
        torn = self._torn_frames() if self._ended else 0
        if self._from_s is None and not torn:
            return None
        stated = self._stated if self._ended else 0
        expected = max(max(self._packets, stated) - self._hidden, self._good + torn)
        lost = max(1, expected - self._good)
        return FrameLoss(
            frames=lost,
            of=max(expected, self._good + lost),
            from_s=self._latest_s if self._from_s is None else self._from_s,
        )

    def _torn_frames(self) -> int:
        if self._stated:
            return max(0, self._stated - self._packets)
        if self._duration_s is None or self._fps is None:
            return int(self._is_cut)
        missing_s = self._duration_s - self._latest_s - 1 / self._fps
        return round(missing_s * self._fps) if missing_s > _UNTIDY_S else 0


def _frames_of_cut_index(stream: av.VideoStream, path: Path) -> int:
    """Return the number of frames in the index of a truncated MP4; 0 for any other file."""
    if "mp4" not in stream.container.format.name or not len(stream.index_entries):
        return 0
    last = stream.index_entries[-1]
    return len(stream.index_entries) if last.pos + last.size > path.stat().st_size else 0


def _stated_s(container: av.container.InputContainer, stream: av.VideoStream) -> float | None:
    """Return the pictures' duration in the header of a Matroska or WebM file; None for other files, and with sound."""
    if "matroska" not in container.format.name or container.streams.audio or container.duration is None:
        return None
    return (container.duration - (container.start_time or 0)) / av.time_base if stream.frames == 0 else None


_ENDS = {"gif": b";", "mjpeg": b"\xff\xd9"}
"""Format that states neither a length nor a number of frames → last bytes of a complete file, before any zeros."""
_TS_PACKETS = ((188, 0), (192, 4), (204, 0))
"""Bytes of an MPEG transport packet, and offset of its sync byte: for broadcasts, camcorders, and with checksums."""
_TS_SYNC, _TS_TRIED = 0x47, 5  # the sync byte, and the number of packets in which it is looked for
_TAIL_BYTES = 4096  # size of a file's end in which its last bytes are looked for


def _is_cut(format_name: str, path: Path) -> bool:
    """Return whether a file is truncated; False if its format does not show the end of a file."""
    with open_regular(path) as file:
        size = file.seek(0, os.SEEK_END)
        if format_name in _ENDS:
            file.seek(max(0, size - _TAIL_BYTES))
            return not file.read().rstrip(b"\0").endswith(_ENDS[format_name])
        if format_name != "mpegts":
            return False
        file.seek(0)
        head = file.read(_TS_TRIED * max(_TS_PACKETS)[0])
    for length, at in _TS_PACKETS:
        if head[at::length][:_TS_TRIED] == bytes([_TS_SYNC]) * _TS_TRIED:
            return size % length != 0
    return False
