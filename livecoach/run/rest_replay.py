"""Chooses what the lifter looks at in a rest: the set's worst rep beside a good one of the lifter's own, or its best.

The rep, the one beside it and the moment at which the loop pauses are those that a report shows of the set.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from livecoach.assembly import Coach
from livecoach.coaching.set_progress import SetProgress
from livecoach.curves import POINTS, CurveBuilder, points_at, rep_parts
from livecoach.feedback.figure_crop import FigureCrop, cropped, crops_beside
from livecoach.feedback.rep_loop import PHASES, LoopedRep, RepLoop
from livecoach.feedback.skeleton import project
from livecoach.key_moment import key_moment, matching_points, observation_at, time_at, typical_rep
from livecoach.types import Fault, JudgedRep, RepWindow, SetSummary, Step
from livecoach.types.message import Message, capital


@dataclass(frozen=True, slots=True)
class _Choice:
    """The rep of a set to look at."""

    entry: JudgedRep
    window: RepWindow
    """Its observations."""
    fault: Fault | None
    """The fault that it shows; None for a rep without one."""


class RestReplay:
    """Follows the reps of a run, and makes the loop of each rest once."""

    def __init__(self, coaches: Mapping[str, Coach]) -> None:
        """coaches: by the name of the exercise; of a set of any other, nothing is shown."""
        self._coaches = coaches
        self._set: list[JudgedRep] = []
        self._before: list[JudgedRep] = []  # the best rep of each earlier set
        self._loop: RepLoop | None = None
        self._is_made = False

    def step(self, step: Step, progress: SetProgress, record: str = "") -> RepLoop | None:
        """Return the loop to show after a step; None where the lifter is not looking. record: the personal record of
        the set, which stands beside a good rep; empty without one."""
        self._follow(step)
        t_s = step.observation.t_s
        if step.summary is None or step.in_set or step.progress is not None or not progress.is_for_looking(t_s):
            return None
        if not self._is_made:
            self._loop, self._is_made = self._made(step.summary, t_s), True
        if self._loop is not None and self._loop.reps[0].good and self._loop.record != record:
            self._loop = replace(self._loop, record=record)
        return self._loop

    def _follow(self, step: Step) -> None:
        """Take the new reps of a step, and a correction of one."""
        if not step.judged and step.corrected is None:
            return
        self._is_made = False
        for judged in step.judged:
            if self._set and self._set[0].rep.set != judged.rep.set:
                self._before += _best(self._set)
                self._set = []
            self._set.append(judged)
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
        alike = [one for one in (*self._before, *counted) if one.rep.exercise == entry.rep.exercise]
        other = None if entry.rep.verdict == "good" else typical_rep(entry, alike)
        builder = _LoopBuilder(coach)
        reps = builder.reps(choice, other)
        if not reps:
            return None
        known = coach.scorer.faults.table.faults.get(summary.fault or "")
        has_fault = summary.fault in entry.rep.fault_names
        return RepLoop(
            reps=reps,
            cue=capital(summary.fault_cue) if has_fault and summary.fault_cue is not None else _verdict(entry),
            change=_change(entry, fault),
            drill="" if known is None or not has_fault else known.drill or "",
            stops_at=int(np.abs(_points(choice.window) - builder.moment(choice)).argmin()),
            began_s=t_s,
        )


def _best(reps: Sequence[JudgedRep]) -> list[JudgedRep]:
    """Return the good rep with the lowest score, if there is one."""
    good = [one for one in reps if one.rep.counts and one.rep.standing_verdict == "good" and one.window is not None]
    return sorted(good, key=_score)[:1]


def _score(one: JudgedRep) -> float:
    return float("inf") if one.rep.score is None else one.rep.score


def _choice(reps: Sequence[JudgedRep], summary: SetSummary) -> _Choice | None:
    """Choose the rep that shows best what the summary says: its worst one, or the best where all are good."""
    seen = [(one, one.window) for one in reps if one.window is not None]
    having = [
        ((fault is one.rep.faults[0], fault.severity), _Choice(one, window, fault))
        for one, window in seen
        for fault in one.rep.faults
        if fault.name == summary.fault
    ]
    if having:
        return max(having, key=lambda ranked: ranked[0])[1]
    anomalous = [_Choice(one, window, None) for one, window in seen if one.rep.verdict == "anomalous"]
    if anomalous:
        # A fault that the lifter named was not measured.
        return max(anomalous, key=lambda one: (summary.fault in one.entry.rep.fault_names, one.entry.rep.score or 0.0))
    good = [_Choice(one, window, None) for one, window in seen if one.rep.verdict == "good"]
    return min(good, key=lambda choice: _score(choice.entry), default=None)


def _verdict(entry: JudgedRep) -> str:
    """Return what stands in the place of a cue."""
    if entry.rep.verdict == "good":
        return capital(Message("best: rep {n}", n=entry.rep.number or 0))
    return capital("unlike your good reps" if entry.against else "unlike usual good reps")


def _change(entry: JudgedRep, fault: Fault | None) -> str:
    """Return the fault's value beside the expected one, or else where an anomalous rep deviates."""
    if fault is not None:
        return fault.in_parts[1]
    return "" if entry.rep.why is None or entry.rep.verdict == "good" else entry.rep.why.text


