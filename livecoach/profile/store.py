"""The files of a profile: reps are added, listed and forgotten one by one; one that is damaged costs no other."""

import contextlib
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path

from livecoach import __version__
from livecoach.config import paths
from livecoach.errors import ConfigError, OutputError, SourceError
from livecoach.profile import rep_file
from livecoach.profile.rep_file import KeptRepFile, RepHeader
from livecoach.types import RepWindow, View

MOST_OF_A_VIEW = 20
"""Reps that are kept of an exercise and view: what `calibrate` takes at most, about 75 kB each."""
SAME_VIEW_DEG = 15.0
"""Azimuths that are one view: a reference from further away is not used as it is."""
NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,39}")
_SUFFIX = ".rep"


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


def profile_names() -> tuple[str, ...]:
    """Names of all profiles there are. Raises SourceError where their folder can't be read."""
    return tuple(path.name for path in _inside(paths.profiles_dir()) if path.is_dir() and NAME.fullmatch(path.name))


def by_view(entries: Sequence[KeptRepFile]) -> list[list[KeptRepFile]]:
    """Entries that are of one view together, as they came; the last one of each group is its middle."""
    groups: list[list[KeptRepFile]] = []
    rest = list(entries)
    while rest:
        middle = rest[-1].header.view
        groups.append([entry for entry in rest if _same_view(entry.header.view, middle)])
        rest = [entry for entry in rest if not _same_view(entry.header.view, middle)]
    return groups


class Profile:
    """One lifter's good reps. Nothing is on disk before the first one is kept."""

    def __init__(self, name: str, say: Callable[[str], object], *, utc_now: Callable[[], datetime] = _utc_now) -> None:
        """say: takes a line about a file that is left out. Raises ConfigError where that is no name for a profile."""
        if not NAME.fullmatch(name):
            shown = name if name.isprintable() else ascii(name)
            raise ConfigError(f"profile '{shown}': expected a name of up to 40 letters (a-z), digits, - and _.")
        self.name = name
        self.folder = paths.profiles_dir() / name
        self._say, self._utc_now = say, utc_now
        self._said: set[str] = set()

    @property
    def is_new(self) -> bool:
        """Nothing was ever kept in it, or all of it was forgotten."""
        return not self.folder.is_dir()

    def exercises(self) -> tuple[str, ...]:
        """Those with a kept rep. Raises SourceError where the folder can't be read."""
        names = (path.name for path in _inside(self.folder) if path.is_dir() and NAME.fullmatch(path.name))
        return tuple(name for name in names if self.entries(name))

    def entries(self, exercise: str) -> tuple[KeptRepFile, ...]:
        """What is kept of an exercise, the oldest first; a damaged file is said once and left out."""
        found = []
        for path in _inside(self._place(exercise)):
            if path.suffix == _SUFFIX:
                with self._left_out():
                    found.append(KeptRepFile(path=path, header=rep_file.read_header(path)))
        return tuple(found)

    def reps(self, exercise: str, *, pose: str, but_of: str | None = None) -> tuple[RepWindow, ...]:
        """As `reference`, without the files."""
        return tuple(rep for _, rep in self.reference(exercise, pose=pose, but_of=but_of))

    def reference(self, exercise: str, *, pose: str, but_of: str | None = None) -> tuple[tuple[Path, RepWindow], ...]:
        """The kept reps of an exercise with their files, the oldest first; a damaged one is said once and left out.

        pose: name of the pose model; reps that another one has seen are said once and left out. but_of: a session whose
        learned reps are left out: no recording is judged by what was learned from itself, and so it gives the same
        events each time.
        """
        entries = self.entries(exercise)
        others = [entry.header.pose for entry in entries if entry.header.pose != pose]
        if others:
            seen_by = ", ".join(sorted(set(others)))
            self._tell(
                f"profile {self.name}, {exercise}: {len(others)} of {len(entries)} reps were seen by pose model "
                f"{seen_by}, not {pose}; they are not used. Take --pose {others[-1]}, or calibrate with {pose}."
            )
        found = []
        for entry in entries:
            if entry.header.pose == pose and (entry.header.session != but_of or entry.header.calibrated):
                with self._left_out():
                    found.append((entry.path, rep_file.read(entry.path)))
        return tuple(found)

    def keep(self, exercise: str, reps: Sequence[RepWindow], session: str) -> None:
        """Add reps that were learned; the oldest of the same view go where there are too many.

        The same rep, seen again in the same session, takes the place of the older one, but for a calibrated one, which
        stays. Raises OutputError where a file can't be written or removed.
        """
        there = self.entries(exercise)
        with _writing(self.folder):
            for rep in reps:
                same = [entry for entry in there if _same_rep(entry.header, rep, session)]
                if not any(entry.header.calibrated for entry in same):
                    self._write(exercise, rep, session, calibrated=False)
                    _remove(same)
            _remove(_surplus(self.entries(exercise)))

    def has(self, exercise: str, rep: RepWindow, session: str) -> bool:
        """Whether a rep of a session is kept."""
        return any(_same_rep(entry.header, rep, session) for entry in self.entries(exercise))

    def take_out(self, exercise: str, rep: RepWindow, session: str) -> int:
        """Remove what is kept of a rep of a session; how many files that were. Raises OutputError."""
        same = [entry for entry in self.entries(exercise) if _same_rep(entry.header, rep, session)]
        with _writing(self.folder):
            _remove(same)
        return len(same)

    def calibrate(self, exercise: str, reps: Sequence[tuple[str, RepWindow]]) -> int:
        """Put reps (session, rep) in the place of all that was kept of their view; how many that were.

        Raises OutputError where a file can't be written or removed.
        """
        views = [rep.known_view for _, rep in reps]
        there = self.entries(exercise)
        old = [entry for entry in there if any(_same_view(entry.header.view, view) for view in views)]
        with _writing(self.folder):
            for session, rep in reps:
                self._write(exercise, rep, session, calibrated=True)
            _remove(old)
        return len(old)

    def forget(self, exercise: str | None) -> int:
        """Remove the reps of an exercise, or the whole profile; how many reps that were. Raises OutputError."""
        exercises = self.exercises() if exercise is None else (exercise,)
        count = sum(len(self.entries(name)) for name in exercises)
        place = self.folder if exercise is None else self._place(exercise)
        with _writing(place):
            if place.exists():
                shutil.rmtree(place)
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()
        return count

    def _place(self, exercise: str) -> Path:
        if not NAME.fullmatch(exercise):
            raise ConfigError(f"exercise {exercise!r}: unknown. `livecoach exercises` lists what there is.")
        return self.folder / exercise

    def _write(self, exercise: str, rep: RepWindow, session: str, *, calibrated: bool) -> None:
        """As a whole or not at all, for its owner alone."""
        now = self._utc_now()
        header = RepHeader(
            exercise=exercise,
            session=session,
            calibrated=calibrated,
            start_s=rep.start_s,
            turn_s=rep.turn_s,
            end_s=rep.end_s,
            view=rep.known_view,
            set_name=f"{session} {rep.set_name}",
            pose=rep.pose,
            kept_utc=now,
            livecoach=__version__,
            observations=len(rep.observations),
        )
        folder = self._place(exercise)
        paths.make_private(folder)
        # Names in the order in which they were kept; the process keeps two runs apart.
        name = f"{now:%Y%m%dT%H%M%S%f}-{os.getpid()}"
        handle, temporary = tempfile.mkstemp(dir=folder, prefix=".", suffix=".part")
        try:
            with open(handle, "wb") as file:
                rep_file.write(file, header, rep)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, _free(folder, name))
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(temporary)
            raise

    @contextlib.contextmanager
    def _left_out(self) -> Iterator[None]:
        """A file that can't be used is said once, and what to do."""
        try:
            yield
        except SourceError as err:
            self._tell(f"{err}; this rep is left out. Delete the file.")

    def _tell(self, line: str) -> None:
        if line not in self._said:
            self._said.add(line)
            self._say(line)


