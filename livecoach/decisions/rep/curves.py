"""Computes the curves of a rep that plots show, with a band of good reps behind them.

The chosen curve shows the measure that best explains the score or the fault. The band is made from the lifter's own
good reps, with ways out and back aligned by their share of the time. Other people's reps make no band, because bodies
and camera positions differ more than good and bad reps do.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from livecoach.core import landmark
from livecoach.core.types import Rep, RepWindow
from livecoach.core.types.message import Message
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures.faults import FaultTable
from livecoach.decisions.rep.motion import BACK, KINDS, LOWER_BACK, Travel, back_height
from livecoach.decisions.rep.tempo import TYPICAL_HEIGHT_CM, torso_length_m
from livecoach.perception.body.body import pair_middle

_Take = Callable[[MeasuredRep], np.ndarray]
_LEGS = (landmark.KNEES, landmark.ANKLES)
LEAST_STANCE = 0.1  # Least distance of the ankles in torso lengths (5 cm); nearer ankles are not clearly visible
_MEASURES = {
    "trunk_lean": (
        "trunk_change_to_knee_pass_deg",
        "trunk_change_early_ascent_deg",
        "most_trunk_lean_deg",
        "rise_ratio_by_bar",
        "rise_ratio_by_hips",
        "least_trunk_lean_deg",
    ),
    "hip_angle": ("top_hip_angle_deg", "standing_hip_angle_deg", "bottom_hip_angle_deg"),
    "knee_angle": (
        "top_knee_angle_deg",
        "lift_off_knee_angle_deg",
        "knee_opening_share",
        "bottom_knee_angle_deg",
        "least_knee_angle_deg",
        "drive_knee_angle_deg",
    ),
    "elbow_angle": ("top_elbow_angle_deg", "pull_elbow_angle_deg"),
    "bar_ahead": ("top_bar_offset", "bar_offset"),
    "bar_height": ("lowered_bar_height", "bar_lost", "plate_travel_cm", "plate_top_cm"),
    "hip_height": ("bottom_hip_share", "bottom_hip_height"),
    "knees_ahead": ("front_knee_past_toes", "knees_past_toes"),
    "knee_width": ("front_knee_inwards", "knee_width_over_lift", "knee_width_over_ascent"),
    "hips_aside": ("bottom_hip_shift",),
    "hands_apart": ("hand_height_difference",),
    "heels": ("heel_rise_deadlift", "heel_rise_squat", "seen_heel_rise"),
    "bar_speed": (
        "lowering_to_lifting_ratio",
        "floor_acceleration",
        "floor_pause_s",
        "stalling",
        "spectral_arc_length",
        "log_dimensionless_jerk",
    ),
    "back": ("dorsal_sagitta",),
    "lower_back": ("pelvic_tuck",),
}
"""Kind of curve → the measures of faults that it shows. The feet's place and the length of a step are left out, because
no curve of a rep shows them, and the time of a descent, because the speed of the exercise shows it."""
CURVE_OF_MEASURE = {measure: kind for kind, measures in _MEASURES.items() for measure in measures}  # → kind of curve
TIME_MEASURES = ("descent_time_s",)  # Measures that the curve of the speed, of the bar or the hips, shows
UNITS = {"deg": "degrees", "1": "distance between the ankles = 1"}  # Unit of a curve → its words, where they differ
_UPPER = ("shoulder_height", "trunk_lean")
JOINT_CURVES: dict[str, tuple[str, ...]] = {
    "nose": ("head", *_UPPER),
    "shoulder": _UPPER,
    "elbow": ("elbow_angle", *_UPPER),
    "hip": ("hip_height", "hips_aside", "hip_angle", "trunk_lean"),
    "knee": ("knee_width", "knee_angle", "knees_ahead"),
    "ankle": ("knee_width", "knee_angle", "knees_ahead"),
    "heel": ("heels", "knees_ahead"),
    "foot_index": ("heels", "knees_ahead"),
}
"""Joint, without its side → curves that can show its motion. HAND_CURVES and WRIST_CURVES are for wrists."""
HAND_CURVES = ("bar_height", "bar_ahead", "hands_apart")  # Curves that can show the motion of wrists that hold the bar
WRIST_CURVES = ("hands_apart", *_UPPER)  # Curves that can show the motion of wrists beneath a bar on the shoulders
HALF = 50  # Index of the point at the turn
POINTS = 2 * HALF + 1  # Number of points of a curve: as many out as back, with the turn in the middle
SMOOTHED = 5  # Points in the running mean of a curve: a twentieth of the rep, near .15 s
SPREAD_OVER = 15  # Points in the running mean of the good reps' spread: at a single moment, three reps say little
SPREADS = 2.0  # Half the band's width, in standard deviations: at any moment, 19 of 20 normal reps lie within
AFTER = 25  # Points, half a way, in which a fault is searched for after the fault's phase begins
NEAR = 5  # Points on each side of a moment, a tenth of a way, among which the farthest is marked
OWN_LEAST = 2  # Least good reps, at a point, whose spread can be drawn
LAST_RESORT = ("hip_height",)  # Curves that replace unknown curves, such as the curve of a lost back's edge
ROOM = 0.06  # Share of a plot's height above and below the curves
KNOWN = 0.5  # Least share of a rep's frames in which a measure must be known to be drawn
KNOWN_IN_PART = 0.1  # Least share for a measure that is known only in a part of the rep
GAP_S = 0.2
"""Longest gap in seconds over which a curve continues if its measure is known only in a part of the rep. The back's
edge is lost for a few frames, and for the whole time that the trunk is upright. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepParts:
    """Words for the parts of a rep, such as "way down", and for the places where a rep begins, turns and ends."""

    ways: tuple[str, str, str]  # The way out, the turn, and the way back
    ends: tuple[str, str, str]  # The places where a rep begins, turns and ends


