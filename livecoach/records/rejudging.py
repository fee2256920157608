"""Judges the reps of stored sessions again after other reps were confirmed, or a set got another lifter or exercise.

A rep that was judged before any rep was confirmed may have been compared with reps that had the same fault, and a rep
of a moved set was compared with another lifter's reps. The first verdict stays in the session, for replays. The new
verdict is written to another file, and is shown from then on. In another exercise, a set is also counted anew.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import dropwhile, groupby
from threading import Lock

from livecoach.core import documents
from livecoach.core.config.files import write_private_text
from livecoach.core.documents import AUTO, LoweredEvent, OwnRep, RepEvent
from livecoach.core.errors import LivecoachError, SessionError, SourceError, explain_write_errors
from livecoach.core.step import RepCorrected
from livecoach.core.types import RepWindow, ignore
from livecoach.core.types.message import Message, in_words
from livecoach.decisions import assembly
from livecoach.decisions.judging.corrections import apply_set_end
from livecoach.decisions.judging.lifter_judge import LifterJudge
from livecoach.decisions.judging.reference_reps import PastRep, PastSession, is_same_view
from livecoach.records.knowledge import LifterReferences, load_default_scorer
from livecoach.records.profile import Profile
from livecoach.records.session import amending, layout
from livecoach.records.session.events import to_document_event
from livecoach.records.session.lifter_events import apply_corrections
from livecoach.records.session.listing import open_readable_sessions
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import read_past_session

MOST_SESSIONS = 10  # Number of newest sessions of an exercise that are judged again; a rep takes 7 ms. Our choice.
AROUND_S = 60.0  # Longest time before and after a set in which to look for further reps of the set. Our choice.
UNREADABLE = Message("What livecoach saw of this set can't be read here. The set stays as it is.")
NO_REP = "No rep of {text} was found in this set. The set stays as it is."
_ONE_AT_A_TIME = Lock()
"""Held from reading sessions to writing verdicts, so that no thread of the home page replaces newer verdicts."""
VERDICT_FIELDS = (
    *("verdict", "score", "reference", "faults", "not_visible", "left_out", "compared_with", "top_joints", "why"),
    *("unsure", "conditions", "own_reps"),
)
"""Names of the fields of a rep that a new verdict replaces. The pace and the bar path do not depend on other reps."""


def rejudge_profile(profile: str, say: Callable[[str], object], session: str = "") -> list[str]:
    """Judge a lifter's outdated reps again, store the verdicts, and return the names of the sessions that have changed.

    A rep without a correction is outdated if its set got another lifter or exercise, or if its verdict rests on no
    confirmed rep although a confirmed rep of the same view exists. Such reps are sought in the MOST_SESSIONS newest
    sessions of each exercise, in the session named `session`, and in sessions whose reps were judged again by reps that
    are no longer confirmed. A failure in one exercise is reported to `say`, and the other exercises are still judged.
    Raises SessionError if the sessions folder can't be listed, SourceError for an unreadable profile, and ConfigError
    for an invalid name.
    """
    changed = list[str]()
    with _ONE_AT_A_TIME:
        knowledge = LifterReferences(Profile(profile, say), say)
        for exercise in knowledge.list_exercises():
            try:
                changed += _rejudge_exercise(knowledge, exercise, session)
            except LivecoachError as err:
                say(f"profile {profile}, {exercise}: not judged anew: {err}")
    return list(dict.fromkeys(changed))


def rejudge_lifters(session: Session, say: Callable[[str], object]) -> list[str]:
    """Judge the outdated reps of a session's lifters again, and return the names of the sessions that have changed.

    Call this after the session was changed. `rejudge_profile` explains which reps are outdated, and which errors are
    raised. For lifters without a profile, only sets of this session that got another lifter or exercise are judged.
    """
    session = replace(session)  # a new object reads the changed files
    changed = [name for lifter in session.valid_profiles for name in rejudge_profile(lifter, say, session.name)]
    for exercise in session.select_lifter(None).exercises if None in session.profiles else ():
        try:
            past = read_past_session(session, None, exercise)
            changed += [session.name] if _rejudge(session, None, past, exercise, _find_moved(session, past), ()) else []
        except LivecoachError as err:
            say(f"{session.name}, {exercise}: not judged anew: {err}")
    return list(dict.fromkeys(changed))


def change_exercise(session: Session, number: int, exercise: str) -> None:
    """Correct the exercise of a set: count the set anew from its observations, and judge the lifters' reps again.

    If `exercise` is AUTO, or the set's only exercise in the run, the reps of the run are restored. Raises SessionError
    if there is no such set, if its observations can't be read, or if they show no rep of the exercise, ConfigError or
    ModelError for an unusable exercise, and OutputError if a file can't be written.
    """
    now = {rep.exercise for rep in amending.reps_of_set(session, number)}
    in_run = {event.rep.exercise for event in session.run_reps if event.rep.set == number}
    if now != {exercise}:
        reps = () if {exercise} in ({AUTO}, in_run) else _count_anew(session, number, exercise)
        amending.replace_reps(session, number, reps)
        rejudge_lifters(session, session.say)


def _count_anew(session: Session, number: int, exercise: str) -> list[RepEvent]:
    """Count a set in an exercise, with AROUND_S around it, but up to the next sets and parts, and return the reps."""
    reps = [event.rep for event in (*session.run_reps, *session.recorded_reps)]
    own = [rep for rep in reps if rep.set == number]
    begin_s, end_s = min(rep.start_s for rep in own), max(rep.end_s for rep in own)
    limits_s = [t_s for rep in reps if rep.set != number for t_s in (rep.start_s, rep.end_s)]
    limits_s += [begin_s - AROUND_S, end_s + AROUND_S, *(part.t_s for part in session.part_events)]
    from_s, to_s = max(t_s for t_s in limits_s if t_s <= begin_s), min(t_s for t_s in limits_s if t_s >= end_s)
    pipeline = assembly.load(exercise, session.about.settings.false_alarms).make_pipeline(
        pose=session.about.model.pose,
        height_cm=session.height_of(session.profile_at(begin_s)),
        standards=session.standards_of(own[0]),
    )
    try:
        seen = [*session.read_observations(from_s, to_s)]
    except (SourceError, ValueError, TypeError) as err:
        raise SessionError(UNREADABLE) from err
    steps = [*map(pipeline.step, seen), pipeline.finish()]
    events = [to_document_event(event, step) for step in steps if step is not None for event in step.events]
    lowered_s = {event.start_s: event.end_s for event in events if isinstance(event, LoweredEvent)}
    found = [event for event in events if isinstance(event, RepEvent)]
    sets = {event.rep.set for event in found if event.rep.start_s < end_s and event.rep.end_s > begin_s}
    counted = list[RepEvent]()
    for place, event in enumerate((event for event in found if event.rep.set in sets), 1):
        rep = replace(event.rep, set=number, number=place, end_s=lowered_s.get(event.rep.start_s, event.rep.end_s))
        against = tuple(replace(other, set=str(number)) for other in event.against)
        counted.append(replace(event, rep=rep, set=str(number), against=against))
    if not counted:
        raise SessionError(Message(NO_REP, text=in_words(exercise)))
    return counted


def claim_session_of_film(film: str, profile: str | None) -> Session | None:
    """Return a lifter's session of a film, after moving sets to the lifter if needed.

    If the lifter has no session of the film, the sets without a profile in another session of the film are moved to the
    lifter, and the lifter's reps are judged again. The result is None if no session was made from the film, or if all
    sets in the film's sessions are other lifters'. Live sessions, and sessions that are being recorded, have no end or
    can't be read, are left out. Raises the errors of `move_set` if sets can't be moved.

    Args:
        film: Identity of the film, from `identify_recording`.
        profile: Profile of the lifter; None to find a session of any lifter, and move nothing.
    """
    ended = (session for session in open_readable_sessions(ignore) if session.about.end is not None)
    of_film = (session for session in ended if session.is_of(film) and not session.is_live)
    found = [session for session in of_film if not layout.is_recording(session.folder)]
    own = [session for session in found if profile in session.profiles]
    if own or profile is None:
        return next(iter([*own, *found]), None)
    for session in found:
        sets_of_nobody = [session_set.number for session_set in session.sets if session_set.profile is None]
        for number in sets_of_nobody:
            amending.move_set(session, number, profile)
        if sets_of_nobody:
            rejudge_lifters(session, session.say)
            return session
    return None


def _rejudge_exercise(knowledge: LifterReferences, exercise: str, named: str) -> list[str]:
    """Judge a lifter's reps of an exercise again, and return the names of the sessions with a changed verdict.

    A rep is judged again if it was filmed from the view of a confirmed rep, its verdict rests on no confirmed rep, and
    it has no correction; or if its set was moved to the lifter. If a rep no longer needs the new verdict of an earlier
    call, its first verdict is restored.
    """
    changed, profile = [], knowledge.profile.name
    known_by = cache(partial(knowledge.find_reference, exercise))
    read_known = cache(partial(knowledge.read_reference, exercise))
    names = {session.name: session.about.session for session in knowledge.sessions}
    done = [session for session in knowledge.sessions if exercise in session.exercises]
    considered = {named, *(session.name for session in done[-MOST_SESSIONS:])}
    for session in done:
        known = known_by(session.about.model.pose)
        confirmed = [rep for rep in known if rep.evidence == "confirmed"]
        by = {(names.get(rep.session, rep.session), rep.start_s) for rep in confirmed}
        if session.name not in considered and all(_compared_with(rep, session) & by for rep in session.rejudged_reps):
            continue
        past, later = read_past_session(session, profile, exercise), {*dropwhile(session.name.__ne__, names)}
        moved = _find_moved(session, past)
        stale = moved | _find_outdated(session, past, by, [rep.azimuth_deg for rep in confirmed])
        # A moved set is compared with what was known before it, as if it had been the lifter's from the first.
        others = {
            (rep.session, rep.start_s)
            for rep in known
            if rep.session != session.name and (not moved or rep.session not in later or rep in confirmed)
        }
        read = read_known(session.about.model.pose) if stale else ()
        windows = [window for rep, window in read if (rep.session, rep.start_s) in others]
        if _rejudge(session, profile, past, exercise, stale, windows):
            changed.append(session.name)
    return changed


def _find_outdated(
    session: Session, past: PastSession, confirmed: Collection[tuple[str, float]], sides_deg: Collection[float]
) -> set[float]:
    """Return the starts of the reps whose verdict rests on no confirmed rep, though one has the same view."""
    by_start = {event.rep.start_s: event for event in session.recorded_reps}
    stale = set()
    for rep in past.reps:
        event = by_start[rep.start_s]
        is_of_confirmed_side = any(is_same_view(rep.azimuth_deg, side_deg) for side_deg in sides_deg)
        is_firm = event.rep.has_firm_basis and not _compared_with(event, session).isdisjoint(confirmed)
        if rep.correction is None and is_of_confirmed_side and not is_firm:
            stale.add(rep.start_s)
    return stale


def _compared_with(event: RepEvent, session: Session) -> set[tuple[str, float]]:
    """Return the sessions, by identity, and the starts of the lifter's own reps with which a rep was compared."""
    # The name of an earlier session's set begins with the identity of that session.
    return {(own.set.rpartition(" ")[0] or session.about.session, own.start_s) for own in event.against}


