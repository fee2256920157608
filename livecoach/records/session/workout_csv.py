"""Training logs as CSV, with a row for each set: in the columns that Strong and Hevy read, or in livecoach's own.

Neither app documents its columns. Those here are of Strong's Android exports, which state the unit of the weight and
which Hevy imports too. Titles and notes are in the language in use, names of exercises as the apps know them.
"""

import io
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, get_args

from livecoach.core.config import exercise as exercises
from livecoach.core.language import translate
from livecoach.core.types.bounds import write_rows
from livecoach.core.types.message import capital, in_words, joined
from livecoach.decisions.coaching.figures import count_words, counts, faults_to_fix, reference
from livecoach.decisions.judging.primary import faults_of
from livecoach.decisions.judging.wording import fault_words
from livecoach.records.session.session_set import SessionSet
from livecoach.records.session.stored import Session

LogFormat = Literal["strong", "csv"]
FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
NAMES = {"barbell_row": "Bent Over Row (Barbell)"}
"""Exercise → its name in both apps, if that is not its own name followed by "(Barbell)"."""
SMALL = ("and",)  # Words of a name that are not capitalised
Cell = str | int | float | None


LoggedSet = tuple[Session, SessionSet]


def logged_sets(session: Session) -> list[LoggedSet]:
    """Return the sets of a session in order. Those without a rep that counts are left out."""
    return [(session, one) for one in session.sets if one.counted]


def remark(one: SessionSet) -> str:
    """Return the lifter's note, and what the form was: "slow; 7 good, 1 to check, leant forward"."""
    first = next(iter(faults_to_fix(one.reps, faults_of(one.exercise))), None)
    form = joined(
        ", ", *count_words(counts(one.reps), reference(one.reps)), fault_words(first, one.exercise) if first else ""
    )
    return "; ".join(filter(None, (one.log.note, translate(form))))


def workout_csv(sets: Iterable[LoggedSet], kind: LogFormat) -> str:
    sets = list(sets)
    columns, file = _columns(sets)[kind], io.StringIO()
    rows = ([value(*one) for value in columns.values()] for one in sets)
    write_rows(file, [tuple(columns), *rows], delimiter=";" if kind == "strong" else ",")
    return file.getvalue()


def _title(sets: Iterable[SessionSet]) -> str:
    known = exercises.names()
    names = dict.fromkeys(one.exercise for one in sets)
    titles = (exercises.load(name).title if name in known else capital(in_words(name)) for name in names)
    return translate(joined(", ", *titles))


def exercise_title(name: str) -> str:
    """Return the name of an exercise in Strong and Hevy: "Romanian Deadlift (Barbell)"."""
    words = (word if word in SMALL else word.capitalize() for word in name.split("_"))
    return NAMES.get(name, f"{' '.join(words)} (Barbell)")


def _number(value: float | None) -> str:
    """Return a number without a needless ".0"; empty for None."""
    return "" if value is None else f"{value:g}"


def _duration(session: Session) -> str:
    """Return a session's duration up to its last observation, as Strong writes it: "1h 5m"."""
    hours, minutes = divmod(math.ceil(session.ending.duration_s / 60), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def _columns(sets: Sequence[LoggedSet]) -> dict[LogFormat, dict[str, Callable[[Session, SessionSet], Cell]]]:
    """Return each format's columns: name → its value for a set. sets: all that are written."""
    of_session: dict[str, list[SessionSet]] = {}
    for session, one in sets:
        of_session.setdefault(session.name, []).append(one)
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
        "csv": {
            "session": lambda session, _: session.name,
            "started": lambda session, _: session.started.isoformat(timespec="seconds"),
            "profile": lambda _, one: one.profile,
            "exercise": lambda _, one: one.exercise,
            "set": lambda _, one: one.number,
            "set_of_exercise": lambda _, one: one.order,
            "reps": lambda _, one: len(one.counted),
            "good": lambda _, one: counts(one.reps)["good"],
            "to_check": lambda _, one: counts(one.reps)["anomalous"],
            "not_judged": lambda _, one: counts(one.reps)["unsure"],
            "alike": lambda _, one: counts(one.reps)["alike"],
            "different": lambda _, one: counts(one.reps)["different"],
            "rest_s": lambda _, one: "" if one.rest_s is None else round(one.rest_s, 1),
            "load_kg": lambda _, one: _number(one.log.load_kg),
            "rpe": lambda _, one: _number(one.log.rpe),
            "note": lambda _, one: one.log.note,
        },
    }
