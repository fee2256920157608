"""The snatch, and its common parts with the clean and jerk: phases of the pull, differences between lifters, way back.

Phases, angles and times of the pull: Gourgoulis, Aggelousis, Mavromatis and Garas (2000), Akkus (2012). The first pull
straightens the knees to about 145°, the transition bends them again to about 125° while the trunk comes up, and the
second pull straightens ankles, knees and hips.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livecoach.lab.synth.figure.body import SIDES, BodyModel
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion.key_postures import (
    HIGH_ELBOWS,
    UNDER_BAR,
    Hold,
    KeyPosture,
    drop_bar,
    posture_of,
    there_and_back,
)
from livecoach.lab.synth.motion.lift import Lift, PostureFunction, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.ranges import Draws, Range, by, chance, log_uniform, seconds, uniform
from livecoach.lab.synth.motion.rep import Form, Shape, Timing, about

POWER = 0.45  # share of lifters who catch the bar high
FROM_HANG = 0.2  # share of lifters who start with the bar hanging in their hands
DROPS = 0.5  # share of lifters who drop the bar from overhead
OVER_THIGHS_M = 0.1  # of a hanging bar in front of the ankles of somebody who stands
MOST_BENT_DEG = 138.0  # sum of the tilts of shins and thighs at which calf and thigh touch
GRIP_M, MOST_GRIP_M = (0.2, 0.34), 0.62
"""How much wider than the shoulders each hand grips in a snatch, and how far from the middle at most."""
LET_GO_S = 0.12  # from the beginning of the way back to letting go of the bar


def _by_catch(high: Range, low: Range, wide: Range | None = None, day: float = 0.0) -> Any:
    """Ranges for a bar that is caught high, and in a squat."""
    return by(lambda d: d.rng.uniform(*(high if d.values["power"] else low)), wide, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightliftingStyle:
    """How a lifter pulls the bar from the floor, and what they do with it afterwards."""

    grip_half_m: float = by(lambda d: min(d.body.shoulder_half_m + d.rng.uniform(*GRIP_M), MOST_GRIP_M), day=0.01)
    power: bool = chance(POWER)  # the bar is caught high
    catch_shin_deg: float = _by_catch((18, 28), (26, 38))
    drops: bool = chance(DROPS)
    half_stance_m: float = uniform(0.09, 0.17, wide=(0.07, 0.28), day=0.01)
    toe_out_rad: float = uniform(0.1, 0.45, wide=(0.0, 0.7))
    from_hang: bool = chance(FROM_HANG)
    hang_deg: float = uniform(18, 52)  # lean of the trunk with the bar at the hang
    start_thigh_deg: float = uniform(64, 88, wide=(50, 95), day=1.5)
    start_shin_deg: float = uniform(14, 28, wide=(5, 32))
    first_thigh_deg: float = uniform(24, 35)  # tilt of the thighs at the end of the first pull
    scoop_thigh_deg: float = uniform(24, 34)  # tilt of the thighs after the transition, when the knees have bent again
    scoop_shin_deg: float = uniform(16, 26)
    scoop_lean_deg: float = uniform(10, 24)
    catch_thigh_deg: float = by(
        lambda d: (
            d.rng.uniform(30, 60)
            if d.values["power"]
            else min(d.rng.uniform(88, 112), MOST_BENT_DEG - d.values["catch_shin_deg"])
        ),
        wide=lambda d: d.rng.uniform(15, 75) if d.values["power"] else d.rng.uniform(85, 122),
        day=2.5,
    )
    """Tilt of the thighs at the deepest point of the catch; 90 is parallel."""
    catch_lean_deg: float = _by_catch((4, 14), (10, 24), wide=(0, 30), day=1.5)
    loop_m: float = uniform(0.12, 0.24, wide=(0.1, 0.36))
    """How far the bar is in front of the shoulders while it turns over."""
    first_s: float = seconds(0.42, 1.0)
    transition_s: float = uniform(0.13, 0.22)
    second_s: float = uniform(0.15, 0.24)
    turnover_s: float = uniform(0.36, 0.5)
    sink_s: float = _by_catch((0.12, 0.22), (0.2, 0.35))
    hold_s: float = by(lambda d: d.rng.uniform(0.1, 0.4) if d.values["power"] else log_uniform(d.rng, 0.2, 1.2))
    recover_s: float = by(lambda d: log_uniform(d.rng, *((0.45, 0.9) if d.values["power"] else (0.8, 2.0))))
    top_s: float = seconds(0.4, 2.0)
    back_s: float = by(lambda d: log_uniform(d.rng, *((3.2, 6.5) if d.values["drops"] else (1.5, 3.2))))
    floor_s: float = seconds(0.2, 2.5)


def pull(style: WeightliftingStyle) -> list[KeyPosture]:
    knee_s = 0.3 * style.first_s if style.from_hang else style.first_s
    keys = [starting(style)]
    if not style.from_hang:
        keys.append(replace(past_knees(knee_s), thigh_deg=style.first_thigh_deg))
    power_s = knee_s + style.transition_s
    extended = KeyPosture("hang", power_s + style.second_s, 6, 0, -7, 0.12, up_m=0.03, heels_m=0.07, shrug_rad=0.3)
    return [
        *keys,
        KeyPosture("hang", power_s, style.scoop_shin_deg, style.scoop_thigh_deg, style.scoop_lean_deg, 0.09),
        extended,
    ]


def starting(style: WeightliftingStyle) -> KeyPosture:
    """Over the bar on the floor, or standing with the bar at the hang."""
    if style.from_hang:
        return KeyPosture("hang", 0, 8, 10 + 0.5 * style.hang_deg, style.hang_deg, 0.09)
    return KeyPosture("hang", 0, style.start_shin_deg, style.start_thigh_deg, None, 0.105)


def turnover(style: WeightliftingStyle, at_s: float, up_m: float) -> KeyPosture:
    """On the way under the bar, which passes in front of the face or chest with high elbows."""
    high = KeyPosture("shoulders", at_s, 14, 22, 3, style.loop_m, up_m=up_m, elbows=HIGH_ELBOWS)
    return replace(high, heels_m=0.02, shrug_rad=0.15)


def way_back(style: WeightliftingStyle, top: KeyPosture, lowered: list[KeyPosture]) -> list[KeyPosture]:
    """The bar dropped, or lowered over the postures `lowered` (at shares of the way) to the start. A lifter who drops
    the bar steps back, stands, steps up to the bar, and bends to it."""
    end_s = style.back_s
    if not (style.drops and not style.from_hang):
        return [top.at(0.0), *(key.at(key.at_s * end_s) for key in lowered), starting(style).at(end_s)]
    down_s = LET_GO_S + 0.75
    step_s = max(end_s - 2.0, down_s + 0.1)
    near_s = max(end_s - 1.2, step_s + 0.3)
    push = KeyPosture("overhead", LET_GO_S, 6, 8, 0, 0.1, up_m=0.05)
    away = KeyPosture("shoulders", LET_GO_S + 0.3, 8, 12, 8, 0.4, up_m=-0.2, stepped_m=-0.25)
    hanging = KeyPosture("hang", down_s, 2, 2, 3, 0.04, up_m=0.03, stepped_m=-0.3)
    closer = KeyPosture("hang", near_s, 2, 3, 4, 0.08, up_m=0.05)
    return [top.at(0.0), push, away, hanging, hanging.at(step_s), closer, starting(style).at(end_s)]


def over_thighs(share: float) -> KeyPosture:
    return KeyPosture("hang", share, 5, 8, 5, OVER_THIGHS_M)


def past_knees(at_s: float) -> KeyPosture:
    """The hinge with the bar at the knees. at_s: seconds, or a share of the way back."""
    return KeyPosture("hang", at_s, 2, 32, 57, 0.075)


def lifted(
    body: BodyModel,
    lift: np.ndarray,
    lifter: SyntheticLifter,
    form: Form,
    style: WeightliftingStyle,
    keys: tuple[list[KeyPosture], list[KeyPosture]],
) -> Posture:
    """keys: of the way up, and of the way back."""
    hold = Hold(body, lifter, style.grip_half_m, style.half_stance_m, style.toe_out_rad, lifter.bar_start_m)
    up, down = keys
    back = form["back"] > 0
    rows = there_and_back(hold, up, down, lift, back)
    posture = posture_of(hold, rows, form, SIDES[int(lifter.tilt_rad > 0)])
    if style.drops and not style.from_hang and back.any():
        gone_s = (1 - lift / max(float(lift.max()), 1e-3)) * style.back_s
        drop_bar(posture, hold, np.where(back, gone_s - LET_GO_S, -1.0), starting(style).ahead_m)
    return posture


def from_floor(_body: BodyModel, lifter: SyntheticLifter) -> SyntheticLifter | None:
    """The lifter as they take the bar to the hang; None for one who starts on the floor."""
    style = style_of(lifter, WeightliftingStyle)
    if not style.from_hang:
        return None
    return replace(lifter, grip_half_m=style.grip_half_m, half_stance_m=style.half_stance_m)


def _even(rng: np.random.Generator) -> Shape:
    skew = float(np.clip(rng.normal(0, 0.03), -0.08, 0.08))

    def shape(x: np.ndarray) -> np.ndarray:
        return x ** (1 + skew)

    return shape


def overhead_lift(
    name: str,
    posture: PostureFunction,
    style: type[WeightliftingStyle],
    way_up: Callable[[SyntheticLifter], list[KeyPosture]],
    part: Draws | None = None,
) -> Lift:
    """way_up: key postures of a lifter from the start to standing with the bar overhead. part: as Lift's."""

    def timing(rng: np.random.Generator, of: SyntheticLifter, tired: float) -> Timing:
        """Progress is a share of time, so both ways are even."""
        own = style_of(of, WeightliftingStyle)
        return Timing(
            away_s=about(rng, of, way_up(of)[-1].at_s * (1 + 0.05 * tired), 0.05, 1.0),
            pause_s=about(rng, of, own.top_s, 0.3, 0.15),
            back_s=about(rng, of, own.back_s, 0.06, 1.0),
            rest_s=about(rng, of, own.floor_s, 0.3, 0.1),
            amplitude=1.0,
            away=_even(rng),
            back=_even(rng),
            rng=rng,
        )

    return Lift(
        name=name,
        posture=posture,
        rest="down",
        turn="standing with the bar overhead",
        bar="floor",
        bent=lambda lift: 1 - lift,
        timing=timing,
        before=("idle", "walkin", "fiddle", "load_plate", "tie_shoe", "stretch", "shift"),
        between=("idle", "bend", "fiddle", "shift"),
        after=("idle", "walkout", "bend", "load_plate", "stretch", "sit"),
        loaded=1.0,
        wide_pace=(0.7, 1.8),
        style=style,
        taking=from_floor,
        part=part or {},
    )


