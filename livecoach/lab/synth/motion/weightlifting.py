"""Defines the snatch, the clean and jerk, and the clean without a jerk as a part of it.

In a clean and jerk, the bar goes to the shoulders, in a squat or a power clean, then overhead with a dip and a drive.

Phases, angles and times of the pull: Gourgoulis, Aggelousis, Mavromatis and Garas (2000), Akkus (2012). The first pull
straightens the knees to about 145°, the transition bends them again to about 125° while the trunk comes up, and the
second pull straightens ankles, knees and hips. The jerk ends in a split, in a power position with both feet side by
side, or as a push jerk with hardly bent knees. The dip goes down by about a tenth of the body's height and takes half a
second with the drive (Grabe and Widule 1988).
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel
from livecoach.lab.synth.figure.posture import Posture
from livecoach.lab.synth.motion import ranges
from livecoach.lab.synth.motion.key_postures import (
    HIGH_ELBOWS,
    IN_FRONT,
    UNDER_BAR,
    GripAndStance,
    KeyPosture,
    drop_bar,
    rep_posture,
)
from livecoach.lab.synth.motion.lift_motion import Lift, make_floor_pull, style_of
from livecoach.lab.synth.motion.lifter import SyntheticLifter
from livecoach.lab.synth.motion.rep import Form, Shape, Timing, draw_duration_s

POWER = 0.45  # Share of lifters who catch the bar high
FROM_HANG = 0.2  # Share of lifters who start with the bar hanging in their hands
DROPS = 0.5  # Share of lifters who drop the bar from overhead
MOST_BENT_DEG = 138.0  # Sum of the tilts of shins and thighs at which calf and thigh touch
GRIP_M = (0.2, 0.34)  # Distance of each hand outside the shoulder in a snatch
MOST_GRIP_M = 0.62  # Largest distance of each hand from the middle of the bar
LET_GO_S = 0.12  # Time from the start of the way back to the release of the bar


@dataclass(frozen=True, slots=True, kw_only=True)
class _WeightliftingStyle:
    grip_half_m: float = ranges.drawn_by(
        lambda d: min(d.body.shoulder_half_m + d.rng.uniform(*GRIP_M), MOST_GRIP_M), set_sd=0.01
    )
    power: bool = ranges.chance(POWER)  # whether the bar is caught high
    catch_shin_deg: float = ranges.by_flag("power", (18, 28), (26, 38))
    drops: bool = ranges.chance(DROPS)
    half_stance_m: float = ranges.uniform(0.09, 0.17, wide=(0.07, 0.28), set_sd=0.01)
    toe_out_rad: float = ranges.uniform(0.1, 0.45, wide=(0.0, 0.7))
    from_hang: bool = ranges.chance(FROM_HANG)
    hang_deg: float = ranges.uniform(18, 52)  # lean of the trunk with the bar at the hang
    start_thigh_deg: float = ranges.uniform(64, 88, wide=(50, 95), set_sd=1.5)
    start_shin_deg: float = ranges.uniform(14, 28, wide=(5, 32))
    first_thigh_deg: float = ranges.uniform(24, 35)  # tilt of the thighs at the end of the first pull
    scoop_thigh_deg: float = ranges.uniform(24, 34)  # tilt of the thighs after the transition, with bent knees
    scoop_shin_deg: float = ranges.uniform(16, 26)
    scoop_lean_deg: float = ranges.uniform(10, 24)
    catch_thigh_deg: float = ranges.drawn_by(
        lambda d: (
            d.rng.uniform(30, 60)
            if d.values["power"]
            else min(d.rng.uniform(88, 112), MOST_BENT_DEG - d.values["catch_shin_deg"])
        ),
        wide=lambda d: d.rng.uniform(15, 75) if d.values["power"] else d.rng.uniform(85, 122),
        set_sd=2.5,
    )
    """Tilt of the thighs at the deepest point of the catch; 90 is parallel."""
    catch_lean_deg: float = ranges.by_flag("power", (4, 14), (10, 24), wide=(0, 30), set_sd=1.5)
    loop_m: float = ranges.uniform(0.12, 0.24, wide=(0.1, 0.36))
    """Distance of the bar in front of the shoulders during the turnover."""
    first_s: float = ranges.duration(0.42, 1.0)
    transition_s: float = ranges.uniform(0.13, 0.22)
    second_s: float = ranges.uniform(0.15, 0.24)
    turnover_s: float = ranges.uniform(0.36, 0.5)
    sink_s: float = ranges.by_flag("power", (0.12, 0.22), (0.2, 0.35))
    hold_s: float = ranges.drawn_by(
        lambda d: d.rng.uniform(0.1, 0.4) if d.values["power"] else ranges.log_uniform(d.rng, 0.2, 1.2)
    )
    recover_s: float = ranges.drawn_by(
        lambda d: ranges.log_uniform(d.rng, *((0.45, 0.9) if d.values["power"] else (0.8, 2.0)))
    )
    top_s: float = ranges.duration(0.4, 2.0)
    back_s: float = ranges.drawn_by(
        lambda d: ranges.log_uniform(d.rng, *((3.2, 6.5) if d.values["drops"] else (1.5, 3.2)))
    )
    floor_s: float = ranges.duration(0.2, 2.5)

    @property
    def lets_go(self) -> bool:
        return self.drops and not self.from_hang


HANGING = KeyPosture("hang", 0, 5, 8, 5, 0.1)  # standing, with the bar at the thighs
AT_KNEES = KeyPosture("hang", 0, 2, 32, 57, 0.075)
STRETCHED = KeyPosture("hang", 0, 6, 0, -7, 0.12, up_m=0.03, heels_m=0.07, shrug_rad=0.3)
BELOW_CHEST = KeyPosture("shoulders", 0, 8, 10, 0, 0.2, up_m=-0.1, elbows=HIGH_ELBOWS)
TURNOVER = KeyPosture("shoulders", 0, 14, 22, 3, 0, elbows=HIGH_ELBOWS, heels_m=0.02, shrug_rad=0.15)
"""The lifter goes under the bar, which passes in front of the face or chest with high elbows."""
OVERHEAD = KeyPosture("overhead", 0, 1, 1, 2, 0.045, elbows=UNDER_BAR, shrug_rad=0.25)
PUSHED = KeyPosture("overhead", 0, 6, 8, 0, 0.1, up_m=0.05)  # the lifter pushes the bar away to drop it
LET_GO = KeyPosture("shoulders", 0, 8, 12, 8, 0.4, up_m=-0.2, stepped_m=-0.25)
STEPPED_BACK = KeyPosture("hang", 0, 2, 2, 3, 0.04, up_m=0.03, stepped_m=-0.3)
AT_BAR_AGAIN = KeyPosture("hang", 0, 2, 3, 4, 0.08, up_m=0.05)


def _pull_keys(style: _WeightliftingStyle) -> list[KeyPosture]:
    """Return the key postures of the pull, from the start to stretched hips and ankles."""
    knee_s = 0.3 * style.first_s if style.from_hang else style.first_s
    power_s = knee_s + style.transition_s
    first = [] if style.from_hang else [AT_KNEES.at_time(knee_s, thigh_deg=style.first_thigh_deg)]
    scoop = KeyPosture("hang", power_s, style.scoop_shin_deg, style.scoop_thigh_deg, style.scoop_lean_deg, 0.09)
    return [_starting_key(style, 0), *first, scoop, STRETCHED.at_time(power_s + style.second_s)]


def _starting_key(style: _WeightliftingStyle, at_s: float) -> KeyPosture:
    if style.from_hang:
        return KeyPosture("hang", at_s, 8, 10 + 0.5 * style.hang_deg, style.hang_deg, 0.09)
    return KeyPosture("hang", at_s, style.start_shin_deg, style.start_thigh_deg, None, 0.105)


def _way_back_keys(style: _WeightliftingStyle, top: KeyPosture, lowered: list[KeyPosture]) -> list[KeyPosture]:
    """Return the key postures of dropping the bar and walking back to it, or of lowering it, at shares of the way."""
    end_s = style.back_s
    if not style.lets_go:
        return [top.at_time(0.0), *(key.at_time(key.at_s * end_s) for key in lowered), _starting_key(style, end_s)]
    down_s = LET_GO_S + 0.75
    step_s = max(end_s - 2.0, down_s + 0.1)
    near_s = max(end_s - 1.2, step_s + 0.3)
    let_go = [
        PUSHED.at_time(LET_GO_S),
        LET_GO.at_time(LET_GO_S + 0.3),
        STEPPED_BACK.at_time(down_s),
        STEPPED_BACK.at_time(step_s),
    ]
    return [top.at_time(0.0), *let_go, AT_BAR_AGAIN.at_time(near_s), _starting_key(style, end_s)]


def _even(rng: np.random.Generator) -> Shape:
    skew = float(np.clip(rng.normal(0, 0.03), -0.08, 0.08))
    return lambda x: x ** (1 + skew)


def _overhead_lift(
    name: str,
    style: type[_WeightliftingStyle],
    ascent: Callable[[Any], list[KeyPosture]],
    lowered: Callable[[Any, KeyPosture], list[KeyPosture]],
    part: ranges.Draws | None = None,
) -> Lift:
    """Return a lift whose progress is the share of the time until the bar is overhead; some lifters do a `part`.

    `lowered` returns the key postures of lowering the bar, at shares of the way back in place of seconds.
    """

    def posture(body: BodyModel, progress: np.ndarray, lifter: SyntheticLifter, form: Form) -> Posture:
        """Return the posture of a rep at each progress (T,); some lifters drop the bar in the descent."""
        own, back = style_of(lifter, style), form["back"] > 0
        hold = GripAndStance(body, lifter, own.grip_half_m, own.half_stance_m, own.toe_out_rad, lifter.bar_start_m)
        up = ascent(own)
        lifted = rep_posture(hold, up, _way_back_keys(own, up[-1], lowered(own, up[-1])), progress, form)
        if own.lets_go and back.any():
            elapsed_s = (1 - progress / max(float(progress.max()), 1e-3)) * own.back_s
            drop_bar(lifted, hold.bar_m, np.where(back, elapsed_s - LET_GO_S, -1.0), _starting_key(own, 0).ahead_m)
        return lifted

    def draw_timing(rng: np.random.Generator, lifter: SyntheticLifter, tired: float) -> Timing:
        """Draw the timing of a rep; `tired` is the position in the set, 0…1, times the lifter's drift."""
        own = style_of(lifter, style)
        return Timing(
            away_s=draw_duration_s(rng, lifter, ascent(own)[-1].at_s * (1 + 0.05 * tired), 0.05, 1.0),
            pause_s=draw_duration_s(rng, lifter, own.top_s, 0.3, 0.15),
            back_s=draw_duration_s(rng, lifter, own.back_s, 0.06, 1.0),
            rest_s=draw_duration_s(rng, lifter, own.floor_s, 0.3, 0.1),
            amplitude=1.0,
            away=_even(rng),  # progress is a share of time, so both ways are even
            back=_even(rng),
            rng=rng,
        )

    return Lift(
        name=name,
        posture=posture,
        turns_low=False,
        turn="standing with the bar overhead",
        on_floor=True,
        bent=lambda progress: 1 - progress,
        timing=draw_timing,
        before=("idle", "walkin", "fiddle", "load_plate", "tie_shoe", "stretch", "shift"),
        between=("idle", "bend", "fiddle", "shift"),
        after=("idle", "walkout", "bend", "load_plate", "stretch", "sit"),
        loaded=1.0,
        wide_pace=(0.7, 1.8),
        style=style,
        floor_pull=make_floor_pull("grip_half_m", "half_stance_m", when=lambda own: own.from_hang),
        partial_draws=part or {},
    )


