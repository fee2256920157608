"""The postures of lifts by exercise name."""

from collections.abc import Callable

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion.deadlift import deadlift
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.squat import squat

LIFTS: dict[str, Callable[[BodyModel, np.ndarray, SyntheticLifter, Form], Posture]] = {
    "deadlift": deadlift,
    "squat": squat,
}