def _find_moved(session: Session, past: PastSession) -> set[float]:
    """Return the starts of the reps without a correction in sets that were judged as another lifter's or exercise."""
    return {rep.start_s for rep in past.reps if rep.correction is None and rep.set in session.reassigned_sets}


def _rejudge(
    session: Session,
    profile: str | None,
    past: PastSession,
    exercise: str,
    stale: set[float],
    known: Sequence[RepWindow],
) -> bool:
    """Judge the stale reps of a lifter anew against known reps of other sessions, and this session's confirmed reps.

    A set that was moved to the lifter is also compared with the lifter's earlier sets of this session. Returns whether
    a verdict has changed.
    """
    events = list[RepEvent]()
    if stale:
        day = session.day.isoformat()
        kept, height_cm = [rep.prepare_for_day(day) for rep in known], session.height_of(profile)
        judge = LifterJudge(load_default_scorer(exercise), kept=kept, height_cm=height_cm)
        is_whole = any(rep.set in session.reassigned_sets for rep in past.reps)
        others = [rep for rep in past.reps if not rep.is_confirmed and (is_whole or rep.start_s in stale)]
        for reps in ([rep for rep in past.reps if rep.is_confirmed], others):
            for _, of_set in groupby(reps, key=lambda rep: rep.set):
                anew = _rejudge_set(judge, list(of_set), session)
                events += [event for event in anew if event.rep.start_s in stale]
    return _write_verdicts(session, profile, exercise, events)


