"""Keeps the reference of a lifter in an exercise during a run, and the reps from which later sessions learn.

`SOURCES` decides which reps form the reference. `reference_reps` decides, with `teachable_reps`, from which reps later
sessions learn.
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from statistics import median

from livecoach.core.step import RepCorrected
from livecoach.core.types import Learning, RepWindow
from livecoach.decisions.judging.distance import compare_with_reference, distance
from livecoach.decisions.judging.own_reps import FIRST_REPS, LEAST_ALIKE, OwnReps, OwnSet, RepOrAzimuth, Unlearned
from livecoach.decisions.judging.reference import (
    EVERYBODY,
    THIS_SET,
    Reference,
    RepSource,
    everybody_reference,
    first_sufficient_source,
    prepare_reference,
)
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.judging.verdict import RepVerdict, relative_distance
from livecoach.decisions.rep.measured import MeasuredRep, measure_own_reps, reps_of_same_view

MOST_LEARNED_FIRST, MOST_LEARNED_LATER = 10, 5
"""Most reps of a view and leg that a profile learns from its first session, which anchors it, and from each later one:
a session moves the reference by at most a quarter of the difference."""
MOST_MADE = 4  # Size of the cache: for both legs, of this set and of others


class OwnReference:
    """Keeps the reference of a lifter in an exercise, and updates the reference during a run."""

    def __init__(self, scorer: Scorer, kept: Sequence[RepWindow] = ()) -> None:
        """Start with the reps that a profile keeps, in order."""
        self._made = lru_cache(MOST_MADE)(partial(prepare_reference, scorer))
        self.everybody = everybody_reference(scorer)
        self.reps = OwnReps(measure_own_reps(kept, scorer.faults.table), scorer.camera, self._distance)
        self._has_own_set_only = any(fault.own_set_only for fault in scorer.faults.table.faults.values())
        self._over = self._asked = self.reps.no_set
        """The last set, until the next rep; and the same set if it became the reference that the lifter may confirm."""
        self._is_new = False  # whether a rep was just added

    def reference(self, at: RepOrAzimuth) -> Reference:
        """Return the reference for a rep or an azimuth: everybody's reps if no rep of the lifter can be compared."""
        return self._prepared(*first_sufficient_source(self.reps, at))

    def _prepared(self, source: RepSource, reps: tuple[MeasuredRep, ...]) -> Reference:
        return self.everybody if source is EVERYBODY else self._made(reps, source)

    def reference_within_set(self, at: RepOrAzimuth) -> Reference | None:
        """Return the reference of reps of the set under way, for faults that are compared within a set.

        The result is None if `OwnSet.first_reference` is empty, or if the exercise has no such faults.
        """
        first = self.reps.current_set.first_reference(at) if self._has_own_set_only else ()
        return self._made(first, THIS_SET) if first else None

    def _distance(self, rep: MeasuredRep, others: Sequence[MeasuredRep]) -> float:
        return relative_distance(rep, self._made(tuple(others), THIS_SET))

    def learning_state(self, azimuth_deg: float) -> Learning:
        """Return how far the reference for an azimuth is learned; with alternating legs, for the leg with fewer reps.

        Each call also measures one more of the kept reps of the view or, after the last, prepares the references, so
        that no frame takes long.
        """
        source, reps = first_sufficient_source(self.reps, azimuth_deg)
        self._measure_ahead(azimuth_deg, source, reps)
        have = FIRST_REPS if reps else 0
        if source is THIS_SET:
            fronts = Counter(rep.front for rep in reps if rep.front is not None)
            have = min(FIRST_REPS, *(fronts.values() or [len(reps)]))
        known = self.reps.kept or any(own_set.judges_others for own_set in self.reps.sets.values())
        return Learning(have=have, wanted=FIRST_REPS, elsewhere=not reps and bool(known))

    def add(self, rep: MeasuredRep, verdict: RepVerdict, *, is_complete: bool, is_first: bool) -> None:
        """Add a judged rep to the lifter's own reps, with its score, after its measures are computed (`settle`).

        Args:
            verdict: Verdict on the rep, which must have a score.
            is_complete: Whether every main fault was measured that a good picture shows from the rep's view.
            is_first: Whether only the rep's own set or everybody's reps judged the rep.
        """
        rep.settle()
        assert verdict.score is not None  # it was judged
        rep.score, rep.is_complete, rep.is_first = verdict.score, is_complete, is_first
        self._over, self._asked, self._is_new = self.reps.no_set, self.reps.no_set, True
        self.reps.add(rep)

    def end_set(self) -> tuple[MeasuredRep, ...]:
        """End the set, whose good reps may judge later sets, and return the good reps that stand out from the others.

        These no longer count as good. The result is empty if too many reps of the set are not good.
        """
        over, self.reps.current_set = self.reps.current_set, self.reps.no_set
        if not over.reps:
            return ()
        self._over = over
        over.alike.cache_clear()
        if over.is_unlike_reference:
            return ()
        odd, was = over.mark_odd_reps(), over.judges_others
        over.judges_others = was or len(over.good_reps) >= LEAST_ALIKE
        last = over.reps[-1]
        is_first = not was and next(self.reps.judging_sets(last), None) is over
        self._asked = over if is_first and not self.reps.comparable_reps(self.reps.kept, last) else self.reps.no_set
        return odd

    def starts_to_confirm(self) -> tuple[float, ...]:
        """Return the starts in seconds of good reps in a set that has just become the reference.

        The result is empty once the lifter has called one of its reps good or not good.
        """
        is_answered = any(rep.called_good is not None for rep in self._asked.reps)
        return () if is_answered else tuple(rep.window.start_s for rep in self._asked.good_reps)

    def count_unlearned(self) -> Counter[Unlearned]:
        """Count, by reason, the reps of the last set that the profile does not learn.

        The count is empty if the profile learns or knows enough reps of the view, if the set is not good, or if the
        lifter has called one of its reps good.
        """
        over = self._over
        if not over.reps or over.is_unlike_reference or any(rep.called_good for rep in over.reps):
            return Counter()
        if len(reps_of_same_view([*self.reps.kept, *self._learnable()], over.reps[-1])) >= LEAST_ALIKE:
            return Counter()
        of_all: Unlearned | None = "unusual" if self._is_unusual(over) else None
        return Counter(why for rep in over.reps if (why := over.unlearned_reason(rep) or of_all) is not None)

    def withdraw(self, name: str, since_s: float = -math.inf) -> list[MeasuredRep]:
        """Forget and return the reps of a set from `since_s` on, because they belong to another exercise or lifter.

        The set under way ends, too.
        """
        self._over = self._asked = self.reps.no_set
        return self.reps.withdraw(name, since_s)

    def teachable_reps(self, least: int = LEAST_ALIKE) -> tuple[RepWindow, ...]:
        """Return the clearly good reps of good sets, from which later sessions learn.

        For each view and leg with at least `least` reps, they are the latest reps, or the first reps if the lifter has
        no known reps of the view and leg.
        """
        candidates, learned = [*self._learnable()], list[RepWindow]()
        for rep in candidates:
            alike, known = self.reps.comparable_reps(candidates, rep), self.reps.comparable_reps(self.reps.kept, rep)
            some = alike[-MOST_LEARNED_LATER:] if known else alike[:MOST_LEARNED_FIRST]
            if len(alike) >= least and rep in some:
                learned.append(rep.window)
        return tuple(learned)

    def correct(self, corrected: RepCorrected) -> RepCorrected:
        """Apply the lifter's correction, and return the correction with its effect on the reference.

        A rep that is called good may join the reference, and a rep that is called anything else leaves it. The
        correction of a rep that is no longer held has no effect.
        """
        good = None if corrected.rep.correction is None else corrected.rep.correction.label == "good"
        start_s = corrected.rep.start_s
        rep = next((own_rep for own_rep in self.reps.all_reps if own_rep.window.start_s == start_s), None)
        if rep is None or rep.called_good is good:
            return corrected
        of_set = self.reps.sets[rep.window.set_name]
        was_good, rep.called_good = of_set.has_good_form(rep), good
        rep.window = replace(rep.window, chosen=bool(good))
        self._made.cache_clear()
        is_good = of_set.has_good_form(rep)
        return replace(corrected, reference=None if is_good == was_good else "entered" if is_good else "left")

    def _learnable(self) -> Iterator[MeasuredRep]:
        """Yield the reps of good sets that may teach without a confirmation."""
        for of_set in self.reps.sets.values():
            if not (of_set.is_unlike_reference or self._is_unusual(of_set)):
                yield from (
                    rep for rep in of_set.reps if rep.called_good is None and of_set.unlearned_reason(rep) is None
                )

    def _is_unusual(self, of_set: OwnSet) -> bool:
        """Return whether few lifters have a set's form, so that all reps may be faulty, and no known rep can tell."""
        good = of_set.good_reps
        known = [*self.reps.kept, *(rep for rep in self.reps.all_reps if rep.called_good)]
        if not good or self.reps.comparable_reps(known, good[-1]):
            return False
        distances = [distance(compare_with_reference(rep, self.everybody)) for rep in good]
        return median(distances) > self.everybody.usual_distance

    def _measure_ahead(self, azimuth_deg: float, source: RepSource, reps: tuple[MeasuredRep, ...]) -> None:
        """Measure one kept rep of a view, or at last prepare the references: all at once would take too long."""
        unmeasured = [kept for kept in reps_of_same_view(self.reps.kept, azimuth_deg) if not kept.is_settled]
        if unmeasured:
            unmeasured[-1].settle()
        elif not self._is_new:
            self._prepared(source, reps)
            self.reference_within_set(azimuth_deg)
        self._is_new = False