def rep_parts(travel: Travel, turn: str) -> RepParts:
    """Return the words for the parts and the ends of reps; `turn`, such as "lockout", is from the exercise's file."""
    out, back = ("way up", "way down") if KINDS[travel].up_first else ("way down", "way up")
    return RepParts(ways=(out, turn, back), ends=(KINDS[travel].rest, turn, KINDS[travel].rest))


@dataclass(frozen=True, slots=True, kw_only=True)
class _CurveKind:
    """A kind of curve: the measure that it shows over a rep, and how to draw the measure."""

    words: str  # Title, in a lifter's words
    compute: _Take  # Computes the (T,) values of a rep; NaN where unknown
    unit: str  # deg, torso (lengths), torso/s, or 1
    least: float  # Least spread assumed for good reps: the jitter of landmarks. Our choice.
    is_rate: bool = False  # Whether the change per second of the values is drawn, without its sign
    stations: tuple[float, float] | None = None
    """Stations of the back's edge between which it is measured; None for a measure of the joints. The edge is searched
    for while the trunk leans, so such a curve is known, and drawn, only in a part of a rep."""


def _height(joint: str) -> _Take:
    return lambda rep: rep.motion.middles[joint][:, 2]


def _ahead(joint: str, of: str) -> _Take:
    return lambda rep: rep.motion.forward_distance(joint, of)


def _hands(rep: MeasuredRep) -> np.ndarray:
    first, second = landmark.WRISTS[::-1] if rep.mirrored else landmark.WRISTS
    return rep.motion.points[:, first, 2] - rep.motion.points[:, second, 2]


def _knee_width(rep: MeasuredRep) -> np.ndarray:
    knees, ankles = (rep.motion.points[:, left, 1] - rep.motion.points[:, right, 1] for left, right in _LEGS)
    near = ankles < LEAST_STANCE
    return np.where(near, np.nan, knees / np.where(near, 1.0, ankles))


def _aside(rep: MeasuredRep) -> np.ndarray:
    shift = rep.motion.middles["H"][:, 1] - rep.motion.middles["A"][:, 1]
    return -shift if rep.mirrored else shift


