"""Defines the folder of a session: the file names, and the lock that shows whether the session is being recorded.

    sessions/<date>_<time>-<exercise>/    (-auto if the exercise was recognised)
        session.json        description of the session, and how it ended (documents.SessionDocument)
        observations.obs    an observation of each frame (codec)
        reps.jsonl          completed reps
        cues.jsonl          cues to the lifter
        events.jsonl        all other events
        corrections.jsonl   corrections of the reps, made live or later; only if a rep was corrected
        judged.jsonl        reps that were judged again after other reps were confirmed, or their set was moved
        sets.jsonl          load, RPE, note and lifter of sets; only if somebody has entered any
        video.mp4           pictures; only with --record
        reference/*.rep     reference reps that judge the lifters (profile.RepHeader)
        log.txt             messages, and the latencies of reps and cues, by the wall clock
        recording           only during the recording; left behind if the session was cut off; not empty in the
                            analysis of a film: the session is then deleted, not closed
        .lock               locked during the recording, then deleted
        reserve             only during the recording: space for the end of session.json on a full disk

Only the owner of the folders and files can read them.
"""

import math
import os
import re
import shutil
import stat
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from functools import cache
from itertools import count
from pathlib import Path

from pydantic_core import from_json

from livecoach.core import documents
from livecoach.core.config import files, paths
from livecoach.core.config.files import FILE_MODE, lock_folder, read_limited, write_private_text
from livecoach.core.config.local_time import to_local
from livecoach.core.documents import SessionDocument, codec
from livecoach.core.errors import SessionError, explain_os_errors
from livecoach.core.types.bounds import is_device_name

DOCUMENT = "session.json"
OBSERVATIONS = "observations.obs"
REPS = "reps.jsonl"
CUES = "cues.jsonl"
EVENTS = "events.jsonl"
CORRECTIONS = "corrections.jsonl"
SETS = "sets.jsonl"
JUDGED = "judged.jsonl"
VIDEO = "video.mp4"
REFERENCE = "reference"
REP_SUFFIX = ".rep"  # Suffix of the files in the reference folder
LOG = "log.txt"
RECORDING_MARK = paths.SESSION_LOCK
LOCK_FILE = files.LOCK
RESERVE = "reserve"  # Reserves disk space for the end of a session; exists only during the recording
RESERVE_BYTES = 16384  # More than two blocks, since a new session.json of 2 kB is written before the old is replaced
HIDDEN_PREFIX = paths.SESSION_HIDDEN  # Prefix of folders of sessions that are being imported or deleted
RECORDED_FILES = (DOCUMENT, OBSERVATIONS, REPS, CUES, EVENTS, CORRECTIONS, SETS, VIDEO, LOG)
"""Names of the files that can't be computed again from other files."""
SESSION_FILES = (*RECORDED_FILES, JUDGED)
"""Names of all files, except the files in the reference folder and the files that exist only during the recording."""
START_FORMAT = "%Y-%m-%d_%H-%M-%S"  # Format of the start time in a session's name, by the wall clock
NAME_PATTERN = re.compile(r"(?P<started>\d{4}-\d{2}-\d{2}_\d{2}-\d{2}-\d{2})-[A-Za-z0-9_-]+(?:\.(?P<number>\d+))?")
"""Pattern of the name of a session's folder. The name ends in a number if another session began in the same second."""

MOST_DOCUMENT_BYTES = 4 << 20
"""Largest session.json that is read. The file has 2 kB, and a few bytes for each reference rep. Our choice."""
MOST_LINES_BYTES = 64 << 20  # Largest file of events that is read: several hours. Our choice.
FIRST_YEAR, LAST_YEAR = 1970, 3000  # Range of a session's year: other years have no time of day in some zones
LAST_SESSION = "last"  # Name that users type for the newest session. No session has this name.
SETTINGS = "settings.json"  # The user's settings in an export
FILM_LOCKS = "locks"  # Folder in the cache with the folders that `lock_film` locks
UNRECORDED = "live"  # Folder in the cache with a locked folder for each live run that keeps no session
TABLES, PROFILES = "tables", "profiles"  # Folders of tables and profiles in an export. No session has these names.
LONGEST_NAME = 200  # Bytes that every file system allows, with room for prefixes and suffixes that programs add


