"""Puts faults, corrections and differences between reps into words.

A measure with a natural zero is stated together with the value of the lifter's good reps; a position is stated by its
deviation and direction. Misleading numbers, and numbers that are hard to picture, are left out. If the lifter's height
is unknown, a distance is computed for a lifter of typical height, and marked as an estimate.
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Correction, Label, Rep, RepDifference
from livecoach.core.types.message import Message, in_words, join_texts, quantity_words
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.motion import KINDS, Travel
from livecoach.decisions.rep.tempo import TORSO_OF_STATURE, TYPICAL_HEIGHT_CM
from livecoach.decisions.rep.view_normalised import JOINTS

THIGH_OF_STATURE = 0.237
SHOULDERS_OF_STATURE = 0.202
HIPS_OF_STATURE = 0.13
LEG_OF_STATURE = 0.482  # Lengths between BlazePose's joints as shares of the stature: means of the synthetic bodies
FINE_CM = 5.0  # Distance in centimetres below which a text states one decimal
MOST_DIGITS = 3  # Most decimals of a number
STRAIGHT_DEG = 180.0  # Angle of a straight joint
LEAST_WIDTH = 0.3  # Ratio of the knees' distance to the ankles' below which both are measured too poorly
LEAST_REF = 0.02  # Value below which "N times" is meaningless
LEAST_FACTOR, MOST_FACTOR = 2.0, 10.0
"""Range of factors that are worded as such: below, a percentage is easier to grasp; above, the number says no more."""


def fault_words(name: str, exercise: str | None) -> str:
    """Return the words for a fault, such as "hips rose first"; without known words, the fault's name in words."""
    known = faults_of(exercise or "").get(name)
    return in_words(name) if known is None else known.words


def fault_cue(name: str, exercise: str | None) -> str:
    """Return the cue of a fault, such as "chest up"; for an unknown fault or exercise, the fault's name in words."""
    known = faults_of(exercise or "").get(name)
    return in_words(name) if known is None else known.cue


def correction_words(correction: Correction, exercise: str | None) -> str:
    """Return a person's verdict on a rep in words, such as "no rep" or "bad (leant forward)".

    If the exercise is unknown (None), a fault is described by its name.
    """
    if correction.fault is None:
        return correction.label.replace("-", " ")
    return Message("bad ({text})", text=fault_words(correction.fault, exercise))


def reps_correction_words(count: int, label: Label | None) -> str:
    """Return the words for the effect of a correction of one or more reps, such as "8 reps are good".

    The label is None if a correction was undone.
    """
    match label:
        case "good":
            return quantity_words(count, "1 rep is good", "{n} reps are good")
        case "bad":
            return quantity_words(count, "1 rep is bad", "{n} reps are bad")
        case "no-rep":
            return quantity_words(count, "1 rep does not count", "{n} reps do not count")
    return quantity_words(count, "undone for 1 rep", "undone for {n} reps")


def common_label(reps: Iterable[Rep]) -> Label | None:
    """Return the label to which a person corrected all reps that count; None without such a label, or without reps."""
    labels = {None if rep.correction is None else rep.correction.label for rep in reps if rep.counts}
    return labels.pop() if len(labels) == 1 else None


class Comparison(NamedTuple):
    """The value of a measure in a rep, and its value in the reps with which the rep is compared."""

    value: float
    ref: float
    height_cm: float | None  # The lifter's stature; None if unknown
    is_guess: bool = False  # Whether both values are lengths that assume a typical height

    @property
    def change(self) -> float:
        """The value minus the reference."""
        return self.value - self.ref

    def mark_estimate(self, text: str) -> str:
        """Return a text, with "about" added if the height is a guess."""
        return Message("about {text}", text=text) if self.is_guess else text

    def in_cm(self, unit_per_stature: float) -> "Comparison":
        """Return the comparison in centimetres; if the height is unknown, for a typical height, and marked `is_guess`.

        Args:
            unit_per_stature: Length of the unit of both values, such as the torso, as a share of the stature.
        """
        is_guess = self.height_cm is None
        scale = unit_per_stature * (TYPICAL_HEIGHT_CM if self.height_cm is None else self.height_cm)
        return Comparison(scale * self.value, scale * self.ref, self.height_cm, is_guess)


