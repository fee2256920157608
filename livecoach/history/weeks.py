"""Calendar weeks, from Monday on, and how many in a row had a session. Days are those of the clock on the wall."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """Weeks in a row with a session."""

    weeks: int
    first: date
    """Its first Monday."""
    last: date
    """Monday of its last week."""


def monday(day: date) -> date:
    """Of its week."""
    return day - timedelta(days=day.weekday())


def streaks(days: Iterable[date]) -> list[Streak]:
    """All of them, the oldest first. days: with a session, in any order."""
    found: list[Streak] = []
    for week in sorted({monday(day) for day in days}):
        if found and week - found[-1].last == WEEK:
            found[-1] = Streak(weeks=found[-1].weeks + 1, first=found[-1].first, last=week)
        else:
            found.append(Streak(weeks=1, first=week, last=week))
    return found


def longest(found: Iterable[Streak]) -> Streak | None:
    """Of equals the newest; None where there is none."""
    return max(found, key=lambda streak: (streak.weeks, streak.last), default=None)


def current(found: Iterable[Streak], today: date) -> Streak | None:
    """The one that goes on: it has this week, or the last one, as this one is not over; None where it has broken."""
    reached = monday(today)
    return next((streak for streak in found if streak.first <= reached <= streak.last + WEEK), None)
