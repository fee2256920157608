"""Sets from before livecoach: the logs that Strong, Hevy and FitNotes export, read into `earlier.json` in a profile's
folder.

No app documents its columns. Strong's have a comma or a semicolon between them, and a unit of the weight or none; the
others state it in the name of the column, or in a column of its own. Warm-ups, rests and notes are no sets here.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from livecoach.core.config import exercise, paths
from livecoach.core.config.files import read_limited, replace_private
from livecoach.core.config.settings import is_there
from livecoach.core.config.yaml_files import single_line
from livecoach.core.errors import ConfigError, OutputError, SourceError, explained
from livecoach.core.loads import Units, parse_load
from livecoach.core.types.bounds import profile_name

FILE = "earlier.json"
MOST_BYTES = 32 << 20  # Of a log; ten years of an app have some megabytes. Our choice.
DAY, EXERCISE, REPS, KIND = (
    ("Date", "start_time"),
    ("Exercise Name", "exercise_title", "Exercise"),
    ("Reps", "reps"),
    ("Set Order", "set_type"),
)
"""What a set has → its column in the exports of Strong, Hevy and FitNotes, the last of which tell no kind."""
LOAD = re.compile(r"weight[ _]?[(\[]?(kgs?|lbs?|)[)\]]?", re.IGNORECASE)
"""Column of the load, with its unit where the name states it: "Weight", "Weight (kgs)", "weight_lbs"."""
WITH_UNIT = re.compile(r"(?:([0-9.,]+)\s*([a-z]*))?")
NO_SETS = {"w", "warmup", "rest timer", "note"}  # In the column of the kind
WITH_BAR = re.compile(r"^(?:flat )?barbell |\s*\((?:barbell|langhantel|barra)\)\s*$", re.IGNORECASE)
_NAMES = "jan ene, feb, mar mär mrz, apr abr, may mai, jun, jul, aug ago, sep, oct okt, nov, dec dez dic"
MONTHS = {name: number for number, names in enumerate(_NAMES.split(","), 1) for name in names.split()}
"""First letters of a month's name in Hevy's three languages of ours → its number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSet:
    day: date
    exercise: str
    order: int  # Among the day's sets of the exercise, from 1
    reps: int
    load_kg: float | None


_SETS = TypeAdapter(tuple[EarlierSet, ...], config=ConfigDict(defer_build=True))


@dataclass(slots=True, kw_only=True)
class ReadLog:
    """What a log holds."""

    sets: list[EarlierSet] = field(default_factory=list)
    unknown: Counter[str] = field(default_factory=Counter)
    """Exercises that livecoach does not know, with the number of their sets."""
    unread: list[int] = field(default_factory=list)  # Lines of sets that can't be read
    without_unit: list[EarlierSet] = field(default_factory=list)  # Sets with a load whose unit nobody states


def read_log(path: Path, units: Units) -> ReadLog:
    """Read a log. Raises SourceError for a file that is none.

    Args:
        path: of the log.
        units: of a load without a unit.
    """
    try:
        text = read_limited(path, MOST_BYTES).decode("utf-8-sig")
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except UnicodeDecodeError as err:
        raise SourceError(f"{path}: is no CSV file in UTF-8. Export the log again.") from err
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        return _read(rows, path, units)
    except csv.Error as err:
        raise SourceError(f"{path}:{rows.line_num}: no CSV ({err}). Export the log again.") from err


