"""Amends a recorded session: corrections of its reps; load, RPE and note of its sets, and whose they are.

Commands and the served pages all amend sessions here.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from livecoach.core.config.yaml_files import did_you_mean
from livecoach.core.documents import CorrectionEvent, RepEvent, SetLogEvent, SetProfileEvent
from livecoach.core.errors import ConfigError, OutputError, SessionError
from livecoach.core.types import Corrected, Correction, Label, Rep, SetLog
from livecoach.core.types.message import Message, in_words
from livecoach.core.types.reps import LONGEST_NOTE, is_note
from livecoach.decisions.rep.measures import load_faults
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.lifter_events import EventAppender, correction_stacks
from livecoach.records.session.stored import Session

LABELS: dict[str, Label] = {"good": "good", "bad": "bad", "no-rep": "no-rep"}
UNDO = "undo"
NONE = "none"  # Clears a logged value
T = TypeVar("T")


def correct(session: Session, of: RepEvent, correction: Correction | None) -> Corrected:
    """Store a correction of one rep, as `correct_reps` does."""
    (done,) = correct_reps(session, [of], correction)
    return done


def correct_reps(session: Session, reps: Sequence[RepEvent], correction: Correction | None) -> Sequence[Corrected]:
    """Store a correction of reps, all of them together.

    The session's files are read again, because another process may have corrected it meanwhile. A correction that
    changes any of the reps is stored for each of them, so that undoing it brings back what was before.

    Args:
        session: What is known of its lifters follows.
        reps: At least one.
        correction: None undoes the latest correction of these reps, on each rep that has it.

    Returns:
        For each rep its outcome. A rep that the call did not concern has not changed.

    Raises:
        SessionError: The session is being recorded.
        OutputError: Nothing can be written.
    """
    folder = session.folder
    if layout.is_recording(folder):
        recorded = "{name}: is being recorded. Press g, b or x in its window, or correct it after the session."
        raise SessionError(Message(recorded, name=folder.name))
    path = folder / layout.CORRECTIONS
    with _storing(path):
        stored = replace(session).corrections
        stacks = correction_stacks(stored)
        standing = [stacks.of_rep(of.rep.start_s) for of in reps]
        is_stored = _concerned(standing, correction, stored)
        outcomes: list[Corrected] = []
        events: list[CorrectionEvent] = []
        for of, stands, stores in zip(reps, standing, is_stored, strict=True):
            before = stands[-1].correction if stands else None
            if not stores:
                outcomes.append(_corrected(of, before, before))
                continue
            now = correction
            if correction is None:
                now = stands[-2].correction if len(stands) > 1 else None
            events.append(_event(of, correction))
            outcomes.append(replace(_corrected(of, before, now), undone=correction is None))
        if events:
            with EventAppender(path) as corrections:
                corrections.add(*events)
    return outcomes


def _concerned(
    standing: Sequence[Sequence[CorrectionEvent]], correction: Correction | None, stored: Sequence[CorrectionEvent]
) -> list[bool]:
    """Return for each rep whether a correction is stored for it.

    Args:
        standing: The standing corrections of each rep, oldest first.
        correction: As in `correct_reps`.
        stored: All corrections of the session, in the order in which they came.
    """
    tops = [stands[-1] if stands else None for stands in standing]
    if correction is not None:
        return [any(top is None or top.correction != correction for top in tops)] * len(tops)
    latest = next((event for event in reversed(stored) if any(event is top for top in tops)), None)
    return [top is not None and latest is not None and top.correction == latest.correction for top in tops]


def of_whole(reps: Sequence[RepEvent], correction: Correction | None) -> list[RepEvent]:
    """Return the reps of a whole set or session that a correction is about: a movement that does not count stays so
    when the set is called good or bad."""
    if correction is None or correction.label == "no-rep":
        return list(reps)
    return [event for event in reps if event.rep.counts]


@contextmanager
def _storing(path: Path) -> Iterator[None]:
    """Keep other processes from changing corrections and logs during the block. Raises OutputError for `path`."""
    try:
        with layout.changing():
            yield
    except OSError as err:
        unwritten = "{name}: can't be written ({name2}). Free some space and make the folder writable."
        raise OutputError(Message(unwritten, name=str(path), name2=err.strerror or str(err))) from err


def _event(of: RepEvent, correction: Correction | None) -> CorrectionEvent:
    rep = of.rep
    return CorrectionEvent(
        t_s=rep.end_s,
        rep=rep.index,
        start_s=rep.start_s,
        label=None if correction is None else correction.label,
        fault=None if correction is None else correction.fault,
        teaches=correction is None or correction.teaches,
    )


def _corrected(of: RepEvent, before: Correction | None, now: Correction | None) -> Corrected:
    return Corrected(rep=replace(of.rep, correction=now), before=before)


def fault_of(exercise: str, given: str) -> str:
    """Return the name of a fault of an exercise, given that or its words. Raises ConfigError if it has none."""
    faults, title = load_faults(exercise).faults, in_words(exercise)
    if not faults:
        raise ConfigError(f"{given!r}: the {title} has no faults with a name. Leave it out.")
    called = {about.words: name for name, about in faults.items()}
    name = called.get(given, given.replace(" ", "_").replace("-", "_"))
    if name not in faults:
        raise ConfigError(
            f"{given!r}: not a fault of the {title}. {did_you_mean(name, faults)} "
            f"`livecoach exercises {exercise}` says what each means."
        )
    return name


def typed(text: str, parse: Callable[[str], T]) -> T | None:
    """Return a value that was typed; None where the text clears it. Raises ValueError as `parse` does."""
    return None if text.strip().lower() in {"", NONE} else parse(text)


def parse_note(text: str) -> str:
    """Return a note. Raises ValueError, which says what is wrong."""
    if not is_note(text):
        raise ValueError(Message("a note is one line of up to {n} characters.", n=LONGEST_NOTE))
    return text.strip()


def store_log(session: Session, number: int, change: Callable[[SetLog], SetLog]) -> tuple[SetLog, SetLog]:
    """Change the log of a set. Return the old and the new log.

    Raises SessionError if there is no such set, or while the session is being recorded, OutputError if nothing can be
    written.
    """
    reps, path = _reps_of_set(session, number), session.folder / layout.SETS
    with _storing(path):
        before = replace(session).set_logs.get(number, SetLog())  # read again: another process may have changed it
        now = change(before)
        if now != before:
            event = SetLogEvent(t_s=reps[-1].end_s, set=number, load_kg=now.load_kg, rpe=now.rpe, note=now.note)
            with EventAppender(path) as logs:
                logs.add(event)
    return before, now


def move_set(session: Session, number: int, profile: str | None) -> str | None:
    """State whose a set was, and return the profile before. Reports, histories and what is known of both follow.

    profile: None for nobody's. Raises SessionError as `store_log` does, ConfigError for a profile that is not possible,
    OutputError if nothing can be written.
    """
    reps, path = _reps_of_set(session, number), session.folder / layout.SETS
    if profile is not None:
        Profile(profile, session.say).begin()
    with _storing(path):
        before = replace(session).profile_at(reps[0].start_s)
        if before != profile:
            with EventAppender(path) as sets:
                sets.add(SetProfileEvent(t_s=reps[-1].end_s, set=number, profile=profile))
    return before


def rename_profile(profile: Profile, name: str, sessions: Sequence[Session]) -> tuple[int, int]:
    """Give a profile another name, and its sets to that lifter. Return the number of sets and of sessions.

    Nothing that a session said of them before is changed. Raises SessionError while one of the sessions is being
    recorded, ConfigError and OutputError as `Profile.rename` does; the same call again does the rest.
    """
    theirs = [one for one in sessions if profile.name in one.profiles]
    for one in theirs:
        if layout.is_recording(one.folder):
            raise SessionError(f"{one.name}: is being recorded. End it first.")
    new = profile.check_name(name).name
    moved = [count for one in theirs if (count := _give_sets(one, profile.name, new))]
    profile.rename(name)
    return sum(moved), len(moved)


def _give_sets(session: Session, before: str, profile: str) -> int:
    path = session.folder / layout.SETS
    with _storing(path):
        ends_s = {one.number: one.reps[-1].end_s for one in replace(session).sets if one.profile == before}
        if ends_s:
            with EventAppender(path) as sets:
                for number, end_s in ends_s.items():
                    sets.add(SetProfileEvent(t_s=end_s, set=number, profile=profile, renamed=True))
    return len(ends_s)


def _reps_of_set(session: Session, number: int) -> list[Rep]:
    """Return the reps of a set that may be changed. Raises SessionError."""
    reps = [event.rep for event in session.rep_events if event.rep.set == number]
    if not reps:
        done = {event.rep.set for event in session.rep_events}
        there = f"the last set is {max(done)}" if done else "it has no sets"
        raise SessionError(f"{session.name}: there is no set {number}; {there}.")
    if layout.is_recording(session.folder):
        recorded = "{name}: is being recorded. Type the load in its window, or wait for the end."
        raise SessionError(Message(recorded, name=session.name))
    return reps