def _points(window: RepWindow) -> np.ndarray:
    """Return the point of a rep's curves in each picture, evenly spaced in time, (PHASES,)."""
    return points_at(np.linspace(window.start_s, window.end_s, PHASES), window)


class _LoopBuilder:
    """Builds the figures of a loop, for one exercise."""

    def __init__(self, coach: Coach) -> None:
        self._table = coach.scorer.faults.table
        self._parts = rep_parts(self._table.travel, coach.exercise.turn)
        self._curves = CurveBuilder(self._table)

    def moment(self, choice: _Choice) -> int:
        """Return the point of a rep's curves at which the loop pauses."""
        rep, window, fault = choice.entry.rep, choice.window, choice.fault
        if fault is not None:
            rep = replace(rep, faults=(fault,))
        aligned = self._curves.aligned(window, choice.entry.against)
        curve = None if aligned is None else self._curves.primary(rep, aligned)
        at_s = None if rep.why is None else rep.why.at_s
        return key_moment(curve, window, fault, self._table, self._parts, at_s).point

    def reps(self, choice: _Choice, other: JudgedRep | RepWindow | None) -> tuple[LoopedRep, ...]:
        """Return a rep and, if there is one, the rep beside it, in step; empty if nobody is visible."""
        entry, window, ours = choice.entry, choice.window, isinstance(other, JudgedRep)
        beside = other.window if isinstance(other, JudgedRep) else other
        crop, crop_beside = crops_beside(window, beside, one_camera=ours)
        if crop is None:
            return ()
        good, points = entry.rep.verdict == "good", _points(window)
        # The marked joints belong to the primary fault.
        joints = entry.rep.top_joints if choice.fault is None or choice.fault is entry.rep.faults[0] else ()
        looped = [_looped(window, points, crop, _name(entry), good=good, joints=joints)]
        if beside is not None and crop_beside is not None:
            matching = matching_points(self._curves.height(window), self._curves.height(beside))
            caption = _name(other) if isinstance(other, JudgedRep) else "Your good rep from another day"
            points = np.interp(points, np.arange(POINTS), matching)
            looped.append(_looped(beside, points, crop_beside, caption, good=True))
        return tuple(looped)


def _name(entry: JudgedRep) -> str:
    return capital(Message("rep {name}", name=entry.rep.name))


def _looped(
    window: RepWindow,
    points: np.ndarray,
    crop: FigureCrop,
    caption: str,
    *,
    good: bool,
    joints: tuple[str, ...] = (),
) -> LoopedRep:
    seen = [observation_at(window, time_at(float(point), window)) for point in points]
    bodies = [None if o is None else project(o, o.width_px, o.height_px, mirror=False) for o in seen]
    return LoopedRep(
        caption=caption,
        good=good,
        width=crop.shown_width,
        bodies=tuple(None if body is None else cropped(body, crop) for body in bodies),
        joints=joints,
    )
