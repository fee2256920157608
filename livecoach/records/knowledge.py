"""What is known of a lifter: the reps of the lifter's sessions that form the reference.

It is computed from the sessions (`reference_reps`) and kept in the cache folder, under a digest of all that it follows
from. The cache may be deleted at any time.

    <cache folder>/known/<profile>/<exercise>-<pose>/<digest>/    index.json, and a file for each rep
"""

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, cached_property, partial
from pathlib import Path
from typing import NamedTuple

from pydantic import TypeAdapter

from livecoach import __version__
from livecoach.core.config import exercise as exercises
from livecoach.core.config import paths
from livecoach.core.config.files import make_private_folder, read_limited, replace_private
from livecoach.core.documents import AUTO
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.model_files import model_folder
from livecoach.core.types import Correction, RepWindow, ignore
from livecoach.core.types.message import Message
from livecoach.decisions import assembly
from livecoach.decisions.judging.reference_reps import (
    Evidence,
    PastRep,
    PastSession,
    ReferenceRep,
    RepInSession,
    is_of_view,
    reference_reps,
)
from livecoach.decisions.judging.scorer import Scorer
from livecoach.records.profile import KeptRepFile, Profile, read_rep, write_rep
from livecoach.records.session import amending, layout
from livecoach.records.session.opening import open_session
from livecoach.records.session.stored import Session
from livecoach.records.session.teaching import past_session

TAUGHT_BY = (layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.EVENTS, layout.CORRECTIONS, layout.SETS)
"""Files of a session from which the reference follows."""
FORGOTTEN = Correction(label="good", teaches=False)
"""Correction of a rep that is to be forgotten: a good one that the lifter does not want to be compared with."""
INDEX = "index.json"
MOST_INDEX_BYTES = 1 << 20
STALE_S = 3600.0
"""Age from which a cached reference that is no longer true is removed: until then a run that begins may be linking its
files. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedRep(RepInSession):
    """A rep of a lifter's reference, and its file in the cache."""

    path: Path
    evidence: Evidence
    """Why it belongs to the reference."""


class KnownSet(NamedTuple):
    """The reps of one set that belong to a reference for the same reason, from one side."""

    session: str
    """Name of the session, or its identity where it is deleted."""
    day: str | None
    set: int
    evidence: Evidence
    reps: list[CachedRep]


def by_side_and_set(known: Sequence[CachedRep]) -> list[tuple[float, list[KnownSet]]]:
    """Return the signed azimuth of each side from which a reference was filmed, with its sets, oldest first."""
    sides: list[tuple[float, list[KnownSet]]] = []
    for rep in known:
        sets = next((sets for side_deg, sets in sides if is_of_view(side_deg, rep.azimuth_deg)), None)
        if sets is None:
            sets = []
            sides.append((rep.azimuth_deg, sets))
        key = (rep.session, rep.day, rep.set, rep.evidence)
        if not sets or sets[-1][:4] != key:
            sets.append(KnownSet(*key, []))
        sets[-1].reps.append(rep)
    return sides


_INDEX: TypeAdapter[tuple[CachedRep, ...]] = TypeAdapter(tuple[CachedRep, ...])


