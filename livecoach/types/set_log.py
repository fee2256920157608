"""What the lifter says of a set."""

from dataclasses import dataclass
from typing import Literal

LONGEST_NOTE = 200
"""Characters of a note, on one line."""
SetMark = Literal["start", "end"]
"""What the lifter says of a set: the next rep begins a new one, or the one under way is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetLog:
    """What somebody logged of one set: nothing of it is measured."""

    load_kg: float | None = None
    """Load on the bar, the bar included; None where it is not known."""
    rpe: float | None = None
    """Rating of perceived exertion after the set, 1…10 in halves: 10 is all out, 8 leaves two reps."""
    note: str | None = None
    """The lifter's own words."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing is logged."""
        return self == SetLog()


def is_note(text: str) -> bool:
    """Return whether a text can be a note: one line, not empty, not too long."""
    return bool(text.strip()) and text.isprintable() and len(text) <= LONGEST_NOTE
