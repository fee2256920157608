"""Curves of reps and the path of the bar as the parts of an SVG: lines, bands, ticks and captions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach import charts
from livecoach.curves import CURVE_KINDS, HALF, POINTS, AlignedRep, CurveBuilder, RepCurve, RepParts, known_stretches
from livecoach.key_moment import KeyMoment, key_moment, matching_points
from livecoach.language import shown_unit
from livecoach.rep.measures import FaultTable
from livecoach.rep.phases import KINDS, Travel
from livecoach.report.content import SessionRep
from livecoach.types import Fault, RepWindow
from livecoach.types.message import Message, counted, joined

BAR_LEFT, BAR_TOP, BAR_RIGHT, BAR_BOTTOM = 38, 10, 312, 168
"""Edges of the plot area of the bar's path in the template's viewBox; one unit is about one pixel on a phone."""
LEAST_CM = 30.0
"""Smallest range of either axis, so that jitter does not fill the plot."""
BAR_ROOM = 0.06
"""Margin inside the plot area, as a share of the drawn range."""
STANDARD: dict[Travel, tuple[str, ...]] = {
    "bar": ("bar_height", "trunk_lean", "knee_angle"),
    "raised_bar": ("bar_height", "trunk_lean", "elbow_angle"),
    "lowered_bar": ("bar_height", "trunk_lean", "knee_angle"),
    "hips": ("hip_height", "trunk_lean", "knee_angle"),
}
"""FaultTable.travel → curves that are drawn for every rep, after the most informative one."""
LEFT, TOP, RIGHT, BOTTOM = 38, 8, 312, 128
"""Edges of the plot area of a curve in the template's viewBox."""
PATH_FROM_DEG = 45.0
"""Smallest azimuth at which the bar path is drawn: nearer the front, it can't be estimated (docs/figures.md)."""
PATH_SIZE, PATH_ROOM = 150, 12
"""Side of the square in which the bar path is drawn, and the margin at its edges."""
DIGITS = {"deg": 0, "cm": 0, "in": 1}
"""Unit → decimals of printed values; two for all other units."""
FINE_CM = 10.0
"""Range of a plot below which a centimetre has a decimal."""
VALUE = {"deg": "{n}°", "cm": "{n} cm", "in": "{n} in", "m/s": "{n} m/s", "ft/s": "{n} ft/s"}
"""Unit → message id of a value with its unit; other units do not stand beside each number."""
EVERY = 2
"""Step between the points that are drawn: 51 points look as smooth at this size as 101."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BarPlot:
    """The path of the bar's end through a rep, ready for the SVG."""

    line: str
    """`d` attribute of the SVG path."""
    begins: tuple[float, float]
    """Point of the path's start in the viewBox."""
    x_ticks: tuple[tuple[float, str], ...]
    y_ticks: tuple[tuple[float, str], ...]
    unit: str
    """Unit of the ticks."""
    words: str
    """Text alternative for screen readers."""