TURNING_OVER = (0.3, 1.0, -0.2)  # Direction of the elbows halfway from over the bar to under it


def _snatch_keys(style: _WeightliftingStyle) -> list[KeyPosture]:
    """Return the key postures of a snatch, from the start to standing with the bar overhead."""
    keys = _pull_keys(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    shin_deg, thigh_deg, lean_deg = style.catch_shin_deg, style.catch_thigh_deg, style.catch_lean_deg
    caught = OVERHEAD.with_angles(0.85 * shin_deg, 0.8 * thigh_deg, 0.7 * lean_deg)
    low = OVERHEAD.with_angles(shin_deg, thigh_deg, lean_deg)
    return [
        *keys,
        TURNOVER.at_time(pulled_s + 0.45 * style.turnover_s, ahead_m=style.loop_m, up_m=0.02),
        caught.at_time(caught_s, up_m=0.04, elbows=TURNING_OVER),
        low.at_time(low_s),
        low.at_time(low_s + style.hold_s),
        OVERHEAD.at_time(low_s + style.hold_s + style.recover_s),
    ]


def _snatch_lowered(style: _WeightliftingStyle, _top: KeyPosture) -> list[KeyPosture]:
    at_thighs = [BELOW_CHEST.at_time(0.28), HANGING.at_time(0.5)]
    return at_thighs if style.from_hang else [*at_thighs, HANGING.at_time(0.6), AT_KNEES.at_time(0.82)]


SNATCH = _overhead_lift("snatch", _WeightliftingStyle, _snatch_keys, _snatch_lowered)


TURNING_TO_CHEST = (0.35, 0.9, -0.55)  # Direction of the elbows halfway between over the bar and in front of it
CLEAN_FROM_HANG = 0.45  # Share of lifters without a jerk who clean from the hang
MUSCLE_CLEAN = 0.25  # Share of lifters without a jerk who catch the bar with hardly bent knees
JERKS = ("split", "split", "power", "push")  # Kinds of jerks; repeated entries are drawn more often


@dataclass(frozen=True, slots=True, kw_only=True)
class _CleanAndJerkStyle(_WeightliftingStyle):
    grip_half_m: float = ranges.drawn_by(lambda d: d.body.shoulder_half_m + d.rng.uniform(0.03, 0.13))
    jerk: Literal["split", "power", "push", "none"] = ranges.choice(JERKS)
    front_m: float = ranges.uniform(0.25, 0.42)
    rear_m: float = ranges.uniform(0.32, 0.5)
    split_sink_m: float = ranges.uniform(0.1, 0.2)
    dip_deg: float = ranges.uniform(17, 30)  # tilt of the thighs in the dip
    rack_s: float = ranges.duration(0.5, 3.0)
    dip_s: float = ranges.uniform(0.3, 0.55)
    drive_s: float = ranges.uniform(0.18, 0.28)
    under_s: float = ranges.uniform(0.2, 0.34)
    steady_s: float = ranges.duration(0.3, 1.4)
    feet_s: float = ranges.uniform(0.7, 1.5)


A_CLEAN: ranges.Draws = {
    "dips": ranges.by_share(hardly=MUSCLE_CLEAN),
    "power": lambda d: d.usual or d.values["dips"] == "hardly",
    "catch_thigh_deg": ranges.by_variant("dips", hardly=(2, 14)),
    "catch_shin_deg": ranges.by_variant("dips", hardly=(1, 8)),
    "jerk": "none",
    "hang_deg": (3, 55),
    "drops": False,
    "from_hang": lambda d: bool(d.rng.random() < CLEAN_FROM_HANG),
    "rack_s": ranges.log_uniform_draw(0.1, 1.5),
    "top_s": ranges.log_uniform_draw(0.1, 1.0),
    "back_s": ranges.log_uniform_draw(0.7, 2.6),
}
"""Draws of a clean without a jerk: often in quick succession, from the hang, or with hardly bent knees."""


RACKED = KeyPosture("shoulders", 0, 2, 2, -1, 0.1, up_m=0.05, elbows=IN_FRONT)
JERKED = OVERHEAD.at_time(0, ahead_m=0.04, shrug_rad=0.22)
CAUGHT = {
    "power": JERKED.with_angles(19, 27, 3),
    "push": JERKED.with_angles(9, 11, 2),
    "split": JERKED.with_angles(2, 2, 1),
}


def _clean_and_jerk_keys(style: _CleanAndJerkStyle) -> list[KeyPosture]:
    """Return the key postures of a clean and jerk, which ends overhead, or at the shoulders without a jerk."""
    clean = _clean(style)
    return clean if style.jerk == "none" else [*clean, *_jerk(style, clean[-1].at_s)]


def _clean(style: _CleanAndJerkStyle) -> list[KeyPosture]:
    keys = _pull_keys(style)
    pulled_s = keys[-1].at_s
    caught_s = pulled_s + style.turnover_s
    low_s = caught_s + style.sink_s
    stood_s = low_s + style.hold_s + style.recover_s
    shin_deg, thigh_deg, lean_deg = style.catch_shin_deg, style.catch_thigh_deg, 0.7 * style.catch_lean_deg
    low = RACKED.with_angles(shin_deg, thigh_deg, lean_deg)
    return [
        *keys,
        TURNOVER.at_time(pulled_s + 0.4 * style.turnover_s, ahead_m=style.loop_m, up_m=-0.18),
        RACKED.with_angles(0.7 * shin_deg, 0.65 * thigh_deg, 0.6 * lean_deg).at_time(caught_s, elbows=TURNING_TO_CHEST),
        low.at_time(low_s),
        low.at_time(low_s + 0.5 * style.hold_s),
        RACKED.at_time(stood_s),
        RACKED.at_time(stood_s + style.rack_s),
    ]


def _jerk(style: _CleanAndJerkStyle, ready_s: float) -> list[KeyPosture]:
    dipped_s = ready_s + style.dip_s
    driven_s = dipped_s + style.drive_s
    caught_s = driven_s + style.under_s
    steady_s = caught_s + style.steady_s
    caught = CAUGHT[style.jerk]
    if style.jerk == "split":
        caught = replace(caught, front_m=style.front_m, rear_m=style.rear_m, sink_m=style.split_sink_m)
    middle = caught.at_time(steady_s + 0.45 * style.feet_s, front_m=0.35 * caught.front_m, sink_m=0.0)
    return [
        RACKED.with_angles(0.9 * style.dip_deg, style.dip_deg, 0).at_time(dipped_s),
        RACKED.with_angles(5, 2, -3).at_time(driven_s, heels_m=0.06, up_m=0.2, elbows=UNDER_BAR, shrug_rad=0.2),
        caught.at_time(caught_s),
        caught.at_time(steady_s),
        replace(middle, shin_deg=3, thigh_deg=4),
        JERKED.at_time(steady_s + style.feet_s),
    ]


def _clean_lowered(style: _CleanAndJerkStyle, top: KeyPosture) -> list[KeyPosture]:
    shoulders = top.at_time(0.05) if style.jerk == "none" else RACKED.with_angles(10, 14, -2).at_time(0.24)
    chest = RACKED.with_angles(4, 5, 1).at_time(0.38, ahead_m=0.2, up_m=-0.22, elbows=TURNING_TO_CHEST)
    lowered = [shoulders, shoulders.at_time(shoulders.at_s + 0.06), chest, HANGING.at_time(0.52)]
    return lowered if style.from_hang else [*lowered, HANGING.at_time(0.62), AT_KNEES.at_time(0.82)]


CLEAN_AND_JERK = _overhead_lift("clean_and_jerk", _CleanAndJerkStyle, _clean_and_jerk_keys, _clean_lowered, A_CLEAN)
