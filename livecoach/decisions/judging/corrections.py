"""Corrections of the reps of one source: a stack for each rep, whose top counts. Pure."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from livecoach.core.documents import DECIMALS
from livecoach.core.types import Corrected, Correction, Rep
from livecoach.decisions.judging.lifter_judge import LifterJudge

C = TypeVar("C")


def rep_key(start_s: float) -> float:
    """A rep's key within one source: its start, rounded as in documents."""
    return round(start_s, DECIMALS)


class CorrectionStacks(Generic[C]):
    def __init__(self) -> None:
        self._standing: list[tuple[float, C]] = []  # a rep's key and its correction, in the order in which they came

    def push(self, start_s: float, correction: C) -> None:
        self._standing.append((rep_key(start_s), correction))

    def pop(self, start_s: float) -> None:
        """The correction before, if any, counts again."""
        of_rep = [place for place, (key, _) in enumerate(self._standing) if key == rep_key(start_s)]
        if of_rep:
            del self._standing[of_rep[-1]]

    def drop(self, start_s: float) -> None:
        self._standing = [one for one in self._standing if one[0] != rep_key(start_s)]

    def of_rep(self, start_s: float) -> tuple[C, ...]:
        """Standing corrections, oldest first."""
        return tuple(one for key, one in self._standing if key == rep_key(start_s))

    def top(self, start_s: float) -> C | None:
        return next(reversed(self.of_rep(start_s)), None)

    def last_corrected(self, among: Collection[float]) -> float | None:
        """Key of the rep that was corrected last, among the keys of those whose correction still stands."""
        return next((key for key, _ in reversed(self._standing) if key in among), None)


class RepLog:
    """The completed reps of one source, each in a set, and what a person said of them."""

    def __init__(self) -> None:
        self._reps: list[Rep] = []  # as they were judged
        self._whose: dict[int, str | None] = {}  # set → its lifter
        self.lifter: str | None = None  # at hand
        self.judges: dict[tuple[int, str], LifterJudge] = {}  # set and exercise → what has learned from its reps
        self._stacks: CorrectionStacks[Correction] = CorrectionStacks()

    @property
    def count(self) -> int:
        return len(self._reps)

    def completed(self, rep: Rep, judge: LifterJudge) -> None:
        """rep: it says its set and its number. judge: has judged it."""
        self._reps.append(rep)
        self._whose[rep.set] = self.lifter
        self.judges[rep.set, rep.exercise] = judge

    @property
    def held(self) -> list[int]:
        """Sets of somebody else, it seems, until it is said whose they are."""
        return sorted({number for (number, _), judge in self.judges.items() if judge.is_of_nobody})

    def exercises_of(self, index: int) -> list[str]:
        return [exercise for number, exercise in self.judges if number == index]

    def give(self, index: int, lifter: str | None, judges: Mapping[str, LifterJudge]) -> None:
        """Let a set be a lifter's, as it turned out to be. The lifter's judges, by exercise, learn from it in place of
        the others."""
        for exercise in self.exercises_of(index):
            judge, before = judges[exercise], self.judges[index, exercise]
            if judge is before:
                continue
            judge.adopt(str(index), before)
            for rep in self.completed_reps(index):
                if rep.exercise == exercise and rep.correction is not None:
                    judge.correct(Corrected(rep=rep, before=None))
            self.judges[index, exercise] = judge
        self._whose[index] = lifter
        self._reps = self.renumbered(self._reps)

    def renumbered(self, reps: Sequence[Rep]) -> list[Rep]:
        """The reps, each with the number of its set among those of its lifter."""
        return [replace(rep, own_set=self.own_set(rep.set)) for rep in reps]

    def own_set(self, index: int) -> int | None:
        """The number of a set among those of its lifter; None where that is `index`."""
        lifter = self._whose.get(index, self.lifter)
        own = 1 + sum(number < index and whose == lifter for number, whose in self._whose.items())
        return None if own == index else own

    def withdraw(self, reps: int) -> tuple[Rep, ...]:
        """Forget so many of the last reps with their corrections, and return them as they were judged."""
        kept = len(self._reps) - reps
        withdrawn, self._reps = tuple(self._reps[kept:]), self._reps[:kept]
        for rep in withdrawn:
            self._stacks.drop(rep.start_s)
        left = {(rep.set, rep.exercise) for rep in self._reps}
        self.judges = {of: judge for of, judge in self.judges.items() if of in left}
        self._whose = {number: self._whose[number] for number, _ in self.judges}
        return withdrawn

    @property
    def last_set(self) -> int:
        """Number of the last rep's set; 0 before the first."""
        return self._reps[-1].set if self._reps else 0

    def completed_reps(self, index: int) -> Sequence[Rep]:
        """Of a set, in order, with their corrections, whether they count or not."""
        return [self._with_correction(rep) for rep in self._reps if rep.set == index]

    def say(self, correction: Correction | None, start_s: float | None) -> Corrected | None:
        """None without such a rep, or anything to undo. correction: None undoes. start_s: None for the last of
        the lifter at hand."""
        counted = self.rep_to_correct(correction, start_s)
        before = None if counted is None else self._stacks.top(counted.start_s)
        if counted is None or (correction is None and before is None):
            return None
        if correction is None:
            self._stacks.pop(counted.start_s)
        elif correction != before:
            self._stacks.push(counted.start_s, correction)
        rep = self._with_correction(counted)
        return Corrected(rep=rep, before=before, undone=correction is None)

    def rep_to_correct(self, correction: Correction | None, start_s: float | None) -> Rep | None:
        """As `say` would correct it. Without a start it is of the lifter at hand."""
        reps = {rep_key(rep.start_s): rep for rep in self._reps if start_s is not None or self._is_own(rep)}
        if start_s is not None:
            return reps.get(rep_key(start_s))
        key = self._stacks.last_corrected(reps) if correction is None else next(reversed(reps), None)
        return None if key is None else reps[key]

    def _is_own(self, rep: Rep) -> bool:
        return self._whose[rep.set] == self.lifter

    def _with_correction(self, rep: Rep) -> Rep:
        return replace(rep, correction=self._stacks.top(rep.start_s))
