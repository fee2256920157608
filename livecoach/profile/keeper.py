"""Collects what a run learns, and keeps it in the profile when a set is over and when the run ends."""

from collections.abc import Callable

from livecoach.errors import OutputError, SourceError
from livecoach.profile.store import Profile
from livecoach.types import KeptRep, Step


class Keeper:
    """Call `step` with every step, and `close` once, on the same thread. A failure is said and costs no set."""

    def __init__(self, profile: Profile, exercise: str, session: str, say: Callable[[str], object]) -> None:
        """session: tells this run's reps from all others'. say: takes one line for the user."""
        self._profile, self._exercise, self._session, self._say = profile, exercise, session, say
        self._learned: list[KeptRep] = []
        self._in_set = self._failed = False
        self.kept = 0
        """Reps that this run has kept."""

    def step(self, step: Step) -> None:
        """Take what was learned with a step; between two sets there is time to write."""
        self._learned.extend(step.learned)
        if self._in_set and not step.in_set:
            self._save()
        self._in_set = step.in_set

    def close(self) -> None:
        """Keep what is not kept yet."""
        self._save()

    def _save(self) -> None:
        """What can't be written now is tried again after the next set; the reason is said once."""
        if not self._learned:
            return
        try:
            self._profile.keep(self._exercise, self._learned, self._session)
        except (OutputError, SourceError) as err:
            if not self._failed:
                self._say(f"profile {self._profile.name}: what was learned is not kept: {err}")
            self._failed = True
            return
        self.kept += len(self._learned)
        self._learned.clear()
