"""The arguments of commands: files, sessions, and reps of sessions as in SESSION:1,2,5-8."""

import re
from collections.abc import Sequence
from pathlib import Path

from livecoach.cli.options import say
from livecoach.errors import ConfigError, SessionError

LARGEST = 999
"""Largest number of a rep in a list. A longer range is a typing mistake."""
RepSelection = dict[Path, tuple[int, ...] | None]
"""File or folder of a session → numbers of the selected reps; None for all."""


def parse_rep_numbers(text: str) -> tuple[int, ...]:
    """Return the numbers in a list such as "1,2,5-8", in order. Raises ValueError that says what is wrong."""
    found: set[int] = set()
    for part in text.split(","):
        range_ = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:-\s*([0-9]{1,9})\s*)?", part)
        if range_ is None:
            raise ValueError(f"expected rep numbers such as 1,2,5-8, got {part.strip()!r}.")
        first = int(range_[1])
        last = int(range_[2] or first)
        if last < first:
            raise ValueError(f"{part.strip()} runs backwards. Write {last}-{first}.")
        if first < 1 or last > LARGEST:
            raise ValueError(f"{part.strip()}: reps are numbered from 1, to {LARGEST} at most.")
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def select_reps(sources: Sequence[Path]) -> RepSelection:
    """Return each named source once, with all reps selected of it. A path that exists as a whole is not split at its
    colon.

    Raises ConfigError for an invalid list of reps, SessionError for a session that does not exist.
    """
    found: RepSelection = {}
    names: dict[Path, Path] = {}
    for source in sources:
        path, reps = _one(source)
        path = names.setdefault(path.resolve(), path)
        before = found.get(path, ())
        found[path] = None if before is None or reps is None else tuple(sorted({*before, *reps}))
    return found


def files_in(sources: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files that must not be overwritten: those that are read, and all files of a session."""
    return tuple(file for path in sources for file in (path, *(path.iterdir() if path.is_dir() else ())))


def stem(source: Path) -> str:
    """Return the name for files made from a source: a file's name without suffix, or a session's whole name, which may
    contain a point."""
    return source.name if source.is_dir() else source.stem


def one_exercise(name: str) -> str:
    """Return the name of an exercise. Raises ConfigError where it stands for one that is to be recognised."""
    from livecoach.documents import AUTO

    if name == AUTO:
        raise ConfigError("one exercise is needed here. Name it with --exercise; `livecoach exercises` lists them.")
    return name


def exercise_of(path: Path, given: str | None, usual: str) -> str:
    """Return the exercise: the one on the command line, otherwise the one a session was recorded with, otherwise the
    usual one.

    Reports a session that was recorded with another exercise than the given one.
    """
    from livecoach.session.stored import is_session, open_session

    if not is_session(path):
        return given or usual
    try:
        recorded = open_session(path, str).about.exercise
    except SessionError:
        return given or usual  # whoever opens the session reports the error
    if given not in {None, recorded}:
        say(f"{path.name}: recorded as {recorded}, processed as {given}")
    return given or recorded


def _one(source: Path) -> tuple[Path, tuple[int, ...] | None]:
    if source.exists():
        return source, None
    name, colon, listed = str(source).rpartition(":")
    session = session_named(Path(name)) if colon and name and not Path(listed).suffix else None
    if session is None:
        if colon and Path(name).is_file() and re.fullmatch(r"[-0-9, ]+", listed):
            raise ConfigError(f"{source}: only sessions have rep numbers. Leave out :{listed}.")
        return session_named(source) or source, None
    try:
        return session, parse_rep_numbers(listed)
    except ValueError as err:
        raise ConfigError(f"'{source}': {err}") from err


def session_named(given: Path) -> Path | None:
    """Return the folder of the named session; None for what can only be the path of a file. Raises SessionError."""
    from livecoach.config.paths import sessions_dir
    from livecoach.session.stored import find_session, is_session

    if is_session(given):
        return given
    in_place = len(given.parts) == 1 and is_session(sessions_dir() / given)
    is_file = given.is_file() or len(given.parts) > 1 or given.suffix
    return find_session(str(given)) if in_place or not is_file else None
