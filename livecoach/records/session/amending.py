"""Amends a recorded session: the corrections of the reps, and the load, RPE, note and lifter of the sets.

The commands and the served pages amend sessions only through this module. Its functions raise SessionError if a session
to change is being recorded or has no such set, and OutputError if the change can't be written. A set is named by its
number in the session, from 1.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import compress, groupby
from typing import TypeVar

from livecoach.core.config.settings import read_height_cm
from livecoach.core.config.yaml_files import did_you_mean
from livecoach.core.documents import CorrectionEvent, RepEvent, SetLogEvent, SetProfileEvent, WithdrawnEvent
from livecoach.core.errors import ConfigError, SessionError, explain_write_errors
from livecoach.core.step import RepCorrected
from livecoach.core.types import Correction, Label, Rep, SetLog
from livecoach.core.types.message import Message, in_words
from livecoach.core.types.reps import LONGEST_NOTE, is_note
from livecoach.decisions.judging.corrections import CorrectionStacks, reps_to_confirm
from livecoach.decisions.rep.measures import load_faults
from livecoach.records.profile import Profile
from livecoach.records.session import layout
from livecoach.records.session.lifter_events import append_events, correction_stacks
from livecoach.records.session.opening import read_document
from livecoach.records.session.stored import Session

LABEL_WORDS: dict[str, Label] = {"good": "good", "bad": "bad", "no-rep": "no-rep"}  # Label by the word that users type
FORGET_CORRECTION = Correction(label="good", teaches=False)
"""Correction that removes a rep from the reference. Despite the label, the rep's verdict does not change."""
UNDO_WORD = "undo"  # Word that users type to undo a correction
CLEAR_WORD = "none"  # Word that users type to clear a logged value
ANALYSED = "{name}: is still being analysed. Wait for the end."
HAS_SETS = "{name} has sets in sessions. Delete these sessions first, or move the sets to another lifter."
T = TypeVar("T")


def correct_reps(session: Session, reps: Sequence[RepEvent], correction: Correction | None) -> Sequence[RepCorrected]:
    """Store a correction of one or more reps, or undo their latest correction, and return the outcome for each rep.

    The session's files are read again, because another process may have corrected the session meanwhile. A correction
    that changes any of the reps is stored for each of the reps, so that undoing the correction restores the earlier
    state. A correction that changes none of the reps is not stored.

    Args:
        session: Session of the reps. The references of the session's lifters change with the correction.
        reps: Events of the reps, at least one.
        correction: Correction to store; None undoes the latest correction of these reps, on each rep whose newest
            correction is equal to it.
    """
    folder = session.folder
    _check_ended(session, "{name}: is being recorded. Press g, b or x in its window, or correct it after the session.")
    path = folder / layout.CORRECTIONS
    with explain_write_errors(path), layout.lock_sessions():
        stored = replace(session).corrections
        stacks = correction_stacks(stored)
        standing = [stacks.corrections_of(of.rep.start_s) for of in reps]
        is_stored = _affected_reps(standing, correction, stored)
        if any(is_stored):
            append_events(
                path,
                *(CorrectionEvent.of_rep(of.rep, correction, t_s=of.rep.end_s) for of in compress(reps, is_stored)),
            )
    if correction is not None and correction.label == "good" and correction.teaches:
        _recall(session, reps)
    outcomes = []
    for of, stands, stores in zip(reps, standing, is_stored, strict=True):
        earlier, before = [None, None, *(event.correction for event in stands if event.teaches)][-2:]
        undone = stores and correction is None
        if not stores or (not stands[-1].teaches if undone else correction == FORGET_CORRECTION):
            now = before  # A rep that is forgotten, or known again, keeps its verdict
        else:
            now = earlier if undone else correction
        outcomes.append(RepCorrected(rep=replace(of.rep, correction=now), before=before, undone=undone))
    return outcomes


def _recall(session: Session, reps: Sequence[RepEvent]) -> None:
    """Let reps that were called good join their lifters' references again if the session is forgotten."""
    for name, exercise in {(session.profile_at(of.rep.start_s), of.rep.exercise) for of in reps}:
        if name in session.valid_profiles and name is not None:
            profile = Profile(name, session.say)
            if session.is_in(profile.read_forgotten(exercise)):
                profile.recall_reps(exercise, session.about.session, [of.rep.start_s for of in reps])


def _affected_reps(
    standing: Sequence[Sequence[CorrectionEvent]], correction: Correction | None, stored: Sequence[CorrectionEvent]
) -> list[bool]:
    """Return for each rep whether a correction or, for None, an undo will be stored. Corrections are oldest first."""
    tops = [stands[-1] if stands else None for stands in standing]
    if correction is not None:
        return [any(top is None or top.correction != correction for top in tops)] * len(tops)
    latest = next((event for event in reversed(stored) if any(event is top for top in tops)), None)
    return [top is not None and latest is not None and top.correction == latest.correction for top in tops]


