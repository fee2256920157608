"""Lifters further apart than those usually drawn, for what must not learn how a lift usually looks.

People lift with their hands anywhere, with the trunk nearly level, to half the depth, with round backs, and many times
as slowly as most. A model that has seen the usual lifters only takes those for no lift. The ranges are our choice: as
far as a movement is still told for that lift.
"""

from collections.abc import Callable

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.wide_deadlift import widen_deadlift
from livecoach.synth.motion.wide_squat import widen_squat

WIDENED: dict[str, Callable[[np.random.Generator, BodyModel, SyntheticLifter], SyntheticLifter]] = {
    "deadlift": widen_deadlift,
    "squat": widen_squat,
}


def widen_lifter(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter, exercise: str) -> SyntheticLifter:
    """The same lifter, doing that exercise in a way drawn from further apart."""
    return WIDENED[exercise](rng, body, lifter)
