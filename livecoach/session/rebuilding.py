"""Rebuilds session.json of a session in which it is damaged, from the session's other files."""

import os
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from livecoach.config import Settings, paths, read_yaml
from livecoach.config.files import open_regular
from livecoach.documents import (
    Event,
    RecordedSource,
    SessionDocument,
    SessionEnd,
    SessionEnding,
    SessionStart,
    UsedSettings,
)
from livecoach.documents.session import MOST_REFERENCE
from livecoach.errors import NewerSession, SessionError, SourceError
from livecoach.session import layout
from livecoach.session.frames import SessionFrames

_EVENT: TypeAdapter[Any] = TypeAdapter(Event, config=ConfigDict(defer_build=True))
LONGEST_EVENT_BYTES = 1 << 20
"""Longest first or last line of a session's events; they have 2 kB. Our choice."""


def rebuilt(folder: Path, why: SessionError) -> SessionDocument:
    """Rebuild the document from the first event, the observations and the folder's name, with the shipped settings.

    Raises `why` where these do not suffice, or a newer version wrote the session.
    """
    try:
        with open_regular(folder / layout.EVENTS) as file:
            start = _EVENT.validate_json(file.readline(LONGEST_EVENT_BYTES))
        with closing(SessionFrames(folder / layout.OBSERVATIONS, None, str)) as frames:
            header = frames.header
        started = _started(folder)
    except (OSError, ValidationError, SourceError):
        raise why from None
    if isinstance(why, NewerSession) or not isinstance(start, SessionStart):
        raise why
    settings = read_yaml(paths.configs_dir() / "settings.yaml", Settings)
    return SessionDocument(
        started=started.astimezone().isoformat(timespec="seconds"),
        exercise=start.exercise,
        profile=start.profile,
        session=folder.name,
        source=RecordedSource(
            name=start.source, width=header.width_px, height=header.height_px, fps=header.fps, live=True
        ),
        settings=UsedSettings(false_alarms=settings.false_alarms, learn=settings.learn, height_cm=settings.height_cm),
        exercise_sha256="",
        model=start.model,
        pose_sha256=header.pose_sha256,
        reference=tuple(sorted(path.name for path in (folder / layout.REFERENCE).glob("*.rep"))[:MOST_REFERENCE]),
        livecoach=start.version,
        end=_recorded_end(folder),
    )


def _recorded_end(folder: Path) -> SessionEnding | None:
    """Return the ending recorded in the last event; None where the last event is another one, because the session was
    cut off.

    Raises OSError.
    """
    try:
        with open_regular(folder / layout.EVENTS) as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_EVENT_BYTES))
            last = _EVENT.validate_json(file.read(LONGEST_EVENT_BYTES).rstrip(b"\n").rpartition(b"\n")[2])
    except ValidationError:
        return None
    if not isinstance(last, SessionEnd):
        return None
    return SessionEnding(
        early=False,
        duration_s=last.t_s,
        reps=last.reps,
        good=last.good,
        anomalous=last.anomalous,
        unsure=last.unsure,
        frames=last.frames,
        video=None,
        stopped=None,
        cpu_ms_per_frame=None,
    )


def _started(folder: Path) -> datetime:
    """Return the start time in the folder's name; for a renamed folder, the time of the last write to its observations.

    Raises OSError.
    """
    return layout.start_from_name(folder.name) or datetime.fromtimestamp((folder / layout.OBSERVATIONS).stat().st_mtime)
