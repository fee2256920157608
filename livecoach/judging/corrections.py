"""Corrections of the reps of one source: which one counts for each rep, and which are taken back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livecoach.judging.correction_stacks import CorrectionStacks, rep_key
from livecoach.types import Corrected, Correction, Rep


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    rep: Rep
    """As it was judged."""
    set: int
    number: int


class Corrections:
    """Keeps the reps and their corrections; a rep is identified by its start. The same calls give the same results."""

    def __init__(self) -> None:
        self._reps: list[_Counted] = []
        self._stacks: CorrectionStacks[Correction] = CorrectionStacks()

    def completed(self, rep: Rep, of_set: int, number: int) -> None:
        """Add a rep that counts. of_set: number of its set; number: of the rep in it."""
        self._reps.append(_Counted(rep=rep, set=of_set, number=number))

    def completed_in(self, index: int) -> int:
        """Return the number of completed reps of a set, whether they count or not."""
        return sum(one.set == index for one in self._reps)

    def of_set(self, index: int) -> Sequence[Rep]:
        """Return the reps of a set that count, in order, each with what it counts as."""
        reps = [self._with_said(one.rep) for one in self._reps if one.set == index]
        return [rep.as_counted() for rep in reps if rep.counts]

    def say(self, correction: Correction | None, start_s: float | None) -> Corrected | None:
        """Apply a correction; None where there is no such rep, or nothing to take back.

        correction: None takes back the last one. start_s: start of the rep; None: the last rep, or where a correction
        is taken back the one that was corrected last.
        """
        found = self._found(correction, start_s)
        if found is None:
            return None
        before = self._with_said(found.rep).correction
        if correction is None:
            if before is None:
                return None
            self._stacks.pop(found.rep.start_s)
        elif correction != before:
            self._stacks.push(found.rep.start_s, correction)
        return Corrected(
            rep=self._with_said(found.rep),
            set=found.set,
            number=found.number,
            before=before,
            taken_back=correction is None,
        )

    def _found(self, correction: Correction | None, start_s: float | None) -> _Counted | None:
        if start_s is None and correction is None:
            start_s = self._stacks.last_corrected
            if start_s is None:
                return None
        key = None if start_s is None else rep_key(start_s)
        return next((one for one in reversed(self._reps) if key is None or rep_key(one.rep.start_s) == key), None)

    def _with_said(self, rep: Rep) -> Rep:
        return replace(rep, correction=self._stacks.top(rep.start_s))
