"""Exports sessions to a zip: the folder of each session, and tables as CSV for other programs.

    <name of a session>/session.json, …     a folder for each session, as in the folder of sessions
    tables/reps.csv, tables/observations.csv
    profiles/<profile>/plan.yaml, …         files of profiles, if the caller wants them (profile_files)
    settings.json                           settings that do not depend on the computer, with the files of profiles

`importing` reads the sessions back and ignores the tables. A part of each picture of the videos can be masked; the
times of the pictures stay unchanged. The table `reps` has a row for each completed rep. The table `observations` has a
row for each frame, with empty landmarks if nobody was detected. The first column of both tables names the session.
"""

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from functools import partial, reduce
from itertools import chain
from pathlib import Path
from typing import IO, Any, BinaryIO, NamedTuple

import numpy as np

from livecoach.core import documents, landmark
from livecoach.core.config import files
from livecoach.core.config.settings import portable_settings
from livecoach.core.documents import RepEvent
from livecoach.core.errors import SessionError, SourceError
from livecoach.core.types import Observation, empty_observation, ignore
from livecoach.core.types.bounds import write_csv_rows
from livecoach.core.types.message import Message
from livecoach.decisions.coaching import rep_figures
from livecoach.records.session import layout
from livecoach.records.session.listing import open_readable_sessions
from livecoach.records.session.profile_files import list_profile_files
from livecoach.records.session.recorder import USUAL_FPS
from livecoach.records.session.stored import Session
from livecoach.records.session.video import FragmentedVideo, SessionPictures

PROGRESS_ROWS = 4096  # Number of rows between two reports of progress: some seconds. Our choice.
DECIMALS = 7  # Decimals of landmarks: single precision has no more
LANDMARK_COLUMNS = ("x", "y", "z", "visibility", "presence")  # Parts of a landmark in the picture, each in a column
WORLD_COLUMNS = ("world_x", "world_y", "world_z")  # Coordinates of a landmark in metres, each in a column
_POINTS = tuple(
    [f"{name}_{part}" for name in landmark.NAMES for part in LANDMARK_COLUMNS]
    + [f"{name}_{part}" for name in landmark.NAMES for part in WORLD_COLUMNS]
)
_FRAME = ("index", "t_s", "people", "brightness", "width_px", "height_px", "dropped")


class CsvTable(NamedTuple):
    """The columns and rows of a table that can be written as CSV."""

    columns: Sequence[str]  # Names of the columns
    rows: Iterable[Sequence[Any]]  # Values of each row, in the order of the columns; None for an absent value


def write_table(file: IO[bytes], table: CsvTable) -> None:
    """Write a table as CSV in UTF-8 to an open binary file, which stays open."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    try:
        write_csv_rows(text, chain([table.columns], table.rows))
    finally:
        text.detach()


ColumnValue = Callable[[Session, RepEvent], Any]
"""Returns the value of a column of the table `reps` for a rep; None if the rep has no value."""


def _field(path: str) -> ColumnValue:
    """Return a function that reads a field of a rep's event, such as "rep.pace.speed", or None if a part is None."""

    def value(_: Session, event: Any) -> Any:
        return reduce(lambda part, name: getattr(part, name, None), path.split("."), event)

    return value


def _fields(of: str, *names: str) -> dict[str, ColumnValue]:
    """Return a column for each of several fields of a part of a rep's event, such as "rep.pace"."""
    return {name: _field(f"{of}.{name}") for name in names}


def _of_log(name: str) -> ColumnValue:
    return lambda session, event: getattr(session.set_logs.get(event.rep.set), name, None)


def _rest_s(session: Session, event: RepEvent) -> float | None:
    """Return the rest before the set of a rep, in seconds; None if unknown."""
    rests_s = (session_set.rest_s for session_set in session.sets if session_set.number == event.rep.set)
    return next((round(rest_s, 4) for rest_s in rests_s if rest_s is not None), None)


def _severity(name: str) -> ColumnValue:
    return lambda _, event: next((fault.severity for fault in event.rep.faults if fault.name == name), None)


