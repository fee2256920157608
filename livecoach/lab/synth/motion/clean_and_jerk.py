"""The clean and jerk: to the shoulders, up from a squat or a power clean, then with a dip and drive overhead. A part of
the sets on request is a clean alone.

The jerk ends in a split, in a power position with both feet side by side, or as a push jerk with hardly bent knees. The
dip goes down by about a tenth of the body's height and takes half a second with the drive (Grabe and Widule 1988).
"""

from dataclasses import dataclass, replace
from typing import Literal

from livecoach.lab.synth.motion import weightlifting
from livecoach.lab.synth.motion.key_postures import IN_FRONT, UNDER_BAR, KeyPosture
from livecoach.lab.synth.motion.ranges import Draws, by, in_way, log, one_of, seconds, uniform, way
from livecoach.lab.synth.motion.weightlifting import AT_KNEES, HANGING, TURNOVER, WeightliftingStyle, overhead_lift

TURNING = (0.35, 0.9, -0.55)  # of the elbows on their way from over the bar to in front of it, and back
CLEAN_FROM_HANG, MUSCLE_CLEAN = 0.45, 0.25
"""Shares of lifters who clean without a jerk from the hang, and without a dip."""
JERKS = ("split", "split", "power", "push")  # repeated entries are drawn more often


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


RACKED = KeyPosture("shoulders", 0, 2, 2, -1, 0.1, up_m=0.05, elbows=IN_FRONT)
OVERHEAD = weightlifting.OVERHEAD.at(0, ahead_m=0.04, shrug_rad=0.22)
CAUGHT = {"power": OVERHEAD.bent(19, 27, 3), "push": OVERHEAD.bent(9, 11, 2), "split": OVERHEAD.bent(2, 2, 1)}


def way_up(style: CleanAndJerkStyle) -> list[KeyPosture]:
    """From the start to standing with the bar overhead, or at the shoulders without a jerk."""
    clean = _clean(style)
    return clean if style.jerk == "none" else [*clean, *_jerk(style, clean[-1].at_s)]


def _clean(style: CleanAndJerkStyle) -> list[KeyPosture]:
    keys = weightlifting.pull(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    stood_s = low_s + style.hold_s + style.recover_s
    shin_deg, thigh_deg, lean_deg = style.catch_shin_deg, style.catch_thigh_deg, 0.7 * style.catch_lean_deg
    low = RACKED.bent(shin_deg, thigh_deg, lean_deg)
    return [
        *keys,
        TURNOVER.at(pulled_s + 0.4 * style.turnover_s, ahead_m=style.loop_m, up_m=-0.18),
        RACKED.bent(0.7 * shin_deg, 0.65 * thigh_deg, 0.6 * lean_deg).at(caught_s, elbows=TURNING),
        low.at(low_s),
        low.at(low_s + 0.5 * style.hold_s),
        RACKED.at(stood_s),
        RACKED.at(stood_s + style.rack_s),
    ]


def _jerk(style: CleanAndJerkStyle, ready_s: float) -> list[KeyPosture]:
    dipped_s = ready_s + style.dip_s
    driven_s = dipped_s + style.drive_s
    caught_s = driven_s + style.under_s
    steady_s = caught_s + style.steady_s
    caught = CAUGHT[style.jerk]
    if style.jerk == "split":
        caught = replace(caught, front_m=style.front_m, rear_m=style.rear_m, sink_m=style.split_sink_m)
    middle = caught.at(steady_s + 0.45 * style.feet_s, front_m=0.35 * caught.front_m, sink_m=0.0)
    return [
        RACKED.bent(0.9 * style.dip_deg, style.dip_deg, 0).at(dipped_s),
        RACKED.bent(5, 2, -3).at(driven_s, heels_m=0.06, up_m=0.2, elbows=UNDER_BAR, shrug_rad=0.2),
        caught.at(caught_s),
        caught.at(steady_s),
        replace(middle, shin_deg=3, thigh_deg=4),
        OVERHEAD.at(steady_s + style.feet_s),
    ]


def _lowered(style: CleanAndJerkStyle, top: KeyPosture) -> list[KeyPosture]:
    shoulders = top.at(0.05) if style.jerk == "none" else RACKED.bent(10, 14, -2).at(0.24)
    chest = RACKED.bent(4, 5, 1).at(0.38, ahead_m=0.2, up_m=-0.22, elbows=TURNING)
    lowered = [shoulders, shoulders.at(shoulders.at_s + 0.06), chest, HANGING.at(0.52)]
    return lowered if style.from_hang else [*lowered, HANGING.at(0.62), AT_KNEES.at(0.82)]


CLEAN_AND_JERK = overhead_lift("clean_and_jerk", CleanAndJerkStyle, way_up, _lowered, A_CLEAN)
