"""One rep's curve on the band of good reps: the measure that best shows where its score or fault comes from.

The band is the lifter's own good reps', whose ways out and back are aligned by their share of the time. Other people's
reps make no band: bodies differ, and so does what is seen of them from one camera and another, by far more than good
and bad reps do.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.curves.kinds import CURVE_KINDS, CurveKind, curve_kinds_of
from livecoach.rep.measures import FaultTable
from livecoach.rep.tempo import torso_m
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep, picture_motion
from livecoach.types import Rep, RepWindow

HALF = 50
POINTS = 2 * HALF + 1
"""Number of points of a curve: as many out as back, with the turn in the middle."""
SMOOTHED = 5
"""Points in the running mean of a curve: a twentieth of the rep, near .15 s."""
SPREAD_OVER = 15
"""Points in the running mean of the good reps' spread: three reps tell little of it at one moment."""
SPREADS = 2.0
"""Half the band's width, in standard deviations: at any one moment 19 of 20 normal reps lie in it."""
AFTER = 25
"""Points after the moment of a fault, half a way, in which that is looked for: the moment is when its phase begins."""
NEAR = 5
"""Points around a moment, a tenth of a way, in which what is farthest off is looked for: a phase is no moment."""
OWN_LEAST = 2
"""Least number of good reps whose spread can be drawn."""
LAST_RESORT = ("hip_height",)
"""Kind of curve that replaces a back's edge that is not known."""
ROOM = 0.06
"""Share of a plot's height above and below the curves."""
KNOWN = 0.5
"""Share of a rep's frames in which a measure has to be known to be drawn."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepCurve:
    """A curve and its band, POINTS each: 0 is the start, HALF the turn, POINTS - 1 the end."""

    words: str
    """Title, in a lifter's words."""
    unit: str
    """deg, cm, m/s, torso, torso/s or 1."""
    rep: np.ndarray
    usual: np.ndarray | None
    """Median of good reps; None where there are none to compare with."""
    low: np.ndarray | None
    high: np.ndarray | None
    """Edges of the band."""
    own: int
    """The lifter's own good reps that made the band; 0: there is none."""
    at: int
    """Point that is marked: where the rep is farthest off, near the reported moment."""

    @property
    def limits(self) -> tuple[float, float]:
        """Return the limits of a plot: the rep and the whole band, with room over and under."""
        shown = [line for line in (self.rep, self.low, self.high) if line is not None]
        low, high = float(np.min(shown)), float(np.max(shown))
        room = max(ROOM * (high - low), 1e-3)
        return low - room, high + room


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedRep:
    """A rep, and the good reps that it is aligned with."""

    seen: NormalisedRep
    good: Sequence[NormalisedRep]
    """Those that judged it; empty where they are too few for a band."""


class CurveBuilder:
    """Builds the curves of a lifter's reps; good reps, which come again with each rep, are measured once."""

    def __init__(self, table: FaultTable, height_cm: float | None = None) -> None:
        """table: the exercise's faults. height_cm: the lifter's stature, for distances in centimetres."""
        self._table, self._height_cm = table, height_cm
        self._seen: dict[tuple[RepWindow, bool | None], NormalisedRep | None] = {}
        self._taken: dict[tuple[str, NormalisedRep], np.ndarray | None] = {}

    def aligned(self, window: RepWindow, against: Sequence[RepWindow]) -> AlignedRep | None:
        """Align a rep with those that judged it; None where too little was seen of it.

        window: what was seen of the rep. against: the lifter's own good reps that it was judged against.
        """
        last = self._look(against[-1], None) if against else None
        mirrored = None if last is None else last.mirrored
        seen = self._look(window, mirrored)
        if seen is None:
            return None
        own = [other for kept in against if (other := self._look(kept, mirrored)) is not None]
        return AlignedRep(seen=seen, good=own if len(own) >= OWN_LEAST else ())

    def primary(self, rep: Rep, laid: AlignedRep) -> RepCurve | None:
        """Return the curve that best shows what was reported of a rep; None where nothing of it is known."""
        for names in (curve_kinds_of(rep, self._table), LAST_RESORT):
            found = [self.of(name, rep, laid) for name in names]
            shown = [curve for curve in found if curve is not None]
            if shown:
                return max(shown, key=_off)
        return None

    def of(self, name: str, rep: Rep, laid: AlignedRep) -> RepCurve | None:
        """Return a curve by its name in CURVE_KINDS; None where too little of it is known."""
        curve = self._curve(name, laid.seen)
        if curve is None:
            return None
        others = [other for one in laid.good if (other := self._curve(name, one)) is not None]
        on_band = _on_band(CURVE_KINDS[name], curve, others, _told_of(rep, laid.seen))
        return _in_units(on_band, self._height_cm)

    def alone(self, name: str, kept: RepWindow) -> np.ndarray | None:
        """Return the (POINTS,) values of a rep by name in CURVE_KINDS, without a band, in the unit of the kind. None as
        for `of`."""
        seen = self._look(kept, None)
        return None if seen is None else self._curve(name, seen)

    def _look(self, kept: RepWindow, mirrored: bool | None) -> NormalisedRep | None:
        if (kept, mirrored) not in self._seen:
            self._seen[kept, mirrored] = normalised_rep(kept, mirrored)
        return self._seen[kept, mirrored]

    def _curve(self, name: str, seen: NormalisedRep) -> np.ndarray | None:
        if (name, seen) not in self._taken:
            self._taken[name, seen] = curve_of(CURVE_KINDS[name], seen)
        return self._taken[name, seen]


