"""Exports and imports the files of profiles: plans, imported logs, heights, and reps kept without their session.

The times up to which sessions are forgotten (forgotten.json) belong to these files, too. The files are in the folder
`profiles` of the zip, as in the user's data folder. An import adds files, and replaces none.
"""

import os
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

from livecoach.core.config import exercise, files, paths
from livecoach.core.errors import explain_write_errors
from livecoach.core.types.bounds import check_profile_name
from livecoach.records.profile import FORGOTTEN_FILE
from livecoach.records.session import layout

FILE_NAMES = ("plan.yaml", "earlier.json", "height_cm", FORGOTTEN_FILE)  # Files in a profile's folder, besides reps


def is_profile_path(name: str) -> bool:
    """Return whether a path names the folder or a file of a profile, whether or not the path exists.

    The path is in the folder of profiles, such as "anna/" or "anna/plan.yaml". A rep of an exercise that is not
    installed does not count as a file of a profile.
    """
    profile, *rest = name.split("/")
    try:
        if check_profile_name(profile) != profile:
            return False
    except ValueError:
        return False
    is_rep = len(rest) == 2 and rest[0] in exercise.names() and layout.is_rep_file(rest[1])
    return is_rep or (len(rest) == 1 and rest[0] in {"", *FILE_NAMES})


def list_profile_files() -> Iterator[tuple[str, Path]]:
    """Yield two paths of each folder and file of a profile: the path in the folder of profiles, and the full path.

    The content of a folder that can't be read is left out.
    """
    above = paths.profiles_dir()
    for path in sorted(above.rglob("*")):
        name = path.relative_to(above).as_posix() + "/" * path.is_dir()
        if (path.is_dir() or path.is_file()) and is_profile_path(name):
            yield name, path


def import_profile_file(source: zipfile.Path, name: str) -> bool:
    """Copy a profile's file or folder from a zip unless it exists already, and return whether it was copied.

    `is_profile_path` must be true for the name. A folder is created empty. Raises OutputError if the file can't be
    written; a damaged zip raises the errors of `zipfile`.
    """
    target = paths.profiles_dir() / name
    if os.path.lexists(target):
        return False
    with explain_write_errors(target):
        paths.make_private_data_folder(target if name.endswith("/") else target.parent)
        if name.endswith("/"):
            return True
        with files.write_atomically(target) as part, source.open("rb") as content, part.open("wb") as file:
            shutil.copyfileobj(content, file)
    return True
