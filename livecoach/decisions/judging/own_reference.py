"""Chooses the lifter's good reps that form the reference, and those that the profile keeps.

The reference is anchored. It consists of good reps of earlier sessions from about the same camera position, or else of
this session's first good set, or else of this set's first reps. During a set only the lifter's corrections change it; a
rep that is called good always belongs to it, and in a first set decides which other reps do. `reference_reps` decides,
with `teachable`, from which reps of a session later sessions learn.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache, partial
from itertools import groupby
from statistics import median
from typing import Literal

from livecoach.core.types import Corrected, Learning, RepWindow
from livecoach.decisions.judging.distance import compare, distance
from livecoach.decisions.judging.limits import corrections_factor
from livecoach.decisions.judging.reference import Reference, reference_of, reference_of_everybody
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.judging.sources import EARLIER_DAYS, EARLIER_SET, THIS_SET, RepSource
from livecoach.decisions.judging.verdict import RepVerdict, relative_distance
from livecoach.decisions.rep.measured import LOOKS_DOWN, LOOKS_UP, MeasuredRep, near, own_reps, side_of

FIRST_REPS = 5  # Least reps of a first set that are a reference; with fewer, livecoach is still learning
MORE_REPS = 10  # Most reps of a first set's reference, with its clearly good reps, for a surer spread
SURELY_GOOD = 0.7  # Largest score at which a rep is added to a reference, or learned. Our choice.
ODD_SCORE = 2.0  # Score of a rep that turned out odd; any score above 1 has the same effect
LEAST_ALIKE = 3  # Least reps that reveal an odd rep among them, and least reps of a view to keep
MOST_OF_SET = 20  # Most reps of the first set in the reference, the newest; a profile keeps no more of a view
MOST_LEARNED_FIRST, MOST_LEARNED_LATER = 10, 5
"""Most reps of a view and leg that a profile learns from its first session, which anchors it, and from each later one:
a session moves the reference by at most a quarter of the difference."""
MOST_HELD, MOST_BEGINNING = 100, 20
"""Most reps of a run that are held, at a quarter of a MiB each, and how many of them may be a set's first reps. A
correction of an older rep counts, but teaches nothing. Our choice."""
UNLIKE_SHARE = 0.5  # Share of anomalous reps, at least two, from which a whole set is unlike the reference
MOST_MADE = 4  # Size of the cache: for both legs, of this set and of others
UP_DEG, SHORTER = 5.0, 0.03
"""A camera is too low if the lifter seems to lean away by at least this angle more, and if the trunk is shorter than
the legs by at least this share more. Real sets of a lifter with equal trunks differ by at most 4.3 degrees."""
Unlearned = Literal["shallow", "flagged", "unclear", "uneven", "unusual"]
"""Reason why the profile does not learn a rep: it misses a standard by which the lifter counts, it is not good, a main
fault was not visible in it, it is not as clearly good as the others, or few lifters have its form."""
ReferenceMaker = Callable[[tuple[MeasuredRep, ...], RepSource], Reference]


def other_height(reps: Sequence[MeasuredRep], others: Sequence[MeasuredRep]) -> str | None:
    """Return why reps of two sets can't be compared: the camera of the first looks up much more, or much less."""
    up_deg = median(rep.tilt_deg for rep in reps) - median(rep.tilt_deg for rep in others)
    longer = median(rep.trunk_share for rep in reps) / median(rep.trunk_share for rep in others)
    if up_deg >= UP_DEG and longer < 1 - SHORTER:
        return LOOKS_UP
    return LOOKS_DOWN if -up_deg >= UP_DEG and 1 / longer < 1 - SHORTER else None