OVER_FEET_M = 0.045  # of the bar overhead in front of the ankles
TURNING = (0.3, 1.0, -0.2)  # of the elbows on their way from over the bar to under it
SHRUG_RAD = 0.25  # of the shoulders under a bar overhead


def snatch(body: BodyModel, lift: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
    """lift: (T,) share of the time from the start to standing with the bar overhead."""
    style = style_of(lifter, WeightliftingStyle)
    up = way_up(style)
    return lifted(body, lift, lifter, form, style, (up, _way_back(style, up[-1])))


def way_up(style: WeightliftingStyle) -> list[KeyPosture]:
    keys = pull(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    caught = _overhead(caught_s, 0.85 * style.catch_shin_deg, 0.8 * style.catch_thigh_deg, 0.7 * style.catch_lean_deg)
    low = _overhead(low_s, style.catch_shin_deg, style.catch_thigh_deg, style.catch_lean_deg)
    return [
        *keys,
        turnover(style, pulled_s + 0.45 * style.turnover_s, 0.02),
        replace(caught, up_m=0.04, elbows=TURNING),
        low,
        low.at(low_s + style.hold_s),
        _overhead(low_s + style.hold_s + style.recover_s, 1, 1, 2),
    ]


def _overhead(at_s: float, shin_deg: float, thigh_deg: float, lean_deg: float) -> KeyPosture:
    under = KeyPosture("overhead", at_s, shin_deg, thigh_deg, lean_deg, OVER_FEET_M)
    return replace(under, elbows=UNDER_BAR, shrug_rad=SHRUG_RAD)


def _way_back(style: WeightliftingStyle, top: KeyPosture) -> list[KeyPosture]:
    chest = KeyPosture("shoulders", 0.28, 8, 10, 0, 0.2, up_m=-0.1, elbows=HIGH_ELBOWS)
    hips = over_thighs(0.5)
    if style.from_hang:
        return way_back(style, top, [chest, hips])
    return way_back(style, top, [chest, hips, hips.at(0.6), past_knees(0.82)])


SNATCH = overhead_lift(
    "snatch", snatch, WeightliftingStyle, lambda lifter: way_up(style_of(lifter, WeightliftingStyle))
)
