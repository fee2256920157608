"""A lifter's plan: what it says on a day, and what is wrong with one."""

from datetime import date

import pytest
from builders.systems import mode_of

from livecoach.core.config import load_settings
from livecoach.core.errors import ConfigError
from livecoach.core.types import SetPlan
from livecoach.pages.report.plan_page import parse_sent_plan
from livecoach.records.plan import Plan, PlannedSets, load_planned_sets, plan_path, read_plan, write_plan

pytestmark = pytest.mark.usefixtures("data_home")

MONDAY = date(2026, 11, 23)
TWO_WEEKS = """\
begins: 2026-11-23
sets:
  - {week: 1, exercise: squat, sets: 1, reps: 3, load: 120kg, rest: 3:00}
  - {week: 1, exercise: Squats, sets: 2, reps: 8, load: 90, rest: 120}
  - {week: 1, exercise: Kreuzheben, sets: 1, reps: 5, load: 220lb}
  - week: 2
    exercise: squat
    sets: 3
    reps: 5
"""


def write(text: str) -> None:
    plan_path("anna").parent.mkdir(parents=True, exist_ok=True)
    plan_path("anna").write_text(text, encoding="utf-8")


def test_a_day_has_the_sets_of_its_week_by_exercise():
    """In order. A load or a rest is written as everywhere, and an exercise is called as lifters call it."""
    write(TWO_WEEKS)
    plan = read_plan("anna")
    heavy = SetPlan(sets=1, reps=3, load_kg=120.0, rest_s=180.0)
    light = SetPlan(sets=2, reps=8, load_kg=90.0, rest_s=120.0)
    today = plan.sets_in_week_of(MONDAY, "metric")
    assert list(today) == ["squat", "deadlift"]
    assert today["squat"] == (heavy, light)
    assert today["deadlift"][0].load_kg == pytest.approx(99.79, abs=0.01)
    assert plan.sets_in_week_of(date(2026, 11, 29), "metric") == today
    assert plan.sets_in_week_of(date(2026, 11, 30), "metric") == {"squat": (SetPlan(sets=3, reps=5),)}
    assert plan.sets_in_week_of(date(2026, 11, 22), "metric") == plan.sets_in_week_of(date(2026, 12, 7), "metric") == {}


def test_a_single_week_without_a_day_is_every_week():
    write("sets:\n  - {exercise: squat, sets: 3, reps: 5, load: 225}\n")
    (squat,) = read_plan("anna").sets_in_week_of(MONDAY, "imperial")["squat"]
    assert squat.load_kg == pytest.approx(102.06, abs=0.01)


def test_without_a_file_nothing_is_planned():
    assert read_plan("anna") == Plan()
    assert load_planned_sets(MONDAY, "anna", load_settings({}), pytest.fail) == {}


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (
            "sets:\n  - {exercise: squat, sets: 3, reps: 5, load: heavy}\n",
            2,
            "sets[0].load: 'heavy' is not a load. Write 100, 102.5, 100kg or 220lb.",
        ),
        (
            "sets:\n  - {exercise: squatt, sets: 3, reps: 5}\n",
            2,
            "sets[0].exercise: 'squatt' is no exercise. Did you mean 'squat'?",
        ),
        ("sets:\n  - {exercise: squat, sets: 3}\n", 2, "sets[0].reps: missing. Add it."),
        ("sets:\n  - {exercise: squat, sets: 0, reps: 5}\n", 2, "sets[0].sets: "),
        (
            "sets:\n  - {exercise: squat, sets: 3, reps: 5, weight: 100}\n",
            2,
            "sets[0].weight: unknown key. Known here: week, exercise, sets, reps, load, rest.",
        ),
        ("begins: soon\nsets: []\n", 1, "begins: "),
        (
            "sets:\n  - {week: 2, exercise: squat, sets: 3, reps: 5}\n",
            1,
            "begins: missing. Add the first day of week 1, as begins: 2026-11-23.",
        ),
        ("sets: [\n", 2, "not YAML"),
    ],
)
def test_what_is_wrong_with_a_plan_is_one_line_with_file_line_and_key(text, line, says):
    """And the lifter lifts without it."""
    write(text)
    with pytest.raises(ConfigError) as wrong:
        read_plan("anna")
    assert "?." not in str(wrong.value)
    assert str(wrong.value).startswith(f"{plan_path('anna')}:{line}: {says}")
    assert "\n" not in str(wrong.value)
    said: list[str] = []
    assert load_planned_sets(MONDAY, "anna", load_settings({}), said.append) == {}
    assert said == [f"{wrong.value} You lift without a plan until then."]


def test_a_saved_plan_is_read_back():
    write(TWO_WEEKS)
    plan = read_plan("anna")
    for name in ("anna", "ben"):
        write_plan(name, plan)
        assert read_plan(name) == plan
    assert mode_of(plan_path("ben").parent) == 0o700
    assert plan.sets[0] == PlannedSets(week=1, exercise="squat", sets=1, reps=3, load="120kg", rest="3:00")


@pytest.mark.parametrize("rest", ["", "2:00"])
@pytest.mark.parametrize("load", ["", "100kg"])
def test_a_load_or_rest_that_the_form_leaves_out_is_not_planned(load, rest):
    sent = {"exercise-0": "squat", "week-0": "1", "sets-0": "3", "reps-0": "5", "load-0": load, "rest-0": rest}
    (row,) = parse_sent_plan(sent, MONDAY).sets
    assert row == PlannedSets(week=1, exercise="squat", sets=3, reps=5, load=load or None, rest=rest or None)


def test_a_short_rest_without_a_unit_is_asked_about():
    sent = {"exercise-0": "squat", "week-0": "1", "sets-0": "3", "reps-0": "5", "load-0": "", "rest-0": "3"}
    with pytest.raises(ConfigError, match=r"Line 1: Is a rest of 3 in minutes or in seconds\? Write 3min or 3s\."):
        parse_sent_plan(sent, MONDAY)
    assert parse_sent_plan(sent | {"rest-0": "3min"}, MONDAY).sets[0].rest == "3min"


def test_an_empty_plan_leaves_no_file_and_no_profile():
    write(TWO_WEEKS)
    write_plan("anna", Plan())
    assert not plan_path("anna").parent.exists()
