"""Chooses, among the reps of one set of a run, the good reps by which other reps are judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from itertools import combinations, compress
from statistics import median
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.types import Rep
from livecoach.core.types.message import Message
from livecoach.decisions.judging.reference import Reference
from livecoach.decisions.judging.verdict import largest_fault_ratio, relative_distance
from livecoach.decisions.rep.measured import MeasuredRep, RepOrAzimuth, reps_of_same_view

FIRST_REPS = 5  # Least reps of a first set that are a reference; with fewer, livecoach is still learning
MORE_REPS = 10  # Most reps of a first set's reference: later, clearly good reps make the spread surer
SURELY_GOOD = 0.7  # Largest score at which a rep is added to a reference, or learned. Our choice.
ODD_SCORE = 2.0  # Least score of a rep that turned out odd; any score above 1 has the same effect
LEAST_ALIKE = 3  # Least reps that reveal an odd rep among them, and least reps of a view to keep
WHILE_LEARNING = "rep {n}, while learning: {text}"  # Id of the note on a rep that turned out otherwise at the end
UNLIKE_OTHERS, LIKE_OTHERS = "unlike the others", "like the others"
UNLIKE_SHARE = 0.5  # Share of anomalous reps, at least two, from which a whole set is unlike the reference
Unlearned = Literal["shallow", "flagged", "unclear", "uneven", "unusual"]
"""Reason why the profile does not learn a rep: it misses a standard by which the lifter counts, it is not good, a main
fault was not visible in it, it is not as clearly good as the others, or few lifters have its form."""
CLEARLY_LARGER = 1.2
"""Ratio from which a first rep is odd: its fault, compared with later reps, over their fault, compared with it. With
1.1 to 1.35, real sets that begin with a rep of another form are judged about equally well."""


class EndedSet(NamedTuple):
    """The notes on an ended set, and the reps that proved to be unlike or like the other reps of the set."""

    notes: tuple[str, ...]  # One for each of these reps, after all other notes
    turned: Mapping[int, str]  # Number of the rep in the set → UNLIKE_OTHERS or LIKE_OTHERS


def read_turned_reps(notes: Sequence[str]) -> Mapping[int, str]:
    """Read `EndedSet.turned` from a set's notes: the reps that proved to be unlike or like the other reps."""
    of_reps = [note for note in notes if isinstance(note, Message) and note.id == WHILE_LEARNING]
    return {int(note.arguments["n"]): str(note.texts[0]) for note in of_reps}


def apply_set_end(reps: Sequence[Rep], turned: Mapping[int, str], index: int) -> tuple[Rep, ...]:
    """Return all reps, with new verdicts for reps that, at the end of their set, proved unlike or like its other reps.

    While livecoach learns, a rep is compared with the few reps before it. A rep that was compared with reps of other
    sets keeps its verdict.

    Args:
        turned: Number of each such rep in the set → UNLIKE_OTHERS or LIKE_OTHERS.
        index: Number of the ended set in the session.
    """
    of_set = [rep for rep in reps if rep.set == index and rep.reference == "none"] if turned else []
    good = sum(rep.verdict == "good" and turned.get(rep.number) != UNLIKE_OTHERS for rep in of_set)
    now = {rep.start_s: _as_turned_out(rep, turned.get(rep.number), good) for rep in of_set}
    return tuple(now.get(rep.start_s, rep) for rep in reps)


def _as_turned_out(rep: Rep, turned: str | None, good: int) -> Rep:
    if turned == UNLIKE_OTHERS and rep.verdict == "good" and rep.score is not None:
        return replace(rep, verdict="anomalous", score=max(rep.score, ODD_SCORE), own_reps=good, why=None)
    if turned == LIKE_OTHERS and rep.verdict == "anomalous" and rep.score is not None:
        return replace(rep, verdict="good", score=min(rep.score, 1.0), faults=(), top_joints=())
    return rep


