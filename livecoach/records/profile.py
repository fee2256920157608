"""Profiles: each lifter's own good reps, stored on disk for later sessions.

    <data folder>/profiles/<profile>/<exercise>/<when stored>.rep

A file holds the observations of one rep, so that a newer model can use it again: records as in stored observations
(`codec`), the first of them a header in JSON. The header states how many observations follow, so that a truncated file
is detected. Reps are added, listed and deleted one by one, so a damaged file affects no other. Nothing here decides
whether a rep is good.
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
from typing import Annotated, BinaryIO, Literal

from pydantic import ConfigDict, Field, TypeAdapter

from livecoach import __version__
from livecoach.core.config import paths
from livecoach.core.config.files import BUSY_S, locked, open_regular, remove_left_parts, written_whole
from livecoach.core.config.local_time import local
from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError, OutputError, SourceError, explained
from livecoach.core.types import Observation, RepWindow, View
from livecoach.core.types.bounds import Name, Ordinal, Seconds, check_told_apart, profile_name
from livecoach.decisions.rep.measured import SAME_VIEW_DEG

FORMAT: Literal["livecoach-kept-rep"] = "livecoach-kept-rep"
VERSION: Literal[1] = 1
MOST_OBSERVATIONS = 10_000  # of a rep: five minutes at 30 frames a second. Our choice.
FIRST_YEAR, LAST_YEAR = 1970, 3000
OF_WINDOW = ("start_s", "turn_s", "end_s", "view", "set_name", "number", "pose", "exercise", "chosen", "day")
"""What a header says of its RepWindow."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RepHeader:
    """The header of a stored rep."""

    __pydantic_config__ = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False, defer_build=True)
    format: Literal["livecoach-kept-rep"] = FORMAT
    """File type."""
    version: Literal[1] = VERSION
    """Version of this format."""
    exercise: Name
    """Name of the exercise."""
    session: Name
    """Source of the rep: one recording, or one run with a camera."""
    calibrated: bool = False
    """True for a rep that the lifter chose by a command of earlier versions."""
    said_good: bool = False
    """True for a rep that the lifter called good; missing in files of earlier versions."""
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
    """When it was stored, in UTC."""
    livecoach: Name
    """Version of livecoach that wrote the file."""
    number: Ordinal | None = None
    """Number in its set, from 1; None in files of earlier versions."""
    observations: Annotated[int, Field(ge=1, le=MOST_OBSERVATIONS)]
    """Number of observations: from a second before the rep to a second after it."""

    def __post_init__(self) -> None:
        if not self.start_s <= self.turn_s <= self.end_s:
            raise ValueError(f"start {self.start_s}, turn {self.turn_s} and end {self.end_s} are out of order")
        if not FIRST_YEAR <= self.kept_utc.year < LAST_YEAR:
            raise ValueError(f"kept in {self.kept_utc.year}")

    @property
    def chosen(self) -> bool:
        return self.calibrated or self.said_good

    @property
    def day(self) -> str:
        """Local day on which it was stored, as 2026-11-13."""
        return local(self.kept_utc).date().isoformat()


_HEADER = TypeAdapter(RepHeader)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRepFile:
    path: Path
    header: RepHeader


class _NewerRep(SourceError):
    """A newer livecoach wrote it."""


def write_rep(file: BinaryIO, header: RepHeader, rep: RepWindow) -> None:
    """Write a rep. Raises OSError, for example when the disk is full."""
    file.write(codec.record(_HEADER.dump_json(header)))
    for observation in rep.observations:
        file.write(codec.record(codec.encode(observation)))


def read_rep(path: Path) -> RepWindow:
    """The rep in a file. Raises SourceError that names the file."""
    header, observations = _read(path, whole=True)
    return RepWindow(observations=observations, **{name: getattr(header, name) for name in OF_WINDOW})


def _read(path: Path, *, whole: bool = False) -> tuple[RepHeader, tuple[Observation, ...]]:
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
    """The header in a payload. Raises SourceError where there is none, or one of a newer version."""
    try:
        fields = json.loads(payload)
        if fields["format"] == FORMAT and fields["version"] > VERSION:
            raise _NewerRep(f"written by a newer livecoach (version {fields['version']} of the format)")
        return _HEADER.validate_json(payload)
    except (ValueError, LookupError, TypeError, RecursionError) as err:
        raise SourceError("not a stored rep, or its header is damaged") from err


