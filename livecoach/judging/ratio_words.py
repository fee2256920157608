"""Words for ratios that deviate: percentages, or "N times" where both values are well away from zero."""

import math

from livecoach.judging.deviation import Deviation, beside
from livecoach.judging.length_words import acceleration

LEAST_REF = 0.02
"""Values below which "N times" says nothing: two times nearly nothing."""
LEAST_FACTOR, MOST_FACTOR = 2.0, 10.0
"""Range in which a factor is given as one: below it a percentage is easier to grasp, above it the number says no
more."""


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.01 else "under 1 %"


def _factor(factor: float) -> str:
    return f"over {MOST_FACTOR:.0f} times" if factor > MOST_FACTOR else f"{factor:.1f} times"


def _told_as_ratio(off: Deviation) -> bool:
    return min(off.value, off.ref) >= LEAST_REF


def ratio(off: Deviation) -> str:
    """Word by how much more or less it is than the reference; both numbers where one is next to nothing."""
    if not _told_as_ratio(off):
        return beside(off, 2, "")
    factor = off.value / off.ref
    if factor >= LEAST_FACTOR:
        return f"{_factor(factor)} {'your good reps' if off.own else 'the usual'}"
    return f"{_percent(abs(factor - 1))} {'more' if factor > 1 else 'less'} {off.than}"


def width(off: Deviation) -> str:
    """Word how far apart the knees are, which are narrower or wider than their reference."""
    if not _told_as_ratio(off):
        return beside(off, 2, " of the ankles' width")
    factor = off.value / off.ref
    return f"{_percent(abs(factor - 1))} {'narrower' if factor < 1 else 'wider'} {off.than}"


def of_pull(off: Deviation) -> str:
    """Word a lowering in shares of the pull's time."""
    return beside(Deviation(100 * off.value, 100 * off.ref, off.own, None), 0, " %", of=" of the pull's time")


def hard(off: Deviation) -> str:
    """Word how hard the bar is thrown up off the floor."""
    if not _told_as_ratio(off):
        return acceleration(off)
    return f"{_factor(off.value / off.ref)} as hard {'as in your good reps' if off.own else 'as usual'}"


def smoothness(off: Deviation) -> str:
    """Word smoothness by the spectral arc length, which is below 0 and longer the less smooth: its inverse is
    smoothness."""
    if max(off.value, off.ref) > -LEAST_REF:
        return beside(off, 2, "", "smoothness ")
    share = off.ref / off.value
    return f"{_percent(abs(1 - share))} {'less' if share < 1 else 'more'} smooth {off.than}"


def jerk(off: Deviation) -> str:
    """Word smoothness by the negative logarithm of squared jerk."""
    factor = math.exp(min(-off.change, 2 * MOST_FACTOR) / 2)
    if factor >= LEAST_FACTOR:
        return f"{_factor(factor)} {'the jerk of your good reps' if off.own else 'the usual jerk'}"
    return f"{_percent(abs(factor - 1))} {'more' if factor > 1 else 'less'} jerk {off.than}"
