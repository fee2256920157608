"""A verdict in words: which joints deviated and when, in which direction a fault went, and by how much.

Angles are in degrees, times in seconds, distances in centimetres, ratios in percent. A measure with a natural zero (a
dip, a rise, a tilt, an angle) is given beside the lifter's good reps; a mere position (how high the hips are over the
knees) by how far it is off, and in which direction. Where a number would mislead there is none: a ratio over next to
nothing, or one that nobody can picture.

Nobody thinks in torso lengths, so while the lifter's height is not known a distance is given for a lifter of average
height and marked as an estimate: "about 6 cm".
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from livecoach import landmark
from livecoach.rep.phases import KINDS, Travel
from livecoach.rep.tempo import TORSO_OF_STATURE, TYPICAL_HEIGHT_CM
from livecoach.types import Why

THIGH_OF_STATURE = 0.237
SHOULDERS_OF_STATURE = 0.202
HIPS_OF_STATURE = 0.13
LEG_OF_STATURE = 0.482
"""Lengths between BlazePose's joints over stature: means of the 64 synthetic bodies, standard deviations .007, .014,
.009 and .007: an error of a tenth at most is small enough for an explanation."""
FINE_CM = 5.0
"""Distances below which half centimetres count."""
MOST_DIGITS = 3
STRAIGHT_DEG = 180.0
LEAST_WIDTH = 0.3
"""Distance of the knees over that of the ankles below which neither is seen well enough for a percentage."""
LEAST_REF = 0.02
"""Values below which "N times" says nothing: two times nearly nothing."""
LEAST_FACTOR, MOST_FACTOR = 2.0, 10.0
"""Range in which a factor is given as one: below it a percentage is easier to grasp, above it the number says no
more."""
YOURS, THAN = "your good reps", "than in your good reps"


@dataclass(frozen=True, slots=True)
class Comparison:
    """A value, and that of the lifter's good reps."""

    value: float
    ref: float
    height_cm: float | None

    @property
    def change(self) -> float:
        """The difference; above 0 where the value is above its reference."""
        return self.value - self.ref

    @property
    def about(self) -> str:
        """Word before a distance that is an estimate."""
        return "about " if self.height_cm is None else ""

    def in_cm(self, of_stature: float) -> "Comparison":
        """Return value and reference in centimetres. of_stature: the body length that is their unit, over stature."""
        scale = of_stature * (TYPICAL_HEIGHT_CM if self.height_cm is None else self.height_cm)
        return Comparison(scale * self.value, scale * self.ref, self.height_cm)


Style = Callable[[Comparison], str]
"""A function from value and reference to the words behind the colon of an explanation; empty: no number helps."""


def explain(words: str, measure: str, value: float, ref: float, unit: str, *, height_cm: float | None = None) -> str:
    """Return a line like "leant forward: 52°, your good reps 41°", of at most 60 characters for most faults.

    words: what the rep showed (`Fault.words`). measure, unit: as in livecoach.rep.measures.registry; one that is not
    listed here is worded by its unit. value, ref: in `unit`; where one is NaN the words stand alone. height_cm: the
    lifter's stature.
    """
    if not (math.isfinite(value) and math.isfinite(ref)):
        return words
    style = _STYLES.get(measure) or _BY_UNIT.get(unit, _plain(f" {unit}"))
    number = style(Comparison(value, ref, height_cm))
    return f"{words}: {number}" if number else words


def _beside(off: Comparison, digits: int, unit: str, before: str = "", of: str = "") -> str:
    """Give both numbers with the fewest digits that distinguish them. before: goes first; of: follows the first one."""
    for places in range(digits, MOST_DIGITS + 1):
        value, ref = (f"{round(x, places) + 0.0:.{places}f}" for x in (off.value, off.ref))  # + 0.0: never "-0"
        if value != ref:
            break
    return f"{before}{value}{unit}{of}, {YOURS} {ref}{unit}"


def _plain(unit: str) -> Style:
    return lambda off: _beside(off, 2, unit)


def _nothing(_: Comparison) -> str:
    return ""


def _angle(joint: str = "") -> Style:
    """Word a joint's angle; at most 180°, because 182° means nothing to a reader."""

    def style(off: Comparison) -> str:
        ref = min(off.ref, STRAIGHT_DEG) if off.value < STRAIGHT_DEG else off.ref
        return _beside(Comparison(off.value, ref, off.height_cm), 0, "°", f"{joint} " if joint else "")

    return style


