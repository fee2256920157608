"""What a user can do to a run: keys of the window, and what is entered as a whole elsewhere."""

from dataclasses import dataclass
from typing import Literal

from livecoach.feedback.window import Action, TypedKey


@dataclass(frozen=True, slots=True)
class EnteredText:
    """A whole text for the log of a set."""

    field: Literal["load", "rpe", "note"]
    text: str


@dataclass(frozen=True, slots=True)
class PlannedRest:
    """A rest to plan from now on."""

    rest_s: float | None
    """Seconds; None: none is planned."""


@dataclass(frozen=True, slots=True)
class ChosenSetting:
    """An exercise or a profile to continue with."""

    row: Literal["exercise", "profile"]
    name: str
    """Name of the exercise, "auto" included, or of the profile."""


Entry = Action | TypedKey | EnteredText | PlannedRest | ChosenSetting
"""What a user can do to a run."""
