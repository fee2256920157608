"""The verdict on a rep: can it be judged, by whose reference, and what is wrong with it. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from livecoach import landmark
from livecoach.form import explained
from livecoach.form.bar_pace import pace_of_bar
from livecoach.form.bar_path import BarPath, bar_path
from livecoach.form.judging import Judge, joints_of
from livecoach.form.lifter import Lifter, Source
from livecoach.form.measures import FaultTable, phases_of
from livecoach.form.pace import pace, velocity_loss
from livecoach.form.population import Population
from livecoach.form.reference import Known
from livecoach.form.seen import SeenRep, picture_motion
from livecoach.form.sighting import Look, Sighting
from livecoach.form.summary import habit_note, learning_note
from livecoach.form.taken import Taken, taken, trace_of
from livecoach.form.taught import Taught
from livecoach.skelemotion import JOINTS, WINDOW_S, camera_at_right, rep_tensor
from livecoach.types import Fault, KeptRep, Learning, NotVisible, Pace, Rep, View, Why

NO_VIEW, NOT_JUDGED = "azimuth", "unsure"
FROM_BEHIND, VIEW_UNKNOWN, TOO_FEW_FRAMES = "camera behind you", "view not known", "too few frames"
"""Why a rep is not judged: of its view no population was learned; there is no view yet; nothing can be measured."""
RECENT = 64
"""Reps that may still enter or leave the reference by a correction: some 150 kB each. Our choice."""


class Score(Protocol):
    """How anomalous a rep is."""

    @property
    def value(self) -> float:
        """Above 1 is anomalous."""
        ...

    @property
    def joints(self) -> tuple[str, ...]:
        """Landmarks that stand out, worst first; of a tensor, where the camera is at the lifter's left."""
        ...

    @property
    def shares(self) -> np.ndarray | None:
        """(blocks of moments, skelemotion.JOINTS) what adds to the value; None where that is not known."""
        ...


class Scorer(Protocol):
    """Scores rep tensors."""

    def score(self, tensor: np.ndarray) -> Score:
        """tensor: skelemotion.SHAPE float32."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ruling:
    """A rep with its verdict, and what was learned from it."""

    rep: Rep
    window: KeptRep | None
    learned: tuple[KeptRep, ...] = ()
    forgotten: tuple[KeptRep, ...] = ()
    """Reps that were learned before and are not good ones after all."""
    against: tuple[KeptRep, ...] = ()
    """The lifter's own good reps that it was judged against; none where it was judged against everybody's."""


class ScorerReferee:
    """Judges reps by the model of good reps alone, without anything of the lifter's own."""

    def __init__(self, scorer: Scorer, table: FaultTable) -> None:
        """table: the exercise's faults; none of them is named."""
        self._scorer, self.table = scorer, table

    def rep(self, found: Rep, _number: int, sighting: Sighting) -> Ruling:
        """Judge a rep that is complete."""
        look = Look.at(sighting)
        rep = replace(found, confidence=sighting.confidence, not_visible=unseen(self.table, NO_VIEW))
        if look.unsure is not None:
            return unjudged(rep, self.table, look)
        return Ruling(rep=self._scored(rep, sighting), window=look.window)

    def _scored(self, rep: Rep, sighting: Sighting) -> Rep:
        from_s, to_s = sighting.start_s - WINDOW_S, sighting.end_s + WINDOW_S
        near = [o for o in sighting.observations if from_s <= o.t_s <= to_s]
        score = self._scorer.score(rep_tensor(near, sighting.start_s, sighting.end_s))
        mirrored = camera_at_right(np.stack([o.world for o in near if o.world is not None]))
        anomalous = score.value > 1
        return replace(
            rep,
            verdict="anomalous" if anomalous else "good",
            score=score.value,
            top_joints=_own_sides(score.joints, mirrored) if anomalous else (),
            why=self._why(score.shares, mirrored, sighting),
        )

    def _why(self, shares: np.ndarray | None, mirrored: bool, sighting: Sighting) -> Why | None:
        """shares: as Score's; its blocks lie evenly over the rep."""
        if shares is None:
            return None
        middles = (np.arange(len(shares)) + 0.5) / len(shares)
        moments_s = sighting.start_s + middles * (sighting.end_s - sighting.start_s)
        joints = [landmark.OTHER_SIDE[i] if mirrored else i for i in JOINTS]
        return explained.why(shares, joints, moments_s, phases_in(sighting, self.table, {}))

    def partial(self, sighting: Sighting) -> tuple[tuple[Fault, ...], KeptRep | None]:
        """No faults, and what was seen."""
        return (), sighting.kept()

    def learning(self, _view: View | None) -> Learning | None:
        """Nothing is learned."""
        return None

    def set_over(self) -> tuple[tuple[str, ...], tuple[KeptRep, ...]]:
        """Nothing is to be said, and nothing was learned."""
        return (), ()

    def correct(self, _rep: Rep) -> Taught:
        """Nothing is learned from what somebody says."""
        return Taught()


