"""The kinds of curves that can be drawn of a rep, and which kind shows a fault or a joint."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.rep.measures.back import sagitta
from livecoach.rep.measures.faults import FaultTable
from livecoach.rep.measures.motion import RepMotion
from livecoach.rep.travel import KINDS, Travel
from livecoach.rep.view_normalised import NormalisedRep
from livecoach.types import Rep

_Take = Callable[[RepMotion, NormalisedRep], np.ndarray]


_LEGS = (landmark.KNEES, landmark.ANKLES)
LEAST_STANCE = 0.1
"""Torsos, 5 cm: ankles that seem nearer are not seen well, and knees are not told in them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CurveKind:
    """A kind of curve: a measure that can be drawn over a rep."""

    words: str
    """Title, in a lifter's words."""
    take: _Take
    """The function that computes the (T,) values of a rep; NaN where unknown."""
    unit: str
    """deg, torso (lengths), torso/s, or 1."""
    least: float
    """Least spread assumed for good reps: the tremble of landmarks. Our choice."""
    rate: bool = False
    """Whether the rate of change per second is drawn, in either direction."""


def _height(joint: str) -> _Take:
    return lambda motion, _: motion.middles[joint][:, 2] / motion.torso


def _ahead(joint: str, of: str) -> _Take:
    return lambda motion, _: (motion.middles[joint][:, 0] - motion.middles[of][:, 0]) / motion.torso


def _hands(motion: RepMotion, seen: NormalisedRep) -> np.ndarray:
    """Return how far the lifter's left hand is above the right one."""
    first, second = landmark.WRISTS[::-1] if seen.mirrored else landmark.WRISTS
    apart: np.ndarray = (motion.points[:, first, 2] - motion.points[:, second, 2]) / motion.torso
    return apart


def _knee_width(motion: RepMotion, _: NormalisedRep) -> np.ndarray:
    knees, ankles = (motion.points[:, left, 1] - motion.points[:, right, 1] for left, right in _LEGS)
    near = ankles < LEAST_STANCE * motion.torso
    ratio: np.ndarray = np.where(near, np.nan, knees / np.where(near, 1.0, ankles))
    return ratio


def _aside(motion: RepMotion, seen: NormalisedRep) -> np.ndarray:
    shift: np.ndarray = (motion.middles["H"][:, 1] - motion.middles["A"][:, 1]) / motion.torso
    return -shift if seen.mirrored else shift


def _elbow_deg(motion: RepMotion, _: NormalisedRep) -> np.ndarray:
    """Return the angle of the more bent elbow."""
    elbows = motion.points[:, landmark.ELBOWS]
    up, down = motion.points[:, landmark.SHOULDERS] - elbows, motion.points[:, landmark.WRISTS] - elbows
    cosines = (up * down).sum(-1) / np.maximum(np.sqrt((up**2).sum(-1) * (down**2).sum(-1)), 1e-9)
    angles: np.ndarray = np.degrees(np.arccos(np.clip(cosines, -1, 1))).min(1)
    return angles


def _heels(motion: RepMotion, _: NormalisedRep) -> np.ndarray:
    heels = landmark.middle(motion.points, landmark.HEELS)[:, 2] - motion.middles["T"][:, 2]
    return heels / motion.torso


def _back(_: RepMotion, seen: NormalisedRep) -> np.ndarray:
    return np.full(len(seen.t_s), np.nan) if seen.back is None else sagitta(seen.back)


def _head(motion: RepMotion, _: NormalisedRep) -> np.ndarray:
    ahead: np.ndarray = (motion.points[:, 0, 0] - motion.middles["S"][:, 0]) / motion.torso
    return ahead


