"""Defines the proposals of detectors, and the outcomes that `RepMachine` decides from the proposals."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from livecoach.core.types import PartialReason, Times
from livecoach.perception.body.body import Body


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Proposal:
    """A stretch of the body's way that a detector proposes as a rep."""

    kind: Literal["back", "again", "turn", "open"]
    """What the body did: it came back and settled, went out again, is at its turn, or has not come back."""
    turns: Times  # Turning points of the distance from rest
    times: Times  # Boundaries by the whole body
    span: float  # Distance of the peak above the resting level
    samples: Sequence[Body]  # Samples of the way, and of the rest before it


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """A rep that counts from now on. Each earlier rep that was in doubt and counts now has a `Counted` of its own."""

    times: Times
    is_half: bool = False  # Whether the rep ended at its turn: the bar is held there, or the source ended
    by_plate: bool = False  # Whether only the plate shows the rep, so that no form can be judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Partial:
    """A rep that began and does not count."""

    times: Times
    """The turn is the farthest point or the lockout. The end is that of the way back, or else the last observation."""
    reason: PartialReason


@dataclass(frozen=True, slots=True, kw_only=True)
class Lowered:
    """The end of a rep that counted while the bar was held at its turn."""

    times: Times  # Times of the whole rep, with the start and the turn with which it counted


Outcome = Counted | Partial | Lowered
Outcomes = tuple[Outcome, ...]
"""The outcomes of a sample, in order: reps, of which all except the last were in doubt until the last was completed; or
a partial rep; or the end of a rep that was held. They are empty for most samples."""
