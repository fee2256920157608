"""What the start screen offers of last time, and what a run then begins with."""

from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
from builders.sessions import a_session, at

from livecoach.core.config import load_settings
from livecoach.core.types import SetPlan
from livecoach.decisions.coaching.last_time import LastTime
from livecoach.pages.offered import profile_choices
from livecoach.records.profile import Profile
from livecoach.records.session.amending import rename_profile
from livecoach.records.session.opening import open_session
from livecoach.run.choices import (
    LAST_TIME,
    LATER,
    _load_of_next_set,
    load_and_plan_choices,
    make_start_menu,
    update_menu,
    values_to_remember,
)
from livecoach.run.parts import AS_BEFORE, Lifter, PartMaker
from livecoach.run.set_logger import LoadOfNextSet
from livecoach.run.start import Row, StartMenu

LAST = LastTime(
    exercise="squat", title="Squat", fault="knee_cave", cue="knees out", load_kg=100.0, sets=5, reps=5, rest_s=180.0
)
SETTINGS = load_settings({})


def test_nothing_is_taken_over_unless_the_lifter_chooses_it():
    """A warm-up has another load; the load of last time and two steps above it are one key away."""
    offered = load_and_plan_choices(LAST, SETTINGS)
    assert list(offered) == [LATER, *(f"{load} kg  ·  5 × 5  ·  rest 3:00" for load in ("100", "102.5", "105"))]
    assert offered[LATER] == AS_BEFORE
    chosen = offered["102.5 kg  ·  5 × 5  ·  rest 3:00"]
    assert chosen.load == LoadOfNextSet(102.5, "squat")
    assert chosen.plan == SetPlan(sets=5, reps=5, rest_s=180.0)


def test_loads_in_pounds_are_offered_in_steps_of_five_pounds():
    loads = list(load_and_plan_choices(replace(LAST, load_kg=102.0583), replace(SETTINGS, units="imperial")))
    assert [text.split("  ")[0] for text in loads[1:]] == ["225 lb", "230 lb", "235 lb"]


def test_a_load_or_rest_that_is_not_known_is_not_offered():
    """No load was logged and a single set was done; a rest in the settings is the lifter's own."""
    bare = replace(LAST, load_kg=None, sets=1, reps=8, rest_s=None)
    assert list(load_and_plan_choices(bare, SETTINGS)) == [LATER, "1 × 8"]
    assert list(load_and_plan_choices(bare, replace(SETTINGS, rest_s=90.0))) == [LATER, "1 × 8  ·  rest 1:30"]
    assert list(load_and_plan_choices(None, SETTINGS)) == [LATER]
    heaviest = load_and_plan_choices(replace(LAST, load_kg=1000.0), SETTINGS)
    assert len(heaviest) == 2  # what is typed may be no heavier


def test_a_row_is_remembered_unless_an_option_filled_it_and_the_lifter_left_it():
    """The first time, so that the screen need not come again; `livecoach live --profile ben --exercise deadlift`, and a
    change of the exercise on the screen."""
    rows = {"camera": SETTINGS.camera, "standards.depth": SETTINGS.standards.depth, "standards.count": "all"}
    chosen = values_to_remember(SETTINGS, replace(SETTINGS, exercise="squat"), ())
    assert chosen == {**rows, "exercise": "squat", "profile": "me"}
    before = replace(SETTINGS, profile="ben", exercise="deadlift")
    assert values_to_remember(before, replace(before, exercise="squat"), {"profile", "exercise"}) == {
        **rows,
        "exercise": "squat",
    }


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (SetPlan(), SetPlan(sets=5, reps=5, rest_s=180.0)),
        (SetPlan(reps=8), SetPlan(reps=8, rest_s=180.0)),
        (SetPlan(rest_s=60.0, stop_at_loss=0.2), SetPlan(sets=5, reps=5, rest_s=60.0, stop_at_loss=0.2)),
    ],
)
def test_the_options_of_the_command_come_before_the_plan(given, expected):
    assert given.fill_from(SetPlan(sets=5, reps=5, rest_s=180.0)) == expected


def test_the_settings_fill_values_that_nothing_else_plans():
    parts = PartMaker(load_settings({"stop_at_loss_percent": 20, "rest_s": 90}), "lite")
    assert parts.planned_sets((SetPlan(rest_s=60.0),)) == (SetPlan(rest_s=60.0, stop_at_loss=0.2),)


def test_a_renamed_lifter_can_be_chosen_by_the_new_name_alone(sessions):
    """The old name would make a new profile, with none of the lifter's reps."""
    folder = a_session(sessions, profile="ben")
    rename_profile(Profile("ben", print), "Ben Li", [open_session(folder, print)])
    assert profile_choices(SETTINGS) == ["Ben Li", "me"]


def test_everybody_who_has_lifted_can_be_chosen(sessions):
    """Of whom nothing was learned yet, too; nobody whose name can be no profile's, nor whose session can't be read."""
    for day, profile in enumerate(("ben", None, "../ada", "cleo"), 1):
        folder = a_session(sessions, started=at(2026, 3, day), profile=profile)
    (folder / "session.json").write_text("{")
    assert profile_choices(SETTINGS) == ["ben", "me"]
    sessions.chmod(0)
    try:
        assert "me" in profile_choices(SETTINGS)
    finally:
        sessions.chmod(0o700)