def _same_view(one: View, other: View) -> bool:
    return abs((one.azimuth_deg - other.azimuth_deg + 180) % 360 - 180) <= SAME_VIEW_DEG


def _same_rep(header: RepHeader, rep: RepWindow, session: str) -> bool:
    """Both are of one session, at the same time: it was run twice."""
    return header.session == session and header.start_s < rep.end_s and rep.start_s < header.end_s


def _surplus(entries: Sequence[KeptRepFile]) -> list[KeptRepFile]:
    """Those with enough newer ones of the same view."""
    kept: list[KeptRepFile] = []
    surplus: list[KeptRepFile] = []
    for entry in reversed(entries):
        newer = sum(_same_view(entry.header.view, other.header.view) for other in kept)
        (surplus if newer >= MOST_OF_A_VIEW else kept).append(entry)
    return surplus


def _remove(entries: Sequence[KeptRepFile]) -> None:
    for entry in entries:
        entry.path.unlink(missing_ok=True)


def _free(folder: Path, name: str) -> Path:
    """A file that is not there yet: two reps may be kept at one reading of the clock."""
    number = 0
    while (path := folder / f"{name}-{number:02d}{_SUFFIX}").exists():
        number += 1
    return path


def _inside(folder: Path) -> list[Path]:
    """What is in a folder, by name; nothing where there is none. Raises SourceError where it can't be read."""
    try:
        return sorted(folder.iterdir())
    except FileNotFoundError:
        return []
    except OSError as err:
        raise SourceError(f"{folder}: profiles can't be read ({err.strerror}). Make the folder readable.") from err


@contextlib.contextmanager
def _writing(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as err:
        raise OutputError(f"{place}: can't be changed ({err.strerror}). Make room, and the folder writable.") from err
