"""What a lifter did in earlier sessions is evidence of what comes next, and rules nothing out."""

import numpy as np
import pytest
from builders.kept_reps import kept
from builders.observations import a_squat
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.types import RepWindow
from livecoach.decisions.recognition.features import FEATURES
from livecoach.decisions.recognition.recogniser import (
    AGAIN,
    EVEN_SHARE,
    NO_HABITS,
    BeliefRules,
    Habits,
    Recogniser,
    RecognitionModel,
    find_habits,
)
from livecoach.perception.body.body import find_body

NAMES = ("deadlift", "squat", "row")
MONDAY, FRIDAY = "2026-03-02_18-30-00-auto", "2026-03-06_18-30-00-auto"


def a_rep(exercise: str, set_name: str) -> RepWindow:
    """Return a kept rep; what was seen of it does not matter here."""
    rep = kept((), set_name=set_name)
    return RepWindow(**{name: getattr(rep, name) for name in RepWindow.__slots__} | {"exercise": exercise})


def test_a_new_lifter_does_all_exercises_alike() -> None:
    assert find_habits(()) == NO_HABITS
    np.testing.assert_allclose(NO_HABITS.prior(NAMES, None), 1 / 3)


def test_a_set_is_most_likely_followed_by_one_of_the_same_exercise() -> None:
    again = NO_HABITS.prior(NAMES, "squat")
    assert again[1] == AGAIN + (1 - AGAIN) / 3
    assert again[0] == again[2] == (1 - AGAIN) / 3


def test_the_exercise_that_began_earlier_sessions_is_the_likeliest_to_begin() -> None:
    reps = [a_rep("squat", f"{MONDAY} 1"), a_rep("row", f"{MONDAY} 3"), a_rep("squat", f"{FRIDAY} 2")]
    habits = find_habits(reps)
    first = habits.prior(NAMES, None)
    assert NAMES[first.argmax()] == "squat"
    assert first[0] == first[2]


def test_the_exercise_that_came_after_a_set_is_the_likeliest_other_after_it() -> None:
    reps = [a_rep("row", f"{MONDAY} 10"), a_rep("squat", f"{MONDAY} 9"), a_rep("squat", f"{MONDAY} 9")]
    habits = find_habits(reps)
    deadlift, squat, row = habits.prior(NAMES, "squat")
    assert deadlift < row < squat


def test_reps_whose_set_is_not_known_say_nothing() -> None:
    assert (
        find_habits([a_rep("squat", "1"), a_rep("squat", "calibrated by hand"), a_rep("", f"{MONDAY} 1")]) == NO_HABITS
    )


@given(st.lists(st.tuples(st.sampled_from(NAMES), st.integers(1, 9), st.sampled_from((MONDAY, FRIDAY))), max_size=30))
def test_a_habit_rules_nothing_out(done: list[tuple[str, int, str]]) -> None:
    habits = find_habits([a_rep(name, f"{session} {number}") for name, number, session in done])
    for before in (None, *NAMES):
        prior = habits.prior(NAMES, before)
        assert prior.sum() == pytest.approx(1.0)
        assert prior.min() >= (1 - AGAIN) * EVEN_SHARE / len(NAMES)


def test_habits_decide_between_exercises_that_look_alike_before_and_after_a_set() -> None:
    habits = Habits(first={"squat": 9}, after={("row", "deadlift"): 9})
    rules = BeliefRules(none_prior=0.5, weight=0.3, enters=0.01, leaves=0.001, sure=(0.99,) * 3)
    plain = {"centre": np.zeros(FEATURES), "spread": np.ones(FEATURES)}
    torn = np.log(np.array([[0.1, 0.44, 0.44, 0.02]], np.float32))  # between a deadlift and a squat
    model = RecognitionModel(exercises=NAMES, network=lambda _: torn, window=8, belief=rules, **plain)
    recogniser = Recogniser(model, habits)
    seen = a_squat(reps=1)
    assert [recogniser.step(one, find_body(one)) for one in seen][-1].name == "squat"
    recogniser.reset("row")
    assert [recogniser.step(one, find_body(one)) for one in seen][-1].name == "deadlift"
