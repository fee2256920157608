"""Stores profiles: the names of lifters, reps of deleted sessions, and the times up to which sessions are forgotten.

    <data folder>/profiles/<profile>/<exercise>/<time of storing>-….rep    reps of deleted sessions
    <data folder>/profiles/<profile>/forgotten.json    time up to which sessions are forgotten, by exercise;
                                                       time at which a session was forgotten, by exercise and digest;
                                                       time at which a rep was recalled, by exercise, digest and start

The same folder contains the lifter's plan (`plan`), the imported log (`earlier`) and the height (`settings`). The
references of a lifter are computed from these reps and the sessions (`knowledge`). The file of a rep contains the
observations of the rep, so that a newer model can judge the rep again. The file is a series of records as in stored
observations (`codec`). The first record is a header in JSON, which states how many observations follow, so that a
truncated file is detected. A damaged file affects no other file.
"""

import contextlib
import hashlib
import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache, partial
from itertools import count, islice
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, ConfigDict, Field, TypeAdapter

from livecoach import __version__
from livecoach.core.config import files, load_settings, paths, save_settings
from livecoach.core.config.exercise import EXERCISE_NAME
from livecoach.core.config.local_time import to_local
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError, SourceError, explain_os_errors
from livecoach.core.types import Observation, RepWindow, View, bounds
from livecoach.core.types.bounds import UNNAMED, Name, Ordinal, Seconds

FORMAT: Literal["livecoach-kept-rep"] = "livecoach-kept-rep"
VERSION: Literal[1] = 1
MOST_OBSERVATIONS = 10_000  # Most observations of a rep: five minutes at 30 frames a second. Our choice.
FIRST_YEAR, LAST_YEAR = 1970, 3000  # Range of the year of a session


