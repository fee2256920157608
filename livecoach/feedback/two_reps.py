"""Two reps at the same moment: a rep, and a good one of the lifter's own beside it, with what differs marked.

The loop of a rest, the phone, and a report's stills and clips show what this makes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import cv2
import numpy as np

from livecoach.core.types import Fault, Form, Observation, Rep, RepWindow, Standards, View
from livecoach.core.types.reps import SHOWN
from livecoach.decisions.judging.primary import SHALLOW
from livecoach.decisions.rep.curves import (
    GAP_S,
    POINTS,
    AlignedRep,
    CurveBuilder,
    RepCurve,
    points_at,
    rep_parts,
)
from livecoach.decisions.rep.measured import SAME_VIEW_DEG
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.measures.back import sagitta, stations, without_gaps
from livecoach.decisions.rep.view_normalised import normalised_rep
from livecoach.feedback import depth_line, skeleton
from livecoach.feedback.depth_line import SHOWN_S, DepthLine
from livecoach.feedback.key_moment import KeyMoment, key_moment, matching_points, observation_at, time_at
from livecoach.feedback.shapes import ALARM, DUSK, GOOD, INK, NIGHT, Colour
from livecoach.feedback.skeleton import CanvasBody, project
from livecoach.perception.pose.dorsal import edge_points

HEIGHT = 400  # height of a figure's viewBox: in pixels for clips; stills are displayed at up to twice this size
LEAST_ASPECT, MOST_ASPECT = 0.7, 1.3  # limits of width over height
ROOM_ABOVE, ROOM_BELOW, ROOM_ASIDE = 0.16, 0.06, 0.14
"""Margins around the landmarks, as shares of their height: for hair, soles, and part of the bar's ends."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FigureCrop:
    """A rectangle of a picture, in pixels; it may extend beyond the picture."""

    left: float
    top: float
    width: float
    height: float

    @property
    def scale(self) -> float:
        return HEIGHT / self.height

    def placed(self, xy_px: np.ndarray) -> np.ndarray:
        """Return points (n, 2) of the picture in viewBox units."""
        return (xy_px - (self.left, self.top)) * self.scale

    @property
    def shown_width(self) -> int:
        """Width in viewBox units, rounded to an even number, as video encoders require."""
        return round(self.width * self.scale / 2) * 2