def select_reps_to_correct(
    session: Session, reps: Sequence[RepEvent], correction: Correction | None
) -> tuple[list[RepEvent], int, int]:
    """Select the reps for a correction of a whole set or session, and count the reps that are left out.

    An undo (None) and "no-rep" select all reps. If the set is called good or bad, only reps that count are selected,
    and a rep that was corrected in another way without the rest of the set keeps that correction, unless no other rep
    is left. If the set is called good, a rep without a correction of its own is selected only if `reps_to_confirm`
    returns it.

    Returns:
        The reps to correct, the number of reps that keep a correction of their own, and the number of the other
        reps that calling the set good does not confirm.
    """
    if correction is None or correction.label == "no-rep":
        return list(reps), 0, 0
    counted = [event for event in reps if event.rep.counts]
    own = _own_corrections(session.corrections, [event.rep for event in counted])
    kept = {start_s for start_s, earlier in own.items() if earlier != correction}
    others = [event for event in counted if event.rep.start_s not in kept] or counted
    confirmed = {rep.start_s for rep in reps_to_confirm([event.rep for event in others])} | own.keys()
    chosen = [event for event in others if correction.label != "good" or event.rep.start_s in confirmed]
    return chosen, len(counted) - len(others), len(others) - len(chosen)


def _own_corrections(stored: Iterable[CorrectionEvent], reps: Sequence[Rep]) -> dict[float, Correction]:
    """Return the standing corrections of reps that were corrected without the rest of their set, by start of the rep.

    Args:
        stored: All corrections and undos of the session, oldest first.
        reps: The reps of the set that count.
    """
    starts_s, good = {rep.start_s for rep in reps}, {rep.start_s for rep in reps_to_confirm(reps)}
    stacks: CorrectionStacks[tuple[Correction, bool]] = CorrectionStacks()  # Whether it is of the rep alone
    own = dict[float, Correction]()
    for correction, run in groupby(stored, lambda event: event.correction):
        together = [event.start_s for event in run]
        of_set = good if correction and correction.label == "good" else starts_s
        is_of_set = len({*together}) >= min(2, len(of_set)) and of_set <= {*together, *own}
        for place, start_s in enumerate(together):
            if correction is None:
                stacks.pop(start_s)
                continue
            is_own = not is_of_set or start_s in together[place + 1 :]  # or the set was corrected alike afterwards
            stacks.push(start_s, (correction, start_s in own if correction == FORGET_CORRECTION else is_own))
        newest = {start_s: stacks.newest_correction(start_s) for start_s in starts_s}
        own = {start_s: top[0] for start_s, top in newest.items() if top is not None and top[1]}
    return own


def find_fault(exercise: str, text: str) -> str:
    """Return the name of the fault that a user's text means: a name, such as "rounded_back", or a description.

    Raises ConfigError if the exercise has no such fault.
    """
    faults, title = load_faults(exercise).faults, in_words(exercise)
    if not faults:
        raise ConfigError(f"{text!r}: the {title} has no faults with a name. Leave it out.")
    called = {about.words: name for name, about in faults.items()}
    name = called.get(text, text.replace(" ", "_").replace("-", "_"))
    if name not in faults:
        raise ConfigError(
            f"{text!r}: not a fault of the {title}. {did_you_mean(name, faults)} "
            f"`livecoach exercises {exercise}` says what each means."
        )
    return name


def parse_optional(text: str, parse: Callable[[str], T]) -> T | None:
    """Return None for an empty text or "none" that a user typed, and the result of `parse` for any other text."""
    return None if text.strip().lower() in {"", CLEAR_WORD} else parse(text)


def parse_note(text: str) -> str:
    """Parse a note that a user typed, without the spaces at both ends. Raises ValueError, with a text for the user."""
    if not is_note(text):
        raise ValueError(Message("a note is one line of up to {n} characters.", n=LONGEST_NOTE))
    return text.strip()


def change_set_log(session: Session, number: int, change: Callable[[SetLog], SetLog]) -> tuple[SetLog, SetLog]:
    """Replace the log of a set (load, RPE and note) by the result of `change`, and return the old and the new log."""
    reps, path = reps_of_set(session, number), session.folder / layout.SETS
    with explain_write_errors(path), layout.lock_sessions():
        before = replace(session).set_logs.get(number, SetLog())  # read again: another process may have changed it
        now = change(before)
        if now != before:
            event = SetLogEvent(t_s=reps[-1].end_s, set=number, load_kg=now.load_kg, rpe=now.rpe, note=now.note)
            append_events(path, event)
    return before, now


def change_start_time(session: Session, started: datetime) -> None:
    """Change the start time of a session; its folder keeps its name. Raises SessionError if session.json is damaged."""
    _check_ended(session)
    path = session.folder / layout.DOCUMENT
    with explain_write_errors(path), layout.lock_sessions():
        layout.write_document(session.folder, replace(read_document(path), started=started.isoformat()))