def is_portable_name(name: str) -> bool:
    """Return whether an export may give a session or a rep file this name: valid on every system, and not reserved."""
    usual = name.isprintable() and not set(name) & set('/\\:*?"<>|') and name.strip(" .") == name
    is_free = name not in {LAST_SESSION, TABLES, PROFILES} and not is_device_name(name)
    return bool(name) and usual and is_free and len(name.encode()) <= LONGEST_NAME


def is_rep_file(name: str) -> bool:
    """Return whether a name has the suffix of a stored rep's file, and is allowed in an export."""
    return name.endswith(REP_SUFFIX) and is_portable_name(name)


def parse_folder_start(name: str) -> datetime | None:
    """Return the local start time in the name of a session's folder; None if the name has no valid time."""
    named = NAME_PATTERN.fullmatch(name)
    try:
        started = None if named is None else datetime.strptime(named["started"], START_FORMAT)
    except ValueError:  # no such date
        return None
    return started if started is not None and FIRST_YEAR <= started.year < LAST_YEAR else None


def strip_folder(text: str, folder: Path) -> str:
    """Remove the path of a session's folder from a message about the session's files."""
    return text.replace(f"{folder}{os.sep}", "")


def make_session_folder(started: datetime, exercise: str, parent: Path | None = None) -> Path:
    """Create the folder of a session under a unique name, in an existing `parent` or in the user's folder of sessions.

    Raises OSError if the folder can't be created.
    """
    if parent is None:
        parent = paths.sessions_dir()
        paths.make_private_data_folder(parent)
    for folder in possible_folders(parent, f"{started.strftime(START_FORMAT)}-{exercise}"):
        with suppress(FileExistsError):
            folder.mkdir(mode=0o700)
            break
    return folder


def possible_folders(parent: Path, name: str) -> Iterator[Path]:
    """Yield the paths that a session may have in a folder, without end: NAME, NAME.2, NAME.3 and so on."""
    yield parent / name
    yield from (parent / f"{name}.{number}" for number in count(2))


def make_header(about: SessionDocument) -> codec.ObservationsHeader:
    """Make the header of the file with a session's observations."""
    source = about.source
    return codec.ObservationsHeader(
        name=source.name,
        width_px=source.width,
        height_px=source.height,
        fps=source.fps,
        pose_model=about.model.pose,
        pose_sha256=about.pose_sha256,
        synthetic=source.synthetic,
    )


def write_document(folder: Path, about: SessionDocument) -> None:
    """Write session.json completely or not at all. Raises OSError if the file can't be written."""
    write_private_text(folder / DOCUMENT, documents.to_json(about) + "\n")


@contextmanager
def lock_session(folder: Path) -> Iterator[None]:
    """Lock a session during the block, and mark the session as being recorded.

    The lock is released after the block, or when the process ends. The mark stays, unless the block deletes the mark.
    Raises BlockingIOError if another process holds the lock; other failures raise another OSError.
    """
    # The lock has a file of its own: on Windows, an open file can't be deleted, and disappears with the lock.
    with lock_folder(folder, wait_s=0.0):
        (folder / RECORDING_MARK).touch(FILE_MODE)
        yield
    with suppress(OSError):
        if not (folder / RECORDING_MARK).exists():
            (folder / LOCK_FILE).unlink(missing_ok=True)


def mark_for_deletion(folder: Path, *, deletes: bool = True) -> None:
    """Note what the next command does with a session that is cut off during the recording: delete it, or close it."""
    with suppress(OSError):  # the disk may be full
        (folder / RECORDING_MARK).write_bytes(b"delete" if deletes else b"")


def remove_recording_mark(folder: Path) -> None:
    """Remove the mark that makes the next command close the session and learn from it."""
    with suppress(OSError):
        files.remove_file(folder / RECORDING_MARK)
        files.remove_file(folder / LOCK_FILE)  # `is_recording` has made this file


