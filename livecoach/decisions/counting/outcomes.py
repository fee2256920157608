"""The outcomes of movements, as the counter reports them."""

from dataclasses import dataclass

from livecoach.core.types import PartialReason, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A rep that counts now. Doubtful reps before it may count with it."""

    times: Times
    is_half: bool = False  # Whether it ended at its turn, where the bar was released or is held
    by_plate: bool = False  # Whether only the plate shows it, so that no form can be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A rep that began and does not count."""

    times: Times  # Its turn is its farthest point or lockout, and its end is its last observation
    reason: PartialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The end of a rep that counted while the bar was held at its turn."""

    times: Times  # Times of the whole rep, with the start and the turn with which it counted


Outcome = Counted | Partial | Lowered
