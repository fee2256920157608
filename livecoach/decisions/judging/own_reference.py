"""Chooses the lifter's good reps that form the reference, and those that the profile keeps.

The reference is anchored: good reps of earlier sessions from about the same camera position, else this session's first
good set, else this set's first reps. During a set only the lifter's corrections change it; a rep called good always
belongs to it, and in a first set decides which others do. Which reps of a session teach for later ones is decided by
`reference_reps`, which asks `teachable`.
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
from livecoach.decisions.judging.reference import (
    Reference,
    ReferenceKind,
    RepVerdict,
    reference_of,
    reference_of_everybody,
)
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.rep.measured import LOOKS_DOWN, LOOKS_UP, MeasuredRep, near, own_reps, side_of

FIRST_REPS = 5  # a lifter's first set is the reference from this many reps on; with fewer, livecoach is still learning
MORE_REPS = 10  # the first set adds clearly good reps to its reference up to this number, for a surer spread
SURELY_GOOD = 0.7  # largest score at which a rep is added to a reference, or learned. Our choice.
ODD_SCORE = 2.0  # of a rep that turned out odd; any above 1 would do
LEAST_ALIKE = 3  # fewest reps that reveal an odd one among them, and fewest of a view to keep
MOST_OF_SET = 20  # newest reps of the first set in the reference; a profile keeps no more of a view
MOST_LEARNED_FIRST, MOST_LEARNED_LATER = 10, 5
"""Most reps of a view and leg that a profile learns from its first session, which anchors it, and from each later one:
a session moves the reference by at most a quarter of the difference."""
MOST_HELD, MOST_BEGINNING = 100, 20
"""Most reps of a run that are held, at a quarter of a MiB each, and how many of them may be a set's first ones. The
lifter's word on an older one counts, but teaches nothing. Our choice."""
UNLIKE_SHARE = 0.5  # share of anomalous reps, two at least, from which a whole set is unlike the reference
MOST_MADE = 4  # size of the cache: for both legs, of this set and of others
UP_DEG, SHORTER = 5.0, 0.03
"""A camera is too low where the lifter seems to lean away by so many degrees more, and the trunk is shorter by such a
share beside the legs. Of two real sets of one lifter, none with such trunks differ by more than 4.3 degrees."""
IN_A_ROW = 3  # consecutive alarms, corrected to good reps, that widen the limits
WIDER, WIDEST = 1.25, 2.0  # factor of each widening, and the largest factor. Our choice.
Unlearned = Literal["shallow", "flagged", "unclear", "uneven", "unusual"]
"""Why the profile does not learn a rep: it misses a standard that the lifter counts by, it is not good, a main fault
was not seen in it, it is not as clearly good as the others, or it is of a form that few lifters have."""
ReferenceMaker = Callable[[tuple[MeasuredRep, ...], ReferenceKind], Reference]


def other_height(reps: Sequence[MeasuredRep], others: Sequence[MeasuredRep]) -> str | None:
    """Why reps of one set can't be compared with those of another: their camera looks up so much more, or less."""
    up_deg = median(rep.tilt_deg for rep in reps) - median(rep.tilt_deg for rep in others)
    longer = median(rep.trunk_share for rep in reps) / median(rep.trunk_share for rep in others)
    if up_deg >= UP_DEG and longer < 1 - SHORTER:
        return LOOKS_UP
    return LOOKS_DOWN if -up_deg >= UP_DEG and 1 / longer < 1 - SHORTER else None