ComparedReps = Literal["good", "other", "earlier"]
"""What is known of the lifter's reps with which a rep is compared. good: at least one is good; other: they are of the
rep's own set; earlier: they are of earlier sets or days."""
Style = Callable[[Comparison], str]  # Words a comparison, after the colon of an explanation; "" if no number helps


def explain_difference(
    words: str, measure: str, value: float, ref: float, *, reps: ComparedReps = "good", height_cm: float | None = None
) -> str:
    """Add numbers to words for the difference of a rep or set: "leant forward: 52°, your good reps 41°".

    The words stand alone if a value is unknown (NaN), or if numbers would not help.

    Args:
        value: Value of the measure in the rep, or the median in the set.
        ref: Value in the reps with which the rep or set is compared.
        reps: What is known of these reps.
    """
    if measure not in _STYLES or not (math.isfinite(value) and math.isfinite(ref)):
        return words
    unit_per_stature, style = _STYLES[measure]
    off = Comparison(value, ref, height_cm)
    compared = style(off if unit_per_stature is None else off.in_cm(unit_per_stature))
    if isinstance(compared, Message):
        # Each id of a comparison has translations with "other" and "earlier" in place of "good".
        compared = Message(compared.id.replace("good", reps), **compared.arguments)
    return join_texts(": ", words, compared)


def _yours(value: str, ref: str) -> Message:
    return Message("{text}, your good reps {text2}", text=value, text2=ref)


def _than(text: str) -> Message:
    return Message("{text} than in your good reps", text=text)


def _both_values(off: Comparison, digits: int, unit: str, of: str | None = None) -> Message:
    """Return both values with the fewest decimals that distinguish them; `of` is the id of the first number."""
    for places in range(digits, MOST_DIGITS + 1):
        value, ref = (f"{round(x, places) + 0.0:.{places}f}" for x in (off.value, off.ref))  # + 0.0: never "-0"
        if value != ref:
            break
    return _yours(off.mark_estimate(Message(of or unit, n=value)), Message(unit, n=ref))


def _angle(of: str | None = None) -> Style:
    """Return the style of an angle: both values, the reference at most 180°, as readers expect of a joint."""

    def style(off: Comparison) -> str:
        ref = min(off.ref, STRAIGHT_DEG) if off.value < STRAIGHT_DEG else off.ref
        return _both_values(off._replace(ref=ref), 0, "{n}°", of)

    return style


def _tipped(off: Comparison) -> str:
    """Return the angle by which the trunk tips forward while the hips rise. Below 0, the chest rises with the hips."""
    value, ref = round(off.value), round(off.ref)
    if value > 0 and ref >= 0:
        return _yours(Message("chest tipped {n}°", n=value), Message("{n}°", n=ref))
    chest = Message("chest {n}° down" if value > 0 else "chest {n}° up", n=abs(value))
    return _yours(chest, Message("{n}° down" if ref > 0 else "{n}° up", n=abs(ref)))


def _top_of_hips(off: Comparison) -> str:
    """Return the lean back beyond the reference, or the angle of hips that are bent more."""
    return _than(Message("{n}° farther", n=f"{off.change:.0f}")) if off.change > 0 else _angle("hips {n}°")(off)


def _bend(less: str, more: str) -> Style:
    return lambda off: _than(Message(less if off.change > 0 else more, n=f"{abs(off.change):.0f}"))


def _far(cm: Comparison) -> str:
    digits = 1 if abs(cm.change) < FINE_CM else 0
    return cm.mark_estimate(Message("{n} cm", n=f"{abs(cm.change):.{digits}f}"))


def _position(more: str, less: str) -> Style:
    """Return the style of a position: its deviation and direction, by the ids of a larger and a smaller position."""
    return lambda cm: _than(Message(more if cm.change > 0 else less, text=_far(cm)))


def _height_cm(off: Comparison) -> Message:
    higher, lower = "{text} higher", "{text} lower"
    return _than(Message(higher if off.change > 0 else lower, text=Message("{n} cm", n=f"{abs(off.change):.0f}")))


def _both_cm(cm: Comparison) -> Message:
    return _both_values(cm, 1 if max(cm.value, cm.ref) < FINE_CM else 0, "{n} cm")