def rep_curve(
    rep: Rep, window: RepWindow, against: Sequence[RepWindow], table: FaultTable, height_cm: float | None = None
) -> RepCurve | None:
    """Return the one curve of a judged rep; None where too little was seen of it. The arguments are those of
    CurveBuilder."""
    curves = CurveBuilder(table, height_cm)
    laid = curves.aligned(window, against)
    return None if laid is None else curves.primary(rep, laid)


def point_of(seen: NormalisedRep, at_s: float) -> int:
    """Return the point of a curve at a time."""
    return round(float(np.interp(at_s, [seen.start_s, seen.turn_s, seen.end_s], [0, HALF, POINTS - 1])))


def curve_of(way: CurveKind, seen: NormalisedRep) -> np.ndarray | None:
    """Return the (POINTS,) values of a rep; None where too little of it is known."""
    values = way.take(picture_motion(seen), seen)
    known = np.isfinite(values)
    if known[seen.inside].mean() < KNOWN:
        return None
    out, back = (
        np.linspace(seen.start_s, seen.turn_s, HALF + 1),
        np.linspace(seen.turn_s, seen.end_s, HALF + 1)[1:],
    )
    t_s = np.concatenate([out, back])
    curve = _smooth(np.interp(t_s, seen.t_s[known], values[known]), SMOOTHED)
    if way.rate:
        gaps_s = np.maximum(np.gradient(t_s), 1e-3)
        curve = _smooth(np.abs(np.gradient(curve) / gaps_s), SMOOTHED)
    return curve


def _told_of(rep: Rep, seen: NormalisedRep) -> slice:
    """Return the points in which a rep's first fault shows, or else what contributes most to its score."""
    at_s = rep.faults[0].at_s if rep.faults else rep.turn_s if rep.why is None else rep.why.at_s
    at = point_of(seen, at_s)
    return slice(max(at - NEAR, 0), at + (AFTER if rep.faults else NEAR) + 1)


def _on_band(way: CurveKind, curve: np.ndarray, others: list[np.ndarray], near: slice) -> RepCurve:
    """others: curves of good reps."""
    at = min((near.start + near.stop) // 2, POINTS - 1)
    own = len(others) if len(others) >= OWN_LEAST else 0
    shown = RepCurve(words=way.words, unit=way.unit, rep=curve, usual=None, low=None, high=None, own=own, at=at)
    if not own:
        return shown
    usual = np.median(others, axis=0)
    half = SPREADS * np.maximum(_smooth(np.std(others, axis=0, ddof=1), SPREAD_OVER), way.least)
    farthest = near.start + int(np.argmax((np.abs(curve - usual) / half)[near]))
    low = np.maximum(usual - half, 0.0) if way.rate else usual - half
    return replace(shown, usual=usual, low=low, high=usual + half, at=farthest)


def _off(curve: RepCurve) -> float:
    """Return how far the rep is off the band at the marked point, in half widths of the band."""
    if curve.usual is None or curve.high is None:
        return 0.0
    return float((np.abs(curve.rep - curve.usual) / (curve.high - curve.usual))[curve.at])


def _in_units(curve: RepCurve, height_cm: float | None) -> RepCurve:
    """Convert distances to centimetres and speeds to metres per second where the lifter's height is known."""
    units = {"torso": ("cm", 100.0), "torso/s": ("m/s", 1.0)}
    if height_cm is None or curve.unit not in units:
        return curve
    unit, factor = units[curve.unit]
    scale = factor * torso_m(height_cm)
    return replace(
        curve,
        unit=unit,
        rep=curve.rep * scale,
        usual=None if curve.usual is None else curve.usual * scale,
        low=None if curve.low is None else curve.low * scale,
        high=None if curve.high is None else curve.high * scale,
    )


def _smooth(curve: np.ndarray, over: int) -> np.ndarray:
    """Return the running mean; the ends are extended."""
    padded = np.pad(curve, over // 2, mode="edge")
    smooth: np.ndarray = np.convolve(padded, np.full(over, 1 / over), mode="valid")
    return smooth