@contextmanager
def mark_unrecorded_run() -> Iterator[None]:
    """Show other processes, during the block, that this live run keeps no session, if the cache can be written."""
    folder = paths.user_cache_dir() / UNRECORDED / str(os.getpid())
    with ExitStack() as stack:
        with suppress(OSError):
            files.make_private_folder(folder)
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
            stack.enter_context(lock_folder(folder, wait_s=0.0))
        yield


def has_unrecorded_run() -> bool:
    """Return whether any process is doing a live run that keeps no session."""
    for folder in (paths.user_cache_dir() / UNRECORDED).glob("*"):
        try:
            with lock_folder(folder, wait_s=0.0):
                continue  # its process was killed
        except BlockingIOError:
            return True
        except OSError:
            continue
    return False


@contextmanager
def lock_film(film: str) -> Iterator[None]:
    """Wait until no other process makes a session of a film, and keep others from doing so during the block.

    The film is named by its identity, from `identify_recording`; films whose digests begin alike share a lock. If the
    cache can't be written, this has no effect.
    """
    folder = paths.user_cache_dir() / FILM_LOCKS / film.rpartition(":")[2][:2]
    with ExitStack() as stack:
        with suppress(OSError):
            files.make_private_folder(folder)
            stack.enter_context(lock_folder(folder, wait_s=math.inf))
        yield


def lock_sessions() -> AbstractContextManager[None]:
    """Lock the corrections and logs of all sessions against other processes during the block.

    Raises OSError if another process holds the lock for too long, or the folder can't be written.
    """
    paths.make_private_data_folder(paths.sessions_dir())
    return lock_folder(paths.sessions_dir())


def is_recording(folder: Path) -> bool:
    """Return whether a session is being recorded, by any process; False if the files of the lock can't be opened."""
    try:
        if not (folder / RECORDING_MARK).exists():
            return False
        with lock_folder(folder, wait_s=0.0):
            return False
    except BlockingIOError:
        return True
    except OSError:  # another user's folder, or a read-only medium
        return False


def list_unfinished_folders() -> list[Path]:
    """Return the folders of the sessions that are being recorded or were cut off, sorted by name.

    The result is empty if the sessions folder can't be listed.
    """
    with suppress(OSError):  # `glob` itself ignores only that a permission is missing
        return sorted(mark.parent for mark in paths.sessions_dir().glob(f"*/{RECORDING_MARK}"))
    return []


def scan_folders() -> Iterator[Path]:
    """Yield the subfolders of the sessions folder: first folders without a session, then the sessions, oldest first.

    Folders with a name that begins with a dot are left out. A missing sessions folder counts as empty. Raises OSError
    if the sessions folder can't be listed.
    """
    yield from (Path(entry.path) for entry in _sorted_entries())


def _sorted_entries() -> "list[os.DirEntry[str]]":
    try:
        with os.scandir(paths.sessions_dir()) as entries:
            return sorted((e for e in entries if e.is_dir() and not e.name.startswith(".")), key=_in_order)
    except FileNotFoundError:
        return []


def _in_order(folder: "os.DirEntry[str]") -> tuple[float, int, str]:
    """Return the sort key of a folder: its start, and its number among sessions of the same second."""
    named = NAME_PATTERN.fullmatch(folder.name)
    return read_start_s(folder.path), int((named and named["number"]) or 0), folder.name


def read_start_s(folder: Path | str) -> float:
    """Return the start of a session in seconds since 1970, to sort folders.

    The result is minus infinity if the folder contains no session, or the time is out of the calendar's range.
    """
    document = file_stamp(f"{folder}{os.sep}{DOCUMENT}")  # paths of thousands of folders take longer than the files
    with suppress(OverflowError, ValueError):  # the time of the files is out of the calendar's range
        if any(document) or any(file_stamp(f"{folder}{os.sep}{OBSERVATIONS}")):
            return _start_s(str(folder), document)
    return -math.inf


