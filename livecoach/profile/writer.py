"""Stores in the profile what the lifter says of reps between sets, and what a run has learned at its end."""

from collections.abc import Callable

from livecoach.errors import OutputError, SourceError
from livecoach.profile.store import Profile
from livecoach.types import RepWindow, Step


class ProfileWriter:
    """Call `step` with every step, and `close` once, on the same thread. A failure is reported and does not end the
    set."""

    def __init__(self, profile: Profile, session: str, say: Callable[[str], object]) -> None:
        """session: identifies this run's reps. say: called with one line for the user."""
        self._profile, self._session, self._say = profile, session, say
        self._changes: dict[float, tuple[RepWindow, bool]] = {}  # start of a rep → the rep, and whether it is kept
        self._in_set = self._failed = False
        self.kept = 0
        """Number of reps that this run has stored."""

    def step(self, step: Step) -> None:
        """Take what is to be stored or deleted from now on. While a set goes on, nothing is written."""
        for reps, keep in ((step.learned, True), (step.forgotten, False)):
            self._changes |= {rep.start_s: (rep, keep) for rep in reps}
        if not step.in_set and (self._in_set or step.corrected is not None):
            self.close()
        self._in_set = step.in_set

    def close(self) -> None:
        """Write the changes. A failed write is tried again after the next set; its reason is reported once."""
        try:
            for rep, keep in self._changes.values():
                if not keep:
                    self.kept -= self._profile.remove_rep(rep.exercise, rep, self._session)
            self.kept += self._profile.keep_each([rep for rep, keep in self._changes.values() if keep], self._session)
        except (OutputError, SourceError) as err:
            if not self._failed:
                self._say(f"profile {self._profile.name}: not updated: {err}")
            self._failed = True
            return
        self._changes.clear()
