"""What was read of the sessions, kept in SQLite so that only what has changed is read again.

    <data folder>/history.sqlite    a row a session, with what its files looked like when it was read; a row a rep

It can be deleted at any time, and is made anew from the folders. Where it can't be used, that is said and all is read
and kept in memory. Two at once take turns in writing; what they write is the same.
"""

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from livecoach.config import paths
from livecoach.errors import SessionError
from livecoach.history.reading import UNITS, VERDICTS, FolderReading, read_session
from livecoach.history.records import PastPace, PastRep, PastSession
from livecoach.session import layout

VERSION = 2
"""Of these tables, and of what is read of a session: another one is made anew."""
FILES = (layout.DOCUMENT, layout.REPS, layout.CORRECTIONS)
"""What is read of a session."""
WAIT_S = 3.0
"""For another livecoach that writes; a thousand sessions are written in less."""
OUT_OF_REACH = ("locked", "busy", "readonly", "unable to open", "full", "disk I/O")
"""Words of SQLite's errors that say nothing of what the index holds."""
_TABLES = (
    """CREATE TABLE sessions (name TEXT PRIMARY KEY, signature TEXT NOT NULL, notes TEXT NOT NULL,
    counts INTEGER NOT NULL, started TEXT, exercise TEXT, profile TEXT, session TEXT, live INTEGER, ended INTEGER,
    reference INTEGER) WITHOUT ROWID""",
    """CREATE TABLE reps (name TEXT, place INTEGER, number INTEGER NOT NULL, "set" INTEGER NOT NULL,
    verdict TEXT NOT NULL, faults TEXT NOT NULL, end_s REAL NOT NULL, view TEXT, eccentric_s REAL, pause_s REAL,
    concentric_s REAL, speed REAL, speed_unit TEXT, travel REAL, judged TEXT, counts INTEGER NOT NULL,
    PRIMARY KEY (name, place)) WITHOUT ROWID""",
    "CREATE TABLE made (course TEXT PRIMARY KEY, ends TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID",
)
_BETWEEN = "\n"
"""Faults and notes of a row: neither has a line's end in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessions:
    """All that was found."""

    sessions: tuple[PastSession, ...]
    """The oldest first."""
    notes: tuple[str, ...]
    """What is damaged or left out, a line each."""


class _Newer(Exception):
    """Another livecoach has made the index."""


def index_file() -> Path:
    """Where it lies, which need not exist."""
    return paths.user_data_dir() / "history.sqlite"


def load_past(say: Callable[[str], object]) -> PastSessions:
    """All sessions there are. say: takes a line where the index can't be used.

    Raises SessionError where the folder of the sessions can't be listed.
    """
    found = dict(_signatures())
    if not found and not index_file().exists():
        return PastSessions(sessions=(), notes=())
    try:
        with closing(_opened(index_file())) as index:
            return _brought_up_to_date(index, found)
    except _Newer:
        say(f"{index_file()}: of a newer livecoach; every session is read anew")
    except (sqlite3.DatabaseError, OSError, ValueError, TypeError) as err:
        if _is_damaged(err) and (rebuilt := _anew(found)) is not None:
            say(f"{index_file()}: was damaged, and is made anew")
            return rebuilt
        say(f"{index_file()}: can't be used ({_why(err)}); every session is read anew")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as index:
        _make(index)
        return _brought_up_to_date(index, found)


def cached_text(course: str, ends: str) -> str | None:
    """A text that was kept of an exercise and profile, for these ends; None where it has to be made."""
    try:
        with closing(_opened(index_file())) as index:
            row = index.execute("SELECT text FROM made WHERE course = ? AND ends = ?", (course, ends)).fetchone()
    except (sqlite3.DatabaseError, OSError, _Newer):
        return None
    return None if row is None else str(row[0])


def cache_text(course: str, ends: str, text: str) -> None:
    """Keep it, where that can be done: it can be made again."""
    with (
        suppress(sqlite3.DatabaseError, OSError, _Newer),
        closing(_opened(index_file())) as index,
        _transaction(index),
    ):
        index.execute("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", (course, ends, text))


def _signatures() -> Iterator[tuple[str, str]]:
    """Name of each session's folder, and what its files look like. Raises SessionError."""
    above = paths.sessions_dir()
    try:
        names = [folder.name for folder in layout.folders()]
    except OSError as err:
        raise SessionError(f"{above}: can't be read ({err.strerror}). Make it readable.") from err
    for name in names:
        if not name.isprintable():
            continue  # made by no livecoach; SQLite has no place for a name that is no text
        yield name, " ".join(_looks(os.path.join(above, name, file)) for file in FILES)


def _looks(path: str) -> str:
    try:
        about = os.stat(path)
    except OSError:
        return "-"
    return f"{about.st_mtime_ns}:{about.st_size}"