@cache  # reading a thousand sessions takes 70 ms
def _start_s(folder: str, _: tuple[int, int]) -> float:
    with suppress(OSError, ValueError, LookupError, TypeError, RecursionError):  # the file may contain anything
        content = read_limited(f"{folder}{os.sep}{DOCUMENT}", MOST_DOCUMENT_BYTES)
        return parse_start(from_json(content)["started"]).timestamp()
    return estimate_start(Path(folder)).timestamp()


def parse_start(started: str) -> datetime:
    """Parse the start time in a session's document.

    Raises ValueError if the text is not a time with an offset from UTC, or the year is not in the range of a session.
    """
    at = datetime.fromisoformat(started)
    if at.tzinfo is None or not FIRST_YEAR <= at.year < LAST_YEAR:
        raise ValueError(started)
    return at


def estimate_start(folder: Path) -> datetime:
    """Estimate the start of a session with a damaged document, from the name of its folder.

    If the name contains no time, the result is the time when the observations were last written. Raises OverflowError
    or ValueError if the time is out of the range of the system or the calendar.
    """
    written_ns, _ = file_stamp(folder / OBSERVATIONS)
    return to_local(parse_folder_start(folder.name) or datetime.fromtimestamp(written_ns / 1e9, UTC))


def list_folders() -> list[Path]:
    """Return the folders that `scan_folders` yields. Raises SessionError if the sessions folder can't be listed."""
    with explain_os_errors(SessionError, f"{paths.sessions_dir()}: can't be read", "Make it readable."):
        return list(scan_folders())


def list_newest_folders(most: int) -> list[Path]:
    """Return up to `most` folders in the sessions folder: sessions, newest first, then folders without a session.

    The result is empty if the sessions folder can't be listed.
    """
    with suppress(OSError):
        return [Path(entry.path) for entry in _sorted_entries()[::-1][:most]]
    return []


def is_in_sessions_folder(folder: Path) -> bool:
    """Return whether a session is in the user's folder of sessions, so that commands find the session by its name."""
    return os.path.realpath(folder.absolute().parent) == os.path.realpath(paths.sessions_dir())


SessionStamp = tuple[tuple[int, int], ...]
"""Time of the last change in nanoseconds, and size in bytes, of each file of a session, in a fixed order. The video,
the log and the reference reps are left out."""


def session_stamp(folder: Path) -> SessionStamp:
    """Return the times and sizes of the files from which a session's values are computed, as a key for caches."""
    return tuple(
        file_stamp(f"{folder}{os.sep}{name}")
        for name in (DOCUMENT, OBSERVATIONS, REPS, CUES, EVENTS, CORRECTIONS, SETS, JUDGED)
    )


def file_stamp(path: Path | str) -> tuple[int, int]:
    """Return the time of the last change of a file in nanoseconds, and its size in bytes; zeros if it can't be read."""
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def session_file_sizes(folder: Path) -> dict[str, int]:
    """Return the size in bytes of each file that belongs to a session, by the file's path in the folder.

    Links and foreign files are left out. Raises SessionError if the folder can't be read.
    """
    reference = folder / REFERENCE
    with explain_os_errors(SessionError, f"{folder}: can't be read", "Make it readable."):
        kept = sorted(os.listdir(reference)) if reference.is_dir() and not reference.is_symlink() else []
        names = [*SESSION_FILES, *(f"{REFERENCE}/{name}" for name in kept if is_rep_file(name))]
        sizes_bytes = {name: file_size(folder / name, follow_link=False) for name in names}
    return {name: size for name, size in sizes_bytes.items() if size is not None}


def file_size(path: Path, *, follow_link: bool = True) -> int | None:
    """Return the size of a regular file in bytes; None if the path does not exist or is not a regular file.

    If `follow_link` is true, a link counts as the file to which it points, and otherwise as no regular file. Raises
    OSError if the path can't be looked up.
    """
    try:
        status = path.stat(follow_symlinks=follow_link)
    except FileNotFoundError:
        return None
    return status.st_size if stat.S_ISREG(status.st_mode) else None
