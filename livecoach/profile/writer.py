"""Collects what a run learns, and stores it in the profile at the end of each set and of the run."""

from collections.abc import Callable

from livecoach.errors import OutputError, SourceError
from livecoach.profile.store import MOST_OF_A_VIEW, Profile
from livecoach.types import RepWindow, Step

MOST_LEARNED = 3 * MOST_OF_A_VIEW
"""Reps that wait for the end of their set, in which nothing is written: the newest, some 100 kB each. A profile keeps
MOST_OF_A_VIEW of a view, and a set has few views. Our choice."""


class ProfileWriter:
    """Call `step` with every step, and `close` once, on the same thread. A failure is reported and does not end the
    set."""

    def __init__(self, profile: Profile, session: str, say: Callable[[str], object]) -> None:
        """session: identifies this run's reps. say: called with one line for the user."""
        self._profile, self._session, self._say = profile, session, say
        self._learned: list[RepWindow] = []
        self._forgotten: list[RepWindow] = []
        self._in_set = self._failed = False
        self.kept = 0
        """Number of reps that this run has stored."""

    def step(self, step: Step) -> None:
        """Take what was learned in a step. Between two sets there is time to write."""
        for rep in step.learned:
            self._forgotten = _without(self._forgotten, rep)
            self._learned.append(rep)
            self._learned = self._learned[-MOST_LEARNED:]
        for rep in step.forgotten:
            self._learned = _without(self._learned, rep)
            self._forgotten.append(rep)
        # A correction after a set is written at once; reps learned automatically wait for the end of the set.
        if not step.in_set and (self._in_set or step.corrected is not None):
            self._save()
        self._in_set = step.in_set

    def close(self) -> None:
        """Store what is not stored yet."""
        self._save()

    def _save(self) -> None:
        """Write the changes. A failed write is tried again after the next set; its reason is reported once."""
        if not self._learned and not self._forgotten:
            return
        try:
            while self._forgotten:
                gone = self._forgotten[0]
                self.kept -= self._profile.remove_rep(gone.exercise, gone, self._session)
                self._forgotten.pop(0)
            self._profile.keep_each(self._learned, self._session)
        except (OutputError, SourceError) as err:
            if not self._failed:
                what = "deleting reps failed" if self._forgotten else "storing learned reps failed"
                self._say(f"profile {self._profile.name}: {what}: {err}")
            self._failed = True
            return
        self.kept += len(self._learned)
        self._learned.clear()


def _without(reps: list[RepWindow], gone: RepWindow) -> list[RepWindow]:
    return [rep for rep in reps if rep.start_s != gone.start_s]
