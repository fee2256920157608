"""Finds the reps that form a lifter's reference: the good reps of earlier sessions to which new reps are compared.

`choose_reference_reps` computes the reference from the sessions and from reps that a profile kept of deleted sessions.
The result is kept in the cache folder under a digest of everything that determines the reference. The cache may be
deleted at any time. If the cache can't be written, a temporary folder replaces it.

    <cache folder>/known/<profile>/<exercise>-<pose>/<digest>/    index.json, and a file for each rep
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from itertools import chain, takewhile
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import TypeAdapter

from livecoach import __version__
from livecoach.core.config import exercise as exercises
from livecoach.core.config import paths
from livecoach.core.config.files import make_private_folder, read_limited, write_private_text
from livecoach.core.documents import AUTO
from livecoach.core.errors import SessionError, SourceError, explain_os_errors
from livecoach.core.model_files import model_folder
from livecoach.core.types import Correction, RepWindow, ignore
from livecoach.core.types.message import Message
from livecoach.decisions import assembly
from livecoach.decisions.judging.reference_reps import (
    DECIDING,
    Evidence,
    PastRep,
    PastSession,
    ReferenceRep,
    RepInSession,
    choose_reference_reps,
    is_same_view,
)
from livecoach.decisions.judging.scorer import Scorer
from livecoach.records.profile import FORGOTTEN_FILE, Forgotten, KeptRepFile, Profile, read_rep, write_rep
from livecoach.records.session import amending, layout
from livecoach.records.session.listing import open_readable_sessions
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import read_past_session

REFERENCE_FILES = (layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.EVENTS, layout.CORRECTIONS, layout.SETS)
"""Names of the files in a session that determine the reference."""
INDEX_FILE = "index.json"
MOST_INDEX_BYTES = 1 << 20  # Largest index that is read; a larger index counts as damaged. Our choice.
OUTDATED_AGE_S = 3600.0
"""Age in seconds from which an outdated cached reference is removed. A starting run may still be linking the files of a
newer reference. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedRep(RepInSession):
    """A rep of a lifter's reference, with the path of its file in the cache."""

    path: Path
    evidence: Evidence  # The reason why the rep belongs to the reference


class ReferenceSet(NamedTuple):
    """The reps of one set that belong to a reference for the same reason, and were filmed from the same view."""

    session: str  # Name of the session's folder, or the identity of a deleted session
    day: str | None  # Day of the session, such as 2026-11-13; None if unknown
    set: int  # Number of the set in the session, from 1
    evidence: Evidence  # The reason why the reps belong to the reference
    reps: list[CachedRep]


def group_by_view_and_set(known: Sequence[CachedRep]) -> list[tuple[float, list[ReferenceSet]]]:
    """Group the reps of a reference by the view of the camera, and then by set and reason (see `ReferenceSet`).

    Mirrored views, from the lifter's left and right, count as the same view. The reps must be in order, oldest first.

    Returns:
        For each view, the signed azimuth of the view's first rep in degrees, and the sets, oldest first.
    """
    sides: dict[float, dict[tuple[str, str | None, int, Evidence], list[CachedRep]]] = {}
    for rep in known:
        side_deg = next((deg for deg in sides if is_same_view(deg, rep.azimuth_deg)), rep.azimuth_deg)
        sets = sides.setdefault(side_deg, {})
        sets.setdefault((rep.session, rep.day, rep.set, rep.evidence), []).append(rep)
    return [(deg, [ReferenceSet(*key, reps) for key, reps in sets.items()]) for deg, sets in sides.items()]


_INDEX: TypeAdapter[tuple[CachedRep, ...]] = TypeAdapter(tuple[CachedRep, ...])


