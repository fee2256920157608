"""What a rep that was begun came to."""

from dataclasses import dataclass

from livecoach.types import PartialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """A rep that counts."""

    start_s: float
    turn_s: float
    end_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Abandoned:
    """A rep that was begun and does not count."""

    start_s: float
    turn_s: float
    """Where it went farthest, or to lockout."""
    end_s: float
    """Last that was seen of it."""
    reason: PartialReason
