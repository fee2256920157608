"""Builders of recorded sessions: small folders, written by the recorder itself, without any pose model; each in ms.

    sessions = sessions_of(home)                    # of the home that command.run is given
    folder = a_session(sessions)                    # two seconds of a squat, one good rep, no video, well ended
    a_session(sessions, exercise="deadlift", profile="Jörg", started=at(2026, 3, 1), reps=[a_rep(verdict="unsure")])
    a_session(sessions, video=True)                 # a grey picture a frame, at the time of its observation
    a_session(sessions, observations=a_squat(reps=3), reference=3, cut_off=True)

Name only what the test is about. The folder's name is made from `started` and `exercise` as the recorder does, unless
`name` is given; two of the same name are an error (FileExistsError).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryFile

import numpy as np

from builders.observations import a_header, a_squat
from builders.steps import a_rep, a_view
from livecoach import __version__
from livecoach.core.config import files
from livecoach.core.documents import (
    AUTO,
    CueEvent,
    Event,
    ModelDocument,
    RecordedSource,
    RepEvent,
    SessionDocument,
    SessionStart,
    UsedSettings,
    VideoDocument,
    codec,
)
from livecoach.core.types import Observation, Rep, RepWindow
from livecoach.records.profile import write_rep
from livecoach.records.session import layout
from livecoach.records.session.recorder import Recorder
from livecoach.records.session.video import FragmentedVideo
from livecoach.run.session_recording import make_session_start

VIEW = a_view()


def sessions_of(home: Path) -> Path:
    """Where the sessions of a home lie (`command.surroundings`); it is made, private, with those above it."""
    sessions = home / "data" / "sessions"
    sessions.parent.parent.mkdir(parents=True, exist_ok=True)
    for place in (sessions.parent, sessions):
        place.mkdir(mode=0o700, exist_ok=True)
    return sessions


def at(year: int, month: int, day: int, hour: int = 18, minute: int = 30, second: int = 0) -> datetime:
    """Return a local time, in a zone one hour ahead of UTC."""
    return datetime(year, month, day, hour, minute, second, tzinfo=timezone(timedelta(hours=1)))


def some_reps(count: int, *, verdict: str = "good") -> list[Rep]:
    """Return reps of two seconds each, one after the other."""
    return [
        a_rep(index=i + 1, start_s=2.0 * i, turn_s=2.0 * i + 1, end_s=2.0 * i + 2, verdict=verdict)
        for i in range(count)
    ]


def a_document(**changes: object) -> SessionDocument:
    """Return what session.json says of a session that has not ended."""
    fields: dict[str, object] = {
        "started": at(2026, 3, 1).isoformat(timespec="seconds"),
        "exercise": "squat",
        "profile": "anna",
        "session": "camera 0:20260301T183000",
        "source": RecordedSource(name="camera 0", width=640, height=480, fps=30.0, live=True),
        "settings": UsedSettings(false_alarms=0.02, learn=True, height_cm=None),
        "exercise_sha256": "1" * 64,
        "model": ModelDocument(name="squat", version="1", sha256="2" * 64, synthetic=True, pose="lite"),
        "pose_sha256": "3" * 64,
        "reference": (),
        "livecoach": __version__,
    }
    return SessionDocument(**{**fields, **changes})  # type: ignore[arg-type]


_rounded = lru_cache(8192)(codec.round_observation)  # `a_squat` gives many sessions the same observations


def a_session(  # noqa: PLR0913 (each has a default)
    sessions: Path,
    *,
    name: str | None = None,
    started: datetime | None = None,
    reps: int | Sequence[Rep] = 1,
    observations: Sequence[Observation] | None = None,
    events: Sequence[Event] = (),
    cues: Sequence[CueEvent] = (),
    video: bool = False,
    reference: int = 0,
    cut_off: bool = False,
    **about: object,
) -> Path:
    """Record a session into a folder under `sessions`; give its folder.

    reps: how many good ones, or the reps themselves; all of set "1". observations: two seconds of a squat unless given.
    events: beside the start. video: a plain picture a frame. reference: how many kept reps lie in `reference/`.
    cut_off: it has no end, as after a kill. about: fields of its session.json (`exercise`, `profile`, `source`, …).
    """
    started = started or at(2026, 3, 1)
    document = a_document(
        started=started.isoformat(timespec="seconds"),
        reference=tuple(f"{number:03d}.rep" for number in range(reference)),
        **about,
    )
    folder = sessions / (name or f"{started.strftime(layout.START_FORMAT)}-{document.exercise}")
    folder.mkdir(mode=0o700)
    seen = a_squat()[:30] if observations is None else list(observations)
    layout.write_document(folder, document)
    _write_reference(folder, document, seen)
    recorder = Recorder(folder, document, video=False)
    recorder.add_event(a_start(document))
    for observation in seen:
        recorder.add_observation(_rounded(observation), None)
    for event in (*events, *_rep_events(some_reps(reps) if isinstance(reps, int) else reps, document.exercise), *cues):
        recorder.add_event(event)
    recorder.add_log_line("2026-03-01 18:30:00,000 a line of the log")
    ending = recorder.close()
    assert ending is not None
    if video:
        ending = replace(ending, video=_write_video(folder / layout.VIDEO, seen))
    if not cut_off:
        layout.write_document(folder, replace(document, end=ending))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Return the content of each file of a folder, by its path below the folder."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def a_start(about: SessionDocument) -> SessionStart:
    """Return the first event of a session."""
    return replace(make_session_start(about), version=about.livecoach)


def _rep_events(reps: Sequence[Rep], exercise: str) -> list[RepEvent]:
    """exercise: of all reps; "auto" where each has its own."""
    own = reps if exercise == AUTO else [replace(rep, exercise=exercise) for rep in reps]
    return [RepEvent(t_s=rep.end_s, rep=rep, set=str(rep.set), view=VIEW) for rep in own]


def _write_reference(folder: Path, about: SessionDocument, seen: Sequence[Observation]) -> None:
    if not about.reference:
        return
    place = folder / layout.REFERENCE
    place.mkdir(mode=0o700)
    for number, name in enumerate(about.reference):
        rep = RepWindow(
            observations=tuple(seen[:30]),
            start_s=0.1 + number,
            turn_s=0.5 + number,
            end_s=0.9 + number,
            view=VIEW,
            set_name=f"earlier {number}",
            number=1,
            pose="lite",
            exercise=about.exercise,
        )
        write_rep(place / name, rep, session="earlier", began=at(2026, 2, 1))


def _write_video(path: Path, seen: Sequence[Observation]) -> VideoDocument:
    content, frames = _video(seen[0].width_px, seen[0].height_px, tuple(observation.t_s for observation in seen))
    with files.open_new_private(path, buffering=0) as file:
        file.write(content)
    return VideoDocument(frames=frames, left_out=0, bytes=len(content))


@cache
def _video(width_px: int, height_px: int, times_s: tuple[float, ...]) -> tuple[bytes, int]:
    """Return the video and its number of frames: a picture at each time, which grows brighter, so that each can be told
    from the others."""
    with TemporaryFile() as file:
        video = FragmentedVideo(file, width_px, height_px, a_header().fps or 30.0)
        written = 0
        for number, t_s in enumerate(times_s):
            picture = np.full((height_px, width_px, 3), 40 + number % 180, np.uint8)
            written += video.write(picture, t_s)
        video.finish()
        file.seek(0)
        return file.read(), written
