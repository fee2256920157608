"""Deletes sessions: the whole folder, or the video alone. Nothing behind a link is touched."""

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
    """Raise SessionError where a folder must not be deleted: outside the sessions folder, only folders that hold
    nothing but a session's own files are."""
    if folder.is_symlink():
        raise SessionError(f"{folder}: is a link, so nothing is deleted. Delete the folder that it points to.")
    if not is_session(folder):
        raise SessionError(f"{folder}: is not a readable session, so nothing is deleted. Delete it by hand.")
    if layout.is_recording(folder):
        raise SessionError(f"{folder}: is being recorded, so nothing is deleted. End the set first.")
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
    """Delete a session. Raises SessionError as `check_deletable` does, OutputError where it can't be deleted."""
    check_deletable(folder)
    folder = folder.absolute()
    going: str | None = None
    try:
        # Hide the folder first, so that nobody ever finds half a session.
        going = tempfile.mkdtemp(prefix=layout.HIDDEN, dir=folder.parent)
        if _is_ours(folder):
            (paths.pages_dir() / f"{folder.name}.html").unlink(missing_ok=True)  # its report, linked by the home page
        os.rename(folder, os.path.join(going, folder.name))
    except OSError as err:
        if going is not None:
            os.rmdir(going)
        raise OutputError(f"{folder}: can't be deleted ({err.strerror}). It is unchanged.") from err
    try:
        shutil.rmtree(going)
    except OSError as err:
        raise OutputError(f"{going}: can't be deleted completely ({err.strerror}). Delete the rest by hand.") from err


def delete_video(folder: Path) -> None:
    """Delete the video of a session. Raises SessionError as `check_deletable` does, OutputError where it can't be
    deleted."""
    check_deletable(folder)
    video = folder / layout.VIDEO
    try:
        video.unlink()
    except OSError as err:
        raise OutputError(f"{video}: can't be deleted ({err.strerror}). It is unchanged.") from err


def _is_ours(folder: Path) -> bool:
    """Return whether a folder lies in the sessions folder."""
    return os.path.realpath(folder.absolute().parent) == os.path.realpath(paths.sessions_dir())


def _other(folder: Path) -> str | None:
    """Return the name of something in a folder that is not part of a session; None where there is nothing else."""
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