def plot_bar_path(points_cm: Sequence[tuple[float, float]]) -> BarPlot:
    """Scale a bar path into the plot area. points_cm: one or more points (forward, up), as in `Rep.bar_path_cm`."""
    unit, factor = shown_unit("cm")
    across, up = ([point[axis] for point in points_cm] for axis in (0, 1))
    tall = max(max(up) - min(up), LEAST_CM) * (1 + 2 * BAR_ROOM)
    scale = (BAR_BOTTOM - BAR_TOP) / tall
    wide = (BAR_RIGHT - BAR_LEFT) / scale
    if max(across) - min(across) > wide:  # wider than high: unlike any lift, but still shown whole
        scale *= wide / (max(across) - min(across)) / (1 + BAR_ROOM)
        wide, tall = (BAR_RIGHT - BAR_LEFT) / scale, (BAR_BOTTOM - BAR_TOP) / scale
    left = (max(across) + min(across) - wide) / 2
    low = (max(up) + min(up) - tall) / 2

    def place(x_cm: float, y_cm: float) -> tuple[float, float]:
        return round(BAR_LEFT + (x_cm - left) * scale, 1), round(BAR_BOTTOM - (y_cm - low) * scale, 1)

    return BarPlot(
        line="M" + "L".join("{} {}".format(*place(x, y)) for x, y in points_cm),
        begins=place(*points_cm[0]),
        x_ticks=tuple(
            (place(at / factor, 0)[0], text) for at, text in charts.ticks_between(left * factor, (left + wide) * factor)
        ),
        y_ticks=tuple(
            (place(0, at / factor)[1], text) for at, text in charts.ticks_between(low * factor, (low + tall) * factor)
        ),
        unit=unit,
        words=Message(
            "Path of the bar's end from the side, toes to the right: {text} up and down, {text2} forward and back.",
            text=Message("{n} cm", n=f"{max(up) - min(up):.0f}"),
            text2=Message("{n} cm", n=f"{max(across) - min(across):.0f}"),
        ),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A number at the plot's left edge."""

    y: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """One curve, ready to draw; paths are `d` attributes of SVG paths."""

    title: str
    """The measure and its unit."""
    line: str
    usual: str | None
    band: str | None
    """Band of good reps; None if there are none to compare with."""
    at: tuple[float, float] | None
    """Where the ring stands; None if the key moment is not a point on the curve."""
    ticks: tuple[Tick, ...]
    band_label: str
    """Whose reps form the band."""
    words: str
    """Text alternative for screen readers."""
    value: str
    """The value at the ring, its time, and the band there; empty without a ring."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedBarPath:
    """The estimated path of the bar, from the side."""

    out: str
    back: str
    usual: str | None
    """Median path of good reps, out and back, as an SVG `d` attribute; None without good reps."""
    legend: str
    """Says which line is the way up and which the way down."""
    words: str
    """Text alternative for screen readers."""


class RepPlots:
    """Draws the curves of one session's reps."""

    def __init__(self, curves: CurveBuilder, table: FaultTable, parts: RepParts) -> None:
        """table: fault table of the exercise. parts: names of the parts of its reps."""
        self._curves, self._table, self._parts, self._travel = curves, table, parts, table.travel
        self._laid: dict[SessionRep, AlignedRep | None] = {}
        self._chosen: dict[tuple[SessionRep, Fault | None], tuple[RepCurve | None, KeyMoment | None]] = {}

    def moment(self, entry: SessionRep, fault: Fault | None = None) -> KeyMoment | None:
        """Return the key moment of a rep; None without observations. fault: one of its faults; None for the first."""
        return self._choose(entry, fault)[1]

    def of_back(self, entry: SessionRep, fault: Fault | None = None) -> str:
        """Return the name of the curve of the back that shows a fault; empty if another one does. fault: as
        `moment`'s."""
        curve = self._choose(entry, fault)[0]
        return "" if not entry.rep.faults or curve is None or curve.of_back is None else curve.name

    def shows(self, entry: SessionRep, fault: Fault | None, kept: RepWindow) -> bool:
        """Return whether the curve of a fault is known in another rep at the same moment. fault: as `moment`'s."""
        curve, then = self._choose(entry, fault)
        if curve is None or then is None or entry.window is None:
            return True
        matching = matching_points(self.height(entry.window), self.height(kept))
        return self._curves.is_known(curve.name, kept, float(matching[then.point]))

    def height(self, kept: RepWindow) -> np.ndarray | None:
        """Return the height of the bar or of the hips, (POINTS,); None if it is unknown."""
        return self._curves.height(kept)

    def plots(self, entry: SessionRep, count: int, fault: Fault | None = None) -> tuple[Plot, ...]:
        """Return the most informative curve of a rep and `count` standard curves, all marked at the same moment."""
        aligned, (telling, then) = self._align(entry), self._choose(entry, fault)
        if aligned is None or telling is None or then is None:
            return ()
        others = [name for name in STANDARD[self._travel] if CURVE_KINDS[name].words != telling.words]
        drawn = [self._curves.of(name, entry.rep, aligned) for name in others[:count]]
        beside = replace(then, value_deg=None)
        own = entry.rep.reference != "population"
        shown = [(telling, then), *((curve, beside) for curve in drawn if curve is not None)]
        return tuple(plot(curve, at, judged_by_own=own) for curve, at in shown)

    def bar_path(self, entry: SessionRep) -> EstimatedBarPath | None:
        """Return the estimated path of the bar; None without a bar, or if the camera can't show it."""
        aligned = self._align(entry)
        if not KINDS[self._travel].of_hands or aligned is None or aligned.normalised.azimuth_deg < PATH_FROM_DEG:
            return None
        ahead, height = (self._curves.of(name, entry.rep, aligned) for name in ("bar_ahead", "bar_height"))
        return None if ahead is None or height is None else _bar_path(ahead, height, self._parts)

    def _choose(self, entry: SessionRep, fault: Fault | None) -> tuple[RepCurve | None, KeyMoment | None]:
        faults = entry.rep.faults
        fault = fault or (faults[0] if faults else None)
        if (entry, fault) not in self._chosen:
            aligned = self._align(entry)
            rep = entry.rep if fault is None else replace(entry.rep, faults=(fault,))
            curve = None if aligned is None else self._curves.primary(rep, aligned)
            at_s = None if rep.why is None else rep.why.at_s
            then = None
            if entry.window is not None:
                then = key_moment(curve, entry.window, fault, self._table, self._parts, at_s)
            self._chosen[entry, fault] = curve, then
        return self._chosen[entry, fault]

    def _align(self, entry: SessionRep) -> AlignedRep | None:
        if entry not in self._laid:
            window = entry.window
            self._laid[entry] = None if window is None else self._curves.aligned(window, entry.against)
        return self._laid[entry]


def plot(curve: RepCurve, then: KeyMoment, *, judged_by_own: bool = False) -> Plot:
    """Lay out a curve for drawing.

    then: the key moment of the rep. judged_by_own: whether the rep was judged against the lifter's own good reps.
    """
    curve = _in_shown_unit(replace(curve, at=then.point))
    low, high = curve.limits
    band = None
    if curve.low is not None and curve.high is not None:
        edges = zip(_runs(curve.high, low, high), _runs(curve.low, low, high), strict=True)
        band = "".join(_svg_path([*upper, *reversed(lower)]) + "Z" for upper, lower in edges)
    label = _band_label(curve, judged_by_own=judged_by_own)
    ring = then.ring and bool(np.isfinite(curve.rep[curve.at]))
    value = _value_and_band(curve, then) if ring else ""
    return Plot(
        title=Message("{text} ({text2})", text=curve.words, text2=curve.unit_words),
        line=_line(curve.rep, low, high),
        usual=None if curve.usual is None else _line(curve.usual, low, high),
        band=band,
        at=_point(curve.at, float(curve.rep[curve.at]), low, high) if ring else None,
        ticks=_ticks(low, high),
        band_label=label,
        words=Message(
            "{text}.",
            text=joined(
                "; ", joined(": ", Message("Curve of the {text} over the rep", text=curve.words), value), label
            ),
        ),
        value=value,
    )


def _in_shown_unit(curve: RepCurve) -> RepCurve:
    unit, scale = shown_unit(curve.unit)
    if unit == curve.unit:
        return curve
    usual, low, high = (None if line is None else line * scale for line in (curve.usual, curve.low, curve.high))
    return replace(curve, unit=unit, rep=curve.rep * scale, usual=usual, low=low, high=high)


def _bar_path(ahead: RepCurve, height: RepCurve, parts: RepParts) -> EstimatedBarPath:
    usual = None if ahead.usual is None or height.usual is None else (ahead.usual, height.usual)
    lines = [(ahead.rep, height.rep), *([usual] if usual is not None else [])]
    scale, left, top = _fit(lines)

    def d(line: tuple[np.ndarray, np.ndarray], first: int, last: int) -> str:
        xy = np.stack(line, 1)[first : last + 1 : EVERY]
        return _svg_path([((x - left) * scale + PATH_ROOM, (top - y) * scale + PATH_ROOM) for x, y in xy.tolist()])

    return EstimatedBarPath(
        out=d(lines[0], 0, HALF),
        back=d(lines[0], HALF, POINTS - 1),
        usual=None if usual is None else d(usual, 0, POINTS - 1),
        legend=joined("; ", Message("line: {text}", text=parts.ways[0]), Message("dots: {text}", text=parts.ways[2])),
        words=Message("Path of the bar from the side, toes to the right; {text}.", text=_band_label(ahead)),
    )


def _fit(lines: Sequence[tuple[np.ndarray, np.ndarray]]) -> tuple[float, float, float]:
    """Return the scale, left edge and top of a square around some lines, centred on them."""
    x, y = (np.concatenate([line[axis] for line in lines]) for axis in (0, 1))
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1e-6)
    middle_x, middle_y = (x.max() + x.min()) / 2, (y.max() + y.min()) / 2
    return (PATH_SIZE - 2 * PATH_ROOM) / span, float(middle_x - span / 2), float(middle_y + span / 2)


