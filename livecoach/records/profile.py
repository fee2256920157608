"""Stores profiles: the names of lifters, reps of deleted sessions, and the times up to which sessions are forgotten.

    <data folder>/profiles/<profile>/<exercise>/<time of storing>.rep    reps of deleted sessions
    <data folder>/profiles/<profile>/forgotten.json    time of the first session that may teach, by exercise

Everything else that is known of a lifter is computed from the sessions (`knowledge`). The file of a rep contains its
observations, so that a newer model can use it again. It is a series of records as in stored observations (`codec`), and
the first record is a header in JSON. The header states how many observations follow, so that a truncated file is
detected. A damaged file affects no other file.
"""

import contextlib
import hashlib
import json
import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count, islice
from pathlib import Path
from typing import Annotated, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from livecoach import __version__
from livecoach.core.config import paths
from livecoach.core.config.files import (
    BUSY_S,
    lock_folder,
    open_regular,
    read_limited,
    remove_unfinished_files,
    replace_private,
    retry_while_in_use,
    write_atomically,
)
from livecoach.core.config.local_time import to_local
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError, SourceError, explain_os_errors
from livecoach.core.types import Observation, RepWindow, View
from livecoach.core.types.bounds import Name, Ordinal, Seconds, check_distinct, check_profile_name

FORMAT: Literal["livecoach-kept-rep"] = "livecoach-kept-rep"
VERSION: Literal[1] = 1
MOST_OBSERVATIONS = 10_000  # Most observations of a rep: five minutes at 30 frames a second. Our choice.
FIRST_YEAR, LAST_YEAR = 1970, 3000  # Range of the year of a session
OF_WINDOW = ("start_s", "turn_s", "end_s", "view", "set_name", "number", "pose", "exercise", "chosen", "day")
"""Fields of a RepWindow that a header contains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepHeader:
    """The header of a stored rep."""

    __pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False, defer_build=True)
    format: Literal["livecoach-kept-rep"] = FORMAT
    """File type."""
    version: Literal[1] = VERSION
    """Version of this format."""
    exercise: Name
    """Name of the exercise."""
    session: Name
    """Source of the rep: one recording, or one run with a camera."""
    said_good: bool
    """True for a rep that the lifter called good."""
    start_s: Seconds
    """When the lifter leaves the starting position, in seconds of the source."""
    turn_s: Seconds
    """Time of the turn, such as the lockout of a deadlift or the bottom of a squat, in seconds of the source."""
    end_s: Seconds
    """When the lifter is back at the starting position, in seconds of the source."""
    view: View
    """Camera view."""
    set_name: Name
    """Name of its set, unique among all sessions."""
    pose: Name
    """Name of the pose model."""
    kept_utc: datetime
    """When its session began, in UTC; in files of version 2.0, when it was stored."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    number: Ordinal
    """Number in its set, from 1."""
    observations: Annotated[int, Field(ge=1, le=MOST_OBSERVATIONS)]
    """Number of observations: from a second before the rep to a second after it."""

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise ValueError(f"start {self.start_s}, turn {self.turn_s} and end {self.end_s} are out of order")
        if not FIRST_YEAR <= self.kept_utc.year < LAST_YEAR:
            raise ValueError(f"kept in {self.kept_utc.year}")

    @property
    def chosen(self) -> bool:
        """Whether the lifter called the rep good."""
        return self.said_good

    @property
    def day(self) -> str:
        """Local day of `kept_utc`, such as 2026-11-13."""
        return to_local(self.kept_utc).date().isoformat()


_HEADER = TypeAdapter(RepHeader)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepFile:
    """The path and the header of a file with a rep that is kept without its session."""

    path: Path
    header: RepHeader


class _NewerRep(SourceError):
    """The rep was written by a newer livecoach."""


def write_rep(path: Path, rep: RepWindow, *, session: str, began: datetime) -> None:
    """Write a rep, completely or not at all.

    Args:
        path: Path of the file, in a folder that exists.
        rep: Rep with its exercise, its view, and a set name that is unique among all sessions.
        session: Identity of the session of the rep.
        began: Start of the session, in UTC.

    Raises:
        OSError: The file can't be written, for example because the disk is full.
    """
    header = RepHeader(
        exercise=rep.exercise,
        session=session,
        said_good=rep.chosen,
        start_s=rep.start_s,
        turn_s=rep.turn_s,
        end_s=rep.end_s,
        view=rep.known_view,
        set_name=rep.set_name,
        number=rep.number,
        pose=rep.pose,
        kept_utc=began,
        livecoach=__version__,
        observations=len(rep.observations),
    )
    with write_atomically(path, lasting=True) as part, part.open("wb") as file:
        file.write(codec.make_record(_HEADER.dump_json(header)))
        for observation in rep.observations:
            file.write(codec.make_record(codec.encode(observation)))


def read_rep(path: Path) -> RepWindow:
    """Read the rep in a file. Raises SourceError, with the path, if the file is damaged."""
    header, observations = _read(path, whole=True)
    return RepWindow(observations=observations, **{name: getattr(header, name) for name in OF_WINDOW})


