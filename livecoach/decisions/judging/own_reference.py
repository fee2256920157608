"""Chooses the lifter's good reps that form the reference, and those that the profile keeps.

The reference is anchored: good reps of earlier sessions from about the same camera position, else this session's first
good set, else this set's first reps. During a set only the lifter's corrections change it; a rep called good always
belongs to it, and in a first set decides which others do. What the profile learns from a run is decided at the end, and
moves the reference by a limited step.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from livecoach.core.types import Learning, ReferenceChange, RepWindow
from livecoach.decisions.judging.judge import Judge
from livecoach.decisions.judging.reference import Reference, ReferenceRep, near, own_reps, reference_of, side_of
from livecoach.decisions.judging.scorer import ReferenceKind
from livecoach.decisions.rep.measures import Front

FIRST_REPS = 5  # a lifter's first set is the reference from this many reps on; with fewer, livecoach is still learning
MORE_REPS = 10  # the first set adds clearly good reps to its reference up to this number, for a surer spread
SURELY_GOOD = 0.7  # largest score at which a rep is added to a reference, or learned. Our choice.
LEAST_ALIKE = 3  # fewest reps that reveal an odd one among them, and fewest of a view to keep
MOST_OF_SET = (
    20  # newest reps of the first set in the reference; a profile keeps no more of a view (livecoach.records.profile)
)
MOST_LEARNED_FIRST, MOST_LEARNED_LATER = 10, 5
"""Most reps of a view and leg that a profile learns from its first session, which anchors it, and from each later one:
a session moves the reference by at most a quarter of the difference."""
MOST_HELD, MOST_BEGINNING = 100, 20
"""Most reps of a run that are held, at a quarter of a MiB each, and how many of them may be a set's first ones. The
lifter's word on an older one counts, but teaches nothing. Our choice."""
UNLIKE_SHARE = 0.5  # share of anomalous reps, two at least, from which a whole set is unlike the reference
MOST_MADE = 4  # size of the cache: for both legs, of this set and of others
IN_A_ROW = 3  # consecutive alarms, corrected to good reps, that widen the limits
WIDER, WIDEST = 1.25, 2.0  # factor of each widening, and the largest factor. Our choice.


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CorrectionEffect:
    learned: tuple[RepWindow, ...] = ()  # reps that the profile keeps from now on
    forgotten: tuple[RepWindow, ...] = ()  # reps that it no longer keeps
    reference: ReferenceChange | None = None  # whether the rep entered or left the reference; None if nothing changed
    widened: bool = False  # the limits are wider from now on


@dataclass(slots=True, kw_only=True, eq=False)
class _ScoredRep:
    own: ReferenceRep
    score: float
    complete: bool  # every main fault that the view shows could be measured
    disallowed: bool  # it missed a standard that the lifter counts by
    first: bool  # no other reps than those of its set were known when it was judged
    said: bool | None = None  # the lifter's correction: good, not good, or None

    @property
    def may_teach(self) -> bool:
        """Whether it may become a reference: a disallowed rep does only on the lifter's word."""
        return self.said is True or not self.disallowed


