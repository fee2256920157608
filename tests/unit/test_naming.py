"""The exercise of a set changes as the table in the module's docstring says."""

from itertools import product

import pytest
from builders.recognition import NONE, likely, sure_of

from livecoach.core.types import LikelyExercise, Recognition
from livecoach.decisions.recognition.naming import (
    LEAST_REPS,
    Confirmed,
    FirstRep,
    SetNaming,
    SetOver,
    Settled,
    Tentative,
    Unknown,
    next_state,
)

BELIEVED, TORN = (
    SetOver(
        Recognition(name="squat", probability=0.95, alternatives=(LikelyExercise(name="lunge", probability=other),))
    )
    for other in (0.05, 0.2)
)
OPEN = Tentative("squat", other="lunge")
EXAMPLES = [  # (last set, state, event, next state) of each row
    (Confirmed("squat", "start"), Unknown(), FirstRep("squat"), Confirmed("squat", "start")),
    (Confirmed("squat", "belief"), Unknown(), FirstRep("squat"), Confirmed("squat", "last set")),
    (OPEN, Unknown(), FirstRep("squat", continues=True), OPEN),
    (Confirmed("squat", "belief"), Unknown(), FirstRep("lunge"), Tentative("lunge")),
    (Unknown(), Unknown(), Settled("squat", "lifter"), Confirmed("squat", "lifter")),
    (Unknown(), OPEN, Settled("lunge", "belief"), Confirmed("lunge", "belief")),
    (Unknown(), Tentative("squat"), BELIEVED, Confirmed("squat", "belief")),
    (Unknown(), Tentative("squat"), TORN, OPEN),
    (Unknown(), Confirmed("squat", "last set"), Settled("squat", "length"), Confirmed("squat", "length")),
    (Unknown(), Confirmed("squat", "lifter"), Settled("lunge", "end"), Confirmed("lunge", "end")),
]


@pytest.mark.parametrize(("last", "state", "event", "following"), EXAMPLES)
def test_an_event_changes_the_state_as_its_row_says(last, state, event, following):
    assert next_state(state, event, last) == following


@pytest.mark.parametrize("last", [Unknown(), OPEN])
def test_a_rep_leaves_the_name_open_if_no_exercise_goes_on_or_its_own_name_is_open(last):
    """A new set has a question of its own."""
    assert next_state(Unknown(), FirstRep("squat"), last) == Tentative("squat")


ALL_THAT_SETTLE = [Confirmed("squat", by) for by in ("start", "belief", "length", "end")]
EVENTS = (FirstRep("lunge"), Settled("lunge", "belief"), TORN)
OTHERS = [*product(ALL_THAT_SETTLE, EVENTS), (OPEN, EVENTS[0]), (Confirmed("squat", "last set"), EVENTS[2])]


@pytest.mark.parametrize(("state", "event"), OTHERS)
def test_any_other_event_changes_nothing(state, event):
    assert next_state(state, event, Unknown()) == state


def test_a_correction_between_two_sets_confirms_the_exercise_of_the_next_one():
    """Another exercise then needs two reps to take its place, as after any confirmed set."""
    sets = SetNaming()
    sets.apply(FirstRep("squat"))
    assert sets.end_set().name == "squat"
    sets.apply(Settled("squat", "lifter"))
    sets.apply(FirstRep("squat"))
    assert (sets.last, sets.state) == (Confirmed("squat", "lifter"), Confirmed("squat", "last set"))
    assert sets.reps_needed(reps=1) == LEAST_REPS
    assert sets.end_set() is None, "its exercise was not open"


@pytest.mark.parametrize(
    ("last", "now", "may_count"),
    [
        (None, NONE, None),
        (None, likely("squat", 0.6), "squat"),
        ("deadlift", NONE, "deadlift"),
        ("deadlift", likely("squat", 0.98), "deadlift"),
        ("deadlift", likely("squat", 0.99), "squat"),
        ("deadlift", sure_of("squat"), "squat"),
    ],
)
def test_before_its_first_rep_a_set_is_of_the_last_exercise_or_one_that_is_clear(last, now, may_count):
    assert SetNaming(last).exercise_before_first_rep(now) == may_count
