"""Lifters further apart than those usually drawn, for what must not learn how a lift usually looks.

People lift with their hands anywhere, with the trunk nearly level, to half the depth, with round backs, and many times
as slowly as most. A model that has seen the usual lifters only takes those for no lift. The ranges are our choice: as
far as a movement is still told for that lift.
"""

from collections.abc import Callable

import numpy as np

from livecoach.synth.figure.body import Body
from livecoach.synth.motion.lifter import Lifter
from livecoach.synth.motion.wide_deadlift import widened_deadlift
from livecoach.synth.motion.wide_squat import widened_squat

WIDENED: dict[str, Callable[[np.random.Generator, Body, Lifter], Lifter]] = {
    "deadlift": widened_deadlift,
    "squat": widened_squat,
}


def widened(rng: np.random.Generator, body: Body, lifter: Lifter, exercise: str) -> Lifter:
    """The same lifter, doing that exercise in a way drawn from further apart."""
    return WIDENED[exercise](rng, body, lifter)
