"""The files of a profile, and the reps that a run adds to them.

Reps are added, listed and deleted one by one, so a damaged file affects no other.
"""

import contextlib
import hashlib
import os
import re
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from livecoach import __version__
from livecoach.config import paths
from livecoach.config.files import locked, open_regular, remove_left_parts, written_whole
from livecoach.errors import ConfigError, OutputError, SourceError
from livecoach.judging.reference import SAME_VIEW_DEG
from livecoach.profile import rep_file
from livecoach.profile.rep_file import KeptRepFile, RepHeader
from livecoach.types import RepWindow, Step, View
from livecoach.types.bounds import profile_name

BEGINNING_BYTES = 1 << 20
"""Bytes at the beginning of a recording that identify it: a video's first seconds. Our choice."""
MOST_OF_A_VIEW = 20
"""Largest number of reps stored for an exercise and view, about 75 kB each. All of them serve as reference."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
_SUFFIX = ".rep"
REPLACED = ".undo"  # folder in which earlier versions kept copies of reps that they had removed
CLOSE_S = 120.0  # longest wait for a disk that hangs, at the end of a run. Our choice.
_Changes = dict[float, tuple[RepWindow, bool]]  # start of a rep → the rep, and whether it is kept


def session_of_recording(path: Path, name: str) -> str:
    """A name that depends only on the recording's content, not on its place. name: of the source. Raises
    SourceError."""
    try:
        with open_regular(path) as file:
            digest = hashlib.sha256(file.read(BEGINNING_BYTES)).hexdigest()
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    readable = name.encode(errors="replace").decode()  # a file can't contain a name that is not valid Unicode
    return f"{readable}:{digest[:8]}"


def session_of_start(started_utc: datetime) -> str:
    """The name of a run with a camera: its start time."""
    return started_utc.strftime("%Y-%m-%dT%H:%M:%SZ")


def _utc_now() -> datetime:
    return datetime.now(UTC)


def profile_names() -> tuple[str, ...]:
    """The names of all profiles. Raises SourceError where their folder can't be read."""
    there = _entries_of(paths.profiles_dir())
    return tuple(name for path in there if os.path.isdir(path) and (name := _name_of(path)))


def _name_of(folder: Path) -> str | None:
    try:
        return profile_name(folder.name)
    except ValueError:
        return None


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

    def __init__(self, name: str, say: Callable[[str], object], *, utc_now: Callable[[], datetime] = _utc_now) -> None:
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
                    entries.append(KeptRepFile(path=path, header=rep_file.read_header(path)))
        return tuple(entries)

    def reps(self, exercise: str, *, pose: str, excluding_session: str | None = None) -> tuple[RepWindow, ...]:
        return tuple(rep for _, rep in self.reference(exercise, pose=pose, excluding_session=excluding_session))

    def reference(
        self, exercise: str, *, pose: str, excluding_session: str | None = None
    ) -> tuple[tuple[Path, RepWindow], ...]:
        """Return the stored reps of an exercise with their files, oldest first. A damaged file is reported once and
        left out.

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
        reps = []
        for entry in entries:
            if entry.header.pose == pose and entry.header.session != excluding_session:
                with self._left_out():
                    reps.append((entry.path, rep_file.read(entry.path)))
        return tuple(reps)

    def keep(self, exercise: str, reps: Sequence[RepWindow], session: str) -> int:
        """Store reps that were learned or called good, and delete the surplus of their views. Return the number of new
        reps.

        A rep that is stored already stays unchanged, unless the lifter has chosen it only now. Raises OutputError where
        a file can't be written or deleted.
        """
        added = []
        with self._changing():
            there = self.entries(exercise)
            for rep in reps:
                same = [entry for entry in there if _same_rep(entry.header, rep, session)]
                if not same or (rep.chosen and not any(entry.header.chosen for entry in same)):
                    added.append(self._write(exercise, rep, session))
                    _remove(same)
            _remove(_surplus(self.entries(exercise)))
        return sum(path.exists() for path in added)

    def keep_each(self, reps: Sequence[RepWindow], session: str) -> int:
        """Store reps, each under its own exercise, as `keep` does. Raises OutputError."""
        exercises = dict.fromkeys(rep.exercise for rep in reps)
        return sum(self.keep(name, [rep for rep in reps if rep.exercise == name], session) for name in exercises)

    def remove_rep(self, exercise: str, rep: RepWindow, session: str) -> int:
        """Delete the files of a session's rep and return their number. Raises OutputError."""
        with self._changing():
            same = [entry for entry in self.entries(exercise) if _same_rep(entry.header, rep, session)]
            _remove(same)
        return len(same)

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

    def _write(self, exercise: str, rep: RepWindow, session: str) -> Path:
        now = self._utc_now()
        header = RepHeader(
            exercise=exercise,
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
        folder = self._place(exercise)
        paths.make_private(folder)
        # The names sort by time; the process id keeps two runs apart.
        name = f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}"
        path = _unused_path(folder, name)
        with written_whole(path, lasting=True) as part, part.open("wb") as file:
            rep_file.write(file, header, rep)
        return path

    @contextlib.contextmanager
    def _changing(self) -> Iterator[None]:
        """Keep other processes from changing profiles, and remove the unfinished files of a killed one. Raises
        OutputError where something can't be written."""
        above = self.folder.parent
        try:
            paths.make_private(above)
            with locked(above):
                for place in _entries_of(self.folder):
                    remove_left_parts(place)
                yield
        except OSError as err:
            raise OutputError(
                f"{self.folder}: can't be changed ({err.strerror}). Free some space and make the folder writable."
            ) from err

    @contextlib.contextmanager
    def _left_out(self) -> Iterator[None]:
        try:
            yield
        except SourceError as err:
            self._report_once(f"{err}. The rep is left out; delete the file.")

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
    number = 0
    while (path := folder / f"{name}-{number:02d}{_SUFFIX}").exists():
        number += 1
    return path