@dataclass(frozen=True, slots=True, kw_only=True)
class RepHeader:
    """The header of a file with a stored rep."""

    __pydantic_config__ = ConfigDict(strict=True, allow_inf_nan=False, defer_build=True)
    format: Literal["livecoach-kept-rep"] = FORMAT
    """Type of the file."""
    version: Literal[1] = VERSION
    """Version of the file format."""
    exercise: Name
    """Name of the exercise."""
    session: Name
    """Identity of the recording, or of the run with a camera, that the rep comes from."""
    said_good: bool
    """Whether a person called the rep good."""
    misses_standard: bool = False
    """Whether the rep missed a standard, and nobody called it good; false in files of earlier versions."""
    start_s: Seconds
    """Time when the lifter leaves the starting position, in seconds of the source."""
    turn_s: Seconds
    """Time of the turn, such as the lockout of a deadlift or the bottom of a squat, in seconds of the source."""
    end_s: Seconds
    """Time when the lifter is back at the starting position, in seconds of the source."""
    view: View
    """View from which the camera filmed the rep."""
    set_name: Name
    """Name of the rep's set, unique among all sessions."""
    pose: Name
    """Name of the pose model that made the observations."""
    kept_utc: datetime
    """Start of the rep's session, in UTC; in files of version 2.0, the time when the rep was stored."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    number: Ordinal
    """Number of the rep in its set, from 1."""
    observations: Annotated[int, Field(ge=1, le=MOST_OBSERVATIONS)]
    """Number of observations in the file: from up to a second before the rep to a second after the rep."""

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise ValueError(f"start {self.start_s}, turn {self.turn_s} and end {self.end_s} are out of order")
        if not FIRST_YEAR <= self.kept_utc.year < LAST_YEAR:
            raise ValueError(f"kept in {self.kept_utc.year}")

    @property
    def day(self) -> str:
        """Local date of `kept_utc`, such as 2026-11-13."""
        return to_local(self.kept_utc).date().isoformat()


_HEADER = TypeAdapter(RepHeader)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepFile:
    """A file with a rep that a profile keeps, usually of a deleted session: the path, and the header of the file."""

    path: Path
    header: RepHeader


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgotten:
    """The sessions of an exercise that a lifter has forgotten, and the reps that were confirmed since then."""

    until: datetime | None  # Sessions that began before this time are forgotten; None if nothing is forgotten
    sessions: Set[str]  # Digests of the sessions that were stored at the time of the forgetting
    recalled: Mapping[str, Set[str]]  # Digest of a session → starts of the reps that were recalled, as "12.5 s"

    def includes(self, session: str, began: datetime) -> bool:
        """Return whether a session, named by its identity, is forgotten."""
        return self.until is not None and (began < self.until or _digest(session) in self.sessions)

    def is_recalled(self, session: str, start_s: float | None = None) -> bool:
        """Return whether a rep of a session (None for any rep) was recalled since the exercise was forgotten."""
        starts = self.recalled.get(_digest(session), ())
        return bool(starts) if start_s is None else _start_key(start_s) in starts


class _NewerRep(SourceError):
    """The error that a newer livecoach wrote a rep."""


def write_rep(path: Path, rep: RepWindow, *, session: str, began: datetime) -> None:
    """Write a rep to a file, completely or not at all. Raises OSError if the file can't be written.

    Raises ValueError for a rep that could not be read again, because the view is unknown, the times are out of order,
    the year of the session is out of range, or the rep has more than MOST_OBSERVATIONS observations.

    Args:
        rep: Rep with its exercise, its view, and a set name that is unique among all sessions.
        session: Identity of the recording, or of the run with a camera.
        began: Start of the session, in UTC.
    """
    header = RepHeader(
        exercise=rep.exercise,
        session=session,
        said_good=rep.chosen,
        misses_standard=rep.misses_standard,
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
    payload = _HEADER.dump_json(header)
    _HEADER.validate_json(payload)
    with files.write_atomically(path, lasting=True) as part, part.open("wb") as file:
        file.write(codec.make_record(payload))
        for observation in rep.observations:
            file.write(codec.make_record(codec.encode(observation)))


def read_rep(path: Path) -> RepWindow:
    """Read a stored rep with its observations. Raises SourceError if the file can't be read or is damaged."""
    header, observations = _read(path, whole=True)
    same = ("start_s", "turn_s", "end_s", "view", "set_name", "number", "pose", "exercise", "day", "misses_standard")
    known: dict[str, Any] = {name: getattr(header, name) for name in same}
    return RepWindow(observations=observations, chosen=header.said_good, **known)


def _read(path: Path, *, whole: bool = False) -> tuple[RepHeader, tuple[Observation, ...]]:
    """Read the header of a rep, and its observations if `whole` is true."""
    try:
        with files.open_regular(path) as file:
            records = codec.read_records(file)
            header = _parse_header(next(records, b""))
            observations = codec.decode_all(islice(records, header.observations + 1)) if whole else ()
            if whole and len(observations) != header.observations:
                raise SourceError(f"truncated: {len(observations)} of {header.observations} observations are left")
            return header, observations
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror})") from err
    except (SourceError, ValueError, TypeError) as err:
        raise SourceError(f"{path}: {err}") from err


def _parse_header(payload: bytes) -> RepHeader:
    """Parse a header. Raises SourceError if it is damaged or of a newer version."""
    try:
        fields = json.loads(payload)
        if fields["format"] == FORMAT and fields["version"] > VERSION:
            raise _NewerRep(f"written by a newer livecoach (version {fields['version']} of the format)")
        return _HEADER.validate_json(payload)
    except (ValueError, LookupError, TypeError, RecursionError) as err:
        raise SourceError("not a stored rep, or its header is damaged") from err


BEGINNING_BYTES = 1 << 20  # Number of first bytes that identify a recording: a video's first seconds. Our choice.
_SUFFIX = ".rep"
FORGOTTEN_FILE = "forgotten.json"
ALL_EXERCISES = "*"  # Key in forgotten.json that stands for every exercise
MOST_FORGOTTEN_BYTES = 16 << 20  # Largest forgotten.json that is read. Our choice.
_FORGOTTEN: TypeAdapter[dict[str, datetime]] = TypeAdapter(dict[str, AwareDatetime])


