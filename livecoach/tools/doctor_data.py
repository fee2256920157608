"""The doctor's check of the data folder: whether livecoach can read what is stored, and store more."""

import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from livecoach.config.paths import user_data_dir
from livecoach.tools.findings import Finding

PARTS = ("sessions", "profiles", "pages")
"""Folders in the data folder that livecoach writes into."""


def data_folder(folder: Path | None = None, access: Callable[[Path, int], bool] = os.access) -> Finding:
    """Check the folder for sessions and profiles, which need not exist yet.

    folder: None for the user's. access: returns whether the user may do what a mode of `os.access` names.
    """
    folder = folder if folder is not None else user_data_dir()
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    stored = [folder / part for part in PARTS] if there == folder else []
    for place in (there, *(part for part in stored if os.path.lexists(part))):
        problem = _problem(place, access)
        if problem is not None:
            found, advice = problem
            return Finding(name="data folder", status="broken", found=found, advice=advice, needed=False)
    return Finding(name="data folder", status="ok", found=str(folder), needed=False)


def _problem(place: Path, access: Callable[[Path, int], bool]) -> tuple[str, str] | None:
    """Return what is wrong with a folder, and what to do; None where livecoach can use it."""
    if not place.is_dir():
        kind = "a link that leads nowhere" if place.is_symlink() else "a file, not a folder"
        return f"{place} is {kind}: no set is recorded", "Move it away. livecoach creates the folder."
    if not access(place, os.R_OK | os.X_OK):
        return f"{place} can't be read: what it holds is not found, and nothing is saved there", _opened(place)
    if access(place, os.W_OK):
        return None
    if _read_only(place):
        advice = "Make its file system writable, or set XDG_DATA_HOME to a folder on another one."
        return f"{place} is on a read-only file system: nothing is saved there", advice
    return f"{place} is not writable: nothing is saved there", _opened(place)


def _opened(place: Path) -> str:
    """Return how to get access to a folder."""
    if sys.platform == "win32":
        return "Give your user full control of it, in its properties."
    quoted = shlex.quote(str(place))
    if place.stat().st_uid == os.geteuid():
        return f"Run: chmod u+rwx {quoted}"
    return f"It belongs to another user. Run: sudo chown -R $USER {quoted}"


def _read_only(place: Path) -> bool:
    return sys.platform != "win32" and bool(os.statvfs(place).f_flag & os.ST_RDONLY)
