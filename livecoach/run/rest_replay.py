"""Chooses what the lifter looks at in a rest: the set's worst rep beside a good one of the lifter's own, or its best.

The rep, the one beside it and the moment at which the loop pauses are those that a report shows of the set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.assembly import Coach
from livecoach.coaching.set_progress import SetProgress
from livecoach.curves import POINTS, CurveBuilder, RepCurve, points_at, rep_parts
from livecoach.feedback.back_line import BackLine
from livecoach.feedback.depth_line import DepthLine, depth_line
from livecoach.feedback.figure_crop import FigureCrop, cropped, crops_beside
from livecoach.feedback.rep_loop import PHASES, LoopedFilm, LoopedLine, LoopedRep, RepLoop
from livecoach.feedback.skeleton import project
from livecoach.judging.primary import SHALLOW, shortcomings, size
from livecoach.judging.reference import most_typical, near, own_reps
from livecoach.key_moment import key_moment, matching_points, observation_at, rep_id, same_side, time_at
from livecoach.run.set_pictures import SetPictures
from livecoach.types import Fault, Observation, Rep, RepWindow, SetSummary, Standards, Step
from livecoach.types.message import Message, capital
from livecoach.types.standards import SHOWN

MOST_OF_SET = 40
"""Newest reps of a set of which one may be shown. Each takes up to half a MiB, and only an endless set has more."""
MOST_BEFORE = 20
"""Most good reps of earlier sets that are kept: as many as a profile keeps of a view."""


@dataclass(frozen=True, slots=True, eq=False)
class _SeenRep:
    """A rep of the run, as `JudgedRep`."""

    rep: Rep
    window: RepWindow | None
    against: tuple[RepWindow, ...]
    standards: Standards
    """The standards that it was held against."""

    @property
    def line(self) -> DepthLine | None:
        """The line at the top of the knee; None where its depth was not measured."""
        return None if self.window is None else depth_line(self.rep, self.window.observations, self.standards)


@dataclass(frozen=True, slots=True)
class _Choice:
    """The rep of a set to look at."""

    entry: _SeenRep
    window: RepWindow
    """Its observations."""
    fault: Fault | None
    """The fault that it shows; None for a rep without one."""

    @property
    def is_good(self) -> bool:
        """Whether it is shown as a good rep."""
        return self.fault is None and self.entry.rep.verdict == "good"


class RestReplay:
    """Follows the reps of a run, and makes the loop of each rest once."""

    def __init__(self, coaches: Mapping[str, Coach]) -> None:
        """coaches: by the name of the exercise; of a set of any other, nothing is shown."""
        self._coaches = coaches
        self._set: list[_SeenRep] = []
        self._before: list[_SeenRep] = []  # the good reps of earlier sets
        self._loop: RepLoop | None = None
        self._is_made = False
        self._pictures = SetPictures()

    def film(self, step: Step, picture: np.ndarray) -> None:
        """Keep the picture of a step of a set, for its rest. Not called where the video is not to be kept."""
        may_begin = step.summary is None and step.observation.landmarks is not None
        if may_begin or step.in_set or step.progress is not None:
            self._pictures.add(step.observation.t_s, picture)

    def step(self, step: Step, progress: SetProgress, record: str = "", standards: Standards = SHOWN) -> RepLoop | None:
        """Return the loop to show after a step; None where the lifter is not looking.

        record: the personal record of the set, which stands beside a good rep; empty without one. standards: against
        which the reps of the step were held.
        """
        self.follow(step, standards)
        return self.shown(step, progress, record)

    def shown(self, step: Step, progress: SetProgress, record: str = "") -> RepLoop | None:
        """Return what `step` does, after a step that is followed."""
        t_s = step.observation.t_s
        # Of who is near the camera only a part is in view, and what is guessed of the rest moves as in a rep.
        begins = step.in_set or (step.progress is not None and progress.in_place)
        if step.summary is None or begins or not progress.is_for_looking(t_s):
            return None
        if not self._is_made:
            self._loop, self._is_made = self._made(step.summary, t_s), True
        if self._loop is not None and self._loop.reps[0].good and self._loop.record != capital(record):
            self._loop = replace(self._loop, record=capital(record))
        return self._loop

    def follow(self, step: Step, standards: Standards = SHOWN) -> None:
        """Take the new reps of a step, and a correction of one. standards: as for `step`."""
        if not step.judged and step.corrected is None:
            return
        self._is_made = False
        gone = {rep.start_s for rep in step.withdrawn}
        self._set = [one for one in self._set if one.rep.start_s not in gone]
        for judged in step.judged:
            if self._set and self._set[0].rep.set != judged.rep.set:
                self._before = [*self._before, *_good(self._set)][-MOST_BEFORE:]
                self._set = []
            self._set.append(_SeenRep(judged.rep, judged.window, judged.against, standards))
            if len(self._set) > MOST_OF_SET:
                place = -MOST_OF_SET - 1
                self._set[place] = replace(self._set[place], window=None, against=())
        if step.corrected is not None:
            rep = step.corrected.rep
            self._set = [replace(one, rep=rep) if one.rep.index == rep.index else one for one in self._set]

    def _made(self, summary: SetSummary, t_s: float) -> RepLoop | None:
        """Make the loop of a finished set; None without a rep to show."""
        coach = self._coaches.get(summary.exercise or "")
        counted = [replace(one, rep=one.rep.as_counted()) for one in self._set if one.rep.counts]
        choice = _choice(counted, summary)
        if coach is None or choice is None:
            return None
        entry, fault = choice.entry, choice.fault
        alike = [one for one in (*self._before, *_good(counted)) if one.rep.exercise == entry.rep.exercise]
        builder = _LoopBuilder(coach, self._pictures)
        other = None if choice.is_good else builder.best_ever(choice, alike)
        reps = builder.reps(choice, other)
        if not reps:
            return None
        known = coach.scorer.faults.table.faults.get(summary.fault or "")
        has_fault = _has(entry.rep, summary.fault)
        return RepLoop(
            reps=reps,
            cue=capital(summary.fault_cue) if has_fault and summary.fault_cue is not None else _verdict(entry),
            change=capital(_change(entry, fault)),
            drill="" if known is None or not has_fault else known.drill or "",
            stops_at=int(np.abs(_points(choice.window) - builder.moment(choice)).argmin()),
            began_s=t_s,
        )


def _good(reps: Sequence[_SeenRep]) -> list[_SeenRep]:
    """Return the good reps that were seen."""
    return [one for one in reps if one.rep.counts and one.rep.standing_verdict == "good" and one.window is not None]


def _score(one: _SeenRep) -> float:
    return float("inf") if one.rep.score is None else one.rep.score


def _choice(reps: Sequence[_SeenRep], summary: SetSummary) -> _Choice | None:
    """Choose the rep that shows best what the summary says: its worst one, or the best where all are good."""
    seen = [(one, one.window) for one in reps if one.window is not None]
    having = [
        ((not place, size(fault)), _Choice(one, window, fault))
        for one, window in seen
        for place, fault in enumerate(shortcomings(one.rep))
        if fault.name == summary.fault and fault.is_measured
    ]
    if having:
        return max(having, key=lambda ranked: ranked[0])[1]
    anomalous = [_Choice(one, window, None) for one, window in seen if one.rep.verdict == "anomalous"]
    if anomalous:
        # A fault that the lifter named was not measured.
        return max(anomalous, key=lambda one: (_has(one.entry.rep, summary.fault), one.entry.rep.score or 0.0))
    good = [_Choice(one, window, None) for one, window in seen if one.rep.verdict == "good"]
    return min(good, key=lambda one: (not one.entry.rep.is_exemplary, _score(one.entry)), default=None)


def _has(rep: Rep, fault: str | None) -> bool:
    return any(one.name == fault for one in shortcomings(rep))


def _verdict(entry: _SeenRep) -> str:
    """Return what stands in the place of a cue."""
    if entry.rep.verdict == "good":
        return capital(Message("best: rep {n}", n=entry.rep.number or 0))
    return capital("unlike your good reps" if entry.against else "unlike usual good reps")


def _change(entry: _SeenRep, fault: Fault | None) -> str:
    """Return the fault's value beside the expected one, or else where an anomalous rep deviates."""
    if fault is not None:
        return fault.in_parts[1]
    return "" if entry.rep.why is None or entry.rep.verdict == "good" else entry.rep.why.text