_REP: dict[str, ColumnValue] = {
    "session": lambda session, _: session.name,
    "started": lambda session, _: session.about.started,
    "exercise": _field("rep.exercise"),
    "profile": lambda session, event: session.profile_at(event.rep.start_s),
    "set": lambda _, event: str(event.rep.set),
    **_fields("rep", "number", "index"),
    "rest_s": _rest_s,
    **{name: _of_log(name) for name in ("load_kg", "rpe", "note")},
    **_fields("rep", "start_s", "turn_s", "end_s", "verdict"),
    "counts_as": lambda _, event: event.rep.form if event.rep.counts else None,
    "correction": _field("rep.correction.label"),
    "correction_fault": _field("rep.correction.fault"),
    **_fields("rep", "score", "confidence", "reference", "unsure"),
    "view": _field("view.name"),
    "azimuth_deg": _field("view.azimuth_deg"),
    "azimuth_uncertainty_deg": _field("view.uncertainty_deg"),
    **_fields("rep.pace", "concentric_s", "pause_s", "eccentric_s", "speed", "speed_unit", "travel", "travel_unit"),
    **_fields("rep.pace", "velocity_loss", "measured_from"),
    "faults": lambda _, event: "; ".join(
        f"{fault.name}: {fault.text}" if fault.text else fault.name for fault in event.rep.faults
    ),
    "top_joints": lambda _, event: ", ".join(event.rep.top_joints),
    "why": _field("rep.why.text"),
    "not_visible": lambda _, event: ", ".join(fault.name for fault in event.rep.not_visible),
}


def reps_table(sessions: Sequence[Session]) -> CsvTable:
    """Return a table with a row for each completed rep, and a column `severity_<fault>` for each fault that occurs."""
    rows = [(session, event) for session in sessions for event in _as_shown(session)]
    faults = sorted({fault.name for _, event in rows for fault in event.rep.faults})
    values = {**_REP, **{f"severity_{name}": _severity(name) for name in faults}}
    return CsvTable(tuple(values), [[value(*row) for value in values.values()] for row in rows])


def _as_shown(session: Session) -> Iterator[RepEvent]:
    """Yield the reps of a session with the speed loss that its report shows."""
    losses = {
        loss.rep.index: round(loss.share, documents.DECIMALS)
        for session_set in session.sets
        for loss in rep_figures.speed_losses(session_set.reps)
    }
    for event in session.corrected_reps:
        pace, loss = event.rep.pace, losses.get(event.rep.index)
        if pace is None or loss is None:
            yield event
        else:
            yield replace(event, rep=replace(event.rep, pace=replace(pace, velocity_loss=loss)))


def observations_table(
    sessions: Iterable[Session], on_progress: Callable[[Session, float], object] = lambda _, __: None
) -> CsvTable:
    """Return a table with a row for each frame of the sessions.

    The rows can be iterated only once, since iterating reads the files. Observations that can't be read are left out
    and reported through the session's `say`.

    Args:
        on_progress: Called every PROGRESS_ROWS rows with the session and the time reached in it, in seconds.
    """
    return CsvTable(
        ("session", *_FRAME, *_POINTS), (row for session in sessions for row in _observation_rows(session, on_progress))
    )


def _observation_rows(session: Session, on_progress: Callable[[Session, float], object]) -> Iterator[Sequence[Any]]:
    try:
        with closing(session.open_frames()) as source:
            for number, frame in enumerate(iter(source.read, None), 1):
                if (o := frame.observation) is None:
                    continue
                points: list[float] | list[None] = [None] * len(_POINTS)
                if o.landmarks is not None and o.world is not None:
                    both = np.concatenate([o.landmarks.ravel(), o.world.ravel()])
                    points = both.astype(float).round(DECIMALS).tolist()
                yield [session.name, *(getattr(o, name) for name in _FRAME), *points]
                if number % PROGRESS_ROWS == 0:
                    on_progress(session, o.t_s)
    except SourceError:
        session.say(f"{session.name}: its observations can't be read, so the tables lack its frames.")


MaskPicture = Callable[[np.ndarray, Observation], np.ndarray]
"""Returns a masked copy of a picture, of the same size, for the picture and the observation of the picture."""
SAME_TIME_S = 1e-5  # Largest difference of the times of a picture and its observation; the video has microseconds


def write_masked_video(
    session: Session, file: BinaryIO, mask: MaskPicture, on_progress: Callable[[float], object] = ignore
) -> None:
    """Write a copy of a session's video, which must exist, with a part of each picture masked.

    Damaged pictures are left out. Raises SourceError if the video or the observations can't be read, and OSError if the
    copy can't be written.

    Args:
        file: An unbuffered file, which stays open.
        mask: Masks a picture. The observation is empty if none can be read for the picture's time.
        on_progress: Called with the time of each picture in seconds.
    """
    assert session.video is not None
    video: FragmentedVideo | None = None
    with closing(SessionPictures(session.video)) as pictures, closing(session.open_frames()) as source:
        observations = (frame.observation for frame in iter(source.read, None))
        seen = next(observations, None)
        for t_s, picture in pictures.read_pictures():
            while seen is not None and seen.t_s < t_s - SAME_TIME_S:
                seen = next(observations, None)
            height_px, width_px = picture.shape[:2]
            known = seen if seen is not None and seen.t_s <= t_s + SAME_TIME_S else None
            if video is None:
                video = FragmentedVideo(file, width_px, height_px, session.about.source.fps or USUAL_FPS)
            video.write(mask(picture, known or empty_observation(t_s=t_s, width_px=width_px, height_px=height_px)), t_s)
            on_progress(t_s)
        if video is not None:
            video.finish()


