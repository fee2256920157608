"""What a snatch and a clean and jerk are as lifts: from the floor to overhead, and what happens around their reps."""

from collections.abc import Callable

import numpy as np

from livecoach.synth.motion import weightlifting
from livecoach.synth.motion.key_postures import UNDER_BAR, KeyPosture
from livecoach.synth.motion.lift import Lift, PostureFunction, Widening, style_of
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.timing import Timing
from livecoach.synth.motion.weightlifting import WeightliftingStyle


def overhead_lift(
    name: str, posture: PostureFunction, lifter: Widening, way_up: Callable[[SyntheticLifter], list[KeyPosture]]
) -> Lift:
    """Return the lift of that name. way_up: key postures of a lifter from the start to standing with the bar
    overhead."""

    def timing(rng: np.random.Generator, of: SyntheticLifter, tired: float) -> Timing:
        return weightlifting.timing(rng, of, tired, style_of(of, WeightliftingStyle), way_up(of)[-1].at_s)

    return Lift(
        name=name,
        posture=posture,
        rest="down",
        turn="standing with the bar overhead",
        bar="floor",
        bent=lambda lift: 1 - lift,
        timing=timing,
        faults={},
        before=("idle", "walkin", "fiddle", "load_plate", "tie_shoe", "stretch", "shift"),
        between=("idle", "bend", "fiddle", "shift"),
        after=("idle", "walkout", "bend", "load_plate", "stretch", "sit"),
        loaded=1.0,
        widen=weightlifting.widen,
        lifter=lifter,
        taking=weightlifting.from_floor,
    )


def overhead(
    seconds: float, shin_deg: float, thigh_deg: float, lean_deg: float, ahead_m: float, shrug_rad: float
) -> KeyPosture:
    """Return the body under a bar on straight arms.

    ahead_m: distance of the bar in front of the ankles. shrug_rad: rise of the shoulders under it.
    """
    return KeyPosture(
        at_s=seconds,
        shin_deg=shin_deg,
        thigh_deg=thigh_deg,
        lean_deg=lean_deg,
        hands="overhead",
        ahead_m=ahead_m,
        elbows=UNDER_BAR,
        shrug_rad=shrug_rad,
    )