def _heels(rep: MeasuredRep) -> np.ndarray:
    if rep.motion.heel is not None:
        return rep.motion.heel
    return pair_middle(rep.motion.points, landmark.HEELS)[:, 2] - rep.motion.middles["T"][:, 2]


def _back(span: tuple[float, float]) -> _Take:
    def take(rep: MeasuredRep) -> np.ndarray:
        frames = np.arange(len(rep.motion.t_s))
        return np.full(len(frames), np.nan) if rep.motion.back is None else back_height(rep.motion.back(frames), span)

    return take


def _head(rep: MeasuredRep) -> np.ndarray:
    return rep.motion.points[:, 0, 0] - rep.motion.middles["S"][:, 0]


CURVE_KINDS: dict[str, _CurveKind] = {
    "bar_height": _CurveKind(words="height of the bar", compute=_height("W"), unit="torso", least=0.03),
    "bar_speed": _CurveKind(words="speed of the bar", compute=_height("W"), unit="torso/s", least=0.1, is_rate=True),
    "bar_ahead": _CurveKind(words="bar in front of the feet", compute=_ahead("W", "F"), unit="torso", least=0.03),
    "hands_apart": _CurveKind(words="left hand above the right", compute=_hands, unit="torso", least=0.02),
    "hip_height": _CurveKind(words="height of the hips", compute=_height("H"), unit="torso", least=0.03),
    "hip_speed": _CurveKind(words="speed of the hips", compute=_height("H"), unit="torso/s", least=0.1, is_rate=True),
    "hips_aside": _CurveKind(words="hips left of the feet", compute=_aside, unit="torso", least=0.02),
    "shoulder_height": _CurveKind(words="height of the shoulders", compute=_height("S"), unit="torso", least=0.03),
    "trunk_lean": _CurveKind(
        words="lean of the trunk", compute=lambda rep: rep.motion.trunk_lean_deg, unit="deg", least=2.0
    ),
    "hip_angle": _CurveKind(
        words="angle of the hips", compute=lambda rep: rep.motion.hip_angle_deg, unit="deg", least=3.0
    ),
    "knee_angle": _CurveKind(
        words="angle of the knees", compute=lambda rep: rep.motion.knee_angle_deg, unit="deg", least=3.0
    ),
    "knee_width": _CurveKind(words="knees apart", compute=_knee_width, unit="1", least=0.05),
    "knees_ahead": _CurveKind(words="knees past the toes", compute=_ahead("K", "T"), unit="torso", least=0.03),
    "elbow_angle": _CurveKind(
        words="angle of the elbows",
        compute=lambda rep: rep.motion.elbow_angles_deg(slice(None)).min(1),
        unit="deg",
        least=3.0,
    ),
    "heels": _CurveKind(words="heels above the toes", compute=_heels, unit="torso", least=0.02),
    "back": _CurveKind(words="roundness of the back", compute=_back(BACK), unit="torso", least=0.004, stations=BACK),
    "lower_back": _CurveKind(
        words="roundness of the lower back", compute=_back(LOWER_BACK), unit="torso", least=0.004, stations=LOWER_BACK
    ),
    "head": _CurveKind(words="head in front of the shoulders", compute=_head, unit="torso", least=0.03),
}


def curve_name(measure: str, table: FaultTable) -> str | None:
    """Return the name in CURVE_KINDS of the curve that shows a fault's measure; None if no curve shows the measure."""
    speed = "bar_speed" if KINDS[table.travel].of_hands else "hip_speed"
    return speed if measure in TIME_MEASURES else CURVE_OF_MEASURE.get(measure)