class LifterReferences:
    """Computes a lifter's references, one for each exercise and pose model.

    Create a new object after a session has changed. The methods raise SourceError if the sessions or the reps can't be
    read or the references can't be stored, ConfigError if an exercise is not installed, ModelError if the model of an
    exercise can't be used, and OutputError if a change can't be written.
    """

    def __init__(
        self, profile: Profile, say: Callable[[str], object], began: datetime | None = None, recording: str = ""
    ) -> None:
        """Create the object without reading any file.

        Args:
            say: Called once with each line about sessions that a reference leaves out because they are from another
                pose model. `profile` reports unreadable reps itself.
            began: When the recording to judge began: a reference leaves out later sessions. None for the present.
            recording: Identity of the recording to judge. If the lifter has a session of it, a reference leaves out
                this session and all later sessions. Empty for no recording.
        """
        self.profile, self._began, self._recording = profile, began, recording
        self._say = cache(say)
        self._spare: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """The lifter's sessions, oldest first, except sessions that are being recorded or can't be read.

        If several sessions are of one recording, only the live sessions count. If none is live, the latest counts.
        """
        found = [session for session in self._ended if self.profile.name in _lifters_of(session)]
        best = {session.about.session: session for session in sorted(found, key=lambda session: session.is_live)}
        return tuple(session for session in found if session.is_live or best[session.about.session] is session)

    @cached_property
    def began(self) -> datetime | None:
        """Start of the recording to judge, as its session states it now, or else as passed; None for the present.

        The session may also be nobody's: an analysis moves it to the lifter.
        """
        of_nobody = (session for session in self._ended if None in _lifters_of(session))
        judged = (session for session in chain(self.sessions, of_nobody) if session.is_of(self._recording))
        return next((session.start_time for session in judged), self._began)

    @cached_property
    def _ended(self) -> Sequence[Session]:
        readable = open_readable_sessions(ignore)
        return [session for session in readable if not layout.is_recording(session.folder)]

    def list_exercises(self) -> tuple[str, ...]:
        """Return the installed exercises of the lifter's sessions and kept reps by name, even without a reference."""
        names = dict.fromkeys(name for session in self.sessions for name in _exercises_of(session))
        names |= dict.fromkeys(self.profile.list_exercises())
        return tuple(name for name in names if name in exercises.names())

    def read_reference(self, exercise: str, pose: str) -> tuple[tuple[CachedRep, RepWindow], ...]:
        """Read the reps of the lifter's reference in an exercise, with their observations, oldest first.

        The result is empty without a reference. Sessions from another pose model than `pose` are left out and reported.
        """
        known = self.find_reference(exercise, pose)
        try:
            return tuple((rep, read_rep(rep.path)) for rep in known)
        except SourceError:  # the cache is damaged
            shutil.rmtree(known[0].path.parent, ignore_errors=True)
        return tuple((rep, read_rep(rep.path)) for rep in self.find_reference(exercise, pose))

    def find_reference(self, exercise: str, pose: str) -> tuple[CachedRep, ...]:
        """Find the reps of the lifter's reference in an exercise, without their observations.

        The result is empty without a reference. A reference that is not in the cache is computed and cached. Sessions
        from another pose model than `pose` are left out and reported.
        """
        forgotten = self.profile.read_forgotten(exercise)
        sessions, kept = self._of_exercise(exercise, pose, forgotten)
        if not sessions and not kept:
            return ()
        digest = self._digest(exercise, pose, sessions, kept)
        above = paths.user_cache_dir() / "known" / self.profile.name / f"{exercise}-{pose}"
        found = _read_index(above / digest)
        if found is None:
            past = [self._read_past(session, exercise, forgotten) for session in sessions]
            past = [*_kept_session(kept, self.profile), *past]
            found = self._write(above, digest, choose_reference_reps(past, load_default_scorer(exercise)))
        return found

    def forget_reps(self, reps: Sequence[CachedRep]) -> None:
        """Remove reps from the reference, by a correction of each rep (FORGET_CORRECTION) that a person may undo.

        A rep also returns if a person confirms it again. The kept reps of deleted sessions are deleted, and can't
        return. Raises SessionError if a session of the reps is being recorded.
        """
        there = {session.name: session for session in self.sessions}
        for name in dict.fromkeys(rep.session for rep in reps):
            starts_s = {rep.start_s for rep in reps if rep.session == name}
            if name in there:
                events = [event for event in there[name].corrected_reps if event.rep.start_s in starts_s]
                amending.correct_reps(there[name], events, amending.FORGET_CORRECTION)
            else:
                for start_s in starts_s:
                    self.profile.delete_kept_reps(name, start_s)

    def use_set_as_reference(self, session: Session, number: int) -> None:
        """Confirm the good reps of a set, and forget the confirmed and kept reps of other sets from the same views.

        Only reps that were judged from a known view are confirmed. Raises SessionError if the set has fewer than two
        such reps, or if a session is being recorded.
        """
        of_set = [event for event in session.corrected_reps if event.rep.set == number and event.rep.counts]
        good = [event for event in of_set if event.rep.is_in_form and event.rep.score is not None and event.view]
        if not good:
            raise SessionError(Message("This set has no good reps that a profile could keep."))
        if len(good) < DECIDING:  # with a single rep, reps that were not called good would judge, too
            raise SessionError(Message("A single good rep can't judge you alone. Confirm more reps of this set first."))
        exercise, sides = good[0].rep.exercise, [event.view.azimuth_deg for event in good if event.view]

        def others() -> list[CachedRep]:
            return [
                rep
                for rep in LifterReferences(self.profile, ignore).find_reference(exercise, session.about.model.pose)
                if rep.evidence in {"confirmed", "kept"}
                and (rep.session, rep.set) != (session.name, number)
                and any(is_same_view(rep.azimuth_deg, side_deg) for side_deg in sides)
            ]

        known = others()  # Before the confirmation, which keeps the reps of deleted sessions out of the reference
        amending.correct_reps(session, good, Correction(label="good"))
        self.forget_reps(known)
        while known := others():  # Where reps are forgotten, older reps take their places
            self.forget_reps(known)

    def forget_exercise(self, exercise: str | None) -> None:
        """Forget all present sessions and kept reps (see `Profile.forget_sessions`); None for all exercises.

        The sessions of other lifters are forgotten too, because a set may be moved to the lifter later.
        """
        present = open_readable_sessions(ignore)
        self.profile.forget_sessions(exercise, [session.about.session for session in present])

    def keep_reps(self, session: Session) -> None:
        """Copy the reps of a session that belong to the lifter's references into the profile.

        Call this before the session is deleted. Reps that were kept of this session before are replaced.
        """
        self.profile.delete_kept_reps(session.about.session)
        for exercise in _exercises_of(session):
            known = self.read_reference(exercise, session.about.model.pose)
            windows = [window for rep, window in known if rep.session == session.name]
            began = session.start_time.astimezone(UTC)
            self.profile.keep_reps(windows, session=session.about.session, began=began)

    def find_contributions(self, session: Session) -> Iterator[tuple[str, tuple[CachedRep, ...], list[CachedRep]]]:
        """Yield each exercise of a session, the lifter's reference in it, and the reference's reps from the session."""
        for exercise in _exercises_of(session):
            known = self.find_reference(exercise, session.about.model.pose)
            yield exercise, known, [rep for rep in known if rep.session == session.name]

    def find_latest_references(self) -> Iterator[tuple[str, tuple[CachedRep, ...]]]:
        """Yield the name of each exercise with a reference, and the reference.

        The reference is for the pose model of the lifter's last session with the exercise or, without sessions, of the
        rep that was kept last.
        """
        for exercise in self.list_exercises():
            names = [session.about.model.pose for session in self.sessions if exercise in _exercises_of(session)]
            names = names or [entry.header.pose for entry in self.profile.list_kept_reps(exercise)]
            known = self.find_reference(exercise, names[-1])
            if known:
                yield exercise, known

    def _read_past(self, session: Session, exercise: str, forgotten: Forgotten) -> PastSession:
        """Read a session's reps of the lifter; of a forgotten session, only the confirmed reps that were recalled."""
        past = read_past_session(session, self.profile.name, exercise)
        if not session.is_in(forgotten):
            return past
        recalled = partial(forgotten.is_recalled, session.about.session)
        return replace(past, reps=[rep for rep in past.reps if rep.is_confirmed and recalled(rep.start_s)])

    def _of_exercise(self, exercise: str, pose: str, forgotten: Forgotten) -> tuple[list[Session], list[KeptRepFile]]:
        """Return the sessions and kept reps of the reference of an exercise, as in `read_reference`."""
        sessions = [
            session
            for session in takewhile(lambda session: not session.is_of(self._recording), self.sessions)
            if exercise in _exercises_of(session)
            and (self.began is None or session.start_time <= self.began)
            and (not session.is_in(forgotten) or forgotten.is_recalled(session.about.session))
        ]
        others = {session.about.model.pose for session in sessions} - {pose}
        if others:
            number = sum(session.about.model.pose != pose for session in sessions)
            models = ", ".join(sorted(others))
            self._say(
                f"profile {self.profile.name}, {exercise}: {number} of {len(sessions)} sessions are from pose model "
                f"{models}, not {pose}, and are left out. Use --pose {sorted(others)[-1]}, or lift with {pose}."
            )
        # Version 2.0 also kept reps of sessions that are here.
        there = {session.about.session for session in self.sessions} | {self._recording}
        kept = [
            entry
            for entry in self.profile.list_kept_reps(exercise)
            if entry.header.pose == pose
            and entry.header.session not in there
            and (self.began is None or entry.header.kept_utc <= self.began)
        ]
        return [session for session in sessions if session.about.model.pose == pose], kept

    def _digest(self, exercise: str, pose: str, sessions: Sequence[Session], kept: Sequence[KeptRepFile]) -> str:
        files = [
            [session.name, *map(layout.file_stamp, (session.folder / name for name in REFERENCE_FILES))]
            for session in sessions
        ]
        files += [[entry.path.name, layout.file_stamp(entry.path)] for entry in kept]
        forgotten = layout.file_stamp(self.profile.folder / FORGOTTEN_FILE)
        basis = [__version__, _model_sha256(exercise), pose, forgotten, files]
        return hashlib.sha256(json.dumps(basis).encode()).hexdigest()[:32]

    def _write(self, above: Path, digest: str, known: Sequence[ReferenceRep]) -> tuple[CachedRep, ...]:
        """Write a reference to the cache, or to a temporary folder if the cache can't be written."""
        try:
            return self._write_to(above, digest, known)
        except OSError:
            self._spare = self._spare or tempfile.TemporaryDirectory(prefix="livecoach-known-")
        with explain_os_errors(SourceError, f"{self._spare.name}: can't be written", "Free some space."):
            return self._write_to(Path(self._spare.name), digest, known)

    def _write_to(self, above: Path, digest: str, known: Sequence[ReferenceRep]) -> tuple[CachedRep, ...]:
        make_private_folder(above)
        began = {session.name: (session.about.session, session.start_time.astimezone(UTC)) for session in self.sessions}
        made, found = Path(tempfile.mkdtemp(prefix=".", dir=above)), list[CachedRep]()
        try:
            for number, reference in enumerate(known):
                name, rep = f"{number:03d}.rep", reference.rep
                session, at = began.get(rep.session, (rep.session, datetime.fromtimestamp(0, UTC)))
                write_rep(made / name, reference.window, session=session, began=at)
                values: dict[str, Any] = {field.name: getattr(rep, field.name) for field in fields(RepInSession)}
                found.append(CachedRep(path=above / digest / name, evidence=reference.evidence, **values))
            write_private_text(made / INDEX_FILE, _INDEX.dump_json(tuple(found)).decode())
            try:
                os.rename(made, above / digest)
            except OSError:
                if not (above / digest / INDEX_FILE).exists():  # otherwise, the same reference has just been written
                    raise
        finally:
            shutil.rmtree(made, ignore_errors=True)
        for other in above.iterdir():
            if other.name != digest and time.time() - other.stat().st_mtime > OUTDATED_AGE_S:
                shutil.rmtree(other, ignore_errors=True)
        return tuple(found)


