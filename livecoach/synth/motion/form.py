"""How a rep departs from the lifter's plain movement: one curve over the rep for each thing that may differ."""

from dataclasses import dataclass

import numpy as np

from livecoach.synth.motion.lifter import SyntheticLifter

Form = dict[str, np.ndarray]
"""(T,) arrays, one per name in CHANNELS."""

CHANNELS = (
    "lumbar",  # flexion of the lower and
    "thoracic",  # of the upper back, radians; below 0: arched
    "neck",  # radians, > 0 looks down
    "twist",  # of the trunk, radians, > 0 to the left
    "forward",  # m the bar is in front of where it should be
    "early",  # share of the lift by which the hips are ahead of the bar (deadlift) or pushed back (squat, 0..1)
    "tilt",  # of the bar, radians, > 0: the left end is high
    "shift",  # m of the hips to the left
    "knee_in_L",  # radians
    "knee_in_R",
    "thigh",  # radians of tilt, added at the bottom
    "shin",  # the same
    "unlock",  # radians by which the knees stay bent all through the lift
    "lean_back",  # radians past straight
    "elbow_L",  # flexion, radians
    "elbow_R",
    "heel_L",  # m of rise
    "heel_R",
    "ahead",  # m by which the left hand is in front of the right one, and
    "above",  # m by which it is above it
)


def plain_form(count: int) -> Form:
    """No departure at all, `count` frames."""
    return {name: np.zeros(count) for name in CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormBuilder:
    """One rep while its form is being made: what a fault reads, and the form that it adds to."""

    lifter: SyntheticLifter
    form: Form
    lift: np.ndarray
    """(T,) 0..1 through the lift: height of the bar (deadlift) or depth (squat)."""
    low: np.ndarray
    """(T,) 1 where the body is bent most, 0 upright."""
    rising: np.ndarray
    """(T,) 1 while the weight goes up, else 0."""
    rng: np.random.Generator
    side: float
    """+1 left or -1 right: where a lopsided fault of this lifter shows."""

    @property
    def bent(self) -> np.ndarray:
        """(T,) as `low`, but staying bent longer."""
        bent: np.ndarray = self.low**0.7
        return bent

    @property
    def middle(self) -> np.ndarray:
        """(T,) 1 halfway, 0 at both ends."""
        middle: np.ndarray = np.sin(np.pi * self.lift)
        return middle

    def bump(self, at: float, width: float) -> np.ndarray:
        """(T,) a smooth hill over the lift, 1 at `at`, falling off within `width`; 0 where the lift is 0."""
        hill: np.ndarray = np.exp(-(((self.lift - at) / width) ** 2)) * np.clip(self.lift / 0.08, 0, 1)
        return hill

    def add(self, **amounts: np.ndarray | float) -> None:
        """Add to channels by name."""
        for name, amount in amounts.items():
            self.form[name] = self.form[name] + amount
