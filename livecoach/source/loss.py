"""How much of a damaged video could not be read."""

from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from livecoach.source import Source

_UNTIDY_S = 0.5
"""Headers round the length, and may count from a later beginning. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameLoss:
    """What is missing of a video."""

    frames: int
    """Frames that could not be read, as far as the file tells; 1 or more."""
    of: int
    """Frames that the file should have."""
    from_s: float
    """Time of the last frame before the first damage."""

    @property
    def text(self) -> str:
        """What happened, and what to do."""
        return (
            f"damaged: {self.frames} of {self.of} frames can't be read, from {self.from_s:.1f} s on. "
            "Reps there may be missing. Copy the file again, or take another."
        )


@runtime_checkable
class Damageable(Source, Protocol):
    """A source that may be damaged."""

    @property
    def loss(self) -> FrameLoss | None:
        """What can't be read, known once all of the source was read; None where nothing is missing."""


def loss_of(source: Source) -> FrameLoss | None:
    """Return what can't be read of a source that was read to its end; None where nothing is missing."""
    return source.loss if isinstance(source, Damageable) else None


class LossCounter:
    """Counts the packets and frames of a video, and what went wrong with them. Pure."""

    def __init__(self, stated: int | None, duration_s: float | None, fps: float | None) -> None:
        """stated: frames by the index of a file that was cut off; None where it was not, or where there is no such
        index. duration_s: of the pictures by the header; None where it is not reliable. fps: nominal."""
        self._stated, self._duration_s, self._fps = stated or 0, duration_s, fps
        self._packets = self._hidden = self._good = 0
        self._from_s: float | None = None
        self._latest_s = 0.0
        self._ended = False

    def packet(self, *, hidden: bool) -> None:
        """Count a packet. hidden: it is decoded, but an edit list cuts its frame off."""
        self._packets += 1
        self._hidden += hidden

    def damage(self) -> None:
        """Count damage at the current position."""
        if self._from_s is None:
            self._from_s = self._latest_s

    def frame(self, t_s: float) -> None:
        """Count a frame that is as it should be."""
        self._good += 1
        self._latest_s = t_s

    def end(self) -> None:
        """Report that all of the file was read."""
        self._ended = True

    def result(self) -> FrameLoss | None:
        """Return what is missing of what was read so far; None where nothing is."""
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
        """Return how many frames are missing at the end."""
        if self._stated:
            return max(0, self._stated - self._packets)
        if self._duration_s is None or self._fps is None:
            return 0
        missing_s = self._duration_s - self._latest_s - 1 / self._fps
        return round(missing_s * self._fps) if missing_s > _UNTIDY_S else 0
