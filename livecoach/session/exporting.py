"""Exports sessions to a zip: each session as it is, and tables for other programs.

    <name of a session>/session.json, …     one folder each, as in the folder of sessions
    tables/reps.csv, reps.parquet, observations.csv, observations.parquet

`importing` reads the sessions back and ignores the tables. A video can be re-encoded with a part of each picture
masked, at the same times.
"""

import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import BinaryIO

import numpy as np

from livecoach import documents
from livecoach.config import files
from livecoach.errors import SessionError
from livecoach.session import layout, tables
from livecoach.session.recorder import USUAL_FPS
from livecoach.session.stored import Session
from livecoach.session.video import FragmentedVideo, SessionPictures
from livecoach.types import Observation, nobody
from livecoach.types.callbacks import ignore

MaskPicture = Callable[[np.ndarray, Observation], np.ndarray]
"""Returns a masked picture of the same size, given the picture and its observation."""
SAME_S = 1e-5
"""Greatest difference in time between a picture and its observation: the video keeps microseconds."""
CHUNK = 1 << 20
"""Bytes copied at a time."""


def write_masked_video(
    session: Session, file: BinaryIO, mask: MaskPicture, at: Callable[[float], object] = ignore
) -> None:
    """Write the masked video of a session that has one.

    file: unbuffered. mask: called with an empty observation if the stored one is damaged. at: called with the time
    of each picture. Raises SourceError if the video can't be read, OSError if it can't be written.
    """
    assert session.video is not None
    with closing(SessionPictures(session.video)) as pictures:
        video: FragmentedVideo | None = None
        for t_s, picture, observation in _pictures_with_observations(session, pictures):
            if video is None:
                height_px, width_px = picture.shape[:2]
                video = FragmentedVideo(file, width_px, height_px, session.about.source.fps or USUAL_FPS)
            video.write(mask(picture, observation), t_s)
            at(t_s)
        if video is not None:
            video.finish()


def _pictures_with_observations(
    session: Session, pictures: SessionPictures
) -> Iterator[tuple[float, np.ndarray, Observation]]:
    """Yield each picture with its time and its observation."""
    with closing(session.frames()) as source:
        frames = iter(source.read, None)
        observation: Observation | None = None
        for t_s, picture in pictures.each():
            while observation is None or observation.t_s < t_s - SAME_S:
                frame = next(frames, None)
                if frame is None:
                    break
                observation = frame.observation
            known = observation is not None and abs(observation.t_s - t_s) <= SAME_S
            height_px, width_px = picture.shape[:2]
            empty = nobody(t_s=t_s, width_px=width_px, height_px=height_px)
            yield t_s, picture, observation if observation is not None and known else empty


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """Which parts of each session go into the zip."""

    video: bool
    tables: tuple[tables.TableFormat, ...]
    mask: MaskPicture | None
    """Masks each picture; None leaves the pictures as they are."""
    at: Callable[[Session, float], object] = lambda _, __: None
    """Called with the time reached in a session during a slow pass."""


def check(sessions: Sequence[Session]) -> None:
    """Raise SessionError if the sessions can't go into one zip."""
    names = [session.name for session in sessions]
    for session in sessions:
        if layout.is_recording(session.folder):
            raise SessionError(f"{session.folder}: is being recorded. Export it when the set is over.")
        if not layout.is_name(session.name):
            raise SessionError(f"{session.folder}: a zip can't contain a session of this name. Rename the folder.")
        if names.count(session.name) > 1:
            raise SessionError(f"{session.folder}: two of the sessions have this name. Export them one by one.")


def write(sessions: Sequence[Session], file: BinaryIO, wanted: ExportOptions, part: Path) -> None:
    """Write the zip.

    part: path of a temporary file, which is removed again. Raises OSError if the zip can't be written, SourceError
    if a session can't be read.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for session in sessions:
            covered_bytes: int | None = None
            for name in layout.session_files(session.folder):
                if name == layout.VIDEO and wanted.video and session.video is not None:
                    covered_bytes = _add_video(archive, session, wanted, part)
                elif name not in {layout.VIDEO, layout.DOCUMENT}:
                    _add(archive, session.folder / name, f"{session.name}/{name}")
            _add_document(archive, session, covered_bytes)
        for kind in wanted.tables:
            _add_tables(archive, sessions, wanted, kind)


def _add_document(archive: zipfile.ZipFile, session: Session, covered_bytes: int | None) -> None:
    """Add session.json as it is, or with the new file size of a re-encoded video."""
    path, name = session.folder / layout.DOCUMENT, f"{session.name}/{layout.DOCUMENT}"
    if not path.is_file():
        return
    end = session.about.end
    if covered_bytes is None or end is None or end.video is None or session.video_damage is not None:
        _add(archive, path, name)
        return
    video = replace(end.video, bytes=covered_bytes)
    about = replace(session.about, end=replace(end, video=video))
    archive.writestr(_entry(name, "csv"), documents.to_json(about) + "\n")


def _add_video(archive: zipfile.ZipFile, session: Session, wanted: ExportOptions, part: Path) -> int | None:
    """Add the video. Returns the size of a re-encoded video, otherwise None."""
    if wanted.mask is None:
        _add(archive, session.folder / layout.VIDEO, f"{session.name}/{layout.VIDEO}")
        return None
    # The encoder seeks back in its file, which is impossible in a zip.
    part.unlink(missing_ok=True)
    try:
        with files.open_new_private(part, buffering=0) as video:
            write_masked_video(session, video, wanted.mask, partial(wanted.at, session))
        _add(archive, part, f"{session.name}/{layout.VIDEO}")
        return part.stat().st_size
    finally:
        part.unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Add a file as it is. Raises SessionError if it can't be read."""
    try:
        source = path.open("rb")
        entry = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False)
    except OSError as err:
        raise _unreadable(path, err) from err
    packed = name.endswith(f"/{layout.VIDEO}")  # already compressed
    entry.compress_type = zipfile.ZIP_STORED if packed else zipfile.ZIP_DEFLATED
    with source, archive.open(entry, "w") as target:
        for chunk in _chunks(source, path):
            target.write(chunk)


def _chunks(source: BinaryIO, path: Path) -> Iterable[bytes]:
    while True:
        try:
            chunk = source.read(CHUNK)
        except OSError as err:
            raise _unreadable(path, err) from err
        if not chunk:
            return
        yield chunk


def _unreadable(path: Path, err: OSError) -> SessionError:
    return SessionError(f"{path}: can't be read ({err.strerror}), so nothing is exported. Make it readable.")


def _add_tables(
    archive: zipfile.ZipFile, sessions: Sequence[Session], wanted: ExportOptions, kind: tables.TableFormat
) -> None:
    for name, table in (("reps", tables.reps(sessions)), ("observations", tables.observations(sessions, wanted.at))):
        with archive.open(_entry(f"{layout.TABLES}/{name}.{kind}", kind), "w", force_zip64=True) as target:
            tables.write(target, table, kind)


def _entry(name: str, kind: tables.TableFormat) -> zipfile.ZipInfo:
    """Return a zip entry for a generated file, readable by its owner alone."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o600 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if kind == "csv" else zipfile.ZIP_STORED
    return entry
