"""Draws the constants of a lifter (stance, angles, tempo, steadiness) and their variation between sets."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from livecoach.lab.synth.figure.body_mesh import BodyModel
from livecoach.lab.synth.figure.posture import PLATE_RADIUS_M
from livecoach.lab.synth.motion import ranges

HABITS = {
    "early": 0.14,
    "thigh": 0.10,
    "shin": 0.09,
    "forward": 0.012,
    "lumbar": 0.04,
    "thoracic": 0.06,
    "neck": 0.14,
    "twist": 0.03,
    "knee_in_L": 0.05,
    "knee_in_R": 0.05,
}
"""Standard deviation between lifters of each channel of the form, drawn separately for both ways of a rep."""
HABIT_KNOTS = 5  # Points of the lift at which a habit is drawn
Habit = tuple[float, ...]  # Offset of a channel at each point
Habits = dict[str, tuple[Habit, Habit]]  # Habits on the way out and on the way back, by channel
SUMO = 0.12  # Share of lifters who pull sumo: feet wide, hands between the knees
RAISED = 0.2  # Share of lifters with a bar that does not start at the height of full plates


Place = tuple[float, float, float]  # Place of a hand: forward, outward and up from the shoulder, in arm lengths


@dataclass(frozen=True, slots=True, kw_only=True)
class HandPositions:
    """The places of the hands of a lifter who squats or lunges without a bar."""

    standing: Place  # places while the lifter stands
    bottom: Place  # places at the turn of a rep
    with_trunk: float = 1.0  # share of the trunk's lean that the arms follow
    elbows: Place  # direction of the elbows
    uneven: Place = (0.0, 0.0, 0.0)  # offset of the left hand


def _fixed_hands(place: Place, elbows: Place, with_trunk: float = 1.0) -> HandPositions:
    return HandPositions(standing=place, bottom=place, elbows=elbows, with_trunk=with_trunk)


HANGING = (0.07, 0.03, -0.9)  # Place of a hanging hand
# Places of the hands by name
HANDS = {
    "reaching": _fixed_hands((0.57, -0.1, -0.07), (0.0, 0.6, -0.8)),
    "clasped": _fixed_hands((0.28, -0.24, -0.17), (0.1, 0.7, -0.8)),
    "crossed": _fixed_hands((0.19, -0.29, -0.06), (0.8, 0.4, -0.5)),
    "behind_head": _fixed_hands((-0.08, -0.11, 0.24), (0.1, 1.0, -0.1)),
    "sides": _fixed_hands((0.03, 0.12, -0.965), (-0.6, 0.4, 0.0), with_trunk=0.0),
    "hips": _fixed_hands((0.07, 0.0, -0.49), (-0.6, 1.0, 0.0)),
    "goblet": _fixed_hands((0.28, -0.21, -0.11), (0.2, 0.3, -1.0)),
    "forward": HandPositions(standing=HANGING, bottom=(0.9, -0.05, 0.07), with_trunk=0.0, elbows=(-0.5, 0.6, -0.5)),
    "hanging": HandPositions(standing=HANGING, bottom=(0.28, 0.02, -0.66), with_trunk=0.0, elbows=(-0.8, 0.6, -0.2)),
}
IN_SQUATS = ("reaching", "reaching", "clasped", "crossed", "behind_head", "goblet", "forward", "hanging")
"""Names in HANDS for squats; repeated names are drawn more often."""
REACH_M = (0.28, 0.55)  # Distance from the shoulders to hands that reach forward


def _usual_hands(d: ranges.DrawContext) -> HandPositions:
    reach_m, name = d.rng.uniform(*REACH_M), ranges.pick(d.rng, IN_SQUATS)
    hands = HANDS[name]
    return _fixed_hands((reach_m / d.body.arm_m, *hands.standing[1:]), hands.elbows) if name == "reaching" else hands


def _random_habits(d: ranges.DrawContext) -> Habits:
    def habit(amount: float) -> Habit:
        return tuple((amount * d.rng.normal(size=HABIT_KNOTS)).tolist())

    return {name: (habit(amount), habit(amount)) for name, amount in HABITS.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class SyntheticLifter:
    """The properties of a lifter that stay the same over a set. Random values are drawn in the order of the fields.

    The ranges are our choice; docs/models.md compares them with real lifters.
    """

    half_stance_m: float = ranges.by_flag("sumo", (0.28, 0.4), (0.04, 0.17), set_sd=0.012)  # from the middle to a foot
    toe_out_rad: float = ranges.by_flag("sumo", (0.45, 0.8), (0.0, 0.4), set_sd=0.04)
    habits: Habits = ranges.drawn_by(_random_habits)
    """Offsets by channel of HABITS, on the way out and on the way back, at HABIT_KNOTS points of the lift."""
    start_thigh_deg: float = ranges.drawn_by(ranges.clipped_normal(64, 10, 40, 88), set_sd=2.0)  # at a deadlift's start
    start_shin_deg: float = ranges.drawn_by(ranges.clipped_normal(17, 8, 0, 36), set_sd=1.2)
    legs_first: float = ranges.drawn_by(lambda d: float(np.exp(d.rng.normal(0.15, 0.35))), set_sd=0.06)
    """Lead of the knees in a deadlift: 1 is usual; with a larger lead, they straighten earlier."""
    lowering_early: float = ranges.uniform(-0.15, 0.5, set_sd=0.06)
    """Displacement of the hips to the back during the descent, in units of the form's `early`."""
    bar_x_m: float = ranges.uniform(0.075, 0.135, set_sd=0.007)  # distance of the bar in front of the ankles
    bar_start_m: float  # height of the bar on the floor
    grip_half_m: float = ranges.drawn_by(
        lambda d: d.rng.uniform(0.12, 0.2) if d.values["sumo"] else d.body.shoulder_half_m + d.values["outside_m"],
        set_sd=0.012,
    )
    neck_rad: float = ranges.uniform(-0.25, 0.25, set_sd=0.07)  # flexion of the neck; > 0 looks down
    head_up: float = ranges.uniform(0.3, 1.0, set_sd=0.06)  # share of the trunk's lean that the neck compensates
    squat_half_stance_m: float = ranges.uniform(0.08, 0.3, set_sd=0.015)  # half_stance_m and toe_out_rad of a squat
    squat_toe_out_rad: float = ranges.uniform(0.05, 0.6, set_sd=0.05)
    squat_thigh_deg: float = ranges.drawn_by(ranges.clipped_normal(95, 11, 70, 122), set_sd=2.5)
    """Tilt of the thighs at the bottom of a squat; 90 is parallel to the floor."""
    squat_shin_deg: float = ranges.drawn_by(ranges.clipped_normal(31, 7, 14, 48), set_sd=1.5)
    squat_shin_power: float = ranges.uniform(0.7, 1.15, set_sd=0.03)
    """Exponent of the shins' tilt in a squat: below 1, the shins tilt before the thighs."""
    balance_m: float = ranges.uniform(-0.13, 0.03, set_sd=0.006)  # centre of pressure in front of mid-foot
    lockout_rad: float = ranges.drawn_by(lambda d: abs(d.rng.normal(0, 0.06)))
    """Tilt of the thighs that is left when the lifter stands upright."""
    hands: HandPositions = ranges.drawn_by(_usual_hands)  # places of the hands without a bar
    bar_low_m: float = ranges.uniform(0.0, 0.07)  # height by which the bar lies lower on the back than usual
    loaded: bool  # whether the lifter uses a barbell
    raise_s: float = ranges.duration(0.75, 2.7)  # pull of a deadlift; top_s, lower_s and floor_s belong to it too
    top_s: float = ranges.duration(0.1, 1.5)
    lower_s: float = ranges.duration(0.7, 3.5)
    floor_s: float = ranges.duration(0.15, 2.0)
    descend_s: float = ranges.duration(0.6, 2.2)  # descent of a squat; bottom_s and ascend_s belong to the squat too
    bottom_s: float = ranges.pause(0.15, 0.2, 1.0, 0.1)
    ascend_s: float = ranges.duration(0.6, 1.9)
    rebound: float = ranges.uniform(0.0, 0.6)  # 0 rests at the deepest point; towards 1 reverses at once
    skew: float = ranges.drawn_by(lambda d: d.rng.normal(0, 0.2))  # below 0, fastest early in a phase; above 0, late
    sticking_at: float = ranges.uniform(0.3, 0.65)  # time of the sticking point, 0…1 of a phase
    sticking: float = ranges.uniform(0.0, 1.0)  # strength of the sticking point; 0 is none
    unevenness: float = ranges.drawn_by(ranges.log_uniform_draw(0.5, 2.0))  # variation between reps; 1 is usual
    tilt_rad: float = ranges.drawn_by(lambda d: d.rng.normal(0, 0.02), set_sd=0.006)  # of the bar: nobody is symmetric
    twist_rad: float = ranges.drawn_by(lambda d: d.rng.normal(0, 0.03), set_sd=0.015)  # of the trunk
    spine_rad: float = ranges.uniform(-0.02, 0.18, set_sd=0.03)  # flexion of the spine in good reps
    sway: float = ranges.uniform(0.5, 2.0)  # constant unsteadiness; 1 is usual
    drift: float = ranges.uniform(0.0, 2.0)  # change from the first to the last rep of a set; 1 is usual
    landing: float = ranges.uniform(0.1, 0.35)
    """Speed at which a deadlift's plates meet the floor: 0 at rest, towards 1 nearly at full speed."""
    elbow_rad: float = 0.0  # flexion of the elbows throughout a deadlift or an overhead press
    short: float = 0.0  # share of a deadlift's travel that is missing at the top
    lean_back_rad: float = 0.0  # lean past upright at the top of a deadlift
    hand_offset_m: float = 0.0  # standard deviation of the offset between the hands in a deadlift or an overhead press
    style: Any = None  # a dataclass of properties that only this lifter's lift needs (`Lift.style`)