def _tipped(off: Comparison) -> str:
    """Word how far the trunk tips forward while the hips rise; below 0 the chest rises with them."""
    value, ref = round(off.value), round(off.ref)
    if value > 0 and ref >= 0:
        return f"chest tipped {value}°, {YOURS} {ref}°"
    return f"chest {_down(value)}, {YOURS} {_down(ref)}"


def _down(angle_deg: int) -> str:
    return f"{abs(angle_deg)}° {'down' if angle_deg > 0 else 'up'}"


def _top_of_hips(off: Comparison) -> str:
    """Word the hips' angle at the top: past the reference the lifter leans back, short of it the hips are still
    bent."""
    return f"{off.change:.0f}° farther {THAN}" if off.change > 0 else _angle("hips")(off)


def _bend(joints: str) -> Style:
    """Word by how much more or less joints are bent."""
    return lambda off: f"{joints} bent {abs(off.change):.0f}° {'less' if off.change > 0 else 'more'} {THAN}"


def _leant_back(off: Comparison) -> str:
    """Word the lean of a trunk, which is below 0 where it leans back."""
    return f"{abs(off.change):.0f}° {'farther back' if off.change < 0 else 'less far back'} {THAN}"


def _far(cm: float, off: Comparison) -> str:
    return f"{off.about}{abs(cm):.{1 if abs(cm) < FINE_CM else 0}f} cm"


def _acceleration(off: Comparison) -> str:
    """Word an acceleration, which is measured in torso lengths."""
    return _beside(off.in_cm(TORSO_OF_STATURE / 100), 1, " m/s²", off.about)


def _place(of_stature: float, more: str, less: str, part: str = "") -> Style:
    """Word by how far a position is off, and in which direction. of_stature: its unit, over stature."""

    def style(off: Comparison) -> str:
        cm = off.in_cm(of_stature)
        return f"{part}{_far(cm.change, cm)} {more if cm.change > 0 else less} {THAN}"

    return style


def _length(of_stature: float, more: str = "more", less: str = "less") -> Style:
    """Word a length beside its reference; as a position where the two lie on different sides of zero."""

    def style(off: Comparison) -> str:
        cm = off.in_cm(of_stature)
        if min(cm.value, cm.ref) < 0:
            return _place(of_stature, more, less)(off)
        return _beside(cm, 1 if max(cm.value, cm.ref) < FINE_CM else 0, " cm", cm.about)

    return style


def _sideways(of_stature: float, elsewhere: Callable[[str], str]) -> Style:
    """Word a deviation to a side; a mirrored view does not tell to which.

    elsewhere: the words where it is on the other side, or nearer to the middle, than the reference, by how far.
    """

    def style(off: Comparison) -> str:
        cm = off.in_cm(of_stature)
        if cm.value * cm.ref < 0 or abs(cm.value) <= abs(cm.ref):
            return elsewhere(_far(cm.change, cm))
        return _length(of_stature)(Comparison(abs(off.value), abs(off.ref), off.height_cm))

    return style


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _factor(factor: float) -> str:
    return f"over {MOST_FACTOR:.0f} times" if factor > MOST_FACTOR else f"{factor:.1f} times"


def _ratio(off: Comparison) -> str:
    """Word by how much more or less it is than the reference; both numbers where one is next to nothing."""
    if min(off.value, off.ref) < LEAST_REF:
        return _beside(off, 2, "")
    factor = off.value / off.ref
    if factor >= LEAST_FACTOR:
        return f"{_factor(factor)} {YOURS}"
    return f"{_percent(abs(factor - 1))} {'more' if factor > 1 else 'less'} {THAN}"


def _width(off: Comparison) -> str:
    """Word how far apart the knees are, which are narrower or wider than their reference."""
    if min(off.value, off.ref) < LEAST_WIDTH:
        return ""
    factor = off.value / off.ref
    return f"{_percent(abs(factor - 1))} {'narrower' if factor < 1 else 'wider'} {THAN}"


def _of_pull(off: Comparison) -> str:
    """Word a lowering in shares of the pull's time."""
    return _beside(Comparison(100 * off.value, 100 * off.ref, None), 0, " %", of=" of the pull's time")


def _hard(off: Comparison) -> str:
    """Word how hard the bar is thrown up off the floor."""
    if min(off.value, off.ref) < LEAST_REF:
        return _acceleration(off)
    return f"{_factor(off.value / off.ref)} as hard as in your good reps"


def _smoothness(off: Comparison) -> str:
    """Word smoothness by the spectral arc length, which is below 0 and longer the less smooth: its inverse is
    smoothness."""
    if max(off.value, off.ref) > -LEAST_REF:
        return ""
    share = off.ref / off.value
    return f"{_percent(abs(1 - share))} {'less' if share < 1 else 'more'} smooth {THAN}"


