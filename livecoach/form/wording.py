"""A fault in words: what it was against what it should be, in units as people use them.

Angles in degrees, times in seconds, distances in centimetres where the lifter's height is known. Without it nobody can
think in torso lengths, so a distance is told by how many times one's own it is, or as more or less; so are ratios.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from livecoach.form.pace import TORSO_OF_STATURE

THIGH_OF_STATURE = 0.237
SHOULDERS_OF_STATURE = 0.202
HIPS_OF_STATURE = 0.13
"""Lengths between BlazePose's joints over stature: means of the 64 synthetic bodies, standard deviations .007, .014 and
.009: a tenth off at the most is near enough for a word on a fault."""
LEAST_REF = 0.02
"""Usual values under which "how many times" says nothing: two times nearly nothing."""
LEAST_FACTOR = 1.2
STRAIGHT_DEG = 180.0
FINE_CM = 5.0
"""Distances under which half centimetres count."""


@dataclass(frozen=True, slots=True)
class _Against:
    """What the value is set against, and how it is called."""

    ref: float
    own: bool

    @property
    def name(self) -> str:
        return "yours" if self.own else "usual"

    @property
    def of(self) -> str:
        """After "than" or "times"."""
        return "yours" if self.own else "the usual"


_Style = Callable[[float, _Against, float | None], str]
"""Value, against what, stature in cm → the words behind the colon."""


def explain(
    words: str,
    measure: str,
    value: float,
    ref: float,
    unit: str,
    *,
    height_cm: float | None = None,
    own: bool = True,
) -> str:
    """A line like "hips rose first: +11°, yours +2°", for most faults of less than 45 characters.

    words: what the rep showed (`Fault.words`). measure, unit: as in livecoach.form.measures.registry; one that is not
    known here is told by its unit. value, ref: in `unit`; where one is NaN the words stand alone. height_cm: the
    lifter's stature. own: ref is the lifter's own, else the population's.
    """
    if not (math.isfinite(value) and math.isfinite(ref)):
        return words
    style = _STYLES.get(measure) or _BY_UNIT.get(unit, _more_or_less)
    return f"{words}: {style(value, _Against(ref, own), height_cm)}"


def _angle(value: float, against: _Against, _: float | None) -> str:
    """A joint that is bent is set against straight at the most: 182° says nothing to anybody."""
    ref = min(against.ref, STRAIGHT_DEG) if value < STRAIGHT_DEG else against.ref
    return f"{value:.0f}°, {against.name} {ref:.0f}°"


def _change(value: float, against: _Against, _: float | None) -> str:
    return f"{_signed(value)}°, {against.name} {_signed(against.ref)}°"


def _signed(value: float) -> str:
    return f"{round(value):+d}" if round(value) else "0"


def _time(value: float, against: _Against, _: float | None) -> str:
    digits = 1 if max(value, against.ref) >= 0.5 else 2
    return f"{value:.{digits}f} s, {against.name} {against.ref:.{digits}f} s"


def _rise(value: float, against: _Against, _: float | None) -> str:
    return f"{value:.1f} times the chest, {against.name} {against.ref:.1f}"


def _times(value: float, against: _Against, _: float | None = None) -> str:
    """How many times the usual, a share less than it, or just more: where the usual is next to nothing."""
    if against.ref < LEAST_REF or value <= 0:
        return _more_or_less(value, against)
    factor = value / against.ref
    if factor >= LEAST_FACTOR:
        return f"{factor:.1f} times {against.of}"
    return f"{1 - factor:.0%} less than {against.of}" if factor < 1 else _more_or_less(value, against)


def _narrower(value: float, against: _Against, _: float | None) -> str:
    return f"{1 - value / against.ref:.0%} narrower than {against.of}"


def _faster(value: float, against: _Against, _: float | None) -> str:
    return f"{against.ref / value:.1f} times as fast as {against.of}"


def _less_smooth(_value: float, against: _Against, _: float | None) -> str:
    return f"less smooth than {against.of}"


def _more_or_less(value: float, against: _Against, _: float | None = None) -> str:
    return f"{'more' if value > against.ref else 'less'} than {against.of}"


def _aside(value: float, against: _Against, _: float | None = None) -> str:
    """Off to a side, of which a mirrored view does not tell which: a smaller value is on the other one."""
    return f"more than {against.of}" if abs(value) > abs(against.ref) else f"to the other side than {against.of}"


def _length(of_stature: float, unknown: _Style = _times) -> _Style:
    """Distances in a body length that is this share of the stature. unknown: how they are told without that; nought of
    a height over the knee, or past the toes, is but a place: how many times the usual it is says nothing.
    """

    def style(value: float, against: _Against, height_cm: float | None) -> str:
        if height_cm is None:
            return unknown(value, against, None)
        cm, usual_cm = (of_stature * height_cm * x for x in (value, against.ref))
        digits = 1 if max(abs(cm), abs(usual_cm)) < FINE_CM else 0
        if min(cm, usual_cm) < 0:  # on the other side of where it is counted from
            return f"{abs(cm - usual_cm):.{digits}f} cm {'more' if cm > usual_cm else 'less'} than {against.of}"
        return f"{cm:.{digits}f} cm, {against.name} {usual_cm:.{digits}f} cm"

    return style


_BY_UNIT: dict[str, _Style] = {"deg": _angle, "s": _time, "torso": _length(TORSO_OF_STATURE), "1": _times}
_STYLES: dict[str, _Style] = {
    "trunk_change_to_knee_pass_deg": _change,
    "trunk_change_early_ascent_deg": _change,
    "rise_ratio_by_bar": _rise,
    "rise_ratio_by_hips": _rise,
    "knee_width_over_lift": _narrower,
    "knee_width_over_ascent": _narrower,
    "hand_height_difference": _length(SHOULDERS_OF_STATURE, _aside),
    "bottom_hip_height": _length(THIGH_OF_STATURE, _more_or_less),
    "knees_past_toes": _length(THIGH_OF_STATURE, _more_or_less),
    "bottom_hip_shift": _length(HIPS_OF_STATURE, _aside),
    "lowering_to_lifting_time": _faster,
    "spectral_arc_length": _less_smooth,
    "log_dimensionless_jerk": _less_smooth,
    "floor_acceleration": _times,
}
"""Measures that are not told by their unit alone."""
