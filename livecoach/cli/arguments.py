"""Resolves arguments of commands: files, sessions, reps of sessions as in SESSION:2/1-5, and profiles."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from livecoach.cli.options import option_errors
from livecoach.core.documents import AUTO
from livecoach.core.errors import ConfigError
from livecoach.core.types.message import Message, join_texts
from livecoach.records.profile import Profile
from livecoach.records.session.listing import open_readable_sessions
from livecoach.records.session.opening import find_session, find_session_unless_file, open_session
from livecoach.records.session.rep_choice import RepChoice, RepRange, parse_choice, parse_rep_address, parse_reps
from livecoach.records.session.stored import Session
from livecoach.run.process import say

RepSelection = dict[Path, RepChoice | None]  # Selected reps of each file or session folder; None for all


def select_reps(sources: Sequence[Path]) -> RepSelection:
    """Resolve arguments such as "set1.mp4" or "SESSION:2/1-5" to paths, and return each path once with its chosen reps.

    The path of an existing file or folder is not split at a colon.

    Raises:
        ConfigError: A list of reps is invalid, or follows the path of a file.
        SessionError: A session does not exist.
    """
    selected: RepSelection = {}
    names: dict[Path, Path] = {}
    for source in sources:
        path, reps = _parsed_source(source)
        # Path.resolve would raise for a link that leads to itself.
        path = names.setdefault(Path(os.path.realpath(path)), path)
        before = selected.get(path, ())
        selected[path] = None if before is None or reps is None else (*before, *reps)
    return selected


def require_exercise(name: str | None) -> str:
    """Check that an exercise is named, and return its name.

    Raises ConfigError if the name is None or `auto`, which leave the choice to recognition.
    """
    if name is None or name == AUTO:
        raise ConfigError("one exercise is needed here. Name it with --exercise; `livecoach exercises` lists them.")
    return name


def _parsed_source(source: Path) -> tuple[Path, RepChoice | None]:
    # Unlike Path.exists, os.path.exists raises neither for a name that is too long nor without permission.
    if os.path.exists(source):
        return source, None
    # The slash of SET/REP makes it look like a path of several parts.
    name, colon, listed = source.as_posix().rpartition(":")
    if colon and os.path.isfile(name) and re.fullmatch(r"[-0-9, /]+", listed):
        raise ConfigError(f"{source}: only reps of sessions can be named here. Leave out :{listed}.")
    session = find_session_unless_file(Path(name)) if colon and name and not Path(listed).suffix else None
    if session is None:
        return find_session_unless_file(source) or source, None
    try:
        return session, parse_reps(listed)
    except ValueError as err:
        raise ConfigError(f"{source}: {err}") from err


def open_if_session(named: Path) -> Session | None:
    """Open the session that an argument names; None if the argument can only mean a file, even a missing file.

    Raises SessionError if the session does not exist, or can't be read.
    """
    if os.path.isfile(named):
        return None
    folder = named if os.path.isdir(named) else find_session_unless_file(named)
    return None if folder is None else open_session(folder, say)


RepAddress = tuple[str, RepRange]  # A session, and a rep of the session, as an argument names them
RepsAddress = tuple[str, RepChoice]  # A session, and some reps of the session


def _parsed_address(_context: click.Context, _argument: click.Parameter, text: str) -> RepAddress:
    with option_errors("SESSION:SET/REP"):
        return parse_rep_address(text)


rep_argument = click.argument("rep", callback=_parsed_address, metavar="SESSION:SET/REP")


def _parsed_choice(_context: click.Context, _argument: click.Parameter, text: str) -> RepsAddress:
    if os.path.exists(text):  # The path of a session's folder may contain a colon or an @
        return text, (RepRange(set=None),)
    with option_errors("SESSION[:REPS]"):
        return parse_choice(text)


reps_argument = click.argument("named", callback=_parsed_choice, metavar="SESSION[:REPS]")


def open_profile(name: str) -> Profile:
    """Open a profile by its name, and report to the user if the profile is new.

    Raises ConfigError if the name is not valid, or the profile is new and its name is too similar to another name.
    """
    profile = Profile(name, say)
    if profile.check_new():
        say(join_texts(": ", Message("profile {name}", name=name), "new"))
    return profile


def open_sessions(names: Sequence[str] = ()) -> Iterator[Session]:
    """Yield the named sessions; without names, yield all sessions, oldest first, and report unreadable sessions.

    Raises SessionError if a named session does not exist or can't be read, or the sessions can't be listed.
    """
    if names:
        for folder in dict.fromkeys(find_session(name) for name in names):
            yield open_session(folder, say)
        return
    yield from open_readable_sessions(say)