def _entries_of(folder: Path) -> list[Path]:
    """A folder's entries by name; empty where it does not exist. Raises SourceError where it can't be read."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise SourceError(f"{folder}: profiles can't be read ({err.strerror}). Make the folder readable.") from err


class ProfileWriter:
    """Call `step` with every step, and `close` once, on the same thread. A failure is reported and does not end the
    set; nor does a disk that hangs, because a thread of its own writes."""

    def __init__(self, profile: Profile, session: str, say: Callable[[str], object]) -> None:
        """session: identifies this run's reps. say: called with one line for the user."""
        self._profile, self._session, self._say = profile, session, say
        self._changes: _Changes = {}
        self._unwritten: _Changes = {}  # what the thread writes, or could not write
        self._thread: threading.Thread | None = None
        self._why = ""
        self._in_set = self._failed = False
        self.kept = 0  # number of reps that this run has stored

    def step(self, step: Step) -> None:
        """Note the reps to store or delete. Nothing is written during a set."""
        for reps, keep in ((step.learned, True), (step.forgotten, False)):
            self._changes |= {rep.start_s: (rep, keep) for rep in reps}
        if not step.in_set and (self._in_set or step.corrected is not None):
            self._begin()
        self._in_set = step.in_set

    def close(self) -> None:
        """Write the changes, and wait for that. A failed write is tried again after the next set; its reason is
        reported once."""
        self.wait()
        if self._thread is None:
            self._begin()
            self.wait()

    def wait(self) -> None:
        if self._thread is None:
            return
        self._thread.join(CLOSE_S)
        if self._thread.is_alive():
            self._why = "the disk does not answer"
        else:
            self._changes, self._unwritten = self._unwritten | self._changes, {}
            self._thread = None
        if self._why and not self._failed:
            self._say(f"profile {self._profile.name}: not updated: {self._why}")
            self._failed = True

    def _begin(self) -> None:
        """Begin to write the changes, unless the disk still has not taken earlier ones."""
        if self._thread is not None and self._thread.is_alive():
            return
        self.wait()
        if self._changes:
            self._changes, self._unwritten = {}, self._changes
            self._thread = threading.Thread(target=self._write, name="profile", daemon=True)
            self._thread.start()

    def _write(self) -> None:
        changes = self._unwritten.values()
        try:
            for rep, keep in changes:
                if not keep:
                    self.kept -= self._profile.remove_rep(rep.exercise, rep, self._session)
            self.kept += self._profile.keep_each([rep for rep, keep in changes if keep], self._session)
        except (OutputError, SourceError) as err:
            self._why = str(err)
            return
        self._unwritten = {}
