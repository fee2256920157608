"""The lifter of a run: what is known of them beforehand, and where the run stores learned reps."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.cli.options import say
from livecoach.coaching.last_time import LastTimes
from livecoach.coaching.records import PastBests
from livecoach.documents import CorrectionEvent, Event, SetLogEvent
from livecoach.errors import SourceError
from livecoach.profile import Profile, ProfileWriter
from livecoach.run.workout import NO_LOAD, LoadOfNextSet
from livecoach.session.stored import Session
from livecoach.types import RepWindow

KeptReps = Sequence[tuple[Path, RepWindow]]
"""The lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class RunLifter:
    name: str | None  # name of the profile; None without one
    reference_of: Callable[[str, str], KeptReps]  # exercise and pose model → the lifter's own good reps
    keeper: Callable[[], ProfileWriter] | None  # makes the writer that stores learned reps; None if none are stored
    corrections: Sequence[CorrectionEvent] = ()  # corrections from the recording of a session, which are replayed
    events: Sequence[Event] = ()  # events from that recording: the choices of the exercise among them are replayed
    load: LoadOfNextSet = NO_LOAD  # load of the first set
    last_times: LastTimes = field(default_factory=dict)  # the last session with each exercise
    read_bests: Callable[[], PastBests] = dict  # reads the bests of earlier sessions
    logged: Sequence[SetLogEvent] = ()  # logs of sets during that recording, which are replayed

    def reference(self, exercises: Iterable[str], pose: str) -> KeptReps:
        """The lifter's own good reps of these exercises. pose: name of the pose model."""
        return [rep for name in exercises for rep in self.reference_of(name, pose)]


NOBODY_KNOWN = RunLifter(name=None, reference_of=lambda *_: (), keeper=None)
"""A lifter of whom nothing is known and from whom nothing is learned."""


def lifter_of_profile(profile: Profile, session: str) -> RunLifter:
    """The lifter of a profile. session: identifies this run's reps among those of all runs."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        try:
            return profile.reference(exercise, pose=pose, excluding_session=session)
        except SourceError as err:  # an unreadable folder is no reason not to lift
            say(f"{err} The run begins without your stored reps.")
            return ()

    return RunLifter(
        name=profile.name,
        reference_of=reference_of,
        keeper=lambda: ProfileWriter(profile, session, say),
    )


def lifter_of_session(session: Session) -> RunLifter:
    """The lifter as known when a session began. A replay stores nothing: the live run did."""
    return RunLifter(
        name=session.about.profile,
        reference_of=lambda exercise, _: session.reference_of(exercise),
        keeper=None,
        corrections=session.corrections,
        events=session.events,
        logged=session.set_log_events,
    )
