"""Writes training logs as CSV, with a row for each set, for Strong and Hevy or in livecoach's format.

The apps do not document their columns. The columns here are those of Strong's Android exports, which state the unit of
the weight and which Hevy imports too. Titles and notes are in the language in use. Exercises have the names that the
apps use.
"""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, get_args

from livecoach.core.config import exercise as exercises
from livecoach.core.errors import ConfigError, SessionError
from livecoach.core.language import translate
from livecoach.core.types.bounds import NO_PROFILE, write_csv_rows
from livecoach.core.types.message import capitalise, in_words, join_texts
from livecoach.decisions.coaching.rep_figures import (
    count_forms,
    counts_in_words,
    faults_to_fix,
    label_counts,
    main_reference,
)
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.judging.wording import fault_words
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session

LogFormat = Literal["strong", "csv"]  # Strong's format, which Hevy imports too, or livecoach's own
FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
APP_NAMES = {"barbell_row": "Bent Over Row (Barbell)"}
"""Names of exercises in Strong and Hevy, where the apps do not use livecoach's name with "(Barbell)"."""
LOWERCASE_WORDS = ("and",)  # Words that are not capitalised in the name of an exercise
Cell = str | int | float | None  # A value in the table; None for an empty cell
CountedSet = tuple[Session, SessionSet]  # A session, and a set of the session with a rep that counts


def list_counted_sets(session: Session) -> list[CountedSet]:
    """Return a session's sets with a rep that counts, in order, each in a pair with the session."""
    return [(session, session_set) for session_set in session.counted_sets]


def make_training_log(sessions: Iterable[Session], kind: LogFormat, profile: str | None) -> tuple[str, int, int]:
    """Make the training log of sessions as the text of a CSV file.

    Args:
        profile: Profile of the only lifter, or NO_PROFILE; None for all lifters.

    Returns:
        The text, the number of sets in it, and the number of the sessions in which the chosen lifters took part.

    Raises:
        SessionError: The lifter has no set with a rep that counts.
        ConfigError: The sets are of several lifters, for whom the format has no column.
    """
    lifter = None if profile == NO_PROFILE else profile
    written = [
        session if profile is None else session.select_lifter(lifter)
        for session in sessions
        if profile is None or lifter in session.profiles
    ]
    sets = [done for session in written for done in list_counted_sets(session)]
    if not sets:
        of = "" if profile is None else f" of {profile}"
        raise SessionError(f"no set{of} to write. `livecoach sessions` lists the sessions.")
    lifters = sorted({done.profile or NO_PROFILE for _, done in sets})
    if len(lifters) > 1 and kind != "csv":
        raise ConfigError(f"the sets are of several lifters. Give --profile with one of these: {', '.join(lifters)}.")
    return format_sets_csv(sets, kind), len(sets), len(written)


def describe_set(session_set: SessionSet) -> str:
    """Return the note of a set and a summary of its form, such as "slow; 7 good, 1 to check, leant forward".

    The summary is in the language in use, and names the first fault to fix.
    """
    first = next(iter(faults_to_fix(session_set.reps, faults_of(session_set.exercise))), None)
    form = join_texts(
        ", ",
        *counts_in_words(count_forms(session_set.reps), main_reference(session_set.reps)),
        fault_words(first, session_set.exercise) if first else "",
    )
    return "; ".join(filter(None, (session_set.log.note, translate(form))))


def format_sets_csv(sets: Iterable[CountedSet], kind: LogFormat) -> str:
    """Format sets as CSV text with a header. Semicolons separate the columns for "strong", and commas otherwise."""
    sets = list(sets)
    columns, file = _columns(sets)[kind], io.StringIO()
    rows = ([value(*logged_set) for value in columns.values()] for logged_set in sets)
    write_csv_rows(file, [tuple(columns), *rows], delimiter=";" if kind == "strong" else ",")
    return file.getvalue()


def _title(sets: Iterable[SessionSet]) -> str:
    known = exercises.names()
    names = dict.fromkeys(session_set.exercise for session_set in sets)
    titles = (exercises.load(name).title if name in known else capitalise(in_words(name)) for name in names)
    return translate(join_texts(", ", *titles))


def app_exercise_name(name: str) -> str:
    """Return an exercise's name in the workout apps Strong and Hevy: from APP_NAMES, or the name with "(Barbell)"."""
    words = (word if word in LOWERCASE_WORDS else word.capitalize() for word in name.split("_"))
    return APP_NAMES.get(name, f"{' '.join(words)} (Barbell)")


def _number(value: float | None) -> str:
    """Return a number without a trailing ".0"; an empty text for None."""
    return "" if value is None else f"{value:g}"


def _duration(session: Session) -> str:
    """Return a session's duration up to its last observation in Strong's format, such as "1h 5m"."""
    hours, minutes = divmod(math.ceil(session.ending.duration_s / 60), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def _columns(sets: Sequence[CountedSet]) -> dict[LogFormat, dict[str, Callable[[Session, SessionSet], Cell]]]:
    """Return the columns of each format, by the column's name: functions that return the value for a set."""
    of_session: dict[str, list[SessionSet]] = {}
    for session, session_set in sets:
        of_session.setdefault(session.name, []).append(session_set)
    return {
        "strong": {
            "Date": lambda session, _: f"{session.start_time:%Y-%m-%d %H:%M:%S}",
            "Workout Name": lambda session, _: _title(of_session[session.name]),
            "Exercise Name": lambda _, session_set: app_exercise_name(session_set.exercise),
            "Set Order": lambda _, session_set: session_set.order,
            "Weight": lambda _, session_set: _number(session_set.log.load_kg),
            "Weight Unit": lambda _, session_set: "" if session_set.log.load_kg is None else "kg",
            "Reps": lambda _, session_set: len(session_set.counted_reps),
            "RPE": lambda _, session_set: _number(session_set.log.rpe),
            "Distance": lambda *_: None,
            "Distance Unit": lambda *_: None,
            "Seconds": lambda *_: 0,
            "Notes": lambda _, session_set: describe_set(session_set),
            "Workout Notes": lambda session, _: f"livecoach {session.name}",
            "Workout Duration": lambda session, _: _duration(session),
        },
        "csv": {
            "session": lambda session, _: session.name,
            "started": lambda session, _: session.start_time.isoformat(timespec="seconds"),
            "profile": lambda _, session_set: session_set.profile,
            "exercise": lambda _, session_set: session_set.exercise,
            "set": lambda _, session_set: session_set.lifter_set_number,
            "set_of_exercise": lambda _, session_set: session_set.order,
            "reps": lambda _, session_set: len(session_set.counted_reps),
            "good": lambda _, session_set: count_forms(session_set.reps)["good"],
            "to_check": lambda _, session_set: label_counts(count_forms(session_set.reps)).get("to check", 0),
            "bad": lambda _, session_set: count_forms(session_set.reps)["bad"],
            "not_judged": lambda _, session_set: count_forms(session_set.reps)["unsure"],
            "alike": lambda _, session_set: count_forms(session_set.reps)["alike"],
            "different": lambda _, session_set: count_forms(session_set.reps)["different"],
            "rest_s": lambda _, session_set: "" if session_set.rest_s is None else round(session_set.rest_s, 1),
            "load_kg": lambda _, session_set: _number(session_set.log.load_kg),
            "rpe": lambda _, session_set: _number(session_set.log.rpe),
            "note": lambda _, session_set: session_set.log.note,
        },
    }
