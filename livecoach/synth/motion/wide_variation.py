"""Lifters drawn from wider ranges than usual, for models that must not depend on how a lift usually looks.

People lift with their hands anywhere, with a nearly level trunk, to half the depth, with a round back, or many times
more slowly than most. A model trained on usual lifters alone rejects these lifts. The ranges are our choice: as wide
as the movement is still recognisable as that lift. Each lift has its own (`Lift.widen`).
"""

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.lifts import LIFTS


def widen_lifter(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter, exercise: str) -> SyntheticLifter:
    """Return the lifter with the parameters of that exercise drawn from wider ranges."""
    return LIFTS[exercise].widen(rng, body, lifter)
