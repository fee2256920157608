"""Collects what a run learns, and keeps it in the profile when a set is over and when the run ends."""

from collections.abc import Callable

from livecoach.errors import OutputError, SourceError
from livecoach.profile.store import Profile
from livecoach.types import RepWindow, Step


class ProfileWriter:
    """Call `step` with every step, and `close` once, on the same thread. A failure is said and costs no set."""

    def __init__(self, profile: Profile, exercise: str, session: str, say: Callable[[str], object]) -> None:
        """session: tells this run's reps from all others'. say: takes one line for the user."""
        self._profile, self._exercise, self._session, self._say = profile, exercise, session, say
        self._learned: list[RepWindow] = []
        self._forgotten: list[RepWindow] = []
        self._in_set = self._failed = False
        self.kept = 0
        """Reps that this run has kept."""

    def step(self, step: Step) -> None:
        """Take what was learned with a step; between two sets there is time to write."""
        for rep in step.learned:
            self._forgotten = _without(self._forgotten, rep)
            self._learned.append(rep)
        for rep in step.forgotten:
            self._learned = _without(self._learned, rep)
            self._forgotten.append(rep)
        # What somebody says after a set is done at once; what is learned by itself waits for its end.
        if not step.in_set and (self._in_set or step.corrected is not None):
            self._save()
        self._in_set = step.in_set

    def close(self) -> None:
        """Keep what is not kept yet."""
        self._save()

    def _save(self) -> None:
        """What can't be written now is tried again after the next set; the reason is said once."""
        if not self._learned and not self._forgotten:
            return
        try:
            while self._forgotten:
                self.kept -= self._profile.take_out(self._exercise, self._forgotten[0], self._session)
                self._forgotten.pop(0)
            self._profile.keep(self._exercise, self._learned, self._session)
        except (OutputError, SourceError) as err:
            if not self._failed:
                what = "what is to be forgotten is still kept" if self._forgotten else "what was learned is not kept"
                self._say(f"profile {self._profile.name}: {what}: {err}")
            self._failed = True
            return
        self.kept += len(self._learned)
        self._learned.clear()


def _without(reps: list[RepWindow], gone: RepWindow) -> list[RepWindow]:
    return [rep for rep in reps if rep.start_s != gone.start_s]