def _rejudge_set(judge: LifterJudge, reps: Sequence[PastRep], session: Session) -> list[RepEvent]:
    anew = list[RepEvent]()
    by_start = {event.rep.start_s: event for event in apply_corrections(session.recorded_reps, session.corrections)}
    for rep in reps:
        window, event = rep.read(), by_start[rep.start_s]
        if window is None:
            continue
        (now, against), is_moved = judge.judge_rep(window, standing=rep.standing), rep.set in session.reassigned_sets
        if event.rep.correction is not None:
            judge.correct(RepCorrected(rep=event.rep, before=None))
        elif is_moved or now.own_reps is not None:
            judged = replace(event.rep, **{name: getattr(now, name) for name in VERDICT_FIELDS})
            judged = judged.rest_on_standard(session.standards_of(judged))
            here = f"{session.about.session} "
            own = [OwnRep(set=window.set_name.removeprefix(here), start_s=window.start_s) for window in against]
            anew.append(replace(event, rep=judged, against=tuple(own)))
    ended = apply_set_end([event.rep for event in anew], judge.end_set().turned, reps[0].set)
    return [replace(event, rep=rep) for event, rep in zip(anew, ended, strict=True)]


def _write_verdicts(session: Session, profile: str | None, exercise: str, events: Sequence[RepEvent]) -> bool:
    """Replace the stored new verdicts of a lifter's exercise, and return whether any of the verdicts has changed."""
    path, before, others = session.folder / layout.JUDGED, list[RepEvent](), list[RepEvent]()
    for event in replace(session).rejudged_reps:  # read again: another exercise may just have been judged
        is_own = (session.profile_at(event.rep.start_s), event.rep.exercise) == (profile, exercise)
        (before if is_own else others).append(event)
    lines = [documents.to_json(event) + "\n" for event in (*others, *events)]
    if lines == [documents.to_json(event) + "\n" for event in (*others, *before)]:
        return False
    with explain_write_errors(path), layout.lock_sessions():
        write_private_text(path, "".join(lines))
    return True
