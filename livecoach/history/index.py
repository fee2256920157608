"""Caches what was read of the sessions in SQLite, so that only changed sessions are read again.

    <data folder>/history.sqlite    one row per session, with a signature of its files; one row per rep

The index can be deleted at any time: it is rebuilt from the folders. If it can't be used, a message says so, and
all sessions are read into memory. Concurrent processes take turns in writing, and write the same.
"""

import os
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from livecoach.config import paths
from livecoach.errors import SessionError
from livecoach.history.reading import (
    SENSORS,
    UNITS,
    VERDICTS,
    FolderReading,
    PastPace,
    PastRep,
    PastSession,
    read_session,
)
from livecoach.session import layout
from livecoach.types import SetLog

VERSION = 5
"""Version of the tables and of what they hold; an index of an older version is rebuilt."""
FILES = (layout.DOCUMENT, layout.REPS, layout.CORRECTIONS, layout.SETS)
"""Files of a session that are read."""
WAIT_S = 3.0
"""How long to wait for another process that writes; a thousand sessions take less."""
OUT_OF_REACH = ("locked", "busy", "readonly", "unable to open", "full", "disk I/O")
"""Parts of SQLite error messages that do not mean a damaged index."""
_TABLES = (
    """CREATE TABLE sessions (name TEXT PRIMARY KEY, signature TEXT NOT NULL, notes TEXT NOT NULL,
    counts INTEGER NOT NULL, started TEXT, exercise TEXT, profile TEXT, session TEXT, live INTEGER, ended INTEGER,
    reference INTEGER) WITHOUT ROWID""",
    """CREATE TABLE reps (name TEXT, place INTEGER, number INTEGER NOT NULL, "set" INTEGER NOT NULL,
    verdict TEXT NOT NULL, faults TEXT NOT NULL, end_s REAL NOT NULL, view TEXT, eccentric_s REAL, pause_s REAL,
    concentric_s REAL, speed REAL, speed_unit TEXT, travel REAL, measured_from TEXT, judged TEXT,
    exercise TEXT NOT NULL, counts INTEGER NOT NULL, PRIMARY KEY (name, place)) WITHOUT ROWID""",
    """CREATE TABLE logs (name TEXT, "set" INTEGER, load_kg REAL, rpe REAL, note TEXT, PRIMARY KEY (name, "set"))
    WITHOUT ROWID""",
    "CREATE TABLE made (course TEXT PRIMARY KEY, ends TEXT NOT NULL, text TEXT NOT NULL) WITHOUT ROWID",
)
_BETWEEN = "\n"
"""Separator of the faults and of the notes in a row: neither contains line breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PastSessions:
    """All sessions that were read."""

    sessions: tuple[PastSession, ...]
    """Oldest first."""
    notes: tuple[str, ...]
    """What is damaged or left out, one line each."""


class _Newer(Exception):
    """A newer livecoach made the index."""


def index_file() -> Path:
    """Return the path of the index, which need not exist."""
    return paths.user_data_dir() / "history.sqlite"


def load_past(say: Callable[[str], object]) -> PastSessions:
    """Return all sessions. say: receives one line if the index can't be used.

    Raises SessionError if the sessions folder can't be listed.
    """
    found = dict(_signatures())
    if not found and not index_file().exists():
        return PastSessions(sessions=(), notes=())
    try:
        with closing(_opened(index_file())) as index:
            return _brought_up_to_date(index, found)
    except _Newer:
        say(f"{index_file()}: written by a newer livecoach; reading every session instead")
    except (sqlite3.DatabaseError, OSError, ValueError, TypeError) as err:
        if _is_damaged(err) and (rebuilt := _anew(found)) is not None:
            say(f"{index_file()}: was damaged and has been rebuilt")
            return rebuilt
        say(f"{index_file()}: can't be used ({_why(err)}); reading every session instead")
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as index:
        _make(index)
        return _brought_up_to_date(index, found)


def cached_text(course: str, ends: str) -> str | None:
    """Return the text cached for an exercise and profile and these end points; None if it has to be computed."""
    try:
        with closing(_opened(index_file())) as index:
            row = index.execute("SELECT text FROM made WHERE course = ? AND ends = ?", (course, ends)).fetchone()
    except (sqlite3.DatabaseError, OSError, _Newer):
        return None
    return None if row is None else str(row[0])


def cache_text(course: str, ends: str, text: str) -> None:
    """Cache a text if the index can be written; otherwise it is computed again next time."""
    with (
        suppress(sqlite3.DatabaseError, OSError, _Newer),
        closing(_opened(index_file())) as index,
        _transaction(index),
    ):
        index.execute("INSERT OR REPLACE INTO made VALUES (?, ?, ?)", (course, ends, text))


def _signatures() -> Iterator[tuple[str, str]]:
    """Yield the name of each session's folder and the signature of its files. Raises SessionError."""
    above = paths.sessions_dir()
    try:
        names = [folder.name for folder in layout.folders()]
    except OSError as err:
        raise SessionError(f"{above}: can't be read ({err.strerror}). Make it readable.") from err
    for name in names:
        if not name.isprintable():
            continue  # not made by livecoach; SQLite stores only valid text
        yield name, " ".join(_looks(os.path.join(above, name, file)) for file in FILES)


def _looks(path: str) -> str:
    try:
        about = os.stat(path)
    except OSError:
        return "-"
    return f"{about.st_mtime_ns}:{about.st_size}"


