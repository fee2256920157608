"""Keeps the files that a change of a profile replaced, so that `livecoach config profiles undo` can bring them back.

    <profile>/.undo/<when>/change.json      the change, and the files that it added
    <profile>/.undo/<when>/<file>.rep       the files that it removed

The description is written before a file is moved. So even an interrupted change can be undone.
"""

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from livecoach.config import paths
from livecoach.config.files import open_new_private, read_limited, sync_names
from livecoach.errors import SourceError

FOLDER = ".undo"
"""Folder of the kept changes. No exercise has this name."""
MOST = 10
"""Number of changes that are kept: about 15 MB at most. Our choice."""
_DESCRIPTION = "change.json"
MOST_BYTES = 1 << 20
"""Largest description. Our choice."""

ChangeKind = Literal["calibrate", "forget"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """A change of the stored reps of one exercise."""

    __pydantic_config__ = ConfigDict(extra="ignore", strict=True, defer_build=True)
    version: Literal[1] = 1
    """Version of this format."""
    what: ChangeKind
    """The command that made it."""
    exercise: Annotated[str, Field(pattern=r"^[A-Za-z0-9_][A-Za-z0-9_-]{0,39}$")]
    """Name of the exercise, and of its folder."""
    changed_utc: datetime
    """When it was made, in UTC."""
    added: tuple[str, ...] = ()
    """Names of the files that it added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UndoneChange:
    """A change that was undone."""

    change: ProfileChange
    removed: int
    """Number of reps that were removed again."""
    restored: int
    """Number of reps that were restored."""


_CHANGE = TypeAdapter(ProfileChange)


def keep_replaced(profile: Path, change: ProfileChange, removed: Sequence[Path]) -> None:
    """Move the files that a change removes out of the profile. Raises OSError."""
    folder = profile / FOLDER / f"{change.changed_utc:%Y%m%dT%H%M%S%f}"
    paths.make_private(folder)
    with open_new_private(folder / _DESCRIPTION) as file:
        file.write(_CHANGE.dump_json(change))
        file.flush()
        os.fsync(file.fileno())
    sync_names(folder)
    for path in removed:
        os.replace(path, folder / path.name)
    for old in _folders(profile)[:-MOST]:
        shutil.rmtree(old)


def undo_last(profile: Path) -> UndoneChange | None:
    """Undo the last change of a profile; None where there is none. Raises OSError, and SourceError where its
    description is damaged."""
    folders = _folders(profile)
    if not folders:
        return None
    folder = folders[-1]
    try:
        change = _CHANGE.validate_json(read_limited(folder / _DESCRIPTION, MOST_BYTES))
    except (OSError, ValidationError) as err:
        raise SourceError(f"{folder / _DESCRIPTION}: is damaged. Move the reps beside it back by hand.") from err
    place = profile / change.exercise
    paths.make_private(place)
    kept = sorted(folder.glob("*.rep"))
    for path in kept:
        os.replace(path, place / path.name)
    added = [place / Path(name).name for name in change.added]
    there = [path for path in added if path.exists()]
    for path in there:
        path.unlink()
    shutil.rmtree(folder)
    _remove_empty(place, folder.parent, profile)
    return UndoneChange(change=change, removed=len(there), restored=len(kept))


def forget(profile: Path, exercise: str) -> None:
    """Delete the kept changes of one exercise for good. Raises OSError."""
    for folder in _folders(profile):
        try:
            named = _CHANGE.validate_json(read_limited(folder / _DESCRIPTION, MOST_BYTES)).exercise
        except (OSError, ValidationError):
            continue
        if named == exercise:
            shutil.rmtree(folder)
    _remove_empty(profile / FOLDER)


def _folders(profile: Path) -> list[Path]:
    """Return the folders of the changes, oldest first. Raises OSError."""
    try:
        return sorted(path for path in (profile / FOLDER).iterdir() if path.is_dir())
    except FileNotFoundError:  # no change so far
        return []


def _remove_empty(*folders: Path) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
