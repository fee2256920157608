"""Training logs as CSV: in the columns that Strong and Hevy read, or in livecoach's own.

Neither app documents its columns. Those of Strong are the ones of its Android exports, which say the unit of the weight
and which Hevy imports too; those of Hevy are the ones of its own exports. Both have a row for each set.
"""

import csv
import io
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from livecoach.session.stored import Session
from livecoach.types import Rep, SetLog

LogFormat = Literal["strong", "hevy", "csv"]
FORMATS: tuple[LogFormat, ...] = get_args(LogFormat)
STRONG = (
    "Date",
    "Workout Name",
    "Exercise Name",
    "Set Order",
    "Weight",
    "Weight Unit",
    "Reps",
    "RPE",
    "Distance",
    "Distance Unit",
    "Seconds",
    "Notes",
    "Workout Notes",
    "Workout Duration",
)
HEVY = (
    "title",
    "start_time",
    "end_time",
    "description",
    "exercise_title",
    "superset_id",
    "exercise_notes",
    "set_index",
    "set_type",
    "weight_kg",
    "reps",
    "distance_km",
    "duration_seconds",
    "rpe",
)
OWN = (
    "session",
    "started",
    "profile",
    "exercise",
    "set",
    "set_of_exercise",
    "reps",
    "good",
    "anomalous",
    "not_judged",
    "load_kg",
    "rpe",
    "note",
)
NAMES = {"barbell_row": "Bent Over Row (Barbell)"}
"""Exercise → its name in both apps, where that is not the exercise's own with "(Barbell)" behind it."""
SMALL = ("and",)
"""Words of a name that stay without a capital."""
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
"""As Hevy writes them in English, whatever the language of this process."""
Cell = str | int | float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedSet:
    """One set of one exercise."""

    session: str
    """Name of the session."""
    started: datetime
    """Local start time of the session, where it was recorded."""
    ended: datetime
    """Time of its last observation; its start where it was cut off."""
    profile: str | None
    exercise: str
    """Name of the exercise."""
    set: int
    """Number of the set in the session, from 1."""
    order: int
    """Number of the set among those of its exercise in the session, from 1."""
    reps: tuple[Rep, ...]
    """The reps that count."""
    log: SetLog
    """What the lifter logged of it."""

    def count(self, verdict: str) -> int:
        """Return the number of reps that count as `verdict`."""
        return sum(rep.label == verdict for rep in self.reps)


def logged_sets(session: Session) -> Iterator[LoggedSet]:
    """Yield the sets of a session in order. Those without a rep that counts are left out."""
    end = session.about.end
    ended = session.started + timedelta(seconds=0.0 if end is None else end.duration_s)
    done: dict[tuple[int, str], list[Rep]] = {}
    for event in session.corrected_reps:
        rep = event.rep
        if rep.counts:
            done.setdefault((rep.place[0], session.exercise_of(rep)), []).append(rep)
    orders: Counter[str] = Counter()
    for (number, exercise), reps in done.items():
        orders[exercise] += 1
        yield LoggedSet(
            session=session.name,
            started=session.started,
            ended=ended,
            profile=session.about.profile,
            exercise=exercise,
            set=number,
            order=orders[exercise],
            reps=tuple(reps),
            log=session.set_logs.get(number, SetLog()),
        )


def workout_csv(sets: Iterable[LoggedSet], kind: LogFormat) -> str:
    """Return the sets as a CSV file."""
    header, row = _ROWS[kind]
    file = io.StringIO()
    writer = csv.writer(
        file,
        delimiter=";" if kind == "strong" else ",",
        quoting=csv.QUOTE_NONNUMERIC if kind == "hevy" else csv.QUOTE_MINIMAL,
        lineterminator="\n",
    )
    writer.writerow(header)
    writer.writerows(row(one) for one in sets)
    return file.getvalue()


def exercise_title(name: str) -> str:
    """Return what Strong and Hevy call an exercise: "Romanian Deadlift (Barbell)"."""
    words = (word if word in SMALL else word.capitalize() for word in name.split("_"))
    return NAMES.get(name, f"{' '.join(words)} (Barbell)")


def _strong(one: LoggedSet) -> Sequence[Cell]:
    log = one.log
    return (
        f"{one.started:%Y-%m-%d %H:%M:%S}",
        "livecoach",
        exercise_title(one.exercise),
        one.order,
        _number(log.load_kg),
        "" if log.load_kg is None else "kg",
        len(one.reps),
        _number(log.rpe),
        None,
        None,
        0,
        log.note,
        one.session,
        _duration(one),
    )


def _hevy(one: LoggedSet) -> Sequence[Cell]:
    times = (f"{at.day} {MONTHS[at.month - 1]} {at:%Y, %H:%M}" for at in (one.started, one.ended))
    log = one.log
    return (
        "livecoach",
        *times,
        one.session,
        exercise_title(one.exercise),
        None,
        log.note,
        one.order - 1,
        "normal",
        log.load_kg,
        len(one.reps),
        None,
        None,
        log.rpe,
    )


def _own(one: LoggedSet) -> Sequence[Cell]:
    log = one.log
    return (
        one.session,
        one.started.isoformat(timespec="seconds"),
        one.profile,
        one.exercise,
        one.set,
        one.order,
        len(one.reps),
        *(one.count(verdict) for verdict in ("good", "anomalous", "unsure")),
        _number(log.load_kg),
        _number(log.rpe),
        log.note,
    )


_ROWS: dict[LogFormat, tuple[Sequence[str], Callable[[LoggedSet], Sequence[Cell]]]] = {
    "strong": (STRONG, _strong),
    "hevy": (HEVY, _hevy),
    "csv": (OWN, _own),
}


def _number(value: float | None) -> str:
    """Return a number without a needless ".0"; empty where there is none."""
    return "" if value is None else f"{value:g}"


def _duration(one: LoggedSet) -> str:
    """Return how long the session took, as Strong writes it: "1h 5m"."""
    hours, minutes = divmod(round((one.ended - one.started).total_seconds() / 60), 60)
    return f"{hours}h {minutes}m" if hours else f"{minutes}m"
