"""The conventional deadlift, and sumo: how they are timed, what good reps have, and what happens around them."""

import numpy as np

from livecoach.synth.curves import minimum_jerk, wander
from livecoach.synth.motion.deadlift import deadlift
from livecoach.synth.motion.deadlift_faults import FAULT_VARIANTS
from livecoach.synth.motion.form import FormBuilder
from livecoach.synth.motion.lift import Lift, same_way
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.timing import MIN_PHASE_S, MIN_REST_S, Timing, about, uneven
from livecoach.synth.motion.wide_deadlift import widen_deadlift

STRAY_S = 0.4
CONVENTIONAL_M = 0.25
"""Greatest half stance of a conventional deadlift; a wider one is sumo."""


def deadlift_timing(rng: np.random.Generator, lifter: SyntheticLifter, tired: float) -> Timing:
    """Draw the timing of a good deadlift."""
    away_s = about(rng, lifter, lifter.raise_s * (1 + 0.25 * tired), 0.1, MIN_PHASE_S)
    back_s = about(rng, lifter, lifter.lower_s, 0.1, MIN_PHASE_S)
    pause_s = about(rng, lifter, lifter.top_s, 0.2, MIN_REST_S)
    rest_s = about(rng, lifter, lifter.floor_s, 0.25, MIN_PHASE_S)
    return Timing(
        away_s=away_s,
        pause_s=pause_s,
        back_s=back_s,
        rest_s=rest_s,
        amplitude=(1 - 0.02 * tired) * (1 - lifter.short),
        away=uneven(rng, lifter, (0.0, 0.0)),
        back=uneven(rng, lifter, (0.0, lifter.landing)),
        rng=rng,
    )


def deadlift_habits(builder: FormBuilder, fps: float) -> None:
    """Add hips that lead on the way down, bent arms, a lean at the top, and hands that no bar holds together."""
    lifter = builder.lifter
    builder.add(early=lifter.lowering_early * builder.bump(0.4, 0.3) * (1 - builder.rising))
    builder.add(elbow_L=lifter.elbow_rad, elbow_R=lifter.elbow_rad)
    builder.add(lean_back=lifter.lean_back_rad * minimum_jerk((builder.lift - 0.8) / 0.2))
    if lifter.loose_m > 0:
        stray(builder, fps, lifter.loose_m)


def stray(builder: FormBuilder, fps: float, amount_m: float) -> None:
    """Move the hands independently, as no bar holds them together."""
    for name in ("ahead", "above"):
        strays = wander(builder.rng, len(builder.lift), fps, STRAY_S, 0.3 * amount_m)
        builder.add(**{name: amount_m * builder.rng.normal() + strays})


def _conventional(lifter: SyntheticLifter) -> bool:
    return lifter.half_stance_m < CONVENTIONAL_M


DEADLIFT = Lift(
    name="deadlift",
    posture=same_way(deadlift),
    rest="down",
    turn="lockout",
    bar="floor",
    bent=lambda lift: 1 - lift,
    timing=deadlift_timing,
    faults=FAULT_VARIANTS,
    before=("idle", "walkin", "fiddle", "load_plate", "lift_end", "tie_shoe", "stretch", "shift", "failed_pull"),
    between=("idle", "bend", "fiddle", "shift", "failed_pull", "stretch", "let_go"),
    after=("idle", "walkout", "bend", "let_go", "load_plate", "stretch", "sit"),
    loaded=1.0,
    widen=widen_deadlift,
    habits=deadlift_habits,
    typical=_conventional,
)
