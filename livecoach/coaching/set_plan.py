"""What the lifter plans: sets, reps, rests, and the loss of speed that ends a set."""

import re
from dataclasses import dataclass

_TARGET = re.compile(r"(?:(\d{1,2})\s*[x×*]\s*)?(\d{1,3})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetPlan:
    """A lifter's plan. None: nothing is planned."""

    sets: int | None = None
    """Number of sets."""
    reps: int | None = None
    """Number of reps in each set."""
    rest_s: float | None = None
    """Rest between two sets, seconds."""
    stop_at_loss: float | None = None
    """Velocity loss, as a share of the set's fastest rep, at which a set is to end."""


NO_PLAN = SetPlan()


def parse_target(text: str) -> tuple[int | None, int]:
    """Return sets and reps of a target as lifters write it: "5x5" is (5, 5), and "8", of reps alone, is (None, 8).

    Raises ValueError for anything else.
    """
    found = _TARGET.fullmatch(text.strip())
    sets, reps = (None, 0) if found is None else (None if found[1] is None else int(found[1]), int(found[2]))
    if sets == 0 or not reps:
        raise ValueError(f"{text!r} is no target. Give sets and reps, like 5x5, or reps alone, like 8.")
    return sets, reps