def curve_names_for(rep: Rep, table: FaultTable) -> tuple[str, ...]:
    """Return the names in CURVE_KINDS of the curves that can show the findings on a rep.

    The curves show the rep's first fault. If there is none, or no curve shows it, they show the joint in which the rep
    differs most (`Rep.why`). For a good rep, and without `Rep.why`, they show the height of the bar or the hips.
    """
    of_exercise = "bar" if KINDS[table.travel].of_hands else "hip"
    # A fault of an old session may no longer be in the table.
    known = table.faults.get(rep.faults[0].name) if rep.faults else None
    if known is not None:
        measures = [sign.measure for sign in known.signs]
        shown = tuple(dict.fromkeys(kind for name in measures if (kind := curve_name(name, table)) is not None))
        if shown:
            return shown
    if rep.why is None or rep.standing_verdict == "good":
        return (f"{of_exercise}_height",)
    joint = rep.why.joints[0].removeprefix("left_").removeprefix("right_")
    of_wrists = HAND_CURVES if KINDS[table.travel].of_hands else WRIST_CURVES
    return of_wrists if joint == "wrist" else JOINT_CURVES.get(joint, _UPPER)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RepCurve:
    """A curve of a rep, and the band of good reps, with POINTS values each.

    Point 0 is the start, HALF the turn, and POINTS - 1 the end. Unknown values are NaN.
    """

    words: str  # Title, in a lifter's words
    unit: str  # deg, cm, m/s or 1
    values: np.ndarray  # Values of the rep
    usual: np.ndarray | None = None  # Median of good reps; None if at no point enough of them are known
    low: np.ndarray | None = None  # Lower edge of the band; None if it is known in fewer than OWN_LEAST good reps
    high: np.ndarray | None = None  # Upper edge of the band; None if `low` is None
    good_count: int = 0  # Number of the lifter's own good reps in the median and the band
    marked_point: int  # The marked point: where the rep deviates most, near the reported moment
    per_unit: float = 1.0  # Factor from the unit in CURVE_KINDS to `unit`
    name: str = ""  # Name in CURVE_KINDS; empty for a curve of another kind
    is_estimate: bool = False  # Whether the values assume a lifter of average height, as the height is not known

    @property
    def stations(self) -> tuple[float, float] | None:
        """The ends of the measured part of the back, as shares from mid-hip to mid-shoulder; None for other curves."""
        return CURVE_KINDS[self.name].stations if self.name else None

    @property
    def unit_words(self) -> str:
        """The unit of the curve as shown, such as "cm" or "degrees"; "cm, estimated" if the values are estimates."""
        words = UNITS.get(self.unit, self.unit)
        return Message("{text}, estimated", text=words) if self.is_estimate else words

    @property
    def plot_range(self) -> tuple[float, float]:
        """The lowest and the highest value of a plot that has room for the rep and the whole band."""
        shown = [line for line in (self.values, self.usual, self.low, self.high) if line is not None]
        low, high = float(np.nanmin(shown)), float(np.nanmax(shown))
        room = max(ROOM * (high - low), 1e-3)
        return low - room, high + room


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AlignedRep:
    """A rep, and the good reps with which it is compared, all turned to the common view."""

    rep: MeasuredRep
    good: Sequence[MeasuredRep]  # The good reps of which enough is visible