def _points(window: RepWindow) -> np.ndarray:
    """Return the point of a rep's curves in each picture, evenly spaced in time, (PHASES,)."""
    return points_at(np.linspace(window.start_s, window.end_s, PHASES), window)


class _LoopBuilder:
    """Builds the figures of a loop, for one exercise."""

    def __init__(self, coach: Coach, pictures: SetPictures) -> None:
        self._pictures = pictures
        self._scorer, self._table = coach.scorer, coach.scorer.faults.table
        self._parts = rep_parts(self._table.travel, coach.exercise.turn)
        self._curves = CurveBuilder(self._table)

    def moment(self, choice: _Choice) -> int:
        """Return the point of a rep's curves at which the loop pauses."""
        rep, fault = choice.entry.rep, choice.fault
        at_s = None if rep.why is None else rep.why.at_s
        return key_moment(self._curve(choice), choice.window, fault, self._table, self._parts, at_s).point

    def _curve(self, choice: _Choice) -> RepCurve | None:
        """Return the curve that shows the fault, or the rep as a whole."""
        rep = choice.entry.rep if choice.fault is None else replace(choice.entry.rep, faults=(choice.fault,))
        aligned = self._curves.aligned(choice.window, choice.entry.against)
        return None if aligned is None else self._curves.primary(rep, aligned)

    def _shows(self, choice: _Choice, kept: RepWindow) -> bool:
        """Return whether the curve of the fault is known in another rep at the moment."""
        curve = self._curve(choice)
        matching = matching_points(self._curves.height(choice.window), self._curves.height(kept))
        return curve is None or self._curves.is_known(curve.name, kept, float(matching[self.moment(choice)]))

    def best_ever(self, choice: _Choice, alike: Sequence[_SeenRep]) -> _SeenRep | RepWindow | None:
        """Return the lifter's best rep from the same side: of the own good reps that judged this rep, from whichever
        day, the one that is most like all of them. If none judged it, of the good ones of the run. None if there is
        none. Reps in which the fault's curve is known at the moment come before all others.

        alike: good reps of the run, of the same exercise.
        """
        window = choice.window
        of_run = {rep_id(one.window): one for one in alike if one.window is not None}
        seen = choice.entry.against or [one.window for one in of_run.values() if one.window is not None]
        others = {rep_id(one): one for one in seen if same_side(window.view, one.view)}
        others.pop(rep_id(window), None)
        exemplary = {key: one for key, one in others.items() if key not in of_run or of_run[key].rep.is_exemplary}
        if exemplary or (choice.fault is not None and choice.fault.name == SHALLOW):
            others = exemplary  # a high rep is no example, of depth least of all
        others = {key: one for key, one in others.items() if self._shows(choice, one)} or others
        own = own_reps([*others.values(), window], self._table)
        if not own or own[-1].window is not window:
            return None  # it was not visible enough
        reps = near(own[:-1], own[-1].azimuth_deg, own[-1].front)
        best = most_typical(self._scorer, reps).window if reps else None
        return None if best is None else of_run.get(rep_id(best), best)

    def reps(self, choice: _Choice, other: _SeenRep | RepWindow | None) -> tuple[LoopedRep, ...]:
        """Return a rep and, if there is one, the rep beside it, in step; empty if nobody is visible."""
        entry, window, ours = choice.entry, choice.window, isinstance(other, _SeenRep)
        beside = other.window if isinstance(other, _SeenRep) else other
        crop, crop_beside = crops_beside(window, beside, one_camera=ours)
        if crop is None:
            return ()
        points, curve = _points(window), self._curve(choice)
        of_back = "" if choice.fault is None or curve is None or curve.of_back is None else curve.name
        # The marked joints belong to the primary fault.
        joints = entry.rep.top_joints if choice.fault is None or choice.fault in entry.rep.faults[:1] else ()
        joints = () if of_back else joints  # the line of the back takes their place
        looped = [self._looped(entry, window, points, crop, good=choice.is_good, joints=joints, of_back=of_back)]
        if other is not None and beside is not None and crop_beside is not None:
            matching = matching_points(self._curves.height(window), self._curves.height(beside))
            points = np.interp(points, np.arange(POINTS), matching)
            looped.append(self._looped(other, beside, points, crop_beside, of_back=of_back))
        return tuple(looped)

    def _looped(
        self,
        of: _SeenRep | RepWindow,
        window: RepWindow,
        points: np.ndarray,
        crop: FigureCrop,
        *,
        good: bool = True,
        joints: tuple[str, ...] = (),
        of_back: str = "",
    ) -> LoopedRep:
        """of: a rep of this run, or a good one from another day. good: whether it is shown as one. of_back: name of the
        curve of the back that the loop is about; empty for another one."""
        ours = isinstance(of, _SeenRep)
        line = of.line if isinstance(of, _SeenRep) else None
        seen = [observation_at(window, time_at(float(point), window)) for point in points]
        bodies = [None if o is None else project(o, o.width_px, o.height_px, mirror=False) for o in seen]
        return LoopedRep(
            caption=_name(of) if isinstance(of, _SeenRep) else "Your best rep",
            good=good,
            width=crop.shown_width,
            bodies=tuple(None if body is None else cropped(body, crop) for body in bodies),
            joints=joints,
            line=None if line is None else _looped_line(line, seen, crop),
            film=self._film(seen, crop) if ours else None,
            backs=_backs(window, of_back, seen, crop) if of_back else (),
        )

    def _film(self, seen: Sequence[Observation | None], crop: FigureCrop) -> LoopedFilm | None:
        """Return the pictures of a rep of this run; None where none was kept."""
        jpegs = tuple(None if one is None else self._pictures.at(one.t_s) for one in seen)
        sizes = [(one.width_px, one.height_px) for one in seen if one is not None]
        return LoopedFilm(jpegs=jpegs, seen_px=sizes[0], crop=crop) if any(jpegs) else None


def _backs(
    window: RepWindow, of_back: str, seen: Sequence[Observation | None], crop: FigureCrop
) -> tuple[np.ndarray | None, ...]:
    """Return the back's edge in each picture of a loop; None where it is not known."""
    edge = BackLine(window, of_back)
    lines = [None if one is None else edge.over(one) for one in seen]
    return tuple(None if line is None else crop.placed(line) for line in lines)


def _name(entry: _SeenRep) -> str:
    return capital(Message("rep {name}", name=entry.rep.name))


def _looped_line(line: DepthLine, seen: Sequence[Observation | None], crop: FigureCrop) -> LoopedLine | None:
    shown = [one is not None and line.is_shown(one.t_s) for one in seen]
    first = next((one for one in seen if one is not None), None)
    return None if first is None else LoopedLine(line=line, xy=line.in_crop(first, crop), shown=tuple(shown))
