"""Imports sessions and profiles from a zip that `exporting` wrote. The list of files is checked before any is copied.

Only files that belong to a session or a profile are imported. A zip is refused if it contains a path out of its folder,
a link, an encrypted file or a file of a session twice, or if it would expand to too many bytes. Each session is copied
to a hidden folder, which is renamed when the copy is complete. A zip that can't be read or is refused raises
SessionError, and a failure to write raises OutputError.
"""

import json
import os
import shutil
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import IO

from livecoach.core.config import files, paths
from livecoach.core.documents.run_events import MOST_REFERENCE
from livecoach.core.errors import NewerVersion, SessionError, explain_write_errors
from livecoach.core.types import ignore
from livecoach.core.types.message import Message
from livecoach.records.session import layout
from livecoach.records.session.listing import read_whole_session
from livecoach.records.session.opening import read_document
from livecoach.records.session.profile_files import import_profile_file, is_profile_path
from livecoach.records.session.stored import Session

MOST_REP_BYTES = 8 << 20  # Largest file of a reference rep; most have 75 kB. Our choice.
MOST_BYTES = {
    layout.DOCUMENT: layout.MOST_DOCUMENT_BYTES,
    **dict.fromkeys(
        (layout.REPS, layout.CUES, layout.EVENTS, layout.CORRECTIONS, layout.SETS, layout.JUDGED),
        layout.MOST_LINES_BYTES,
    ),
}
"""Largest size of each file in bytes. Observations, videos and logs may have any size: they are read as a stream."""
MOST_SETTINGS_BYTES = 1 << 16  # Largest settings.json that is read. Our choice.
MOST_PROFILE_FILES, MOST_PROFILE_BYTES = 10_000, 32 << 20
"""Most files of profiles (ten years of kept reps), and most bytes of each (the imported log). Our choice."""
MOST_EXPANSION, SLACK_BYTES = 100, 64 << 20
"""A zip is refused if it would expand to more than MOST_EXPANSION times its size plus SLACK_BYTES: such a zip is made
to fill a disk. Text and observations compress to a twentieth. Our choice."""
NO_ZIP = Message("is not a zip, or is damaged. Export it again.")
NO_SESSION = Message("contains no session. Choose a zip that livecoach exported.")
NO_PROFILES = Message("its profiles can't be read, so the rest of them is left out.")
TOO_LARGE = "would expand to {n} MB, which no export does, so nothing is imported."
TWICE = "contains {name} twice, so nothing is imported."
UNSAFE = "contains the unsafe entry {name}, so nothing is imported."
UNKNOWN_PACKING = "{name} is encrypted or compressed in an unsupported way. Pack it again with Deflate."
TOO_DAMAGED = "{name} is too damaged to be read, so it is not imported."
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError)
"""Exceptions raised while reading a damaged zip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingSession:
    """A session in a zip, which is to be imported."""

    origin: Path  # Path of the zip
    name: str  # Name of the session's folder
    folder: zipfile.Path  # Folder of the session in the zip
    sizes_bytes: Mapping[str, int]  # Size of each file, by its path in the folder

    @property
    def size_bytes(self) -> int:
        """Size of all files together, in bytes."""
        return sum(self.sizes_bytes.values())


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportContents:
    """The contents of a zip archive that is to be imported."""

    origin: Path  # Path of the zip
    sessions: Sequence[IncomingSession]
    profile_files: Mapping[str, zipfile.Path]  # Files and folders of profiles, by their path in the folder of profiles
    settings: Mapping[str, object]  # Settings of the lifter, by dotted key; empty if missing or damaged
    foreign_files: Sequence[str]
    """Names of the files that can't be imported, because they are unknown or too large. The tables are not listed."""


