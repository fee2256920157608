"""Stores what a run learns in a profile, between sets."""

import threading
from collections.abc import Callable, Iterable

from livecoach.core.errors import OutputError, SourceError
from livecoach.core.types import RepWindow, Step
from livecoach.records.profile import Profile

CLOSE_S = 120.0  # longest wait for a disk that hangs, at the end of a run. Our choice.
_Changes = dict[float, tuple[RepWindow, bool]]  # start of a rep → the rep, and whether it is kept


class ProfileWriter:
    """Call `step` with every step, and `close` once, on the same thread. A failure is reported and does not end the
    set; nor does a disk that hangs, because a thread of its own writes."""

    def __init__(self, profile: Profile, session: str, say: Callable[[str], object]) -> None:
        """session: identifies this run's reps. say: called with one line for the user."""
        self._profile, self._session, self._say = profile, session, say
        self._changes: _Changes = {}
        self._unwritten: _Changes = {}  # what the thread writes, or could not write
        self._thread: threading.Thread | None = None
        self._why = ""
        self._failed = False
        self.kept = 0  # number of reps that this run has stored

    def step(self, step: Step) -> None:
        """Note the reps to store or delete. Nothing is written during a set."""
        self.change(step.learned, step.forgotten)
        if step.set_over or (step.corrected is not None and not step.in_set):
            self._begin()

    def change(self, learned: Iterable[RepWindow], forgotten: Iterable[RepWindow]) -> None:
        """Note the reps to store and to delete with the next ones."""
        for reps, keep in ((learned, True), (forgotten, False)):
            self._changes |= {rep.start_s: (rep, keep) for rep in reps}

    def close(self) -> None:
        """Write the changes, and wait for that. A failed write is tried again after the next set; its reason is
        reported once."""
        self.wait()
        if self._thread is None:
            self._begin()
            self.wait()

    def wait(self) -> None:
        if self._thread is None:
            return
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._why = "the disk does not answer"
        else:
            self._changes, self._unwritten = self._unwritten | self._changes, {}
            self._thread = None
        if self._why and not self._failed:
            self._say(f"profile {self._profile.name}: not updated: {self._why}")
            self._failed = True

    def _begin(self) -> None:
        """Begin to write the changes, unless the disk still has not taken earlier ones."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.wait()
        if self._changes:
            self._changes, self._unwritten = {}, self._changes
            self._thread = threading.Thread(target=self._write, name="profile", daemon=True)
            self._thread.start()

    def _write(self) -> None:
        changes = self._unwritten.values()
        try:
            for rep, keep in changes:
                if not keep:
                    self.kept -= self._profile.remove_rep(rep, self._session)
            self.kept += self._profile.keep([rep for rep, keep in changes if keep], self._session)
        except (OutputError, SourceError) as err:
            self._why = str(err)
            return
        self._unwritten = {}
