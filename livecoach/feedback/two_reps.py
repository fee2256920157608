"""Pairs a rep with a good rep of the same lifter, shows both at the same moment, and marks the difference.

The loop of a rest, the phone, and a report's stills and clips use it.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.core.step import RepCompleted
from livecoach.core.types import Fault, Form, Observation, Rep, RepWindow, View
from livecoach.decisions.judging.primary import SHALLOW, shortcomings
from livecoach.decisions.rep.curves import GAP_S, POINTS, AlignedRep, CurveBuilder, RepCurve, curve_points, rep_parts
from livecoach.decisions.rep.measured import SAME_VIEW_DEG
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.motion import back_height, fill_single_gaps, nearest_stations
from livecoach.decisions.rep.view_normalised import normalise_rep
from livecoach.feedback import depth_line, skeleton
from livecoach.feedback.depth_line import SHOWN_S, DepthLine
from livecoach.feedback.key_moment import (
    KeyMoment,
    find_key_moment,
    matching_points,
    nearest_observation,
    time_of_point,
)
from livecoach.feedback.shapes import ALARM, DUSK, GOOD, INK, NIGHT, Colour
from livecoach.feedback.skeleton import CanvasBody, project_body
from livecoach.perception.pose.dorsal import edge_points

HEIGHT = 400  # Height of a figure's viewBox: in pixels for clips; stills are displayed at up to twice this size
LEAST_ASPECT, MOST_ASPECT = 0.7, 1.3  # Limits of the ratio of a figure's width to its height
ROOM_ABOVE, ROOM_BELOW, ROOM_ASIDE = 0.16, 0.06, 0.14
"""Margins around the landmarks, as shares of their height: for hair, soles, and part of the bar's ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCrop:
    """A rectangle of a picture, in pixels, which may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        """Units of the figure's viewBox per pixel of the picture."""
        return HEIGHT / self.height

    def to_view_box(self, xy_px: np.ndarray) -> np.ndarray:
        return (xy_px - (self.left, self.top)) * self.scale

    @property
    def shown_width(self) -> int:
        """Width of the rectangle in units of the viewBox, rounded to an even number, as video encoders require."""
        return round(self.width * self.scale / 2) * 2


def find_crop(observations: Sequence[Observation]) -> FigureCrop | None:
    """Find a rectangle around nearly all visible landmarks of observations, with margins; None if nobody is visible."""
    bodies = [
        body.xy_px[body.known & body.visible]
        for o in observations
        if (body := project_body(o, o.width_px, o.height_px, mirror=False)) is not None
    ]
    if not bodies:
        return None
    size = max((o.width_px, o.height_px) for o in observations)
    points = np.concatenate(bodies)
    # Percentiles, so that one frame with a misplaced hand does not shrink the lifter.
    low, high = np.percentile(points, [0.5, 99.5], axis=0)
    tall = max(float(high[1] - low[1]), 1.0)
    top, bottom = low[1] - ROOM_ABOVE * tall, high[1] + ROOM_BELOW * tall
    left, right = low[0] - ROOM_ASIDE * tall, high[0] + ROOM_ASIDE * tall
    height = max(float(bottom - top), float(right - left) / MOST_ASPECT)
    width = min(max(float(right - left), LEAST_ASPECT * height), MOST_ASPECT * height)
    middle_x = float(left + right) / 2
    return FigureCrop(
        left=_within(middle_x - width / 2, width, size[0]),
        top=_within(float(bottom) - height, height, size[1]),
        width=width,
        height=height,
    )


def _within(start: float, length: float, of: int) -> float:
    """Return the start of an interval, shifted to lie inside a picture of `of` pixels as far as possible."""
    return float(np.clip(start, min(0.0, of - length), max(0.0, of - length)))