def _jerk(off: Comparison) -> str:
    """Word smoothness by the negative logarithm of squared jerk."""
    factor = math.exp(min(-off.change, 2 * MOST_FACTOR) / 2)
    if factor >= LEAST_FACTOR:
        return f"{_factor(factor)} the jerk of your good reps"
    return f"{_percent(abs(factor - 1))} {'more' if factor > 1 else 'less'} jerk {THAN}"


def _time(off: Comparison) -> str:
    return _beside(off, 1 if max(off.value, off.ref) >= 0.5 else 2, " s")


_BY_UNIT: dict[str, Style] = {
    "deg": _angle(),
    "s": _time,
    "torso": _length(TORSO_OF_STATURE),
    "1": _ratio,
    "torso/s²": _acceleration,
}
_STYLES: dict[str, Style] = {
    "dorsal_sagitta": _place(TORSO_OF_STATURE, "rounder", "flatter"),
    "pelvic_tuck": _place(TORSO_OF_STATURE, "rounder", "flatter"),
    "trunk_change_to_knee_pass_deg": _tipped,
    "trunk_change_early_ascent_deg": _tipped,
    "rise_ratio_by_bar": _nothing,
    "rise_ratio_by_hips": _nothing,
    "top_hip_angle_deg": _top_of_hips,
    "standing_hip_angle_deg": _top_of_hips,
    "top_knee_angle_deg": _angle("knees"),
    "lift_off_knee_angle_deg": _angle("knees"),
    "bottom_knee_angle_deg": _bend("knees"),
    "least_knee_angle_deg": _bend("knees"),
    "drive_knee_angle_deg": _bend("knees"),
    "bottom_hip_angle_deg": _bend("hips"),
    "least_trunk_lean_deg": _leant_back,
    "pull_elbow_angle_deg": _angle("elbows"),
    "top_elbow_angle_deg": _angle("elbows"),
    "knee_width_over_lift": _width,
    "knee_width_over_ascent": _width,
    "bar_offset": _place(TORSO_OF_STATURE, "farther", "nearer"),
    "top_bar_offset": _place(TORSO_OF_STATURE, "farther forward", "farther back"),
    "lowered_bar_height": _place(TORSO_OF_STATURE, "higher", "lower"),
    "bar_lost": _length(TORSO_OF_STATURE, "deeper", "less deep"),
    "heel_rise_deadlift": _length(TORSO_OF_STATURE, "higher", "lower"),
    "heel_rise_squat": _length(TORSO_OF_STATURE, "higher", "lower"),
    "ankle_displacement": _length(TORSO_OF_STATURE, "farther", "less far"),
    "bottom_hip_height": _place(THIGH_OF_STATURE, "higher", "lower", "hips "),
    "bottom_hip_share": _place(LEG_OF_STATURE, "higher", "lower", "hips "),
    "front_knee_past_toes": _place(THIGH_OF_STATURE, "farther", "farther back"),
    "front_knee_inwards": _place(THIGH_OF_STATURE, "farther in", "farther out"),
    "step_length": _length(TORSO_OF_STATURE, "longer", "shorter"),
    "knees_past_toes": _place(THIGH_OF_STATURE, "farther", "farther back"),
    "hand_height_difference": _sideways(SHOULDERS_OF_STATURE, lambda far: f"one hand {far} lower {THAN}"),
    "bottom_hip_shift": _sideways(HIPS_OF_STATURE, lambda far: f"{far} from where your good reps are"),
    "lowering_to_lifting_time": _of_pull,
    "spectral_arc_length": _smoothness,
    "log_dimensionless_jerk": _jerk,
    "floor_acceleration": _hard,
    "floor_pause_s": lambda off: _beside(off, 2, " s", of=" of rest"),
}
"""Measures that are not worded by their unit alone."""


