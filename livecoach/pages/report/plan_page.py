"""Makes the page of a lifter's plan, and parses the plan that its form sends."""

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path

from livecoach.core.charts import load_template
from livecoach.core.config import exercise, load_settings
from livecoach.core.errors import ConfigError
from livecoach.core.loads import UNIT, Units, parse_load
from livecoach.core.types.message import Message, escape_input
from livecoach.decisions.coaching.set_progress import parse_rest, parse_target
from livecoach.pages.offered import CHOICE_GONE
from livecoach.pages.report.report_page import Sent, sent_text
from livecoach.records.plan import MOST_WEEKS, Plan, PlannedSets, read_plan

TEMPLATE = Path(__file__).with_name("plan.html.j2")
SHORTEST_S = 10  # Shortest rest in seconds that is typed without a unit. Our choice.
FREE = 3  # Number of empty lines below the plan, for more sets. Our choice.


def plan_page(profile: str, profiles: Sequence[str], today: date) -> str:
    """Return the HTML page of a profile's plan. If the plan is unreadable, the page shows the error, not a form."""
    units, problem = load_settings({}).units, ""
    try:
        plan = read_plan(profile)
    except ConfigError as err:
        plan, problem = Plan(), err.text
    weeks = max((planned.week for planned in plan.sets), default=1)
    return load_template(TEMPLATE).render(
        profile=profile,
        profiles=profiles,
        problem=problem,
        shown=hash(plan),
        begins="" if plan.begins is None else plan.begins.isoformat(),
        week=plan.week_on(today),
        weeks=weeks,
        most_weeks=MOST_WEEKS,
        rows=[*plan.sets, *[None] * FREE],
        exercises={name: exercise.load(name).title for name in exercise.names()},
        unit=UNIT[units],
    )


def parse_sent_plan(sent: Sent, today: date) -> Plan:
    """Parse the plan that the form sent, and sort it by week. Lines without an exercise are left out.

    Args:
        today: Today's date: a plan of several weeks without a first day begins on the Monday of this week.

    Raises:
        ConfigError: The first day or a line is not valid. The message names the day or the number of the line.
    """
    units = load_settings({}).units
    rows = sorted(_rows(sent, units), key=lambda planned: planned.week)
    begins = sent_text(sent, "begins").strip()
    try:
        first = date.fromisoformat(begins) if begins else None
    except ValueError as err:
        raise ConfigError(Message("'{name}' is not a day. Write it as 2026-11-23.", name=escape_input(begins))) from err
    if first is None and any(planned.week > 1 for planned in rows):
        first = today - timedelta(days=today.weekday())
    return Plan(begins=first, sets=tuple(rows))


def _rows(sent: Sent, units: Units) -> Iterator[PlannedSets]:
    number = 0
    while f"exercise-{number}" in sent:
        number += 1
        name, week, sets, reps, load, rest = (
            sent_text(sent, f"{field}-{number - 1}").strip()
            for field in ("exercise", "week", "sets", "reps", "load", "rest")
        )
        if not name:
            continue
        try:
            yield _row(name, week, f"{sets}x{reps}", load, rest, units)
        except ValueError as err:
            raise ConfigError(Message("Line {n}: {text}", n=number, text=err.args[0])) from err


def _row(name: str, week: str, target: str, load: str, rest: str, units: Units) -> PlannedSets:
    if name not in exercise.names():
        raise ValueError(CHOICE_GONE)
    if not (week.isdigit() and 1 <= int(week) <= MOST_WEEKS):
        raise ValueError(Message("a week is a number from 1 to {n}.", n=MOST_WEEKS))
    try:
        sets, reps = parse_target(target)
    except ValueError as err:
        raise ValueError(Message("sets and reps are numbers, as 3 and 5.")) from err
    if load:
        parse_load(load, units)
        load = load if load[-1].isalpha() else f"{load}{UNIT[units]}"
    if rest and parse_rest(rest) < SHORTEST_S and rest.isdigit():
        raise ValueError(Message("Is a rest of {n} in minutes or in seconds? Write {n}min or {n}s.", n=int(rest)))
    return PlannedSets(week=int(week), exercise=name, sets=sets or 1, reps=reps, load=load or None, rest=rest or None)