class CurveBuilder:
    """Builds the curves of a lifter's reps. The good reps, with which each rep is compared, are measured only once."""

    def __init__(self, table: FaultTable, height_cm: float | None = None) -> None:
        """Prepare for the reps of an exercise. Without a stature (None), lengths are estimates by a typical stature."""
        self._table, self._height_cm = table, height_cm
        self._look, self._curve = cache(self._measured), cache(_compute_curve)

    def align(self, window: RepWindow, against: Sequence[RepWindow]) -> AlignedRep | None:
        """Turn a rep and the good reps in `against` to the common view; return None if the rep can't be turned.

        Near the front, where the camera's side is uncertain, reps are mirrored if the last good rep is. Good reps that
        can't be turned, because too little was visible or the view is unknown, are left out.
        """
        last = self._look(against[-1], None) if against else None
        mirrored = None if last is None else last.mirrored
        rep = self._look(window, mirrored)
        if rep is None:
            return None
        own = [other for kept in against if (other := self._look(kept, mirrored)) is not None]
        return AlignedRep(rep=rep, good=own)

    def primary_curve(self, rep: Rep, aligned: AlignedRep) -> RepCurve | None:
        """Build the curve that best shows the findings on an aligned rep; return None if no curve is known."""
        for names in (curve_names_for(rep, self._table), LAST_RESORT):
            curves = [self.named_curve(name, rep, aligned) for name in names]
            shown = [curve for curve in curves if curve is not None]
            if shown:
                return max(shown, key=_band_distance)
        return None

    def named_curve(self, name: str, rep: Rep, aligned: AlignedRep) -> RepCurve | None:
        """Build a curve in CURVE_KINDS of an aligned rep, by its name; return None if too little of the curve is known.

        Args:
            rep: The rep of `aligned`, with the findings that decide where the curve is marked.
        """
        curve = self._curve(name, aligned.rep)
        if curve is None:
            return None
        others = [other for good in aligned.good if (other := self._curve(name, good)) is not None]
        return _in_units(_on_band(name, curve, others, _reported_span(rep, aligned.rep.window)), self._height_cm)

    def _curve_alone(self, name: str, kept: RepWindow) -> np.ndarray | None:
        """Compute the (POINTS,) values of a curve in CURVE_KINDS, in the unit of its kind; return None if unknown."""
        rep = self._look(kept, None)
        return None if rep is None else self._curve(name, rep)

    def is_point_known(self, name: str, window: RepWindow, at: float) -> bool:
        """Return whether the value of a rep's curve at a point is known.

        Only curves of the back's edge have unknown points.

        Args:
            name: Name in CURVE_KINDS; empty for no curve, whose points count as known.
            at: Point, 0 to POINTS - 1, which may be fractional.
        """
        if not name or CURVE_KINDS[name].stations is None:
            return True
        curve = self._curve_alone(name, window)
        return curve is not None and bool(np.isfinite(curve[round(at)]))

    def leading_heights(self, window: RepWindow) -> np.ndarray | None:
        """Compute the (POINTS,) heights of bar or hips, whichever lead the rep, in torso lengths; None if unknown."""
        return self._curve_alone("bar_height" if KINDS[self._table.travel].of_hands else "hip_height", window)

    def _measured(self, kept: RepWindow, mirrored: bool | None) -> MeasuredRep | None:
        rep = MeasuredRep(kept, self._table, mirrored=mirrored)
        return None if rep.normalised_rep is None else rep


def curve_points(t_s: np.ndarray, rep: RepWindow) -> np.ndarray:
    """Convert times (n,) in seconds to fractional points (n,) of a rep's curves; times outside become its ends."""
    return np.interp(t_s, [rep.start_s, rep.turn_s, rep.end_s], [0, HALF, POINTS - 1])


def nearest_point(at_s: float, rep: RepWindow) -> int:
    """Return the index of the point of a rep's curves that is nearest to a time in seconds."""
    return round(float(curve_points(np.asarray(at_s), rep)))


def _compute_curve(name: str, rep: MeasuredRep) -> np.ndarray | None:
    """Compute the (POINTS,) values of a curve; None if too little is known, NaN in the back's gaps of over GAP_S."""
    way, motion, window = CURVE_KINDS[name], rep.motion, rep.window
    values = way.compute(rep)
    known = np.isfinite(values)
    if known[motion.inside].mean() < (KNOWN if way.stations is None else KNOWN_IN_PART):
        return None
    out = np.linspace(window.start_s, window.turn_s, HALF + 1)
    back = np.linspace(window.turn_s, window.end_s, HALF + 1)[1:]
    t_s, known_s = np.concatenate([out, back]), motion.t_s[known]
    curve = np.interp(t_s, known_s, values[known])
    if way.stations is not None:
        curve[_is_in_gap(t_s, known_s)] = np.nan
    curve = _smooth(curve, SMOOTHED)
    if way.is_rate:
        gaps_s = np.maximum(np.gradient(t_s), 1e-3)
        curve = _smooth(np.abs(np.gradient(curve) / gaps_s), SMOOTHED)
    return curve if np.isfinite(curve).any() else None


