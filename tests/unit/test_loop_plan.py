"""A run with a plan: what is heard and shown of rests."""

import pytest
from builders.live_run import Stage, standing
from builders.observations import a_deadlift

from livecoach.decisions.coaching.set_progress import SetPlan


@pytest.fixture(scope="module")
def lifted() -> Stage:
    """Two deadlifts, and 20 s of rest, of which 12 are planned."""
    stage = Stage(plan=SetPlan(sets=3, reps=2, rest_s=12.0))
    set_of_two = a_deadlift(reps=2)
    stage.lift(stage.feed([*set_of_two, *standing(20.0, from_s=set_of_two[-1].t_s + 1 / 30)]))
    return stage


def test_the_end_of_a_rest_is_heard_and_not_stored(lifted):
    """A replay may follow another plan, and gives the same events."""
    assert [cue.kind for cue in lifted.sound.cues].count("rested") == 1
    assert "rested" not in {event["kind"] for event in lifted.events("cue")}


def test_the_window_knows_who_lifts_and_for_how_long_they_rest(lifted):
    """From the set's end on, counted from the end of its last rep."""
    last_rep_s = lifted.events("rep")[-1]["rep"]["end_s"]
    step, status = lifted.screen.shown[-1]
    assert status.profile == "anna"
    assert status.progress.set_number == 2
    assert status.progress.rest_s(step.observation.t_s) == pytest.approx(step.observation.t_s - last_rep_s, abs=0.01)
    assert status.progress.is_rested(step.observation.t_s)


def test_in_a_set_nobody_rests(lifted):
    in_set = [status.progress for step, status in lifted.screen.shown if step.in_set]
    assert {progress.set_number for progress in in_set} == {1}
    assert {progress.rests_since_s for progress in in_set} == {None}