class OwnSet:
    """The reps of one set of this run, and which of them are good."""

    def __init__(self, name: str, reference: ReferenceMaker) -> None:
        self.name, self.reps, self._reference = name, list[MeasuredRep](), reference
        self.judges_others = False  # it was over, and good
        self.alike = lru_cache(1)(self._alike)

    @property
    def good(self) -> list[MeasuredRep]:
        """Those that may become a reference."""
        return [rep for rep in self.reps if self.has_good_form(rep) and rep.may_teach]

    def has_good_form(self, rep: MeasuredRep) -> bool:
        """Whatever the standards say; the lifter's word stands."""
        return self.score(rep) <= 1 if rep.called_good is None else rep.called_good

    def score(self, rep: MeasuredRep) -> float:
        """As it was judged, or its distance from the reps of its first set that the lifter chose."""
        chosen = near([other for other in self.reps if other.called_good], rep) if rep.is_first else []
        return self._reference(tuple(chosen), "set").distance(rep) if chosen else rep.score

    def why_not(self, rep: MeasuredRep) -> Unlearned | None:
        """Why the profile does not learn a rep of it; None if the rep allows it."""
        if not rep.may_teach:
            return "shallow"
        if not self.has_good_form(rep):
            return "flagged"
        if not rep.complete:
            return "unclear"
        return "uneven" if self.score(rep) > SURELY_GOOD else None

    @property
    def is_unlike_reference(self) -> bool:
        """As a whole, by its reps so far."""
        bad = sum(not self.has_good_form(rep) for rep in self.reps)
        return bad > 1 and bad >= UNLIKE_SHARE * len(self.reps)

    def first(self, at: MeasuredRep | float) -> tuple[MeasuredRep, ...]:
        """The reps that the lifter chose, and those like them. Without a chosen one, the first reps that are alike;
        after FIRST_REPS, only clearly good ones."""
        mine = near([rep for rep in self.reps if rep.may_teach], at)
        chosen = [rep for rep in mine if rep.called_good and rep.is_first]
        if chosen:
            like_them = [rep for rep in mine if rep not in chosen and self.has_good_form(rep)]
            return (*chosen, *like_them[: max(MORE_REPS - len(chosen), 0)])
        beginning = mine[:FIRST_REPS]
        first = [rep for rep in beginning if self.has_good_form(rep)]
        if len(beginning) >= LEAST_ALIKE and len(first) < len(beginning):
            alike = self.alike(tuple(rep for rep in beginning if rep.called_good is not False))
            if beginning[0] not in alike:  # it is the odd one: verdicts against it mean nothing
                first = [rep for rep in beginning if rep.called_good or rep in alike]
        more = [
            rep
            for rep in mine[FIRST_REPS:]
            if rep.called_good or (rep.called_good is None and rep.score <= SURELY_GOOD)
        ]
        return (*first, *more[: max(MORE_REPS - len(first), 0)])

    def drop_odd(self) -> tuple[MeasuredRep, ...]:
        """Mark the good reps that stand out among the others as not good, and return them; the lifter's word stands."""
        good = self.good
        odd = [rep for rep in good if rep.called_good is None and self._is_odd(rep, good)]
        for rep in odd:
            rep.score = max(rep.score, ODD_SCORE)
        return tuple(odd)

    def _is_odd(self, rep: MeasuredRep, reps: Sequence[MeasuredRep]) -> bool:
        others = [other for other in near(reps, rep) if other is not rep]
        return len(others) >= LEAST_ALIKE and self._reference(tuple(others), "set").distance(rep) > 1

    def _alike(self, reps: tuple[MeasuredRep, ...]) -> list[MeasuredRep]:
        """The largest group of reps that are similar to one of them: the first rep of a set may be the odd one."""
        groups = []
        for middle in reps:
            beside = self._reference((middle,), "set")
            groups.append([rep for rep in reps if rep is middle or beside.distance(rep) <= 1])
        return max(groups, key=len, default=[])