class OwnSet:
    """The reps of a set of this run, and which of them are good."""

    def __init__(self, name: str, reference: ReferenceMaker) -> None:
        self.name, self.reps, self._reference = name, list[MeasuredRep](), reference
        self.judges_others = False  # whether it has ended, and was good
        self.alike = lru_cache(1)(self._alike)

    @property
    def good(self) -> list[MeasuredRep]:
        """The good reps that may become part of a reference."""
        return [rep for rep in self.reps if self.has_good_form(rep) and rep.may_teach]

    def has_good_form(self, rep: MeasuredRep) -> bool:
        """Return whether a rep has good form, whatever the standards say. The lifter's correction decides."""
        return self.score(rep) <= 1 if rep.called_good is None else rep.called_good

    def score(self, rep: MeasuredRep) -> float:
        """Return the score of a rep: that of its verdict, or its distance from the reps that the lifter called good.

        The latter is the score of a rep that was judged by its own set.
        """
        chosen = near([other for other in self.reps if other.called_good], rep) if rep.is_first else []
        return relative_distance(rep, self._reference(tuple(chosen), THIS_SET)) if chosen else rep.score

    def why_not(self, rep: MeasuredRep) -> Unlearned | None:
        """Return the reason in a rep of the set why the profile does not learn it; None if there is none."""
        if not rep.may_teach:
            return "shallow"
        if not self.has_good_form(rep):
            return "flagged"
        if not rep.complete:
            return "unclear"
        return "uneven" if self.score(rep) > SURELY_GOOD else None

    @property
    def is_unlike_reference(self) -> bool:
        """Whether the set as a whole, by its reps so far, is unlike the reference."""
        bad = sum(not self.has_good_form(rep) for rep in self.reps)
        return bad > 1 and bad >= UNLIKE_SHARE * len(self.reps)

    def first(self, at: MeasuredRep | float) -> tuple[MeasuredRep, ...]:
        """Return the reps that are the reference for the set itself.

        These are the reps that the lifter called good, and reps like them. If there are none, these are the first reps
        that are alike and, after FIRST_REPS, clearly good reps.

        Args:
            at: The rep to judge, or an azimuth.
        """
        mine = near([rep for rep in self.reps if rep.may_teach], at)
        chosen = [rep for rep in mine if rep.called_good and rep.is_first]
        if chosen:
            like_them = [rep for rep in mine if rep not in chosen and self.has_good_form(rep)]
            return (*chosen, *like_them[: max(MORE_REPS - len(chosen), 0)])
        beginning = mine[:FIRST_REPS]
        first = [rep for rep in beginning if self.has_good_form(rep)]
        if len(beginning) >= LEAST_ALIKE and len(first) < len(beginning):
            alike = self.alike(tuple(rep for rep in beginning if rep.called_good is not False))
            if beginning[0] not in alike:  # the first rep is odd: comparisons with it mean nothing
                first = [rep for rep in beginning if rep.called_good or rep in alike]
        more = [
            rep
            for rep in mine[FIRST_REPS:]
            if rep.called_good or (rep.called_good is None and rep.score <= SURELY_GOOD)
        ]
        return (*first, *more[: max(MORE_REPS - len(first), 0)])

    def drop_odd(self) -> tuple[MeasuredRep, ...]:
        """Mark good reps that stand out among the others as not good, unless they were corrected, and return them."""
        good = self.good
        odd = [rep for rep in good if rep.called_good is None and self._is_odd(rep, good)]
        for rep in odd:
            rep.score = max(rep.score, ODD_SCORE)
        return tuple(odd)

    def _is_odd(self, rep: MeasuredRep, reps: Sequence[MeasuredRep]) -> bool:
        others = [other for other in near(reps, rep) if other is not rep]
        return len(others) >= LEAST_ALIKE and relative_distance(rep, self._reference(tuple(others), THIS_SET)) > 1

    def _alike(self, reps: tuple[MeasuredRep, ...]) -> list[MeasuredRep]:
        """Return the largest group of reps that are similar to one of them: the first rep of a set may be odd."""
        groups = []
        for middle in reps:
            reference = self._reference((middle,), THIS_SET)
            groups.append([rep for rep in reps if rep is middle or relative_distance(rep, reference) <= 1])
        return max(groups, key=len, default=[])