class Knowledge:
    """What is known of the lifter of a profile. Use a new one after a session was recorded, changed or deleted."""

    def __init__(self, profile: Profile, say: Callable[[str], object]) -> None:
        """Read nothing yet.

        Args:
            profile: of the lifter.
            say: called with a line about what can't be read, each once.
        """
        self.profile = profile
        self._say = cache(say)
        self._spare: tempfile.TemporaryDirectory[str] | None = None

    @cached_property
    def sessions(self) -> tuple[Session, ...]:
        """The lifter's finished sessions in the order in which they began. Of one recording, the live one or the last.

        Raises SessionError if the folder of sessions can't be listed.
        """
        found = [one for folder in layout.listed_folders() if (one := self._opened(folder)) is not None]
        best = {one.about.session: one for one in [*found, *(one for one in found if one.live)]}
        return tuple(one for one in found if one.live or best[one.about.session] is one)

    def _opened(self, folder: Path) -> Session | None:
        """Return the session in a folder, if the lifter has a set in it and it is not being recorded."""
        try:
            session = open_session(folder, ignore)
        except SourceError:
            return None  # whoever lists the sessions says so
        end, is_moved = session.about.end, (folder / layout.SETS).exists()
        lifters = end.profiles if end is not None and not is_moved else session.profiles
        is_here = self.profile.name in (lifters or (session.about.profile,))
        return None if not is_here or layout.is_recording(folder) else session

    def exercises(self) -> tuple[str, ...]:
        """Return the names of the exercises that the lifter's sessions may teach."""
        names = dict.fromkeys(name for session in self.sessions for name in _exercises_of(session))
        return tuple(name for name in dict.fromkeys((*names, *self.profile.exercises())) if name in exercises.names())

    def reference(self, exercise: str, pose: str, *, without: str | None = None) -> tuple[tuple[Path, RepWindow], ...]:
        """Return the reps that form the reference, with their files, oldest first.

        Args:
            exercise: its name.
            pose: name of the pose model; sessions by another one are left out, which is said.
            without: identity of a session that is left out. No recording is judged by itself.

        Raises:
            SourceError: the sessions or the reference can't be read.
            ConfigError: the exercise is not installed.
            ModelError: its model can't be used.
        """
        known = self.known(exercise, pose, without=without)
        try:
            return tuple((one.path, read_rep(one.path)) for one in known)
        except SourceError:  # the cache is damaged
            shutil.rmtree(known[0].path.parent, ignore_errors=True)
        return tuple((one.path, read_rep(one.path)) for one in self.known(exercise, pose, without=without))

    def known(self, exercise: str, pose: str, *, without: str | None = None) -> tuple[CachedRep, ...]:
        """Return the reps that form the reference, oldest first. Arguments and errors as `reference`."""
        sessions, kept = self._of_exercise(exercise, pose, without)
        if not sessions and not kept:
            return ()
        digest = self._digest(exercise, pose, sessions, kept)
        above = paths.user_cache_dir() / "known" / self.profile.name / f"{exercise}-{pose}"
        found = _read_index(above / digest)
        if found is None:
            past = [past_session(session, self.profile.name, exercise) for session in sessions]
            past = [*_kept_session(kept, self.profile.read), *past]
            found = self._written(above, digest, reference_reps(past, scorer_of(exercise)))
        return found

    def forget(self, reps: Sequence[CachedRep]) -> None:
        """Take reps out of the reference, until somebody confirms them. Raises SessionError, OutputError."""
        there = {one.name: one for one in self.sessions}
        for name in dict.fromkeys(rep.session for rep in reps):
            starts_s = {rep.start_s for rep in reps if rep.session == name}
            if name in there:
                events = [event for event in there[name].corrected_reps if event.rep.start_s in starts_s]
                amending.correct_reps(there[name], events, FORGOTTEN)
            else:
                for start_s in starts_s:
                    self.profile.drop(name, start_s)

    def make_reference(self, session: Session, number: int) -> None:
        """Confirm the good reps of a set, and let no other confirmed rep of its views teach any more.

        Raises SessionError where the set has no good reps, or while the session is being recorded; OutputError.
        """
        of_set = [event for event in session.corrected_reps if event.rep.set == number and event.rep.counts]
        good = [event for event in of_set if event.rep.is_in_form and event.rep.score is not None and event.view]
        if not good:
            raise SessionError(Message("This set has no good reps that a profile could keep."))
        exercise, sides = good[0].rep.exercise, [event.view.azimuth_deg for event in good if event.view]
        others = [
            one
            for one in self.known(exercise, session.about.model.pose)
            if one.evidence in {"confirmed", "kept"}
            and (one.session, one.set) != (session.name, number)
            and any(is_of_view(one.azimuth_deg, side_deg) for side_deg in sides)
        ]
        amending.correct_reps(session, good, Correction(label="good"))
        self.forget(others)

    def keep(self, session: Session) -> int:
        """Keep the reps that a session adds to the reference, because it is to be deleted, and return their number.

        Raises OutputError, SourceError.
        """
        kept = 0
        self.profile.drop(session.about.session)
        for _, _, own in self.taught(session):
            windows = [read_rep(one.path) for one in own]
            began = session.started.astimezone(UTC)
            self.profile.keep(windows, session=session.about.session, began=began)
            kept += len(windows)
        return kept

    def taught(self, session: Session) -> Iterator[tuple[str, tuple[CachedRep, ...], list[CachedRep]]]:
        """Yield each exercise of a session, with the whole reference and the reps that the session adds to it.

        Raises as `known` does.
        """
        for exercise in _exercises_of(session):
            known = self.known(exercise, session.about.model.pose)
            yield exercise, known, [one for one in known if one.session == session.name]

    def latest(self) -> Iterator[tuple[str, tuple[CachedRep, ...]]]:
        """Yield each exercise of which something is known, with its reference by the pose model that was used last."""
        for exercise in self.exercises():
            names = [one.about.model.pose for one in self.sessions if exercise in _exercises_of(one)]
            names = names or [entry.header.pose for entry in self.profile.entries(exercise)]
            known = self.known(exercise, names[-1])
            if known:
                yield exercise, known

    def _of_exercise(self, exercise: str, pose: str, without: str | None) -> tuple[list[Session], list[KeptRepFile]]:
        since = self.profile.forgotten_until(exercise)
        sessions = [
            one
            for one in self.sessions
            if exercise in _exercises_of(one)
            and one.about.session != without
            and (since is None or one.started.astimezone(UTC) >= since)
        ]
        others = {one.about.model.pose for one in sessions} - {pose}
        if others:
            number = sum(one.about.model.pose != pose for one in sessions)
            models = ", ".join(sorted(others))
            self._say(
                f"profile {self.profile.name}, {exercise}: {number} of {len(sessions)} sessions are from pose model "
                f"{models}, not {pose}, and are left out. Use --pose {sorted(others)[-1]}, or lift with {pose}."
            )
        there = {one.about.session for one in self.sessions} | {without}  # what version 2.0 kept of them is theirs
        kept = [
            entry
            for entry in self.profile.entries(exercise)
            if entry.header.pose == pose and entry.header.session not in there
        ]
        return [one for one in sessions if one.about.model.pose == pose], kept

    def _digest(self, exercise: str, pose: str, sessions: Sequence[Session], kept: Sequence[KeptRepFile]) -> str:
        """Return the digest of all that the reference of an exercise follows from."""
        files = [[one.name, *map(layout.look, (one.folder / name for name in TAUGHT_BY))] for one in sessions]
        files += [[entry.path.name, layout.look(entry.path)] for entry in kept]
        return hashlib.sha256(json.dumps([__version__, _model_sha256(exercise), pose, files]).encode()).hexdigest()[:32]

    def _written(self, above: Path, digest: str, known: Sequence[ReferenceRep]) -> tuple[CachedRep, ...]:
        """Write a reference to the cache; where that is not possible, to a place that lasts as long as this object."""
        try:
            return self._written_to(above, digest, known)
        except OSError:
            self._spare = self._spare or tempfile.TemporaryDirectory(prefix="livecoach-known-")
        try:
            return self._written_to(Path(self._spare.name), digest, known)
        except OSError as err:
            raise SourceError(f"{self._spare.name}: can't be written ({err.strerror}). Free some space.") from err

    def _written_to(self, above: Path, digest: str, known: Sequence[ReferenceRep]) -> tuple[CachedRep, ...]:
        make_private_folder(above)
        began = {one.name: (one.about.session, one.started.astimezone(UTC)) for one in self.sessions}
        made = Path(tempfile.mkdtemp(prefix=".", dir=above))
        try:
            for number, one in enumerate(known):
                session, at = began.get(one.rep.session, (one.rep.session, datetime.fromtimestamp(0, UTC)))
                write_rep(made / f"{number:03d}.rep", one.window, session=session, began=at)
            found = tuple(_entry(above / digest, number, one) for number, one in enumerate(known))
            replace_private(made / INDEX, _INDEX.dump_json(found).decode())
            with suppress(FileExistsError):  # another process was faster, and made the same
                os.rename(made, above / digest)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        for other in above.iterdir():
            if other.name != digest and time.time() - other.stat().st_mtime > STALE_S:
                shutil.rmtree(other, ignore_errors=True)
        return found