class OwnReferee:
    """Judges the reps of one source against what is known of its lifter, which grows as he lifts."""

    def __init__(
        self,
        population: Population,
        *,
        kept: Sequence[KeptRep] = (),
        height_cm: float | None = None,
    ) -> None:
        """kept: the lifter's own good reps, from a profile. height_cm: stature, for speeds in m/s."""
        self._population, self._height_cm = population, height_cm
        self._judge = Judge(population, height_cm)
        self._lifter = Lifter(population, self._judge, kept)
        self._previous: SeenRep | None = None
        self._paces: dict[float, Pace] = {}  # start of a rep of this set that counts → its pace
        self._numbers: dict[float, int] = {}  # start of a rep of this set → its number in it
        self._recent: dict[float, Known] = {}  # start of a rep → what there is to learn of it

    @property
    def table(self) -> FaultTable:
        """The faults of the exercise."""
        return self._population.table

    def learning(self, view: View | None) -> Learning | None:
        """How far the lifter is known in a view; None where that can't be said."""
        if view is None or self._population.band(abs(view.azimuth_deg)) is None:
            return None
        return self._lifter.learning(abs(view.azimuth_deg))

    def rep(self, found: Rep, number: int, sighting: Sighting) -> Ruling:
        """Judge a rep that is complete. found: not judged yet; number: of it in its set, from 1."""
        look = self._look(sighting)
        previous, self._previous = self._previous, look.seen
        path = None if look.unsure is not None or look.seen is None else bar_path(look.seen, self._height_cm)
        pace_ = None if look.unsure is not None else self._pace(look.seen, path, found.start_s)
        rep = replace(
            found,
            confidence=sighting.confidence,
            pace=pace_,
            bar_path_cm=None if path is None else path.points_cm(),
            not_visible=unseen(self.table, NO_VIEW),
        )
        if look.unsure is not None:
            return unjudged(rep, self.table, look)
        self._numbers[sighting.start_s] = number
        if look.window is None:
            return Ruling(rep=replace(rep, unsure=VIEW_UNKNOWN), window=None)
        if look.seen is None:
            return Ruling(rep=replace(rep, unsure=TOO_FEW_FRAMES), window=look.window)
        return self._against_own(rep, sighting, look.window, taken(look.seen, previous, self._population), look.failed)

    def partial(self, sighting: Sighting) -> tuple[tuple[Fault, ...], KeptRep | None]:
        """Faults in what there is of a rep that was not completed, and its window."""
        look = self._look(sighting)
        if look.seen is None or look.unsure is not None or self.table.travel != "bar":  # a squat's work is its way back
            return (), look.window
        reference = self._lifter.reference(look.seen.azimuth_deg)
        if reference is None:
            return (), look.window
        usual = trace_of(reference.posterior.mean, self._population)
        judged = self._judge.judge(taken(look.seen, None, self._population, usual), reference, look.failed)
        return judged.faults, look.window

    def set_over(self) -> tuple[tuple[str, ...], tuple[KeptRep, ...]]:
        """The set is over: what there is to say of the reps that were learned from, and what was learned from last."""
        habit = self._lifter.habit()
        notes = ((habit_note(habit),) if habit else ()) + tuple(
            learning_note(self._numbers[kept.start_s], self.table.faults[judgement.faults[0].name].words)
            for kept, judgement in self._lifter.look_back()
            if kept.start_s in self._numbers
        )
        learned = self._lifter.set_over()
        self._numbers.clear()
        self._paces.clear()
        self._previous = None
        return notes, learned

    def correct(self, rep: Rep) -> Taught:
        """Learn from what somebody says of a rep of this run. rep: as it was judged, with what is said of it now."""
        said = rep.correction
        good = None if said is None else said.label == "good"
        widened = self._lifter.excuse(rep.start_s, None if good is None else good and rep.verdict == "anomalous")
        if not rep.counts:
            self._paces.pop(rep.start_s, None)
        elif rep.pace is not None and rep.start_s in self._numbers:
            self._paces[rep.start_s] = rep.pace
        known = self._recent.get(rep.start_s)
        taught = Taught() if known is None else self._lifter.correct(known, good, of_set=rep.start_s in self._numbers)
        return replace(taught, widened=widened)

    def _look(self, sighting: Sighting) -> Look:
        view = sighting.view
        return Look.at(sighting, None if view is None else self._lifter.mirrored(view.azimuth_deg))

    def _against_own(
        self, rep: Rep, sighting: Sighting, window: KeptRep, numbers: Taken, failed: Mapping[str, str]
    ) -> Ruling:
        source: Source = self._lifter.source(numbers.azimuth_deg)
        reference = self._lifter.reference(numbers.azimuth_deg)
        if reference is None:
            return Ruling(rep=replace(rep, unsure=FROM_BEHIND), window=window)
        judgement = self._judge.judge(numbers, reference, failed)
        anomalous = judgement.score > 1 or bool(judgement.faults)
        rep = replace(
            rep,
            verdict="anomalous" if anomalous else "good",
            score=judgement.score,
            reference=source,
            faults=judgement.faults,
            not_visible=judgement.not_visible,
            top_joints=judgement.top_joints if anomalous else (),
            why=explained.why(
                judgement.shares,
                joints_of(numbers.mirrored),
                numbers.trace_s,
                phases_in(sighting, self.table, numbers.moments_s),
            ),
        )
        against = self._lifter.own(numbers.azimuth_deg)
        learned = self._lifter.add(numbers, window, judgement)
        forgotten = self._lifter.forgotten()
        self._recent[rep.start_s] = Known(taken=numbers, kept=window)
        while len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        return Ruling(rep=rep, window=window, learned=learned, forgotten=forgotten, against=against)

    def _pace(self, seen: SeenRep | None, path: BarPath | None, start_s: float) -> Pace | None:
        if seen is None:
            return None
        found = None if path is None else pace_of_bar(path, self.table.travel)
        if found is None:
            motion = picture_motion(seen)
            phases = phases_of(motion, self.table)
            if phases is None:
                return None
            found = pace(motion, phases, travel=self.table.travel, height_cm=self._height_cm)
        if found is None:
            return None
        speeds = [one.speed for one in self._paces.values() if one.kind == found.kind]
        found = replace(found, velocity_loss=velocity_loss([*speeds, found.speed]))
        self._paces[start_s] = found
        return found


def phases_in(sighting: Sighting, table: FaultTable, known_s: Mapping[str, float]) -> tuple[explained.Phase, ...]:
    """The phases of a rep. known_s: when they begin, as far as that is known."""
    return explained.phases(table.travel, known_s, sighting.start_s, sighting.turn_s, sighting.end_s)


def _own_sides(joints: tuple[str, ...], mirrored: bool) -> tuple[str, ...]:
    """Landmarks of a tensor as the lifter's own."""
    return tuple(landmark.NAMES[landmark.OTHER_SIDE[landmark.NAMES.index(j)]] for j in joints) if mirrored else joints


def unjudged(rep: Rep, table: FaultTable, look: Look) -> Ruling:
    """It counts, and that is all: why stands in the look."""
    return Ruling(rep=replace(rep, unsure=look.unsure, not_visible=unseen(table, NOT_JUDGED)), window=look.window)


def unseen(table: FaultTable, reason: str) -> tuple[NotVisible, ...]:
    """All faults, which one thing hides."""
    return tuple(NotVisible(name=name, reason=reason) for name in table.faults)
