"""The lifts by name."""

from collections.abc import Callable

import numpy as np

from livecoach.synth.figure.body import Body
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion.deadlift import deadlift
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lifter import Lifter
from livecoach.synth.motion.squat import squat

LIFTS: dict[str, Callable[[Body, np.ndarray, Lifter, Form], Posture]] = {"deadlift": deadlift, "squat": squat}