class OwnReference:
    """The reference of a lifter in an exercise, which is updated during a run."""

    def __init__(self, scorer: Scorer, kept: Sequence[RepWindow] = ()) -> None:
        """Start with the reps that a profile keeps, in order."""
        self._made = lru_cache(MOST_MADE)(partial(reference_of, scorer))
        self.everybody = reference_of_everybody(scorer)
        self._kept, self._camera = own_reps(kept, scorer.faults.table), scorer.camera
        self._has_own_set_only = any(fault.own_set_only for fault in scorer.faults.table.faults.values())
        self._sets: dict[str, OwnSet] = {}
        self._none = OwnSet("", self._made)  # stands for no set: it has no reps
        self.now = self._none  # the set under way
        self._over = self._none  # the last set, until the next rep
        self._asks = False  # whether to ask if the reps of the last set, which has become the reference, are good
        self._is_new = False  # whether a rep was just added
        self._excused: dict[float, bool] = {}  # start of a corrected rep → whether its alarm was false; as corrected

    @property
    def widening(self) -> float:
        """Factor on the limits."""
        return corrections_factor(self._excused.values())

    def reference(self, at: MeasuredRep | float) -> Reference | None:
        """Return the reference for a rep, or for an azimuth; None if there is none yet."""
        reps, source = self._judging(at)
        return self._made(reps, source) if reps else None

    def _judging(self, at: MeasuredRep | float) -> tuple[tuple[MeasuredRep, ...], RepSource]:
        """Return the reps by which a rep, or a rep of an azimuth, is judged, and their source."""
        place = self.now.reps[0] if self.now.reps else at  # the camera stands where the set began
        chosen = self._comparable([rep for rep in self._every() if rep.called_good], at, place)
        kept = self._comparable(self._kept, at, place)
        if kept:
            return (*kept, *chosen), EARLIER_DAYS
        over = next((own_set for own_set in self._first_sets(at, place) if own_set is not self.now), None)
        if over is not None:
            first = self._comparable(over.good, at, place)[-MOST_OF_SET:]
            return (*first, *(rep for rep in chosen if rep not in first)), EARLIER_SET
        if any(rep.window.set_name != self.now.name for rep in chosen):
            return tuple(chosen), EARLIER_SET
        return self.now.first(at), THIS_SET

    def _comparable(
        self, reps: Sequence[MeasuredRep], at: MeasuredRep | float, place: MeasuredRep | float | None = None
    ) -> list[MeasuredRep]:
        """Return the reps with which a rep can be compared.

        They are of its view and leg, and their camera stood so near that the limits can allow for the difference.

        Args:
            reps: Reps to choose from.
            at: The rep, or its azimuth.
            place: A rep that was filmed from the present place of the camera; by default `at`.
        """
        found, place = near(reps, at), at if place is None else place
        if not isinstance(place, MeasuredRep):
            return found
        shifts = [self._camera.shift(o.camera, place.camera, other_day=o.window.day != place.window.day) for o in found]
        found = [rep for rep, shift in zip(found, shifts, strict=True) if shift <= self._camera.most]
        here = self.now.reps if place in self.now.reps else [place]
        return [rep for of_set in _by_set(found) if other_height(here, of_set) is None for rep in of_set]

    def of_set(self, at: MeasuredRep | float) -> Reference | None:
        """Return the reference of the set's first reps; None before the first, or if no fault is compared in a set."""
        first = self.now.first(at) if self._has_own_set_only else ()
        return self._made(first, THIS_SET) if first else None

    def learning(self, azimuth_deg: float) -> Learning:
        """Return how much of the reference for a view is learned; with alternating legs, of the leg with fewer reps."""
        self._measure_ahead(azimuth_deg)
        reps, source = self._judging(azimuth_deg)
        have, known = (
            FIRST_REPS if reps else 0,
            self._kept or any(own_set.judges_others for own_set in self._sets.values()),
        )
        if source is THIS_SET:
            fronts = Counter(rep.front for rep in reps if rep.front is not None)
            have = min(FIRST_REPS, *(fronts.values() or [len(reps)]))
        return Learning(have=have, wanted=FIRST_REPS, elsewhere=not reps and bool(known))

    def mirrored(self, azimuth_deg: float) -> bool | None:
        """Return whether normalised_rep must mirror a rep of a signed azimuth; None if the view decides."""
        return side_of([*self._kept, *self._every()], azimuth_deg)

    def add(self, rep: MeasuredRep, verdict: RepVerdict, *, complete: bool, is_first: bool) -> None:
        """Add a judged rep.

        Args:
            rep: The rep.
            verdict: Its verdict, with a score.
            complete: Whether every main fault that the view shows was measured.
            is_first: Whether no other set judged the rep.
        """
        rep.settle()
        assert verdict.score is not None  # it was judged
        rep.score, rep.complete, rep.is_first = verdict.score, complete, is_first
        name = rep.window.set_name
        self._over, self._asks = self._none, False
        self.now = self._sets.setdefault(name, OwnSet(name, self._made))
        self.now.reps.append(rep)
        self._is_new = True
        self._drop_oldest()

    @property
    def is_camera_moved(self) -> bool:
        """Whether the set judges itself although others of its view are known: their camera stood too far away."""
        return any(rep.is_first and None in self.heights(rep) for rep in self.now.reps[-1:])

    def heights(self, at: MeasuredRep) -> list[str | None]:
        """Return, for each known set of the view of a rep, why its camera can't be compared; None if it can.

        Args:
            at: A rep of the set under way.
        """
        over = (own_set for own_set in self._sets.values() if own_set.judges_others and own_set is not self.now)
        known = near([*self._kept, *(rep for own_set in over for rep in own_set.good)], at)
        return [other_height([*self.now.reps, at], of_set) for of_set in _by_set(known)]

    def set_over(self) -> tuple[MeasuredRep, ...]:
        """End the set. A good set becomes a reference for later sets. Return the reps of a first set that stand out."""
        over, self.now = self.now, self._none
        if not over.reps:
            return ()
        self._over = over
        over.alike.cache_clear()
        if over.is_unlike_reference:
            return ()
        odd, was = over.drop_odd(), over.judges_others
        over.judges_others = was or len(over.good) >= LEAST_ALIKE
        last = over.reps[-1]
        self._asks = not was and next(self._first_sets(last), None) is over and not self._comparable(self._kept, last)
        return odd

    def asked_for(self) -> tuple[float, ...]:
        """Return the starts of the good reps of a set that has just become the reference, if none was corrected."""
        if not self._asks or any(rep.called_good is not None for rep in self._over.reps):
            return ()
        return tuple(rep.window.start_s for rep in self._over.good)

    def why_unlearned(self) -> Counter[Unlearned]:
        """Count the reasons why the profile does not learn the reps of the last set.

        The count is empty if the profile learns or knows enough reps of that view, and if the set is not good.
        """
        over = self._over
        if not over.reps or over.is_unlike_reference or any(rep.called_good for rep in over.reps):
            return Counter()
        if len(near([*self._kept, *self._learnable()], over.reps[-1])) >= LEAST_ALIKE:
            return Counter()
        of_all: Unlearned | None = "unusual" if self._is_unusual(over) else None
        return Counter(why for rep in over.reps if (why := over.why_not(rep) or of_all) is not None)

    def withdraw(self, name: str, since_s: float = -math.inf) -> list[MeasuredRep]:
        """Forget and return the reps of a set since a time, which are of another exercise or another lifter."""
        self.now = self._over = self._none
        of_set = self._sets.get(name, self._none)
        withdrawn = [rep for rep in of_set.reps if rep.window.start_s >= since_s]
        for rep in withdrawn:
            of_set.reps.remove(rep)
            self._excused.pop(rep.window.start_s, None)
        if not of_set.reps:
            self._sets.pop(name, None)
        return withdrawn

    def teachable(self, least: int = LEAST_ALIKE) -> tuple[RepWindow, ...]:
        """Return the clearly good reps of good sets, from which later sessions learn.

        For each view and leg, these are the latest reps, or the first reps if no other reps of it were known.

        Args:
            least: Least reps of a view and leg; if there are fewer, none is returned.
        """
        candidates, learned = [*self._learnable()], list[MeasuredRep]()
        for rep in candidates:
            alike = self._comparable(candidates, rep)
            some = alike[-MOST_LEARNED_LATER:] if self._comparable(self._kept, rep) else alike[:MOST_LEARNED_FIRST]
            if len(alike) >= least and rep in some:
                learned.append(rep)
        return tuple(rep.window for rep in learned)

    def correct(self, corrected: Corrected) -> Corrected:
        """Apply the lifter's correction, and return it with its effects.

        A rep that is called good enters the reference.
        """
        before, start_s = self.widening, corrected.rep.start_s
        good = None if corrected.rep.correction is None else corrected.rep.correction.label == "good"
        self._excused.pop(start_s, None)
        if good is not None:
            self._excused[start_s] = good and corrected.rep.verdict == "anomalous"
        corrected = replace(corrected, widened=self.widening > before)
        rep = next((own_rep for own_rep in self._every() if own_rep.window.start_s == start_s), None)
        if rep is None or rep.called_good is good:
            return corrected
        of_set = self._sets[rep.window.set_name]
        was_good, rep.called_good = of_set.has_good_form(rep), good
        rep.window = replace(rep.window, chosen=bool(good))
        self._made.cache_clear()
        is_good = of_set.has_good_form(rep)
        return replace(corrected, reference=None if is_good == was_good else "entered" if is_good else "left")

    def _every(self) -> Iterator[MeasuredRep]:
        """Return the reps of the run."""
        return (rep for of_set in self._sets.values() for rep in of_set.reps)

    def _learnable(self) -> Iterator[MeasuredRep]:
        """Yield the reps of good sets that may teach without a confirmation."""
        for of_set in self._sets.values():
            if not (of_set.is_unlike_reference or self._is_unusual(of_set)):
                yield from (rep for rep in of_set.reps if rep.called_good is None and of_set.why_not(rep) is None)

    def _is_unusual(self, of_set: OwnSet) -> bool:
        """Return whether few lifters have the form of a set that nobody called good: each rep may have a fault.

        A set that is like the reps that the profile keeps is not unusual.
        """
        good = of_set.good
        known = [*self._kept, *(rep for rep in self._every() if rep.called_good)]
        if not good or self._comparable(known, good[-1]):
            return False
        return median(distance(compare(rep, self.everybody)) for rep in good) > self.everybody.usual

    def _drop_oldest(self) -> None:
        """Forget a rep that is not corrected and belongs to no reference, if there are too many reps."""
        if sum(1 for _ in self._every()) <= MOST_HELD:
            return
        for of_set in self._sets.values():
            for rep in of_set.reps[MOST_BEGINNING if of_set is self.now else 0 :]:
                if rep.called_good is None and next(self._first_sets(rep), None) is not of_set:
                    of_set.reps.remove(rep)
                    return

    def _first_sets(self, at: MeasuredRep | float, place: MeasuredRep | float | None = None) -> Iterator[OwnSet]:
        """Yield the ended good sets with which a rep can be compared, in order: the first of them judges later sets."""
        over = (own_set for own_set in self._sets.values() if own_set.judges_others)
        return (own_set for own_set in over if self._comparable(own_set.good, at, place))

    def _measure_ahead(self, azimuth_deg: float) -> None:
        """Measure a further kept rep of a view, or else the references.

        To measure all at the next rep would take too long, and so would any in the frame that completes a rep.
        """
        found = next((kept for kept in reversed(near(self._kept, azimuth_deg)) if not kept.is_settled), None)
        if found is not None:
            found.settle()
        elif not self._is_new:
            self.reference(azimuth_deg)
            self.of_set(azimuth_deg)
        self._is_new = False


def _by_set(reps: Sequence[MeasuredRep]) -> list[list[MeasuredRep]]:
    return [[*of_set] for _, of_set in groupby(reps, lambda rep: (rep.window.day, rep.window.set_name))]