def _length(more: str, less: str) -> Style:
    """Return the style of a length: both values, or the style of a position if zero lies between them."""
    place = _position(more, less)
    return lambda cm: place(cm) if min(cm.value, cm.ref) < 0 else _both_cm(cm)


def _sideways(elsewhere: Callable[..., Message]) -> Style:
    """Return the style of a sideways distance, which `elsewhere` words on the other side, or nearer to the middle."""

    def style(cm: Comparison) -> str:
        if cm.value * cm.ref < 0 or abs(cm.value) <= abs(cm.ref):
            return elsewhere(text=_far(cm))
        return _both_cm(cm._replace(value=abs(cm.value), ref=abs(cm.ref)))

    return style


def _percent(factor: float, more: tuple[str, str], less: tuple[str, str]) -> Message:
    """Word a factor as a percentage. `more` and `less` have two ids each: the second is for less than 1 %."""
    share, (of, under) = (factor - 1, more) if factor > 1 else (1 - factor, less)
    return _than(Message(of, n=f"{100 * share:.0f}") if share >= 0.01 else Message(under))


def _times(factor: float, of: str, over: str) -> Message:
    """Word a factor by the id `of`, or above MOST_FACTOR by the id `over`."""
    return Message(over, n=f"{MOST_FACTOR:.0f}") if factor > MOST_FACTOR else Message(of, n=f"{factor:.1f}")


def _width(off: Comparison) -> str:
    if min(off.value, off.ref) < LEAST_WIDTH:
        return ""
    wider, narrower = ("{n} % wider", "under 1 % wider"), ("{n} % narrower", "under 1 % narrower")
    return _percent(off.value / off.ref, wider, narrower)


def _hard(off: Comparison) -> str:
    if min(off.value, off.ref) < LEAST_REF:
        return _both_values(off.in_cm(TORSO_OF_STATURE / 100), 1, "{n} m/s²")
    factor = off.value / off.ref
    return _times(factor, "{n} times as hard as in your good reps", "over {n} times as hard as in your good reps")


def _smoothness(off: Comparison) -> str:
    """Compare the inverse of the spectral arc length, which is below 0; empty if it is too near 0 to be compared."""
    if max(off.value, off.ref) > -LEAST_REF:
        return ""
    more, less = ("{n} % more smooth", "under 1 % more smooth"), ("{n} % less smooth", "under 1 % less smooth")
    return _percent(off.ref / off.value, more, less)


def _jerk(off: Comparison) -> str:
    """Compare the jerk by the negative logarithm of its square."""
    factor = math.exp(min(-off.change, 2 * MOST_FACTOR) / 2)
    if factor >= LEAST_FACTOR:
        return _times(factor, "{n} times the jerk of your good reps", "over {n} times the jerk of your good reps")
    return _percent(factor, ("{n} % more jerk", "under 1 % more jerk"), ("{n} % less jerk", "under 1 % less jerk"))


def _share(of: str) -> Style:
    return lambda off: _both_values(Comparison(100 * off.value, 100 * off.ref, None), 0, "{n} %", of)