def _read(path: Path, *, whole: bool = False) -> tuple[RepHeader, tuple[Observation, ...]]:
    """Read the header of a rep, and its observations if `whole` is true."""
    try:
        with open_regular(path) as file:
            records = codec.read_records(file)
            header = _header(next(records, b""))
            observations = codec.decode_all(islice(records, header.observations + 1)) if whole else ()
            if whole and len(observations) != header.observations:
                raise SourceError(f"truncated: {len(observations)} of {header.observations} observations are left")
            return header, observations
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror})") from err
    except (SourceError, ValueError, TypeError) as err:
        raise SourceError(f"{path}: {err}") from err


def _header(payload: bytes) -> RepHeader:
    """Parse a header. Raises SourceError if it is damaged or of a newer version."""
    try:
        fields = json.loads(payload)
        if fields["format"] == FORMAT and fields["version"] > VERSION:
            raise _NewerRep(f"written by a newer livecoach (version {fields['version']} of the format)")
        return _HEADER.validate_json(payload)
    except (ValueError, LookupError, TypeError, RecursionError) as err:
        raise SourceError("not a stored rep, or its header is damaged") from err


BEGINNING_BYTES = 1 << 20  # First bytes of a recording, which identify it: a video's first seconds. Our choice.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")  # Pattern of the name of an exercise
_SUFFIX = ".rep"
FORGOTTEN, EVERYTHING = "forgotten.json", "*"  # Name of the file, and the key in it that stands for every exercise
MOST_FORGOTTEN_BYTES = 1 << 16  # Largest forgotten.json that is read. Our choice.
_FORGOTTEN: TypeAdapter[dict[str, datetime]] = TypeAdapter(dict[str, datetime])


def session_of_recording(path: Path, name: str) -> str:
    """Return an identity for a recording that depends on its content and name, not on its folder.

    Raises:
        SourceError: The recording can't be read.
    """
    with explain_os_errors(SourceError, f"{path}: can't be read", "Check the path."), open_regular(path) as file:
        digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    readable = name.encode(errors="replace").decode()  # a file can't contain a name that is not valid Unicode
    return f"{readable}:{digest[:8]}"


