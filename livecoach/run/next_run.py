"""What the lifter wants after a run."""

from dataclasses import dataclass
from typing import Literal

ChoiceRow = Literal["exercise", "profile"]
"""A row of the start screen that can be asked for between two sets."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """What the lifter wants to continue with: an exercise, or a choice on the start screen."""

    exercise: str | None = None
    """Name of the exercise; None: as before."""
    row: ChoiceRow | None = None
    """What is to be chosen on the start screen; None: nothing."""
