"""Closes sessions that a crash or a power failure cut off, and deletes sessions or only their videos.

Sessions to delete are selected by name, age and total size. Links are never followed. A folder outside the sessions
folder is changed only if it contains nothing but the files of a session. Functions raise SessionError if a folder must
not be changed (see `check_deletable`), and OutputError if a change fails.
"""

import errno
import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from livecoach.core.config import files, paths
from livecoach.core.documents import ListedSession
from livecoach.core.errors import ConfigError, OutputError, SessionError, SourceError, explain_os_errors
from livecoach.core.types import ignore
from livecoach.core.types.message import Message, count_noun
from livecoach.records.session import layout
from livecoach.records.session.amending import ANALYSED
from livecoach.records.session.opening import is_session_folder, open_session, read_document

MOST_EMPTY_BYTES = 4096
"""Longest file of zeros that counts as empty, in bytes: the header of observations is shorter, and a second of frames
longer. Our choice."""
LEFTOVER_AGE_S = 3600.0  # Age, in seconds, of an abandoned folder: importing a thousand sessions takes seconds
_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_AGE = re.compile(r"([0-9]{1,6})\s*([dwmy])")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMGT]?)B?", re.IGNORECASE | re.ASCII)


def close_cut_off_sessions(say: Callable[[str], object]) -> list[Path]:
    """Close the sessions that were cut off, report each to `say`, and return the folders to learn from.

    A session without any data, and a session that `mark_for_deletion` has marked, are removed and not returned. A
    session that was closed earlier is returned, but not reported. Sessions that are being recorded stay open. The marks
    of recording stay until profiles have learned from the sessions.
    """
    closed = list[Path]()
    for folder in layout.list_unfinished_folders():  # empty on an error, which the commands that need the list report
        is_useless = False
        with suppress(OSError):  # another process is recording, or the folder can't be locked
            with layout.lock_session(folder):
                is_useless = _close(folder, say)
            if is_useless:
                shutil.rmtree(folder)
            else:
                closed.append(folder)
    return closed


def remove_leftovers(now_s: float) -> None:
    """Remove the folders that an interrupted deletion, import or start of a recording has left behind.

    A folder is removed if it has not changed for LEFTOVER_AGE_S at `now_s`, in seconds since 1970. If a home page
    deleted a session and was killed, the session is removed at once, because reps are judged without it already. If
    this fails, the next call tries again.
    """
    above = paths.sessions_dir()
    try:
        unfinished = [folder for folder in layout.list_unfinished_folders() if not is_session_folder(folder)]
        hidden = list(above.glob(f"{layout.HIDDEN_PREFIX}*"))
    except OSError:
        return  # the commands that need the folder report the error
    for folder in [*hidden, *unfinished]:
        with suppress(OSError, OutputError):
            if folder in hidden and (folder / layout.LOCK_FILE).exists():
                with files.lock_folder(folder, wait_s=0.0):
                    deleted = [path for path in folder.iterdir() if path.is_dir()]
                for session in deleted:
                    delete_hidden_session(session)
            elif now_s - folder.lstat().st_mtime > LEFTOVER_AGE_S:
                shutil.rmtree(folder, ignore_errors=True)


def _is_empty(folder: Path) -> bool:
    """Return whether a session contains no data because a power failure came at its start.

    Its files are then empty, or short and full of zeros, since file systems may leave zeros in place of unflushed data.
    """
    for name in layout.RECORDED_FILES:
        if name in (layout.DOCUMENT, layout.LOG):
            continue
        with suppress(FileNotFoundError), files.open_regular(folder / name) as file:
            beginning = file.read(MOST_EMPTY_BYTES + 1)
            if any(beginning) or len(beginning) > MOST_EMPTY_BYTES:
                return False
    return True