def prepare_deletion(folder: Path, say: Callable[[str], object], *, keeps: bool) -> None:
    """Copy the reps that a session adds to references into the lifters' profiles, or delete earlier copies.

    Call this before the session is deleted. Raises LivecoachError if the session or a reference can't be used.

    Args:
        say: Called with a line about each damaged part of the session.
        keeps: Whether to copy the reps. Otherwise, earlier copies are deleted.
    """
    session = open_session(folder, say)
    for profile in (Profile(name, say) for name in session.valid_profiles):
        if keeps:
            LifterReferences(profile, say).keep_reps(session)
        else:
            profile.delete_kept_reps(session.about.session)


def count_contributed_reps(folder: Path, say: Callable[[str], object]) -> dict[str, int]:
    """Return the number of reps that a session adds to the references of each profile, if any, by the profile's name.

    `say` is called with a line about each damaged part of the session. Raises LivecoachError if the session or a
    reference can't be used.
    """
    session = open_session(folder, say)
    known = {name: LifterReferences(Profile(name, say), say) for name in session.valid_profiles}
    taught = {
        name: sum(len(own) for _, _, own in knowledge.find_contributions(session)) for name, knowledge in known.items()
    }
    return {name: count for name, count in taught.items() if count}


def _read_index(folder: Path) -> tuple[CachedRep, ...] | None:
    """Return the cached reference in a folder; None if it is missing or damaged. A damaged reference is deleted."""
    try:
        found = _INDEX.validate_json(read_limited(folder / INDEX_FILE, MOST_INDEX_BYTES))
    except (OSError, ValueError):
        found = None
    if found is None or not all(rep.path.is_file() for rep in found):
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return found