def _opened(path: Path) -> sqlite3.Connection:
    """Open the index and create its tables if necessary. Raises sqlite3.Error, OSError or _Newer."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o600))
    index = sqlite3.connect(path, timeout=WAIT_S, isolation_level=None)
    try:
        (version,) = index.execute("PRAGMA user_version").fetchone()
        if version > VERSION:
            raise _Newer
        if version != VERSION:
            with _transaction(index):
                # Another process may have created them while this one waited.
                if index.execute("PRAGMA user_version").fetchone() != (VERSION,):
                    _make(index)
    except BaseException:
        index.close()
        raise
    return index


def _make(index: sqlite3.Connection) -> None:
    for table in ("sessions", "reps", "logs", "made"):
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
    """Read changed sessions, drop deleted ones, and return all. Raises sqlite3.Error, ValueError or TypeError."""
    known = dict(index.execute("SELECT name, signature FROM sessions"))
    changed = [name for name, signature in found.items() if known.get(name) != signature]
    gone = [name for name in known if name not in found]
    if changed or gone:
        fresh = {name: read_session(paths.sessions_dir() / name) for name in changed}
        with _transaction(index):
            for table in ("sessions", "reps", "logs"):
                index.executemany(f"DELETE FROM {table} WHERE name = ?", [(name,) for name in (*gone, *changed)])
            index.executemany(f"INSERT INTO sessions VALUES ({_marks(11)})", _session_rows(fresh, found))
            index.executemany(f"INSERT INTO reps VALUES ({_marks(18)})", _rep_rows(fresh))
            index.executemany(f"INSERT INTO logs VALUES ({_marks(5)})", _log_rows(fresh))
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
            speed = (None,) * 4 if pace is None else (pace.speed, pace.speed_unit, pace.travel, pace.measured_from)
            faults = _BETWEEN.join(rep.faults)
            what = rep.number, rep.set, rep.verdict, faults, rep.end_s, rep.view
            yield name, place, *what, *times, *speed, rep.judged, rep.exercise, counts


def _log_rows(fresh: dict[str, FolderReading]) -> Iterator[tuple[object, ...]]:
    for name, one in fresh.items():
        for number, log in ({} if one.session is None else one.session.logs).items():
            yield name, number, log.load_kg, log.rpe, log.note


def _all(index: sqlite3.Connection) -> PastSessions:
    """Return the content of the tables. Raises ValueError for a damaged row."""
    rows = index.execute("SELECT * FROM reps ORDER BY name, place")
    reps = {name: tuple(_reps(of)) for name, of in groupby(rows, key=itemgetter(0))}
    none: tuple[tuple[PastRep, bool], ...] = ()
    logs: dict[str, dict[int, SetLog]] = defaultdict(dict)
    for name, number, load_kg, rpe, note in index.execute('SELECT * FROM logs ORDER BY name, "set"'):
        if any(value is not None and type(value) is not float for value in (load_kg, rpe)):
            raise ValueError("a set is damaged")
        logs[name][number] = SetLog(load_kg=load_kg, rpe=rpe, note=note)
    sessions: list[PastSession] = []
    lines: list[str] = []
    for name, _, notes, counts, started, exercise, profile, session, live, ended, known in index.execute(
        "SELECT * FROM sessions ORDER BY name"
    ):
        lines += notes.split(_BETWEEN) if notes else []
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
                    logs=logs.get(name, {}),
                )
            )
    return PastSessions(sessions=tuple(sorted(sessions, key=lambda one: (one.started, one.name))), notes=tuple(lines))


def _reps(rows: Iterable[tuple]) -> Iterator[tuple[PastRep, bool]]:  # type: ignore[type-arg]
    """Yield the reps of some rows, each with whether it counts.

    Raises ValueError for a damaged row: SQLite keeps no checksum of its pages.
    """
    for _, _, number, of_set, verdict, faults, end_s, view, *pace, judged, exercise, counts in rows:
        known = None if pace[3] is None else PastPace(*pace)
        whole = verdict in VERDICTS and judged in (None, *VERDICTS) and (known is None or _is_whole(known))
        if not whole or counts not in (0, 1):
            raise ValueError("a rep is damaged")
        names = tuple(faults.split(_BETWEEN)) if faults else ()
        yield PastRep(number, of_set, verdict, names, end_s, view, known, judged, exercise), bool(counts)


def _is_whole(pace: PastPace) -> bool:
    numbers = pace.eccentric_s, pace.pause_s, pace.concentric_s, pace.speed, pace.travel
    known = pace.speed_unit in UNITS and pace.measured_from in SENSORS and pace.speed > 0
    return known and all(type(number) is float for number in numbers)


def _anew(found: dict[str, str]) -> PastSessions | None:
    """Replace a damaged index by a new one; None if that fails."""
    try:
        for ending in ("", "-journal"):
            Path(f"{index_file()}{ending}").unlink(missing_ok=True)
        with closing(_opened(index_file())) as index:
            return _brought_up_to_date(index, found)
    except (sqlite3.DatabaseError, OSError, ValueError, TypeError, _Newer):
        return None


def _is_damaged(err: Exception) -> bool:
    """Return whether an error means a damaged index rather than one that is locked, full or out of reach."""
    if isinstance(err, sqlite3.OperationalError):
        return not any(words in str(err) for words in OUT_OF_REACH)
    return not isinstance(err, OSError)


def _why(err: Exception) -> str:
    return (err.strerror if isinstance(err, OSError) else None) or str(err)
