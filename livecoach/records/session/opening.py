"""Finds and opens a session, and finds the rep or set in a session that a user names.

A damaged session.json is rebuilt from the other files in memory; nothing is written. A session, rep or set that does
not exist or can't be read raises SessionError.
"""

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from livecoach.core import documents
from livecoach.core.config import Settings, paths, read_yaml
from livecoach.core.config.files import open_regular, read_limited
from livecoach.core.documents.run_events import MOST_REFERENCE
from livecoach.core.errors import NewerVersion, SessionError, SourceError
from livecoach.core.types import ignore
from livecoach.core.types.bounds import NO_PROFILE
from livecoach.core.types.message import Message
from livecoach.records.session import layout
from livecoach.records.session.frames import SessionFrames
from livecoach.records.session.lifter_events import EVENT_ADAPTER
from livecoach.records.session.rep_choice import RepChoice, RepRange, check_no_rep_named, select_reps
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session

LONGEST_EVENT_BYTES = 1 << 20  # Most bytes to read of the first event of a session, which has 2 kB. Our choice.
_ABOUT = TypeAdapter(documents.SessionDocument)


def is_session_folder(path: Path) -> bool:
    """Return whether a path is a folder with a session.json or stored observations, which may be damaged."""
    try:
        return path.is_dir() and any((path / name).is_file() for name in (layout.DOCUMENT, layout.OBSERVATIONS))
    except OSError:  # not readable
        return False


def _no_session_error(path: Path) -> SessionError:
    if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
        return SessionError(f"{path}: can't be read. Make the folder readable.")
    what = f"not a session, which contains {layout.DOCUMENT}" if os.path.exists(path) else "no such folder"
    return SessionError(f"{path}: {what}. `livecoach sessions` lists the sessions.")


def find_session(text: str) -> Path:
    """Find the folder of a session by its path, its name, the beginning of its name, or "last" for the newest session.

    Raises SessionError if no session or several sessions fit, or the text names a rep or set.
    """
    if is_session_folder(Path(text)):
        return Path(text)
    if os.path.exists(text):
        raise _no_session_error(Path(text))
    check_no_rep_named(text)
    if len(Path(text).parts) > 1:
        raise _no_session_error(Path(text))
    names = [folder.name for folder in layout.list_folders()]
    if not names:
        raise SessionError(f"{text}: there is no session yet. `livecoach live` records one.")
    fitting = names[-1:] if text == layout.LAST_SESSION else [name for name in names if name == text]
    fitting = fitting or [name for name in names if text and name.startswith(text)]
    if not fitting:
        raise SessionError(f"{text}: no such session. `livecoach sessions` lists them.")
    if len(fitting) > 1:
        raise SessionError(
            f"{text}: {len(fitting)} sessions begin like that: {fitting[0]}, {fitting[1]}… Give more of the name."
        )
    return paths.sessions_dir() / fitting[0]


def find_session_unless_file(named: Path) -> Path | None:
    """Find the folder of the session that a path or name means, as `find_session` does; None if a file may be meant.

    An existing file, a path of several parts, and a name with a suffix may be meant as a file, unless it is the path or
    the name of a session.
    """
    if is_session_folder(named):
        return named
    in_place = len(named.parts) == 1 and is_session_folder(paths.sessions_dir() / named)
    is_file = os.path.isfile(named) or len(named.parts) > 1 or named.suffix
    return find_session(str(named)) if in_place or not is_file else None


def open_session(folder: Path, say: Callable[[str], object]) -> Session:
    """Open a session. A damaged session.json is rebuilt, only in memory. Raises SessionError for an unreadable session.

    Args:
        say: Called with a line if session.json is damaged, and with the reason if the recording stopped early. The
            session keeps `say`, and calls it later with a line about each damaged part of a file that is read. Each
            line is reported once, even if parts of the session read the file again.
    """
    if not is_session_folder(folder):
        raise _no_session_error(folder)
    try:
        about = read_document(folder / layout.DOCUMENT)
    except SessionError as err:
        about = _rebuild_document(folder, err)
        left = Session(folder=folder, about=about, say=ignore)
        about = about if left.is_cut_off else replace(about, end=left.ending)
        say(Message("{text}; it is rebuilt from the other files", text=str(err)))
    if about.end is not None and about.end.stopped is not None:
        say(Message("{name}: {text}", name=str(folder / layout.DOCUMENT), text=about.end.stopped))
    return Session(folder=folder, about=about, say=cache(say))