class OwnReference:
    """Of one lifter in one exercise, updated during a run."""

    def __init__(self, scorer: Scorer, kept: Sequence[RepWindow] = ()) -> None:
        """Reps that a profile keeps, in order."""
        self._made = lru_cache(MOST_MADE)(partial(reference_of, scorer))
        self.everybody = reference_of_everybody(scorer)
        self._kept, self._camera = own_reps(kept, scorer.faults.table), scorer.camera
        self._has_own_set_only = any(fault.own_set_only for fault in scorer.faults.table.faults.values())
        self._sets: dict[str, OwnSet] = {}
        self._none = OwnSet("", self._made)  # no set: it has no reps
        self.now = self._none  # the set under way
        self._over = self._none  # the last one, until the next rep
        self._asks = False  # it has just become the reference: are its reps the lifter's good ones?
        self._is_new = False  # a rep was just added
        self._excused: dict[float, bool] = {}  # start of a rep → its alarm was corrected; in the order of corrections

    @property
    def widening(self) -> float:
        """Factor on the limits."""
        rows = (len([*row]) // IN_A_ROW for excused, row in groupby(self._excused.values()) if excused)
        return min(WIDER ** sum(rows), WIDEST)

    def reference(self, at: MeasuredRep | float) -> Reference | None:
        """at: the rep that is judged, or its azimuth."""
        reps, kind = self._judging(at)
        return self._made(reps, kind) if reps else None

    def _judging(self, at: MeasuredRep | float) -> tuple[tuple[MeasuredRep, ...], ReferenceKind]:
        """The reps that judge one, or one of an azimuth."""
        place = self.now.reps[0] if self.now.reps else at  # the camera stands where the set began
        chosen = self._beside([rep for rep in self._every() if rep.called_good], at, place)
        kept = self._beside(self._kept, at, place)
        if kept:
            return (*kept, *chosen), "day"
        over = next((one for one in self._first_sets(at, place) if one is not self.now), None)
        if over is not None:
            first = self._beside(over.good, at, place)[-MOST_OF_SET:]
            return (*first, *(rep for rep in chosen if rep not in first)), "session"
        if any(rep.window.set_name != self.now.name for rep in chosen):
            return tuple(chosen), "session"
        return self.now.first(at), "set"

    def _beside(
        self, reps: Sequence[MeasuredRep], at: MeasuredRep | float, place: MeasuredRep | float | None = None
    ) -> list[MeasuredRep]:
        """Those that a rep can be compared with: of its view and leg, and whose camera stood so near that the limits
        can allow for the rest. place: of the camera, by another rep; by default as `at` says, if it does."""
        found, place = near(reps, at), at if place is None else place
        if not isinstance(place, MeasuredRep):
            return found
        shifts = [self._camera.shift(o.camera, place.camera, other_day=o.window.day != place.window.day) for o in found]
        found = [rep for rep, shift in zip(found, shifts, strict=True) if shift <= self._camera.most]
        here = self.now.reps if place in self.now.reps else [place]
        return [rep for of_set in _by_set(found) if other_height(here, of_set) is None for rep in of_set]

    def of_set(self, at: MeasuredRep | float) -> Reference | None:
        """From the first reps of the set; None before any, or where no fault is told within a set alone."""
        first = self.now.first(at) if self._has_own_set_only else ()
        return self._made(first, "set") if first else None

    def learning(self, azimuth_deg: float) -> Learning:
        """Of the reference for this view; with alternating legs, for the leg with fewer reps."""
        self._measure_ahead(azimuth_deg)
        reps, kind = self._judging(azimuth_deg)
        have, known = FIRST_REPS if reps else 0, self._kept or any(one.judges_others for one in self._sets.values())
        if kind == "set":
            fronts = Counter(rep.front for rep in reps if rep.front is not None)
            have = min(FIRST_REPS, *(fronts.values() or [len(reps)]))
        return Learning(have=have, wanted=FIRST_REPS, elsewhere=not reps and bool(known))

    def mirrored(self, azimuth_deg: float) -> bool | None:
        """Whether normalised_rep must mirror a rep of this signed view; None: the view decides."""
        return side_of([*self._kept, *self._every()], azimuth_deg)

    def add(self, rep: MeasuredRep, verdict: RepVerdict, *, complete: bool, is_first: bool) -> None:
        """complete: every main fault that the view shows was measured. is_first: no other set judged the rep."""
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
        """Whether the set judges itself although others are known from its side: their camera stood too far away."""
        return any(rep.is_first and None in self.heights(rep) for rep in self.now.reps[-1:])

    def heights(self, at: MeasuredRep) -> list[str | None]:
        """For each set that is known from the side of a rep of the set under way: why its camera's height, or its
        angle, was another one; None where it was not."""
        over = (one for one in self._sets.values() if one.judges_others and one is not self.now)
        known = near([*self._kept, *(rep for one in over for rep in one.good)], at)
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
        self._asks = not was and next(self._first_sets(last), None) is over and not self._beside(self._kept, last)
        return odd

    def asked_for(self) -> tuple[float, ...]:
        """Starts of the good reps of a set that has just become the reference, while nobody has said anything of it."""
        if not self._asks or any(rep.called_good is not None for rep in self._over.reps):
            return ()
        return tuple(rep.window.start_s for rep in self._over.good)

    def why_unlearned(self) -> Counter[Unlearned]:
        """Of how many reps of the set that is over the profile does not learn, and why; empty while it learns or knows
        any from that side, and of a set that is not good."""
        over = self._over
        if not over.reps or over.is_unlike_reference or any(rep.called_good for rep in over.reps):
            return Counter()
        if len(near([*self._kept, *self._learnable()], over.reps[-1])) >= LEAST_ALIKE:
            return Counter()
        of_all: Unlearned | None = "unusual" if self._is_unusual(over) else None
        return Counter(why for rep in over.reps if (why := over.why_not(rep) or of_all) is not None)

    def withdraw(self, name: str, since_s: float = -math.inf) -> list[MeasuredRep]:
        """Forget and return the reps of a set since a time: they were of another exercise, or are somebody else's."""
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
        """Return clearly good reps of good sets, of each view and leg the latest, or its first ones if nothing else was
        known of it; none of a view that has fewer than `least`."""
        candidates, learned = [*self._learnable()], list[MeasuredRep]()
        for rep in candidates:
            alike = self._beside(candidates, rep)
            some = alike[-MOST_LEARNED_LATER:] if self._beside(self._kept, rep) else alike[:MOST_LEARNED_FIRST]
            if len(alike) >= least and rep in some:
                learned.append(rep)
        return tuple(rep.window for rep in learned)

    def correct(self, said: Corrected) -> Corrected:
        """Apply the lifter's correction, and return it with its effects. A rep that is called good enters the
        reference."""
        before, start_s = self.widening, said.rep.start_s
        good = None if said.rep.correction is None else said.rep.correction.label == "good"
        self._excused.pop(start_s, None)
        if good is not None:
            self._excused[start_s] = good and said.rep.verdict == "anomalous"
        said = replace(said, widened=self.widening > before)
        rep = next((one for one in self._every() if one.window.start_s == start_s), None)
        if rep is None or rep.called_good is good:
            return said
        of_set = self._sets[rep.window.set_name]
        was_good, rep.called_good = of_set.has_good_form(rep), good
        rep.window = replace(rep.window, chosen=bool(good))
        self._made.cache_clear()
        is_good = of_set.has_good_form(rep)
        return replace(said, reference=None if is_good == was_good else "entered" if is_good else "left")

    def _every(self) -> Iterator[MeasuredRep]:
        """Of the run."""
        return (rep for of_set in self._sets.values() for rep in of_set.reps)

    def _learnable(self) -> Iterator[MeasuredRep]:
        """Yield the reps of good sets that may teach without a confirmation."""
        for of_set in self._sets.values():
            if not (of_set.is_unlike_reference or self._is_unusual(of_set)):
                yield from (rep for rep in of_set.reps if rep.called_good is None and of_set.why_not(rep) is None)

    def _is_unusual(self, of_set: OwnSet) -> bool:
        """Whether few lifters have its form, and nobody has said that it is good: it may be a fault in each rep. What
        the profile keeps was learned, so it stands for the lifter's word."""
        good = of_set.good
        known = [*self._kept, *(rep for rep in self._every() if rep.called_good)]
        if not good or self._beside(known, good[-1]):
            return False
        return median(map(self.everybody.distance, good)) > self.everybody.usual

    def _drop_oldest(self) -> None:
        """One that neither a reference nor the lifter's word needs, if there are too many."""
        if sum(1 for _ in self._every()) <= MOST_HELD:
            return
        for of_set in self._sets.values():
            for rep in of_set.reps[MOST_BEGINNING if of_set is self.now else 0 :]:
                if rep.called_good is None and next(self._first_sets(rep), None) is not of_set:
                    of_set.reps.remove(rep)
                    return

    def _first_sets(self, at: MeasuredRep | float, place: MeasuredRep | float | None = None) -> Iterator[OwnSet]:
        """Good sets that were over and have reps `_beside` one, in order: the first one judges later sets."""
        over = (one for one in self._sets.values() if one.judges_others)
        return (one for one in over if self._beside(one.good, at, place))

    def _measure_ahead(self, azimuth_deg: float) -> None:
        """One more kept rep of this view, then the references: all of it at the next rep would take too long, as it
        would in the frame that completed one."""
        rep = next((one for one in reversed(near(self._kept, azimuth_deg)) if not one.is_settled), None)
        if rep is not None:
            rep.settle()
        elif not self._is_new:
            self.reference(azimuth_deg)
            self.of_set(azimuth_deg)
        self._is_new = False


def _by_set(reps: Sequence[MeasuredRep]) -> list[list[MeasuredRep]]:
    return [[*of_set] for _, of_set in groupby(reps, lambda rep: (rep.window.day, rep.window.set_name))]
