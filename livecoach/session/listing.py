"""Lists sessions from their session.json alone, so that a thousand take less than a second, or reads one completely."""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from livecoach.config import paths
from livecoach.config.local_time import local
from livecoach.documents import (
    AUTO,
    RepEvent,
    SessionDocument,
    SessionEnding,
    SetEndEvent,
    ShownSession,
    ShownSetLog,
    StoredFile,
    VerdictsDocument,
)
from livecoach.errors import ConfigError, SessionError
from livecoach.judging.wording import rep_with_messages
from livecoach.rep.measures import FaultTable, load_faults
from livecoach.session import layout
from livecoach.session.stored import Session, open_session, read_document
from livecoach.types import SetSummary
from livecoach.types.callbacks import ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionEntry:
    folder: Path
    started: datetime | None
    """With the offset from UTC. Taken from the folder's name if session.json can't be read; None if neither provides
    it."""
    about: SessionDocument | None
    """None if session.json can't be read."""
    problem: str | None
    """Why session.json can't be read; None if it can."""
    recording: bool
    """Whether a process is recording into the folder now."""
    end: SessionEnding | None
    """How it ended, or what it holds so far."""
    size_bytes: int
    """Size of all files in the folder."""
    video_bytes: int | None
    """Size of the video; None without one."""

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def cut_off(self) -> bool:
        """Whether the session has no end although no process is recording it."""
        return self.end is not None and self.end.early and not self.recording

    @property
    def too_slow(self) -> bool:
        """Whether the machine was too slow at times, so that the session can't be trusted."""
        return self.end is not None and self.end.too_slow

    @property
    def duration_s(self) -> float | None:
        return None if self.end is None else self.end.duration_s

    @property
    def exercises(self) -> tuple[str, ...]:
        if self.about is None or self.end is None:
            return ()
        return self.end.exercises if self.about.exercise == AUTO else (self.about.exercise,)

    @property
    def verdicts(self) -> VerdictsDocument | None:
        end = self.end
        if end is None:
            return None
        return VerdictsDocument(reps=end.reps, good=end.good, anomalous=end.anomalous, unsure=end.unsure)


def all_sessions() -> Iterator[SessionEntry]:
    """Return all sessions, oldest first. Raises SessionError if they can't be listed."""
    try:
        folders = list(layout.folders())
    except OSError as err:
        raise SessionError(f"{paths.sessions_dir()}: can't be read ({err.strerror}). Make it readable.") from err
    return map(session_entry, folders)


def session_entry(folder: Path) -> SessionEntry:
    about, problem = None, None
    sizes = _sizes(folder)
    a_session = sizes is None or layout.DOCUMENT in sizes or layout.OBSERVATIONS in sizes
    try:
        about = read_document(folder / layout.DOCUMENT)
    except SessionError as err:
        problem = str(err).removeprefix(f"{folder}/") if a_session else "no session"
    return SessionEntry(
        folder=folder,
        started=_started(folder.name, about) if a_session and sizes is not None else None,
        about=about,
        problem=problem,
        recording=sizes is not None and layout.LOCK in sizes and layout.is_recording(folder),
        end=None if about is None else Session(folder=folder, about=about, say=ignore).ending,
        size_bytes=sum((sizes or {}).values()),
        video_bytes=(sizes or {}).get(layout.VIDEO) or None,
    )


def _sizes(folder: Path) -> dict[str, int] | None:
    """Return the sizes of files and subfolders by name; None if the folder can't be read."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _size(entry) for entry in entries}
    except OSError:
        return None


def _size(entry: "os.DirEntry[str]") -> int:
    inside = entry.is_dir(follow_symlinks=False)
    return layout.size_bytes(Path(entry.path)) if inside else entry.stat(follow_symlinks=False).st_size


def _started(name: str, about: SessionDocument | None) -> datetime | None:
    try:
        if about is not None:
            return local(datetime.fromisoformat(about.started))
        named = layout.start_from_name(name)
        return None if named is None else local(named)
    except (ValueError, OverflowError, OSError):  # no such date, or one out of this system's range
        return None


def read_overview(folder: Path) -> ShownSession:
    """Read a session completely. Raises SessionError if the folder contains no readable session."""
    damage: list[str] = []
    session = open_session(folder, lambda line: damage.append(line.replace(f"{folder}/", "")))
    reps, cues, sets = _reps(session), session.cues, _sets(session)
    tally = session.tally()
    files = layout.session_files(folder)
    recording = layout.is_recording(folder)
    if not recording:
        damage += _missing(session, tally.frames)
    return ShownSession(
        name=session.name,
        folder=str(folder),
        recording=recording,
        exercises=session.exercises,
        about=session.about,
        duration_s=tally.t_s,
        frames=tally.document,
        slow=tuple(tally.slow.spans),
        reps=reps,
        sets=sets,
        logs=tuple(ShownSetLog(set=number, log=log) for number, log in session.set_logs.items()),
        cues=cues,
        reference=sum(1 for _ in session.reference_files()),
        files=tuple(StoredFile(name=name, size_bytes=(folder / name).lstat().st_size) for name in files),
        damage=tuple(damage),
    )


def _reps(session: Session) -> tuple[RepEvent, ...]:
    """Return the reps with their texts as messages again, so that they can be shown in other units."""
    tables: dict[str, FaultTable] = {}
    for name in session.exercises:
        with suppress(ConfigError):  # of an exercise that is not installed
            tables[name] = load_faults(name)
    height_cm = session.about.settings.height_cm
    return tuple(
        replace(event, rep=rep_with_messages(event.rep, tables.get(session.exercise_of(event.rep)), height_cm))
        for event in session.corrected_reps
    )


def _sets(session: Session) -> tuple[SetSummary, ...]:
    ended = [event.summary for event in session.events if isinstance(event, SetEndEvent) and event.summary is not None]
    return tuple({summary.index: summary for summary in ended}.values())


def _missing(session: Session, read: int) -> list[str]:
    """Return what the session lacks compared with its recorded end."""
    end = session.about.end
    if end is None or end.early:
        return ["the session was cut off; what was written before that is shown"]
    missing = [] if read >= end.frames.read else [f"{read} of {end.frames.read} observations can be read"]
    if len(session.reps) < end.reps:
        missing.append(f"{len(session.reps)} of {end.reps} reps can be read")
    if session.video_damage is not None:
        missing.append(session.video_damage.replace(f"{session.folder}/", ""))
    return missing