NO_LOCK_S = 2.0  # longest wait for a lock that is not needed; others hold it for less than a second. Our choice.
BEGINNING_BYTES = 1 << 20  # of a recording, which identify it: a video's first seconds. Our choice.
MOST_OF_A_VIEW = 20  # reps stored for an exercise and view, about 75 kB each. All of them serve as reference.
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
_SUFFIX = ".rep"
REPLACED = ".undo"  # folder in which earlier versions kept copies of reps that they had removed


def session_of_recording(path: Path, name: str) -> str:
    """A name that depends only on the recording's content, not on its place. name: of the source. Raises
    SourceError."""
    with explained(SourceError, f"{path}: can't be read", "Check the path."), open_regular(path) as file:
        digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    readable = name.encode(errors="replace").decode()  # a file can't contain a name that is not valid Unicode
    return f"{readable}:{digest[:8]}"


def profile_names(also: Iterable[str] = ()) -> tuple[str, ...]:
    """The names of all profiles, and those of `also` that a profile can have. Raises SourceError where the folder of
    profiles can't be read."""
    there = (path.name for path in _entries_of(paths.profiles_dir()) if os.path.isdir(path))
    return tuple(dict.fromkeys(name for text in (*there, *also) if (name := _name_of(text))))


def _name_of(text: str) -> str | None:
    try:
        return profile_name(text)
    except ValueError:
        return None


def _check_told_apart(name: str, others: Iterable[str]) -> None:
    try:
        check_told_apart(name, others)
    except ValueError as err:
        raise ConfigError(f"profile {name}: {err}.") from err


def by_view(entries: Sequence[KeptRepFile]) -> list[list[KeptRepFile]]:
    """Group files by view, in their order. The view of a group is that of its last file."""
    groups: list[list[KeptRepFile]] = []
    rest = list(entries)
    while rest:
        middle = rest[-1].header.view
        groups.append([entry for entry in rest if _same_view(entry.header.view, middle)])
        rest = [entry for entry in rest if not _same_view(entry.header.view, middle)]
    return groups


