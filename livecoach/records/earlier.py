"""Imports the sets that a lifter logged before livecoach, from the exports of Strong, Hevy and FitNotes.

The imported sets are stored in `earlier.json` in the folder of the profile. No app documents its columns. Strong
separates the columns with commas or semicolons, and may leave out the unit of the weight. The other apps state the unit
in the name of the weight's column, or in a separate column. Rows of warm-ups, rests and notes, and rows without reps,
are skipped. Sets of unknown exercises and unreadable sets are not imported, but listed in `ParsedLog`.
"""

import csv
import io
import os
import re
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ConfigDict, TypeAdapter

from livecoach.core.config import exercise, local_time, paths
from livecoach.core.config.files import read_limited, write_private_text
from livecoach.core.config.settings import may_exist
from livecoach.core.config.yaml_files import single_line
from livecoach.core.errors import ConfigError, SourceError, explain_write_errors
from livecoach.core.loads import Units, parse_load
from livecoach.core.types.bounds import check_profile_name
from livecoach.core.types.message import Message

FILE_NAME = "earlier.json"
NO_CSV = Message("is no CSV file in UTF-8. Export the log again.")
EMPTY = Message("is empty. Export the log again.")
NO_LOG = "is no log that Strong, Hevy or FitNotes exports: it lacks {name}. Nothing was taken."
MOST_BYTES = 32 << 20  # Largest log or earlier.json that is read; ten years take some megabytes. Our choice.
DAY_COLUMNS, EXERCISE_COLUMNS, REPS_COLUMNS, KIND_COLUMNS = (
    ("Date", "start_time"),
    ("Exercise Name", "exercise_title", "Exercise"),
    ("Reps", "reps"),
    ("Set Order", "set_type"),
)
"""Names of the columns for the day, exercise, reps and kind of a set, in the exports of Strong, Hevy and FitNotes.
FitNotes has no column for the kind."""
LOAD_COLUMN = re.compile(r"weight[ _]?[(\[]?(kgs?|lbs?|)[)\]]?", re.IGNORECASE)
"""Name of a column of loads, with the unit if the name states it: "Weight", "Weight (kgs)", "weight_lbs"."""
LOAD_CELL = re.compile(r"(?:([0-9.,]+)\s*([a-z]*))?")  # Empty, or a number with or without a unit, such as "100 kg"
THOUSANDS = re.compile(r"^([1-9])(?:,([0-9]{3}(?:\.[0-9]*)?)|\.([0-9]{3},[0-9]*))$")
"""A number of pounds with a mark after its thousands, such as "1,000", "1,000.5" and "1.000,5". In "1.000", as apps
write a converted load, the mark is a decimal point. In kilograms, "2,500" is 2.5: nobody lifts a thousand."""
SESSION_COLUMN, LOGGED_BY = "Workout Notes", "livecoach "
"""Column with the note of a workout, and the text before the name of the session in the notes that livecoach writes."""
SKIPPED_KINDS = {"w", "warmup", "rest timer", "note"}  # Kinds of rows that are skipped
BARBELL_WORDS = re.compile(r"^(?:flat )?barbell |\s*\((?:barbell|langhantel|barra)\)\s*$", re.IGNORECASE)
"""The part of an exercise's name that states the barbell, in English, German and Spanish."""
_NAMES = "jan ene, feb, mar mär mrz, apr abr, may mai, jun, jul, aug ago, sep, oct okt, nov, dec dez dic"
MONTHS = {name: number for number, names in enumerate(_NAMES.split(","), 1) for name in names.split()}
"""Number of each month by the first three letters of its name, in English, German and Spanish."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EarlierSet:
    """A set that a lifter logged in another app."""

    day: date
    exercise: str  # Name of the exercise in livecoach
    order: int  # Number among the day's sets of the exercise, from 1
    reps: int
    load_kg: float | None  # None for a set without a load
    session: str = ""  # Name of the session from which livecoach exported the set; empty for a set of another app


_SETS = TypeAdapter(tuple[EarlierSet, ...], config=ConfigDict(defer_build=True))


@dataclass(slots=True, kw_only=True)
class ParsedLog:
    """A training log that another app exported: the sets to import, and the parts that can't be imported."""

    sets: list[EarlierSet] = field(default_factory=list)
    own_set_count: int = 0  # Number of sets that livecoach exported and that are in a stored session; not imported
    unknown_exercises: Counter[str] = field(default_factory=Counter)
    """Number of sets of each exercise that livecoach does not know, by the name of the exercise in the log."""
    unreadable_lines: list[int] = field(default_factory=list)  # Numbers of the lines with sets that can't be read
    sets_without_unit: list[EarlierSet] = field(default_factory=list)
    """The sets that have a load without a unit, which was read in the `units` of `read_log`."""