def crop_picture(picture: np.ndarray, frame_size_px: tuple[int, int], crop: FigureCrop, scale: float) -> np.ndarray:
    """Return a scaled crop of a picture, (height, width, 3) uint8 BGR. Places outside the picture have the colour DUSK.

    Args:
        frame_size_px: Width and height of the observed frame, to which `crop` refers. The picture may differ in size.
        scale: Pixels of the result per unit of the figure's viewBox.
    """
    size = round(crop.shown_width * scale), round(HEIGHT * scale)
    of_picture = crop.scale * scale
    x, y = of_picture * frame_size_px[0] / picture.shape[1], of_picture * frame_size_px[1] / picture.shape[0]
    moved = np.array([[x, 0, -crop.left * of_picture], [0, y, -crop.top * of_picture]])
    # Average pixels first: strongly reduced pictures would flicker otherwise.
    if min(x, y) < 0.5:
        picture, moved = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), moved * (2, 2, 1)
    part: np.ndarray = cv2.warpAffine(picture, moved, size, flags=cv2.INTER_LINEAR, borderValue=DUSK)
    return part


BACK_THICKNESS = 4.5  # Width of the line of the back in a picture of 480 pixels; a thicker line hides its shape


class BackLine:
    """The edge of the part of a lifter's back that a fault concerns, in frames of a rep that show the whole part."""

    def __init__(self, window: RepWindow, span: tuple[float, float]) -> None:
        """Find the back's edge in a rep, along a span between two shares of the way from hips to shoulders."""
        rep = normalise_rep(window)
        self._first, self._last = nearest_stations(span)
        whole_s = set[float]()
        if rep is not None and rep.back is not None:
            whole_s.update(rep.t_s[np.isfinite(back_height(rep.back, span))].tolist())
        # Heights of the edge by time, in picture heights.
        self._edges = {
            seen.t_s: fill_single_gaps(seen.back[None].astype(np.float64))[0]
            for seen in window.observations
            if seen.back is not None and seen.t_s in whole_s
        }

    def line_near(self, observation: Observation) -> np.ndarray | None:
        """Return the back's edge measured nearest in time to an observation, from the hips up, (n, 2) in pixels.

        The result is None if nobody is in view, or if no edge was measured within GAP_S / 2.
        """
        if not self._edges or observation.landmarks is None:
            return None
        nearest = min(self._edges, key=lambda t_s: abs(t_s - observation.t_s))
        if abs(nearest - observation.t_s) > GAP_S / 2:
            return None
        size_px = observation.width_px, observation.height_px
        return edge_points(self._edges[nearest], observation.landmarks, size_px)[self._first : self._last + 1]