def _lifters_of(session: Session) -> tuple[str | None, ...]:
    lifters = session.profiles if session.about.end is None else session.ending.profiles
    return lifters or (session.about.profile,)


def _exercises_of(session: Session) -> tuple[str, ...]:
    names = session.exercises if session.about.end is None else session.ending.exercises
    return names or (() if session.about.exercise == AUTO else (session.about.exercise,))


def _kept_session(kept: Sequence[KeptRepFile], profile: Profile) -> list[PastSession]:
    """Return the kept reps of deleted sessions as one old session, or an empty list without kept reps."""
    sets = {name: number for number, name in enumerate(dict.fromkeys(entry.header.set_name for entry in kept), 1)}
    reps = [
        PastRep(
            session=entry.header.session,
            day=entry.header.day,
            set=sets[entry.header.set_name],
            number=entry.header.number,
            start_s=entry.header.start_s,
            azimuth_deg=entry.header.view.azimuth_deg,
            correction=Correction(label="good") if entry.header.said_good else None,
            standing="allowed",
            read=cache(partial(profile.read_kept_rep, entry)),
        )
        for entry in kept
    ]
    return [PastSession(reps=reps, is_kept=True)] if reps else []


@cache
def load_default_scorer(exercise: str) -> Scorer:
    """Load the scorer of an exercise with the default share of false alarms. A process loads each scorer once.

    Raises ConfigError if the exercise is not installed, and ModelError if its model can't be used.
    """
    return assembly.load_exercise(exercise).scorer


@cache
def _model_sha256(exercise: str) -> str:
    return model_folder.file_sha256(paths.models_dir() / exercises.load(exercise).model / "model.json")
