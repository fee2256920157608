"""Training logs as CSV: in the columns that Strong and Hevy read, or in livecoach's own.

Neither app documents its columns. Strong's are those of its Android exports, which state the unit of the weight and
which Hevy imports too; Hevy's are those of its own exports. Both have a row for each set. Titles and notes are in the
language in use, names of exercises as the apps know them.
"""

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from livecoach.core.config import exercise as exercises
from livecoach.core.language import translate
from livecoach.core.types import Rep, SetLog
from livecoach.core.types.bounds import neutral_cell
from livecoach.core.types.message import Message, capital, in_words, joined
from livecoach.decisions.judging.primary import by_risk, first_to_fix, shortcomings
from livecoach.decisions.judging.wording import fault_words
from livecoach.records.session.stored import Session

LogFormat = Literal["strong", "hevy", "csv"]
FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
NAMES = {"barbell_row": "Bent Over Row (Barbell)"}
"""Exercise → its name in both apps, if that is not its own name followed by "(Barbell)"."""
SMALL = ("and",)  # Words of a name that are not capitalised
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As Hevy writes them in English, whatever the language of this process."""
Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSet:
    session: Session
    exercise: str  # Name of the exercise
    set: int  # Number of the set in the session, from 1
    order: int  # Number of the set among those of its exercise in the session, from 1
    reps: tuple[Rep, ...]  # The reps that count
    log: SetLog  # The lifter's log of the set

    @property
    def remark(self) -> str:
        """The lifter's note, and what the form was: "slow; 7 of 8 good, leant forward"."""
        good = Message("{n} of {n2} good", n=self.count("good"), n2=len(self.reps))
        form: str = good if self.count("unsure") < len(self.reps) else "not judged"
        first = first_to_fix([shortcomings(rep) for rep in self.reps], by_risk(self.exercise))
        form = joined(", ", form, fault_words(first, self.exercise) if first else "")
        return "; ".join(filter(None, (self.log.note, translate(form))))

    def count(self, verdict: str) -> int:
        return sum(rep.standing_verdict == verdict for rep in self.reps)


def logged_sets(session: Session) -> Iterator[LoggedSet]:
    """Yield the sets of a session in order. Those without a rep that counts are left out."""
    done: dict[tuple[int, str], list[Rep]] = {}
    for event in session.corrected_reps:
        rep = event.rep
        if rep.counts:
            done.setdefault((rep.place[0], session.exercise_of(rep)), []).append(rep)
    orders: Counter[str] = Counter()
    for (number, exercise), reps in done.items():
        orders[exercise] += 1
        yield LoggedSet(
            session=session,
            exercise=exercise,
            set=number,
            order=orders[exercise],
            reps=tuple(reps),
            log=session.set_logs.get(number, SetLog()),
        )


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
    rows = ([value(one) for value in columns.values()] for one in sets)
    writer.writerows([neutral_cell(cell) if isinstance(cell, str) else cell for cell in row] for row in rows)
    return file.getvalue()


def _title(sets: Iterable[LoggedSet]) -> str:
    known = exercises.names()
    names = dict.fromkeys(one.exercise for one in sets)
    titles = (exercises.load(name).title if name in known else capital(in_words(name)) for name in names)
    return translate(joined(", ", *titles))


def _remarks(sets: Sequence[LoggedSet]) -> str:
    """Return the remarks on the sets of an exercise: Hevy keeps one note for all of them."""
    if len(sets) == 1:
        return sets[0].remark
    return " · ".join(f"{translate(Message('Set {n}', n=one.order))}: {one.remark}" for one in sets)


def exercise_title(name: str) -> str:
    """Return the name of an exercise in Strong and Hevy: "Romanian Deadlift (Barbell)"."""
    words = (word if word in SMALL else word.capitalize() for word in name.split("_"))
    return NAMES.get(name, f"{' '.join(words)} (Barbell)")


def _number(value: float | None) -> str:
    """Return a number without a needless ".0"; empty for None."""
    return "" if value is None else f"{value:g}"


def _minutes(one: LoggedSet) -> int:
    """Return the duration of the session in whole minutes, up to its last observation."""
    return math.ceil(one.session.ending.duration_s / 60)


def _duration(one: LoggedSet) -> str:
    """Return the session's duration, as Strong writes it: "1h 5m"."""
    hours, minutes = divmod(_minutes(one), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"


def _hevy_time(at: datetime) -> str:
    return f"{at.day} {MONTHS[at.month - 1]} {at:%Y, %H:%M}"


def _columns(sets: Sequence[LoggedSet]) -> dict[LogFormat, dict[str, Callable[[LoggedSet], Cell]]]:
    """Return each format's columns: name → its value for a set. sets: all that are written."""
    of_session: dict[str, list[LoggedSet]] = {}
    of_exercise: dict[tuple[str, str], list[LoggedSet]] = {}
    for one in sets:
        of_session.setdefault(one.session.name, []).append(one)
        of_exercise.setdefault((one.session.name, one.exercise), []).append(one)
    return {
        "strong": {
            "Date": lambda one: f"{one.session.started:%Y-%m-%d %H:%M:%S}",
            "Workout Name": lambda one: _title(of_session[one.session.name]),
            "Exercise Name": lambda one: exercise_title(one.exercise),
            "Set Order": lambda one: one.order,
            "Weight": lambda one: _number(one.log.load_kg),
            "Weight Unit": lambda one: "" if one.log.load_kg is None else "kg",
            "Reps": lambda one: len(one.reps),
            "RPE": lambda one: _number(one.log.rpe),
            "Distance": lambda _: None,
            "Distance Unit": lambda _: None,
            "Seconds": lambda _: 0,
            "Notes": lambda one: one.remark,
            "Workout Notes": lambda one: f"livecoach {one.session.name}",
            "Workout Duration": _duration,
        },
        "hevy": {
            "title": lambda one: _title(of_session[one.session.name]),
            "start_time": lambda one: _hevy_time(one.session.started),
            "end_time": lambda one: _hevy_time(one.session.started + timedelta(minutes=_minutes(one))),
            "description": lambda one: f"livecoach {one.session.name}",
            "exercise_title": lambda one: exercise_title(one.exercise),
            "superset_id": lambda _: None,
            "exercise_notes": lambda one: _remarks(of_exercise[one.session.name, one.exercise]),
            "set_index": lambda one: one.order - 1,
            "set_type": lambda _: "normal",
            "weight_kg": lambda one: one.log.load_kg,
            "reps": lambda one: len(one.reps),
            "distance_km": lambda _: None,
            "duration_seconds": lambda _: None,
            "rpe": lambda one: one.log.rpe,
        },
        "csv": {
            "session": lambda one: one.session.name,
            "started": lambda one: one.session.started.isoformat(timespec="seconds"),
            "profile": lambda one: one.session.about.profile,
            "exercise": lambda one: one.exercise,
            "set": lambda one: one.set,
            "set_of_exercise": lambda one: one.order,
            "reps": lambda one: len(one.reps),
            "good": lambda one: one.count("good"),
            "anomalous": lambda one: one.count("anomalous"),
            "not_judged": lambda one: one.count("unsure"),
            "load_kg": lambda one: _number(one.log.load_kg),
            "rpe": lambda one: _number(one.log.rpe),
            "note": lambda one: one.log.note,
        },
    }
