"""A lifter's visit: its clocks and the load go on over its runs, of which each exercise and profile has its own."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from livecoach.coaching.set_plan import SetPlan
from livecoach.coaching.set_progress import Earlier, PlanFollower


@dataclass(frozen=True, slots=True)
class LoadOfNextSet:
    """The load that the next set will have."""

    load_kg: float | None = None
    """None where it is not known."""
    exercise: str | None = None
    """Name of the exercise that it is for; None: whichever comes next."""


class Visit:
    """Carries the session clock, the rest and the load from one run to the next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds."""
        self._clock = clock
        self._follower: PlanFollower | None = None
        self._left: Earlier | None = None
        self._left_s = 0.0
        self._load = LoadOfNextSet()
        self._profile: str | None = None  # of whom the load is

    def follow(self, plan: SetPlan) -> PlanFollower:
        """Return what follows a run that begins now."""
        earlier = None if self._left is None else self._left.later(self._clock() - self._left_s)
        self._follower = PlanFollower(plan, earlier)
        return self._follower

    def leave(self) -> None:
        """End the run, right after its last step."""
        left = None if self._follower is None else self._follower.left()
        if left is not None:
            self._left, self._left_s = left, self._clock()

    def keep_load(self, load: LoadOfNextSet, profile: str | None) -> None:
        """Keep the load with which a run ended. profile: of its lifter."""
        self._load, self._profile = load, profile

    def load(self, exercise: str | None, profile: str | None) -> LoadOfNextSet:
        """Return the load with which a run begins: none for another lifter, or for another exercise.

        exercise: name of the one that was chosen; None where it is recognised.
        """
        other = exercise is not None and self._load.exercise not in (None, exercise)
        return LoadOfNextSet() if other or profile != self._profile else self._load
