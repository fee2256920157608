"""Weeks in a row with a session: calendar weeks, of days by the clock on the wall."""

from datetime import date, datetime, timedelta, timezone
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from builders.past_sessions import a_past_session
from hypothesis import example, given
from hypothesis import strategies as st

from livecoach.history.figures import WEEK, current_streak, longest_streak, monday, streaks

DAYS = st.lists(st.dates(date(2020, 1, 1), date(2030, 12, 31)), min_size=1, max_size=60)


@given(day=st.dates())
def test_a_week_begins_on_monday(day):
    """And holds the day itself, whatever year it is."""
    assert monday(day).weekday() == 0
    assert timedelta(0) <= day - monday(day) < WEEK


@given(days=DAYS)
def test_streaks_hold_each_week_once(days):
    """All weeks with a session, none without one, each in one streak, with a week between two of them."""
    found = streaks(days)
    weeks = [streak.first + n * WEEK for streak in found for n in range(streak.weeks)]
    assert weeks == sorted({monday(day) for day in days})
    assert all(streak.last == streak.first + (streak.weeks - 1) * WEEK for streak in found)
    assert all(later.first - before.last > WEEK for before, later in pairwise(found))


@given(days=DAYS, order=st.randoms())
def test_order_and_number_of_sessions_in_a_week_do_not_matter(days, order):
    """Three sessions in a week are one week."""
    mixed = [*days, *days]
    order.shuffle(mixed)
    assert streaks(mixed) == streaks(days)


@example(days=[date(2020, 1, 13), date(2020, 1, 20)], today=date(2020, 1, 13))  # a clock that was wrong
@given(days=DAYS, today=st.dates(date(2020, 1, 1), date(2031, 1, 31)))
def test_the_current_streak_reaches_this_week_or_the_last(days, today):
    """This week is not over; a streak that ended before the last one is broken."""
    found = current_streak(streaks(days), today)
    weeks = {monday(day) for day in days}
    assert (found is not None) == (monday(today) in weeks or monday(today) - WEEK in weeks)


@pytest.mark.parametrize(
    ("days", "weeks"),
    [
        ([date(2026, 12, 31), date(2027, 1, 4)], 2),  # over a new year
        ([date(2026, 12, 28), date(2027, 1, 3)], 1),  # one week in two years
        ([date(2024, 2, 26), date(2024, 3, 4)], 2),  # over a 29th of February
        ([date(2026, 3, 1), date(2026, 3, 2)], 2),  # a Sunday and the Monday after it
        ([date(2026, 3, 2), date(2026, 3, 16)], 1),  # a week between them
    ],
)
def test_weeks_are_calendar_weeks(days, weeks):
    """From Monday to Sunday, whatever month and year they lie in."""
    found = longest_streak(streaks(days))
    assert found is not None
    assert found.weeks == weeks


def test_of_equals_the_newest_is_the_longest():
    """It is the one that a lifter remembers."""
    found = longest_streak(streaks([date(2026, 1, 5), date(2026, 6, 1)]))
    assert found is not None
    assert found.first == date(2026, 6, 1)


def test_there_is_no_streak_without_a_session():
    """Nothing is made up."""
    assert longest_streak(streaks([])) is None
    assert current_streak(streaks([]), date(2026, 1, 1)) is None


def test_a_session_is_of_the_day_where_it_was():
    """Late on Sunday in Honolulu is Sunday, though it is Monday in Berlin; and so around a change of the clocks."""
    late = a_past_session(datetime(2026, 3, 1, 23, 30, tzinfo=timezone(timedelta(hours=-10))))
    assert late.day == date(2026, 3, 1)
    berlin = ZoneInfo("Europe/Berlin")
    days = [datetime(2026, 3, 29, 0, 30, tzinfo=berlin) + n * timedelta(days=7) for n in range(3)]
    assert [streak.weeks for streak in streaks(day.date() for day in days)] == [3]