MOST_JOINTS = 3
NEAR_S = 0.1
"""Time around lockout and bottom that counts as them, because they may be a moment only and samples are about .2 s
apart."""
WORDS: dict[str, tuple[str, str, str]] = {
    "setup": ("before the bar moves",) * 3,
    "lift_off": ("as the bar leaves the floor", "with the bar below the knees", "with the bar just below the knees"),
    "knee_pass": ("as the bar passes the knees", "with the bar above the knees", "just before lockout"),
    "lockout": ("at lockout",) * 3,
    "lowering": ("just after lockout", "on the way down", "as the bar comes down"),
    "descent": ("early on the way down", "on the way down", "just before the bottom"),
    "bottom": ("at the bottom",) * 3,
    "ascent": ("just after the bottom", "on the way up", "near the top"),
    "raising": ("as the bar starts up", "on the way up", "near the top"),
    "top": ("at the top",) * 3,
}
"""Phase → the names of its first, second and last third."""
PULL = ("as the bar leaves the floor", "on the way up", "just before lockout")
"""The same for `lift_off` where the time at which the bar passes the knees is not known."""
_CALLED = {"nose": "head", "wrist": "hand", "foot_index": "toes"}
_PAIRS = {"hand": "hands", "foot": "feet", "toes": "toes"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """A part of a rep."""

    name: str
    """Name, as in the table of faults."""
    start_s: float
    end_s: float
    words: tuple[str, str, str]
    """Names of its thirds."""


def phases(
    travel: Travel, known_s: Mapping[str, float], start_s: float, turn_s: float, end_s: float
) -> tuple[Phase, ...]:
    """Return the phases of a rep in their order. travel: as FaultTable's.

    known_s: when they begin (RepFeatures.moments_s); what is missing is put at start and turn, the knees' pass left
    out.
    """
    if travel == "bar":
        passes = {"knee_pass": known_s["knee_pass"]} if "knee_pass" in known_s else {}
        begins = {
            "setup": start_s - NEAR_S,
            "lift_off": known_s.get("lift_off", start_s),
            **passes,
            "lockout": known_s.get("lockout", turn_s) - NEAR_S,
            "lowering": known_s.get("lowering", turn_s) + NEAR_S,
        }
    elif KINDS[travel].up_first:
        begins = {
            "setup": start_s - NEAR_S,
            "raising": known_s.get("lift_off", start_s),
            "top": known_s.get("lockout", turn_s) - NEAR_S,
            "lowering": known_s.get("lowering", turn_s) + NEAR_S,
        }
    else:
        begins = {
            "descent": start_s,
            "bottom": min(known_s.get("floor", turn_s), turn_s) - NEAR_S,
            "ascent": max(known_s.get("ascent", turn_s), turn_s) + NEAR_S,
        }
    times = [*np.maximum.accumulate(list(begins.values())).tolist(), max(end_s, *begins.values())]
    return tuple(
        Phase(
            name=name,
            start_s=times[i],
            end_s=times[i + 1],
            words=PULL if name == "lift_off" and "knee_pass" not in begins else WORDS[name],
        )
        for i, name in enumerate(begins)
    )


def why(shares: np.ndarray, joints: Sequence[int], moments_s: np.ndarray, parts: Sequence[Phase]) -> Why | None:
    """Return the joints that contribute most to a score, and where in the rep; None where nothing contributes.

    shares: (n, J) not below 0; joints: the J landmarks that they are of; moments_s: (n,) when; parts: `phases`.
    """
    if not shares.sum() > 0:
        return None
    worst = np.argsort(-shares.sum(0), kind="stable")[:MOST_JOINTS]
    of_worst = shares[:, worst].sum(1)
    starts = np.array([phase.start_s for phase in parts])
    belongs = np.clip(np.searchsorted(starts, moments_s, side="right") - 1, 0, len(parts) - 1)
    most = int(np.argmax(np.bincount(belongs, of_worst, minlength=len(parts))))
    at_s = float(moments_s[np.argmax(np.where(belongs == most, of_worst, -1.0))])
    names = tuple(landmark.NAMES[joints[i]] for i in worst)
    text = f"{joint_words(names)}, {_when(parts[most], at_s)}"
    return Why(joints=names, phase=parts[most].name, at_s=at_s, text=text)


def joint_words(names: Sequence[str]) -> str:
    """Name the first of some landmarks as people do; both sides together where the other one is there too."""
    side, name = _called(names[0])
    both = side and any(_called(other) == ("right" if side == "left" else "left", name) for other in names[1:])
    if both:
        return _PAIRS.get(name, f"{name}s")
    return f"{side} {name}".strip()


def _called(landmark_name: str) -> tuple[str, str]:
    """Split "left_wrist" into left and hand; the side is empty for the head."""
    side, _, name = landmark_name.partition("_") if "_" in landmark_name else ("", "", landmark_name)
    return side, _CALLED.get(name, name)


def _when(phase: Phase, at_s: float) -> str:
    share = (at_s - phase.start_s) / max(phase.end_s - phase.start_s, 1e-6)
    return phase.words[min(max(int(3 * share), 0), 2)]
