"""Finds and opens a session, and the rep or set of it that a user names. A damaged session.json is rebuilt from the
other files; nothing is written."""

import json
import os
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from pydantic import TypeAdapter

from livecoach.core.config import Settings, paths, read_yaml
from livecoach.core.config.files import open_regular, read_limited
from livecoach.core.documents import (
    SESSION_VERSION,
    RecordedSource,
    RepEvent,
    SessionDocument,
    SessionStart,
    UsedSettings,
)
from livecoach.core.documents.events import MOST_REFERENCE
from livecoach.core.errors import OtherVersion, SessionError, SourceError
from livecoach.core.types import ignore
from livecoach.records.session import layout
from livecoach.records.session.frames import SessionFrames
from livecoach.records.session.rep_choice import RepChoice, RepRange, check_names_no_rep, chosen, one_rep
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import EVENT, NO_PROFILE, Session

LONGEST_EVENT_BYTES = 1 << 20  # Longest first line to read of a session's events; it has 2 kB. Our choice.
_ABOUT = TypeAdapter(SessionDocument)


def is_session(path: Path) -> bool:
    try:
        return path.is_dir() and any((path / name).is_file() for name in (layout.DOCUMENT, layout.OBSERVATIONS))
    except OSError:  # not readable
        return False


def not_a_session(path: Path) -> SessionError:
    if os.path.isdir(path) and not os.access(path, os.R_OK | os.X_OK):
        return SessionError(f"{path}: can't be read. Make the folder readable.")
    what = f"not a session, which contains {layout.DOCUMENT}" if os.path.exists(path) else "no such folder"
    return SessionError(f"{path}: {what}. `livecoach sessions` lists the sessions.")


def find_session(given: str) -> Path:
    """Return the folder of a session, given its path, its name, the beginning of its name, or "last".

    Raises SessionError if there is none, or several.
    """
    if is_session(Path(given)):
        return Path(given)
    if os.path.exists(given):
        raise not_a_session(Path(given))
    check_names_no_rep(given)
    if len(Path(given).parts) > 1:
        raise not_a_session(Path(given))
    names = [folder.name for folder in layout.listed_folders()]
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
    """Open a session. say: called with a line about each damage, and on why its recording stopped. Raises SessionError
    if the folder contains no readable session."""
    if not is_session(folder):
        raise not_a_session(folder)
    try:
        about = read_document(folder / layout.DOCUMENT)
    except SessionError as err:
        about = rebuilt(folder, err)
        left = Session(folder=folder, about=about, say=ignore)
        about = about if left.cut_off else replace(about, end=left.ending)
        say(f"{err}; it is rebuilt from the other files")
    if about.end is not None and about.end.stopped is not None:
        say(f"{folder / layout.DOCUMENT}: {about.end.stopped}")
    return Session(folder=folder, about=about, say=say)


def of_one_lifter(session: Session, profile: str | None) -> Session:
    """Return what a session holds of the lifter with a profile; NO_PROFILE: without one, None: of the only one.

    Raises SessionError if nobody in it is called that, or it has several lifters and none is named.
    """
    lifters = {name or NO_PROFILE: name for name in session.profiles}
    if profile is None and len(lifters) == 1:
        return session
    if profile not in lifters:
        what = "has several lifters" if profile is None else f"has no set of profile {profile}"
        raise SessionError(f"{session.name}: {what}. Give --profile with one of these: {', '.join(lifters)}.")
    return session.of_lifter(lifters[profile])


def read_document(path: Path) -> SessionDocument:
    """Read a session.json. Raises SessionError if it is damaged, OtherVersion if a newer livecoach wrote it."""
    try:
        content = read_limited(path, layout.MOST_DOCUMENT_BYTES)
        version = json.loads(content)["version"]
        if version > SESSION_VERSION:
            raise OtherVersion(f"{path}: written by a newer livecoach (version {version} of the format). Update it.")
        about = _ABOUT.validate_json(content)
        layout.start_of(about.started)
        return about
    except OSError as err:
        why = "is missing" if isinstance(err, FileNotFoundError) else f"can't be read ({err.strerror})"
    except (ValueError, LookupError, TypeError, RecursionError):  # pydantic's error is a ValueError
        why = "is damaged"
    raise SessionError(f"{path}: {why}")


def rebuilt(folder: Path, why: SessionError) -> SessionDocument:
    """Rebuild the document from the first event, the observations and the folder's name, with the shipped settings.

    Raises `why` if these do not suffice, or if a newer livecoach wrote the session.
    """
    try:
        with open_regular(folder / layout.EVENTS) as file:
            start = EVENT.validate_json(file.readline(LONGEST_EVENT_BYTES))
        with closing(SessionFrames(folder / layout.OBSERVATIONS, None, ignore)) as frames:
            header = frames.header
        started = layout.start_without_document(folder)
    except (OSError, OverflowError, ValueError, SourceError):
        raise why from None
    if isinstance(why, OtherVersion) or not isinstance(start, SessionStart):
        raise why
    settings = read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    return SessionDocument(
        started=started.isoformat(timespec="seconds"),
        exercise=start.exercise,
        profile=start.profile,
        session=folder.name,
        source=RecordedSource(
            name=start.source, width=header.width_px, height=header.height_px, fps=header.fps, live=True
        ),
        settings=UsedSettings(
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


def named_rep(session: Session, wanted: RepRange) -> RepEvent:
    """Raises SessionError."""
    rep = one_rep(wanted, [event.rep for event in session.corrected_reps], session.name, session.whose)
    return rep_at(session, rep.place)


def named_reps(session: Session, wanted: RepChoice) -> list[RepEvent]:
    """Return the reps of a choice, in order, with the corrections that count.

    Raises:
        SessionError: A rep or set does not exist, or may be of several lifters.
    """
    reps = chosen(wanted, [event.rep for event in session.corrected_reps], session.name, session.whose)
    places = {rep.place for rep in reps}
    return [event for event in session.corrected_reps if event.rep.place in places]


def rep_at(session: Session, place: tuple[int, int]) -> RepEvent:
    """Return the rep with the numbers of its set in the session and of the rep in it. Raises SessionError."""
    found = next((event for event in session.corrected_reps if event.rep.place == place), None)
    if found is None:
        raise SessionError(f"{session.name}: there is no rep {place[0]}/{place[1]}.")
    return found


def named_set(session: Session, wanted: RepRange) -> SessionSet:
    """Raises SessionError."""
    first, *_ = chosen((replace(wanted, first=1, last=None),), session.completed, session.name, session.whose)
    return next(one for one in session.sets if one.number == first.set)