def move_set(session: Session, number: int, profile: str | None) -> str | None:
    """Move a set to another lifter, and return the previous lifter's profile; None if that lifter had no profile.

    The reports, histories and references of both lifters change. The folder of the new lifter's profile (None for no
    profile) is created if it does not exist. Raises ConfigError if the name is not valid for a profile.
    """
    reps, path = reps_of_set(session, number), session.folder / layout.SETS
    if profile is not None:
        Profile(profile, session.say).create_folder()
    with explain_write_errors(path), layout.lock_sessions():
        before = replace(session).profile_at(reps[0].start_s)
        if before != profile:
            height_cm = (None if profile is None else read_height_cm(profile)) or 0.0
            end_s = reps[-1].end_s
            append_events(path, SetProfileEvent(t_s=end_s, set=number, profile=profile, height_cm=height_cm))
    return before


def replace_reps(session: Session, number: int, reps: Sequence[RepEvent]) -> None:
    """Replace the reps of a set by `reps`, which were counted anew, or restore the reps of the run if `reps` is empty.

    A rep counted anew gets the correction of the replaced rep with which it shares most of its time.
    """
    path = session.folder / layout.SETS
    with explain_write_errors(path), layout.lock_sessions():
        now = replace(session)  # read again: another process may have replaced the reps, too
        before = [event.rep for event in now.corrected_reps if event.rep.set == number]
        last = max(event.rep.index for event in (*now.run_reps, *now.recorded_reps))
        stored = [replace(event, rep=replace(event.rep, index=last + event.rep.number)) for event in reps]
        stored = stored or [event for event in now.run_reps if event.rep.set == number in now.recounted_sets]
        if stored:
            append_events(path, *stored, WithdrawnEvent(t_s=before[-1].end_s, reps=tuple(rep.index for rep in before)))
        for new in (event.rep for event in replace(session).corrected_reps if reps and event.rep.set == number):
            shared_s = {min(rep.end_s, new.end_s) - max(rep.start_s, new.start_s): rep.correction for rep in before}
            if max(shared_s) > 0 and new.correction is None and (correction := shared_s[max(shared_s)]) is not None:
                event = CorrectionEvent.of_rep(new, correction, t_s=new.end_s)
                append_events(session.folder / layout.CORRECTIONS, event)


def rename_profile(profile: Profile, name: str, sessions: Sequence[Session]) -> tuple[int, int]:
    """Rename a profile, move its sets to the new name, and return the numbers of changed sets and changed sessions.

    The change is appended to each session with sets of the profile; earlier events stay unchanged. After a failure, the
    same call can be repeated to do the rest. Raises ConfigError if the name is invalid, or equals the name of another
    profile or lifter, apart from case and spaces.

    Args:
        sessions: All sessions, even sessions without a set of the profile.
    """
    lifted = [session for session in sessions if profile.name in session.profiles]
    for session in lifted:
        _check_ended(session)
    new = profile.with_new_name(name, {other for session in sessions for other in _find_others(session, profile)})
    moved = [count for session in lifted if (count := _give_sets(session, profile.name, new.name))]
    profile.rename(new)
    return sum(moved), len(moved)


def remove_profile(profile: Profile, lifters: Collection[str]) -> None:
    """Remove a profile (see `Profile.remove`). Raises SessionError if the profile is among `lifters`.

    Args:
        lifters: Names of the lifters of all sessions.
    """
    if profile.name in lifters:
        raise SessionError(Message(HAS_SETS, name=profile.name))
    profile.remove()


def _find_others(session: Session, profile: Profile) -> Iterator[str]:
    """Yield the other lifters of a session's sets, except of the sets that a renaming took from the profile before."""
    moves = [event for event in session.set_events if isinstance(event, SetProfileEvent)]
    for own in session.sets:
        moved = [event.profile for event in moves if event.set == own.number]
        lifters = [session.recorded_profile_at(own.reps[0].start_s), *moved]
        if own.profile is not None and profile.name not in lifters[-2:]:
            yield own.profile


def _give_sets(session: Session, before: str, profile: str) -> int:
    path = session.folder / layout.SETS
    with explain_write_errors(path), layout.lock_sessions():
        sets = {own.number: own for own in replace(session).sets if own.profile == before}.values()
        named = SetProfileEvent(
            t_s=0.0, set=1, profile=profile, renamed=True, height_cm=session.height_of(before) or 0.0
        )
        events = [replace(named, t_s=own.reps[-1].end_s, set=own.number) for own in sets]
        if events:
            append_events(path, *events)
    return len(events)


def _check_ended(session: Session, recorded: str = "{name}: is being recorded. End it first.") -> None:
    """Raise SessionError if a session is being recorded, with a text about a live session."""
    if layout.is_recording(session.folder):
        raise SessionError(Message(recorded if session.is_live else ANALYSED, name=session.name))


def reps_of_set(session: Session, number: int) -> list[Rep]:
    """Return a set's reps without corrections. Raises SessionError for a missing set, or a session being recorded."""
    reps = [event.rep for event in session.rep_events if event.rep.set == number]
    if not reps:
        done = {event.rep.set for event in session.rep_events}
        there = f"the last set is {max(done)}" if done else "it has no sets"
        raise SessionError(f"{session.name}: there is no set {number}; {there}.")
    _check_ended(session, "{name}: is being recorded. Type the load in its window, or wait for the end.")
    return reps
