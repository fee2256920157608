"""Collects recordings from folders, patterns and lists."""

import glob
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from livecoach.errors import SourceError

VIDEO = "3gp asf avi flv m2ts m4v mkv mov mp4 mpeg mpg mts ogv ts webm wmv"
SUFFIXES = frozenset(f".{name}" for name in (*VIDEO.split(), "obs"))
"""Suffixes of recordings in a folder, in lower case. A recording that the user names itself may have any suffix."""
LIST_SUFFIX = ".txt"
STANDARD_INPUT = "-"
LONGEST_LIST = 64 * 2**20
"""Largest list, bytes: half a million paths."""


def recordings(sources: Sequence[str]) -> list[Path]:
    """Return the absolute paths of the recordings that `sources` name, sorted, each of them once.

    A source is a recording, a folder (with those below it), a pattern with *, ? or **, or a text file that lists one
    recording a line, relative to its own folder; "-" reads such a list from standard input. Raises SourceError where a
    source names nothing.
    """
    paths: dict[str, str] = {}
    for source in sources:
        named = list(_expand(source))
        for path in named:
            paths.setdefault(os.path.realpath(path), path)
        if not named:
            raise SourceError(f"{source}: no recording here. Name videos, a folder of videos, a pattern or a list.")
    return [Path(path) for path in sorted(os.path.abspath(path) for path in paths.values())]


def _expand(source: str) -> Iterator[str]:
    if source == STANDARD_INPUT:
        yield from _list_entries(_read_input(), Path.cwd())
    elif os.path.isdir(source):
        yield from _in_tree(source)
    elif os.path.exists(source):
        path = Path(source)
        yield from _read_list(path) if path.suffix.lower() == LIST_SUFFIX else (source,)
    elif glob.has_magic(source):
        yield from (path for path in glob.iglob(source, recursive=True) if os.path.isfile(path))
    else:
        raise SourceError(f"{source}: no such file or folder.")


def _in_tree(folder: str) -> Iterator[str]:
    """Yield the recordings in a folder and in those below it. Links to folders are not followed: loops."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in files:
            if not name.startswith(".") and os.path.splitext(name)[1].lower() in SUFFIXES:
                yield os.path.join(place, name)


def _read_input() -> str:
    """Return the list on standard input. Its names may have any encoding, as those in a folder. Raises SourceError."""
    try:
        return os.fsdecode(sys.stdin.buffer.read(LONGEST_LIST))
    except OSError as err:
        raise SourceError(f"standard input: can't be read ({err.strerror}). Give a list of recordings to it.") from err


def _read_list(path: Path) -> Iterable[str]:
    try:
        if path.stat().st_size > LONGEST_LIST or not path.is_file():
            raise SourceError(f"{path}: is no list of recordings. Write one path a line.")
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as err:
        raise SourceError(f"{path}: the list can't be read ({err}). Write one path a line, in UTF-8.") from err
    return _list_entries(text, path.parent)


def _list_entries(text: str, folder: Path) -> Iterator[str]:
    """Yield the paths of a list. A line that begins with # is a comment. A missing recording fails by itself, later."""
    for line in text.splitlines():
        name = line.strip()
        if name and not name.startswith("#") and "\0" not in name:
            yield str(folder / name)