def crop_of(observations: Sequence[Observation]) -> FigureCrop | None:
    """Return a crop that holds the lifter throughout some observations; None if nobody is visible in them."""
    bodies = [
        body.xy_px[body.known & body.visible]
        for o in observations
        if (body := project(o, o.width_px, o.height_px, mirror=False)) is not None
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
    """Shift the start of an interval so that it lies inside the picture as far as possible."""
    return float(np.clip(start, min(0.0, of - length), max(0.0, of - length)))


def crop_picture(picture: np.ndarray, seen_px: tuple[int, int], crop: FigureCrop, scale: float) -> np.ndarray:
    """Cut a crop out of a picture, which may have another size than the observed frame. seen_px: width and height of
    that frame. scale: pixels per viewBox unit. Areas beyond the picture are filled with the colour DUSK."""
    size = round(crop.shown_width * scale), round(HEIGHT * scale)
    of_picture = crop.scale * scale
    x, y = of_picture * seen_px[0] / picture.shape[1], of_picture * seen_px[1] / picture.shape[0]
    moved = np.array([[x, 0, -crop.left * of_picture], [0, y, -crop.top * of_picture]])
    # Average pixels first: strongly reduced pictures would flicker otherwise.
    if min(x, y) < 0.5:
        picture, moved = cv2.resize(picture, None, fx=0.5, fy=0.5, interpolation=cv2.INTER_AREA), moved * (2, 2, 1)
    part: np.ndarray = cv2.warpAffine(picture, moved, size, flags=cv2.INTER_LINEAR, borderValue=DUSK)
    return part


BACK_THICKNESS = 4.5  # width of the line in a picture of 480 pixels. Our choice: a thicker one hides how round it is


class BackLine:
    """The back's edge through one rep, over the stations that a fault was measured on: a round back is drawn round."""

    def __init__(self, window: RepWindow, span: tuple[float, float]) -> None:
        """span: as CurveKind.of_back."""
        rep = normalised_rep(window)
        self._first, self._last = stations(span)
        known = (
            rep.t_s[np.isfinite(sagitta(rep.back, span))] if rep is not None and rep.back is not None else np.empty(0)
        )
        whole_s = set(known.tolist())
        # Time → the edge's heights, picture heights.
        self._edges = {
            one.t_s: without_gaps(one.back[None].astype(np.float64))[0]
            for one in window.observations
            if one.back is not None and one.t_s in whole_s
        }

    def over(self, observation: Observation) -> np.ndarray | None:
        """Return the line over an observation of the rep, (n, 2) pixels of its picture, from the hips up; None where
        the edge is not known. That of the nearest picture stands for one that is lost for a moment."""
        if not self._edges or observation.landmarks is None:
            return None
        nearest = min(self._edges, key=lambda t_s: abs(t_s - observation.t_s))
        if abs(nearest - observation.t_s) > GAP_S / 2:
            return None
        size_px = observation.width_px, observation.height_px
        return edge_points(self._edges[nearest], observation.landmarks, size_px)[self._first : self._last + 1]


def draw_back(canvas: np.ndarray, line: np.ndarray, colour: Colour, unit: float) -> None:
    """Draw a line (n, 2) of pixels, and its chord. unit: thickness over that in a picture of 480 pixels."""
    points = np.rint(line).astype(np.int32)
    thick = max(3, round(BACK_THICKNESS * unit))
    cv2.polylines(canvas, [points], False, NIGHT, thick + 2, cv2.LINE_AA)
    cv2.polylines(canvas, [points], False, colour, thick, cv2.LINE_AA)
    cv2.polylines(canvas, [points[[0, -1]]], False, INK, max(1, thick // 3), cv2.LINE_AA)


@dataclass(frozen=True, kw_only=True, eq=False)
class SeenRep:
    """A rep with the evidence for its verdict."""

    judged: Rep  # as it was judged, with its correction, if any
    view: View | None = None
    window: RepWindow | None = None  # its observations; None if its view is unknown, or they are lost
    against: tuple[RepWindow, ...] = ()
    """The lifter's own good reps that it was judged against, as far as they are still stored."""
    standards: Standards = SHOWN  # the standards that it was held against

    @cached_property
    def rep(self) -> Rep:
        """The rep as it counts: a correction replaces the verdict."""
        return self.judged.as_counted()

    @cached_property
    def line(self) -> DepthLine | None:
        """The line at the top of the knee; None where its depth was not measured."""
        if self.window is None:
            return None
        return depth_line.depth_line(self.judged, self.window.observations, self.standards)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class FigureMoment:
    """A lifter at one moment. Points are those of a crop, in viewBox units."""

    seen: Observation
    body: CanvasBody | None  # None where nobody is visible
    back: np.ndarray | None = None  # (n, 2): the edge of the back; None where it is not known, or is not what differs
    line: np.ndarray | None = None  # (3, 2): the line at the top of the knee, as DepthLine's; None where not shown


def figure_at(
    seen: Observation,
    crop: FigureCrop,
    line: DepthLine | None = None,
    back: BackLine | None = None,
    line_within_s: float = SHOWN_S,
) -> FigureMoment:
    """The lifter of an observation. line_within_s: how near to its bottom the line is shown."""
    body = skeleton.project(seen, seen.width_px, seen.height_px, mirror=False)
    edge = None if back is None else back.over(seen)
    shown = None
    if line is not None and line.is_shown(seen.t_s, line_within_s):
        shown = crop.placed(line.on_canvas(seen.width_px, seen.height_px))
    return FigureMoment(
        seen=seen,
        body=None if body is None else replace(body, xy_px=crop.placed(body.xy_px)),
        back=None if edge is None else crop.placed(edge),
        line=shown,
    )


BACK: dict[Form, Colour] = {"good": GOOD, "anomalous": ALARM, "unsure": GOOD}
"""What a rep counts as → colour of the line along its back, where that is not INK."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PairedRep:
    window: RepWindow
    crop: FigureCrop
    points: np.ndarray  # (POINTS,) points of its curves that are shown together with each point of the first rep's
    joints: tuple[str, ...] = ()  # names of the joints to mark
    line: DepthLine | None = None
    back: BackLine | None = None  # None where something else differs
    form: Form = "good"  # anomalous: for what is shown; unsure: it is right in that, and yet no good rep
    of: SeenRep | None = None  # the rep of this session, which may have filmed it; None for one of another day

    def time_at(self, point: float) -> float:
        return time_at(float(np.interp(point, np.arange(POINTS), self.points)), self.window)

    def at(self, point: float, line_within_s: float = SHOWN_S) -> FigureMoment | None:
        seen = observation_at(self.window, self.time_at(point))
        return None if seen is None else figure_at(seen, self.crop, self.line, self.back, line_within_s)


def draw(
    canvas: np.ndarray,
    rep: PairedRep,
    moment: FigureMoment,
    place: Callable[[np.ndarray], np.ndarray],
    *,
    unit: float,
    joints_unit: float | None,
    words: bool = False,
) -> None:
    """Draw a rep of a pair at a moment. place: (n, 2) points in viewBox units → pixels of the canvas. unit: thickness
    over that in a picture of 480 pixels; joints_unit: that of the marked joints, None for none. words: whether the
    measured depth stands at its line."""
    if moment.body is not None:
        body = replace(moment.body, xy_px=place(moment.body.xy_px))
        skeleton.draw(canvas, body, active=True, unit=unit)
        if joints_unit is not None:
            skeleton.draw_joints(canvas, body, rep.joints, joints_unit)
    if moment.back is not None:
        draw_back(canvas, place(moment.back), BACK.get(rep.form, INK), unit)
    if moment.line is not None and rep.line is not None:
        depth_line.draw(canvas, rep.line, place(moment.line), unit, words=words)


class Pair(NamedTuple):
    halves: tuple[PairedRep, ...]  # a rep, and the one beside it, if there is one
    then: KeyMoment  # of the first


def evenly(window: RepWindow, count: int, stop: float) -> tuple[list[float], int]:
    """Return points of a rep's curves, evenly spaced in time, and the place of the one nearest to `stop`."""
    points = points_at(np.linspace(window.start_s, window.end_s, count), window)
    return points.tolist(), int(np.abs(points - stop).argmin())


class Comparer:
    """Compares reps of one exercise: which curve tells most of a rep, at which moment, and beside which rep."""

    def __init__(self, table: FaultTable, turn: str, height_cm: float | None = None) -> None:
        """turn: as Exercise's. height_cm: the lifter's stature; None for a usual one."""
        self.table, self.parts, self.curves = table, rep_parts(table.travel, turn), CurveBuilder(table, height_cm)
        self._aligned: dict[SeenRep, AlignedRep | None] = {}
        self._chosen: dict[tuple[SeenRep, Fault | None], tuple[RepCurve | None, KeyMoment | None]] = {}

    def aligned(self, entry: SeenRep) -> AlignedRep | None:
        """The rep with those that judged it; None if too little of it was visible."""
        if entry not in self._aligned:
            window = entry.window
            self._aligned[entry] = None if window is None else self.curves.aligned(window, entry.against)
        return self._aligned[entry]

    def curve(self, entry: SeenRep, fault: Fault | None = None) -> RepCurve | None:
        """The curve that tells most; None if none is known. fault: one of the rep's; None for the first, if any."""
        return self._choose(entry, fault)[0]

    def moment(self, entry: SeenRep, fault: Fault | None = None) -> KeyMoment | None:
        """The key moment of a rep; None without observations. fault: as `curve`'s, here and below."""
        return self._choose(entry, fault)[1]

    def _choose(self, entry: SeenRep, fault: Fault | None) -> tuple[RepCurve | None, KeyMoment | None]:
        rep = entry.rep
        fault = fault or (rep.faults[0] if rep.faults else None)
        if (entry, fault) not in self._chosen:
            aligned = self.aligned(entry)
            shown = rep if fault is None else replace(rep, faults=(fault,))
            curve = None if aligned is None else self.curves.primary(shown, aligned)
            at_s, then = None if rep.why is None else rep.why.at_s, None
            if entry.window is not None:
                then = key_moment(curve, entry.window, fault, self.table, self.parts, at_s)
            self._chosen[entry, fault] = curve, then
        return self._chosen[entry, fault]

    def beside(self, entry: SeenRep, reps: Sequence[SeenRep], fault: Fault | None = None) -> SeenRep | RepWindow | None:
        """The rep to show beside another one, as `typical_rep`. reps: of the session."""
        of_depth = fault is not None and fault.name == SHALLOW
        return typical_rep(entry, reps, lambda kept: self._shows(entry, fault, kept), of_depth=of_depth)

    def _shows(self, entry: SeenRep, fault: Fault | None, kept: RepWindow) -> bool:
        """Whether the curve of a fault is known in another rep at the same moment."""
        curve, then = self._choose(entry, fault)
        if curve is None or then is None or entry.window is None:
            return True
        return self.curves.is_known(curve.name, kept, float(self._matching(entry.window, kept)[then.point]))

    def pair(self, entry: SeenRep, other: SeenRep | RepWindow | None, fault: Fault | None = None) -> Pair | None:
        """A rep and the one beside it; None if nobody is visible. other: of this session, or kept of another day."""
        ours = None if isinstance(other, RepWindow) else other
        beside = other if isinstance(other, RepWindow) else None if other is None else other.window
        window, then = entry.window, self.moment(entry, fault)
        # The same camera saw two reps of a session: they are shown at one scale.
        crop = None if window is None else crop_of([*window.inside, *(beside.inside if beside and ours else ())])
        if window is None or crop is None or then is None:
            return None
        curve = self.curve(entry, fault)
        of_back = curve.of_back if entry.rep.faults and curve is not None else None
        # The line of the back takes the joints' place. They belong to the primary fault.
        marked = not of_back and (fault is None or fault in entry.rep.faults[:1])
        first = PairedRep(
            window=window,
            crop=crop,
            points=np.arange(POINTS, dtype=float),
            joints=entry.rep.top_joints if marked else (),
            line=entry.line,
            back=BackLine(window, of_back) if of_back else None,
            form=entry.rep.form if fault is None and entry.rep.form in ("good", "alike", "different") else "anomalous",
            of=entry,
        )
        crop_beside = None if beside is None else crop if ours else crop_of(beside.inside)
        if beside is None or crop_beside is None:
            return Pair((first,), then)
        second = PairedRep(
            window=beside,
            crop=crop_beside,
            points=self._matching(window, beside),
            line=None if ours is None else ours.line,
            back=BackLine(beside, of_back) if of_back else None,
            form="good" if ours is None else ours.rep.form if ours.rep.verdict == "good" else "unsure",
            of=ours,
        )
        return Pair((first, second), then)

    def _matching(self, window: RepWindow, beside: RepWindow) -> np.ndarray:
        return matching_points(self.curves.height(window), self.curves.height(beside))


def typical_rep(
    entry: SeenRep,
    reps: Sequence[SeenRep],
    shows: Callable[[RepWindow], bool] = lambda _: True,
    *,
    of_depth: bool = False,
) -> SeenRep | RepWindow | None:
    """The lifter's most typical good rep of those that `entry` was judged against, filmed from the same side.

    Those of this session come first, with the lowest score, those of the same set before others. Failing that, the
    newest one of another day. If none judged it, a good rep of this session. Reps that miss a standard come last, and
    never where depth is what to see. None if there is none.
    shows: whether a rep shows what is compared. Such reps come before all others.
    """
    view = None if entry.window is None else entry.window.view
    judged_it = {_rep_id(kept) for kept in entry.against}
    good = [
        (other, window)
        for other in reps
        if other is not entry
        and other.judged.is_in_form
        and (window := other.window) is not None
        and (not judged_it or _rep_id(window) in judged_it)
        and _same_side(view, window.view)
    ]
    of_session = {_rep_id(window) for other in reps if (window := other.window) is not None}
    of_other_days = [
        kept for kept in reversed(entry.against) if _rep_id(kept) not in of_session and _same_side(view, kept.view)
    ]
    if any(shows(window) for _, window in good) or any(shows(kept) for kept in of_other_days):
        good = [one for one in good if shows(one[1])]
        of_other_days = [kept for kept in of_other_days if shows(kept)]
    exemplary = [one for one, _ in good if one.rep.verdict == "good"]
    others = [] if of_depth else [one for one, _ in good]
    return _most_typical(entry, exemplary) or next(iter(of_other_days), None) or _most_typical(entry, others)


def _most_typical(entry: SeenRep, good: Sequence[SeenRep]) -> SeenRep | None:
    return min(good, key=lambda other: (other.rep.set != entry.rep.set, score_of(other.rep)), default=None)


def score_of(rep: Rep) -> float:
    return float("inf") if rep.score is None else rep.score


def _rep_id(window: RepWindow) -> tuple[str, float]:
    """What identifies a rep; that the lifter chose it makes another window."""
    return window.set_name, window.start_s


def _same_side(one: View | None, other: View | None) -> bool:
    return one is not None and other is not None and abs(one.azimuth_deg - other.azimuth_deg) <= SAME_VIEW_DEG