_TRUNK, _THIGH = TORSO_OF_STATURE, THIGH_OF_STATURE
_WORDED: tuple[tuple[float | None, Style, tuple[str, ...]], ...] = (
    (_TRUNK, _position("{text} rounder", "{text} flatter"), ("dorsal_sagitta", "pelvic_tuck")),
    (None, _tipped, ("trunk_change_to_knee_pass_deg", "trunk_change_early_ascent_deg")),
    (None, lambda _: "", ("rise_ratio_by_bar", "rise_ratio_by_hips", "stalling")),
    (None, _top_of_hips, ("top_hip_angle_deg", "standing_hip_angle_deg")),
    (None, _angle("knees {n}°"), ("top_knee_angle_deg", "lift_off_knee_angle_deg")),
    (
        None,
        _bend("knees bent {n}° less", "knees bent {n}° more"),
        ("bottom_knee_angle_deg", "least_knee_angle_deg", "drive_knee_angle_deg"),
    ),
    (None, _angle(), ("most_trunk_lean_deg",)),
    (None, lambda off: _both_values(off, 1 if max(off.value, off.ref) >= 0.5 else 2, "{n} s"), ("descent_time_s",)),
    (None, _bend("hips bent {n}° less", "hips bent {n}° more"), ("bottom_hip_angle_deg",)),
    (None, _bend("{n}° less far back", "{n}° farther back"), ("least_trunk_lean_deg",)),
    (None, _angle("elbows {n}°"), ("pull_elbow_angle_deg", "top_elbow_angle_deg")),
    (None, _width, ("knee_width_over_lift", "knee_width_over_ascent")),
    (_TRUNK, _position("{text} farther", "{text} nearer"), ("bar_offset",)),
    (_TRUNK, _position("{text} farther forward", "{text} farther back"), ("top_bar_offset",)),
    (_TRUNK, _position("{text} higher", "{text} lower"), ("lowered_bar_height",)),
    (None, _height_cm, ("plate_travel_cm", "plate_top_cm")),
    (_TRUNK, _length("{text} deeper", "{text} less deep"), ("bar_lost",)),
    (_TRUNK, _length("{text} higher", "{text} lower"), ("heel_rise_deadlift", "heel_rise_squat", "seen_heel_rise")),
    (_TRUNK, _length("{text} farther", "{text} less far"), ("ankle_displacement",)),
    (_THIGH, _position("hips {text} higher", "hips {text} lower"), ("bottom_hip_height",)),
    (LEG_OF_STATURE, _position("hips {text} higher", "hips {text} lower"), ("bottom_hip_share",)),
    (_THIGH, _position("{text} farther", "{text} farther back"), ("front_knee_past_toes", "knees_past_toes")),
    (_THIGH, _position("{text} farther in", "{text} farther out"), ("front_knee_inwards",)),
    (_TRUNK, _length("{text} longer", "{text} shorter"), ("step_length",)),
    (
        SHOULDERS_OF_STATURE,
        _sideways(lambda text: _than(Message("one hand {text} lower", text=text))),
        ("hand_height_difference",),
    ),
    (HIPS_OF_STATURE, _sideways(partial(Message, "{text} from where your good reps are")), ("bottom_hip_shift",)),
    (None, _share("{n} % of the pull's time"), ("lowering_to_lifting_ratio",)),
    (None, _share("knees {n} % open"), ("knee_opening_share",)),
    (None, _smoothness, ("spectral_arc_length",)),
    (None, _jerk, ("log_dimensionless_jerk",)),
    (None, _hard, ("floor_acceleration",)),
    (None, lambda off: _both_values(off, 2, "{n} s", "{n} s of rest"), ("floor_pause_s",)),
)
"""Rows of: the body length that is the unit of the measures, as a share of the stature, if their style has centimetres;
the style; and the measures."""
_STYLES = {measure: (of_stature, style) for of_stature, style, measures in _WORDED for measure in measures}


