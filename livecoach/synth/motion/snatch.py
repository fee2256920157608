"""The snatch: from the floor or the hang to overhead in one movement, caught in a squat or higher (Gourgoulis et al.
2000; Akkus 2012). The bar comes back over the hips, or the lifter drops it."""

from dataclasses import dataclass, replace

import numpy as np

from livecoach.synth.figure.body import BodyModel
from livecoach.synth.figure.posture import Posture
from livecoach.synth.motion import weightlifting
from livecoach.synth.motion.key_postures import HIGH_ELBOWS, UNDER_BAR, KeyPosture
from livecoach.synth.motion.lift import style_of
from livecoach.synth.motion.lifter import SyntheticLifter
from livecoach.synth.motion.rep import Form
from livecoach.synth.motion.weightlifting import WeightliftingStyle, overhead_lift, random_style

GRIP_M = (0.2, 0.34)  # how much wider than the shoulders each hand grips
OVER_FEET_M = 0.045  # of the bar overhead in front of the ankles
TURNING = (0.3, 1.0, -0.2)  # of the elbows on their way from over the bar to under it
SHRUG_RAD = 0.25  # of the shoulders under a bar overhead


@dataclass(frozen=True, slots=True, kw_only=True)
class SnatchStyle(WeightliftingStyle):
    """How a lifter snatches."""


def random_snatch(rng: np.random.Generator, body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter:
    grip_half_m = min(body.shoulder_half_m + rng.uniform(*GRIP_M), 0.62)
    return replace(lifter, style=random_style(SnatchStyle, rng, grip_half_m))


def snatch(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form, back: np.ndarray) -> Posture:
    """lift: (T,) share of the time from the start to standing with the bar overhead."""
    style = style_of(lifter, SnatchStyle)
    up = way_up(style)
    return weightlifting.lifted(body, lift, lifter, form, back, style, (up, _way_back(style, up[-1])))


def way_up(style: SnatchStyle) -> list[KeyPosture]:
    keys = weightlifting.pull(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    caught = _overhead(caught_s, 0.85 * style.catch_shin_deg, 0.8 * style.catch_thigh_deg, 0.7 * style.catch_lean_deg)
    low = _overhead(low_s, style.catch_shin_deg, style.catch_thigh_deg, style.catch_lean_deg)
    return [
        *keys,
        weightlifting.turnover(style, pulled_s + 0.45 * style.turnover_s, 0.02),
        replace(caught, up_m=0.04, elbows=TURNING),
        low,
        low.at(low_s + style.hold_s),
        _overhead(low_s + style.hold_s + style.recover_s, 1, 1, 2),
    ]


def _overhead(at_s: float, shin_deg: float, thigh_deg: float, lean_deg: float) -> KeyPosture:
    under = KeyPosture("overhead", at_s, shin_deg, thigh_deg, lean_deg, OVER_FEET_M)
    return replace(under, elbows=UNDER_BAR, shrug_rad=SHRUG_RAD)


def _way_back(style: SnatchStyle, top: KeyPosture) -> list[KeyPosture]:
    chest = KeyPosture("shoulders", 0.28, 8, 10, 0, 0.2, up_m=-0.1, elbows=HIGH_ELBOWS)
    hips = weightlifting.over_thighs(0.5)
    if style.from_hang:
        return weightlifting.way_back(style, top, [chest, hips])
    return weightlifting.way_back(style, top, [chest, hips, hips.at(0.6), weightlifting.past_knees(0.82)])


SNATCH = overhead_lift("snatch", snatch, random_snatch, lambda lifter: way_up(style_of(lifter, SnatchStyle)))
