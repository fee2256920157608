"""Reads and writes a lifter's plan: the sets of each exercise by week, in `plan.yaml` in the folder of the profile.

    begins: 2026-11-23    # first day of week 1; if missing, week 1 is repeated every week
    sets:
      - {week: 1, exercise: squat, sets: 3, reps: 5, load: 100kg, rest: 3:00}

The lines of an exercise in a week are done in the order of the file, such as a heavy set before lighter sets. The
functions raise ValueError if a name is not valid for a profile.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, Field

from livecoach.core.config import Settings, exercise, paths, read_yaml
from livecoach.core.config.files import write_private_text
from livecoach.core.config.settings import may_exist
from livecoach.core.config.yaml_files import did_you_mean, plain_values
from livecoach.core.errors import ConfigError, explain_write_errors
from livecoach.core.loads import Units, parse_load
from livecoach.core.types import Plans, SetPlan
from livecoach.core.types.bounds import check_profile_name
from livecoach.decisions.coaching.set_progress import parse_rest

FILE_NAME = "plan.yaml"
MOST_WEEKS = 52  # Highest number of a week in a plan. Our choice.
LoadOrRest = float | str
"""A load or a rest as the lifter wrote it. YAML reads a number without a unit or quotes as a float."""


def _check_exercise(text: str) -> str:
    try:
        name = exercise.find_exercise_name(text)
    except ConfigError as err:  # several exercises fit the name
        raise ValueError(str(err)) from err
    if name not in exercise.names():
        raise ValueError(f"{text!r} is no exercise. {did_you_mean(text, exercise.names())}")
    return name


def _check_load(value: LoadOrRest) -> LoadOrRest:
    parse_load(str(value), "metric")
    return value


def _check_rest(value: LoadOrRest) -> LoadOrRest:
    parse_rest(str(value))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSets:
    """A line of a plan: one or more sets of an exercise with the same reps, load and rest."""

    week: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    exercise: Annotated[str, AfterValidator(_check_exercise)]
    sets: Annotated[int, Field(ge=1, le=99)]
    reps: Annotated[int, Field(ge=1, le=999)]
    load: Annotated[LoadOrRest, AfterValidator(_check_load)] | None = None  # None if the plan leaves the load open
    rest: Annotated[LoadOrRest, AfterValidator(_check_rest)] | None = None  # None for the rest in the settings, if any

    def to_set_plan(self, units: Units) -> SetPlan:
        """Convert the line to a plan in kilograms and seconds; a load without a unit is in `units`."""
        return SetPlan(
            sets=self.sets,
            reps=self.reps,
            load_kg=None if self.load is None else parse_load(str(self.load), units),
            rest_s=None if self.rest is None else parse_rest(str(self.rest)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A lifter's plan: the content of `plan.yaml`."""

    begins: date | None = None  # First day of week 1; None for a plan of one week, which is repeated every week
    sets: Annotated[tuple[PlannedSets, ...], Field(max_length=500)] = field(default=())

    def __post_init__(self) -> None:
        if self.begins is None and any(planned.week > 1 for planned in self.sets):
            raise ValueError("begins: missing. Add the first day of week 1, as begins: 2026-11-23.")

    def week_on(self, day: date) -> int:
        """Return the number of the plan's week on a day: 1 for the first week, less than 1 before the plan begins.

        A plan without a first day is always in week 1.
        """
        return 1 if self.begins is None else (day - self.begins).days // 7 + 1

    def sets_in_week_of(self, day: date, units: Units) -> Plans:
        """Return all sets of the plan's week in which a day lies, by the name of the exercise, in the plan's order.

        The result is empty outside the plan's weeks. A load without a unit is in `units`.
        """
        lines = [line for line in self.sets if line.week == self.week_on(day)]
        names = dict.fromkeys(line.exercise for line in lines)
        return {name: tuple(line.to_set_plan(units) for line in lines if line.exercise == name) for name in names}


def plan_path(profile: str) -> Path:
    """Return the path of a lifter's plan, whether or not the file exists."""
    return paths.profiles_dir() / check_profile_name(profile) / FILE_NAME


def read_plan(profile: str) -> Plan:
    """Read a lifter's plan; a lifter without a file has an empty plan. Raises ConfigError for an unreadable file."""
    path = plan_path(profile)
    return read_yaml(path, Plan) if may_exist(path) else Plan()


def load_planned_sets(day: date, profile: str, settings: Settings, say: Callable[[str], object]) -> Plans:
    """Load the sets that a lifter has planned for the week of a day, by the name of the exercise; empty without sets.

    An unreadable plan counts as empty, and is reported to `say`, not raised: a damaged plan must not stop a set.
    """
    try:
        return read_plan(profile).sets_in_week_of(day, settings.units)
    except ConfigError as err:
        say(f"{err} You lift without a plan until then.")
        return {}


def write_plan(profile: str, plan: Plan) -> None:
    """Write a lifter's plan, or delete the file if the plan has no sets.

    Comments in the old file are lost. If a deletion leaves the folder of the profile empty, the folder is deleted, too.
    Raises OutputError if the plan can't be written or deleted.
    """
    path = plan_path(profile)
    with explain_write_errors(path):
        if plan.sets:
            paths.make_private_data_folder(path.parent)
            write_private_text(path, _text(plan))
            return
        path.unlink(missing_ok=True)
        with suppress(OSError):  # an empty folder is no profile
            path.parent.rmdir()


def _text(plan: Plan) -> str:
    values = {name: value for name, value in plain_values(plan).items() if value is not None}
    values["sets"] = [{key: value for key, value in planned.items() if value is not None} for planned in values["sets"]]
    lines = yaml.safe_dump(values, sort_keys=False, default_flow_style=None, allow_unicode=True, width=1000)
    return f"# Saved on the page of the plan, which leaves out comments of yours.\n{lines}"