class OwnSet:
    """The reps of one set of this run, and which of these reps are good."""

    def __init__(self, name: str, reference: Callable[[Sequence[MeasuredRep]], Reference]) -> None:
        """Start without reps. `reference` prepares reps of the set as a reference of other reps of the set."""
        self.name, self.reps, self._reference = name, list[MeasuredRep](), reference
        self.judges_others = False  # whether it has ended, and was good
        self.find_alike = lru_cache(1)(self._find_alike)  # remembers the reps that are alike among the latest reps
        self._pairs: dict[tuple[MeasuredRep, MeasuredRep], bool] = {}  # two reps → whether they are alike

    def forget_alike(self) -> None:
        """Forget which reps are alike, so that these reps are not held in memory."""
        self.find_alike.cache_clear()
        self._pairs.clear()

    @property
    def good_reps(self) -> list[MeasuredRep]:
        """The good reps of the set that may become part of a reference."""
        return [rep for rep in self.reps if self.has_good_form(rep) and rep.may_teach]

    def has_good_form(self, rep: MeasuredRep) -> bool:
        """Return whether a rep has good form, regardless of standards; a correction decides before the score."""
        return self.form_score(rep) <= 1 if rep.called_good is None else rep.called_good

    def form_score(self, rep: MeasuredRep) -> float:
        """Return the score that decides whether a rep has good form.

        If the lifter called reps of the rep's set and view good, and no other set judged the rep, the score is measured
        from these reps alone.
        """
        chosen = reps_of_same_view([own for own in self.reps if own.called_good], rep) if rep.is_self_judged else []
        return relative_distance(rep, self._reference(chosen)) if chosen else rep.score

    def unlearned_reason(self, rep: MeasuredRep) -> Unlearned | None:
        """Return the reason why the profile does not learn a rep, apart from "unusual"; None without such a reason."""
        if not rep.may_teach:
            return "shallow"
        if not self.has_good_form(rep):
            return "flagged"
        if not rep.is_complete:
            return "unclear"
        return "uneven" if self.form_score(rep) > SURELY_GOOD else None

    @property
    def is_unlike_reference(self) -> bool:
        """Whether the set is unlike its reference: two or more reps, and at least half of all, have no good form."""
        bad = sum(not self.has_good_form(rep) for rep in self.reps)
        return bad > 1 and bad >= UNLIKE_SHARE * len(self.reps)

    def judging_reps(self, at: RepOrAzimuth) -> tuple[MeasuredRep, ...]:
        """Return the reps of the set, in the view of `at`, by which reps of the same set are judged.

        If the lifter called reps good that no other set judged, these reps all come first, then reps with good form.
        Otherwise, reps with good form among the first FIRST_REPS come first (if the first rep is odd, the reps that are
        similar to each other or were called good), and then later reps that are clearly good or were called good. Reps
        are added until there are MORE_REPS. A disallowed rep must have been called good.
        """
        mine = reps_of_same_view([rep for rep in self.reps if rep.may_teach], at)
        chosen = [rep for rep in mine if rep.called_good and rep.is_self_judged]
        if chosen:
            like_them = [rep for rep in mine if rep not in chosen and self.has_good_form(rep)]
            return (*chosen, *like_them[: max(MORE_REPS - len(chosen), 0)])
        beginning = mine[:FIRST_REPS]
        first = [rep for rep in beginning if self.has_good_form(rep)]
        if len(beginning) >= LEAST_ALIKE and len(first) < len(beginning):
            alike = self.find_alike(tuple(rep for rep in beginning if rep.called_good is not False))
            if beginning[0] not in alike:  # the first rep is odd: comparisons with it mean nothing
                first = [rep for rep in beginning if rep.called_good or rep in alike]
        more = [
            rep
            for rep in mine[FIRST_REPS:]
            if rep.called_good or (rep.called_good is None and rep.score <= SURELY_GOOD)
        ]
        return (*first, *more[: max(MORE_REPS - len(first), 0)])

    def rescore_flagged_reps(self) -> tuple[MeasuredRep, ...]:
        """Score the flagged reps of `judging_reps` anew, each by the other reps, and return the reps that are good now.

        Reps may be flagged only because the first rep is odd. Nothing changes if any of `judging_reps` was called good.
        """
        reference = self.judging_reps(self.reps[-1]) if self.reps else ()
        if len(reference) < 2 or any(rep.called_good for rep in reference):
            return ()
        flagged = [rep for rep in reference if rep.is_self_judged and rep.score > 1]
        for rep in flagged:
            others = self._reference([other for other in reference if other is not rep])
            rep.score = max(relative_distance(rep, others), largest_fault_ratio(rep, others))
        return tuple(rep for rep in flagged if rep.score <= 1)

    def mark_odd_reps(self) -> tuple[MeasuredRep, ...]:
        """Give uncorrected good reps that stand out a score of at least ODD_SCORE, and return these reps."""
        good = self.good_reps
        odd = [rep for rep in good if rep.called_good is None and self._is_odd(rep, good)]
        for rep in odd:
            rep.score = max(rep.score, ODD_SCORE)
        return tuple(odd)

    def _is_odd(self, rep: MeasuredRep, reps: Sequence[MeasuredRep]) -> bool:
        others = [other for other in reps_of_same_view(reps, rep) if other is not rep]
        return len(others) >= LEAST_ALIKE and relative_distance(rep, self._reference(others)) > 1

    def _find_alike(self, reps: tuple[MeasuredRep, ...]) -> list[MeasuredRep]:
        """Return the largest group of reps that are like a rep among them: the first rep of a set may be odd.

        The group of the first rep is returned instead if the largest group shows a fault compared with the first rep,
        and the first rep shows no clearly larger fault compared with the group: perhaps the lifter began well.
        """
        alone, near = cache(lambda rep: self._reference([rep])), np.eye(len(reps), dtype=bool)
        for (i, rep), (k, other) in combinations(enumerate(reps), 2):
            if (rep, other) not in self._pairs:
                both = (rep, alone(other)), (other, alone(rep))
                self._pairs[rep, other] = all(relative_distance(*pair) <= 1 for pair in both)
            near[i, k] = near[k, i] = self._pairs[rep, other]
        groups = [[*compress(reps, row)] for row in near]
        largest = max(groups, key=len, default=[])
        if largest and reps[0] not in largest:
            of_first = median(largest_fault_ratio(reps[0], alone(rep)) for rep in largest)
            if of_first < CLEARLY_LARGER * median(largest_fault_ratio(rep, alone(reps[0])) for rep in largest):
                return groups[0]
        return largest
