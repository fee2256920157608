"""Calendar weeks, beginning on Monday, and streaks of weeks with a session. Days are local dates."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(weeks=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streak:
    """A run of consecutive weeks with a session."""

    weeks: int
    first: date
    """Monday of its first week."""
    last: date
    """Monday of its last week."""


def monday(day: date) -> date:
    """Monday of the week that contains `day`."""
    return day - timedelta(days=day.weekday())


def streaks(days: Iterable[date]) -> list[Streak]:
    """Return all streaks, oldest first. days: dates with a session, in any order."""
    found: list[Streak] = []
    for week in sorted({monday(day) for day in days}):
        if found and week - found[-1].last == WEEK:
            found[-1] = Streak(weeks=found[-1].weeks + 1, first=found[-1].first, last=week)
        else:
            found.append(Streak(weeks=1, first=week, last=week))
    return found


def longest(found: Iterable[Streak]) -> Streak | None:
    """Return the longest streak, the newest of equals; None if there is none."""
    return max(found, key=lambda streak: (streak.weeks, streak.last), default=None)


def current(found: Iterable[Streak], today: date) -> Streak | None:
    """Return the streak that includes this week or, as this week is not over, the last one; None if it has broken."""
    reached = monday(today)
    return next((streak for streak in found if streak.first <= reached <= streak.last + WEEK), None)
