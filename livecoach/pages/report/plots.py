"""Draws the curves of reps and the path of the bar."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from livecoach.core.language import display_unit
from livecoach.core.step import RepCompleted
from livecoach.core.types import Fault
from livecoach.core.types.message import Message, join_texts, quantity_words
from livecoach.decisions.rep.curves import CURVE_KINDS, HALF, POINTS, RepCurve, RepParts
from livecoach.decisions.rep.motion import KINDS, Travel
from livecoach.feedback.key_moment import KeyMoment
from livecoach.feedback.two_reps import RepComparer
from livecoach.pages.plot import Figure, Plot, decimal_ticks
from livecoach.pages.report.report_words import MARK

FURTHER_CURVES: dict[Travel, tuple[str, ...]] = {
    "bar": ("bar_height", "trunk_lean", "knee_angle"),
    "raised_bar": ("bar_height", "trunk_lean", "elbow_angle"),
    "lowered_bar": ("bar_height", "trunk_lean", "knee_angle"),
    "hips": ("hip_height", "trunk_lean", "knee_angle"),
}
"""Names of the curves that may follow the most informative curve of a rep, in order, by kind of travel."""
CURVE_SIZE, CURVE_MARGINS = (320, 150), (46, 8, 8, 22)  # Size and margins of a curve, in units of the viewBox
BAR_SIZE, BAR_MARGINS = (320, 190), (46, 10, 8, 22)  # Size and margins of a measured path, in units of the viewBox
LEAST_CM = 30.0  # Smallest range of an axis of the bar's path, so that jitter does not fill the plot
BAR_ROOM = 0.06  # Margin around the bar's path, as a share of the drawn range
PATH_FROM_DEG = 45.0  # Smallest azimuth from which the bar path is estimated: nearer the front, errors are too large
DIGITS = {"deg": 0, "cm": 0, "in": 1}  # Decimals of printed values by unit; two for all other units
FINE_CM = 10.0  # Range of a plot below which values in centimetres have a decimal
VALUE = {"deg": "{n}°", "cm": "{n} cm", "in": "{n} in", "m/s": "{n} m/s", "ft/s": "{n} ft/s"}
"""Message id of a value with its unit; values in other units are shown without the unit."""
EVERY = 2  # Step between the points that are drawn: at this size, 51 points look as smooth as 101


def draw_curves(
    comparer: RepComparer, entry: RepCompleted, count: int, fault: Fault | None = None
) -> tuple[Figure, ...]:
    """Draw the most informative curve of a rep, and further curves that are marked at the same moment.

    The result is empty without observations, or if too little of the rep was visible.

    Args:
        count: Largest number of further curves.
        fault: Fault to show; None for the rep's first shortcoming, if any.
    """
    aligned, moment = comparer.align(entry), comparer.key_moment(entry, fault)
    telling = comparer.primary_curve(entry, fault)
    if aligned is None or telling is None or moment is None:
        return ()
    others = [name for name in FURTHER_CURVES[comparer.table.travel] if CURVE_KINDS[name].words != telling.words]
    drawn = [comparer.curves.named_curve(name, entry.counted, aligned) for name in others[:count]]
    without_value = replace(moment, value_deg=None)
    own = entry.counted.reference == "own"
    shown = [(telling, moment), *((curve, without_value) for curve in drawn if curve is not None)]
    mark = MARK[entry.counted.form]
    absent = not entry.against
    return tuple(
        draw_curve(curve, at, mark, comparer.parts.ends, judged_by_own=own, reference_absent=absent)
        for curve, at in shown
    )


def draw_rep_plots(comparer: RepComparer, entry: RepCompleted) -> tuple[Figure, ...]:
    """Draw a rep's curves, fewer for a good rep, and its bar path, if known. A rep without a score has no plots."""
    rep, good = entry.counted, entry.counted.verdict == "good"
    if rep.score is None:
        return ()
    estimated = draw_estimated_bar_path(comparer, entry)
    # For good reps, the estimated bar path replaces the further curves.
    curves = draw_curves(comparer, entry, 3 if not good else 0 if estimated is not None else 1)
    path = estimated if rep.bar_path_cm is None else draw_measured_bar_path(rep.bar_path_cm, MARK[rep.form])
    return curves if path is None else (*curves, path)