MOST_JOINTS = 3  # Most joints that are drawn
LEAST_SHARE = 0.5  # Least contribution of the second region that is named, as a share of the first. Our choice.
NEAR_S = 0.1  # Margin in seconds around lockout and bottom: they may be brief, and samples are about .2 s apart
PHASE_WORDS: dict[str, tuple[str, str, str]] = {
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
"""Phase → words for its first, second and last third."""
PULL = ("as the bar leaves the floor", "on the way up", "just before lockout")  # Words for lift_off without knee_pass
_CALLED = {"nose": "head", "wrist": "hand", "foot_index": "toes"}
_PARTS = {"elbow": "hand", "heel": "toes", "ankle": "toes"}  # Joints that need no mention beside others of their limb
_PAIRS = {"hand": "hands", "foot": "feet", "toes": "toes"}


Spans = dict[str, tuple[float, float]]  # Phase, named as in the table of faults → first and last time, in order


def phase_spans(travel: Travel, known_s: Mapping[str, float], start_s: float, turn_s: float, end_s: float) -> Spans:
    """Return the first and the last time in seconds of each phase that a rep of an exercise with this travel has.

    Args:
        known_s: Known beginnings of phases, from `MeasuredRep.phase_starts_s`. Other phases begin near the start or the
            turn of the rep, except "knee_pass", which is left out.
    """
    if KINDS[travel].up_first:
        rise, top = ("lift_off", "lockout") if travel == "bar" else ("raising", "top")
        begins = {
            "setup": start_s - NEAR_S,
            rise: known_s.get("lift_off", start_s),
            **({"knee_pass": known_s["knee_pass"]} if travel == "bar" and "knee_pass" in known_s else {}),
            top: known_s.get("lockout", turn_s) - NEAR_S,
            "lowering": known_s.get("lowering", turn_s) + NEAR_S,
        }
    else:
        begins = {
            "descent": start_s,
            "bottom": min(known_s.get("floor", turn_s), turn_s) - NEAR_S,
            "ascent": max(known_s.get("ascent", turn_s), turn_s) + NEAR_S,
        }
    times = [*np.maximum.accumulate(list(begins.values())).tolist(), max(end_s, *begins.values())]
    return dict(zip(begins, pairwise(times), strict=True))


def find_difference(rep: MeasuredRep, contributions: np.ndarray) -> RepDifference | None:
    """Find the joints and the phase in which a rep differs most from its reference; return None without a difference.

    Args:
        contributions: (2 * MOMENTS, len(JOINTS)) contributions of moments and joints to the score, ≥ 0.
    """
    times = rep.window.start_s, rep.window.turn_s, rep.window.end_s
    joints = tuple(landmark.OTHER_SIDE[i] for i in JOINTS) if rep.mirrored else JOINTS  # left and right as they are
    return largest_contribution(
        contributions, joints, rep.moments_s, phase_spans(rep.table.travel, rep.phase_starts_s, *times)
    )


def largest_contribution(
    parts: np.ndarray, joints: Sequence[int], moments_s: np.ndarray, spans: Spans
) -> RepDifference | None:
    """Find the joints, up to MOST_JOINTS, and the moment that contribute most to a score; None without a contribution.

    Args:
        parts: (n, J) contributions of n moments and J landmarks to the score, not below 0.
        joints: (J,) indices of the landmarks.
        spans: Times of the phases, from `phase_spans`.
    """
    if not parts.sum() > 0:
        return None
    of_joints = parts.sum(0)
    worst = np.argsort(-of_joints, kind="stable")[:MOST_JOINTS]
    clear = int((of_joints[worst] >= LEAST_SHARE * of_joints[worst[0]]).sum())
    of_worst = parts[:, worst].sum(1)
    starts = np.array([*spans.values()])[:, 0]
    belongs = np.clip(np.searchsorted(starts, moments_s, side="right") - 1, 0, len(spans) - 1)
    most = int(np.argmax(np.bincount(belongs, of_worst, minlength=len(spans))))
    at_s = float(moments_s[np.argmax(np.where(belongs == most, of_worst, -1.0))])
    names = tuple(landmark.NAMES[joints[i]] for i in worst)
    phase, (start_s, end_s) = [*spans.items()][most]
    thirds = PULL if phase == "lift_off" and "knee_pass" not in spans else PHASE_WORDS[phase]
    share = (at_s - start_s) / max(end_s - start_s, 1e-6)
    third = min(max(int(3 * share), 0), 2)
    text = join_texts(", ", joint_words(names, clear), thirds[third])
    return RepDifference(joints=names, phase=phase, at_s=at_s, text=text)


def joint_words(names: Sequence[str], clear: int = MOST_JOINTS) -> str:
    """Return everyday words for up to two regions of landmarks: "left knee and head", or "knees" for both sides.

    Args:
        names: Names of landmarks, the most important first.
        clear: Number of landmarks whose regions are named. Later landmarks only make a region plural.
    """
    called = [_called(name) for name in names]
    words: dict[str, str] = {}  # Part of the body → words for its most important joint
    for side, name in called[:clear]:
        is_pair = ("right" if side == "left" else "left", name) in called
        words.setdefault(_PARTS.get(name, name), _PAIRS.get(name, f"{name}s") if is_pair else f"{side} {name}".strip())
    first, other = [*words.values(), ""][:2]
    return Message("{text} and {text2}", text=first, text2=other) if other else first


def _called(landmark_name: str) -> tuple[str, str]:
    side, _, name = landmark_name.partition("_") if "_" in landmark_name else ("", "", landmark_name)
    return side, _CALLED.get(name, name)
