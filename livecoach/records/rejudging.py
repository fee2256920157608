"""Judges the reps of stored sessions again after the lifter has confirmed other reps.

A rep that was judged before any rep was confirmed may have been compared with reps that had the same fault. The first
verdict stays in the session, for replays. The new verdict is written to another file, and is shown from then on.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import groupby

from livecoach.core import documents
from livecoach.core.config.files import replace_private
from livecoach.core.documents import RepEvent
from livecoach.core.errors import LivecoachError, explain_write_errors
from livecoach.core.step import RepCorrected
from livecoach.core.types import RepWindow
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, is_same_view
from livecoach.decisions.judging.scorer import Scorer
from livecoach.decisions.judging.verdict import RepVerdict
from livecoach.records.knowledge import LifterReferences, load_default_scorer
from livecoach.records.profile import Profile, read_rep
from livecoach.records.session import layout
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import read_past_session

MOST_SESSIONS = 10  # Number of newest sessions of an exercise that are judged again; a rep takes 7 ms. Our choice.
VERDICT_FIELDS = tuple(name for name in RepVerdict._fields if name not in {"pace", "bar_path_cm", "own"})
"""Names of the fields of a rep that a new verdict replaces. The pace and the bar path do not depend on other reps."""


def rejudge_exercises(profile: str, say: Callable[[str], object]) -> list[str]:
    """Judge a lifter's reps again in every exercise, and return the names of the sessions with a changed verdict.

    After a failure, the other exercises are still judged. `say` is called with a line about each failure. Raises
    SourceError if the sessions can't be listed.
    """
    changed, knowledge = list[str](), LifterReferences(Profile(profile, say), say)
    for exercise in knowledge.exercises():
        try:
            changed += _rejudge_exercise(knowledge, exercise)
        except LivecoachError as err:
            say(f"profile {profile}, {exercise}: not judged anew: {err}")
    return list(dict.fromkeys(changed))


def rejudge_lifters(session: Session, say: Callable[[str], object]) -> list[str]:
    """Judge the reps of a session's lifters again, and return the names of the sessions with a changed verdict.

    Call this after the session was changed. `say` is called, and errors are raised, as by `rejudge_exercises`.
    """
    lifters = replace(session).known_profiles  # a new object reads the changed files
    return list(dict.fromkeys(name for lifter in lifters for name in rejudge_exercises(lifter, say)))


def _rejudge_exercise(knowledge: LifterReferences, exercise: str) -> list[str]:
    """Judge a lifter's reps of an exercise again, and return the names of the sessions with a changed verdict.

    Only the newest sessions with the exercise are considered, up to MOST_SESSIONS. A rep is judged again if it was
    filmed from the view of a confirmed rep, was not compared with a confirmed rep, and has no correction. If a rep no
    longer needs the new verdict of an earlier call, its first verdict is restored.
    """
    changed = []
    known_by = cache(partial(knowledge.find_reference, exercise))
    names = {session.name: session.about.session for session in knowledge.sessions}
    done = [session for session in knowledge.sessions if exercise in session.exercises][-MOST_SESSIONS:]
    for session in done:
        known = known_by(session.about.model.pose)
        confirmed = [rep for rep in known if rep.evidence == "confirmed"]
        by = {(names.get(rep.session, rep.session), rep.start_s) for rep in confirmed}
        past = read_past_session(session, knowledge.profile.name, exercise)
        stale = _find_outdated(session, past, by, [rep.azimuth_deg for rep in confirmed])
        windows = [(rep.session, read_rep(rep.path)) for rep in known] if stale else []
        others = [window for name, window in windows if name != session.name]
        height_cm = session.height_of(knowledge.profile.name)
        events = list(_rejudge(session, past, stale, others, load_default_scorer(exercise), height_cm) if stale else ())
        if _write_verdicts(session, exercise, events):
            changed.append(session.name)
    return changed


def _find_outdated(
    session: Session, past: PastSession, confirmed: Collection[tuple[str, float]], sides_deg: Collection[float]
) -> set[float]:
    """Return the starts of the reps that were not compared with a confirmed rep, though one has the same view."""
    by_start = {event.rep.start_s: event for event in session.recorded_reps}
    stale = set()
    for rep in past.reps:
        # The name of an earlier session's set begins with the identity of that session.
        against = by_start[rep.start_s].against
        own = {(own_rep.set.rpartition(" ")[0] or session.about.session, own_rep.start_s) for own_rep in against}
        is_of_confirmed_side = any(is_same_view(rep.azimuth_deg, side_deg) for side_deg in sides_deg)
        if rep.correction is None and is_of_confirmed_side and not own & set(confirmed):
            stale.add(rep.start_s)
    return stale


def _rejudge(
    session: Session,
    past: PastSession,
    stale: set[float],
    known: Sequence[RepWindow],
    scorer: Scorer,
    height_cm: float | None,
) -> Iterator[RepEvent]:
    """Yield the stale reps, judged anew against known reps of other sessions and this session's confirmed reps."""
    day = session.day.isoformat()
    kept = [rep.compared_on(day) for rep in known]
    judge = LifterJudge(scorer, kept=kept, height_cm=height_cm)
    by_start = {event.rep.start_s: event for event in session.corrected_reps}
    confirmed = [rep for rep in past.reps if rep.is_confirmed]
    for reps in (confirmed, [rep for rep in past.reps if rep.start_s in stale]):
        for _, of_set in groupby(reps, key=lambda rep: rep.set):
            yield from _rejudge_set(judge, list(of_set), by_start)


def _rejudge_set(judge: LifterJudge, reps: Sequence[PastRep], by_start: dict[float, RepEvent]) -> Iterator[RepEvent]:
    for rep in reps:
        window, event = rep.read(), by_start[rep.start_s]
        if window is None:
            continue
        verdict = judge.judge_rep(window, standing=rep.standing)
        if event.rep.correction is not None:
            judge.correct(RepCorrected(rep=event.rep, before=None))
        elif verdict.own is not None:
            fields = {name: getattr(verdict, name) for name in VERDICT_FIELDS}
            yield replace(event, rep=replace(event.rep, own_reps=len(verdict.own), **fields))
    judge.end_set()


def _write_verdicts(session: Session, exercise: str, events: Sequence[RepEvent]) -> bool:
    """Replace the stored new verdicts of an exercise, and return whether any of the verdicts has changed."""
    path = session.folder / layout.JUDGED
    before = [event for event in session.rejudged_reps if event.rep.exercise == exercise]
    others = [event for event in session.rejudged_reps if event.rep.exercise != exercise]
    lines = [documents.to_json(event) + "\n" for event in (*others, *events)]
    if lines == [documents.to_json(event) + "\n" for event in (*others, *before)]:
        return False
    with explain_write_errors(path), layout.lock_sessions():
        replace_private(path, "".join(lines))
    return True
