"""The sets of a session as a training log has them: exercise, order, load, reps."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from livecoach.session.stored import Session
from livecoach.types import Rep, SetLog


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
    """Yield the sets of a session in order, without those of which no rep counts."""
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
