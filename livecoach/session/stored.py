"""Reads a recorded session. Damage is reported and limited to what is damaged; nothing is written."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ConfigDict, TypeAdapter, ValidationError

from livecoach.config import paths
from livecoach.config.files import read_limited
from livecoach.documents import (
    AUTO,
    SESSION_VERSION,
    CorrectionEvent,
    CueEvent,
    Event,
    RepEvent,
    SessionDocument,
    SetLogEvent,
)
from livecoach.errors import NewerSession, SessionError, SourceError
from livecoach.profile import rep_file
from livecoach.session import layout
from livecoach.session.corrections import corrected
from livecoach.session.frames import SessionFrames
from livecoach.session.rebuilding import rebuilt
from livecoach.session.rep_choice import check_names_no_rep
from livecoach.session.rep_numbers import numbered
from livecoach.session.set_logs import current_logs
from livecoach.types import Rep, RepWindow, SetLog

_ABOUT = TypeAdapter(SessionDocument)
_REP, _CUE, _CORRECTION = TypeAdapter(RepEvent), TypeAdapter(CueEvent), TypeAdapter(CorrectionEvent)
_SET_LOG = TypeAdapter(SetLogEvent)
_EVENT: TypeAdapter[Any] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
T = TypeVar("T")
MOST_REFERENCE_BYTES = 256 << 20
"""Most that is read of a session's own reps; a thousand have 75 MB. Our choice."""
MOST_REPS = 10_000
"""Most reps of a session: an endless set has a thousand an hour. Our choice."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Version:
    """The field of session.json that every version has."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=True, defer_build=True)
    version: int


_VERSION = TypeAdapter(_Version)


@dataclass(frozen=True)
class Session:
    """One session's folder. Each file is read once, when it is first needed."""

    folder: Path
    about: SessionDocument
    say: Callable[[str], object]
    """Called with a line about each damaged part that is left out."""

    @property
    def name(self) -> str:
        """Name of the folder."""
        return self.folder.name

    @property
    def started(self) -> datetime:
        """Local start time, where it was recorded."""
        return datetime.fromisoformat(self.about.started)

    @property
    def cut_off(self) -> bool:
        """Whether the session has no end: it was cut off, or is being recorded."""
        return self.about.end is None or self.about.end.early

    @cached_property
    def reps(self) -> tuple[RepEvent, ...]:
        """Completed reps, in order, each with its set and its number."""
        found = tuple(islice(self._lines(layout.REPS, _REP), MOST_REPS + 1))
        if len(found) > MOST_REPS:
            self.say(f"{self.folder / layout.REPS}: more than {MOST_REPS} reps; the others are left out")
        return numbered(found[:MOST_REPS], lambda: self.events)

    @cached_property
    def cues(self) -> tuple[CueEvent, ...]:
        """Cues that the lifter got."""
        return tuple(self._lines(layout.CUES, _CUE))

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """All other events."""
        return tuple(self._lines(layout.EVENTS, _EVENT))

    @cached_property
    def corrections(self) -> tuple[CorrectionEvent, ...]:
        """Corrections of its reps, in the order in which they were made."""
        there = os.path.lexists(self.folder / layout.CORRECTIONS)
        return tuple(self._lines(layout.CORRECTIONS, _CORRECTION)) if there else ()

    @cached_property
    def set_log_events(self) -> tuple[SetLogEvent, ...]:
        """All that the lifter logged of its sets, in order."""
        there = os.path.lexists(self.folder / layout.SETS)
        return tuple(self._lines(layout.SETS, _SET_LOG)) if there else ()

    @cached_property
    def set_logs(self) -> dict[int, SetLog]:
        """What counts of that, by the number of the set. Sets of which nothing is logged are left out."""
        return current_logs(self.set_log_events)

    @cached_property
    def corrected_reps(self) -> tuple[RepEvent, ...]:
        """Completed reps, each with the correction that counts."""
        return corrected(self.reps, self.corrections)

    @cached_property
    def exercises(self) -> tuple[str, ...]:
        """Names of the exercises of its reps, in order; without any rep, the one that was given, if any."""
        found = tuple(dict.fromkeys(self.exercise_of(event.rep) for event in self.reps))
        return found or (() if self.about.exercise == AUTO else (self.about.exercise,))

    def exercise_of(self, rep: Rep) -> str:
        """Return the name of a rep's exercise. Reps of earlier versions do not say it: their session has one."""
        return rep.exercise or self.about.exercise

    @property
    def video(self) -> Path | None:
        """Path of the video; None where there is none, or an empty one."""
        path = self.folder / layout.VIDEO
        return path if path.is_file() and path.stat().st_size else None

    @property
    def video_damage(self) -> str | None:
        """What is wrong with the video, judged by its size; None where nothing is, or there is no video."""
        end = self.about.end
        if self.video is None or end is None or end.video is None:
            return None
        there, wanted = self.video.stat().st_size, end.video.bytes
        if there == wanted:
            return None
        return f"{self.video}: {there} of {wanted} recorded bytes are left; the intact part is shown"

    def frames(self, *, pictures: bool = False) -> SessionFrames:
        """Open the observations as a source, with pictures if wanted and available. Raises SourceError."""
        video = self.video if pictures else None
        return SessionFrames(self.folder / layout.OBSERVATIONS, video, self.say, header=layout.header_of(self.about))

    @cached_property
    def reference(self) -> tuple[tuple[Path, RepWindow], ...]:
        """The lifter's own good reps that were known at the start, with their files, oldest first."""
        found = []
        left_bytes = MOST_REFERENCE_BYTES
        for path, size_bytes in self.reference_files():
            left_bytes -= size_bytes
            if left_bytes < 0:
                self.say(f"{path.parent}: larger than {MOST_REFERENCE_BYTES >> 20} MB; the rest is left out")
                break
            try:
                found.append((path, rep_file.read(path)))
            except SourceError as err:
                self.say(f"{err}; this reference rep is left out")
        return tuple(found)

    def reference_files(self) -> Iterator[tuple[Path, int]]:
        """Yield the files of the reference whose headers can be read, oldest first, with their sizes."""
        for name in self.about.reference:
            path = self.folder / layout.REFERENCE / name
            try:
                rep_file.read_header(path)
                yield path, path.stat().st_size
            except (SourceError, OSError) as err:
                self.say(f"{err}; this reference rep is left out")

    def reference_of(self, exercise: str) -> tuple[tuple[Path, RepWindow], ...]:
        """Return those of the lifter's own good reps that are of one exercise."""
        return tuple((path, rep) for path, rep in self.reference if rep.exercise == exercise)

    def _lines(self, name: str, kind: "TypeAdapter[T]") -> Iterator[T]:
        """Yield the parsed lines of a file. Damaged and truncated lines are left out."""
        try:
            lines = read_limited(self.folder / name, layout.MOST_LINES_BYTES).split(b"\n")
        except FileNotFoundError:
            self.say(f"{self.folder / name}: is missing; the rest of the session is read")
            return
        except OSError as err:
            self.say(f"{self.folder / name}: can't be read ({err.strerror}); the rest of the session is read")
            return
        damaged = 0
        for line in lines[:-1]:
            try:
                yield kind.validate_json(line)
            except ValidationError:
                damaged += 1
        if damaged:
            s = "" if damaged == 1 else "s"
            self.say(f"{self.folder / name}: {damaged} damaged line{s} left out; the rest is read")


