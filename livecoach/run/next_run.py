"""What the lifter wants after a run."""

from dataclasses import dataclass, replace
from typing import Literal

from livecoach.config import Settings
from livecoach.feedback.window import Action
from livecoach.types import Step

ChoiceRow = Literal["exercise", "profile"]
"""A row of the start screen that can be asked for between two sets."""
ROW_OF_ACTION: dict[Action, ChoiceRow] = {Action.EXERCISE: "exercise", Action.PROFILE: "profile"}
NO_OTHER = "the reps match the chosen exercise"
NO_CHOICE, BETWEEN_SETS = "no exercise to choose now", "change that between two sets"


@dataclass(frozen=True, slots=True, kw_only=True)
class NextRun:
    """What the lifter wants to continue with: an exercise, a profile, or a choice on the start screen."""

    exercise: str | None = None
    """Name of the exercise; None: as before."""
    profile: str | None = None
    """Name of the profile; None: as before."""
    row: ChoiceRow | None = None
    """What is to be chosen on the start screen; None: nothing."""

    def applied(self, settings: Settings) -> Settings:
        """Return the settings of the next run."""
        exercise, profile = self.exercise or settings.exercise, self.profile or settings.profile
        return replace(settings, exercise=exercise, profile=profile)


def next_run(step: Step, row: ChoiceRow, name: str | None, *, has_start_screen: bool) -> NextRun | str:
    """Return what to continue with after a step, or why that is not possible: a change waits for the end of the set.

    name: what was chosen; None: follow the exercise that the latest reps look like, or choose on the start screen.
    """
    if name is None and row == "exercise" and step.looks_like is not None:
        return NextRun(exercise=step.looks_like)
    if name is None and not has_start_screen:
        return NO_CHOICE if step.recognition else NO_OTHER
    if step.in_set:
        return BETWEEN_SETS
    if name is None:
        return NextRun(row=row)
    return NextRun(exercise=name) if row == "exercise" else NextRun(profile=name)
