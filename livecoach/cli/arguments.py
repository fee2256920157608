"""What arguments and options of commands name: files, sessions, reps of these as in SESSION:2/1-5, and profiles."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import click

from livecoach.cli.options import taken_by
from livecoach.core.config.paths import sessions_dir
from livecoach.core.documents import AUTO, RepEvent
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.language import translate
from livecoach.core.types import ignore
from livecoach.core.types.message import Message, joined
from livecoach.records.profile import Profile
from livecoach.records.session.listing import all_sessions
from livecoach.records.session.opening import find_session, is_session, named_rep, named_reps, open_session
from livecoach.records.session.rep_choice import RepChoice, RepRange, parse_reps, split_address, split_choice
from livecoach.records.session.stored import Session
from livecoach.run.process import say

RepSelection = dict[Path, RepChoice | None]  # file or folder of a session → its selected reps; None for all


def select_reps(sources: Sequence[Path]) -> RepSelection:
    """Each named source once, with all the reps selected from it. A path that exists is not split at its colon. Raises
    ConfigError for an invalid list of reps, SessionError for a session that does not exist."""
    selected: RepSelection = {}
    names: dict[Path, Path] = {}
    for source in sources:
        path, reps = _one(source)
        # Path.resolve would raise for a link that leads to itself.
        path = names.setdefault(Path(os.path.realpath(path)), path)
        before = selected.get(path, ())
        selected[path] = None if before is None or reps is None else (*before, *reps)
    return selected


def files_in(sources: Sequence[Path]) -> tuple[Path, ...]:
    """The files that must not be overwritten: those that are read, and all files of a session."""
    return tuple(file for path in sources for file in (path, *(path.iterdir() if os.path.isdir(path) else ())))


def stem(source: Path) -> str:
    """The name for files made from a source: that of a file without suffix; that of a session may contain a dot."""
    return source.name if os.path.isdir(source) else source.stem


def one_exercise(name: str) -> str:
    """The name of an exercise. Raises ConfigError if it is `auto`, which leaves the exercise to recognition."""
    if name == AUTO:
        raise ConfigError("one exercise is needed here. Name it with --exercise; `livecoach exercises` lists them.")
    return name


def exercise_of(path: Path, given: str | None) -> str:
    """The exercise of a recording: the one on the command line, otherwise the one a session was recorded with,
    otherwise AUTO. The exercise in the settings is that of live runs: a file may show another one. Reports a session
    that was recorded with a different exercise."""
    if not is_session(path):
        return given or AUTO
    try:
        recorded = open_session(path, ignore).about.exercise
    except SessionError:
        return given or AUTO  # whoever opens the session reports the error
    if given not in {None, recorded}:
        say(f"{path.name}: recorded as {recorded}, processed as {given}")
    return given or recorded


def _one(source: Path) -> tuple[Path, RepChoice | None]:
    # Unlike Path.exists, os.path.exists never raises: not for a name that is too long, nor without a permission.
    if os.path.exists(source):
        return source, None
    # The slash of SET/REP makes it look like a path of several parts.
    name, colon, listed = source.as_posix().rpartition(":")
    if colon and os.path.isfile(name) and re.fullmatch(r"[-0-9, /]+", listed):
        raise ConfigError(f"{source}: only reps of sessions can be named here. Leave out :{listed}.")
    session = session_named(Path(name)) if colon and name and not Path(listed).suffix else None
    if session is None:
        return session_named(source) or source, None
    try:
        return session, parse_reps(listed)
    except ValueError as err:
        raise ConfigError(f"{source}: {err}") from err


def session_named(given: Path) -> Path | None:
    """The folder of the named session; None if the text can only be the path of a file. Raises SessionError."""
    if is_session(given):
        return given
    in_place = len(given.parts) == 1 and is_session(sessions_dir() / given)
    is_file = os.path.isfile(given) or len(given.parts) > 1 or given.suffix
    return find_session(str(given)) if in_place or not is_file else None


def open_if_session(given: Path) -> Session | None:
    """Open the session that the argument names; None if it names a file. Raises SessionError."""
    if os.path.isfile(given):
        return None
    folder = given if os.path.isdir(given) else session_named(given)
    return None if folder is None else open_session(folder, say)


class RepAddress(NamedTuple):
    session: str
    rep: RepRange


def _parsed_address(_context: click.Context, _argument: click.Parameter, text: str) -> RepAddress:
    with taken_by("SESSION:SET/REP"):
        return RepAddress(*split_address(text))


rep_argument = click.argument("rep", callback=_parsed_address, metavar="SESSION:SET/REP")


def open_rep(named: RepAddress) -> tuple[Session, RepEvent]:
    """Open the session and return its rep with its correction. Raises SessionError if the rep does not exist."""
    session = open_session(find_session(named.session), say)
    return session, named_rep(session, named.rep)


class RepsAddress(NamedTuple):
    session: str
    reps: RepChoice


def _parsed_choice(_context: click.Context, _argument: click.Parameter, text: str) -> RepsAddress:
    if os.path.exists(text):  # the folder of a session, in which a colon or an @ means nothing
        return RepsAddress(text, (RepRange(set=None),))
    with taken_by("SESSION[:REPS]"):
        return RepsAddress(*split_choice(text))


reps_argument = click.argument("named", callback=_parsed_choice, metavar="SESSION[:REPS]")


def open_reps(named: RepsAddress) -> tuple[Session, list[RepEvent]]:
    """Open the session, and return its named reps with their corrections. Raises SessionError if one does not exist."""
    session = open_session(find_session(named.session), say)
    return session, named_reps(session, named.reps)


def open_profile(name: str) -> Profile:
    """The profile of that name, which need not exist. Reports a new one. Raises ConfigError as `check_new` does."""
    profile = Profile(name, say)
    if profile.check_new():
        say(translate(joined(": ", Message("profile {name}", name=name), "new")))
    return profile


def sessions_named(names: Sequence[str] = ()) -> Iterator[Session]:
    """Yield the named sessions, or all, oldest first. Of all, an unreadable one is reported and left out."""
    if names:
        for folder in dict.fromkeys(find_session(name) for name in names):
            yield open_session(folder, say)
        return
    for one in all_sessions():
        try:
            yield open_session(Path(one.folder), say)
        except SessionError as err:
            say(f"{err} It is left out.")
