"""The lifts of the synthetic lifter by name, their faults, and who does them."""

from dataclasses import replace

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body import BodyModel
from livecoach.lab.synth.motion.barbell_row import BARBELL_ROW
from livecoach.lab.synth.motion.bench_press import BENCH_PRESS
from livecoach.lab.synth.motion.clean_and_jerk import CLEAN_AND_JERK
from livecoach.lab.synth.motion.deadlift import DEADLIFT, SUMO_DEADLIFT
from livecoach.lab.synth.motion.faults import FaultVariants
from livecoach.lab.synth.motion.lift import Lift
from livecoach.lab.synth.motion.lifter import SyntheticLifter, random_lifter
from livecoach.lab.synth.motion.lunge import LUNGE
from livecoach.lab.synth.motion.overhead_press import OVERHEAD_PRESS
from livecoach.lab.synth.motion.ranges import drawn
from livecoach.lab.synth.motion.romanian_deadlift import ROMANIAN_DEADLIFT
from livecoach.lab.synth.motion.squat import SQUAT
from livecoach.lab.synth.motion.weightlifting import SNATCH

LIFTS: dict[str, Lift] = {
    lift.name: lift
    for lift in (
        DEADLIFT,
        SQUAT,
        SUMO_DEADLIFT,
        ROMANIAN_DEADLIFT,
        OVERHEAD_PRESS,
        LUNGE,
        SNATCH,
        CLEAN_AND_JERK,
        BENCH_PRESS,
        BARBELL_ROW,
    )
}


def find(name: str) -> Lift:
    """Raises ConfigError if the synthetic lifter does not know the lift."""
    if name not in LIFTS:
        raise ConfigError(f"exercise {name!r}: unknown to the synthetic lifter. It does: {', '.join(LIFTS)}")
    return LIFTS[name]


def draw_lifter(
    rng: np.random.Generator,
    body: BodyModel,
    exercise: str,
    loaded: bool = True,
    *,
    wide: bool = False,
    part: bool = False,
    typical: bool = False,
) -> SyntheticLifter:
    """wide: draw from wider ranges (`Lift.widen`). part: as SetRequest's. typical: draw until the lifter does what the
    name of the lift says, and no neighbour of it. Raises ConfigError for an unknown exercise."""
    lift = find(exercise)
    while True:
        lifter = random_lifter(rng, body, loaded)
        if lift.style is not None:
            lifter = replace(lifter, style=drawn(lift.style, rng, body, loaded))
        lifter = lift.lifter(rng, body, lifter)
        if wide:
            lifter = lift.widen(rng, body, lifter)
        if part:
            lifter = lift.part(rng, body, lifter)
        if not typical or lift.typical(lifter):
            return lifter


FAULT_VARIANTS: dict[str, FaultVariants] = {name: lift.faults for name, lift in LIFTS.items()}
EXERCISES = tuple(FAULT_VARIANTS)
FAULTS = {exercise: tuple(ways) for exercise, ways in FAULT_VARIANTS.items()}


def variant_names(exercise: str, fault: str) -> tuple[str, ...]:
    return tuple(FAULT_VARIANTS[exercise][fault])
