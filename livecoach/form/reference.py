"""One's own reference: the good reps that a lifter is known by, learned as they come, in earlier sets and in this one.

The first good reps of an exercise in a view make a provisional reference from the third on and a settled one from the
fifth. One that stands out among the first is left out. From then on good reps alone are added, so that it follows
slowly.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from livecoach.form.belief import Belief, Levels, believed
from livecoach.form.judging import Judge, Judgement, Reference
from livecoach.form.population import PlainUsual, Population
from livecoach.form.seen import SeenRep, seen_rep
from livecoach.form.taken import Taken, taken
from livecoach.form.taught import Held, Lessons, Taught
from livecoach.types import KeptRep, Learning

PROVISIONAL = 3
SETTLED = 5
"""Good reps from which on the reference judges, and is settled (EXPERIENCE)."""
MOST_KEPT = 10
"""Newest reps of a set that count: what is left of the spread within a set after as many is little."""
SAME_VIEW_DEG = 15.0
"""Views farther apart are different ones (DESIGN)."""
FIRST_ODD = 1.0
"""Score from which on a rep among the first is left out."""

Source = Literal["own", "provisional", "population"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Known:
    """A good rep, ready to be compared."""

    taken: Taken
    kept: KeptRep


class Lifter:
    """What is known of one lifter in one exercise; it grows while he lifts."""

    def __init__(self, population: Population, judge: Judge, kept: Sequence[KeptRep] = ()) -> None:
        """kept: reps that a profile keeps, in their order."""
        self._population, self._judge = population, judge
        self._earlier = known(kept, population)
        self._now: list[Known] = []
        self._first: list[Known] = []  # reps of this set that were learned from before the reference was settled
        self._untold: list[Known] = []  # reps of this run that were not told as learned yet
        self._habit_told = len(self._earlier) >= SETTLED
        self._lessons: Lessons[Known] = Lessons()

    def reference(self, azimuth_deg: float) -> Reference | None:
        """What a rep seen from there is judged against; None where nothing is known of that view."""
        found = reference_of(self._population, azimuth_deg, self._earlier, self._now)
        return None if found is None else replace(found, widening=self._lessons.widening)

    def source(self, azimuth_deg: float) -> Source:
        """Of the reference in this view."""
        near, now = _near(self._earlier, azimuth_deg), _near(self._now, azimuth_deg)
        if len(near) >= PROVISIONAL or len(near) + len(now) >= SETTLED:
            return "own"
        return "provisional" if len(near) + len(now) >= PROVISIONAL else "population"

    def own(self, azimuth_deg: float) -> tuple[KeptRep, ...]:
        """The reps that a rep seen from there is judged against; none where it is everybody's."""
        if self.source(azimuth_deg) == "population":
            return ()
        return tuple(k.kept for k in _near([*self._earlier, *self._now], azimuth_deg))

    def learning(self, azimuth_deg: float) -> Learning:
        """How far the lifter is known in this view."""
        return Learning(have=min(self._count(azimuth_deg), SETTLED), wanted=SETTLED)

    def mirrored(self, azimuth_deg: float) -> bool | None:
        """How a rep that is seen from there (signed) has to be taken, see seen_rep; None where it does not matter."""
        return _side([*self._earlier, *self._now], azimuth_deg)

    def add(self, rep: Taken, kept: KeptRep) -> tuple[KeptRep, ...]:
        """Take a good rep of the set under way into the reference; the reps that are part of it for good from now on.

        None of the first ones is, until the reference is settled or the set over: it may yet be left out.
        """
        new = Known(taken=rep, kept=kept)
        self._now.append(new)
        self._untold.append(new)
        if self._count(rep.azimuth_deg) <= SETTLED:
            self._first.append(new)
        if PROVISIONAL <= self._count(rep.azimuth_deg) <= SETTLED:
            self._leave_out(rep.azimuth_deg)
        return self._fresh(rep.azimuth_deg) if self._count(rep.azimuth_deg) >= SETTLED else ()

    def set_over(self) -> tuple[KeptRep, ...]:
        """The set is over: its reps are those of an earlier one now; the reps that are part of a reference by that."""
        self._earlier += self._now
        self._now, self._first = [], []
        return tuple(
            rep
            for k in self._untold
            if self._count(k.taken.azimuth_deg) >= PROVISIONAL
            for rep in self._fresh(k.taken.azimuth_deg)
        )

    def excuse(self, start_s: float, excused: bool | None) -> bool:
        """As Lessons.excuse."""
        return self._lessons.excuse(start_s, excused)

    def correct(self, rep: Known, good: bool | None, *, of_set: bool) -> Taught:
        """As Lessons.correct."""
        before = Held(earlier=self._earlier, now=self._now, first=self._first, untold=self._untold)
        held, taught = self._lessons.correct(before, rep, good, of_set=of_set)
        self._earlier, self._now, self._first, self._untold = held.earlier, held.now, held.first, held.untold
        return taught

    def habit(self) -> tuple[str, ...]:
        """Joints by which all reps of a reference that is settled are unlike everybody's, worst first; none where one
        of them is not. Said once, and not of what was settled before this run."""
        reps = _near([*self._earlier, *self._now], self._now[-1].taken.azimuth_deg) if self._now else []
        against = reference_of(self._population, reps[-1].taken.azimuth_deg, [], []) if reps else None
        if self._habit_told or against is None or len(reps) < SETTLED:
            return ()
        self._habit_told = True
        score, joints = min(self._judge.unlike(k.taken, against) for k in reps)
        return joints if score > FIRST_ODD else ()

    def look_back(self) -> list[tuple[KeptRep, Judgement]]:
        """The first reps of this set, those left out too, judged again by the others: what the summary says of them."""
        return [(odd.kept, judgement) for odd, judgement in self._by_the_others(self._first) if judgement.faults]

    def _fresh(self, azimuth_deg: float) -> tuple[KeptRep, ...]:
        """Reps of this view that were not told as learned yet."""
        fresh = _near(self._untold, azimuth_deg)
        self._untold = [k for k in self._untold if k not in fresh]
        return tuple(k.kept for k in fresh)

    def _leave_out(self, azimuth_deg: float) -> None:
        """Forget the one among the first reps that stands out."""
        judged = self._by_the_others(_near(self._now, azimuth_deg))
        judged = [pair for pair in judged if not self._lessons.called_good(pair[0])]
        worst = max(judged, key=lambda pair: oddness(pair[1]), default=None)
        if worst is not None and oddness(worst[1]) > FIRST_ODD:
            self._now, self._untold = ([k for k in reps if k is not worst[0]] for reps in (self._now, self._untold))

    def _by_the_others(self, reps: Sequence[Known]) -> list[tuple[Known, Judgement]]:
        found = []
        for rep in reps:
            others = [k for k in self._now if k is not rep]
            against = reference_of(self._population, rep.taken.azimuth_deg, self._earlier, others, PROVISIONAL - 1)
            if against is not None:
                found.append((rep, self._judge.judge(rep.taken, replace(against, own=True), {})))
        return found

    def _count(self, azimuth_deg: float) -> int:
        return len(_near([*self._earlier, *self._now], azimuth_deg))


