"""Which corrections of a rep stand: each is pushed on the rep's stack, taking one back pops it, the top one counts."""

from typing import Generic, TypeVar

from livecoach.documents import DECIMALS

C = TypeVar("C")


def rep_key(start_s: float) -> float:
    """Return what identifies a rep within one source: its start in seconds, rounded as documents round it."""
    return round(start_s, DECIMALS)


class CorrectionStacks(Generic[C]):
    """One stack of corrections for each rep of a source; a rep is identified by its start (`rep_key`)."""

    def __init__(self) -> None:
        self._stacks: dict[float, list[C]] = {}
        self._pushed: list[float] = []  # keys of the reps, in the order in which their standing corrections came

    def push(self, start_s: float, correction: C) -> None:
        """Let `correction` count for the rep that starts at `start_s`, until it is popped."""
        key = rep_key(start_s)
        self._stacks.setdefault(key, []).append(correction)
        self._pushed.append(key)

    def pop(self, start_s: float) -> None:
        """Take back the correction that counts for a rep, so that the one before it counts again, if there is one."""
        key = rep_key(start_s)
        if self._stacks.get(key):
            self._stacks[key].pop()
            del self._pushed[max(n for n, pushed in enumerate(self._pushed) if pushed == key)]

    def of_rep(self, start_s: float) -> tuple[C, ...]:
        """Return the corrections of a rep that stand, the oldest first."""
        return tuple(self._stacks.get(rep_key(start_s), ()))

    def top(self, start_s: float) -> C | None:
        """Return the correction that counts for a rep, or None."""
        stack = self._stacks.get(rep_key(start_s))
        return stack[-1] if stack else None

    @property
    def last_corrected(self) -> float | None:
        """Key of the rep that was corrected last, of those whose correction still stands."""
        return self._pushed[-1] if self._pushed else None
