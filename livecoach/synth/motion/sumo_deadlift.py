"""The sumo deadlift: a deadlift with feet wide and turned out, and the hands between the knees.

Stance, feet and trunk follow Escamilla et al. (2000, 2002): sumo lifters stand about 70 cm wide against 32 cm, turn
their feet out by 42 against 14 degrees, grip narrower, and start with a more upright trunk and steeper shins.
"""

from dataclasses import dataclass, replace

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion.deadlift import deadlift
from livecoach.synth.motion.deadlift_faults import FAULT_VARIANTS
from livecoach.synth.motion.deadlift_lift import DEADLIFT
from livecoach.synth.motion.fault_variants import FaultVariants
from livecoach.synth.motion.form import Form
from livecoach.synth.motion.lift import same_way
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.style import Style
from livecoach.synth.motion.wide_deadlift import widen_deadlift

HALF_STANCE_M = (0.3, 0.42)
"""Range of the distance from the middle to each ankle, for a standing hip height of HIP_M."""
TOE_OUT_RAD = (0.5, 0.9)
GRIP_HALF_M = (0.12, 0.2)
HIP_M = 0.88
WIDER_STANCE_M = (0.27, 0.47)
WIDER_GRIP_M = (0.1, 0.24)
LEAST_HALF_STANCE_M = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class SumoStyle(Style):
    """How a lifter pulls sumo."""

    hips_in_m: float
    """How much closer to the bar the hips start than in a deadlift, as the thighs point outwards."""


def sumo_deadlift(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """Return the posture of a sumo deadlift. lift: (T,) height of the bar, 0 on the floor, 1 at lockout."""
    assert isinstance(lifter.style, SumoStyle)
    return deadlift(body, lift, lifter, form, lifter.style.hips_in_m)


def _sumo(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    wide = replace(
        lifter,
        half_stance_m=rng.uniform(*HALF_STANCE_M) * body.standing_hip_m / HIP_M,
        toe_out_rad=rng.uniform(*TOE_OUT_RAD),
        grip_half_m=rng.uniform(*GRIP_HALF_M),
        start_thigh_deg=float(np.clip(rng.normal(70, 7), 54, 84)),
        start_shin_deg=float(np.clip(rng.normal(7, 4), 0, 18)),
    )
    return _with_hips_in(body, wide)


def _with_hips_in(body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Return the lifter with hips as close to the bar as thighs bring them that point where the feet do."""
    back_m = body.thigh_m * np.sin(np.radians(lifter.start_thigh_deg))
    return replace(lifter, style=SumoStyle(hips_in_m=float(back_m * (1 - np.cos(lifter.toe_out_rad)))))


def _widen(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    """Draw as for any deadlift, but keep the feet wide and the hands between the knees."""
    wide, stance_m, out_rad = widen_deadlift(rng, body, lifter), rng.uniform(*WIDER_STANCE_M), rng.uniform(0.35, 1.05)
    wide = replace(
        wide,
        half_stance_m=stance_m * body.standing_hip_m / HIP_M,
        toe_out_rad=out_rad,
        grip_half_m=rng.uniform(*WIDER_GRIP_M),
        start_thigh_deg=float(np.clip(wide.start_thigh_deg, 44.0, 88.0)),
        start_shin_deg=min(wide.start_shin_deg, 22.0),
    )
    return _with_hips_in(body, wide)


def _wide_enough(lifter: SyntheticLifter) -> bool:
    return lifter.half_stance_m > LEAST_HALF_STANCE_M and lifter.grip_half_m < lifter.half_stance_m


FAULTS: FaultVariants = {name: ways for name, ways in FAULT_VARIANTS.items() if name != "stiff_legged"}
SUMO_DEADLIFT = replace(
    DEADLIFT,
    name="sumo_deadlift",
    posture=same_way(sumo_deadlift),
    faults=FAULTS,
    lifter=_sumo,
    widen=_widen,
    typical=_wide_enough,
)