def _read(rows: "csv.DictReader[str]", path: Path, units: Units) -> ReadLog:
    there = rows.fieldnames or ()
    columns = [next((name for name in names if name in there), None) for names in (DAY, EXERCISE, REPS, KIND)]
    loads = {name: match[1] for name in there if (match := LOAD.fullmatch(name))}
    needed = zip((DAY, EXERCISE, REPS, ("Weight", "weight_kg")), (*columns[:3], loads), strict=True)
    lacks = [" or ".join(names) for names, has in needed if not has]
    if lacks:
        raise SourceError(
            f"{path}: is no log that Strong, Hevy or FitNotes exports: it lacks {', '.join(lacks)}. Nothing was taken."
        )
    log, orders = ReadLog(), Counter[tuple[date, str]]()
    for row in rows:
        day, name, reps, kind = ((row.get(column or "") or "").strip() for column in columns)
        if kind.lower() in NO_SETS or reps in ("", "0", "0.0"):
            continue
        called = _exercise(name)
        if called is None:
            log.unknown[single_line(name)] += 1
            continue
        try:
            on, count = _day(day), _reps(reps)
            cells = (((row[name] or "").strip().lower(), unit) for name, unit in loads.items())
            text, unit = next((cell for cell in cells if cell[0]), ("", ""))
            load_kg, has_unit = _load(text, unit or (row.get("Weight Unit") or "").strip(), units)
        except (ValueError, TypeError):
            log.unread.append(rows.line_num)
            continue
        orders[on, called] += 1
        log.sets.append(EarlierSet(day=on, exercise=called, order=orders[on, called], reps=count, load_kg=load_kg))
        if load_kg and not has_unit:
            log.without_unit.append(log.sets[-1])
    return log


def _reps(text: str) -> int:
    """Raises ValueError."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.0)?", text) is None:
        raise ValueError(text)
    return int(text.partition(".")[0])


def _load(text: str, unit: str, units: Units) -> tuple[float | None, bool]:
    """Return the load in kilograms, None for a set without one, and whether its unit is stated. Raises ValueError."""
    found = WITH_UNIT.fullmatch(text)
    if found is None:
        raise ValueError(text)
    number, unit = float((found[1] or "0").replace(",", ".")), found[2] or unit
    return (parse_load(f"{number:.4f}{unit}", units) if number else None), bool(unit)


def _exercise(name: str) -> str | None:
    """The exercise that an app calls so: "Squat (Barbell)"; None for one that livecoach does not know."""
    with suppress(ConfigError):  # it means several
        called = map(exercise.resolve, (name, WITH_BAR.sub("", name)))
        return next((known for known in called if known in exercise.names()), None)
    return None


def _day(text: str) -> date:
    """The day of "2026-01-05 18:51:52", "22 Dec 2025, 08:00" or "Dec 22, 2025". Raises ValueError."""
    if re.match(r"\d{4}-\d\d-\d\d", text):
        return date.fromisoformat(text[:10])
    found = re.match(r"(?:(\d{1,2})\.? )?([^\W\d]+)\.? (?:(\d{1,2}), )?(\d{4})", text)
    if found is None:
        raise ValueError(text)
    return date(int(found[4]), MONTHS.get(found[2][:3].lower(), 0), int(found[1] or found[3] or 0))


def earlier_sets(profile: str) -> Sequence[EarlierSet]:
    """Those that were taken from logs, oldest first; none for a name of an imported session that no profile can have.
    Raises SourceError."""
    try:
        path = _file(profile)
    except ValueError:
        return ()
    if not is_there(path):
        return ()
    try:
        return _sets_in(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as err:
        raise SourceError(f"{path}: can't be read. Delete it, and import the log again.") from err


@lru_cache(maxsize=1)  # a run asks for what was last and for what was best
def _sets_in(path: Path, _written_ns: int) -> Sequence[EarlierSet]:
    return _SETS.validate_json(read_limited(path, MOST_BYTES))


def keep_sets(profile: str, sets: Sequence[EarlierSet]) -> int:
    """Add sets to those of a profile, in place of the same ones of an earlier import. Return how many are new. Raises
    SourceError and OutputError."""
    path = _file(profile)
    before = {_key(one): one for one in earlier_sets(profile)}
    now = before | {_key(one): one for one in sets}
    with explained(OutputError, f"{path}: can't be written", "Make the folder writable."):
        paths.make_private(path.parent)
        replace_private(path, _SETS.dump_json(tuple(now[key] for key in sorted(now))).decode())
    return len(now) - len(before)


def _key(one: EarlierSet) -> tuple[date, str, int]:
    return one.day, one.exercise, one.order


def _file(profile: str) -> Path:
    return paths.profiles_dir() / profile_name(profile) / FILE