def profile_names(also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all profiles, and the names in `also` that are valid for a profile.

    Raises:
        SourceError: The folder of profiles can't be read.
    """
    there = (path.name for path in _entries_of(paths.profiles_dir()) if os.path.isdir(path))
    return tuple(dict.fromkeys(name for text in (*there, *also) if (name := _name_of(text))))


def _name_of(text: str) -> str | None:
    try:
        return check_profile_name(text)
    except ValueError:
        return None


def _check_distinct(name: str, others: Iterable[str]) -> None:
    try:
        check_distinct(name, others)
    except ValueError as err:
        raise ConfigError(f"profile {name}: {err}.") from err


class Profile:
    """A lifter's name, and the files that are stored under it. Nothing is on disk before `begin`."""

    def __init__(
        self, name: str, say: Callable[[str], object], *, utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Create the object without touching the disk.

        Args:
            say: Called with a line about each file that is left out.

        Raises:
            ConfigError: The name is not valid for a profile.
        """
        try:
            self.name = check_profile_name(name)
        except ValueError as err:
            raise ConfigError(f"profile: {err}.") from err
        self.folder = paths.profiles_dir() / self.name
        self._say, self._utc_now = say, utc_now
        self._said: set[str] = set()

    @property
    def is_new(self) -> bool:
        """Whether the profile is empty: nothing was ever stored, or everything was deleted."""
        try:
            return not self.folder.is_dir()
        except OSError:  # reading it reports why
            return False

    def check_new(self) -> bool:
        """Return whether the profile is new. Raises ConfigError if a new name is too similar to an existing name."""
        with contextlib.suppress(SourceError):  # reading it reports why
            # Windows and macOS find the folder of "ada" for "Ada" too.
            if self.name not in (names := profile_names()):
                _check_distinct(self.name, names)
        return self.is_new

    def check_name(self, name: str) -> "Profile":
        """Return the profile that this profile would become with another name.

        Raises:
            ConfigError: The name is invalid, or it equals or resembles the name of another profile.
        """
        new = Profile(name, self._say)
        _check_distinct(new.name, [other for other in profile_names() if other != self.name])
        if not new.is_new and not (self.folder.exists() and new.folder.samefile(self.folder)):
            raise ConfigError(f"profile {new.name}: exists already. Choose another name.")
        return new

    def rename(self, name: str) -> None:
        """Rename the profile.

        Raises:
            ConfigError: The name is not possible (`check_name`).
            OutputError: The folder can't be renamed.
        """
        new = self.check_name(name)
        with self._changing():
            if self.folder.exists():
                retry_while_in_use(lambda: self.folder.rename(new.folder))

    def exercises(self) -> tuple[str, ...]:
        """Return the names of the exercises with a kept rep. Raises SourceError if the folder can't be read."""
        names = (path.name for path in _entries_of(self.folder) if os.path.isdir(path) and NAME.fullmatch(path.name))
        return tuple(name for name in names if self.entries(name))

    def entries(self, exercise: str) -> tuple[KeptRepFile, ...]:
        """Return the files of the kept reps of an exercise, oldest first.

        A damaged file is reported once and left out.
        """
        entries = []
        for path in _entries_of(self._place(exercise)):
            if path.suffix == _SUFFIX:
                with self._left_out():
                    entries.append(KeptRepFile(path=path, header=_read(path)[0]))
        return tuple(entries)

    def read(self, entry: KeptRepFile) -> RepWindow | None:
        """Read a kept rep; return None if it is damaged. A damaged rep is reported once."""
        with self._left_out():
            return read_rep(entry.path)
        return None

    def begin(self) -> None:
        """Create the folder of the profile. Raises OutputError if that fails."""
        with self._changing():
            paths.make_private_data_folder(self.folder)

    def keep(self, reps: Sequence[RepWindow], *, session: str, began: datetime) -> None:
        """Store reps of a session that is to be deleted.

        Args:
            reps: Reps as for `write_rep`. `chosen` is true for reps that somebody has confirmed.
            session: Identity of the session (`SessionDocument.session`).
            began: Start of the session, in UTC.

        Raises:
            OutputError: A file can't be written.
        """
        with self._changing():
            for rep in reps:
                folder = self._place(rep.exercise)
                paths.make_private_data_folder(folder)
                # The names sort by time; the process id keeps two runs apart.
                name = f"{self._utc_now():%Y%m%dT%H%M%S%f}-{os.getpid()}"
                write_rep(_unused_path(folder, name), rep, session=session, began=began)

    def drop(self, session: str, start_s: float | None = None) -> None:
        """Delete the kept reps of a session, or only the rep that began at `start_s`. Raises OutputError on failure."""
        with self._changing():
            for exercise in self.exercises():
                for entry in self.entries(exercise):
                    if entry.header.session == session and start_s in {None, entry.header.start_s}:
                        entry.path.unlink(missing_ok=True)

    def forgotten_until(self, exercise: str) -> datetime | None:
        """Return the start time of the first session that may teach an exercise; None if every session may."""
        stored = self._forgotten()
        return max((stored[name] for name in (exercise, EVERYTHING) if name in stored), default=None)

    def _forgotten(self) -> dict[str, datetime]:
        path = self.folder / FORGOTTEN
        try:
            return _FORGOTTEN.validate_json(read_limited(path, MOST_FORGOTTEN_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as err:
            self._report_once(f"{path}: can't be read ({err.__class__.__name__}), so nothing counts as forgotten.")
            return {}

    def forget(self, exercise: str | None) -> None:
        """Forget all sessions up to now, for one exercise or, with None, for all of them, and delete the kept reps.

        Raises:
            OutputError: A file can't be written or deleted.
        """
        with self._changing():
            at = {**self._forgotten(), exercise or EVERYTHING: self._utc_now()}
            stored = [self._place(exercise)] if exercise else [*_entries_of(self.folder)]
            for place in stored:
                if place.is_dir():
                    shutil.rmtree(place)
                elif exercise is None:
                    place.unlink()
            paths.make_private_data_folder(self.folder)
            replace_private(self.folder / FORGOTTEN, _FORGOTTEN.dump_json(at).decode())

    def _place(self, exercise: str) -> Path:
        if not NAME.fullmatch(exercise):
            raise ConfigError(f"exercise {exercise!r}: unknown. `livecoach exercises` lists all exercises.")
        return self.folder / exercise

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Lock the profiles during the block, and remove the unfinished files of a killed process first.

        Raises:
            OutputError: A file can't be written, or another process holds the lock.
        """
        try:
            paths.make_private_data_folder(self.folder.parent)
            with lock_folder(self.folder.parent, BUSY_S):
                for place in _entries_of(self.folder):
                    remove_unfinished_files(place)
                yield
        except OSError as err:
            do = "" if isinstance(err, BlockingIOError) else " Free some space and make the folder writable."
            raise OutputError(f"{self.folder}: can't be changed ({err.strerror}).{do}") from err

    @contextlib.contextmanager
    def _left_out(self) -> Iterator[None]:
        """Report a SourceError of the block once, and end the block."""
        try:
            yield
        except SourceError as err:
            do = "if it stays so, delete the file"
            if isinstance(err.__cause__, OSError):  # it may be temporary
                do = "try again later"
            elif isinstance(err.__cause__, _NewerRep):
                do = "update livecoach"
            self._report_once(f"{err}. The rep is left out; {do}.")

    def _report_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)


def _unused_path(folder: Path, name: str) -> Path:
    """Return an unused path, because two reps may be stored at the same reading of the clock."""
    return next(path for n in count() if not (path := folder / f"{name}-{n:02d}{_SUFFIX}").exists())


def _entries_of(folder: Path) -> list[Path]:
    """Return a folder's entries by name; none if it does not exist. Raises SourceError if it can't be read."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise SourceError(f"{folder}: profiles can't be read ({err.strerror}). Make the folder readable.") from err
