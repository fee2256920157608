"""Keeps the reps of a source and their corrections: each rep has a stack of corrections, and the newest counts."""

import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Generic, TypeVar

from livecoach.core.documents import DECIMALS
from livecoach.core.step import RepCorrected
from livecoach.core.types import Correction, Rep
from livecoach.core.types.bounds import lifter_suffix
from livecoach.core.types.message import Message
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.own_reps import LIKE_OTHERS, ODD_SCORE, UNLIKE_OTHERS, WHILE_LEARNING

C = TypeVar("C")


def reps_to_confirm(reps: Sequence[Rep]) -> list[Rep]:
    """Return the reps that a lifter confirms by calling a whole set good: the reps that livecoach finds good.

    If livecoach finds fewer than half of the reps good, the reference is in doubt, and all reps are returned.
    """
    good = [rep for rep in reps if rep.own_verdict == "good"]
    return good if 2 * len(good) >= len(reps) else list(reps)


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


def rep_key(start_s: float) -> float:
    """Return the key of a rep within its source: its start, rounded as in documents."""
    return round(start_s, DECIMALS)


class CorrectionStacks(Generic[C]):
    """A stack of corrections for each rep of a source. An undone correction is removed from its stack."""

    def __init__(self) -> None:
        self._standing: list[tuple[float, C]] = []  # key of a rep and its correction, in the order of the corrections

    def push(self, start_s: float, correction: C) -> None:
        """Add a correction of the rep that starts at `start_s`."""
        self._standing.append((rep_key(start_s), correction))

    def pop(self, start_s: float) -> None:
        """Remove the newest correction, if any, of the rep that starts at `start_s`."""
        of_rep = [place for place, (key, _) in enumerate(self._standing) if key == rep_key(start_s)]
        if of_rep:
            del self._standing[of_rep[-1]]

    def corrections_of(self, start_s: float) -> tuple[C, ...]:
        """Return the corrections of the rep that starts at `start_s`, oldest first, without undone corrections."""
        return tuple(correction for key, correction in self._standing if key == rep_key(start_s))

    def newest_correction(self, start_s: float) -> C | None:
        """Return the newest correction of the rep that starts at `start_s`; None for a rep without a correction."""
        return next(reversed(self.corrections_of(start_s)), None)

    def last_corrected_key(self, among: Collection[float]) -> float | None:
        """Return the key in `among` of the rep that was corrected last; None if none of these reps is corrected."""
        return next((key for key, _ in reversed(self._standing) if key in among), None)


