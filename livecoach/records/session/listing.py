"""Lists sessions by session.json and reps.jsonl, a thousand in about a second, or reads a session completely."""

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from livecoach.core import documents
from livecoach.core.config.local_time import to_local
from livecoach.core.errors import SessionError
from livecoach.core.types import ignore
from livecoach.core.types.message import Message
from livecoach.decisions.coaching.rep_figures import count_forms
from livecoach.records.session import layout
from livecoach.records.session.opening import open_session, read_document
from livecoach.records.session.session_set import summarise_session_set
from livecoach.records.session.stored import Session


def list_sessions() -> Iterator[documents.ListedSession]:
    """Yield a description of each folder in the sessions folder: first folders without a session, then the sessions.

    The sessions are sorted by start, oldest first. Raises SessionError if the sessions folder can't be listed.
    """
    return map(describe_session, layout.list_folders())


def open_readable_sessions(say: Callable[[str], object]) -> Iterator[Session]:
    """Yield all readable sessions, oldest first.

    `say` is called with a line about each session, or part of a session, that can't be read. Raises SessionError if the
    sessions folder can't be listed.
    """
    for folder in layout.list_folders():
        try:
            yield open_session(folder, say)
        except SessionError as err:
            say(f"{err} It is left out.")


def describe_session(folder: Path) -> documents.ListedSession:
    """Describe a session's folder for a list of sessions. `problem` says if session.json can't be read."""
    sizes = _sizes(folder)
    a_session = sizes is None or layout.DOCUMENT in sizes or layout.OBSERVATIONS in sizes
    listed = documents.ListedSession(
        name=folder.name,
        folder=str(folder),
        started=None,
        exercise=None,
        exercises=(),
        profile=None,
        profiles=(),
        reps=None,
        duration_s=None,
        size_bytes=sum((sizes or {}).values()),
        video_bytes=(sizes or {}).get(layout.VIDEO) or None,
        recording=sizes is not None and layout.RECORDING_MARK in sizes and layout.is_recording(folder),
        cut_off=False,
        too_slow=False,
        stopped=None,
        problem=None,
    )
    try:
        about = read_document(folder / layout.DOCUMENT)
    except SessionError as err:
        problem = layout.strip_folder(str(err), folder) if a_session else "no session"
        try:
            about = open_session(folder, ignore).about
        except SessionError:
            named = layout.parse_folder_start(folder.name) if a_session and sizes is not None else None
            return replace(listed, started=_shown_time(named), problem=problem)
        listed = replace(listed, problem=problem)
    session = Session(folder=folder, about=about, say=ignore)
    end = session.ending
    return replace(
        listed,
        started=_shown_time(datetime.fromisoformat(about.started)),
        exercise=about.exercise,
        exercises=end.exercises or (() if about.exercise == documents.AUTO else (about.exercise,)),
        profile=(profiles := end.profiles or (about.profile,))[0],
        profiles=profiles,
        reps=documents.VerdictsDocument(**count_forms([event.rep for event in session.corrected_reps])),
        duration_s=end.duration_s,
        cut_off=end.early and not listed.recording,
        too_slow=end.too_slow,
        slow=end.slow,
        stopped=end.stopped,
    )


def _shown_time(at: datetime | None) -> str | None:
    """Return a time in this computer's time zone; None for None, and for a time out of the system's range."""
    with suppress(ValueError, OverflowError, OSError):
        return None if at is None else to_local(at).isoformat()
    return None


def _sizes(folder: Path) -> dict[str, int] | None:
    """Return the sizes of files and subfolders by name; None if the folder can't be read."""
    try:
        with os.scandir(folder) as entries:
            return {entry.name: _size(entry) for entry in entries}
    except OSError:
        return None


def _size(entry: "os.DirEntry[str]") -> int:
    if not entry.is_dir(follow_symlinks=False):
        return entry.stat(follow_symlinks=False).st_size
    return sum(layout.file_stamp(path)[1] for path in Path(entry.path).rglob("*") if not path.is_dir())


def read_whole_session(folder: Path) -> documents.ShownSession:
    """Read a whole session, and return its reps, sets and cues, with a line about each damaged or missing part.

    Raises SessionError if the folder contains no readable session.
    """
    damage: list[str] = []
    session = open_session(folder, lambda line: damage.append(layout.strip_folder(line, folder)))
    reps, cues = session.corrected_reps, session.cues
    _, metrics = session.read_observations_within()
    files = layout.session_file_sizes(folder)
    recording = layout.is_recording(folder)
    if not recording:
        damage += _find_missing_parts(session, metrics.frames)
    lifters: dict[str | None, dict[int, None]] = {}  # Profile → numbers of the lifter's sets, as an ordered set
    for session_set in session.sets:
        lifters.setdefault(session_set.profile, {})[session_set.number] = None
    return documents.ShownSession(
        name=session.name,
        folder=str(folder),
        recording=recording,
        exercises=session.exercises,
        about=session.about,
        duration_s=metrics.t_s,
        frames=metrics.frames_document,
        slow=tuple(metrics.slow.spans),
        reps=reps,
        sets=tuple(summarise_session_set(session_set, session.events) for session_set in session.sets),
        rests_s={
            session_set.number: round(session_set.rest_s, 4)
            for session_set in session.sets
            if session_set.rest_s is not None
        },
        logs=tuple(documents.ShownSetLog(set=number, log=log) for number, log in session.set_logs.items()),
        lifters=tuple(documents.ShownLifter(profile=profile, sets=tuple(sets)) for profile, sets in lifters.items()),
        cues=cues,
        reference=len(session.reference_reps),
        files=tuple(documents.StoredFile(name=name, size_bytes=size_bytes) for name, size_bytes in files.items()),
        damage=tuple(damage),
    )


def _find_missing_parts(session: Session, read: int) -> list[str]:
    """Return a line about each missing part, according to the session's recorded end; `read` observations were read."""
    end = session.about.end
    if end is None or end.early:
        return ["the session was cut off; what was written before that is shown"]
    missing = list[str]()
    if read < end.frames.read:
        missing.append(Message("{n} of {n2} observations can be read", n=read, n2=end.frames.read))
    if len(session.run_reps) < end.reps:
        missing.append(Message("{n} of {n2} reps can be read", n=len(session.run_reps), n2=end.reps))
    if session.video_damage is not None:
        missing.append(layout.strip_folder(session.video_damage, session.folder))
    return missing