@contextmanager
def open_import(path: Path) -> Iterator[ImportContents]:
    """Open a zip, yield its checked contents, and close it after the block. A refused zip raises SessionError."""
    if os.path.isdir(path):  # also False where the path can't be read
        raise SessionError(f"{path}: is a folder. Copy a session's folder to {paths.sessions_dir()}.")
    with ExitStack() as stack:
        try:
            archive = zipfile.ZipFile(stack.enter_context(files.open_regular(path)))
        except (zipfile.BadZipFile, NotImplementedError, ValueError) as err:
            raise SessionError(f"{path}: {NO_ZIP}") from err
        except OSError as err:
            raise SessionError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
        yield _read_contents(path, archive)


def import_session(session: IncomingSession, say: Callable[[str], object] = ignore) -> bool:
    """Copy a session from an open zip into the sessions folder, and return whether it was copied.

    A session is not copied if the folder contains a session of the same name that is of the same recording, or if one
    of the two can't be read. If sessions of other recordings have the name, the copy's name gets a number. Damaged
    parts are reported, and left out whenever the session is read.

    Raises SessionError if the session is too large or too damaged, and OutputError if the copy can't be written.
    """
    _check_bounds(session)
    above = paths.sessions_dir()
    name = session.name.partition(".")[0]
    same = [folder for folder in layout.list_folders() if folder.name.partition(".")[0] == name]
    if any(_is_copy(session, folder) for folder in same):
        return False
    targets = chain([above / session.name], layout.possible_folders(above, name))
    target = next(target for target in targets if not os.path.lexists(target))
    with explain_write_errors(target):
        paths.make_private_data_folder(above)
        with tempfile.TemporaryDirectory(prefix=layout.HIDDEN_PREFIX, dir=above, ignore_cleanup_errors=True) as place:
            folder = Path(place, session.name)
            _copy(session, folder)
            for line in _find_damage(session, folder):
                say(f"{session.name}: {line}")
            files.retry_while_in_use(lambda: os.rename(folder, target))
    return True


def _is_copy(session: IncomingSession, target: Path) -> bool:
    """Return whether a stored session is of the same recording as a session in a zip, or one of both can't be read."""
    try:
        recording = str(json.loads((session.folder / layout.DOCUMENT).read_bytes())["session"])
        return Session(folder=target, about=read_document(target / layout.DOCUMENT), say=ignore).is_of(recording)
    except (SessionError, OSError, KeyError, TypeError, *_DAMAGED):
        return True


def import_profiles(contents: ImportContents) -> int:
    """Copy the files and folders of profiles in a zip, unless they exist already, and return how many were copied.

    Raises SessionError if the zip is damaged, and OutputError if a file can't be written. Earlier copies stay.
    """
    try:
        return sum(import_profile_file(source, name) for name, source in contents.profile_files.items())
    except _DAMAGED as err:
        raise SessionError(f"{contents.origin}: {NO_PROFILES}") from err


def _read_contents(path: Path, archive: zipfile.ZipFile) -> ImportContents:
    sessions: dict[str, dict[str, int]] = {}
    left_out, profiles, root = [], dict[str, int](), zipfile.Path(archive)
    settings: Mapping[str, object] = {}
    for entry in archive.infolist():
        _check_entry(path, entry)
        name, _, file = entry.filename.partition("/")
        if _is_session_file(name, file):
            if file in sessions.setdefault(name, {}):
                raise SessionError(f"{path}: {Message(TWICE, name=entry.filename)}")
            sessions[name][file] = entry.file_size
        elif name == layout.PROFILES and is_profile_path(file) and entry.file_size <= MOST_PROFILE_BYTES:
            profiles[file] = entry.file_size
        elif entry.filename == layout.SETTINGS and entry.file_size <= MOST_SETTINGS_BYTES:
            settings = _read_settings(root / layout.SETTINGS)
        elif not entry.is_dir() and name != layout.TABLES:
            left_out.append(entry.filename)
    incoming = []
    for name, held in sorted(sessions.items()):
        if layout.DOCUMENT in held or layout.OBSERVATIONS in held:
            incoming.append(IncomingSession(origin=path, name=name, folder=root / name, sizes_bytes=held))
        else:
            left_out += [f"{name}/{file}" for file in held]
    if len(profiles) > MOST_PROFILE_FILES:
        raise SessionError(f"{path}: has {len(profiles)} files of profiles, which no export has: nothing is imported.")
    if not (incoming or profiles or settings):
        raise SessionError(f"{path}: {NO_SESSION}")
    size_bytes = sum(session.size_bytes for session in incoming) + sum(profiles.values())
    if size_bytes > MOST_EXPANSION * path.stat().st_size + SLACK_BYTES:
        raise SessionError(f"{path}: {Message(TOO_LARGE, n=size_bytes // 10**6)}")
    found = {name: root / layout.PROFILES / name for name in profiles}
    return ImportContents(
        origin=path, sessions=incoming, profile_files=found, settings=settings, foreign_files=left_out
    )


