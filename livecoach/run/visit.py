"""The clocks of a lifter's visit, which go on over its runs: each exercise and profile has a run of its own."""

import time
from collections.abc import Callable

from livecoach.coaching.set_plan import SetPlan
from livecoach.coaching.set_progress import Earlier, PlanFollower


class Visit:
    """Carries the session clock and the rest from one run to the next."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """clock: seconds."""
        self._clock = clock
        self._follower: PlanFollower | None = None
        self._left: Earlier | None = None
        self._left_s = 0.0

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
