"""Words for lengths and positions that deviate, in centimetres.

Nobody thinks in torso lengths, so while the lifter's height is not known a distance is given for a lifter of average
height and marked as an estimate: "about 6 cm".
"""

from collections.abc import Callable

from livecoach.judging.deviation import Deviation, Style, beside
from livecoach.rep.tempo import TORSO_OF_STATURE

THIGH_OF_STATURE = 0.237
SHOULDERS_OF_STATURE = 0.202
HIPS_OF_STATURE = 0.13
LEG_OF_STATURE = 0.482
"""Lengths between BlazePose's joints over stature: means of the 64 synthetic bodies, standard deviations .007, .014,
.009 and .007: an error of a tenth at most is small enough for an explanation."""
FINE_CM = 5.0
"""Distances below which half centimetres count."""


def _far(cm: float, off: Deviation) -> str:
    return f"{off.about}{abs(cm):.{1 if abs(cm) < FINE_CM else 0}f} cm"


def acceleration(off: Deviation) -> str:
    """Word an acceleration, which is measured in torso lengths."""
    metres = off.in_cm(TORSO_OF_STATURE / 100)
    return beside(metres, 1, " m/s²", off.about)


def place(of_stature: float, more: str, less: str, part: str = "") -> Style:
    """Word by how far a position is off, and in which direction. of_stature: its unit, over stature."""

    def style(off: Deviation) -> str:
        cm = off.in_cm(of_stature)
        return f"{part}{_far(cm.change, cm)} {more if cm.change > 0 else less} {cm.than}"

    return style


def length(of_stature: float, more: str = "more", less: str = "less") -> Style:
    """Word a length beside its reference; as a position where the two lie on different sides of zero."""

    def style(off: Deviation) -> str:
        cm = off.in_cm(of_stature)
        if min(cm.value, cm.ref) < 0:
            return place(of_stature, more, less)(off)
        return beside(cm, 1 if max(cm.value, cm.ref) < FINE_CM else 0, " cm", cm.about)

    return style


def sideways(of_stature: float, elsewhere: Callable[[str, bool], str]) -> Style:
    """Word a deviation to a side; a mirrored view does not tell to which.

    elsewhere: the words where it is on the other side, or nearer to the middle, than the reference, by how far and
    whether that is the lifter's own.
    """

    def style(off: Deviation) -> str:
        cm = off.in_cm(of_stature)
        if cm.value * cm.ref < 0 or abs(cm.value) <= abs(cm.ref):
            return elsewhere(_far(cm.change, cm), cm.own)
        return length(of_stature)(Deviation(abs(off.value), abs(off.ref), off.own, off.height_cm))

    return style


def one_hand(how_far: str, own: bool) -> str:
    """Word a hand that is lower than the other, for `sideways`."""
    return f"one hand {how_far} lower {'than in your good reps' if own else 'than usual'}"


def from_where(how_far: str, own: bool) -> str:
    """Word a place that is to the side, for `sideways`."""
    return f"{how_far} from where {'your good reps are' if own else 'is usual'}"