def before_deletion(folder: Path, say: Callable[[str], object], *, keeps: bool) -> int:
    """Prepare the deletion of a session, and return how many of its reps stay known.

    Args:
        folder: of the session.
        say: called with a line about what is damaged.
        keeps: whether the reps that it adds to the references of its lifters stay known without it.

    Raises:
        OutputError: a rep can't be kept or deleted.
        SourceError: the sessions or the reps can't be read.
    """
    session, kept = open_session(folder, say), 0
    for profile in (Profile(name, say) for name in session.known_profiles):
        if keeps:
            kept += Knowledge(profile, say).keep(session)
        else:
            profile.drop(session.about.session)
    return kept


def taught_by(folder: Path, say: Callable[[str], object]) -> dict[str, int]:
    """Return how many reps a session adds to the reference of each of its lifters, by profile, without zeros."""
    session = open_session(folder, say)
    known = {name: Knowledge(Profile(name, say), say) for name in session.known_profiles}
    taught = {name: sum(len(own) for _, _, own in one.taught(session)) for name, one in known.items()}
    return {name: count for name, count in taught.items() if count}


def _entry(folder: Path, number: int, known: ReferenceRep) -> CachedRep:
    rep = known.rep
    return CachedRep(
        path=folder / f"{number:03d}.rep",
        session=rep.session,
        day=rep.day,
        set=rep.set,
        number=rep.number,
        start_s=rep.start_s,
        azimuth_deg=rep.azimuth_deg,
        evidence=known.evidence,
    )