def is_session(path: Path) -> bool:
    """Return whether a folder looks like a session, intact or not."""
    try:
        return path.is_dir() and any((path / name).is_file() for name in (layout.DOCUMENT, layout.OBSERVATIONS))
    except OSError:  # not readable for us
        return False


def not_a_session(path: Path) -> SessionError:
    """Return the error for a path that is not a session."""
    if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
        return SessionError(f"{path}: can't be read. Make the folder readable.")
    what = f"not a session, which contains {layout.DOCUMENT}" if os.path.exists(path) else "no such folder"
    return SessionError(f"{path}: {what}. `livecoach sessions` lists the sessions.")


def find_session(given: str) -> Path:
    """Return the folder of a session, given its path, its name, the beginning of its name, or "last".

    Raises SessionError where there is none, or several.
    """
    if is_session(Path(given)):
        return Path(given)
    if os.path.exists(given):
        raise not_a_session(Path(given))
    check_names_no_rep(given)
    if len(Path(given).parts) > 1:
        raise not_a_session(Path(given))
    try:
        names = [folder.name for folder in layout.folders()]
    except OSError as err:
        raise SessionError(f"{paths.sessions_dir()}: can't be read ({err.strerror}). Make it readable.") from err
    if not names:
        raise SessionError(f"{given}: there is no session yet. `livecoach live` records one.")
    fitting = names[-1:] if given == layout.LAST else [name for name in names if name == given]
    fitting = fitting or [name for name in names if given and name.startswith(given)]
    if not fitting:
        raise SessionError(f"{given}: no such session. `livecoach sessions` lists them.")
    if len(fitting) > 1:
        raise SessionError(
            f"{given}: {len(fitting)} sessions begin like that: {fitting[0]}, {fitting[1]}… Give more of the name."
        )
    return paths.sessions_dir() / fitting[0]


def open_session(folder: Path, say: Callable[[str], object]) -> Session:
    """Open a session. say: called with a line about each damage. Raises SessionError where the folder contains no
    readable session."""
    if not is_session(folder):
        raise not_a_session(folder)
    path = folder / layout.DOCUMENT
    try:
        about = read_document(path)
    except SessionError as err:
        about = rebuilt(folder, err)
        say(f"{err}; it is rebuilt from the other files")
    return Session(folder=folder, about=about, say=say)


def check_started(started: str) -> None:
    """Raise ValueError where a session's start is no time with an offset from UTC, or one that no calendar reaches from
    everywhere."""
    at = datetime.fromisoformat(started)
    if at.tzinfo is None or not layout.FIRST_YEAR <= at.year < layout.LAST_YEAR:
        raise ValueError(started)


def read_document(path: Path) -> SessionDocument:
    """Read a session.json. Raises SessionError where it is damaged, NewerSession where a newer version wrote it."""
    try:
        content = read_limited(path, layout.MOST_DOCUMENT_BYTES)
        version = _VERSION.validate_json(content).version
        if version > SESSION_VERSION:
            raise NewerSession(f"{path}: written by a newer livecoach (version {version} of the format). Update it.")
        about = _ABOUT.validate_json(content)
        check_started(about.started)
        return about
    except OSError as err:
        why = "is missing" if isinstance(err, FileNotFoundError) else f"can't be read ({err.strerror})"
    except ValueError:  # pydantic's error is one
        why = "is damaged"
    raise SessionError(f"{path}: {why}")