def draw_estimated_bar_path(comparer: RepComparer, entry: RepCompleted) -> Figure | None:
    """Draw the path of the bar in a rep, as seen from the side and estimated from the hands.

    The result is None for an exercise that the hips lead, such as a squat, if too little of the rep was visible, or if
    the camera stood less than PATH_FROM_DEG from the front.
    """
    aligned = comparer.align(entry)
    of_hands = KINDS[comparer.table.travel].of_hands
    if not of_hands or aligned is None or aligned.rep.azimuth_deg < PATH_FROM_DEG:
        return None
    ahead, height = (comparer.curves.named_curve(name, entry.counted, aligned) for name in ("bar_ahead", "bar_height"))
    if ahead is None or height is None:
        return None
    return _estimated_path(ahead, height, comparer.parts, MARK[entry.counted.form])


def draw_curve(
    curve: RepCurve,
    moment: KeyMoment,
    mark: str,
    ends: tuple[str, str, str],
    *,
    judged_by_own: bool = False,
    reference_absent: bool = False,
) -> Figure:
    """Draw a curve of a rep and, if known, the band of the reps with which the rep was compared.

    Args:
        moment: Moment of the rep to mark.
        mark: CSS class of the curve, from `report_words.MARK`.
        ends: Names of the rep's start, turn and end.
        judged_by_own: Whether the rep was judged by the lifter's own good reps.
        reference_absent: Whether none of these good reps is stored in the session.
    """
    curve = _in_shown_unit(replace(curve, marked_point=moment.point))
    low, high = curve.plot_range
    plot = Plot((0, POINTS - 1), (low, high), size=CURVE_SIZE, margins=CURVE_MARGINS)
    if curve.low is not None and curve.high is not None:
        plot.draw_band(_points(curve.low, curve.high))
    plot.add('<path class="turn" d="M{:g} {:g}V{:g}"/>', plot.place_of(HALF, low)[0], plot.top, plot.bottom)
    if curve.usual is not None:
        plot.draw_line("usual", _points(curve.usual))
    plot.draw_line(f"curve {mark}", _points(curve.values), (VALUE.get(curve.unit, "{n}"), _digits(curve)))
    plot.draw_axes()
    plot.label_ticks(decimal_ticks(low, high))
    plot.label_x_axis(*ends)
    ring = bool(np.isfinite(curve.values[curve.marked_point])) and moment.has_ring
    if ring:
        at = plot.place_of(curve.marked_point, float(curve.values[curve.marked_point]))
        plot.add('<circle class="here" cx="{:.1f}" cy="{:.1f}" r="5"/>', *at)
    value = _value_and_band(curve, moment) if ring else ""
    label = _band_label(curve, judged_by_own=judged_by_own, reference_absent=reference_absent)
    what = join_texts(": ", Message("Curve of the {text} over the rep", text=curve.words), value)
    return Figure(
        title=Message("{text} ({text2})", text=curve.words, text2=curve.unit_words),
        svg=plot.svg(Message("{text}.", text=join_texts("; ", what, label))),
        note=label,
        value=value,
    )


def _in_shown_unit(curve: RepCurve) -> RepCurve:
    unit, scale = display_unit(curve.unit)
    if unit == curve.unit:
        return curve
    usual, low, high = (None if line is None else line * scale for line in (curve.usual, curve.low, curve.high))
    return replace(curve, unit=unit, values=curve.values * scale, usual=usual, low=low, high=high)


def _points(*lines: np.ndarray) -> Iterator[tuple[float, ...]]:
    """Yield the points of curves that are drawn: the number of the point, and the value of each line there."""
    return zip(range(0, POINTS, EVERY), *(line[::EVERY].tolist() for line in lines), strict=True)


def _band_label(curve: RepCurve, *, judged_by_own: bool = False, reference_absent: bool = False) -> str:
    if not (curve.good_count or judged_by_own):
        return Message("no good reps to compare with")
    if not curve.good_count:
        return Message("your good reps are in other sessions" if reference_absent else "not measured in your good reps")
    if not judged_by_own:
        return quantity_words(curve.good_count, "dashes: 1 rep of yours", "band: {n} reps of yours")
    return quantity_words(curve.good_count, "dashes: your 1 good rep", "band: your {n} good reps")


def _value_and_band(curve: RepCurve, moment: KeyMoment) -> str:
    number = _number(curve.values, curve) if moment.value_deg is None else f"{moment.value_deg:.0f}"
    at = Message(VALUE.get(curve.unit, "{n}"), n=number)
    value = Message("{text} at {n} s", text=at, n=f"{moment.into_s:.1f}")
    if curve.low is None or curve.high is None or not np.isfinite(curve.high[curve.marked_point]):
        return value
    high = Message(VALUE.get(curve.unit, "{n}"), n=_number(curve.high, curve))
    return join_texts(", ", value, Message("band {n} to {text}", n=_number(curve.low, curve), text=high))