CURVE_KINDS: dict[str, CurveKind] = {
    "bar_height": CurveKind(words="height of the bar", take=_height("W"), unit="torso", least=0.03),
    "bar_speed": CurveKind(words="speed of the bar", take=_height("W"), unit="torso/s", least=0.1, rate=True),
    "bar_ahead": CurveKind(words="bar in front of the feet", take=_ahead("W", "F"), unit="torso", least=0.03),
    "hands_apart": CurveKind(words="left hand above the right", take=_hands, unit="torso", least=0.02),
    "hip_height": CurveKind(words="height of the hips", take=_height("H"), unit="torso", least=0.03),
    "hip_speed": CurveKind(words="speed of the hips", take=_height("H"), unit="torso/s", least=0.1, rate=True),
    "hips_aside": CurveKind(words="hips left of the feet", take=_aside, unit="torso", least=0.02),
    "shoulder_height": CurveKind(words="height of the shoulders", take=_height("S"), unit="torso", least=0.03),
    "trunk_lean": CurveKind(
        words="lean of the trunk", take=lambda motion, _: motion.trunk_lean_deg, unit="deg", least=2.0
    ),
    "hip_angle": CurveKind(
        words="angle of the hips", take=lambda motion, _: motion.hip_angle_deg, unit="deg", least=3.0
    ),
    "knee_angle": CurveKind(
        words="angle of the knees", take=lambda motion, _: motion.knee_angle_deg, unit="deg", least=3.0
    ),
    "knee_width": CurveKind(words="knees apart", take=_knee_width, unit="1", least=0.05),
    "knees_ahead": CurveKind(words="knees past the toes", take=_ahead("K", "T"), unit="torso", least=0.03),
    "elbow_angle": CurveKind(words="angle of the elbows", take=_elbow_deg, unit="deg", least=3.0),
    "heels": CurveKind(words="heels above the toes", take=_heels, unit="torso", least=0.02),
    "back": CurveKind(words="roundness of the back", take=_back, unit="torso", least=0.004),
    "head": CurveKind(words="head in front of the shoulders", take=_head, unit="torso", least=0.03),
}
OF_MEASURE: dict[str, str] = {
    "trunk_change_to_knee_pass_deg": "trunk_lean",
    "trunk_change_early_ascent_deg": "trunk_lean",
    "most_trunk_lean_deg": "trunk_lean",
    "rise_ratio_by_bar": "trunk_lean",
    "rise_ratio_by_hips": "trunk_lean",
    "top_hip_angle_deg": "hip_angle",
    "standing_hip_angle_deg": "hip_angle",
    "top_knee_angle_deg": "knee_angle",
    "lift_off_knee_angle_deg": "knee_angle",
    "bottom_knee_angle_deg": "knee_angle",
    "least_knee_angle_deg": "knee_angle",
    "drive_knee_angle_deg": "knee_angle",
    "bottom_hip_angle_deg": "hip_angle",
    "least_trunk_lean_deg": "trunk_lean",
    "top_elbow_angle_deg": "elbow_angle",
    "top_bar_offset": "bar_ahead",
    "lowered_bar_height": "bar_height",
    "bottom_hip_share": "hip_height",
    "front_knee_past_toes": "knees_ahead",
    "front_knee_inwards": "knee_width",
    "knee_width_over_lift": "knee_width",
    "knee_width_over_ascent": "knee_width",
    "bottom_hip_height": "hip_height",
    "bottom_hip_shift": "hips_aside",
    "knees_past_toes": "knees_ahead",
    "bar_offset": "bar_ahead",
    "bar_lost": "bar_height",
    "hand_height_difference": "hands_apart",
    "pull_elbow_angle_deg": "elbow_angle",
    "heel_rise_deadlift": "heels",
    "heel_rise_squat": "heels",
    "lowering_to_lifting_time": "bar_speed",
    "floor_acceleration": "bar_speed",
    "floor_pause_s": "bar_speed",
    "spectral_arc_length": "bar_speed",
    "log_dimensionless_jerk": "bar_speed",
    "dorsal_sagitta": "back",
    "pelvic_tuck": "back",
}
"""Measure of a fault → the kind of curve that shows it. Left out: the feet's place and the length of a step,
which no curve of a rep shows; the time of a descent, of which the exercise's own speed tells."""
TIMES = ("descent_time_s",)
_UPPER = ("shoulder_height", "trunk_lean")
OF_JOINT: dict[str, tuple[str, ...]] = {
    "nose": ("head", *_UPPER),
    "shoulder": _UPPER,
    "elbow": ("elbow_angle", *_UPPER),
    "hip": ("hip_height", "hips_aside", "hip_angle", "trunk_lean"),
    "knee": ("knee_width", "knee_angle", "knees_ahead"),
    "ankle": ("knee_width", "knee_angle", "knees_ahead"),
    "heel": ("heels", "knees_ahead"),
    "foot_index": ("heels", "knees_ahead"),
}
"""What can show the way of a joint, without its side; of the wrists what the exercise says."""
OF_HANDS: dict[Travel, tuple[str, ...]] = {
    "bar": ("bar_height", "bar_ahead", "hands_apart"),
    "raised_bar": ("bar_height", "bar_ahead", "hands_apart"),
    "lowered_bar": ("bar_height", "bar_ahead", "hands_apart"),
    "hips": ("hands_apart", *_UPPER),
}
"""Joint that stands for the bar, by FaultTable.travel: a squat's bar lies on the shoulders."""


def curve_kinds_of(rep: Rep, table: FaultTable) -> tuple[str, ...]:
    """Return the names of the CURVE_KINDS that can show what is reported of a rep: the first of its faults, else what
    contributes most to its score, else the rep as a whole."""
    of_exercise = "bar" if KINDS[table.travel].of_hands else "hip"
    # The fault of an old session may have gone from the table.
    known = table.faults.get(rep.faults[0].name) if rep.faults else None
    if known is not None:
        measures = [sign.measure for sign in known.signs]
        found = [f"{of_exercise}_speed" if name in TIMES else OF_MEASURE.get(name) for name in measures]
        shown = tuple(dict.fromkeys(name for name in found if name is not None))
        if shown:
            return shown
    if rep.why is None:
        return (f"{of_exercise}_height",)
    joint = rep.why.joints[0].removeprefix("left_").removeprefix("right_")
    return OF_HANDS[table.travel] if joint == "wrist" else OF_JOINT.get(joint, _UPPER)
