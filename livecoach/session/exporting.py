"""Exports sessions to a zip: each session as it is, and tables for other programs.

    <name of a session>/session.json, …     one folder each, as in the folder of sessions
    tables/reps.csv, reps.parquet, observations.csv, observations.parquet

`importing` reads the sessions back and ignores the tables.
"""

import os
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, BinaryIO

from livecoach import documents
from livecoach.errors import SessionError, SourceError
from livecoach.session import layout, masked_video, tables
from livecoach.session.masked_video import MaskPicture
from livecoach.session.stored import Session

TABLES = "tables"
"""Folder of the tables; no session has this name."""
CHUNK = 1 << 20
"""Bytes copied at a time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportOptions:
    """What of each session goes into the zip."""

    video: bool
    tables: tuple[tables.TableFormat, ...]
    mask: MaskPicture | None
    """Masks each picture; None leaves the pictures as they are."""
    at: Callable[[Session, float], object] = lambda _, __: None
    """Called with the time reached in a session during a slow pass."""


def files(folder: Path) -> list[str]:
    """Return the names, relative to the folder, of a session's files that exist: no other files, and no links.

    Raises SessionError where the folder can't be read.
    """
    reference = folder / layout.REFERENCE
    try:
        kept = sorted(os.listdir(reference)) if reference.is_dir() and not reference.is_symlink() else []
        names = [*layout.FILES, *(f"{layout.REFERENCE}/{name}" for name in kept if layout.is_kept_rep(name))]
        return [name for name in names if stat.S_ISREG(_mode(folder / name))]
    except OSError as err:
        raise _unreadable(folder, err) from err


def _mode(path: Path) -> int:
    """Return the mode of a file, or of a link itself; 0 where there is nothing."""
    try:
        return path.lstat().st_mode
    except FileNotFoundError:
        return 0


def check(sessions: Sequence[Session]) -> None:
    """Raise SessionError where the sessions can't go into one zip."""
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

    part: path of a temporary file, which is removed again. Raises OSError where the zip can't be written, SourceError
    where a session can't be read.
    """
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for session in sessions:
            covered_bytes: int | None = None
            for name in files(session.folder):
                if name == layout.VIDEO and wanted.video and session.video is not None:
                    covered_bytes = _add_video(archive, session, wanted, part)
                elif name not in {layout.VIDEO, layout.DOCUMENT}:
                    _add(archive, session.folder / name, f"{session.name}/{name}")
            _add_document(archive, session, covered_bytes)
        for kind in wanted.tables:
            _add_tables(archive, sessions, wanted, kind)


def _add_document(archive: zipfile.ZipFile, session: Session, covered_bytes: int | None) -> None:
    """Add session.json as it is; where the video was encoded again, with the new file size."""
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
    """Add the video. Returns the size of a video that was encoded again, otherwise None."""
    if wanted.mask is None:
        _add(archive, session.folder / layout.VIDEO, f"{session.name}/{layout.VIDEO}")
        return None
    # The encoder seeks back in its file, which is impossible in a zip.
    part.unlink(missing_ok=True)
    try:
        with layout.create(part) as video:
            masked_video.write(session, video, wanted.mask, partial(wanted.at, session))
        _add(archive, part, f"{session.name}/{layout.VIDEO}")
        return part.stat().st_size
    finally:
        part.unlink(missing_ok=True)


def _add(archive: zipfile.ZipFile, path: Path, name: str) -> None:
    """Add a file as it is. Raises SessionError where it can't be read."""
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


def _seen(session: Session, wanted: ExportOptions) -> Iterator[Any]:
    """Yield tables of a session's frames. Observations that can't be read are reported and left out."""
    try:
        yield from tables.observations(session, partial(wanted.at, session))
    except SourceError:
        session.say(f"{session.name}: its observations can't be read, so the tables lack its frames.")


def _add_tables(
    archive: zipfile.ZipFile, sessions: Sequence[Session], wanted: ExportOptions, kind: tables.TableFormat
) -> None:
    reps = tables.reps(sessions)
    seen = chain.from_iterable(_seen(session, wanted) for session in sessions)
    for name, parts, schema in (("reps", [reps], reps.schema), ("observations", seen, tables.OBSERVATIONS)):
        with archive.open(_entry(f"{TABLES}/{name}.{kind}", kind), "w", force_zip64=True) as target:
            tables.write(target, parts, schema, kind)


def _entry(name: str, kind: tables.TableFormat) -> zipfile.ZipInfo:
    """Return a zip entry for a generated file, readable by its owner alone."""
    entry = zipfile.ZipInfo(name)
    entry.external_attr = 0o600 << 16
    entry.compress_type = zipfile.ZIP_DEFLATED if kind == "csv" else zipfile.ZIP_STORED
    return entry