def select_lifter(session: Session, profile: str | None) -> Session:
    """Select the part of a session that belongs to one lifter.

    Raises SessionError if the lifter has no set in the session, or if `profile` is None and there are several lifters.

    Args:
        profile: Profile of the lifter; NO_PROFILE for the lifters without a profile; None for the only lifter.
    """
    lifters = {name or NO_PROFILE: name for name in session.profiles}
    if profile is None and len(lifters) == 1:
        return session
    if profile not in lifters:
        what = "has several lifters" if profile is None else f"has no set of profile {profile}"
        raise SessionError(f"{session.name}: {what}. Give --profile with one of these: {', '.join(lifters)}.")
    return session.select_lifter(lifters[profile])


def read_document(path: Path) -> documents.SessionDocument:
    """Read a session.json. Raises SessionError if that fails: NewerVersion if a newer livecoach wrote the file."""
    try:
        content = read_limited(path, layout.MOST_DOCUMENT_BYTES)
        version = json.loads(content)["version"]
        if version > documents.SESSION_VERSION:
            raise NewerVersion(f"{path}: written by a newer livecoach (version {version} of the format). Update it.")
        about = _ABOUT.validate_json(content)
        layout.parse_start(about.started)
        return about
    except OSError as err:
        is_missing, reason = isinstance(err, FileNotFoundError), err.strerror or ""
        why = Message("is missing") if is_missing else Message("can't be read ({name})", name=reason)
    except (ValueError, LookupError, TypeError, RecursionError):  # pydantic's error is a ValueError
        why = Message("is damaged")
    raise SessionError(Message("{name}: {text}", name=str(path), text=why))


def _rebuild_document(folder: Path, why: SessionError) -> documents.SessionDocument:
    """Rebuild a session's document from the first event, the observations and the name of the folder.

    The settings that these files do not contain are the shipped settings. Raises `why` if the other files do not
    suffice, or a newer livecoach wrote the session.
    """
    try:
        with open_regular(folder / layout.EVENTS) as file:
            start = EVENT_ADAPTER.validate_json(file.readline(LONGEST_EVENT_BYTES))
        with closing(SessionFrames(folder / layout.OBSERVATIONS, None, ignore)) as frames:
            header = frames.header
        started = layout.estimate_start(folder)
    except (OSError, OverflowError, ValueError, SourceError):
        raise why from None
    if isinstance(why, NewerVersion) or not isinstance(start, documents.SessionStart):
        raise why
    settings = read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    return documents.SessionDocument(
        started=started.isoformat(timespec="seconds"),
        exercise=start.exercise,
        profile=start.profile,
        session=folder.name,
        source=documents.RecordedSource(
            name=start.source, width=header.width_px, height=header.height_px, fps=header.fps, live=True
        ),
        settings=documents.UsedSettings(
            false_alarms=settings.false_alarms,
            learn=settings.learn,
            height_cm=settings.height_cm,
            standards=settings.standards,
        ),
        exercise_sha256="",
        model=start.model,
        pose_sha256=header.pose_sha256,
        reference=tuple(sorted(path.name for path in (folder / layout.REFERENCE).glob("*.rep"))[:MOST_REFERENCE]),
        livecoach=start.version,
    )


def find_rep(session: Session, wanted: RepRange) -> documents.RepEvent:
    """Find the rep that a user selects in a session. Raises SessionError unless the range names one existing rep."""
    if wanted.last != wanted.first:
        raise SessionError(f"{session.name}: one rep is wanted. Write {session.name}:{wanted.set}/{wanted.first}.")
    return find_reps(session, (wanted,))[0]


def find_reps(session: Session, wanted: RepChoice) -> list[documents.RepEvent]:
    """Find the reps that a user selects in a session, in order, with the corrections that count.

    Raises SessionError if a rep or set does not exist, or if the choice names no lifter and fits several lifters.
    """
    reps = select_reps(wanted, [event.rep for event in session.corrected_reps], session.name, session.lifter_of)
    places = {rep.set_and_number for rep in reps}
    return [event for event in session.corrected_reps if event.rep.set_and_number in places]


def find_rep_at(session: Session, set_and_number: tuple[int, int]) -> documents.RepEvent:
    """Find the rep of a session with a set number and a rep number (`Rep.set_and_number`), or raise SessionError."""
    found = next((event for event in session.corrected_reps if event.rep.set_and_number == set_and_number), None)
    if found is None:
        of_set, number = set_and_number
        raise SessionError(f"{session.name}: there is no rep {of_set}/{number}.")
    return found


def find_set(session: Session, wanted: RepRange) -> SessionSet:
    """Find the set that a user selects in a session; the range's rep numbers are ignored.

    Raises SessionError if there is no such set, or if several lifters have a set with the selected number.
    """
    first, *_ = find_reps(session, (replace(wanted, first=1, last=None),))
    return next(session_set for session_set in session.sets if session_set.number == first.rep.set)