def known(kept: Sequence[KeptRep], population: Population) -> list[Known]:
    """Kept reps, taken; those that are not seen well enough are left out."""
    found: list[Known] = []
    previous: tuple[str, SeenRep] | None = None
    for rep in kept:
        seen = seen_rep(rep, _side(found, rep.view.azimuth_deg))
        if seen is not None:
            before = previous[1] if previous is not None and previous[0] == rep.set_name else None
            found.append(Known(taken=taken(seen, before, population), kept=rep))
            previous = rep.set_name, seen
    return found


def reference_of(
    population: Population,
    azimuth_deg: float,
    earlier: Sequence[Known],
    now: Sequence[Known],
    least: int = PROVISIONAL,
) -> Reference | None:
    """The reference in a view, from good reps of earlier sets and of this one; None where no band knows the view.

    least: reps under which none counts: one alone, or two, may be the odd ones.
    """
    band = population.band(azimuth_deg)
    if band is None:
        return None
    before, own = (_near(reps, azimuth_deg) for reps in (earlier, now))
    if len(before) + len(own) < least:
        before, own = [], []
    sets, own = _by_set(before), own[-MOST_KEPT:]
    levels = Levels(usual=band.usual, within=band.within, between=band.between, lifters=band.lifters)
    usual = [population.plain_usual(name, azimuth_deg) for name in population.plain]
    plain = {name: one for name, one in zip(population.plain, usual, strict=True) if one is not None}
    everybody = [k for reps in sets for k in reps] + own
    return Reference(
        band=band,
        belief=believed(levels, [_vectors(reps) for reps in sets], _vectors(own)),
        plain={name: _plain(population, name, one, sets, own) for name, one in plain.items()},
        spreads={name: one.within for name, one in plain.items()},
        effects=population.effects(azimuth_deg),
        usual=_usual(everybody),
        own=len(everybody) >= PROVISIONAL,
    )


def oddness(judgement: Judgement) -> float:
    """How far a rep is past what is good: above 1 it has a fault, or its score is."""
    return max(judgement.score, 1 + max((fault.severity for fault in judgement.faults), default=-1.0))


def _side(reps: Sequence[Known], azimuth_deg: float) -> bool | None:
    """How the latest rep of about this view was taken."""
    for k in reversed(reps):
        if abs((-azimuth_deg if k.taken.mirrored else azimuth_deg) - k.taken.azimuth_deg) <= SAME_VIEW_DEG:
            return k.taken.mirrored
    return None


def _near(reps: Sequence[Known], azimuth_deg: float) -> list[Known]:
    """The reps that were seen in this view."""
    return [k for k in reps if abs(k.taken.azimuth_deg - azimuth_deg) <= SAME_VIEW_DEG]


def _by_set(reps: Sequence[Known]) -> list[list[Known]]:
    sets: dict[str, list[Known]] = {}
    for k in reps:
        sets.setdefault(k.kept.set_name, []).append(k)
    return [of_set[-MOST_KEPT:] for of_set in sets.values()]


def _vectors(reps: Sequence[Known]) -> np.ndarray:
    return np.array([k.taken.vector for k in reps])


def _plain(
    population: Population, name: str, usual: PlainUsual, sets: Sequence[Sequence[Known]], now: Sequence[Known]
) -> Belief:
    """Belief on a measure that is no part of the vector."""
    sign = population.sign(name)

    def values(reps: Sequence[Known]) -> np.ndarray:
        found = np.array([sign.scaled(k.taken.values[name]) for k in reps])
        return found[np.isfinite(found)][:, None]

    within, between, lifters = (np.array([[spread**2]]) for spread in (usual.within, usual.between, usual.lifters))
    levels = Levels(usual=np.array([usual.usual]), within=within, between=between, lifters=lifters)
    return believed(levels, [v for reps in sets if len(v := values(reps))], values(now))


def _usual(reps: Sequence[Known]) -> dict[str, float]:
    """Measure → the median over the lifter's own reps."""
    if len(reps) < PROVISIONAL:
        return {}
    found = {}
    for name in reps[0].taken.values:
        values = [k.taken.values[name] for k in reps if np.isfinite(k.taken.values[name])]
        if values:
            found[name] = float(np.median(values))
    return found
