"""The referee that ships: it judges a lifter's reps by his own good ones. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from livecoach.judging import attribution
from livecoach.judging.gate import gate
from livecoach.judging.judge import Judge, joints_of
from livecoach.judging.notes import habit_note, learning_note
from livecoach.judging.population import Population
from livecoach.judging.referee import NO_VIEW, Ruling, unjudged, unseen
from livecoach.judging.reference_corrections import CorrectionEffect
from livecoach.judging.reference_learner import ReferenceLearner, Source
from livecoach.judging.reference_rep import ReferenceRep
from livecoach.judging.rep_vector import RepVector, rep_vector, trace_of, vector_of
from livecoach.rep.bar_path import BarPath, bar_path
from livecoach.rep.bar_tempo import pace_of_bar
from livecoach.rep.features import RepFeatures, rep_features
from livecoach.rep.measures import FaultTable
from livecoach.rep.tempo import pace, velocity_loss
from livecoach.rep.travel import KINDS
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep
from livecoach.types import Fault, Learning, Pace, Rep, RepWindow, View

FROM_BEHIND, VIEW_UNKNOWN, TOO_FEW_FRAMES = "camera behind you", "view not known", "too few frames"
"""Why a rep is not judged: the population has no band for the view; the view is not known; nothing can be measured."""
RECENT = 64
"""Number of latest reps that a correction can still move into or out of the reference: some 150 kB each. Our choice."""


class OwnReferee:
    """Judges the reps of one source against what is known of its lifter, which grows as he lifts."""

    def __init__(
        self,
        population: Population,
        *,
        kept: Sequence[RepWindow] = (),
        height_cm: float | None = None,
    ) -> None:
        """kept: the lifter's own good reps, from a profile. height_cm: stature, for speeds in m/s."""
        self._population, self._height_cm = population, height_cm
        self._judge = Judge(population, height_cm)
        self._learner = ReferenceLearner(population, self._judge, kept)
        self._previous: NormalisedRep | None = None
        self._paces: dict[float, Pace] = {}  # start of a rep of this set that counts → its pace
        self._numbers: dict[float, int] = {}  # start of a rep of this set → its number in it
        self._recent: dict[float, ReferenceRep] = {}  # start of a rep → what there is to learn of it

    @property
    def table(self) -> FaultTable:
        """The faults of the exercise."""
        return self._population.table

    def learning(self, view: View | None) -> Learning | None:
        """Return how much of the reference is learned in a view; None where no population knows the view."""
        if view is None or self._population.band(abs(view.azimuth_deg)) is None:
            return None
        return self._learner.learning(abs(view.azimuth_deg))

    def rep(self, found: Rep, number: int, window: RepWindow) -> Ruling:
        """Judge a rep that is complete. found: the rep, not judged yet; number: of it in its set, from 1."""
        seen = self._normalised(window)
        previous, self._previous = self._previous, seen
        checked = gate(window, seen, self.table.legs)
        found = replace(found, confidence=window.confidence, not_visible=unseen(self.table, NO_VIEW))
        if checked.unsure is not None:
            return unjudged(found, self.table, window, checked.unsure)
        self._numbers[window.start_s] = number
        if seen is None:
            reason = VIEW_UNKNOWN if window.view is None else TOO_FEW_FRAMES
            return Ruling(rep=replace(found, unsure=reason), window=window)
        features = rep_features(seen, previous, self.table, self._population.measures)
        path = bar_path(seen, self._height_cm)
        rep = replace(
            found,
            pace=self._pace(features, path, found.start_s),
            bar_path_cm=None if path is None else path.points_cm(),
        )
        return self._against_own(rep, window, rep_vector(features, self._population), checked.failed)

    def partial(self, window: RepWindow) -> tuple[Fault, ...]:
        """Find the faults in what there is of a rep that was not completed."""
        seen = self._normalised(window)
        checked = gate(window, seen, self.table.legs)
        back_is_work = not KINDS[self.table.travel].up_first  # as of a squat
        if seen is None or checked.unsure is not None or back_is_work:
            return ()
        reference = self._learner.reference(seen.azimuth_deg)
        if reference is None:
            return ()
        usual = trace_of(reference.posterior.mean, self._population)
        return self._judge.judge(vector_of(seen, None, self._population, usual), reference, checked.failed).faults

    def set_over(self) -> tuple[tuple[str, ...], tuple[RepWindow, ...]]:
        """End the set. Returns notes on the reps that were learned from, and the last reps that entered the
        reference."""
        habit = self._learner.habit()
        notes = ((habit_note(habit),) if habit else ()) + tuple(
            learning_note(self._numbers[kept.start_s], self.table.faults[judgement.faults[0].name].words)
            for kept, judgement in self._learner.look_back()
            if kept.start_s in self._numbers
        )
        learned = self._learner.set_over()
        self._numbers.clear()
        self._paces.clear()
        self._previous = None
        return notes, learned

    def correct(self, rep: Rep) -> CorrectionEffect:
        """Learn from a correction of a rep of this run. rep: as it was judged, with its correction."""
        said = rep.correction
        good = None if said is None else said.label == "good"
        widened = self._learner.excuse(rep.start_s, None if good is None else good and rep.verdict == "anomalous")
        if not rep.counts:
            self._paces.pop(rep.start_s, None)
        elif rep.pace is not None and rep.start_s in self._numbers:
            self._paces[rep.start_s] = rep.pace
        known = self._recent.get(rep.start_s)
        of_set = rep.start_s in self._numbers
        effect = CorrectionEffect() if known is None else self._learner.correct(known, good, of_set=of_set)
        return replace(effect, widened=widened)

    def _normalised(self, window: RepWindow) -> NormalisedRep | None:
        """Turn the rep to the side of the reps that it is compared with."""
        view = window.view
        return normalised_rep(window, None if view is None else self._learner.mirrored(view.azimuth_deg))

    def _against_own(self, rep: Rep, window: RepWindow, vector: RepVector, failed: Mapping[str, str]) -> Ruling:
        """Judge a rep by the reference of its view. failed: as Gate's."""
        source: Source = self._learner.source(vector.azimuth_deg, vector.front)
        reference = self._learner.reference(vector.azimuth_deg, vector.front)
        if reference is None:
            return Ruling(rep=replace(rep, unsure=FROM_BEHIND), window=window)
        judgement = self._judge.judge(vector, reference, failed)
        anomalous = judgement.score > 1 or bool(judgement.faults)
        rep = replace(
            rep,
            verdict="anomalous" if anomalous else "good",
            score=judgement.score,
            reference=source,
            faults=judgement.faults,
            not_visible=judgement.not_visible,
            top_joints=judgement.top_joints if anomalous else (),
            why=attribution.why(
                judgement.shares,
                joints_of(vector.mirrored),
                vector.trace_s,
                attribution.phases(self.table.travel, vector.moments_s, window.start_s, window.turn_s, window.end_s),
            ),
        )
        against = self._learner.own(vector.azimuth_deg, vector.front)
        learned = self._learner.add(vector, window, judgement)
        forgotten = self._learner.forgotten()
        self._recent[rep.start_s] = ReferenceRep(vector=vector, window=window)
        while len(self._recent) > RECENT:
            del self._recent[next(iter(self._recent))]
        return Ruling(rep=rep, window=window, learned=learned, forgotten=forgotten, against=against)

    def _pace(self, features: RepFeatures, path: BarPath | None, start_s: float) -> Pace | None:
        """Measure how fast a rep was, by the bar where it was seen, and how much slower than the set's fastest rep."""
        found = None if path is None else pace_of_bar(path, self.table.travel)
        if found is None and features.phases is not None:
            found = pace(features.motion, features.phases, travel=self.table.travel, height_cm=self._height_cm)
        if found is None:
            return None
        speeds = [one.speed for one in self._paces.values() if one.kind == found.kind]
        found = replace(found, velocity_loss=velocity_loss([*speeds, found.speed]))
        self._paces[start_s] = found
        return found