EXERCISES = Row("exercise", {"Recognise it": "auto", "Squat": "squat", "Lunge": "lunge"})
PROFILES = Row("profile", {"anna": "anna", "ben": "ben"})
DEPTHS = Row("depth", {"to parallel": "parallel"})


def shown(*keys: str) -> tuple[str, tuple[str, ...]]:
    """Return the title and the offered options after some keys, from the row of the exercise on."""
    following = partial(update_menu, settings=SETTINGS, read_last={"anna": {"squat": LAST}, "ben": {}}.__getitem__)
    rows = (EXERCISES, PROFILES, DEPTHS, Row(LAST_TIME, load_and_plan_choices(None, SETTINGS)))
    menu = following(StartMenu(rows, {"Start": "start"}, 0))
    for key in keys:
        menu = following(menu.press_key(key))
    return menu.title, tuple(menu.rows[-1].options)


def test_title_and_offers_follow_exercise_and_profile():
    offered = tuple(load_and_plan_choices(LAST, SETTINGS))
    assert shown() == ("Squat, last time: knees out", offered)
    assert shown("right") == ("Last time: knees out", offered)
    assert shown("right", "right") == ("livecoach", (LATER,))
    assert shown("right", "down", "right") == ("livecoach", (LATER,))


def test_a_chosen_offer_stays_while_other_rows_change():
    following = partial(update_menu, settings=SETTINGS, read_last=lambda _: {"squat": LAST})
    rows = (EXERCISES, PROFILES, DEPTHS, Row(LAST_TIME, load_and_plan_choices(LAST, SETTINGS), 2))
    menu = following(StartMenu(rows, {"Start": "start"}, 1))
    assert following(menu.press_key("right")).row_of(LAST_TIME).chosen_text.startswith("102.5 kg")
    assert (
        following(following(menu.press_key("up").press_key("right")).press_key("right")).row_of(LAST_TIME).chosen_text
        == LATER
    )


def test_everybody_of_a_session_can_be_chosen_between_two_sets_and_nobody_gets_almost_the_same_name():
    menu = make_start_menu(SETTINGS, {"camera 0": 0}, "profile", ["Ben"], offers_phone=False)
    assert "Ben" in menu.row_of("profile").options
    menu = replace(menu, typed="b en").press_key("enter")
    assert menu.problem.endswith(
        "there is Ben already, which differs by case or spaces alone. Choose that one, or another name"
    )


def test_a_load_that_stands_for_the_next_set_is_offered_in_place_of_typing_it_later():
    """Of each lifter of the run, in the exercise that the menu shows: an exercise that is recognised keeps the load."""
    anna, ben = Lifter(name="anna"), Lifter(name="ben")
    anna.set_logger.use_chosen_load(LoadOfNextSet(80.0, "squat"))
    ben.set_logger.use_chosen_load(LoadOfNextSet(60.0, "squat"))
    coached = SimpleNamespace(lifters_in_run=(anna, ben))
    following = partial(update_menu, settings=SETTINGS, read_last=lambda _: {})
    chosen = ("anna", "squat"), ("anna", "auto"), ("anna", "deadlift"), ("ben", "squat"), ("eva", "squat")
    read_load = partial(_load_of_next_set, coached, SETTINGS)  # type: ignore[arg-type]
    offered = [following(a_menu(*who), read_load=read_load).row_of(LAST_TIME) for who in chosen]
    loads = "next set: 80 kg", "next set: 80 kg", LATER, "next set: 60 kg", LATER
    assert [row.chosen_text for row in offered] == [*loads]
    assert {row.value for row in offered} == {AS_BEFORE}


def a_menu(profile: str, exercise: str) -> StartMenu:
    rows = [
        Row(name, {value: value}) for name, value in (("exercise", exercise), ("profile", profile), ("depth", "ipf"))
    ]
    return StartMenu((*rows, Row(LAST_TIME, {LATER: AS_BEFORE})), {"Start": "start"}, 0)


def test_the_lifters_own_plan_comes_first():
    plans = {"squat": (SetPlan(sets=1, reps=3, load_kg=120.0), SetPlan(sets=2, reps=8, load_kg=90.0))}
    read = {"read_last": lambda _: {"squat": LAST}, "read_plans": lambda name: plans if name == "anna" else {}}
    row = update_menu(a_menu("anna", "squat"), SETTINGS, **read).row_of(LAST_TIME)
    assert (row.chosen_text, row.value) == ("as planned: 1 × 3, 120 kg; 2 × 8, 90 kg", AS_BEFORE)
    assert row.move(1).chosen_text == "100 kg  ·  5 × 5  ·  rest 3:00"
    typed = update_menu(a_menu("anna", "squat"), SETTINGS, **read, read_load=lambda *_: "110 kg").row_of(LAST_TIME)
    assert typed.chosen_text == "next set: 110 kg  ·  as planned: 1 × 3, 120 kg; 2 × 8, 90 kg", "it stands"
    plans["squat"] = plans["squat"][:1]
    for load, words in (("120 kg", ""), ("110 kg", "next set: 110 kg  ·  ")):
        row = update_menu(a_menu("anna", "squat"), SETTINGS, **read, read_load=lambda *_, load=load: load)
        assert row.row_of(LAST_TIME).chosen_text == f"{words}as planned: 1 × 3, 120 kg"
    for profile, exercise in (("ben", "squat"), ("anna", "deadlift")):
        assert update_menu(a_menu(profile, exercise), SETTINGS, **read).row_of(LAST_TIME).chosen_text == LATER