def _band_label(curve: RepCurve, *, judged_by_own: bool = False) -> str:
    if not curve.own:
        return Message("not known of your good reps" if judged_by_own else "no good reps to compare with")
    return counted(curve.own, "dashes: your 1 good rep", "band: your {n} good reps")


def _value_and_band(curve: RepCurve, then: KeyMoment) -> str:
    number = _number(curve.rep, curve) if then.value_deg is None else f"{then.value_deg:.0f}"
    at = Message(VALUE.get(curve.unit, "{n}"), n=number)
    value = Message("{text} at {n} s", text=at, n=f"{then.into_s:.1f}")
    if curve.low is None or curve.high is None or not np.isfinite(curve.high[curve.at]):
        return value
    high = Message(VALUE.get(curve.unit, "{n}"), n=_number(curve.high, curve))
    band = Message("band {n} to {text}", n=_number(curve.low, curve), text=high)
    return joined(", ", value, band)


def _number(line: np.ndarray, curve: RepCurve) -> str:
    low, high = curve.limits
    digits = 1 if curve.unit == "cm" and high - low < FINE_CM else DIGITS.get(curve.unit, 2)
    return f"{round(float(line[curve.at]), digits) + 0.0:.{digits}f}"  # + 0.0: never "-0"


def _ticks(low: float, high: float) -> tuple[Tick, ...]:
    return tuple(Tick(y=_point(0, value, low, high)[1], text=text) for value, text in charts.ticks_between(low, high))


def _point(at: float, value: float, low: float, high: float) -> tuple[float, float]:
    x = LEFT + at / (POINTS - 1) * (RIGHT - LEFT)
    return round(x, 1), round(BOTTOM - (value - low) / (high - low) * (BOTTOM - TOP), 1)


def _runs(curve: np.ndarray, low: float, high: float) -> list[list[tuple[float, float]]]:
    """Return the points of each stretch in which a curve is known."""
    drawn = [[*stretch[:-1:EVERY], stretch[-1]] for stretch in known_stretches(curve)]
    return [[_point(at, float(curve[at]), low, high) for at in stretch] for stretch in drawn]


def _line(curve: np.ndarray, low: float, high: float) -> str:
    return "".join(map(_svg_path, _runs(curve, low, high)))


def _svg_path(points: Iterable[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