def _read_index(folder: Path) -> tuple[CachedRep, ...] | None:
    """Return the cached reference in a folder; None if there is none, or it is damaged."""
    try:
        found = _INDEX.validate_json(read_limited(folder / INDEX, MOST_INDEX_BYTES))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        found = None
    if found is None or not all(one.path.is_file() for one in found):
        shutil.rmtree(folder, ignore_errors=True)
        return None
    return found


def _exercises_of(session: Session) -> tuple[str, ...]:
    end = session.about.end
    names = session.exercises if end is None else end.exercises
    return names or (() if session.about.exercise == AUTO else (session.about.exercise,))


def _kept_session(kept: Sequence[KeptRepFile], read: Callable[[KeptRepFile], RepWindow | None]) -> list[PastSession]:
    """Return the reps that outlive their sessions as one old session that holds nothing else."""
    sets = {name: number for number, name in enumerate(dict.fromkeys(entry.header.set_name for entry in kept), 1)}
    reps = [
        PastRep(
            session=entry.header.session,
            day=entry.header.day,
            set=sets[entry.header.set_name],
            number=entry.header.number,
            start_s=entry.header.start_s,
            azimuth_deg=entry.header.view.azimuth_deg,
            correction=Correction(label="good") if entry.header.chosen else None,
            standing="allowed",
            read=cache(partial(read, entry)),
        )
        for entry in kept
    ]
    return [PastSession(reps=reps, is_kept=True)] if reps else []


@cache
def scorer_of(exercise: str) -> Scorer:
    """Return the scorer by which the reference of an exercise is made, with the usual share of false alarms."""
    return assembly.load_exercise(exercise).scorer


@cache
def _model_sha256(exercise: str) -> str:
    return model_folder.sha256(paths.models_dir() / exercises.load(exercise).model / "model.json")