def list_exportable_sessions(say: Callable[[str], object]) -> list[Session]:
    """Return all sessions that can be read and are not being recorded, oldest first; perhaps none.

    `say` is called with a line about each session or part of a session that can't be read.

    Raises:
        SessionError: There is no session, profile or setting to export, or the sessions can't be listed.
        ConfigError: There is no session or profile, and the settings can't be read.
    """
    sessions = [session for session in open_readable_sessions(say) if not layout.is_recording(session.folder)]
    if not (sessions or any(list_profile_files()) or portable_settings()):
        raise SessionError(Message("There is nothing to save yet. Do a set, or add a film."))
    return sessions


def check_exportable(sessions: Sequence[Session]) -> None:
    """Raise SessionError if a session is being recorded or unreadable, or its name is unsuitable or occurs twice."""
    names = [session.name for session in sessions]
    for session in sessions:
        if layout.is_recording(session.folder):
            raise SessionError(f"{session.folder}: is still being recorded or analysed. Export it afterwards.")
        if not layout.is_portable_name(session.name):
            raise SessionError(f"{session.folder}: a zip can't contain a session of this name. Rename the folder.")
        if names.count(session.name) > 1:
            raise SessionError(f"{session.folder}: two of the sessions have this name. Export them one by one.")
        for path in (session.folder / name for name in layout.session_file_sizes(session.folder)):
            try:
                path.open("rb").close()
            except OSError as err:
                raise _unreadable(path, err) from err


def _unreadable(path: Path, err: OSError) -> SessionError:
    return SessionError(f"{path}: can't be read ({err.strerror}), so nothing is exported. Make it readable.")


def write_zip(
    sessions: Sequence[Session],
    file: IO[bytes],
    part: Path,
    *,
    video: bool,
    tables: bool,
    profiles: bool = False,
    mask: MaskPicture | None = None,
    on_progress: Callable[[Session, float], object] = lambda _, __: None,
) -> None:
    """Write sessions to a zip file.

    Args:
        sessions: Sessions that `check_exportable` has accepted.
        part: Path of a temporary file, which exists only while a masked video is written.
        tables: Whether to add tables of all reps and all observations, as CSV.
        profiles: Whether the zip contains the files of the user's profiles, and the settings.
        mask: Masks each picture of the videos; None leaves the videos unchanged.
        on_progress: Called with a session and the time reached in the session, in seconds, for a progress bar.

    Raises:
        OSError: The zip can't be written, or a file can't be read.
        SourceError: A session can't be read.
        ConfigError: The user's settings are to be in the zip, but can't be read.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for session in sessions:
            names = set(layout.session_file_sizes(session.folder))
            if not video or session.video is None:
                names -= {layout.VIDEO}
            elif mask is not None:
                names -= _add_masked(archive, session, mask, partial(on_progress, session), part)
            for name in sorted(names):
                path, packed = session.folder / name, zipfile.ZIP_STORED if name == layout.VIDEO else None
                try:
                    archive.write(path, f"{session.name}/{name}", packed)  # a video is compressed already
                except FileNotFoundError as err:  # the file was deleted meanwhile; writing raises other errors
                    raise _unreadable(path, err) from err
        for name, path in list_profile_files() if profiles else ():
            archive.write(path, f"{layout.PROFILES}/{name}")
        if profiles and (settings := portable_settings()):
            archive.writestr(layout.SETTINGS, json.dumps(settings))
        if not tables:
            return
        for name, table in ("reps", reps_table(sessions)), ("observations", observations_table(sessions, on_progress)):
            with archive.open(f"{layout.TABLES}/{name}.csv", "w", force_zip64=True) as target:
                write_table(target, table)


def _add_masked(
    archive: zipfile.ZipFile, session: Session, mask: MaskPicture, on_progress: Callable[[float], object], part: Path
) -> set[str]:
    """Add the masked video and, if the original is intact, a session.json with its size; return their file names."""
    part.unlink(missing_ok=True)
    try:
        with files.open_new_private(part, buffering=0) as video:  # the encoder seeks, and a zip can't
            write_masked_video(session, video, mask, on_progress)
        archive.write(part, f"{session.name}/{layout.VIDEO}", zipfile.ZIP_STORED)
        size_bytes = part.stat().st_size
    finally:
        part.unlink(missing_ok=True)
    end = session.about.end
    if end is None or end.video is None or session.video_damage is not None:
        return {layout.VIDEO}
    about = replace(session.about, end=replace(end, video=replace(end.video, bytes=size_bytes)))
    archive.writestr(f"{session.name}/{layout.DOCUMENT}", documents.to_json(about) + "\n")
    return {layout.VIDEO, layout.DOCUMENT}
