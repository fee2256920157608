"""Reads and writes a lifter's plan: the sets of each exercise by week, in `plan.yaml` in the folder of the profile.

    begins: 2026-11-23    # first day of week 1; if missing, week 1 is repeated every week
    sets:
      - {week: 1, exercise: squat, sets: 3, reps: 5, load: 100kg, rest: 3:00}

Lines of the same exercise and week are done in their order, such as a heavy set before lighter sets.
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
from livecoach.core.config.files import replace_private
from livecoach.core.config.settings import exists
from livecoach.core.config.yaml_files import did_you_mean, plain_values
from livecoach.core.errors import ConfigError, OutputError, explain_os_errors
from livecoach.core.loads import Units, parse_load
from livecoach.core.types import Plans, SetPlan
from livecoach.core.types.bounds import check_profile_name
from livecoach.decisions.coaching.set_progress import parse_rest

FILE = "plan.yaml"
MOST_WEEKS = 52  # Longest plan, in weeks. Our choice.
Typed = float | str
"""A load or a rest as the lifter wrote it. YAML reads a number without a unit or quotes as a float."""


def _known(text: str) -> str:
    try:
        name = exercise.resolve(text)
    except ConfigError as err:  # several exercises fit the name
        raise ValueError(str(err)) from err
    if name not in exercise.names():
        raise ValueError(f"{text!r} is no exercise. {did_you_mean(text, exercise.names())}")
    return name


def _load(value: Typed) -> Typed:
    parse_load(str(value), "metric")
    return value


def _rest(value: Typed) -> Typed:
    parse_rest(str(value))
    return value


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedSets:
    """A line of the plan: one or more sets with the same reps, load and rest."""

    week: Annotated[int, Field(ge=1, le=MOST_WEEKS)] = 1
    exercise: Annotated[str, AfterValidator(_known)]
    sets: Annotated[int, Field(ge=1, le=99)]
    reps: Annotated[int, Field(ge=1, le=999)]
    load: Annotated[Typed, AfterValidator(_load)] | None = None
    rest: Annotated[Typed, AfterValidator(_rest)] | None = None

    def plan(self, units: Units) -> SetPlan:
        """Return the sets with the load in kilograms and the rest in seconds.

        Args:
            units: Units of a load without a stated unit.
        """
        return SetPlan(
            sets=self.sets,
            reps=self.reps,
            load_kg=None if self.load is None else parse_load(str(self.load), units),
            rest_s=None if self.rest is None else parse_rest(str(self.rest)),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A lifter's plan, as in `plan.yaml`."""

    begins: date | None = None
    sets: Annotated[tuple[PlannedSets, ...], Field(max_length=500)] = field(default=())

    def __post_init__(self) -> None:
        if self.begins is None and any(planned.week > 1 for planned in self.sets):
            raise ValueError("begins: missing. Add the first day of week 1, as begins: 2026-11-23.")

    def week(self, day: date) -> int:
        """Return the week of the plan on a day, from 1; less than 1 before the plan begins."""
        return 1 if self.begins is None else (day - self.begins).days // 7 + 1

    def sets_on(self, day: date, units: Units) -> Plans:
        """Return the sets that are planned on a day, by exercise.

        Args:
            units: Units of loads without a stated unit.
        """
        week = [planned for planned in self.sets if planned.week == self.week(day)]
        names = dict.fromkeys(planned.exercise for planned in week)
        return {name: tuple(planned.plan(units) for planned in week if planned.exercise == name) for name in names}


def plan_file(profile: str) -> Path:
    """Return the path of a lifter's plan. The file may not exist."""
    return paths.profiles_dir() / check_profile_name(profile) / FILE


def read_plan(profile: str) -> Plan:
    """Read a lifter's plan; return an empty plan if there is no file. Raises ConfigError if it can't be read."""
    path = plan_file(profile)
    return read_yaml(path, Plan) if exists(path) else Plan()


def load_planned_sets(day: date, profile: str, settings: Settings, say: Callable[[str], object]) -> Plans:
    """Return the sets that a lifter has planned on a day, by exercise.

    An unreadable plan is reported, not raised, because it must not stop a set.

    Args:
        say: Called with a line about an unreadable plan.
    """
    try:
        return read_plan(profile).sets_on(day, settings.units)
    except ConfigError as err:
        say(f"{err} You lift without a plan until then.")
        return {}


def write_plan(profile: str, plan: Plan) -> None:
    """Write a lifter's plan, or delete the file if the plan is empty. Raises OutputError if that fails."""
    path = plan_file(profile)
    with explain_os_errors(OutputError, f"{path}: can't be written", "Make the folder writable."):
        if plan.sets:
            paths.make_private_data_folder(path.parent)
            replace_private(path, _text(plan))
            return
        path.unlink(missing_ok=True)
        with suppress(OSError):  # an empty folder is no profile
            path.parent.rmdir()


def _text(plan: Plan) -> str:
    values = {name: value for name, value in plain_values(plan).items() if value is not None}
    values["sets"] = [{key: value for key, value in planned.items() if value is not None} for planned in values["sets"]]
    lines = yaml.safe_dump(values, sort_keys=False, default_flow_style=None, allow_unicode=True, width=1000)
    return f"# Saved on the page of the plan, which leaves out comments of yours.\n{lines}"