def _close(folder: Path, say: Callable[[str], object]) -> bool:
    """Close a session and report it. Return whether the session is useless and must be removed."""
    if not is_session_folder(folder):  # the recording is just beginning, or was cut off there; see `remove_leftovers`
        return False
    line = f"session {folder.name} was cut off"
    try:
        if _is_empty(folder):
            say(f"{line} before its first frame. There is nothing in it, so it is removed.")
            return True
        session = open_session(folder, ignore)
        if session.about.end is not None:  # it was closed, but the lifters may not have learned from it
            files.remove_file(folder / layout.RESERVE)
            return False
        if layout.file_size(folder / layout.RECORDING_MARK):  # see `mark_for_deletion`
            say(f"the analysis of {session.about.source.name} was cut off. Analyse it again.")
            return True
        session.open_frames().close()
        end = session.ending
        line += f" after {end.duration_s:.0f} s and {count_noun(end.reps, 'rep')}."
        line += f" It is saved: `livecoach report {folder.name}` shows it."
        try:
            about = read_document(folder / layout.DOCUMENT)
        except SessionError:  # A damaged session.json stays as it is; without the mark, it is reported once
            files.remove_file(folder / layout.RECORDING_MARK)
        else:
            files.remove_file(folder / layout.RESERVE)
            layout.write_document(folder, replace(about, end=end))
    except SourceError as err:
        line += f". It is saved but can't be read: {err}"
        with suppress(OSError):
            files.remove_file(folder / layout.RECORDING_MARK)
    except OSError as err:
        remedy = "free some space" if err.errno == errno.ENOSPC else "make its folder writable"
        line += f" It can't be closed ({err.strerror}): {remedy}."
    say(line)
    return False


def select_sessions_to_delete(
    sessions: Iterable[ListedSession], *, before: datetime | None, keep_bytes: int | None, videos: bool
) -> tuple[ListedSession, ...]:
    """Select the sessions to delete by age and total size, oldest first.

    All sessions from before a time are selected, and then as many sessions as the total size requires. Sessions that
    are being recorded, and sessions with an unknown start, are kept.

    Args:
        before: Time before which sessions are selected; None for no limit.
        keep_bytes: Largest total size of the remaining sessions; None for no limit.
        videos: Whether only the videos are to be deleted. Sessions without a video are then not selected.
    """
    everything = list(sessions)
    left_bytes = sum(session.size_bytes for session in everything)
    going = []
    for session in sorted(everything, key=_age):
        size_bytes = (session.video_bytes or 0) if videos else session.size_bytes
        if session.started is None or session.recording or (videos and not size_bytes):
            continue
        too_old = before is not None and datetime.fromisoformat(session.started) < before
        too_much = keep_bytes is not None and left_bytes > keep_bytes
        if too_old or too_much:
            going.append(session)
            left_bytes -= size_bytes
    return tuple(going)


def _age(session: ListedSession) -> tuple[float, str]:
    return (0.0 if session.started is None else datetime.fromisoformat(session.started).timestamp()), session.name