class Profile:
    """One lifter's good reps. Nothing is on disk before the first one is stored."""

    def __init__(
        self, name: str, say: Callable[[str], object], *, utc_now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        """say: called with a line about each file that is left out. Raises ConfigError where `name` is not a valid
        profile name."""
        try:
            self.name = profile_name(name)
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
        """Return whether it is new. Raises ConfigError if its name is then too much like that of another profile."""
        if self.is_new:
            with contextlib.suppress(SourceError):  # reading it reports why
                _check_told_apart(self.name, profile_names())
        return self.is_new

    def check_name(self, name: str) -> "Profile":
        """Return the profile of another name, which this one may get. Raises ConfigError for any other name."""
        new = Profile(name, self._say)
        _check_told_apart(new.name, [other for other in profile_names() if other != self.name])
        if not new.is_new and not (self.folder.exists() and new.folder.samefile(self.folder)):
            raise ConfigError(f"profile {new.name}: exists already. Choose another name.")
        return new

    def rename(self, name: str) -> None:
        """Raises ConfigError as `check_name` does, OutputError."""
        new = self.check_name(name)
        with self._changing():
            if self.folder.exists():
                self.folder.rename(new.folder)

    def exercises(self) -> tuple[str, ...]:
        """The exercises with a stored rep. Raises SourceError where the folder can't be read."""
        names = (path.name for path in _entries_of(self.folder) if os.path.isdir(path) and NAME.fullmatch(path.name))
        return tuple(name for name in names if self.entries(name))

    def entries(self, exercise: str) -> tuple[KeptRepFile, ...]:
        """The stored reps of an exercise, oldest first. A damaged file is reported once and left out."""
        entries = []
        for path in _entries_of(self._place(exercise)):
            if path.suffix == _SUFFIX:
                with self._left_out():
                    entries.append(KeptRepFile(path=path, header=_read(path)[0]))
        return tuple(entries)

    def reference(
        self, exercise: str, *, pose: str, excluding_session: str | None = None
    ) -> tuple[tuple[Path, RepWindow], ...]:
        """Return the stored reps of an exercise with their files, oldest first, at most MOST_OF_A_VIEW of each view. A
        damaged file is reported once and left out.

        pose: name of the pose model; reps of other pose models are reported once and left out. excluding_session: a
        session whose reps are left out. No recording is judged by reps learned from itself, so a replay gives
        the same events each time.
        """
        entries = self.entries(exercise)
        others = [entry.header.pose for entry in entries if entry.header.pose != pose]
        if others:
            models = ", ".join(sorted(set(others)))
            self._report_once(
                f"profile {self.name}, {exercise}: {len(others)} of {len(entries)} reps are from pose model {models}, "
                f"not {pose}, and are ignored. Use --pose {others[-1]}, or lift with {pose}."
            )
        reps, surplus = [], {entry.path for entry in _surplus(entries)}
        for entry in entries:
            if entry.path in surplus:  # of files that somebody has copied there
                continue
            if entry.header.pose == pose and entry.header.session != excluding_session:
                with self._left_out():
                    reps.append((entry.path, read_rep(entry.path)))
        return tuple(reps)

    def keep(self, reps: Sequence[RepWindow], session: str) -> int:
        """Store reps that were learned or called good, each under its exercise, and delete the surplus of their views.
        Return the number of new reps.

        A rep that is stored already stays unchanged, unless the lifter has chosen it only now. Where another process
        keeps the profile locked, the surplus stays until the next time. Raises OutputError where a file can't be
        written or deleted.
        """
        if not reps:
            return 0
        new = []
        with self._changing(needs_lock=False) as alone:
            for exercise in dict.fromkeys(rep.exercise for rep in reps):
                there = self.entries(exercise)
                for rep in (rep for rep in reps if rep.exercise == exercise):
                    same = [entry for entry in there if _same_rep(entry.header, rep, session)]
                    if not same or (rep.chosen and not any(entry.header.chosen for entry in same)):
                        path = self._write(rep, session)
                        new += [] if same else [path]
                        _remove(same)
                if alone:
                    _remove(_surplus(self.entries(exercise)))
        return sum(path.exists() for path in new)

    def keep_only(self, reps: Sequence[RepWindow], session: str) -> None:
        """Store reps of an exercise in place of all others of their views and pose model. Raises OutputError."""
        self.keep(reps, session)
        with self._changing():
            for entry in self.entries(reps[0].exercise):
                alike = [rep for rep in reps if rep.pose == entry.header.pose]
                of_view = any(_same_view(entry.header.view, rep.known_view) for rep in alike)
                if of_view and not any(_same_rep(entry.header, rep, session) for rep in alike):
                    _remove([entry])

    def remove_rep(self, rep: RepWindow, session: str) -> int:
        """Delete the files of a session's rep and return their number. Raises OutputError."""
        with self._changing(needs_lock=False):
            same = [entry for entry in self.entries(rep.exercise) if _same_rep(entry.header, rep, session)]
            _remove(same)
        return len(same)

    def hand_over(self, to: "Profile", session: str, start_s: float, end_s: float) -> int:
        """Give another profile the reps that began in a stretch of a session. Return their number. Raises OutputError
        or SourceError."""
        with self._changing():
            going = [
                entry
                for exercise in self.exercises()
                for entry in self.entries(exercise)
                if entry.header.session == session and start_s <= entry.header.start_s <= end_s
            ]
            for entry in going:
                folder = to.folder / entry.path.parent.name
                paths.make_private(folder)
                entry.path.replace(_unused_path(folder, entry.path.stem.rpartition("-")[0]))
            for exercise in {entry.path.parent.name for entry in going}:
                _remove(_surplus(to.entries(exercise)))
        return len(going)

    def forget(self, exercise: str | None) -> int:
        """Delete the reps of an exercise, or the whole profile, for good. Return the number of reps that it held.
        Raises OutputError."""
        place = self.folder if exercise is None else self._place(exercise)
        with self._changing():
            exercises = self.exercises() if exercise is None else (exercise,)
            count = sum(len(self.entries(name)) for name in exercises)
            for gone in (place, self.folder / REPLACED):
                if gone.exists():
                    shutil.rmtree(gone)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()
        return count

    def _place(self, exercise: str) -> Path:
        if not NAME.fullmatch(exercise):
            raise ConfigError(f"exercise {exercise!r}: unknown. `livecoach exercises` lists all exercises.")
        return self.folder / exercise

    def _write(self, rep: RepWindow, session: str) -> Path:
        now = self._utc_now()
        header = RepHeader(
            exercise=rep.exercise,
            session=session,
            said_good=rep.chosen,
            start_s=rep.start_s,
            turn_s=rep.turn_s,
            end_s=rep.end_s,
            view=rep.known_view,
            set_name=f"{session} {rep.set_name}",
            number=rep.number,
            pose=rep.pose,
            kept_utc=now,
            livecoach=__version__,
            observations=len(rep.observations),
        )
        folder = self._place(rep.exercise)
        paths.make_private(folder)
        # The names sort by time; the process id keeps two runs apart.
        name = f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}"
        path = _unused_path(folder, name)
        with written_whole(path, lasting=True) as part, part.open("wb") as file:
            write_rep(file, header, rep)
        return path

    @contextlib.contextmanager
    def _changing(self, *, needs_lock: bool = True) -> Iterator[bool]:
        """Keep other processes from changing profiles, and remove the unfinished files of a killed one. Yield whether
        that was possible. needs_lock: else it goes on without: one rep's files are its session's alone, and a run's end
        does not wait for a process that hangs. Raises OutputError where something can't be written, or is locked."""
        above = self.folder.parent
        try:
            paths.make_private(above)
            with contextlib.ExitStack() as stack:
                alone = True
                try:
                    stack.enter_context(locked(above, BUSY_S if needs_lock else NO_LOCK_S))
                    for place in _entries_of(self.folder):
                        remove_left_parts(place)
                except BlockingIOError:
                    if needs_lock:
                        raise
                    alone = False
                yield alone
        except OSError as err:
            do = "" if isinstance(err, BlockingIOError) else " Free some space and make the folder writable."
            raise OutputError(f"{self.folder}: can't be changed ({err.strerror}).{do}") from err

    @contextlib.contextmanager
    def _left_out(self) -> Iterator[None]:
        try:
            yield
        except SourceError as err:
            do = "if it stays so, delete the file"
            if isinstance(err.__cause__, OSError):  # it may pass
                do = "try again later"
            elif isinstance(err.__cause__, _NewerRep):
                do = "update livecoach"
            self._report_once(f"{err}. The rep is left out; {do}.")

    def _report_once(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)