class OwnReference:
    """Of one lifter in one exercise, updated during a run."""

    def __init__(self, judge: Judge, kept: Sequence[RepWindow] = ()) -> None:
        """Reps that a profile keeps, in order."""
        self._judge = judge
        self._kept = own_reps(kept, judge.table)
        self._ahead: list[ReferenceRep] | None = None  # kept reps that are not measured; None until the view is known
        self._sets: dict[str, list[_ScoredRep]] = {}
        self._set = ""
        self._first_sets: list[str] = []  # good sets that judge later ones: the first of each view and leg
        self._excused: dict[float, bool] = {}  # start of a rep → its alarm was corrected; in the order of corrections
        self._cache: dict[tuple[ReferenceKind, tuple[ReferenceRep, ...]], Reference] = {}
        self._groups: dict[tuple[ReferenceRep, ...], list[ReferenceRep]] = {}  # results of `_alike` in this set

    @property
    def widening(self) -> float:
        return widening(self._excused.values())

    def reference(self, azimuth_deg: float, front: Front | None = None) -> Reference | None:
        chosen = [one.own for reps in self._sets.values() for one in reps if one.said]
        kept = near(self._kept, azimuth_deg, front)
        if kept:
            return self._of("day", [*kept, *near(chosen, azimuth_deg, front)])
        for name in self._first_sets:
            first = near(self._good(name), azimuth_deg, front)[-MOST_OF_SET:] if name != self._set else []
            if first:
                of_others = [rep for rep in near(chosen, azimuth_deg, front) if rep not in first]
                return self._of("session", [*first, *of_others])
        chosen = near(chosen, azimuth_deg, front)
        if any(rep.window.set_name != self._set for rep in chosen):
            return self._of("session", chosen)
        return self.of_set(azimuth_deg, front)

    def of_set(self, azimuth_deg: float, front: Front | None = None) -> Reference | None:
        """From the first reps of the current set; None before the first rep."""
        first = self._first_reps(azimuth_deg, front)
        return self._of("set", first) if first else None

    def learning(self, azimuth_deg: float) -> Learning:
        """Of the reference for this view; with alternating legs, for the leg with fewer reps."""
        self._measure_ahead(azimuth_deg)
        now = self.reference(azimuth_deg)
        if now is None or now.kind != "set":
            return Learning(have=0 if now is None else FIRST_REPS, wanted=FIRST_REPS)
        fronts = Counter(rep.front for rep in now.reps)
        return Learning(have=min(FIRST_REPS, *fronts.values()), wanted=FIRST_REPS)

    def mirrored(self, azimuth_deg: float) -> bool | None:
        """Whether normalised_rep must mirror a rep of this signed view; None: the view decides."""
        return side_of([*self._kept, *(one.own for reps in self._sets.values() for one in reps)], azimuth_deg)

    def add(self, rep: ReferenceRep, score: float, *, complete: bool, disallowed: bool = False) -> None:
        """complete: every main fault that the view shows was measured. disallowed: no reference unless called good."""
        known = self.reference(rep.azimuth_deg, rep.front)
        first = known is None or known.kind == "set"
        self._set = rep.window.set_name
        scored = _ScoredRep(own=rep, score=score, complete=complete, disallowed=disallowed, first=first)
        self._sets.setdefault(self._set, []).append(scored)
        self._drop_oldest()

    def _drop_oldest(self) -> None:
        """One that neither a reference nor the lifter's word needs, if there are too many."""
        if sum(map(len, self._sets.values())) <= MOST_HELD:
            return
        droppable = (
            one
            for name, of_set in self._sets.items()
            for one in of_set[MOST_BEGINNING if name == self._set else 0 :]
            if one.said is None and not self._judges_later_sets(one.own)
        )
        oldest = next(droppable, None)
        if oldest is not None:
            self._sets[oldest.own.window.set_name].remove(oldest)

    def _judges_later_sets(self, rep: ReferenceRep) -> bool:
        """Whether the set of a rep is the first good one of its view and leg."""
        first = (name for name in self._first_sets if near(self._good(name), rep.azimuth_deg, rep.front))
        return next(first, None) == rep.window.set_name

    @property
    def is_set_unlike_reference(self) -> bool:
        """Whether the current set as a whole is, by its reps so far."""
        return self._is_unlike_reference(self._sets.get(self._set, ()))

    def set_over(self) -> tuple[ReferenceRep, ...]:
        """End the set. A good set becomes a reference for later sets. Return the reps of a first set that stand out."""
        of_set, self._set = self._sets.get(self._set, []), ""
        self._groups.clear()
        if not of_set or self._is_unlike_reference(of_set):
            return ()
        name = of_set[0].own.window.set_name
        good = self._good(name)
        odd = [rep for rep in good if self._is_odd(rep, good)] if len(good) > LEAST_ALIKE else []
        for one in of_set:
            if one.own in odd and one.said is None:
                one.score = max(one.score, 1 + SURELY_GOOD)
        if len(self._good(name)) >= LEAST_ALIKE:
            self._first_sets.append(name)
        return tuple(odd)

    def withdraw(self, name: str, since_s: float) -> None:
        """Forget the reps of a set since a time: they were of another exercise."""
        of_set = self._sets.pop(name, [])
        for one in of_set:
            if one.own.window.start_s >= since_s:
                self._excused.pop(one.own.window.start_s, None)
        if left := [one for one in of_set if one.own.window.start_s < since_s]:
            self._sets[name] = left
        else:
            self._first_sets = [one for one in self._first_sets if one != name]
        self._set = ""
        self._cache.clear()
        self._groups.clear()

    def run_over(self) -> tuple[RepWindow, ...]:
        """For the profile: clearly good reps of good sets, of each view and leg the latest, or its first ones."""
        candidates: list[ReferenceRep] = []
        for of_set in self._sets.values():
            if not self._is_unlike_reference(of_set):
                unsaid = [one for one in of_set if one.said is None and one.may_teach]
                candidates += [one.own for one in unsaid if self._score(one) <= SURELY_GOOD and one.complete]
        learned: list[ReferenceRep] = []
        for rep in candidates:
            alike = near(candidates, rep.azimuth_deg, rep.front)
            new = not near(self._kept, rep.azimuth_deg, rep.front)
            some = alike[:MOST_LEARNED_FIRST] if new else alike[-MOST_LEARNED_LATER:]
            if len(alike) >= LEAST_ALIKE and rep in some:
                learned.append(rep)
        return tuple(rep.window for rep in learned)

    def correct(self, start_s: float, good: bool | None, *, alarm: bool) -> CorrectionEffect:
        """Apply the lifter's correction: good, not good, or withdrawn (None). A rep that is called good enters the
        reference, and the profile keeps it. alarm: it was judged anomalous."""
        before = self.widening
        self._excused.pop(start_s, None)
        if good is not None:
            self._excused[start_s] = good and alarm
        widened = self.widening > before
        every = (one for reps in self._sets.values() for one in reps)
        rep = next((one for one in every if one.own.window.start_s == start_s), None)
        if rep is None or rep.said is good:
            return CorrectionEffect(widened=widened)
        was_good, was_chosen, rep.said = self._is_good(rep), rep.said, good
        rep.own.window = replace(rep.own.window, chosen=bool(good))
        self._cache.clear()
        window = (rep.own.window,)
        return CorrectionEffect(
            learned=window if good else (),
            forgotten=window if was_chosen and not good else (),
            reference=None if (is_good := self._is_good(rep)) == was_good else "entered" if is_good else "left",
            widened=widened,
        )

    def _first_reps(self, azimuth_deg: float, front: Front | None) -> list[ReferenceRep]:
        """The reps of the current set that the lifter chose, and those like them. Without a chosen one, its first reps
        that are alike; after FIRST_REPS, only clearly good ones."""
        every = [one for one in self._sets.get(self._set, []) if one.may_teach]
        mine = [one for one in every if one.own in near([rep.own for rep in every], azimuth_deg, front)]
        chosen = [one.own for one in mine if one.said and one.first]
        if chosen:
            like_them = [one.own for one in mine if one.own not in chosen and self._is_good(one)]
            return [*chosen, *like_them[: max(MORE_REPS - len(chosen), 0)]]
        beginning = mine[:FIRST_REPS]
        first = [one.own for one in beginning if self._is_good(one)]
        if len(beginning) >= LEAST_ALIKE and len(first) < len(beginning):
            alike = self._alike([one.own for one in beginning if one.said is not False])
            if beginning[0].own not in alike:  # it is the odd one: verdicts against it mean nothing
                first = [one.own for one in beginning if one.said or one.own in alike]
        more = [one.own for one in mine[FIRST_REPS:] if one.said or (one.said is None and one.score <= SURELY_GOOD)]
        return [*first, *more[: max(MORE_REPS - len(first), 0)]]

    def _alike(self, reps: Sequence[ReferenceRep]) -> list[ReferenceRep]:
        """The largest group of reps that are similar to one of them: the first rep of a set may be the odd one."""
        key = tuple(reps)
        if key not in self._groups:
            groups = []
            for middle in reps:
                beside = reference_of(self._judge.scorer, [middle], "set")
                others = (rep for rep in reps if rep is not middle)
                near_it = {middle, *(rep for rep in others if self._judge.distance(rep.measured, beside) <= 1)}
                groups.append([rep for rep in reps if rep in near_it])
            self._groups[key] = max(groups, key=len, default=[])
        return self._groups[key]

    def _is_odd(self, rep: ReferenceRep, reps: Sequence[ReferenceRep]) -> bool:
        others = [other for other in near(reps, rep.azimuth_deg, rep.front) if other is not rep]
        return len(others) >= LEAST_ALIKE and self._judge.distance(rep.measured, self._of("set", others)) > 1

    def _good(self, name: str) -> list[ReferenceRep]:
        return [one.own for one in self._sets.get(name, ()) if self._is_good(one) and one.may_teach]

    def _is_good(self, one: _ScoredRep) -> bool:
        return self._score(one) <= 1 if one.said is None else one.said

    def _score(self, one: _ScoredRep) -> float:
        """As it was judged, or its distance from the reps of its first set that the lifter chose."""
        of_set = self._sets[one.own.window.set_name] if one.first else ()
        chosen = near([other.own for other in of_set if other.said], one.own.azimuth_deg, one.own.front)
        return self._judge.distance(one.own.measured, self._of("set", chosen)) if chosen else one.score

    def _is_unlike_reference(self, of_set: Sequence[_ScoredRep]) -> bool:
        bad = sum(not self._is_good(one) for one in of_set)
        return bad > 1 and bad >= UNLIKE_SHARE * len(of_set)

    def _of(self, kind: ReferenceKind, reps: Sequence[ReferenceRep]) -> Reference:
        key = kind, tuple(reps)
        if key not in self._cache:
            self._cache = dict(list(self._cache.items())[1 - MOST_MADE :])
            self._cache[key] = reference_of(self._judge.scorer, reps, kind)
        return self._cache[key]

    def _measure_ahead(self, azimuth_deg: float) -> None:
        """One more kept rep of this view: measuring all of them at the first rep would take too long."""
        if self._ahead is None:
            self._ahead = near(self._kept, azimuth_deg)
        if self._ahead:
            _ = self._ahead.pop().measured


def widening(excused: Iterable[bool]) -> float:
    """Factor on the limits. excused: whether each standing correction, in order, calls an alarm a good rep."""
    factor, row = 1.0, 0
    for one in excused:
        row = row + 1 if one else 0
        if row == IN_A_ROW:
            factor, row = min(factor * WIDER, WIDEST), 0
    return factor
