"""The squat: how it is timed, and what happens around its reps."""

import numpy as np

from livecoach.synth.motion.lift import Lift, same_way
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.squat import squat
from livecoach.synth.motion.squat_faults import FAULT_VARIANTS
from livecoach.synth.motion.timing import MIN_PHASE_S, Timing, about, uneven
from livecoach.synth.motion.wide_squat import widen_squat

SQUATS_DEG = 60.0
"""Least tilt of the thighs at the bottom of a squat; with less of it, it is a bow."""


def squat_timing(rng: np.random.Generator, lifter: SyntheticLifter, tired: float) -> Timing:
    """Draw the timing of a good squat."""
    away_s = about(rng, lifter, lifter.descend_s, 0.1, MIN_PHASE_S)
    back_s = about(rng, lifter, lifter.ascend_s * (1 + 0.25 * tired), 0.1, MIN_PHASE_S)
    pause_s = about(rng, lifter, lifter.bottom_s, 0.3, 0.0)
    rest_s = about(rng, lifter, 0.3 + 0.5 * lifter.floor_s, 0.25, MIN_PHASE_S)
    return Timing(
        away_s=away_s,
        pause_s=pause_s,
        back_s=back_s,
        rest_s=rest_s,
        amplitude=1 - 0.02 * tired + 0.02 * lifter.unevenness * rng.normal(),
        away=uneven(rng, lifter, (0.0, 0.4 * lifter.rebound)),
        back=uneven(rng, lifter, (0.4 * lifter.rebound, 0.0)),
        rng=rng,
    )


def _squats(lifter: SyntheticLifter) -> bool:
    return lifter.squat_thigh_deg >= SQUATS_DEG


SQUAT = Lift(
    name="squat",
    posture=same_way(squat),
    rest="up",
    turn="deepest point",
    bar="held",
    bent=lambda lift: lift,
    timing=squat_timing,
    faults=FAULT_VARIANTS,
    before=("idle", "walkin", "tie_shoe", "stretch", "shift", "bend", "sit"),
    between=("idle", "shift", "bend", "stretch"),
    after=("idle", "walkout", "bend", "tie_shoe", "stretch", "sit"),
    loaded=0.6,
    widen=widen_squat,
    typical=_squats,
)
