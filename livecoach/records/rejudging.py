"""Judges stored reps anew once the lifter has confirmed others.

A rep that was judged before anything was confirmed was compared with reps that may have had the same fault. Its verdict
of then stays in the session, for replays; the new one is written beside it, and counts in everything that is shown.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import groupby

from livecoach.core import documents
from livecoach.core.config.files import replace_private
from livecoach.core.documents import RepEvent
from livecoach.core.errors import LivecoachError, OutputError, explained
from livecoach.core.types import Corrected, RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference import RepVerdict
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, is_of_view
from livecoach.decisions.judging.scorer import Scorer
from livecoach.records.knowledge import Knowledge, scorer_of
from livecoach.records.profile import Profile, read_rep
from livecoach.records.session import layout
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import past_session

MOST_SESSIONS = 10
"""Most sessions of an exercise that are judged anew, from the newest on; a rep takes 7 ms. Our choice."""
VERDICT = tuple(name for name in RepVerdict._fields if name not in {"pace", "bar_path_cm"})
"""What a new verdict says of a rep; its tempo and its bar path do not depend on other reps."""


def judge_all_anew(profile: str, say: Callable[[str], object]) -> list[str]:
    """Judge a lifter's reps of every exercise anew where that matters.

    Returns:
        The names of the sessions whose verdicts have changed. A failure is reported; what was changed stays so.
    """
    changed, knowledge = list[str](), Knowledge(Profile(profile, say), say)
    for exercise in knowledge.exercises():
        try:
            changed += judge_anew(knowledge, exercise)
        except LivecoachError as err:
            say(f"profile {profile}, {exercise}: not judged anew: {err}")
    return list(dict.fromkeys(changed))


def after_change(session: Session, say: Callable[[str], object]) -> list[str]:
    """Judge the reps of a session's lifters anew after it was changed, as `judge_all_anew` does."""
    lifters = replace(session).known_profiles  # of a new object, which reads the changed files
    return list(dict.fromkeys(name for lifter in lifters for name in judge_all_anew(lifter, say)))


def judge_anew(knowledge: Knowledge, exercise: str) -> list[str]:
    """Judge the lifter's reps of an exercise that were judged by nothing confirmed, beside what is confirmed by now.

    Returns:
        The names of the sessions whose verdicts have changed.

    Raises:
        OutputError: a verdict can't be written.
        SourceError: what is known can't be read.
    """
    changed = []
    known_by = cache(partial(knowledge.known, exercise))
    names = {one.name: one.about.session for one in knowledge.sessions}
    done = [one for one in knowledge.sessions if exercise in one.exercises][-MOST_SESSIONS:]
    for session in done:
        known = known_by(session.about.model.pose)
        confirmed = [one for one in known if one.evidence == "confirmed"]
        by = {(names.get(one.session, one.session), one.start_s) for one in confirmed}
        past = past_session(session, knowledge.profile.name, exercise)
        stale = _stale(session, past, by, [one.azimuth_deg for one in confirmed])
        windows = [(one.session, read_rep(one.path)) for one in known] if stale else []
        others = [window for name, window in windows if name != session.name]
        height_cm = session.height_of(knowledge.profile.name)
        events = list(_judged(session, past, stale, others, scorer_of(exercise), height_cm) if stale else ())
        if _written(session, exercise, events):
            changed.append(session.name)
    return changed


def _stale(
    session: Session, past: PastSession, confirmed: Collection[tuple[str, float]], sides_deg: Collection[float]
) -> set[float]:
    """Return the starts of the reps that were judged by nothing confirmed although something is, from their side."""
    by_start = {event.rep.start_s: event for event in session.recorded_reps}
    stale = set()
    for rep in past.reps:
        own = {(_session_of(one.set, session), one.start_s) for one in by_start[rep.start_s].against}
        is_beside = any(is_of_view(rep.azimuth_deg, side_deg) for side_deg in sides_deg)
        if rep.correction is None and is_beside and not own & set(confirmed):
            stale.add(rep.start_s)
    return stale


def _session_of(set_name: str, session: Session) -> str:
    """Return the identity of a session from the name of a set in `RepEvent.against`."""
    identity, _, _ = set_name.rpartition(" ")
    return identity or session.about.session


def _judged(
    session: Session,
    past: PastSession,
    stale: set[float],
    known: Sequence[RepWindow],
    scorer: Scorer,
    height_cm: float | None,
) -> Iterator[RepEvent]:
    """Yield the stale reps with their new verdicts: beside other sessions' reps, and the confirmed ones of this one."""
    day = session.day.isoformat()
    kept = [rep.compared_on(day) for rep in known]
    judge = LifterJudge(scorer, kept=kept, height_cm=height_cm)
    by_start = {event.rep.start_s: event for event in session.corrected_reps}
    confirmed = [rep for rep in past.reps if rep.is_confirmed]
    for reps in (confirmed, [rep for rep in past.reps if rep.start_s in stale]):
        for _, of_set in groupby(reps, key=lambda rep: rep.set):
            yield from _set_judged(judge, list(of_set), by_start)


def _set_judged(judge: LifterJudge, reps: Sequence[PastRep], by_start: dict[float, RepEvent]) -> Iterator[RepEvent]:
    for rep in reps:
        window, event = rep.read(), by_start[rep.start_s]
        if window is None:
            continue
        verdict, _ = judge.rep(window, standing=rep.standing)
        if event.rep.correction is not None:
            judge.correct(Corrected(rep=event.rep, before=None))
        elif verdict.score is not None:
            fields = {name: getattr(verdict, name) for name in VERDICT}
            yield replace(event, rep=replace(event.rep, **fields))
    judge.set_over()


def _written(session: Session, exercise: str, events: Sequence[RepEvent]) -> bool:
    """Write the new verdicts of an exercise in place of earlier ones, and return whether they differ from these."""
    path = session.folder / layout.JUDGED
    before = [event for event in session.judged_anew if event.rep.exercise == exercise]
    others = [event for event in session.judged_anew if event.rep.exercise != exercise]
    lines = [documents.to_json(event) + "\n" for event in (*others, *events)]
    if lines == [documents.to_json(event) + "\n" for event in (*others, *before)]:
        return False
    do = "Free some space and make the folder writable."
    with explained(OutputError, f"{path}: can't be written", do), layout.changing():
        replace_private(path, "".join(lines))
    return True
