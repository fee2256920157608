"""Holds reps against standards that the lifter chose: so far the depth of a squat. Pure.

A standard asks nothing of the lifter's own good reps. A rep within the error of the measurement is "close", never a
miss.
"""

from collections.abc import Sequence

from livecoach.rep.depth import DepthModel, shows_depth
from livecoach.rep.tempo import TYPICAL_HEIGHT_CM
from livecoach.types import RepWindow, StandardResult, Standards, View
from livecoach.types.reps import UNDER_KNEE_CM, StandardVerdict

CLOSE_DEVIATIONS = 1.0  # a rep is close within this many standard deviations of the standard (docs/figures.md)


class Referee:
    def __init__(self, standards: Standards, depth: DepthModel | None, height_cm: float | None) -> None:
        """depth: None for an exercise without that standard. height_cm: the lifter's stature, else a typical one."""
        self._standards, self._depth = standards, depth
        self._height_cm = TYPICAL_HEIGHT_CM if height_cm is None else height_cm

    def hold_to(self, standards: Standards) -> None:
        """From the next rep on."""
        self._standards = standards

    @property
    def disallows(self) -> bool:
        return self._standards.count == "standard"

    def hides(self, view: View | None) -> bool:
        wanted = self._depth is not None and self._standards.depth != "none"
        return wanted and view is not None and not shows_depth(view.azimuth_deg)

    def check(self, window: RepWindow) -> Sequence[StandardResult]:
        """For each standard that the view shows."""
        wanted = self._standards.depth
        measured = None if self._depth is None or wanted == "none" else self._depth.measure(window)
        if measured is None:
            return ()
        cm = measured.in_cm(self._height_cm)
        if isinstance(wanted, float):
            off_cm, deviation_cm = cm.seat - wanted, cm.seat_deviation
        else:
            off_cm, deviation_cm = cm.crease + UNDER_KNEE_CM[wanted], cm.crease_deviation
        verdict: StandardVerdict = "missed" if off_cm > 0 else "met"
        if abs(off_cm) < CLOSE_DEVIATIONS * deviation_cm:
            verdict = "close"
        return (StandardResult(name="depth", verdict=verdict, off=off_cm, deviation=deviation_cm, unit="cm"),)
