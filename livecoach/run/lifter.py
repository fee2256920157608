"""The lifter, as known when a run begins."""

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.core.config import local_time
from livecoach.core.documents import Event, PartEvent, SetProfileEvent
from livecoach.core.errors import LivecoachError, SourceError
from livecoach.core.language import translate
from livecoach.core.types import Plans, RepWindow
from livecoach.core.types.message import Message, in_words, joined
from livecoach.decisions.coaching.last_time import LastTimes
from livecoach.decisions.coaching.records import PastBests
from livecoach.pages.report.known import own_number, ranges
from livecoach.records.knowledge import CachedRep, Knowledge
from livecoach.records.profile import Profile
from livecoach.records.rejudging import judge_all_anew
from livecoach.records.session.stored import Session
from livecoach.run.process import say

KeptReps = Sequence[tuple[Path, RepWindow]]
"""The lifter's own good reps with their files, oldest first within each exercise."""


@dataclass(frozen=True, kw_only=True)
class Lifter:
    name: str | None = None  # of the profile; None without one
    height_cm: float | None = None  # None where it is not known
    reference_of: Callable[[str, str], KeptReps] = lambda *_: ()  # exercise and pose model → their own good reps
    said: Sequence[Event] = ()  # events of the replayed session, with what the lifter said in it
    last_times: LastTimes = field(default_factory=dict)  # the last session with each exercise
    plans: Plans = field(default_factory=dict)  # for today
    read_bests: Callable[[], PastBests] = dict  # reads the bests of earlier sessions


NOBODY_KNOWN = Lifter()
"""A lifter of whom nothing is known."""


def lifter_of_profile(knowledge: Knowledge, session: str) -> Lifter:
    """Return the lifter of a profile, as known from all sessions but the one with the identity `session`."""

    def reference_of(exercise: str, pose: str) -> KeptReps:
        try:
            kept = knowledge.reference(exercise, pose, without=session)
            return _with_earlier_days(kept, local_time.now().date().isoformat())
        except SourceError as err:  # an unreadable folder is no reason not to lift
            say(f"{err} The run begins without your stored reps.")
            return ()

    return Lifter(name=knowledge.profile.name, reference_of=reference_of)


def taught_lines(profile: str, session: Path | None) -> list[str]:
    """Return what a lifter's reference takes over from a session that is over, a line for each exercise.

    Whoever begins the next session finds it computed, and earlier reps are judged anew beside what was confirmed. A
    failure is reported, and ends nothing.

    Args:
        profile: of the lifter.
        session: folder of the session; None if none was kept.
    """
    if session is None or not os.path.isdir(session):  # Path.is_dir raises if it may not look
        return []
    lines = []
    try:
        knowledge = Knowledge(Profile(profile, say), say)
        knowledge.profile.begin()
        of_session = next((one for one in knowledge.sessions if one.folder == session), None)
        for exercise, known, own in () if of_session is None else knowledge.taught(of_session):
            if own:
                lines.append(translate(_taught_words(profile, exercise, own, len(known), session)))
        judge_all_anew(profile, say)
    except LivecoachError as err:
        say(f"profile {profile}: {err}")
    return lines


def _taught_words(profile: str, exercise: str, own: Sequence[CachedRep], known: int, session: Path) -> Message:
    sets: dict[int, list[int]] = {}
    for one in own:
        sets.setdefault(one.set, []).append(one.number)
    numbers = {own_number(session, of, profile): ranges(some) for of, some in sets.items()}
    reps = joined("; ", *(Message("set {n}: {text}", n=of, text=text) for of, text in numbers.items()))
    return Message(
        "profile {name} knows {n} reps of {text} now, from this session {text2}. "
        "`livecoach config profiles show {name}` shows them, and how to forget them.",
        name=profile,
        n=known,
        text=in_words(exercise),
        text2=reps,
    )


def _with_earlier_days(kept: KeptReps, today: str) -> KeptReps:
    return [(path, rep.compared_on(today)) for path, rep in kept]


def lifter_of_session(session: Session, said: PartEvent | SetProfileEvent | None = None) -> Lifter:
    """The lifter as known when a part of a session began, or a set turned out to be the lifter's. said: None for the
    first part. A replay stores nothing: the live run did."""
    about = said or session.about
    return Lifter(
        name=about.profile,
        height_cm=session.height_of(about.profile),
        reference_of=lambda exercise, _: _with_earlier_days(
            session.reference_of(exercise, about.reference), session.day.isoformat()
        ),
        said=(*session.events, *session.corrections, *session.set_events),
    )
