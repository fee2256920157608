"""Deletes sessions, or only their videos, and chooses those to delete by age and total size.

Nothing behind a link is touched.
"""

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from livecoach.config import paths
from livecoach.documents import ListedSession
from livecoach.errors import ConfigError, OutputError, SessionError
from livecoach.session import layout
from livecoach.session.stored import is_session
from livecoach.types.message import Message

_DAYS = {"d": 1, "w": 7, "m": 30, "y": 365}
_BYTES = {"": 1, "K": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}
_AGE = re.compile(r"([0-9]{1,6})\s*([dwmy])")
_SIZE = re.compile(r"([0-9]{1,12}(?:\.[0-9]{1,6})?)\s*([KMGT]?)B?", re.IGNORECASE | re.ASCII)


def plan_pruning(
    sessions: Iterable[ListedSession], *, before: datetime | None, keep_bytes: int | None, videos: bool
) -> tuple[ListedSession, ...]:
    """Return the sessions to prune, oldest first: all begun before a time, then as many as the total size requires.

    before, keep_bytes: None for no such limit. videos: delete only videos. A session that is being recorded, or whose
    start is unknown, stays.
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
    """Parse an age such as "90d", "12w", "6m" (of 30 days) or "1y" (of 365 days). Raises ConfigError."""
    match = _AGE.fullmatch(text.strip().lower())
    if match is None or not int(match[1]):
        raise ConfigError(f"{text!r}: not an age. Write days, weeks, months or years, as in 90d, 12w, 6m or 1y.")
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def parse_size(text: str) -> int:
    """Parse a size such as "5GB", "1.5 GB" or "800M" into bytes, with a factor of 1000 between units. Raises
    ConfigError."""
    match = _SIZE.fullmatch(text.strip())
    if match is None:
        raise ConfigError(f"{text!r}: not a size. Write it as in 500MB or 5GB.")
    return round(float(match[1]) * _BYTES[match[2].upper()])


def check_deletable(folder: Path) -> None:
    """Raise SessionError if a folder must not be deleted: outside the sessions folder, only folders that hold
    nothing but a session's own files are."""
    if folder.is_symlink():
        raise SessionError(f"{folder}: is a link, so nothing is deleted. Delete the folder that it points to.")
    if not is_session(folder):
        raise SessionError(f"{folder}: is not a readable session, so nothing is deleted. Delete it by hand.")
    if layout.is_recording(folder):
        recorded = "{name}: is being recorded, so nothing is deleted. End the set first."
        raise SessionError(Message(recorded, name=str(folder)))
    try:
        other = None if _is_ours(folder) else _other(folder)
    except OSError as err:
        raise SessionError(
            f"{folder}: can't be read ({err.strerror}), so nothing is deleted. Make it readable."
        ) from err
    if other is not None:
        raise SessionError(
            f"{folder}: contains {other}, which is no part of a session, so nothing is deleted. Move it first."
        )


def delete_session(folder: Path) -> None:
    """Delete a session. Raises SessionError as `check_deletable` does, OutputError if it can't be deleted."""
    remove(hide_session(folder))


def hide_session(folder: Path) -> Path:
    """Move a session to a hidden place beside it, for `remove` or `bring_back`, and return where it is now.

    Half a session is never visible so, and a session whose deletion was interrupted is removed later
    (`recording.remove_leftovers`). Raises SessionError as `check_deletable` does, OutputError if it can't be moved.
    """
    check_deletable(folder)
    folder = folder.absolute()
    shutil.rmtree(paths.user_data_dir() / "pages", ignore_errors=True)  # version 1.0 kept reports there
    above: str | None = None
    try:
        above = tempfile.mkdtemp(prefix=layout.HIDDEN, dir=folder.parent)
        hidden = Path(above, folder.name)
        os.rename(folder, hidden)
    except OSError as err:
        if above is not None:
            os.rmdir(above)
        unchanged = "{name}: can't be deleted ({name2}). It is unchanged."
        raise OutputError(Message(unchanged, name=str(folder), name2=err.strerror or str(err))) from err
    return hidden


def remove(hidden: Path) -> None:
    """Remove a hidden session. Raises OutputError."""
    try:
        shutil.rmtree(hidden.parent)
    except OSError as err:
        raise OutputError(
            f"{hidden.parent}: can't be deleted completely ({err.strerror}). Delete the rest by hand."
        ) from err


def bring_back(hidden: Path) -> None:
    """Move a hidden session back to where it was. Raises OutputError if it is gone, or another one is there."""
    try:
        os.rename(hidden, hidden.parent.parent / hidden.name)
        os.rmdir(hidden.parent)
    except OSError as err:
        lost = "{name}: can't be brought back ({name2})."
        raise OutputError(Message(lost, name=hidden.name, name2=err.strerror or str(err))) from err


def delete_video(folder: Path) -> None:
    """Delete the video of a session. Raises SessionError as `check_deletable` does, OutputError if it can't be
    deleted."""
    check_deletable(folder)
    video = folder / layout.VIDEO
    try:
        video.unlink()
    except OSError as err:
        raise OutputError(f"{video}: can't be deleted ({err.strerror}). It is unchanged.") from err


def _is_ours(folder: Path) -> bool:
    return os.path.realpath(folder.absolute().parent) == os.path.realpath(paths.sessions_dir())


def _other(folder: Path) -> str | None:
    """Return the name of something in a folder that is not part of a session; None without any."""
    for entry in os.scandir(folder):
        if entry.name == layout.REFERENCE and entry.is_dir(follow_symlinks=False):
            for kept in os.scandir(entry):
                if not layout.is_kept_rep(kept.name) or not _is_file(kept):
                    return f"{entry.name}/{kept.name}"
        elif entry.name not in (*layout.FILES, layout.LOCK, layout.RESERVE) or not _is_file(entry):
            return entry.name
    return None


def _is_file(entry: "os.DirEntry[str]") -> bool:
    return stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode)
