"""Chooses the reps to show in a rest: the set's worst rep beside a good rep of the lifter, or else the best rep.

While the lifter is asked to confirm the reps of a new reference, three of these reps are shown. A report shows the same
reps, and the moment at which the loop pauses.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType

import numpy as np

from livecoach.core.documents import SetEndEvent
from livecoach.core.step import RepCompleted, RepCorrected, Step
from livecoach.core.types import Fault, Rep, SetSummary
from livecoach.core.types.message import Message, capitalise
from livecoach.decisions.assembly import TrainedExercise
from livecoach.decisions.coaching.rep_figures import shows_fault
from livecoach.decisions.coaching.set_progress import SetProgress
from livecoach.decisions.judging.primary import severity_key, shortcomings
from livecoach.decisions.rep.curves import HALF, POINTS
from livecoach.feedback.display_state import BY_HAND
from livecoach.feedback.rep_loop import LOOP_PICTURES, LoopedRep, RepLoop
from livecoach.feedback.two_reps import PairedRep, RepComparer, evenly_spaced_points, find_crop, score_or_inf

MOST_OF_SET = 40  # Newest reps of a set that may be shown; each takes up to half a MiB
MOST_BEFORE = 20  # Good reps of earlier sets to keep: as many as a profile keeps for a view


class RestReplay:
    """Makes the loops of reps to show in rests: a loop for each rest, and another loop after a correction."""

    def __init__(self, exercises: Mapping[str, TrainedExercise] = MappingProxyType({})) -> None:
        """Start without reps. `exercises` has, by name, the exercises of which reps are shown after a set."""
        self._exercises = exercises
        self._set: list[RepCompleted] = []
        self._before: list[RepCompleted] = []  # Good reps of earlier sets
        self._loop: RepLoop | None = None
        self._is_made = False

    def begin(self, exercises: Mapping[str, TrainedExercise]) -> None:
        """Begin a part, in which further exercises may be counted, and forget the reps before the part."""
        self._exercises = {**self._exercises, **exercises}
        self._set, self._before, self._loop, self._is_made = [], [], None, False

    def step(self, step: Step, progress: SetProgress, reps: Sequence[Rep]) -> RepLoop | None:
        """Return the loop to show after a step, from the reps of the run as judged and corrected now.

        The loop is None without a rep to show, until the lifter has had time to rack the bar, and in the next set.
        """
        self._follow(step, reps)
        t_s = step.observation.t_s
        # Near the camera, only a part of the lifter is in view, and the guessed rest seems to move as in a rep.
        begins = step.set.is_under_way or (step.progress is not None and progress.in_place)
        if step.set.summary is None or begins or not progress.may_replay_set(t_s):
            return None
        if not self._is_made:
            self._loop, self._is_made = self._make_loop(step, step.set.summary, t_s), True
        return self._loop

    def _follow(self, step: Step, reps: Sequence[Rep]) -> None:
        """Add the new reps of a step, and change the others to the reps as they are now.

        Of a set, only the newest MOST_OF_SET reps keep their window; of earlier sets, MOST_BEFORE good reps are kept.
        """
        if not any(isinstance(event, RepCompleted | RepCorrected | SetEndEvent) for event in step.events):
            return
        self._is_made, now = False, {rep.start_s: rep for rep in reps}
        self._set = [replace(seen, rep=now[seen.rep.start_s]) for seen in self._set if seen.rep.start_s in now]
        for completed in step.events_of(RepCompleted):
            if self._set and self._set[0].rep.set != completed.rep.set:
                self._before = [*self._before, *_good(self._set)][-MOST_BEFORE:]
                self._set = []
            self._set.append(completed)
            if len(self._set) > MOST_OF_SET:
                place = -MOST_OF_SET - 1
                self._set[place] = replace(self._set[place], window=None, against=())

    def _make_loop(self, step: Step, summary: SetSummary, t_s: float) -> RepLoop | None:
        trained = self._exercises.get(summary.exercise or "")
        counted = [seen for seen in self._set if seen.counted.counts]
        how = "" if step.questions.hand is None else BY_HAND
        to_confirm = [seen for seen in counted if seen.rep.start_s in step.questions.reference_s]
        if (asking := self._confirmation_loop(to_confirm, t_s, how)) is not None:
            return asking
        choice = _choice(counted, summary)
        if trained is None or choice is None:
            return None
        entry, fault = choice
        table = trained.scorer.faults.table
        comparer = RepComparer(table, trained.exercise.turn)
        alike = [seen for seen in (*self._before, *_good(counted)) if seen.counted.exercise == entry.counted.exercise]
        is_best = fault is None and entry.counted.verdict == "good"
        pair = comparer.pair(entry, None if is_best else comparer.rep_to_compare(entry, alike, fault), fault)
        if pair is None:
            return None
        points, stops_at = evenly_spaced_points(pair.reps[0].window, LOOP_PICTURES, pair.key_moment.point)
        known = table.faults.get(summary.fault or "")
        has_fault = shows_fault(entry.counted, summary.fault)
        return RepLoop(
            reps=tuple(_looped(half, points) for half in pair.reps),
            cue=capitalise(summary.fault_cue) if has_fault and summary.fault_cue is not None else _verdict(entry),
            change=capitalise(_change(entry, fault)),
            drill="" if known is None or not has_fault else known.drill or "",
            stops_at=stops_at,
            began_s=t_s,
        )

    def _confirmation_loop(self, reps: Sequence[RepCompleted], t_s: float, how: str) -> RepLoop | None:
        """Make the loop of the first, middle and last of the reps to confirm; `how` explains an answer from afar."""
        shown = [(rep, rep.window) for rep in reps if rep.window is not None]
        shown = [shown[place] for place in sorted({0, len(shown) // 2, len(shown) - 1})] if shown else []
        crop = find_crop([seen for _, window in shown for seen in window.rep_observations])
        if crop is None:
            return None
        every = np.arange(POINTS, dtype=float)  # The curves of all reps have the turn at the same point
        points, stops_at = evenly_spaced_points(shown[0][1], LOOP_PICTURES, HALF)
        halves = (
            PairedRep(window=window, crop=crop, points=every, form=of.counted.form, completed=of)
            for of, window in shown
        )
        return RepLoop(
            reps=tuple(_looped(half, points) for half in halves),
            cue="Are these your good reps?",
            change=capitalise(how),
            drill="",
            stops_at=stops_at,
            began_s=t_s,
        )


def _looped(half: PairedRep, points: Sequence[float]) -> LoopedRep:
    figures = tuple(map(half.figure_at, points))
    if half.completed is None:
        caption = "Your typical rep" if half.window.misses_standard else "Your best rep"
        return LoopedRep(caption=caption, paired=half, figures=figures)
    name = Message("set {n}, rep {n2}", n=half.completed.counted.lifter_set_number, n2=half.completed.counted.number)
    return LoopedRep(caption=capitalise(name), paired=half, figures=figures)


def _good(reps: Sequence[RepCompleted]) -> list[RepCompleted]:
    return [seen for seen in reps if seen.counted.counts and seen.rep.is_in_form and seen.window is not None]


def _choice(reps: Sequence[RepCompleted], summary: SetSummary) -> tuple[RepCompleted, Fault | None] | None:
    """Choose the worst rep of a summary, or the best if all are good, with the measured fault to show, if any."""
    visible = [seen for seen in reps if seen.window is not None]
    having = [
        ((not place, severity_key(fault)), (seen, fault))
        for seen in visible
        for place, fault in enumerate(shortcomings(seen.counted))
        if fault.name == summary.fault and fault.is_measured
    ]
    if having:
        return max(having, key=lambda ranked: ranked[0])[1]
    anomalous = [seen for seen in visible if seen.counted.verdict == "anomalous"]
    if anomalous:
        # A fault that the lifter named was not measured.
        return max(
            anomalous, key=lambda seen: (shows_fault(seen.counted, summary.fault), seen.counted.score or 0.0)
        ), None
    good = [seen for seen in visible if seen.counted.verdict == "good"]
    best = min(good, key=lambda seen: score_or_inf(seen.counted), default=None)
    return None if best is None else (best, None)


def _verdict(entry: RepCompleted) -> str:
    if entry.counted.form == "good":
        return capitalise(Message("best: rep {n}", n=entry.counted.number))
    return capitalise("alike" if entry.counted.form == "alike" else entry.rep.difference_words)


def _change(entry: RepCompleted, fault: Fault | None) -> str:
    """Return the fault's measured and expected values; without a fault, the place where an anomalous rep deviates."""
    if fault is not None:
        return fault.finding_and_values[1]
    return "" if entry.counted.why is None or entry.counted.verdict == "good" else entry.counted.why.text
