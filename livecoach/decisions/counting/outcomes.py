"""What becomes of a movement, as the counter tells it."""

from dataclasses import dataclass

from livecoach.core.types import PartialReason, Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A rep that counts now. Other reps may have waited for it, in doubt, and count with it."""

    times: Times
    is_half: bool = False  # it ended at its turn: a bar that was released or is held there
    by_plate: bool = False  # the plate alone shows it, so that no form can be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A rep that was begun and does not count."""

    times: Times  # with its farthest point or lockout as its turn, and its last observation as its end
    reason: PartialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The end of a rep that counted while the bar was held at its turn."""

    times: Times  # of the whole rep, which starts and turns as it did when it counted


Outcome = Counted | Partial | Lowered