def parse_age(text: str) -> timedelta:
    """Parse an age above 0: "90d", "12w", "6m" (months of 30 days) or "1y" (365 days). Raises ConfigError otherwise."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None or not int(match[1]):
        raise ConfigError(f"{text!r}: not an age. Write days, weeks, months or years, as in 90d, 12w, 6m or 1y.")
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def parse_size(text: str) -> int:
    """Parse a size such as "5GB" or "800M" into bytes (powers of 1000). Raises ConfigError for any other text.

    Only 0 needs no unit: whoever keeps "5" means gigabytes or sessions, and 5 bytes would keep nothing.
    """
    match = _SIZE.fullmatch(text.strip())
    if match is None or (match[0][-1].isdigit() and float(match[1])):
        raise ConfigError(f"{text!r}: not a size. Write it as in 500MB or 5GB.")
    return round(float(match[1]) * _BYTES[match[2].upper()])


def check_deletable(folder: Path) -> None:
    """Check that a folder may be deleted as a session, or raise SessionError with the reason."""
    if folder.is_symlink():
        raise SessionError(f"{folder}: is a link, so nothing is deleted. Delete the folder that it points to.")
    if not is_session_folder(folder):
        raise SessionError(f"{folder}: is not a readable session, so nothing is deleted. Delete it by hand.")
    if layout.is_recording(folder):
        recorded = "{name}: is being recorded, so nothing is deleted. End the set first."
        is_live = read_document(folder / layout.DOCUMENT).source.live
        raise SessionError(Message(recorded if is_live else ANALYSED, name=str(folder)))
    try:
        other = None if layout.is_in_sessions_folder(folder) else _find_foreign_entry(folder)
    except OSError as err:
        raise SessionError(
            f"{folder}: can't be read ({err.strerror}), so nothing is deleted. Make it readable."
        ) from err
    if other is not None:
        raise SessionError(
            f"{folder}: contains {other}, which is no part of a session, so nothing is deleted. Move it first."
        )


def delete_session(folder: Path) -> None:
    """Delete a session with all of its files."""
    delete_hidden_session(hide_session(folder))


def hide_session(folder: Path) -> Path:
    """Move a session into a hidden folder, so that the session can be deleted or restored, and return the new path.

    A half-deleted session is therefore never visible. If the deletion is interrupted, `remove_leftovers` completes the
    deletion, unless a process has locked the parent of the new path.
    """
    check_deletable(folder)
    folder = folder.absolute()
    above: str | None = None
    try:
        above = tempfile.mkdtemp(prefix=layout.HIDDEN_PREFIX, dir=folder.parent)
        hidden = Path(above, folder.name)
        files.retry_while_in_use(lambda: os.rename(folder, hidden))
    except OSError as err:
        if above is not None:
            os.rmdir(above)
        unchanged = "{name}: can't be deleted ({name2}). It is unchanged."
        raise OutputError(Message(unchanged, name=str(folder), name2=err.strerror or str(err))) from err
    return hidden


def delete_hidden_session(hidden: Path) -> None:
    """Delete a session that `hide_session` has hidden, and each index of sessions in which the session is named.

    Indexes contain figures and notes of sessions. They are in the cache folder, and are made again if needed.
    """
    with explain_os_errors(OutputError, f"{hidden.parent}: can't be deleted completely", "Delete the rest by hand."):
        files.retry_while_in_use(lambda: shutil.rmtree(hidden.parent))
        for index in paths.user_cache_dir().glob(paths.SESSION_INDEX.format(version="*")):
            if hidden.name.encode() in index.read_bytes():
                files.retry_while_in_use(index.unlink)


def restore_hidden_session(hidden: Path) -> None:
    """Move a session that `hide_session` has hidden back to its place.

    Raises OutputError if the hidden session does not exist or can't be moved, or if another session has its name.
    """
    try:
        files.retry_while_in_use(lambda: os.rename(hidden, hidden.parent.parent / hidden.name))
        (hidden.parent / layout.LOCK_FILE).unlink(missing_ok=True)
        os.rmdir(hidden.parent)
    except OSError as err:
        lost = "{name}: can't be brought back ({name2})."
        raise OutputError(Message(lost, name=hidden.name, name2=err.strerror or str(err))) from err


def delete_video(folder: Path) -> None:
    """Delete a session's video. Raises SessionError as `check_deletable` does, and OutputError if deleting fails."""
    check_deletable(folder)
    video = folder / layout.VIDEO
    with explain_os_errors(OutputError, f"{video}: can't be deleted", "It is unchanged."):
        files.retry_while_in_use(video.unlink)


def _find_foreign_entry(folder: Path) -> str | None:
    """Return the name of an entry in a folder that is not part of a session; None without such an entry."""
    known = {*layout.SESSION_FILES, layout.RECORDING_MARK, layout.LOCK_FILE, layout.RESERVE}
    for entry in os.scandir(folder):
        if entry.name == layout.REFERENCE and entry.is_dir(follow_symlinks=False):
            for kept in os.scandir(entry):
                if not layout.is_rep_file(kept.name) or not _is_file(kept):
                    return f"{entry.name}/{kept.name}"
        elif entry.name not in known or not _is_file(entry):
            return entry.name
    return None


def _is_file(entry: "os.DirEntry[str]") -> bool:
    return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