def read_log(path: Path, units: Units) -> ParsedLog:
    """Read a training log that Strong, Hevy or FitNotes has exported as CSV.

    A load without a unit is read in `units`. Raises SourceError if the file can't be read, or is not such a log.
    """
    try:
        text = read_limited(path, MOST_BYTES).decode("utf-8-sig")
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except UnicodeDecodeError as err:
        raise SourceError(f"{path}: {NO_CSV}") from err
    if not text.strip():
        raise SourceError(f"{path}: {EMPTY}")
    first = text.partition("\n")[0]
    rows = csv.DictReader(io.StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    try:
        return _read_rows(rows, path, units)
    except csv.Error as err:
        raise SourceError(f"{path}:{rows.line_num}: no CSV ({err}). Export the log again.") from err


def _read_rows(rows: "csv.DictReader[str]", path: Path, units: Units) -> ParsedLog:
    there = rows.fieldnames or ()
    columns = [
        next((name for name in names if name in there), None)
        for names in (DAY_COLUMNS, EXERCISE_COLUMNS, REPS_COLUMNS, KIND_COLUMNS)
    ]
    loads = {name: match[1] for name in there if (match := LOAD_COLUMN.fullmatch(name))}
    needed = zip(
        (DAY_COLUMNS, EXERCISE_COLUMNS, REPS_COLUMNS, ("Weight", "weight_kg")), (*columns[:3], loads), strict=True
    )
    lacks = [" / ".join(names) for names, has in needed if not has]
    if lacks:
        raise SourceError(f"{path}: {Message(NO_LOG, name=', '.join(lacks))}")
    log, orders = ParsedLog(), Counter[tuple[date, str]]()
    for row in rows:
        day, name, reps, kind = ((row.get(column or "") or "").strip() for column in columns)
        if kind.lower() in SKIPPED_KINDS or reps in ("", "0", "0.0"):
            continue
        own = re.fullmatch(LOGGED_BY + r"([\w.-]{1,200})", row.get(SESSION_COLUMN) or "")
        session = "" if own is None else own[1]
        if _is_session(session):
            log.own_set_count += 1
            continue
        called = _find_exercise(name)
        if called is None:
            log.unknown_exercises[single_line(name)] += 1
            continue
        try:
            on, count = _parse_day(day), _parse_reps(reps)
            cells = (((row[name] or "").strip().lower(), unit) for name, unit in loads.items())
            text, unit = next((cell for cell in cells if cell[0]), ("", ""))
            load_kg, has_unit = _parse_load_cell(text, unit or (row.get("Weight Unit") or "").strip(), units)
        except (ValueError, TypeError):
            log.unreadable_lines.append(rows.line_num)
            continue
        order = orders[on, called] = orders[on, called] + 1
        done = EarlierSet(day=on, exercise=called, order=order, reps=count, load_kg=load_kg, session=session)
        log.sets.append(done)
        if load_kg and not has_unit:
            log.sets_without_unit.append(done)
    return log


def _is_session(name: str) -> bool:
    """Return whether a session of this name is here; False for an empty name."""
    return bool(name) and os.path.isfile(paths.sessions_dir() / name / "session.json")  # False for any wrong name


def _parse_reps(text: str) -> int:
    if re.fullmatch(r"[1-9]\d{0,2}(?:\.0)?", text) is None:
        raise ValueError(text)
    return int(text.partition(".")[0])


def _parse_load_cell(text: str, unit: str, units: Units) -> tuple[float | None, bool]:
    """Return the load in kilograms (None if empty or 0), and whether its unit is stated. Raises ValueError."""
    found = LOAD_CELL.fullmatch(text)
    if found is None:
        raise ValueError(text)
    digits, unit = found[1] or "0", found[2] or unit
    if unit.lower().startswith("lb") or (not unit and units == "imperial"):
        digits = THOUSANDS.sub(r"\1\2\3", digits)
    number = float(digits.replace(",", "."))
    return (parse_load(f"{number:.4f}{unit}", units) if number else None), bool(unit)


def _find_exercise(name: str) -> str | None:
    """Return the exercise for an app's name, such as "Squat (Barbell)"; None if no exercise or several fit."""
    with suppress(ConfigError):  # several exercises fit the name
        called = map(exercise.find_exercise_name, (name, BARBELL_WORDS.sub("", name)))
        return next((known for known in called if known in exercise.names()), None)
    return None


def _parse_day(text: str) -> date:
    """Parse the day of "2026-01-05 18:51:52", "22 Dec 2025, 08:00" or "Dec 22, 2025".

    Raises ValueError for another text, and for a day that is still to come.
    """
    if found := re.match(r"(?:(\d{1,2})\.? )?([^\W\d]+)\.? (?:(\d{1,2}), )?(\d{4})", text):
        day = date(int(found[4]), MONTHS.get(found[2][:3].lower(), 0), int(found[1] or found[3] or 0))
    else:
        day = date.fromisoformat(text[:10])
    if day > local_time.now().date():
        raise ValueError(text)
    return day


def read_earlier_sets(profile: str) -> Sequence[EarlierSet]:
    """Read the sets that a lifter imported from other apps, in order of day, exercise and number.

    Sets that livecoach exported are left out while their session is here. The result is empty if the lifter imported no
    log, or if `profile` is not a valid name of a profile. Raises SourceError if the stored sets can't be read.
    """
    sets = _read_all_sets(profile)
    sessions = set(filter(_is_session, {done.session for done in sets}))
    return tuple(done for done in sets if done.session not in sessions)


def _read_all_sets(profile: str) -> Sequence[EarlierSet]:
    try:
        path = _file(profile)
    except ValueError:
        return ()
    if not may_exist(path):
        return ()
    try:
        return _read_stored_sets(path, path.stat().st_mtime_ns)
    except (OSError, ValueError) as err:
        raise SourceError(f"{path}: can't be read. Delete it, and import the log again.") from err


@lru_cache(maxsize=1)  # a run reads the sets twice: for the latest and for the best
def _read_stored_sets(path: Path, _written_ns: int) -> Sequence[EarlierSet]:
    return _SETS.validate_json(read_limited(path, MOST_BYTES))


def store_earlier_sets(profile: str, sets: Sequence[EarlierSet]) -> int:
    """Add imported sets to the stored sets of a profile, and return how many of the imported sets are new.

    An imported set replaces a stored set of the same day, exercise and number, and does not count as new.

    Raises:
        ValueError: The name is not valid for a profile.
        SourceError: The stored sets can't be read.
        OutputError: The sets can't be written.
    """
    path = _file(profile)
    before = {_key(earlier_set): earlier_set for earlier_set in _read_all_sets(profile)}
    now = before | {_key(earlier_set): earlier_set for earlier_set in sets}
    with explain_write_errors(path):
        paths.make_private_data_folder(path.parent)
        write_private_text(path, _SETS.dump_json(tuple(now[key] for key in sorted(now))).decode())
    return len(now) - len(before)


def _key(earlier_set: EarlierSet) -> tuple[date, str, int]:
    return earlier_set.day, earlier_set.exercise, earlier_set.order


def _file(profile: str) -> Path:
    return paths.profiles_dir() / check_profile_name(profile) / FILE_NAME
