"""The clocks and the load of a visit, over its runs."""

import pytest
from builders.observations import an_observation
from builders.sources import FakeClock
from builders.steps import a_step

from livecoach.coaching.set_progress import NO_PLAN
from livecoach.run.workout import LoadOfNextSet, Visit


def test_the_session_clock_counts_what_was_between_two_runs():
    """Choosing another exercise takes time, and the lifter's session goes on meanwhile."""
    clock = FakeClock()
    visit = Visit(clock)
    first = visit.follow(NO_PLAN)
    for t_s in (2.0, 30.0):
        first.step(a_step(observation=an_observation(t_s=t_s)))
    visit.leave()
    clock.now_s += 12.0
    progress, _ = visit.follow(NO_PLAN).step(a_step(observation=an_observation(t_s=0.5)))
    assert progress.session_s(0.5) == 40.0


def test_a_run_that_saw_nothing_takes_nothing_away():
    """A camera that gave no frame."""
    clock = FakeClock()
    visit = Visit(clock)
    visit.follow(NO_PLAN).step(a_step(observation=an_observation(t_s=0.0)))
    visit.leave()
    clock.now_s += 5.0
    visit.follow(NO_PLAN)
    visit.leave()
    clock.now_s += 5.0
    assert visit.follow(NO_PLAN).step(a_step())[0].session_s(a_step().observation.t_s) == 10.0


@pytest.mark.parametrize(
    ("exercise", "profile", "carried"),
    [("squat", "anna", True), (None, "anna", True), ("lunge", "anna", False), ("squat", "bert", False)],
)
def test_the_load_stays_with_the_lifter_and_the_exercise(exercise, profile, carried):
    """Where the exercise is recognised, the first rep tells whether the load still holds."""
    visit, squats = Visit(), LoadOfNextSet(102.5, "squat")
    visit.keep_load(squats, "anna")
    assert visit.load(exercise, profile) == (squats if carried else LoadOfNextSet())


def test_a_load_that_was_typed_before_any_set_is_that_of_the_exercise_that_is_chosen():
    """It was meant for the next set, whatever that is."""
    visit = Visit()
    assert visit.load("squat", "anna") == LoadOfNextSet()
    visit.keep_load(LoadOfNextSet(60.0), "anna")
    assert visit.load("lunge", "anna").load_kg == 60.0
