"""Keys E and P end a run between two sets, to choose exercise or profile on the start screen; the phone's remote
chooses them by name."""

import pytest
from builders.live_run import Stage, lifted
from builders.recognition import a_break, a_recognising_pipeline, after_one_another, some_squats, sure_of

from livecoach.cli import options
from livecoach.feedback.screen import Action, ChosenSetting, Entry
from livecoach.run.controls import BETWEEN_SETS, NO_CHOICE, NextRun

SEEN = after_one_another(a_break(2.0), some_squats(2), a_break(6.0))
BEFORE, WITHIN = 10, 120
"""Pictures after which a key is pressed: before the set and in its second rep."""
ROWS = [(Action.EXERCISE, "exercise"), (Action.PROFILE, "profile")]


def run(*keys: tuple[int, Entry], has_start_screen: bool = True) -> Stage:
    """A run of two squats that are recognised in the first one."""
    pipeline = a_recognising_pipeline({4.0: sure_of("squat")})
    return lifted(SEEN, keys=dict(keys), recognising=pipeline, has_start_screen=has_start_screen)


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_before_a_set_the_run_ends_for_the_start_screen(key, row):
    stage = run((BEFORE, key))
    assert stage.controls.next_run == NextRun(row=row)
    assert stage.loop.reps == []
    assert stage.events()[-1]["event"] == "session_end"


@pytest.mark.parametrize(("key", "row"), ROWS)
def test_after_a_set_its_reps_are_kept(key, row):
    stage = run((200, key))
    assert stage.controls.next_run == NextRun(row=row)
    assert len(stage.loop.reps) == 2


@pytest.mark.parametrize("key", [key for key, _ in ROWS])
def test_within_a_set_nothing_changes(key):
    stage = run((WITHIN, key))
    assert stage.controls.next_run is None
    assert BETWEEN_SETS in {status.note for _, status in stage.screen.shown}
    assert len(stage.loop.reps) == 2


@pytest.mark.parametrize("key", [key for key, _ in ROWS])
def test_a_replay_has_no_start_screen(key):
    stage = run((BEFORE, key), has_start_screen=False)
    assert stage.controls.next_run is None
    assert NO_CHOICE in {status.note for _, status in stage.screen.shown}


CHOSEN = [
    (ChosenSetting("exercise", "row"), NextRun(exercise="row")),
    (ChosenSetting("profile", "bea"), NextRun(profile="bea")),
]


@pytest.mark.parametrize(("chosen", "following"), CHOSEN)
def test_what_is_chosen_by_name_needs_no_start_screen(chosen, following):
    assert run((BEFORE, chosen), has_start_screen=False).controls.next_run == following


@pytest.mark.parametrize(
    ("following", "chosen"),
    [
        (NextRun(exercise="row"), {"exercise": "row"}),
        (NextRun(profile="bea"), {"profile": "bea"}),
        (NextRun(exercise="squat", for_now=True), {}),
        (NextRun(row="profile"), {}),
    ],
)
def test_what_is_chosen_by_name_is_for_the_next_time_too(following, chosen):
    """A switch to what the reps look like is not, and the start screen has its own choices."""
    assert following.chosen == chosen


@pytest.mark.parametrize("chosen", [chosen for chosen, _ in CHOSEN])
def test_within_a_set_nothing_is_chosen_by_name_either(chosen):
    stage = run((WITHIN, chosen), has_start_screen=False)
    assert stage.controls.next_run is None
    assert BETWEEN_SETS in {status.note for _, status in stage.screen.shown}


def test_the_next_run_keeps_what_was_not_chosen():
    now = options.settings(exercise="squat", profile="anna")
    settings = NextRun(profile="bea").applied(now)
    assert (settings.exercise, settings.profile) == ("squat", "bea")
