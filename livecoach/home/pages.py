"""The folder of livecoach's own pages: which reports in it are missing or out of date, and which are of no session.

<data folder>/pages/index.html       the home page
<data folder>/pages/history.html     the history
<data folder>/pages/<session>.html   the report of a session
<data folder>/pages/version          the version of livecoach that wrote the reports, and in which language and units
"""

import os
from collections.abc import Collection
from pathlib import Path

from livecoach import __version__, language
from livecoach.config import paths
from livecoach.errors import OutputError
from livecoach.session import layout

HOME, HISTORY = "index", "history"
"""Names of the pages that are no report."""
SHOWN = (layout.DOCUMENT, layout.OBSERVATIONS, layout.REPS, layout.CUES, layout.EVENTS, layout.CORRECTIONS, layout.SETS)
"""Files of a session that its report shows."""
_VERSION = "version"


def page_file(name: str) -> Path:
    """Return the path of a page, in a folder for its owner alone, which is made. Raises OutputError."""
    folder = paths.pages_dir()
    try:
        paths.make_private(folder)
    except OSError as err:
        raise OutputError(f"{folder}: can't be made ({err.strerror}). Make the folder above it writable.") from err
    return folder / f"{name}.html"


def is_current(session: Path) -> bool:
    """Return whether there is a report of a session that is newer than all that it shows."""
    try:
        made_ns = (paths.pages_dir() / f"{session.name}.html").stat().st_mtime_ns
    except OSError:
        return False
    return all(_changed_ns(session / name) < made_ns for name in SHOWN)


def tidy(sessions: Collection[str]) -> None:
    """Delete the reports of sessions that are gone, and all that another version of livecoach made, or another language
    or units.

    Raises OutputError where that fails: a deleted session must not live on in a page.
    """
    folder = paths.pages_dir()
    try:
        paths.make_private(folder)
        same = _written_by(folder) == _made_as()
        for page in folder.glob("*.html"):
            if page.stem not in {HOME, HISTORY} and not (same and page.stem in sessions):
                page.unlink()
        if not same:
            layout.replace(folder / _VERSION, _made_as() + "\n")
    except OSError as err:
        raise OutputError(f"{folder}: can't be written ({err.strerror}). Make the folder writable.") from err


def _made_as() -> str:
    """Return what all reports of the folder have in common."""
    return f"{__version__} {language.code()} {language.units()}"


def _written_by(folder: Path) -> str | None:
    try:
        return (folder / _VERSION).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        return None


def _changed_ns(path: Path) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
