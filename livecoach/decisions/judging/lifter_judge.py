"""Judges the reps of one lifter in one exercise during a run. Pure."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from livecoach.core.types import Fault, JudgedRep, Learning, NotVisible, Pace, Rep, RepWindow, View
from livecoach.core.types.message import Message
from livecoach.decisions.counting.bar import evidence_of
from livecoach.decisions.judging import wording
from livecoach.decisions.judging.measured import FROM_BEHIND, TOO_FEW_FRAMES, VIEW_UNKNOWN, MeasuredRep
from livecoach.decisions.judging.own_reference import CorrectionEffect, OwnReference
from livecoach.decisions.judging.reference import (
    BY_POSE,
    BY_VIEW,
    Reference,
    RepVerdict,
    joints_of,
    judge_by_everybody,
    unfit,
)
from livecoach.decisions.judging.scorer import ReferenceKind, Scorer
from livecoach.decisions.rep.bar_path import BarPath, bar_path, pace_of_bar
from livecoach.decisions.rep.measures import FaultTable
from livecoach.decisions.rep.phases import KINDS
from livecoach.decisions.rep.tempo import pace, velocity_loss
from livecoach.perception.body.visibility import NO_BAR, NO_MASK, NO_TOES

NO_VIEW, NOT_JUDGED = BY_VIEW, "unsure"  # why no fault could be checked: the view is unknown; the rep was not judged
FARTHEST_DEG = 105.0  # beyond, no rep is judged: the training data shows no lifters from behind
BEYOND_PICTURE = (BY_VIEW, BY_POSE, NO_MASK, NO_TOES, NO_BAR)  # reasons that a better picture would not remove
WHOSE: dict[ReferenceKind, Literal["own", "provisional"]] = {"day": "own", "session": "own", "set": "provisional"}


class LifterJudge:
    def __init__(self, scorer: Scorer, *, kept: Sequence[RepWindow] = (), height_cm: float | None = None) -> None:
        """kept: the lifter's own good reps, from a profile. height_cm: stature, for speeds in m/s."""
        self._scorer, self._height_cm = scorer, height_cm
        self._own = OwnReference(scorer, kept)
        self._previous: MeasuredRep | None = None  # of the set
        self._paces: dict[float, Pace] = {}  # start of a rep of this set that counts → its pace
        self._numbers: dict[float, int] = {}  # start of a rep of this set → its number in it
        self._is_bar_seen = False  # in this set

    @property
    def table(self) -> FaultTable:
        return self._scorer.faults.table

    def learning(self, view: View | None) -> Learning | None:
        """How much of the reference is learned in a view; None if the view is unknown or no rep is judged from it."""
        if view is None or abs(view.azimuth_deg) > FARTHEST_DEG:
            return None
        return self._own.learning(abs(view.azimuth_deg))

    def rep(self, counted: Rep, number: int, window: RepWindow) -> JudgedRep:
        """counted: not judged yet. number: in the set, from 1."""
        measured = self._measured(window, self._previous)
        self._previous = measured
        counted = replace(counted, confidence=window.confidence, not_visible=unchecked(self.table, NO_VIEW))
        if measured.unsure is not None or measured.normalised is None:
            measured.previous = None  # which is not needed, and would be held for the rest of the set
        if measured.unsure is not None:
            return unjudged(counted, self.table, window, measured.unsure)
        self._numbers[window.start_s] = number
        if measured.normalised is None:
            unseen = VIEW_UNKNOWN if window.view is None else TOO_FEW_FRAMES
            return JudgedRep(rep=replace(counted, unsure=unseen), window=window)
        path = bar_path(measured.normalised, self._height_cm)
        rep = replace(
            counted,
            pace=self._pace(measured, path, counted.start_s),
            bar_path_cm=None if path is None else path.points_cm(),
        )
        reason = FROM_BEHIND if measured.azimuth_deg > FARTHEST_DEG else unfit(self._scorer, measured)
        return self._judge_and_add(rep, measured) if reason is None else unjudged(rep, self.table, window, reason)

    def partial(self, window: RepWindow) -> tuple[Fault, ...]:
        measured = self._measured(window, None)
        way_back_is_work = not KINDS[self.table.travel].up_first  # as of a squat
        if measured.normalised is None or measured.unsure is not None or way_back_is_work:
            return ()
        reference = self._reference(measured)
        if reference is None:
            return ()
        return reference.judge(measured.out(), self._failed(measured), height_cm=self._height_cm).faults

    def set_over(self) -> tuple[str, ...]:
        """Return notes on reps that stand out among those that became the reference."""
        odd = self._own.set_over()
        notes = tuple(
            Message("rep {n}, while learning: {text}", n=self._numbers[rep.window.start_s], text="unlike the others")
            for rep in odd
            if rep.window.start_s in self._numbers
        )
        self._numbers.clear()
        self._paces.clear()
        self._previous = None
        self._is_bar_seen = False
        return notes

    def withdraw(self, set_name: str, since_s: float) -> None:
        """Forget the reps of the latest set since a time: they were of another exercise."""
        self._own.withdraw(set_name, since_s)
        self._numbers.clear()
        self._paces.clear()
        self._previous = None

    def run_over(self) -> tuple[RepWindow, ...]:
        return self._own.run_over()

    def correct(self, rep: Rep) -> CorrectionEffect:
        """rep: as it was judged, with its correction."""
        said = rep.correction
        if not rep.counts:
            self._paces.pop(rep.start_s, None)
        elif rep.pace is not None and rep.start_s in self._numbers:
            self._paces[rep.start_s] = rep.pace
        good = None if said is None else said.label == "good"
        return self._own.correct(rep.start_s, good, alarm=rep.verdict == "anomalous")

    def _measured(self, window: RepWindow, previous: MeasuredRep | None) -> MeasuredRep:
        """From the side of the reps that it is compared with."""
        mirrored = None if window.view is None else self._own.mirrored(window.view.azimuth_deg)
        return MeasuredRep(window, self.table, mirrored=mirrored, previous=previous)

    def _failed(self, measured: MeasuredRep) -> dict[str, str]:
        """What must not be measured of a rep: also a bar, while no rep of the set has shown one."""
        self._is_bar_seen = self._is_bar_seen or evidence_of(measured.window.inside).is_glimpsed
        return measured.failed if self._is_bar_seen else {**measured.failed, NO_BAR: "not_seen"}

    def _reference(self, measured: MeasuredRep) -> Reference | None:
        return self._own.reference(measured.features.azimuth_deg, measured.features.front)

    def _judge_and_add(self, rep: Rep, measured: MeasuredRep) -> JudgedRep:
        """By the reference for its view."""
        features, window, widening = measured.features, measured.window, self._own.widening
        reference = self._reference(measured)
        asked = any(fault.own_set_only for fault in self.table.faults.values())
        of_set = self._own.of_set(features.azimuth_deg, features.front) if asked else None
        failed = self._failed(measured)
        verdict = (
            judge_by_everybody(self._scorer, measured, failed, widening=widening)
            if reference is None
            else reference.judge(measured, failed, of_set=of_set, widening=widening, height_cm=self._height_cm)
        )
        self._own.add(measured, verdict.score, complete=self._is_complete(verdict), disallowed=rep.disallowed)
        past = verdict.is_anomalous and self._own.is_set_unlike_reference
        rep = replace(
            rep,
            verdict="anomalous" if verdict.is_anomalous else "good",
            score=verdict.score,
            reference="population" if reference is None else WHOSE[reference.kind],
            faults=verdict.faults,
            not_visible=verdict.not_visible,
            left_out=verdict.left_out,
            top_joints=verdict.top_joints if verdict.is_anomalous else (),
            compared_with=_day(reference) if past else None,
            why=wording.why(
                verdict.shares,
                joints_of(features.mirrored),
                features.trajectory_s,
                wording.phases(self.table.travel, features.moments_s, window.start_s, window.turn_s, window.end_s),
            ),
        )
        against = () if reference is None else tuple(one.window for one in reference.reps)
        return JudgedRep(rep=rep, window=window, against=against)

    def _is_complete(self, verdict: RepVerdict) -> bool:
        """Every main fault that is visible in the view was measured."""
        hidden = {one.name for one in verdict.not_visible if one.reason not in BEYOND_PICTURE}
        return not any(fault.main and name in hidden for name, fault in self.table.faults.items())

    def _pace(self, measured: MeasuredRep, path: BarPath | None, start_s: float) -> Pace | None:
        """By the bar if it was visible, with the velocity loss against the fastest rep of the set."""
        features, travel = measured.features, self.table.travel
        found = None if path is None else pace_of_bar(path, travel)
        if found is None and features.phases is not None:
            found = pace(features.motion, features.phases, travel=travel, height_cm=self._height_cm)
        if found is None:
            return None
        speeds = [one.speed for one in self._paces.values() if one.kind == found.kind]
        self._paces[start_s] = replace(found, velocity_loss=velocity_loss([*speeds, found.speed]))
        return self._paces[start_s]


def unjudged(rep: Rep, table: FaultTable, window: RepWindow | None, unsure: str) -> JudgedRep:
    """unsure: why a rep that counts is not judged."""
    return JudgedRep(rep=replace(rep, unsure=unsure, not_visible=unchecked(table, NOT_JUDGED)), window=window)


def unchecked(table: FaultTable, reason: str) -> tuple[NotVisible, ...]:
    return tuple(NotVisible(name=name, reason=reason) for name in table.faults)


def _day(reference: Reference | None) -> str | None:
    return None if reference is None or reference.kind != "day" else reference.day