def identify_recording(path: Path, name: str) -> str:
    """Return a recording's identity, NAME:DIGEST (of the first BEGINNING_BYTES). Raises SourceError if unreadable."""
    with explain_os_errors(SourceError, f"{path}: can't be read", "Check the path."), files.open_regular(path) as file:
        digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    readable = name.encode(errors="replace").decode()  # a file can't contain a name that is not valid Unicode
    return f"{readable}:{digest[:8]}"


def identify_live_run() -> str:
    """Return the identity of a live run that begins now, in microseconds: two runs may begin in the same second."""
    return f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%S.%fZ}"


def list_profile_names(also: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the names of all profiles in the data folder, followed by further names, each once.

    Names that are not valid for a profile are left out. Raises SourceError if the folder of profiles can't be read.
    """
    there = (path.name for path in _list_folder(paths.profiles_dir()) if os.path.isdir(path))
    return tuple(dict.fromkeys(name for text in (*there, *also) if (name := to_profile_name(text))))


def to_profile_name(text: str) -> str | None:
    """Return a text as the name of a profile, in Unicode's form NFC; None if the text is not valid as a name."""
    try:
        return bounds.check_profile_name(text)
    except ValueError:
        return None


@contextlib.contextmanager
def _explain_refusal(what: str) -> Iterator[None]:
    try:
        yield
    except ValueError as err:
        raise ConfigError(f"{what}: {err}.") from err


class Profile:
    """A lifter's name, and the files that are stored under the name. The folder is created when first needed.

    Methods raise ConfigError if the name of an exercise is not valid, SourceError if the folders of profiles can't be
    read, and OutputError if the folders can't be changed.
    """

    def __init__(
        self, name: str, say: Callable[[str], object], *, utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """Create the object without reading or writing any file.

        `say` is called once with a line about each file that can't be read and is left out. Raises ConfigError if the
        name is not valid for a profile.
        """
        with _explain_refusal("profile"):
            self.name = bounds.check_profile_name(name)
        self.folder = paths.profiles_dir() / self.name
        self._say, self._utc_now = cache(say), utc_now

    @property
    def is_new(self) -> bool:
        """Whether the profile has no folder, because nothing is stored yet; False if the folder can't be reached."""
        try:
            return not self.folder.is_dir()
        except OSError:  # reading it reports why
            return False

    def check_new(self) -> bool:
        """Check the profile's name if the profile is new, and return whether it is new (see `is_new`).

        Raises ConfigError if the name of the new profile differs by case or spaces alone from the name of another
        profile, or from the name in the settings. The check is left out if the folder of profiles can't be read.
        """
        with contextlib.suppress(SourceError), _explain_refusal(f"profile {self.name}"):  # reading it reports why
            # Windows and macOS find the folder of "ada" for "Ada" too.
            if self.name not in (names := list_profile_names()):
                bounds.check_distinct_name(self.name, (*names, load_settings({}).profile))
        return self.is_new

    def with_new_name(self, name: str, lifters: Collection[str] = ()) -> "Profile":
        """Return the profile that this profile would become under a new name, without renaming anything.

        Raises ConfigError if the name is invalid, or equals, apart from case and spaces, the name of another profile,
        or of one of `lifters`, who may have no profile.
        """
        new, others = Profile(name, self._say), (other for other in list_profile_names(lifters) if other != self.name)
        if (similar := bounds.find_similar_name(new.name, others)) is not None:
            raise ConfigError(f"profile {similar}: exists already. Choose another name.")
        return new

    def rename(self, new: "Profile") -> None:
        """Move the profile's folder, if any, to the folder of `new` (`with_new_name`). The object keeps its name."""
        with self._lock_profiles():
            if self.folder.exists():
                files.retry_while_in_use(lambda: self.folder.rename(new.folder))

    def remove(self) -> None:
        """Delete the profile's folder, with the kept reps, the plan, the imported log and the height.

        If the user's settings name the profile, the lifter and the height are removed from the settings.
        """
        if load_settings({}).profile == self.name:
            save_settings({"profile": UNNAMED, "height_cm": None})
        with self._lock_profiles():
            if self.folder.exists():
                files.retry_while_in_use(partial(shutil.rmtree, self.folder))

    def list_exercises(self) -> tuple[str, ...]:
        """Return the names of the exercises in which the profile has a readable kept rep."""
        names = (
            path.name
            for path in _list_folder(self.folder)
            if os.path.isdir(path) and EXERCISE_NAME.fullmatch(path.name)
        )
        return tuple(name for name in names if self.list_kept_reps(name))

    def list_kept_reps(self, exercise: str) -> tuple[KeptRepFile, ...]:
        """Return the files of the kept reps of an exercise, in the order in which the reps were stored.

        A file that can't be read is left out and reported once.
        """
        entries = []
        for path in _list_folder(self._exercise_folder(exercise)):
            if path.suffix == _SUFFIX:
                with self._report_damage():
                    entries.append(KeptRepFile(path=path, header=_read(path)[0]))
        return tuple(entries)

    def read_kept_rep(self, entry: KeptRepFile) -> RepWindow | None:
        """Read a kept rep with its observations; None for a file that can't be read, which is reported once."""
        with self._report_damage():
            return read_rep(entry.path)
        return None

    def create_folder(self) -> None:
        """Create the folder of the profile, unless the folder exists."""
        with self._lock_profiles():
            paths.make_private_data_folder(self.folder)

    def keep_reps(self, reps: Sequence[RepWindow], *, session: str, began: datetime) -> None:
        """Store reps of a session in the profile, where the reps outlive the session.

        `write_rep` explains the other arguments and the ValueError.
        """
        with self._lock_profiles():
            for rep in reps:
                folder = self._exercise_folder(rep.exercise)
                paths.make_private_data_folder(folder)
                # The names sort by time. The process id keeps two runs apart, and the count reps of the same time.
                name = f"{self._utc_now():%Y%m%dT%H%M%S%f}-{os.getpid()}"
                path = next(path for n in count() if not (path := folder / f"{name}-{n:02d}{_SUFFIX}").exists())
                write_rep(path, rep, session=session, began=began)

    def delete_kept_reps(self, session: str, start_s: float | None = None) -> None:
        """Delete all reps, or a single rep, that the profile keeps from a session. Files that can't be read stay.

        Args:
            session: Identity of the session's recording, or of the run with a camera.
            start_s: Start of the only rep to delete, in seconds of the source; None for all reps of the session.
        """
        with self._lock_profiles():
            for exercise in self.list_exercises():
                for entry in self.list_kept_reps(exercise):
                    if entry.header.session == session and start_s in {None, entry.header.start_s}:
                        files.remove_file(entry.path)

    def read_forgotten(self, exercise: str) -> Forgotten:
        """Read which sessions of an exercise are forgotten.

        If forgotten.json can't be read, this is reported, and no session counts as forgotten.
        """
        stored = self._forgotten()
        until = max((stored[name] for name in (exercise, ALL_EXERCISES) if name in stored), default=None)
        sessions, recalled = set[str](), defaultdict[str, set[str]](set)
        for key, at in stored.items():
            name, *of_session = key.split("/")
            if len(of_session) == 1 and name in {exercise, ALL_EXERCISES}:
                sessions.add(of_session[0])
            elif len(of_session) == 2 and name == exercise and until is not None and at > until:
                recalled[of_session[0]].add(of_session[1])
        return Forgotten(until=until, sessions=sessions, recalled=recalled)

    def recall_reps(self, exercise: str, session: str, starts_s: Iterable[float]) -> None:
        """Let confirmed reps of a forgotten session, named by its identity, join the reference of an exercise."""
        since = self.read_forgotten(exercise).until
        now = self._utc_now() if since is None else max(self._utc_now(), since + timedelta.resolution)
        with self._lock_profiles():
            at = self._forgotten() | {
                f"{exercise}/{_digest(session)}/{_start_key(start_s)}": now for start_s in starts_s
            }
            files.write_private_text(self.folder / FORGOTTEN_FILE, _FORGOTTEN.dump_json(at).decode())

    def _forgotten(self) -> dict[str, datetime]:
        path = self.folder / FORGOTTEN_FILE
        try:
            return _FORGOTTEN.validate_json(files.read_limited(path, MOST_FORGOTTEN_BYTES))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as err:
            self._say(f"{path}: can't be read ({err.__class__.__name__}), so nothing counts as forgotten.")
            return {}

    def forget_sessions(self, exercise: str | None, sessions: Iterable[str] = ()) -> None:
        """Remove all reps up to now from the lifter's references: forget the sessions, and delete the kept reps.

        Args:
            exercise: Name of the exercise whose sessions are forgotten; None for all exercises. None also deletes the
                other files in the profile's folder: plan, imported log and height.
            sessions: Identities of sessions that are forgotten whenever they began, even if a wrong clock dated them
                later or their start is corrected afterwards.
        """
        with self._lock_profiles():
            others = {} if exercise is None else self._forgotten()
            at = {name: of for name, of in others.items() if not name.startswith(f"{exercise}/")}
            of = exercise or ALL_EXERCISES
            at |= dict.fromkeys([of, *(f"{of}/{_digest(session)}" for session in sessions)], self._utc_now())
            stored = [self._exercise_folder(exercise)] if exercise else [*_list_folder(self.folder)]
            for place in stored:
                if place.is_dir():
                    files.retry_while_in_use(partial(shutil.rmtree, place))
                elif exercise is None:
                    files.remove_file(place)
            paths.make_private_data_folder(self.folder)
            files.write_private_text(self.folder / FORGOTTEN_FILE, _FORGOTTEN.dump_json(at).decode())

    def _exercise_folder(self, exercise: str) -> Path:
        if not EXERCISE_NAME.fullmatch(exercise):
            raise ConfigError(f"exercise {exercise!r}: unknown. `livecoach exercises` lists all exercises.")
        return self.folder / exercise

    @contextlib.contextmanager
    def _lock_profiles(self) -> Iterator[None]:
        """Lock the profiles, and remove unfinished files of a killed process. Raises OutputError if that fails."""
        try:
            paths.make_private_data_folder(self.folder.parent)
            with files.lock_folder(self.folder.parent):
                for place in _list_folder(self.folder):
                    files.remove_unfinished_files(place)
                yield
        except OSError as err:
            do = "" if isinstance(err, BlockingIOError) else " Free some space and make the folder writable."
            raise OutputError(f"{self.folder}: can't be changed ({err.strerror}).{do}") from err

    @contextlib.contextmanager
    def _report_damage(self) -> Iterator[None]:
        """Report a SourceError of the block once, and end the block."""
        try:
            yield
        except SourceError as err:
            do = "if it stays so, delete the file"
            if isinstance(err.__cause__, OSError):  # it may be temporary
                do = "try again later"
            elif isinstance(err.__cause__, _NewerRep):
                do = "update livecoach"
            self._say(f"{err}. The rep is left out; {do}.")


def _digest(session: str) -> str:
    """Return the digest that stands for a session in forgotten.json, because the identity of a session may be long."""
    return hashlib.sha256(session.encode()).hexdigest()[:16]


def _start_key(start_s: float) -> str:
    return f"{start_s} s"


def _list_folder(folder: Path) -> list[Path]:
    """Return a folder's entries by name; empty without the folder. Raises SourceError if the folder can't be read."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise SourceError(f"{folder}: profiles can't be read ({err.strerror}). Make the folder readable.") from err
