"""Keeps the lifter's own reps that are known in a run, and chooses the reps that make the reference for a rep.

`OwnReps.reference_sources` yields the reps that may make a reference, in order of preference. The module
`reference_reps` decides, with `OwnReps.teachable_reps`, from which reps later sessions learn.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache, partial
from itertools import combinations, compress, groupby
from statistics import median
from typing import Literal, NamedTuple

import numpy as np

from livecoach.core.step import Learning, RepCorrected
from livecoach.core.types import RepWindow
from livecoach.decisions.judging.reference import (
    CONFIRMED,
    EARLIER_DAYS,
    EARLIER_SET,
    EVERYBODY,
    THIS_SET,
    Reference,
    RepSource,
    compare_with_reference,
    everybody_reference,
    median_camera,
    prepare_reference,
)
from livecoach.decisions.judging.scorer import Scorer, pitch_mismatch
from livecoach.decisions.judging.verdict import largest_fault_ratio, relative_distance
from livecoach.decisions.rep.measured import Azimuth, MeasuredRep, RepOrAzimuth, prepare_own_reps, reps_of_same_view
from livecoach.decisions.rep.view_normalised import CameraReading

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


class OwnSet:
    """The reps of one set of this run, and which of these reps are good."""

    def __init__(self, name: str, reference: Callable[[tuple[MeasuredRep, ...]], Reference]) -> None:
        """Start without reps. `reference` prepares reps of the set as a reference of other reps of the set."""
        self.name, self.reps, self._reference = name, list[MeasuredRep](), reference
        self.judges_others = False  # whether it has ended, and was good
        self.find_alike = lru_cache(1)(self._find_alike)  # remembers the reps that are alike among the latest reps
        self._pairs: dict[tuple[MeasuredRep, MeasuredRep], bool] = {}  # two reps → whether they are alike
        self._alone = cache(lambda rep: reference((rep,)))  # a rep → the reference that it makes alone

    def forget_alike(self) -> None:
        """Forget which reps are alike, so that these reps are not held in memory."""
        self.find_alike.cache_clear()
        self._alone.cache_clear()
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
        return relative_distance(rep, self._reference(tuple(chosen))) if chosen else rep.score

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
            others = self._reference(tuple(other for other in reference if other is not rep))
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
        others = tuple(other for other in reps_of_same_view(reps, rep) if other is not rep)
        return len(others) >= LEAST_ALIKE and relative_distance(rep, self._reference(others)) > 1

    def _find_alike(self, reps: tuple[MeasuredRep, ...]) -> list[MeasuredRep]:
        """Return the largest group of reps that are like a rep among them: the first rep of a set may be odd.

        The group of the first rep is returned instead if the largest group shows a fault compared with the first rep,
        and the first rep shows no clearly larger fault compared with the group: perhaps the lifter began well.
        """
        near = np.eye(len(reps), dtype=bool)
        for (i, rep), (k, other) in combinations(enumerate(reps), 2):
            near[i, k] = near[k, i] = self._are_alike(rep, other)
        groups = [[*compress(reps, row)] for row in near]
        largest = max(groups, key=len, default=[])
        if largest and reps[0] not in largest:
            of_first = median(largest_fault_ratio(reps[0], self._alone(rep)) for rep in largest)
            if of_first < CLEARLY_LARGER * median(largest_fault_ratio(rep, self._alone(reps[0])) for rep in largest):
                return groups[0]
        return largest

    def _are_alike(self, rep: MeasuredRep, other: MeasuredRep) -> bool:
        """Return whether two reps are alike, compared each with the other."""
        if (rep, other) not in self._pairs:
            both = (rep, self._alone(other)), (other, self._alone(rep))
            self._pairs[rep, other] = all(relative_distance(*pair) <= 1 for pair in both)
        return self._pairs[rep, other]

    def compare_next_pair(self) -> bool:
        """Compare the next two of the first reps, and return whether two were left that had not been compared."""
        pairs = combinations(self.reps[:FIRST_REPS], 2)
        pair = next((pair for pair in pairs if pair not in self._pairs), None)
        if pair is not None:
            self._are_alike(*pair)
        return pair is not None


MOST_HELD, MOST_BEGINNING = 100, 20
"""Most reps of a run that are held, at a quarter of a MiB each, and how many of them may be a set's first reps. A
correction of an older rep counts, but teaches nothing. Our choice."""
MOST_OF_SET = 20  # Most reps of an earlier set in the reference, its newest; a profile keeps at most as many of a view
MOST_LEARNED_FIRST, MOST_LEARNED_LATER = 10, 5
"""Most reps of a view and leg that a profile learns from its first session, the anchor, and from each later session:
a session moves the reference by at most a quarter of the difference."""
MOST_PREPARED = 4  # Most references that are kept prepared: for both legs, of this set and of others


class OwnReps:
    """A lifter's own reps in an exercise, of earlier days and of this run, and the references that they make."""

    def __init__(self, scorer: Scorer, kept: Sequence[RepWindow] = ()) -> None:
        """Start before the first rep of a run, with the known reps `kept`, oldest first."""
        self.kept, self.sets = prepare_own_reps(kept, scorer.faults.table), dict[str, OwnSet]()
        self.everybody, self._camera = everybody_reference(scorer), scorer.camera
        self._prepare = lru_cache(MOST_PREPARED)(partial(prepare_reference, scorer))
        self._has_own_set_only = any(fault.own_set_only for fault in scorer.faults.table.faults.values())
        self._prepare_of_set = partial(self._prepare, source=THIS_SET)
        self._no_set = OwnSet("", self._prepare_of_set)  # stands for the current set while there is none
        self.current_set = self._no_set  # the set under way
        self._is_new = False  # whether a rep was just added
        self._note_change()

    def _note_change(self, over: OwnSet | None = None, *, asked: OwnSet | None = None) -> None:
        """Note that reps have changed, and that `over` is the last set. Until the next rep, it may be `asked` about."""
        self._over, self._asked = over or self._no_set, asked or self._no_set
        self._learning: tuple[float, Learning] | None = None  # azimuth and result of the latest `learning_state`
        is_answered = any(rep.called_good is not None for rep in self._asked.reps)
        self.confirmable_starts_s = () if is_answered else tuple(rep.window.start_s for rep in self._asked.good_reps)
        """Starts in seconds of the last set's good reps, if it is a new reference that the lifter may confirm."""

    @property
    def all_reps(self) -> Iterator[MeasuredRep]:
        """The reps of this run that are still held, set by set."""
        return (rep for of_set in self.sets.values() for rep in of_set.reps)

    @property
    def _earlier_sets(self) -> list[OwnSet]:
        """The good sets of the run that have ended, in order."""
        return [own for own in self.sets.values() if own.judges_others and own is not self.current_set]

    @property
    def _earlier_reps(self) -> list[MeasuredRep]:
        """The known reps of earlier days, and the good reps of earlier sets."""
        return [*self.kept, *(rep for of_set in self._earlier_sets for rep in of_set.good_reps)]

    def reference_sources(self, at: RepOrAzimuth) -> Iterator[tuple[RepSource, tuple[MeasuredRep, ...]]]:
        """Yield the sources with reps that can judge a rep, or any rep from an azimuth, in the order of preference.

        The first source makes the reference. EARLIER_SET is repeated for each earlier set that can judge the rep, and
        EVERYBODY comes last, without reps. Reps of other sets are left out if the camera was far from its place in the
        first rep of the set under way or, without such a set, in the rep.
        """
        place = self.current_set.reps[0] if self.current_set.reps else at
        confirmed = self._comparable_reps([rep for rep in self.all_reps if rep.called_good], at, place)
        if kept := self._comparable_reps(self.kept, at, place):
            yield EARLIER_DAYS, (*kept, *confirmed)
        for of_set in self._earlier_sets:
            if good := self._comparable_reps(of_set.good_reps, at, place)[-MOST_OF_SET:]:
                yield EARLIER_SET, (*good, *(rep for rep in confirmed if rep not in good))
        if any(rep.window.set_name != self.current_set.name for rep in confirmed):  # or else this set judges itself
            yield CONFIRMED, tuple(confirmed)
        if first := self.current_set.judging_reps(at):
            yield THIS_SET, first
        yield EVERYBODY, ()

    def reference(self, at: RepOrAzimuth) -> Reference:
        """Return the preferred reference for a rep, or for any rep from an azimuth (`reference_sources`)."""
        source, reps = next(self.reference_sources(at))
        return self._prepare(reps, source=source) if reps else self.everybody

    def reference_within_set(self, at: RepOrAzimuth) -> Reference | None:
        """Return the reference from the set under way in the view of `at`, for faults that are compared within a set.

        The result is None if `OwnSet.judging_reps` is empty, or if the exercise has no such faults.
        """
        first = self.current_set.judging_reps(at) if self._has_own_set_only else ()
        return self._prepare_of_set(first) if first else None

    def _comparable_reps(self, reps: Sequence[MeasuredRep], at: RepOrAzimuth, place: RepOrAzimuth) -> list[MeasuredRep]:
        """Return the reps with which a rep can be compared.

        Comparable reps have the same view and leg, their camera stood near enough for the limits to apply, and in the
        whole of their set it had no other pitch.

        Args:
            place: A rep that was filmed from the camera's place. For an azimuth, the place is not compared.
        """
        found = reps_of_same_view(reps, at)
        if not (found and isinstance(place, MeasuredRep)):
            return found
        here = self._camera_of_set(at if isinstance(at, MeasuredRep) else place)
        alike = [of_set for of_set, there in _by_set(found) if pitch_mismatch(there, here) is None]
        return [rep for of_set in alike for rep in of_set if self._is_camera_near(rep, place)]

    def _is_camera_near(self, rep: MeasuredRep, place: MeasuredRep) -> bool:
        """Return whether the camera stood near enough its place in another rep for the limits to apply."""
        other_day = rep.window.day != place.window.day
        shifts = self._camera.shifts(rep.camera, place.camera, other_day=other_day)
        return math.hypot(*shifts.values()) <= self._camera.most

    def learning_state(self, azimuth_deg: float) -> Learning:
        """Return how far the reference for an azimuth is learned; with alternating legs, for the leg with fewer reps.

        The view at the azimuth is as wide as the view of the latest rep. Each call also does a part of the work for the
        next verdict, because the whole work would take too long: it measures a kept rep of the view or, if all kept
        reps are measured and no rep was just added, prepares the references and compares two reps of the set. When no
        work is left, the result holds until reps or azimuth change.
        """
        if self._learning is not None and self._learning[0] == azimuth_deg:
            return self._learning[1]
        latest = self.current_set.reps or self._over.reps
        at = latest[-1].azimuth._replace(deg=azimuth_deg) if latest else Azimuth(azimuth_deg)
        source, reps = next(self.reference_sources(at))
        unmeasured = [kept for kept in reps_of_same_view(self.kept, at) if not kept.is_settled]
        is_busy, self._is_new = bool(unmeasured) or self._is_new, False
        if unmeasured:
            unmeasured[-1].settle()
        elif not is_busy and reps:
            self._prepare(reps, source=source)
            self.reference_within_set(at)
            is_busy = source is THIS_SET and self.current_set.compare_next_pair()
        have = FIRST_REPS if reps else 0
        if source is THIS_SET:
            fronts = Counter([rep.front for rep in reps if rep.front is not None])
            have = min(FIRST_REPS, *(fronts.values() or [len(reps)]))
        is_known = bool(self.kept) or any(own.judges_others for own in self.sets.values())
        learning = Learning(have=have, wanted=FIRST_REPS, elsewhere=not reps and is_known)
        self._learning = None if is_busy else (azimuth_deg, learning)
        return learning

    def is_camera_moved(self) -> bool:
        """Return whether the set under way is judged by itself only because the camera was moved, not just tilted."""
        last, others = next(reversed(self.current_set.reps), None), self._earlier_reps
        if last is None or not last.is_self_judged:
            return False
        is_elsewhere = bool(others) and not reps_of_same_view(others, last.azimuth)
        return is_elsewhere or any(pitch_mismatch(*places) is None for places in self.known_places(last))

    def known_places(self, rep: MeasuredRep) -> list[tuple[CameraReading, CameraReading]]:
        """Return, for each known earlier set of a rep's view, the camera's places in that set and in the rep's set."""
        here = self._camera_of_set(rep)
        return [(there, here) for _, there in _by_set(reps_of_same_view(self._earlier_reps, rep))]

    def _camera_of_set(self, at: MeasuredRep) -> CameraReading:
        """Return the camera of a rep's set: of the rep alone unless the set is under way."""
        others = self.current_set.reps if self.current_set.name == at.window.set_name else ()
        return median_camera(*(rep.camera for rep in others if rep is not at), at.camera)

    def add(self, rep: MeasuredRep, score: float, *, is_complete: bool, is_self_judged: bool) -> None:
        """Compute the measures of a judged rep, and add the rep to its set, which becomes the set under way.

        If more than MOST_HELD reps are held, an old rep is forgotten.

        Args:
            is_complete: Whether every main fault that a good picture would show from the rep's view was measured.
            is_self_judged: Whether the rep was judged by its own set or everybody's reps, and not by another set.
        """
        rep.settle()
        rep.score, rep.is_complete, rep.is_self_judged = score, is_complete, is_self_judged
        self._is_new, name = True, rep.window.set_name
        self.current_set = self.sets.setdefault(name, OwnSet(name, self._prepare_of_set))
        self.current_set.reps.append(rep)
        if len([*self.all_reps]) > MOST_HELD:
            self._drop_oldest()
        self._note_change()

    def _drop_oldest(self) -> None:
        """Forget the oldest rep that nobody corrected, unless it judges others or begins the set under way."""
        for of_set in self.sets.values():
            for rep in of_set.reps[MOST_BEGINNING if of_set is self.current_set else 0 :]:
                if rep.called_good is None and self._first_to_judge(rep) is not of_set:
                    of_set.reps.remove(rep)
                    return

    def _first_to_judge(self, at: MeasuredRep) -> OwnSet | None:
        """Return the first good set of this run that can judge a rep; None without such a set."""
        good = (own for own in self.sets.values() if own.judges_others)
        return next((own for own in good if self._comparable_reps(own.good_reps, at, at)), None)

    def resume_set(self, name: str) -> None:
        """Continue the ended set `name` as the set under way, because a further rep belongs to it."""
        self.current_set = self.sets.get(name, self._no_set)
        self._note_change()

    def end_set(self) -> tuple[MeasuredRep, ...]:
        """End the set, and return the uncorrected good reps of the set that stand out, which are no longer good.

        No rep stands out in a set that is unlike its reference. Any other set may judge later sets if at
        least LEAST_ALIKE good reps remain.
        """
        over, self.current_set = self.current_set, self._no_set
        if not over.reps:
            return ()
        self._note_change(over)
        over.forget_alike()
        if over.is_unlike_reference:
            return ()
        odd, was, last = over.mark_odd_reps(), over.judges_others, over.reps[-1]
        over.judges_others = was or len(over.good_reps) >= LEAST_ALIKE
        if not was and self._first_to_judge(last) is over and not self._comparable_reps(self.kept, last, last):
            self._note_change(over, asked=over)
        return odd

    def count_unlearned(self) -> Counter[Unlearned]:
        """Count, by reason, the reps of the last set that the profile does not learn.

        The count is empty after the next rep, if the profile learns or knows enough reps of the view, if the set is
        unlike its reference, or if the lifter has called a rep of the set good.
        """
        over = self._over
        if not over.reps or over.is_unlike_reference or any(rep.called_good for rep in over.reps):
            return Counter()
        if len(reps_of_same_view([*self.kept, *self._learnable()], over.reps[-1])) >= LEAST_ALIKE:
            return Counter()
        of_all: Unlearned | None = "unusual" if self._unusual_reps(over) else None
        return Counter(why for rep in over.reps if (why := over.unlearned_reason(rep) or of_all) is not None)

    def withdraw(self, set_name: str, since_s: float = -math.inf) -> list[MeasuredRep]:
        """Forget and return a set's reps from time `since_s` on, because they belong to another exercise or lifter.

        A set without any rep left is removed, and the set under way ends.
        """
        self.current_set = self._no_set
        of_set = self.sets.get(set_name, self._no_set)
        withdrawn = [rep for rep in of_set.reps if rep.window.start_s >= since_s]
        for rep in withdrawn:
            of_set.reps.remove(rep)
        if not of_set.reps:
            self.sets.pop(set_name, None)
        self._note_change()
        return withdrawn

    def teachable_reps(self, least: int = LEAST_ALIKE) -> tuple[RepWindow, ...]:
        """Return the reps from which later sessions learn: clearly good, uncorrected reps of good sets.

        Of each view and front leg, the latest MOST_LEARNED_LATER are returned; if no rep of an earlier day can be
        compared, the first MOST_LEARNED_FIRST.

        Args:
            least: Fewest such reps of a view and front leg; with fewer, none of them is returned.
        """
        candidates, learned = [*self._learnable()], list[RepWindow]()
        for rep in candidates:
            alike, known = self._comparable_reps(candidates, rep, rep), self._comparable_reps(self.kept, rep, rep)
            some = alike[-MOST_LEARNED_LATER:] if known else alike[:MOST_LEARNED_FIRST]
            if len(alike) >= least and rep in some:
                learned.append(rep.window)
        return tuple(learned)

    def correct(self, corrected: RepCorrected) -> RepCorrected:
        """Apply the lifter's correction, and return the correction with its effect on the reference.

        A rep that is called good may join the reference, and a rep that is called anything else leaves it. Once the
        correction is undone, the score decides again. A correction of a rep that is no longer held has no effect.
        """
        good = None if corrected.rep.correction is None else corrected.rep.correction.label == "good"
        rep = next((rep for rep in self.all_reps if rep.window.start_s == corrected.rep.start_s), None)
        if rep is None or rep.called_good is good:
            return corrected
        of_set = self.sets[rep.window.set_name]
        was_good, rep.called_good, rep.window = of_set.has_good_form(rep), good, replace(rep.window, chosen=bool(good))
        self._prepare.cache_clear()
        self._note_change(self._over, asked=self._asked)
        is_good = of_set.has_good_form(rep)
        return replace(corrected, reference=None if is_good == was_good else "entered" if is_good else "left")

    def _learnable(self) -> Iterator[MeasuredRep]:
        """Yield the reps of good sets that may teach without a confirmation."""
        for of_set in self.sets.values():
            if not of_set.is_unlike_reference:
                unusual = self._unusual_reps(of_set)
                yield from (
                    rep
                    for rep in of_set.reps
                    if rep.called_good is None and of_set.unlearned_reason(rep) is None and rep not in unusual
                )

    def _unusual_reps(self, of_set: OwnSet) -> list[MeasuredRep]:
        """Return a set's good reps of a form that few lifters have: each may have the same fault.

        In each view, a known rep shows whether they have. Without such a rep, both the form of the set and the form in
        the view must be usual.
        """
        good, unusual = of_set.good_reps, list[MeasuredRep]()
        known = [*self.kept, *(rep for rep in self.all_reps if rep.called_good)]
        distance = cache(lambda rep: compare_with_reference(rep, self.everybody).distance)
        left = good
        while left:
            same = reps_of_same_view(left, left[-1].azimuth)
            left = [rep for rep in left if rep not in same]
            if not self._comparable_reps(known, same[-1], same[-1]):
                medians = [median(map(distance, reps)) for reps in (good, same)]
                unusual += same if max(medians) > self.everybody.usual_distance else ()
        return unusual


def _by_set(reps: Sequence[MeasuredRep]) -> list[tuple[list[MeasuredRep], CameraReading]]:
    """Return the reps of each set, with the set's camera."""
    sets = [[*of_set] for _, of_set in groupby(reps, lambda rep: (rep.window.day, rep.window.set_name))]
    return [(of_set, median_camera(*(rep.camera for rep in of_set))) for of_set in sets]