def _same_view(one: View, other: View) -> bool:
    return abs(abs(one.azimuth_deg) - abs(other.azimuth_deg)) <= SAME_VIEW_DEG


def _same_rep(header: RepHeader, rep: RepWindow, session: str) -> bool:
    """Whether a stored rep is from the same session and time: the recording was then processed twice."""
    return header.session == session and header.start_s < rep.end_s and rep.start_s < header.end_s


def _surplus(entries: Sequence[KeptRepFile]) -> list[KeptRepFile]:
    """The files beyond MOST_OF_A_VIEW of their view. The oldest of later sessions go first, then those of the first
    session, and last those that the lifter chose. So no learned rep replaces the anchor of the reference."""
    surplus: list[KeptRepFile] = []
    for group in by_view(entries):
        first = group[0].header.session
        ranked = sorted(group, key=lambda entry: (entry.header.chosen, entry.header.session == first))
        surplus += ranked[:-MOST_OF_A_VIEW]
    return surplus


def _remove(entries: Sequence[KeptRepFile]) -> None:
    for entry in entries:
        entry.path.unlink(missing_ok=True)


def _unused_path(folder: Path, name: str) -> Path:
    """An unused path: two reps may be stored at the same reading of the clock."""
    return next(path for n in count() if not (path := folder / f"{name}-{n:02d}{_SUFFIX}").exists())


def _entries_of(folder: Path) -> list[Path]:
    """A folder's entries by name; empty where it does not exist. Raises SourceError where it can't be read."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise SourceError(f"{folder}: profiles can't be read ({err.strerror}). Make the folder readable.") from err