class RepLog:
    """The completed reps of a source, in their sets, with the corrections of each rep."""

    def __init__(self) -> None:
        self.reps: tuple[Rep, ...] = ()  # with their corrections
        self.lifters: dict[int, str | None] = {}  # set → its lifter
        self.lifter: str | None = None  # the current lifter
        self.judges: dict[tuple[int, str], LifterJudge] = {}  # set and exercise → the judge that learned from its reps
        self._stacks: CorrectionStacks[Correction] = CorrectionStacks()

    def add_rep(self, rep: Rep, judge: LifterJudge) -> Rep:
        """Add a completed rep of the current lifter, whose corrections teach the judge; return the numbered rep."""
        self.lifters[rep.set] = self.lifter
        self.judges[rep.set, rep.exercise] = judge
        rep = replace(rep, index=len(self.reps) + 1, own_set=self._own_set(rep.set))
        self.reps = *self.reps, rep
        return rep

    @property
    def unassigned_sets(self) -> list[int]:
        """The numbers of the sets that seem to be another lifter's, until a person assigns each set to a lifter."""
        return sorted({number for (number, _), judge in self.judges.items() if judge.is_of_nobody})

    def exercises_of(self, set_number: int) -> list[str]:
        """Return the names of the exercises of the completed reps in a set."""
        return [exercise for number, exercise in self.judges if number == set_number]

    def assign(self, set_number: int, lifter: str | None, judges: Mapping[str, LifterJudge]) -> None:
        """Assign a set to a lifter, and number the sets of each lifter anew.

        Args:
            lifter: Name of a profile; None for a lifter without a profile.
            judges: The lifter's judge of each exercise, which replaces the earlier judge, and learns from the set.
        """
        for exercise in self.exercises_of(set_number):
            judge, before = judges[exercise], self.judges[set_number, exercise]
            if judge is before:
                continue
            judge.adopt_set(str(set_number), before)
            for rep in self.completed_reps(set_number):
                if rep.exercise == exercise and rep.correction is not None:
                    judge.correct(RepCorrected(rep=rep, before=None))
            self.judges[set_number, exercise] = judge
        self.lifters[set_number] = lifter
        self.reps = tuple(replace(rep, own_set=self._own_set(rep.set)) for rep in self.reps)

    def lifter_set_number(self, set_number: int) -> int:
        """Return the number of a set among the sets of its lifter, from 1, as people name the set."""
        lifter = self.lifters.get(set_number, self.lifter)
        return 1 + sum(number < set_number and other == lifter for number, other in self.lifters.items())

    def set_address(self, set_number: int) -> str:
        """Return a set as commands name the set: "2" or, if several people lifted, "2@ben" ("2@-": no profile)."""
        lifter = self.lifters.get(set_number, self.lifter)
        is_shared = bool({*self.lifters.values()} - {lifter})
        return f"{self.lifter_set_number(set_number)}{lifter_suffix(lifter, is_shared=is_shared)}"

    def _own_set(self, set_number: int) -> int | None:
        return None if (own := self.lifter_set_number(set_number)) == set_number else own

    def withdraw(self, count: int) -> tuple[Rep, ...]:
        """Forget and return the last `count` reps, which must be uncorrected, and forget sets without any rep left."""
        kept = len(self.reps) - count
        withdrawn, self.reps = self.reps[kept:], self.reps[:kept]
        left = {(rep.set, rep.exercise) for rep in self.reps}
        self.judges = {of: judge for of, judge in self.judges.items() if of in left}
        self.lifters = {number: self.lifters[number] for number, _ in self.judges}
        return withdrawn

    @property
    def last_set_number(self) -> int:
        """The number of the last rep's set; 0 before the first rep."""
        return self.reps[-1].set if self.reps else 0

    def completed_reps(self, set_number: int) -> Sequence[Rep]:
        """Return the reps of a set in order, with their corrections, whether they count or not."""
        return [rep for rep in self.reps if rep.set == set_number]

    def count_reps(self, set_number: int) -> int:
        """Return the number of reps of a set that count."""
        return sum(rep.counts for rep in self.completed_reps(set_number))

    def count_in_a_row(self, set_number: int, longest_pause_s: float) -> int:
        """Return the number of reps that count in a set since its last pause of more than `longest_pause_s`.

        A pause after which no rep counts is ignored.
        """
        number, next_s = 0, math.inf
        for rep in reversed(self.completed_reps(set_number)):
            if number and next_s - rep.end_s > longest_pause_s:
                break
            number, next_s = number + rep.counts, rep.start_s
        return number

    def correct(self, correction: Correction | None, start_s: float | None) -> RepCorrected | None:
        """Correct a rep, or undo a rep's newest correction, and let the rep's judge learn from the change.

        A correction that repeats the rep's newest correction is not added: a single undo is then enough. The result is
        None if no rep matches, or nothing can be undone.

        Args:
            correction: The correction; None to undo the newest correction.
            start_s: Start of the rep; None for the current lifter's last rep or, to undo, for the rep of the current
                lifter that was corrected last.
        """
        before = self.rep_to_correct(correction, start_s)
        if before is None or (correction is None and before.correction is None):
            return None
        if correction is None:
            self._stacks.pop(before.start_s)
        elif correction != before.correction:
            self._stacks.push(before.start_s, correction)
        rep = replace(before, correction=self._stacks.newest_correction(before.start_s))
        self.reps = tuple(rep if kept is before else kept for kept in self.reps)
        corrected = RepCorrected(rep=rep, before=before.correction, undone=correction is None)
        return self.judges[rep.set, rep.exercise].correct(corrected) if corrected.has_changed else corrected

    def rep_to_correct(self, correction: Correction | None, start_s: float | None) -> Rep | None:
        """Return the rep that `correct` would change with the same arguments; None if no rep matches."""
        own = (rep for rep in self.reps if start_s is not None or self.lifters[rep.set] == self.lifter)
        reps = {rep_key(rep.start_s): rep for rep in own}
        if start_s is not None:
            return reps.get(rep_key(start_s))
        key = self._stacks.last_corrected_key(reps) if correction is None else next(reversed(reps), None)
        return None if key is None else reps[key]
