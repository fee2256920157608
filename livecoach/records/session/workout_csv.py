"""Training logs as CSV: in the columns that Strong and Hevy read, or in livecoach's own.

Neither app documents its columns. Strong's are those of its Android exports, which state the unit of the weight and
which Hevy imports too; Hevy's are those of its own exports. Both have a row for each set. Titles and notes are in the
language in use, names of exercises as the apps know them.
"""

import csv
import io
import math
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Literal, get_args

from livecoach.core.config import exercise as exercises
from livecoach.core.language import translate
from livecoach.core.types.bounds import neutral_cell
from livecoach.core.types.message import Message, capital, in_words, joined
from livecoach.decisions.coaching.figures import counts, faults_to_fix
from livecoach.decisions.judging.primary import by_risk
from livecoach.decisions.judging.wording import fault_words
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session

LogFormat = Literal["strong", "hevy", "csv"]
FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
NAMES = {"barbell_row": "Bent Over Row (Barbell)"}
"""Exercise → its name in both apps, if that is not its own name followed by "(Barbell)"."""
SMALL = ("and",)  # Words of a name that are not capitalised
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As Hevy writes them in English, whatever the language of this process."""
Cell = str | int | float | None


LoggedSet = tuple[Session, SessionSet]


def logged_sets(session: Session) -> list[LoggedSet]:
    """Return the sets of a session in order. Those without a rep that counts are left out."""
    return [(session, one) for one in session.sets if one.counted]


def remark(one: SessionSet) -> str:
    """Return the lifter's note, and what the form was: "slow; 7 of 8 good, leant forward"."""
    number = counts(one.reps)
    good = Message("{n} of {n2} good", n=number["good"], n2=number["reps"])
    form: str = good if number["unsure"] < number["reps"] else "not judged"
    first = next(iter(faults_to_fix(one.reps, by_risk(one.exercise))), None)
    form = joined(", ", form, fault_words(first, one.exercise) if first else "")
    return "; ".join(filter(None, (one.log.note, translate(form))))


def workout_csv(sets: Iterable[LoggedSet], kind: LogFormat) -> str:
    sets = list(sets)
    columns = _columns(sets)[kind]
    file = io.StringIO()
    writer = csv.writer(
        file,
        delimiter=";" if kind == "strong" else ",",
        quoting=csv.QUOTE_NONNUMERIC if kind == "hevy" else csv.QUOTE_MINIMAL,
        lineterminator="\n",
    )
    writer.writerow(columns)
    rows = ([value(*one) for value in columns.values()] for one in sets)
    writer.writerows([neutral_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return file.getvalue()


def _title(sets: Iterable[SessionSet]) -> str:
    known = exercises.names()
    names = dict.fromkeys(one.exercise for one in sets)
    titles = (exercises.load(name).title if name in known else capital(in_words(name)) for name in names)
    return translate(joined(", ", *titles))


def _remarks(sets: Sequence[SessionSet]) -> str:
    """Return the remarks on the sets of an exercise: Hevy keeps one note for all of them."""
    if len(sets) == 1:
        return remark(sets[0])
    return " · ".join(f"{translate(Message('Set {n}', n=one.order))}: {remark(one)}" for one in sets)


def exercise_title(name: str) -> str:
    """Return the name of an exercise in Strong and Hevy: "Romanian Deadlift (Barbell)"."""
    words = (word if word in SMALL else word.capitalize() for word in name.split("_"))
    return NAMES.get(name, f"{' '.join(words)} (Barbell)")


def _number(value: float | None) -> str:
    """Return a number without a needless ".0"; empty for None."""
    return "" if value is None else f"{value:g}"


def _minutes(session: Session) -> int:
    """Return the duration of a session in whole minutes, up to its last observation."""
    return math.ceil(session.ending.duration_s / 60)


def _duration(session: Session) -> str:
    """Return a session's duration, as Strong writes it: "1h 5m"."""
    hours, minutes = divmod(_minutes(session), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def _hevy_time(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at:%Y, %H:%M}"


def _columns(sets: Sequence[LoggedSet]) -> dict[LogFormat, dict[str, Callable[[Session, SessionSet], Cell]]]:
    """Return each format's columns: name → its value for a set. sets: all that are written."""
    of_session: dict[str, list[SessionSet]] = {}
    of_exercise: dict[tuple[str, str], list[SessionSet]] = {}
    for session, one in sets:
        of_session.setdefault(session.name, []).append(one)
        of_exercise.setdefault((session.name, one.exercise), []).append(one)
    return {
        "strong": {
            "Date": lambda session, _: f"{session.started:%Y-%m-%d %H:%M:%S}",
            "Workout Name": lambda session, _: _title(of_session[session.name]),
            "Exercise Name": lambda _, one: exercise_title(one.exercise),
            "Set Order": lambda _, one: one.order,
            "Weight": lambda _, one: _number(one.log.load_kg),
            "Weight Unit": lambda _, one: "" if one.log.load_kg is None else "kg",
            "Reps": lambda _, one: len(one.counted),
            "RPE": lambda _, one: _number(one.log.rpe),
            "Distance": lambda *_: None,
            "Distance Unit": lambda *_: None,
            "Seconds": lambda *_: 0,
            "Notes": lambda _, one: remark(one),
            "Workout Notes": lambda session, _: f"livecoach {session.name}",
            "Workout Duration": lambda session, _: _duration(session),
        },
        "hevy": {
            "title": lambda session, _: _title(of_session[session.name]),
            "start_time": lambda session, _: _hevy_time(session.started),
            "end_time": lambda session, _: _hevy_time(session.started + timedelta(minutes=_minutes(session))),
            "description": lambda session, _: f"livecoach {session.name}",
            "exercise_title": lambda _, one: exercise_title(one.exercise),
            "superset_id": lambda *_: None,
            "exercise_notes": lambda session, one: _remarks(of_exercise[session.name, one.exercise]),
            "set_index": lambda _, one: one.order - 1,
            "set_type": lambda *_: "normal",
            "weight_kg": lambda _, one: one.log.load_kg,
            "reps": lambda _, one: len(one.counted),
            "distance_km": lambda *_: None,
            "duration_seconds": lambda *_: None,
            "rpe": lambda _, one: one.log.rpe,
        },
        "csv": {
            "session": lambda session, _: session.name,
            "started": lambda session, _: session.started.isoformat(timespec="seconds"),
            "profile": lambda _, one: one.profile,
            "exercise": lambda _, one: one.exercise,
            "set": lambda _, one: one.number,
            "set_of_exercise": lambda _, one: one.order,
            "reps": lambda _, one: len(one.counted),
            "good": lambda _, one: counts(one.reps)["good"],
            "anomalous": lambda _, one: counts(one.reps)["anomalous"],
            "not_judged": lambda _, one: counts(one.reps)["unsure"],
            "load_kg": lambda _, one: _number(one.log.load_kg),
            "rpe": lambda _, one: _number(one.log.rpe),
            "note": lambda _, one: one.log.note,
        },
    }
