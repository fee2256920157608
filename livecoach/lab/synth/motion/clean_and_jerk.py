"""The clean and jerk: to the shoulders, up from a squat or a power clean, then with a dip and drive overhead. A part of
the sets on request is a clean alone.

The jerk ends in a split, in a power position with both feet side by side, or as a push jerk with hardly bent knees. The
dip goes down by about a tenth of the body's height and takes half a second with the drive (Grabe and Widule 1988).
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livecoach.lab.synth.figure.body import BodyModel
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion import weightlifting
from livecoach.lab.synth.motion.key_postures import RACKED, UNDER_BAR, KeyPosture
from livecoach.lab.synth.motion.lift import style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.ranges import Draws, by, in_way, log, one_of, seconds, uniform, way
from livecoach.lab.synth.motion.rep import Form
from livecoach.lab.synth.motion.weightlifting import WeightliftingStyle, overhead_lift

OVER_FEET_M = 0.04
ON_SHOULDERS_M = (0.1, 0.05)  # of a racked bar, in front of and above the shoulder joints
TURNING = (0.35, 0.9, -0.55)  # of the elbows on their way from over the bar to in front of it, and back
SHRUG_RAD = 0.22
CLEAN_FROM_HANG, MUSCLE_CLEAN = 0.45, 0.25
"""Shares of lifters who clean without a jerk from the hang, and without a dip."""
JERKS = ("split", "split", "power", "push")
"""Repeated entries are drawn more often."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CleanAndJerkStyle(WeightliftingStyle):
    grip_half_m: float = by(lambda d: d.body.shoulder_half_m + d.rng.uniform(0.03, 0.13))
    jerk: Literal["split", "power", "push", "none"] = one_of(JERKS)
    front_m: float = uniform(0.25, 0.42)
    rear_m: float = uniform(0.32, 0.5)
    split_sink_m: float = uniform(0.1, 0.2)
    dip_deg: float = uniform(17, 30)  # tilt of the thighs in the dip
    rack_s: float = seconds(0.5, 3.0)
    dip_s: float = uniform(0.3, 0.55)
    drive_s: float = uniform(0.18, 0.28)
    under_s: float = uniform(0.2, 0.34)
    steady_s: float = seconds(0.3, 1.4)
    feet_s: float = uniform(0.7, 1.5)


A_CLEAN: Draws = {
    "dips": way(hardly=MUSCLE_CLEAN),
    "power": lambda d: d.usual or d.values["dips"] == "hardly",
    "catch_thigh_deg": in_way("dips", hardly=(2, 14)),
    "catch_shin_deg": in_way("dips", hardly=(1, 8)),
    "jerk": "none",
    "hang_deg": (3, 55),
    "drops": False,
    "from_hang": lambda d: bool(d.rng.random() < CLEAN_FROM_HANG),
    "rack_s": log(0.1, 1.5),
    "top_s": log(0.1, 1.0),
    "back_s": log(0.7, 2.6),
}
"""Without a jerk: many in quick succession, from the hang, or with hardly bent knees."""


def clean_and_jerk(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """lift: (T,) share of the time from the start to standing, bar overhead."""
    style = style_of(lifter, CleanAndJerkStyle)
    up = way_up(style)
    return weightlifting.lifted(body, lift, lifter, form, style, (up, _way_back(style, up[-1])))


def way_up(style: CleanAndJerkStyle) -> list[KeyPosture]:
    """From the start to standing with the bar overhead, or at the shoulders without a jerk."""
    clean = _clean(style)
    return clean if style.jerk == "none" else [*clean, *_jerk(style, clean[-1].at_s)]


def _clean(style: CleanAndJerkStyle) -> list[KeyPosture]:
    keys = weightlifting.pull(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    lean_deg = 0.7 * style.catch_lean_deg
    low = _racked(low_s, style.catch_shin_deg, style.catch_thigh_deg, lean_deg)
    stood_s = low_s + style.hold_s + style.recover_s
    return [
        *keys,
        weightlifting.turnover(style, pulled_s + 0.4 * style.turnover_s, -0.18),
        replace(
            _racked(caught_s, 0.7 * style.catch_shin_deg, 0.65 * style.catch_thigh_deg, 0.6 * lean_deg),
            elbows=TURNING,
        ),
        low,
        low.at(low_s + 0.5 * style.hold_s),
        _racked(stood_s, 2, 2, -1),
        _racked(stood_s + style.rack_s, 2, 2, -1),
    ]


def _jerk(style: CleanAndJerkStyle, ready_s: float) -> list[KeyPosture]:
    dipped_s = ready_s + style.dip_s
    driven_s = dipped_s + style.drive_s
    caught_s = driven_s + style.under_s
    steady_s = caught_s + style.steady_s
    caught = _caught(style, caught_s)
    middle = replace(caught, at_s=steady_s + 0.45 * style.feet_s, front_m=0.35 * caught.front_m, sink_m=0.0)
    return [
        _racked(dipped_s, 0.9 * style.dip_deg, style.dip_deg, 0),
        replace(_racked(driven_s, 5, 2, -3), heels_m=0.06, up_m=0.2, elbows=UNDER_BAR, shrug_rad=0.2),
        caught,
        caught.at(steady_s),
        replace(middle, shin_deg=3, thigh_deg=4),
        _overhead(steady_s + style.feet_s, 1, 1, 2),
    ]


def _caught(style: CleanAndJerkStyle, seconds: float) -> KeyPosture:
    if style.jerk == "split":
        split = _overhead(seconds, 2, 2, 1)
        return replace(split, front_m=style.front_m, rear_m=style.rear_m, sink_m=style.split_sink_m)
    if style.jerk == "power":
        return _overhead(seconds, 19, 27, 3)
    return _overhead(seconds, 9, 11, 2)


def _racked(at_s: float, shin_deg: float, thigh_deg: float, lean_deg: float) -> KeyPosture:
    ahead_m, up_m = ON_SHOULDERS_M
    return KeyPosture("shoulders", at_s, shin_deg, thigh_deg, lean_deg, ahead_m, up_m=up_m, elbows=RACKED)


def _overhead(at_s: float, shin_deg: float, thigh_deg: float, lean_deg: float) -> KeyPosture:
    under = KeyPosture("overhead", at_s, shin_deg, thigh_deg, lean_deg, OVER_FEET_M)
    return replace(under, elbows=UNDER_BAR, shrug_rad=SHRUG_RAD)


def _way_back(style: CleanAndJerkStyle, top: KeyPosture) -> list[KeyPosture]:
    shoulders = top.at(0.05) if style.jerk == "none" else _racked(0.24, 10, 14, -2)
    chest = replace(_racked(0.38, 4, 5, 1), ahead_m=0.2, up_m=-0.22, elbows=TURNING)
    hips = weightlifting.over_thighs(0.52)
    lowered = [shoulders, shoulders.at(shoulders.at_s + 0.06), chest, hips]
    if not style.from_hang:
        lowered += [hips.at(0.62), weightlifting.past_knees(0.82)]
    return weightlifting.way_back(style, top, lowered)


CLEAN_AND_JERK = overhead_lift(
    "clean_and_jerk",
    clean_and_jerk,
    CleanAndJerkStyle,
    lambda lifter: way_up(style_of(lifter, CleanAndJerkStyle)),
    A_CLEAN,
)