def _draw_back(canvas: np.ndarray, line: np.ndarray, colour: Colour, unit: float) -> None:
    """Draw the line of a back, (n, 2) in pixels, and its chord."""
    points = np.rint(line).astype(np.int32)
    thick = max(3, round(BACK_THICKNESS * unit))
    cv2.polylines(canvas, [points], False, NIGHT, thick + 2, cv2.LINE_AA)
    cv2.polylines(canvas, [points], False, colour, thick, cv2.LINE_AA)
    cv2.polylines(canvas, [points[[0, -1]]], False, INK, max(1, thick // 3), cv2.LINE_AA)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CroppedFigure:
    """The figure of a lifter at a moment, with points in viewBox units of a crop."""

    observation: Observation  # Observation of the moment
    body: CanvasBody | None  # Landmarks in viewBox units; None if nobody is visible
    back: np.ndarray | None = None  # (n, 2): the edge of the back; None if unknown, or if no fault was measured there
    line: np.ndarray | None = None  # (3, 2): the points of DepthLine.xy in viewBox units; None if not shown


def make_figure(
    seen: Observation,
    crop: FigureCrop,
    line: DepthLine | None = None,
    back: BackLine | None = None,
    line_within_s: float = SHOWN_S,
) -> CroppedFigure:
    """Return the figure of the lifter in an observation, in viewBox units of a crop.

    The `line` of the depth is shown up to `line_within_s` before and after the bottom. None leaves out line or back.
    """
    body = skeleton.project_body(seen, seen.width_px, seen.height_px, mirror=False)
    edge = None if back is None else back.line_near(seen)
    shown = None
    if line is not None and line.is_shown(seen.t_s, line_within_s):
        shown = crop.to_view_box(line.xy * (seen.width_px, seen.height_px))
    return CroppedFigure(
        observation=seen,
        body=None if body is None else replace(body, xy_px=crop.to_view_box(body.xy_px)),
        back=None if edge is None else crop.to_view_box(edge),
        line=shown,
    )


BACK_COLOURS: dict[Form, Colour] = {"good": GOOD, "anomalous": ALARM, "unsure": GOOD}
"""Colour of the line along the back by the form of the rep; INK for other forms."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedRep:
    """A rep of a pair, with the lines and marks that are drawn over its pictures."""

    window: RepWindow
    crop: FigureCrop
    points: np.ndarray  # (POINTS,): point of this rep's curves to show with each point of the first rep's curves
    joints: tuple[str, ...] = ()  # Names of the joints to mark
    line: DepthLine | None = None  # Line of the rep's depth; None if the depth was not measured
    back: BackLine | None = None  # Line of the back; None unless the curve of a fault is measured there
    form: Form = "good"  # Form to show: "anomalous" with the shown fault, "unsure" for a second rep that is not good
    completed: RepCompleted | None = None  # The rep as completed in this session; None for another day's rep

    def time_at(self, point: float) -> float:
        """Return the time in seconds in this rep at a point of the first rep's curves, 0 to POINTS - 1."""
        return time_of_point(float(np.interp(point, np.arange(POINTS), self.points)), self.window)

    def figure_at(self, point: float, line_within_s: float = SHOWN_S) -> CroppedFigure | None:
        """Return the figure at a point of the first rep's curves; None if nobody was detected in this rep."""
        seen = nearest_observation(self.window, self.time_at(point))
        return None if seen is None else make_figure(seen, self.crop, self.line, self.back, line_within_s)


def draw_paired_rep(
    canvas: np.ndarray,
    rep: PairedRep,
    figure: CroppedFigure,
    place: Callable[[np.ndarray], np.ndarray],
    *,
    unit: float,
    joints_unit: float | None,
    words: bool = False,
) -> None:
    """Draw the figure of a rep on a canvas, with marked joints and the lines of back and depth.

    Args:
        place: Converts points, (n, 2) in viewBox units, to pixels of the canvas.
        unit: Scale of lines: 1 for a picture that is 480 pixels high.
        joints_unit: Scale of the marked joints, like `unit`; None to mark no joint.
        words: Whether to write the measured depth next to its line.
    """
    if figure.body is not None:
        body = replace(figure.body, xy_px=place(figure.body.xy_px))
        skeleton.draw_skeleton(canvas, body, active=True, unit=unit)
        if joints_unit is not None:
            skeleton.draw_joints(canvas, body, rep.joints, joints_unit)
    if figure.back is not None:
        _draw_back(canvas, place(figure.back), BACK_COLOURS.get(rep.form, INK), unit)
    if figure.line is not None and rep.line is not None:
        depth_line.draw_depth_line(canvas, rep.line, place(figure.line), unit, words=words)


class Pair(NamedTuple):
    """A rep to show, alone or with another rep for comparison."""

    reps: tuple[PairedRep, ...]  # One or two reps
    key_moment: KeyMoment  # Key moment of the first rep


def evenly_spaced_points(window: RepWindow, count: int, stop: float) -> tuple[list[float], int]:
    """Return the points of a rep's curves at even times, as fractional indices, and the place of the nearest to `stop`.

    Args:
        count: Number of times, from the start to the end of the rep, both included.
        stop: Index at which the display pauses, from 0 to POINTS - 1.
    """
    points = curve_points(np.linspace(window.start_s, window.end_s, count), window)
    return points.tolist(), int(np.abs(points - stop).argmin())


class RepComparer:
    """Compares reps of an exercise: finds their most informative curves, their key moments, and good reps to show."""

    def __init__(self, table: FaultTable, turn: str, height_cm: float | None = None) -> None:
        """Prepare to compare. `turn` names the turn, like "lockout"; without a height, the typical height is used."""
        self.table, self.parts, self.curves = table, rep_parts(table.travel, turn), CurveBuilder(table, height_cm)
        self._aligned: dict[RepCompleted, AlignedRep | None] = {}
        self._chosen: dict[tuple[RepCompleted, Fault | None], tuple[RepCurve | None, KeyMoment | None]] = {}

    def align(self, entry: RepCompleted) -> AlignedRep | None:
        """Align a rep with the reps of its reference; None without observations, or if too little was visible."""
        if entry not in self._aligned:
            window = entry.window
            self._aligned[entry] = None if window is None else self.curves.align(window, entry.against)
        return self._aligned[entry]

    def primary_curve(self, entry: RepCompleted, fault: Fault | None = None) -> RepCurve | None:
        """Return a rep's most informative curve for a fault, by default the first shortcoming; None without a curve."""
        return self._choose(entry, fault)[0]

    def key_moment(self, entry: RepCompleted, fault: Fault | None = None) -> KeyMoment | None:
        """Return a rep's key moment for a fault, by default for the first shortcoming; None without observations."""
        return self._choose(entry, fault)[1]

    def _choose(self, entry: RepCompleted, fault: Fault | None) -> tuple[RepCurve | None, KeyMoment | None]:
        rep = entry.counted
        fault = fault or next(iter(shortcomings(rep)), None)
        if (entry, fault) not in self._chosen:
            aligned = self.align(entry)
            shown = rep if fault is None else replace(rep, faults=(fault,))
            curve = None if aligned is None else self.curves.primary_curve(shown, aligned)
            at_s, moment = None if rep.why is None else rep.why.at_s, None
            if entry.window is not None:
                moment = find_key_moment(curve, entry.window, fault, self.table, self.parts, at_s)
            self._chosen[entry, fault] = curve, moment
        return self._chosen[entry, fault]

    def rep_to_compare(
        self, entry: RepCompleted, reps: Sequence[RepCompleted], fault: Fault | None = None
    ) -> RepCompleted | RepWindow | None:
        """Choose a typical good rep, of this session or another day, to compare with a rep; None without a candidate.

        Args:
            reps: Completed reps of this session.
            fault: Fault to show; None for the rep's first shortcoming, if any.
        """
        compares_depth = fault is not None and fault.name == SHALLOW
        return typical_rep(entry, reps, lambda kept: self._shows(entry, fault, kept), compares_depth=compares_depth)

    def _shows(self, entry: RepCompleted, fault: Fault | None, kept: RepWindow) -> bool:
        """Return whether another rep's curve of a fault, by default the first fault, is known at the key moment."""
        curve, moment = self._choose(entry, fault)
        if curve is None or moment is None or entry.window is None:
            return True
        return self.curves.is_point_known(curve.name, kept, float(self._matching(entry.window, kept)[moment.point]))

    def pair(
        self, entry: RepCompleted, other: RepCompleted | RepWindow | None, fault: Fault | None = None
    ) -> Pair | None:
        """Return a rep paired with another rep for comparison; None if the first rep can't be shown.

        A rep can't be shown without stored observations, if nobody is visible, or, for the first rep, without a key
        moment. Two reps of a session share one scale, so the lifter need be visible in only one of the reps.

        Args:
            other: A rep of this session, or the window of a rep of another day; None to show the first rep alone. A rep
                that can't be shown is left out.
            fault: Fault to show; None for the rep's first shortcoming, if any.
        """
        ours = None if isinstance(other, RepWindow) else other
        other_window = other if isinstance(other, RepWindow) else None if other is None else other.window
        window, moment = entry.window, self.key_moment(entry, fault)
        # The same camera saw two reps of a session: they are shown at one scale.
        in_other = other_window.rep_observations if other_window and ours else ()
        crop = None if window is None else find_crop([*window.rep_observations, *in_other])
        if window is None or crop is None or moment is None:
            return None
        curve = self.primary_curve(entry, fault)
        stations = curve.stations if entry.counted.faults and curve is not None else None
        # The line of the back replaces the marked joints, which belong to the primary fault.
        marked = not stations and (fault is None or fault in entry.counted.faults[:1])
        first = PairedRep(
            window=window,
            crop=crop,
            points=np.arange(POINTS, dtype=float),
            joints=entry.counted.top_joints if marked else (),
            line=_depth_line(entry),
            back=BackLine(window, stations) if stations else None,
            form=entry.counted.form if fault is None else "anomalous",
            completed=entry,
        )
        other_crop = None if other_window is None else crop if ours else find_crop(other_window.rep_observations)
        if other_window is None or other_crop is None:
            return Pair((first,), moment)
        is_good = not other_window.misses_standard if ours is None else ours.counted.verdict == "good"
        second = PairedRep(
            window=other_window,
            crop=other_crop,
            points=self._matching(window, other_window),
            line=None if ours is None else _depth_line(ours),
            back=BackLine(other_window, stations) if stations else None,
            form="unsure" if not is_good else "good" if ours is None else ours.counted.form,
            completed=ours,
        )
        return Pair((first, second), moment)

    def _matching(self, window: RepWindow, other: RepWindow) -> np.ndarray:
        return matching_points(self.curves.leading_heights(window), self.curves.leading_heights(other))


def typical_rep(
    entry: RepCompleted,
    reps: Sequence[RepCompleted],
    shows: Callable[[RepWindow], bool] = lambda _: True,
    *,
    compares_depth: bool = False,
) -> RepCompleted | RepWindow | None:
    """Choose the most typical good rep, filmed from about the same azimuth, to show beside a rep; None without any.

    Candidates are the reps that the rep was judged against or, if it was judged against no own reps, all good reps of
    this session. The first choice is a rep of this session, of the same set if possible, with the lowest score; the
    second choice is the newest rep of another day. Reps that miss a standard come last, in the same order.

    Args:
        shows: Returns whether a rep shows the compared curve; if any rep does, reps that do not are left out.
        compares_depth: Whether depth is compared: then reps that miss a standard are left out.
    """
    view = None if entry.window is None else entry.window.view
    judged_it = {_rep_id(kept) for kept in entry.against}
    good = [
        (other, window)
        for other in reps
        if other is not entry
        and other.rep.is_in_form
        and (window := other.window) is not None
        and (not judged_it or _rep_id(window) in judged_it)
        and _same_side(view, window.view)
    ]
    of_session = {_rep_id(window) for other in reps if (window := other.window) is not None}
    of_other_days = [
        kept for kept in reversed(entry.against) if _rep_id(kept) not in of_session and _same_side(view, kept.view)
    ]
    if any(shows(window) for _, window in good) or any(shows(kept) for kept in of_other_days):
        good = [(other, window) for other, window in good if shows(window)]
        of_other_days = [kept for kept in of_other_days if shows(kept)]
    exemplary = [other for other, _ in good if other.counted.verdict == "good"]
    found = _most_typical(entry, exemplary) or next((kept for kept in of_other_days if not kept.misses_standard), None)
    if found is not None or compares_depth:
        return found
    return _most_typical(entry, [other for other, _ in good]) or next(iter(of_other_days), None)


def _depth_line(entry: RepCompleted) -> DepthLine | None:
    if entry.window is None:
        return None
    return depth_line.find_depth_line(entry.rep, entry.window.observations, entry.standards)


def _most_typical(entry: RepCompleted, good: Sequence[RepCompleted]) -> RepCompleted | None:
    return min(good, key=lambda rep: (rep.counted.set != entry.counted.set, score_or_inf(rep.counted)), default=None)


def score_or_inf(rep: Rep) -> float:
    """Return the score of a rep for sorting; infinity if the rep has no score."""
    return float("inf") if rep.score is None else rep.score


def _rep_id(window: RepWindow) -> tuple[str, float]:
    """Return a key of a rep, which is equal in windows that differ because the lifter chose the rep as a good rep."""
    return window.set_name, window.start_s


def _same_side(view: View | None, other: View | None) -> bool:
    return view is not None and other is not None and abs(view.azimuth_deg - other.azimuth_deg) <= SAME_VIEW_DEG
