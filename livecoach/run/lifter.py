"""The lifter, as known when a run begins."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from livecoach.core.config import local_time
from livecoach.core.documents import Event, PartEvent, SetProfileEvent
from livecoach.core.errors import SourceError
from livecoach.core.types import Plans, RepWindow
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.records.profile import Profile
from livecoach.records.profile_writer import ProfileWriter
from livecoach.records.session.stored import Session
from livecoach.run.process import say

KeptReps = Sequence[tuple[Path, RepWindow]]
"""The lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class Lifter:
    name: str | None = None  # of the profile; None without one
    reference_of: Callable[[str, str], KeptReps] = lambda *_: ()  # exercise and pose model → their own good reps
    keeper: ProfileWriter | None = None  # stores learned reps; None if none are stored
    said: Sequence[Event] = ()  # events of the replayed session, with what the lifter said in it
    last_times: LastTimes = field(default_factory=dict)  # the last session with each exercise
    plans: Plans = field(default_factory=dict)  # for today
    read_bests: Callable[[], PastBests] = dict  # reads the bests of earlier sessions


NOBODY_KNOWN = Lifter()
"""A lifter of whom nothing is known and from whom nothing is learned."""


def lifter_of_profile(profile: Profile, session: str) -> Lifter:
    """The lifter of a profile. session: identifies this run's reps among those of all runs."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        try:
            kept = profile.reference(exercise, pose=pose, excluding_session=session)
            return _with_earlier_days(kept, local_time.now().date().isoformat())
        except SourceError as err:  # an unreadable folder is no reason not to lift
            say(f"{err} The run begins without your stored reps.")
            return ()

    return Lifter(name=profile.name, reference_of=reference_of, keeper=ProfileWriter(profile, session, say))


def _with_earlier_days(kept: KeptReps, today: str) -> KeptReps:
    """Reps of the same day name none: minutes later, to be compared with it says nothing."""
    return [(path, replace(rep, day=None) if rep.day == today else rep) for path, rep in kept]


def lifter_of_session(session: Session, said: PartEvent | SetProfileEvent | None = None) -> Lifter:
    """The lifter as known when a part of a session began, or a set turned out to be the lifter's. said: None for the
    first part. A replay stores nothing: the live run did."""
    about = said or session.about
    return Lifter(
        name=about.profile,
        reference_of=lambda exercise, _: _with_earlier_days(
            session.reference_of(exercise, about.reference), session.day.isoformat()
        ),
        said=(*session.events, *session.corrections, *session.set_events),
    )
