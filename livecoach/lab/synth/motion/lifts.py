"""Lists the lifts of the synthetic lifter and their faults, and draws lifters for them."""

from dataclasses import replace

import numpy as np

from livecoach.core.errors import ConfigError
from livecoach.lab.synth.figure.body_mesh import BodyModel
from livecoach.lab.synth.motion.deadlift import DEADLIFT, ROMANIAN_DEADLIFT, SUMO_DEADLIFT
from livecoach.lab.synth.motion.lift_motion import Lift
from livecoach.lab.synth.motion.lifter import SyntheticLifter, random_lifter, scale_durations
from livecoach.lab.synth.motion.ranges import draw_fields, log_uniform, redraw_fields, widen_fields
from livecoach.lab.synth.motion.squat import LUNGE, SQUAT
from livecoach.lab.synth.motion.upper_body import BARBELL_ROW, BENCH_PRESS, OVERHEAD_PRESS
from livecoach.lab.synth.motion.weightlifting import CLEAN_AND_JERK, SNATCH

LIFTS: dict[str, Lift] = {
    lift.name: lift
    for lift in (
        *(DEADLIFT, SQUAT, SUMO_DEADLIFT, ROMANIAN_DEADLIFT, OVERHEAD_PRESS),
        *(LUNGE, SNATCH, CLEAN_AND_JERK, BENCH_PRESS, BARBELL_ROW),
    )
}


def find_lift(name: str) -> Lift:
    """Return a lift by its name. Raises ConfigError if the synthetic lifter does not know the lift."""
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
    """Draw a random lifter for an exercise. Raises ConfigError if the exercise is unknown.

    Args:
        loaded: Whether the lifter uses a barbell.
        wide: Whether to draw from all lifters whose movement is commonly accepted as the lift (`Lift.wide_draws`).
        part: Whether the lifter does only a part of the lift; no effect on a lift without `Lift.partial_draws`.
        typical: Whether to draw until the lifter does the lift as its name says (`Lift.typical`).
    """
    lift, known = find_lift(exercise), {"body": body, "loaded": loaded}
    while True:
        lifter = random_lifter(rng, body, loaded)
        style = None if lift.style is None else draw_fields(lift.style, rng, **known)
        lifter = redraw_fields(replace(lifter, style=style), rng, lift.own_draws, body=body)
        if wide:
            lifter = scale_durations(lifter, log_uniform(rng, *lift.wide_pace))
            style = None if lifter.style is None else widen_fields(lifter.style, rng, **known)
            lifter = redraw_fields(replace(lifter, style=style), rng, lift.wide_draws, body=body)
        if part and lift.partial_draws:
            lifter = replace(lifter, style=redraw_fields(lifter.style, rng, lift.partial_draws, **known))
        if not typical or lift.typical(lifter):
            return lifter


EXERCISES = tuple(LIFTS)
FAULTS = {exercise: tuple(lift.faults) for exercise, lift in LIFTS.items()}


def variant_names(exercise: str, fault: str) -> tuple[str, ...]:
    return tuple(LIFTS[exercise].faults[fault])