def random_lifter(rng: np.random.Generator, body: BodyModel, loaded: bool = True) -> SyntheticLifter:
    """Draw a random lifter for any lift, with a barbell if `loaded`. The style, which depends on the lift, is None."""
    known = {"body": body, "sumo": rng.random() < SUMO, "outside_m": rng.uniform(-0.02, 0.12)}
    bar_start_m = rng.uniform(0.13, 0.3) if rng.random() < RAISED else PLATE_RADIUS_M
    return ranges.draw_fields(SyntheticLifter, rng, bar_start_m=bar_start_m, loaded=loaded, **known)


TEMPO_OF_SET = 0.1  # Standard deviation between sets of the logarithm of all durations


def vary_between_sets(rng: np.random.Generator, lifter: SyntheticLifter) -> SyntheticLifter:
    """Return a lifter as he or she lifts in another set: style, posture and tempo vary at random."""
    other = ranges.add_set_variation(lifter, rng)
    tempo = float(np.exp(TEMPO_OF_SET * rng.normal()))
    other = replace(
        other,
        half_stance_m=max(other.half_stance_m, 0.07),
        squat_half_stance_m=max(other.squat_half_stance_m, 0.08),
        grip_half_m=max(other.grip_half_m, 0.1),
        style=None if lifter.style is None else ranges.add_set_variation(lifter.style, rng),
    )
    return scale_durations(other, tempo)


def scale_durations(lifter: SyntheticLifter, factor: float) -> SyntheticLifter:
    """Return a copy of a lifter with all durations, including the style's, multiplied by a factor."""
    style = None if lifter.style is None else ranges.scale_durations(lifter.style, factor)
    return replace(ranges.scale_durations(lifter, factor), style=style)