def _is_in_gap(t_s: np.ndarray, known_s: np.ndarray) -> np.ndarray:
    """Return whether each time lies in a gap of more than GAP_S between known times, or GAP_S / 2 beyond them."""
    ends_s = np.concatenate([[known_s[0] - GAP_S / 2], known_s, [known_s[-1] + GAP_S / 2]])
    beyond: np.ndarray = (t_s < ends_s[0]) | (t_s > ends_s[-1])
    return beyond | (np.diff(ends_s)[np.searchsorted(known_s, t_s)] > GAP_S)


def _reported_span(rep: Rep, window: RepWindow) -> slice:
    """Return the points in which a rep's first fault shows, or else the largest contribution to its score."""
    at_s = rep.faults[0].at_s if rep.faults else rep.turn_s if rep.why is None else rep.why.at_s
    at = nearest_point(at_s, window)
    return slice(max(at - NEAR, 0), at + (AFTER if rep.faults else NEAR) + 1)


def _on_band(name: str, curve: np.ndarray, others: list[np.ndarray], near: slice) -> RepCurve:
    """Return a curve with the band of the good reps' curves, marked where it deviates most near some points."""
    way = CURVE_KINDS[name]
    at = min((near.start + near.stop) // 2, POINTS - 1)
    alone = RepCurve(name=name, words=way.words, unit=way.unit, values=curve, marked_point=at)
    if not others:
        return alone
    rows = np.stack(others)
    several = np.isfinite(rows).sum(0) >= min(OWN_LEAST, len(rows))
    if not several.any():
        return alone
    usual = np.full(POINTS, np.nan)
    usual[several] = np.nanmedian(rows[:, several], axis=0)
    shown = replace(alone, usual=usual, good_count=len(rows))
    if len(rows) < OWN_LEAST:
        return replace(shown, marked_point=_farthest(np.abs(curve - usual), near, at))
    spread = np.full(POINTS, np.nan)
    spread[several] = np.nanstd(rows[:, several], axis=0, ddof=1)
    half = SPREADS * np.maximum(_smooth(spread, SPREAD_OVER), way.least)
    low = np.maximum(usual - half, 0.0) if way.is_rate else usual - half
    farthest = _farthest(np.abs(curve - usual) / half, near, at)
    return replace(shown, low=low, high=usual + half, marked_point=farthest)


def _farthest(off: np.ndarray, near: slice, at: int) -> int:
    part = off[near]
    return near.start + int(np.nanargmax(part)) if np.isfinite(part).any() else at


def _band_distance(curve: RepCurve) -> float:
    """Return the rep's distance from the band at the marked point, in half widths of the band; 0 if it is unknown."""
    if curve.usual is None or curve.high is None:
        return 0.0
    off = float((np.abs(curve.values - curve.usual) / (curve.high - curve.usual))[curve.marked_point])
    return off if np.isfinite(off) else 0.0


def _in_units(curve: RepCurve, height_cm: float | None) -> RepCurve:
    """Convert distances to centimetres and speeds to m/s, for the lifter's height; None for a typical height."""
    units = {"torso": ("cm", 100.0), "torso/s": ("m/s", 1.0)}
    if curve.unit not in units:
        return curve
    unit, factor = units[curve.unit]
    scale = factor * torso_length_m(TYPICAL_HEIGHT_CM if height_cm is None else height_cm)
    lines = {"values": curve.values, "usual": curve.usual, "low": curve.low, "high": curve.high}
    scaled = {name: None if line is None else line * scale for name, line in lines.items()}
    return replace(curve, unit=unit, per_unit=scale, is_estimate=height_cm is None, **scaled)  # type: ignore[arg-type]


def _smooth(curve: np.ndarray, over: int) -> np.ndarray:
    """Return the running mean; the ends are extended. NaN stays, and counts in no mean."""
    known = np.isfinite(curve)
    padded, share = (np.pad(line, over // 2, mode="edge") for line in (np.where(known, curve, 0.0), known * 1.0))
    sums, shares = (np.convolve(line, np.full(over, 1 / over), mode="valid") for line in (padded, share))
    return np.where(known, sums / np.where(known, shares, 1.0), np.nan)
