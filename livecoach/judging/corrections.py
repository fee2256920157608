"""What somebody says of the reps of one source: what counts of each, and what is taken back. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from livecoach.types import Corrected, Correction, Rep

SAME_REP_S = 0.001
"""Starts of two reps are seconds apart; documents round them to a tenth of a millisecond."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    rep: Rep
    """As it was judged."""
    set: int
    number: int


class Corrections:
    """Tells reps by when they start. Deterministic: the same reps and corrections give the same."""

    def __init__(self) -> None:
        self._reps: list[_Counted] = []
        self._said: list[tuple[float, Correction]] = []  # start of the rep, what was said of it; what stands, in order

    def completed(self, rep: Rep, of_set: int, number: int) -> None:
        """A rep was counted. of_set: number of its set; number: of the rep in it, as it was counted aloud."""
        self._reps.append(_Counted(rep=rep, set=of_set, number=number))

    def of_set(self, index: int) -> Sequence[Rep]:
        """The reps that count of a set, as they count, in order."""
        reps = [self._with_said(one.rep) for one in self._reps if one.set == index]
        return [rep.as_counted() for rep in reps if rep.counts]

    def say(self, correction: Correction | None, start_s: float | None) -> Corrected | None:
        """Take what somebody says of a rep; None where there is none, or nothing to take back.

        correction: None takes back what was said last. start_s: of the rep; None: the last one, or the last one of
        which something was said that is to be taken back.
        """
        found = self._found(correction, start_s)
        if found is None:
            return None
        before = self._with_said(found.rep).correction
        if correction is None:
            if before is None:
                return None
            last = max(n for n, (of_s, _) in enumerate(self._said) if _same(of_s, found.rep.start_s))
            del self._said[last]
        elif correction != before:
            self._said.append((found.rep.start_s, correction))
        return Corrected(
            rep=self._with_said(found.rep),
            set=found.set,
            number=found.number,
            before=before,
            taken_back=correction is None,
        )

    def _found(self, correction: Correction | None, start_s: float | None) -> _Counted | None:
        if start_s is None and correction is None:
            start_s = self._said[-1][0] if self._said else None
            if start_s is None:
                return None
        found = (one for one in reversed(self._reps) if start_s is None or _same(one.rep.start_s, start_s))
        return next(found, None)

    def _with_said(self, rep: Rep) -> Rep:
        said = (correction for start_s, correction in reversed(self._said) if _same(start_s, rep.start_s))
        return replace(rep, correction=next(said, None))


def _same(one_s: float, other_s: float) -> bool:
    return abs(one_s - other_s) < SAME_REP_S