def _read_settings(file: zipfile.Path) -> Mapping[str, object]:
    try:
        settings = json.loads(file.read_bytes())
    except _DAMAGED:
        return {}
    return settings if isinstance(settings, dict) else {}


def _check_entry(path: Path, entry: zipfile.ZipInfo) -> None:
    """Raise SessionError for an entry that no export contains."""
    parts = entry.filename.removesuffix("/").split("/")
    kind = stat.S_IFMT(entry.external_attr >> 16)
    if (
        any(part in {"", ".", ".."} for part in parts)
        or set(entry.orig_filename) & set("\\:\0")
        or kind not in {0, stat.S_IFREG, stat.S_IFDIR}
    ):
        raise SessionError(f"{path}: {Message(UNSAFE, name=repr(entry.orig_filename))}")
    if entry.flag_bits & 1 or entry.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        raise SessionError(f"{path}: {Message(UNKNOWN_PACKING, name=entry.filename)}")


def _is_session_file(name: str, file: str) -> bool:
    place, _, kept = file.partition("/")
    known = file in layout.SESSION_FILES or (place == layout.REFERENCE and layout.is_rep_file(kept))
    return known and layout.is_portable_name(name)


def _check_bounds(session: IncomingSession) -> None:
    """Raise SessionError if reading a session would take too long."""
    for name, size_bytes in session.sizes_bytes.items():
        most_bytes = MOST_BYTES.get(name, MOST_REP_BYTES if name.endswith(layout.REP_SUFFIX) else None)
        if most_bytes is not None and size_bytes > most_bytes:
            raise SessionError(
                f"{session.origin}: {session.name}/{name} is larger than {most_bytes >> 20} MB, so the session is not "
                "imported."
            )
    kept = sum(name.startswith(f"{layout.REFERENCE}/") for name in session.sizes_bytes)
    if kept > MOST_REFERENCE:
        raise SessionError(
            f"{session.origin}: {session.name} has {kept} reps in {layout.REFERENCE}/; no session has "
            f"more than {MOST_REFERENCE}, so it is not imported."
        )


def _copy(session: IncomingSession, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for name in session.sizes_bytes:
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        try:
            with _open(session.folder / name) as source, files.open_new_private(folder / name) as file:
                shutil.copyfileobj(source, file)
        except _DAMAGED as err:
            problem = Message("{name} can't be read, so the session is not imported.", name=f"{session.name}/{name}")
            raise SessionError(f"{session.origin}: {problem}") from err


def _open(file: zipfile.Path) -> IO[bytes]:
    """Open a file to be imported. Raises ValueError, because an OSError means that the copy can't be written."""
    try:
        return file.open("rb")
    except OSError as err:
        raise ValueError(err.strerror) from err


def _find_damage(session: IncomingSession, folder: Path) -> Sequence[str]:
    """Return a line about each damage of a copied session. Raises SessionError if the session can't be opened."""
    try:
        return read_whole_session(folder).damage
    except NewerVersion as err:
        raise SessionError(f"{session.origin}: {session.name}: {str(err).removeprefix(f'{folder}/')}") from err
    except SessionError as err:
        raise SessionError(f"{session.origin}: {Message(TOO_DAMAGED, name=session.name)}") from err
