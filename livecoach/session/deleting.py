"""Taking sessions away: a whole folder, or the video alone. Nothing behind a link is touched."""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from livecoach.config import paths
from livecoach.errors import OutputError, SessionError
from livecoach.session import layout
from livecoach.session.stored import is_session


def check_deletable(folder: Path) -> None:
    """Raises SessionError where a folder is not one to take away: outside of the folder of all sessions nothing is ever
    deleted that is not a session's own."""
    if folder.is_symlink():
        raise SessionError(f"{folder}: is a link to somewhere else; nothing is deleted. Delete it there.")
    if not is_session(folder):
        raise SessionError(f"{folder}: is no session that can be read; nothing is deleted.")
    if layout.is_recording(folder):
        raise SessionError(f"{folder}: is being recorded; nothing is deleted. End the set first.")
    try:
        other = None if _is_ours(folder) else _other(folder)
    except OSError as err:
        raise SessionError(f"{folder}: can't be looked into ({err.strerror}); nothing is deleted.") from err
    if other is not None:
        raise SessionError(f"{folder}: holds {other}, which is no session's; nothing is deleted. Take it out first.")


def delete_session(folder: Path) -> None:
    """Delete a session. Raises SessionError as `check` does, OutputError where it can't be deleted."""
    check_deletable(folder)
    folder = folder.absolute()
    going: str | None = None
    try:
        # Out of sight at once, so that no half of a session is ever found.
        going = tempfile.mkdtemp(prefix=layout.HIDDEN, dir=folder.parent)
        os.rename(folder, os.path.join(going, folder.name))
    except OSError as err:
        if going is not None:
            os.rmdir(going)
        raise OutputError(f"{folder}: can't be deleted ({err.strerror}). It is as it was.") from err
    try:
        shutil.rmtree(going)
    except OSError as err:
        raise OutputError(f"{going}: can't be deleted to its end ({err.strerror}). Delete the rest.") from err


def delete_video(folder: Path) -> None:
    """Delete the video of a session. Raises SessionError as `check` does, OutputError where it can't be deleted."""
    check_deletable(folder)
    video = folder / layout.VIDEO
    try:
        video.unlink()
    except OSError as err:
        raise OutputError(f"{video}: can't be deleted ({err.strerror}). It is as it was.") from err


def _is_ours(folder: Path) -> bool:
    """Whether it lies in the folder of all sessions."""
    return folder.absolute().parent.resolve() == paths.sessions_dir().resolve()


def _other(folder: Path) -> str | None:
    """Something in a folder that is not a session's, by its name; None where all is."""
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