def _number(line: np.ndarray, curve: RepCurve) -> str:
    digits = _digits(curve)
    return f"{round(float(line[curve.marked_point]), digits) + 0.0:.{digits}f}"  # + 0.0: never "-0"


def _digits(curve: RepCurve) -> int:
    low, high = curve.plot_range
    return 1 if curve.unit == "cm" and high - low < FINE_CM else DIGITS.get(curve.unit, 2)


def draw_measured_bar_path(points_cm: Sequence[tuple[float, float]], mark: str) -> Figure:
    """Draw the measured path of the bar's end, as seen from the side.

    Args:
        points_cm: Points forward and up, in centimetres, as in `Rep.bar_path_cm`; at least one.
        mark: CSS class of the path, from `report_words.MARK`.
    """
    unit, factor = display_unit("cm")
    ahead, up = (factor * np.array(axis) for axis in zip(*points_cm, strict=True))
    plot = _true_to_scale(ahead, up, factor * LEAST_CM, BAR_SIZE, BAR_MARGINS)
    plot.draw_axes()
    plot.label_ticks(decimal_ticks(*plot.y), decimal_ticks(*plot.x))
    plot.draw_line(f"curve {mark}", zip(ahead.tolist(), up.tolist(), strict=True))
    plot.add('<circle class="ring" cx="{:.1f}" cy="{:.1f}" r="4"/>', *plot.place_of(float(ahead[0]), float(up[0])))
    far = [Message("{n} cm", n=f"{np.ptp(axis):.0f}") for axis in zip(*points_cm, strict=True)]
    words = Message(
        "Path of the bar's end from the side, toes to the right: {text} up and down, {text2} forward and back.",
        text=far[1],
        text2=far[0],
    )
    width = Message("{n} cm", n="45")
    return Figure(
        title=Message("path of the bar’s end, from the side ({text})", text=unit),
        svg=plot.svg(words),
        note=Message("Measured by the plate, {text} across; toes to the right; dot: start", text=width),
    )


def _estimated_path(ahead: RepCurve, height: RepCurve, parts: RepParts, mark: str) -> Figure:
    usual = None if ahead.usual is None or height.usual is None else (ahead.usual, height.usual)
    both = ahead.values, height.values
    x, y = (np.concatenate([own, other]) for own, other in zip(both, usual or ([], []), strict=True))
    plot = _true_to_scale(x, y, 1e-6, CURVE_SIZE, (97, 12, 97, 12))
    lines = [("", [line[: HALF + 1] for line in both]), (" back", [line[HALF:] for line in both])]
    if usual is not None:
        plot.draw_line("usual", zip(*(line[::EVERY].tolist() for line in usual), strict=True))
    for kind, line in reversed(lines):
        plot.draw_line(f"curve {mark}{kind}", zip(*(axis[::EVERY].tolist() for axis in line), strict=True))
    plot.write_text("end", CURVE_SIZE[0], CURVE_SIZE[1] - 7, "forward →")
    legend = join_texts("; ", Message("line: {text}", text=parts.ways[0]), Message("dots: {text}", text=parts.ways[2]))
    return Figure(
        title="estimated path of the bar, from the side",
        svg=plot.svg(Message("Path of the bar from the side, toes to the right; {text}.", text=_band_label(ahead))),
        note=join_texts("; ", legend, "" if usual is None else "dashes: usual path of good reps"),
    )


def _true_to_scale(
    x: np.ndarray, y: np.ndarray, least: float, size: tuple[float, float], margins: tuple[float, float, float, float]
) -> Plot:
    """Return an empty plot around points, with the same scale on both axes, and a range of y of at least `least`."""
    wide, high = size[0] - margins[0] - margins[2], size[1] - margins[1] - margins[3]
    per_px = (1 + 2 * BAR_ROOM) * max(np.ptp(x) / wide, max(np.ptp(y), least) / high)
    (x0, x1), (y0, y1) = (
        ((axis.max() + axis.min() - per_px * length) / 2, (axis.max() + axis.min() + per_px * length) / 2)
        for axis, length in ((x, wide), (y, high))
    )
    return Plot((x0, x1), (y0, y1), size=size, margins=margins)