def _opened(path: Path) -> sqlite3.Connection:
    """The index, with its tables. Raises sqlite3.Error, OSError or _Newer."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
    index = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    try:
        (version,) = index.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise _Newer
        if version != VERSION:
            with _transaction(index):
                # Another one may have made them while this one waited for its turn.
                if index.execute("PRAGMA user_version").fetchone() != (VERSION,):
                    _make(index)
    except BaseException:
        index.close()
        raise
    return index


def _make(index: sqlite3.Connection) -> None:
    for table in ("sessions", "reps", "made"):
        index.execute(f"DROP TABLE IF EXISTS {table}")
    for statement in _TABLES:
        index.execute(statement)
    index.execute(f"PRAGMA user_version = {VERSION}")


@contextmanager
def _transaction(index: sqlite3.Connection) -> Iterator[None]:
    index.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        index.execute("ROLLBACK")
        raise
    index.execute("COMMIT")


def _brought_up_to_date(index: sqlite3.Connection, found: dict[str, str]) -> PastSessions:
    """Read what has changed, forget what is gone, and tell all. Raises sqlite3.Error, ValueError or TypeError."""
    known = dict(index.execute("SELECT name, signature FROM sessions"))
    changed = [name for name, signature in found.items() if known.get(name) != signature]
    gone = [name for name in known if name not in found]
    if changed or gone:
        fresh = {name: read_session(paths.sessions_dir() / name) for name in changed}
        with _transaction(index):
            for table in ("sessions", "reps"):
                index.executemany(f"DELETE FROM {table} WHERE name = ?", [(name,) for name in (*gone, *changed)])
            index.executemany(f"INSERT INTO sessions VALUES ({_marks(11)})", _session_rows(fresh, found))
            index.executemany(f"INSERT INTO reps VALUES ({_marks(16)})", _rep_rows(fresh))
    return _all(index)


def _marks(count: int) -> str:
    return ", ".join("?" * count)


def _session_rows(fresh: dict[str, FolderReading], found: dict[str, str]) -> Iterator[tuple[object, ...]]:
    for name, one in fresh.items():
        seen, notes = one.session, _BETWEEN.join(one.notes)
        if seen is None:
            yield name, found[name], notes, 0, *([None] * 7)
        else:
            about = seen.started.isoformat(), seen.exercise, seen.profile, seen.session
            yield name, found[name], notes, 1, *about, seen.live, seen.ended, seen.reference


def _rep_rows(fresh: dict[str, FolderReading]) -> Iterator[tuple[object, ...]]:
    for name, one in fresh.items():
        seen = one.session
        reps = () if seen is None else (*((rep, 1) for rep in seen.reps), *((rep, 0) for rep in seen.not_counted))
        for place, (rep, counts) in enumerate(reps):
            pace = rep.pace
            times = (None,) * 3 if pace is None else (pace.eccentric_s, pace.pause_s, pace.concentric_s)
            speed = (None,) * 3 if pace is None else (pace.speed, pace.speed_unit, pace.travel)
            faults = _BETWEEN.join(rep.faults)
            what = rep.number, rep.set, rep.verdict, faults, rep.end_s, rep.view
            yield name, place, *what, *times, *speed, rep.judged, counts


def _all(index: sqlite3.Connection) -> PastSessions:
    """What the tables hold."""
    rows = index.execute("SELECT * FROM reps ORDER BY name, place")
    reps = {name: tuple(_reps(of)) for name, of in groupby(rows, key=itemgetter(0))}
    none: tuple[tuple[PastRep, bool], ...] = ()
    sessions: list[PastSession] = []
    told: list[str] = []
    for name, _, notes, counts, started, exercise, profile, session, live, ended, known in index.execute(
        "SELECT * FROM sessions ORDER BY name"
    ):
        told += notes.split(_BETWEEN) if notes else []
        if counts:
            sessions.append(
                PastSession(
                    name=name,
                    started=datetime.fromisoformat(started),
                    exercise=exercise,
                    profile=profile,
                    session=session,
                    live=bool(live),
                    ended=bool(ended),
                    reps=tuple(rep for rep, counted in reps.get(name, none) if counted),
                    not_counted=tuple(rep for rep, counted in reps.get(name, none) if not counted),
                    reference=int(known),
                )
            )
    return PastSessions(sessions=tuple(sorted(sessions, key=lambda one: (one.started, one.name))), notes=tuple(told))


def _reps(rows: Iterable[tuple]) -> Iterator[tuple[PastRep, bool]]:  # type: ignore[type-arg]
    """Each with whether it counts.

    Raises ValueError where a row is not as it was written: SQLite has no digest of its pages.
    """
    for _, _, number, of_set, verdict, faults, end_s, view, *pace, judged, counts in rows:
        known = None if pace[3] is None else PastPace(*pace)
        whole = verdict in VERDICTS and judged in (None, *VERDICTS) and (known is None or _is_whole(known))
        if not whole or counts not in (0, 1):
            raise ValueError("a rep is damaged")
        names = tuple(faults.split(_BETWEEN)) if faults else ()
        yield PastRep(number, of_set, verdict, names, end_s, view, known, judged), bool(counts)


def _is_whole(pace: PastPace) -> bool:
    numbers = pace.eccentric_s, pace.pause_s, pace.concentric_s, pace.speed, pace.travel
    return pace.speed_unit in UNITS and pace.speed > 0 and all(type(number) is float for number in numbers)


def _anew(found: dict[str, str]) -> PastSessions | None:
    """In the place of a damaged index a new one; None where it can't be made."""
    try:
        for ending in ("", "-journal"):
            Path(f"{index_file()}{ending}").unlink(missing_ok=True)
        with closing(_opened(index_file())) as index:
            return _brought_up_to_date(index, found)
    except (sqlite3.DatabaseError, OSError, ValueError, TypeError, _Newer):
        return None


def _is_damaged(err: Exception) -> bool:
    """Not merely locked, full, or out of reach."""
    if isinstance(err, sqlite3.OperationalError):
        return not any(words in str(err) for words in OUT_OF_REACH)
    return not isinstance(err, OSError)


def _why(err: Exception) -> str:
    return (err.strerror if isinstance(err, OSError) else None) or str(err)
