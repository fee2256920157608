"""Learning the lifter's own reference: his good reps, as they come, of earlier sets and of this one.

The first good rep of an exercise in a view makes a provisional reference, whose limits are wide. It is settled when one
more rep would hardly make them narrower. Until then the rep that stands out among those of the set is left out, and one
that was flagged beside it may take its place. From then on good reps alone are added, so that the reference follows
slowly.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from livecoach.judging.judge import Judge
from livecoach.judging.judgement import Judgement, Reference
from livecoach.judging.population import Population
from livecoach.judging.posterior import ScatterPrior, t_of_normal
from livecoach.judging.reference import (
    FIRST_ODD,
    LEAST_OF_A_VIEW,
    MOST_KEPT,
    PROVISIONAL,
    RUN,
    counting,
    near,
    newest,
    oddness,
    reference_of,
    reference_reps,
    session_of,
    side_of,
)
from livecoach.judging.reference_corrections import CorrectionEffect, ReferenceCorrections, ReferenceReps
from livecoach.judging.reference_rep import ReferenceRep
from livecoach.judging.rep_vector import RepVector
from livecoach.rep.measures import Front
from livecoach.types import Learning, RepWindow

NEAR_SETTLED = 1.2
"""A reference is settled when its limits are at most this much wider than with MOST_KEPT reps."""
USUAL_LIMIT = 3.0
"""Standard normal deviate of a usual limit, for what limits depend on the number of own reps."""
SURELY_GOOD = 0.7
"""Score up to which a rep is learned from where an earlier set of the session is known. One that is nearly past its
limit is not flagged, but would pull the reference towards a set that is done badly from its first rep on."""

Source = Literal["own", "provisional", "population"]


class ReferenceLearner:
    """Learns the reference of one lifter in one exercise while he lifts."""

    def __init__(self, population: Population, judge: Judge, kept: Sequence[RepWindow] = ()) -> None:
        """kept: reps that a profile keeps, in their order."""
        self._population, self._judge = population, judge
        self._wanted = reps_wanted(population.scatter)
        self._earlier = reference_reps(kept, population)
        self._unmeasured: list[ReferenceRep] | None = None  # None until the view is known
        self._now: list[ReferenceRep] = []
        self._of_set: list[ReferenceRep] = []  # all judged reps of this set, bad ones too
        self._first: list[
            ReferenceRep
        ] = []  # judged reps of this set, bad ones too, from before the reference was settled
        self._untold: list[ReferenceRep] = []  # reps of this run that were not told as learned yet
        self._forgotten: list[RepWindow] = []
        self._habit_told = len(self._earlier) >= self._wanted
        self._corrections: ReferenceCorrections[ReferenceRep] = ReferenceCorrections()

    def reference(self, azimuth_deg: float, front: Front | None = None) -> Reference | None:
        """Return the reference for a rep of this view with that leg in front; None where no population knows the view.

        After a correction to "good" the set is no longer judged as a whole.
        """
        found = reference_of(self._population, azimuth_deg, self._earlier, self._now, self._of_set, front)
        if found is None:
            return None
        called_good = any(self._corrections.called_good(k) for k in self._now)
        return replace(found, widening=self._corrections.widening, before=None if called_good else found.before)

    def source(self, azimuth_deg: float, front: Front | None = None) -> Source:
        """Return where the reference of this view and leg comes from."""
        count = self._count(azimuth_deg, front)
        if len(near(self._earlier, azimuth_deg, front)) >= LEAST_OF_A_VIEW or count >= self._wanted:
            return "own"
        return "provisional" if count >= PROVISIONAL else "population"

    def own(self, azimuth_deg: float, front: Front | None = None) -> tuple[RepWindow, ...]:
        """Return the own reps that a rep of this view and leg is judged against; none where that is the population."""
        if self.source(azimuth_deg, front) == "population":
            return ()
        return tuple(k.window for k in counting(self._earlier, self._now, azimuth_deg, front))

    def learning(self, azimuth_deg: float) -> Learning:
        """Return how much of the reference of this view is learned: of legs that take turns, of the one that is known
        less."""
        self._measure_ahead(azimuth_deg)
        fronts = Counter(k.front for k in near([*self._earlier, *self._now], azimuth_deg))
        return Learning(have=min([self._wanted, *fronts.values()] if fronts else [0]), wanted=self._wanted)

    def _measure_ahead(self, azimuth_deg: float) -> None:
        """Measure one more of the stored reps that count in this view: all of them at the first rep would take long."""
        if self._unmeasured is None:
            self._unmeasured = counting(self._earlier, [], azimuth_deg, None)
        if self._unmeasured:
            _ = self._unmeasured.pop().vector

    def mirrored(self, azimuth_deg: float) -> bool | None:
        """Return whether a rep of this signed view is to be mirrored by normalised_rep; None: the view decides."""
        return side_of([*self._earlier, *self._now], azimuth_deg)

    def add(self, rep: RepVector, kept: RepWindow, judgement: Judgement | None = None) -> tuple[RepWindow, ...]:
        """Take a rep of the set under way. Returns the reps that now belong to the reference for good.

        judgement: on it; None: it is good. None of the first reps is part of the reference for good until that is
        settled or the set over: one may yet be left out. A bad one is remembered while the reference is not settled: it
        may be the first rep that was the odd one. Where the whole set is done badly, none of it is learned.
        """
        new = ReferenceRep(vector=rep, window=kept)
        bad = judgement is not None and (bool(judgement.faults) or judgement.score > 1)
        of_set = judgement is not None and judgement.whole_set
        settled = len(self._of_session(rep)) >= self._wanted
        doubtful = judgement is not None and judgement.score > SURELY_GOOD and self._knows_session(rep)
        self._of_set.append(new)
        if of_set:
            self._forgotten += [k.window for k in self._now if k not in self._untold]
            self._untold = [k for k in self._untold if k not in self._now]
            self._now = []
        elif not bad and not doubtful:
            self._now.append(new)
            self._untold.append(new)
        if not settled and not of_set and not doubtful:
            self._first.append(new)
            self._leave_out(rep)
        self._now, self._of_set, self._first = newest(self._now), newest(self._of_set), newest(self._first)
        self._untold = newest(self._untold)
        return self._fresh(rep) if self._count(rep.azimuth_deg, rep.front) >= self._wanted else ()

    def forgotten(self) -> tuple[RepWindow, ...]:
        """Return the reps that were reported as learned and have left the reference; each once."""
        reps, self._forgotten = tuple(self._forgotten), []
        return reps

    def set_over(self) -> tuple[RepWindow, ...]:
        """End the set: its reps now belong to an earlier set. Returns the reps that enter a reference by that."""
        self._earlier = newest([*self._earlier, *self._now], MOST_KEPT)
        self._now, self._first, self._of_set = [], [], []
        return tuple(
            rep
            for k in self._untold
            if self._count(k.azimuth_deg, k.front) >= LEAST_OF_A_VIEW
            for rep in self._fresh(k.vector)
        )

    def excuse(self, start_s: float, excused: bool | None) -> bool:
        """Do as ReferenceCorrections.excuse."""
        return self._corrections.excuse(start_s, excused)

    def correct(self, rep: ReferenceRep, good: bool | None, *, of_set: bool) -> CorrectionEffect:
        """Do as ReferenceCorrections.correct."""
        before = ReferenceReps(earlier=self._earlier, now=self._now, first=self._first, untold=self._untold)
        held, effect = self._corrections.correct(before, rep, good, of_set=of_set)
        self._earlier, self._now, self._first, self._untold = held.earlier, held.now, held.first, held.untold
        if good is False:
            self._of_set = [k for k in self._of_set if k.window is not rep.window]
        return effect

    def habit(self) -> tuple[str, ...]:
        """Return the joints by which all reps of a settled reference differ from the population, worst first; none
        where one rep does not. Reported once, and not for a reference that was settled before this run."""
        reps = self._like(self._now[-1].vector) if self._now else []
        against = reference_of(self._population, reps[-1].azimuth_deg, [], []) if reps else None
        if self._habit_told or against is None or len(reps) < self._wanted:
            return ()
        self._habit_told = True
        score, joints = min(self._judge.normalised_distance(k.vector, against) for k in reps)
        return joints if score > FIRST_ODD else ()

    def look_back(self) -> list[tuple[RepWindow, Judgement]]:
        """Judge the first reps of this set again, those left out too, by the others, for the summary."""
        return [(odd.window, judgement) for odd, judgement in self._by_the_others(self._first) if judgement.faults]

    def _fresh(self, rep: RepVector) -> tuple[RepWindow, ...]:
        """Return the reps of its view and leg that were not reported as learned yet."""
        fresh = near(self._untold, rep.azimuth_deg, rep.front)
        self._untold = [k for k in self._untold if k not in fresh]
        return tuple(k.window for k in fresh)

    def _leave_out(self, rep: RepVector) -> None:
        """Leave out the one among the first reps of a session that stands out. Take those that only stood out beside
        it, or beside another day's: three reps that are alike show how the lifter is seen today."""
        first = near(self._first, rep.azimuth_deg, rep.front)
        agrees = near(self._earlier, rep.azimuth_deg, rep.front) and any(k in self._now for k in first)
        if len(first) < LEAST_OF_A_VIEW or agrees:
            return  # too few to tell; or today is as it was, and what stands out does so rightly
        odd = {id(one): oddness(self._judged_by(one, [k for k in first if k is not one])) for one in first}
        left = [k for k in first if not self._corrections.called_good(k)]
        worst = max(left, key=lambda k: odd[id(k)], default=None)
        if worst is not None and odd[id(worst)] > FIRST_ODD:
            if worst not in self._now:
                return
            self._forgotten += [worst.window] if worst not in self._untold else []
            self._now, self._untold = ([k for k in reps if k is not worst] for reps in (self._now, self._untold))
            first = [k for k in first if k is not worst]
        elif 2 * len([k for k in first if k in self._now]) >= len(first):
            return  # most of them are in the reference: what stood out beside these did so rightly
        for one in first:
            if one not in self._now and oddness(self._judged_by(one, [k for k in first if k is not one])) <= FIRST_ODD:
                self._now.append(one)
                self._untold.append(one)

    def _by_the_others(self, reps: Sequence[ReferenceRep]) -> list[tuple[ReferenceRep, Judgement]]:
        others = {id(rep): [k for k in self._now if k is not rep and k.front == rep.front] for rep in reps}
        found = [(rep, self._judged_by(rep, others[id(rep)])) for rep in reps if len(others[id(rep)]) > 1]
        return [(rep, judgement) for rep, judgement in found if judgement is not None]

    def _judged_by(self, rep: ReferenceRep, others: Sequence[ReferenceRep]) -> Judgement | None:
        """Judge a rep against other reps of its set and what was known before; None where no band knows the view."""
        of_rep = rep.vector
        against = reference_of(self._population, of_rep.azimuth_deg, self._earlier, others, front=of_rep.front)
        return None if against is None else self._judge.judge(rep.vector, against, {})

    def _knows_session(self, rep: RepVector) -> bool:
        """Return whether there are good reps of an earlier set of this run."""
        return len(self._of_session(rep)) > len(near(self._now, rep.azimuth_deg, rep.front))

    def _of_session(self, rep: RepVector) -> list[ReferenceRep]:
        """Return the good reps of this run."""
        return [k for k in self._like(rep) if session_of(k) == RUN]

    def _like(self, rep: RepVector) -> list[ReferenceRep]:
        """Return the good reps of its view and leg."""
        return near([*self._earlier, *self._now], rep.azimuth_deg, rep.front)

    def _count(self, azimuth_deg: float, front: Front | None) -> int:
        return len(near([*self._earlier, *self._now], azimuth_deg, front))


def reps_wanted(prior: ScatterPrior) -> int:
    """Return how many own reps of one set settle a reference, by NEAR_SETTLED."""
    widths = [
        math.sqrt(1 + 1 / count) * t_of_normal(USUAL_LIMIT, prior.freedom + prior.of_rep * (count - 1))
        for count in range(1, MOST_KEPT + 1)
    ]
    return next(count for count, width in enumerate(widths, 1) if width <= NEAR_SETTLED * widths[-1])
