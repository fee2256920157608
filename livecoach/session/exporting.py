"""Exports sessions to a zip: each session as it is, and tables for other programs.

    <name of a session>/session.json, …     one folder each, as in the folder of sessions
    tables/reps.csv, reps.parquet, observations.csv, observations.parquet

`importing` reads the sessions back and ignores the tables. A video can be re-encoded with a part of each picture
masked, at the same times.
"""

import zipfile
from collections.abc import Callable, Iterator, Sequence
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
    with closing(session.frames()) as source:
        observations = (frame.observation for frame in iter(source.read, None))
        seen = next(observations, None)
        for t_s, picture in pictures.each():
            while seen is not None and seen.t_s < t_s - SAME_S:
                seen = next(observations, None)
            height_px, width_px = picture.shape[:2]
            known = seen if seen is not None and seen.t_s <= t_s + SAME_S else None
            yield t_s, picture, known or nobody(t_s=t_s, width_px=width_px, height_px=height_px)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
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
        for path in (session.folder / name for name in layout.session_files(session.folder)):
            try:
                path.open("rb").close()
            except OSError as err:
                raise SessionError(
                    f"{path}: can't be read ({err.strerror}), so nothing is exported. Make it readable."
                ) from err


def write(sessions: Sequence[Session], file: BinaryIO, wanted: ExportOptions, part: Path) -> None:
    """Write the zip.

    part: path of a temporary file, which is removed again. Raises OSError if the zip can't be written, SourceError
    if a session can't be read.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, strict_timestamps=False) as archive:
        for session in sessions:
            names = set(layout.session_files(session.folder))
            if not wanted.video or session.video is None:
                names -= {layout.VIDEO}
            elif wanted.mask is not None:
                names -= _add_masked(archive, session, wanted.mask, partial(wanted.at, session), part)
            for name in sorted(names):
                packed = zipfile.ZIP_STORED if name == layout.VIDEO else None  # already compressed
                archive.write(session.folder / name, f"{session.name}/{name}", packed)
        for kind in wanted.tables:
            for name, table in (
                ("reps", tables.reps(sessions)),
                ("observations", tables.observations(sessions, wanted.at)),
            ):
                with archive.open(f"{layout.TABLES}/{name}.{kind}", "w", force_zip64=True) as target:
                    tables.write(target, table, kind)


def _add_masked(
    archive: zipfile.ZipFile, session: Session, mask: MaskPicture, at: Callable[[float], object], part: Path
) -> set[str]:
    """Add the masked video, and session.json with its size where that has the size of an intact video. Return the
    names of what was added."""
    part.unlink(missing_ok=True)
    try:
        with files.open_new_private(part, buffering=0) as video:  # the encoder seeks back, which no zip can
            write_masked_video(session, video, mask, at)
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
