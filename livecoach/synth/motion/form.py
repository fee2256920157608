"""The form of a rep: its deviations from the lifter's plain movement, as one curve for each channel."""

from dataclasses import dataclass

import numpy as np

from livecoach.synth.motion.lifter import SyntheticLifter

Form = dict[str, np.ndarray]  # arrays (T,), one for each name in CHANNELS

CHANNELS = (
    "lumbar",  # flexion of the lower and
    "thoracic",  # of the upper back, radians; below 0: arched
    "neck",  # radians, > 0 looks down
    "twist",  # of the trunk, radians, > 0 to the left
    "forward",  # m the bar is in front of where it should be
    "early",  # share of the lift by which the hips lead the bar (deadlift) or are pushed back (squat, 0..1)
    "tilt",  # of the bar, radians, > 0: the left end is high
    "shift",  # m of the hips to the left
    "knee_in_L",  # radians
    "knee_in_R",
    "thigh",  # radians of tilt, added at the bottom
    "shin",  # the same
    "unlock",  # radians by which the knees stay bent throughout the lift
    "lean_back",  # radians past straight
    "elbow_L",  # flexion, radians
    "elbow_R",
    "heel_L",  # m of rise
    "heel_R",
    "ahead",  # m by which the left hand is in front of the right one, and
    "above",  # m by which it is above it
    "leg",  # the leg in front of a lunge: 1 left, -1 right
    "step",  # share of a lunge's stride that is missing
)


def plain_form(count: int) -> Form:
    return {name: np.zeros(count) for name in CHANNELS}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FormBuilder:
    """Builds the form of one rep: holds what a fault reads and the form that it adds to."""

    lifter: SyntheticLifter
    form: Form
    lift: np.ndarray  # (T,) progress, 0..1: height of the bar (deadlift) or depth (squat)
    low: np.ndarray  # (T,) 1 where the body is most bent, 0 upright (`Lift.bent`)
    rising: np.ndarray  # (T,) 1 while the weight goes up, 0 otherwise
    rng: np.random.Generator
    side: float  # on which this lifter's asymmetric faults show: +1 left, -1 right
    number: int = 0  # reps before this one in the set

    @property
    def bent(self) -> np.ndarray:
        """(T,) as `low`, but bent for longer."""
        return self.low**0.7

    @property
    def middle(self) -> np.ndarray:
        """(T,) 1 halfway through the lift, 0 at both ends."""
        return np.sin(np.pi * self.lift)

    def bump(self, at: float, width: float) -> np.ndarray:
        """(T,) 1 at `at`, falling off within `width`, 0 where the lift is 0."""
        return np.exp(-(((self.lift - at) / width) ** 2)) * np.clip(self.lift / 0.08, 0, 1)

    def add(self, **amounts: np.ndarray | float) -> None:
        for name, amount in amounts.items():
            self.form[name] = self.form[name] + amount
