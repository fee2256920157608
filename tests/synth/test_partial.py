"""Reps that turn too early."""

import numpy as np
import pytest

from livecoach.lab.synth.motion.lifts import EXERCISES
from livecoach.lab.synth.motion.tokens import PARTIAL, parse, random_tokens
from livecoach.lab.synth.sets import SetRequest, SyntheticSet, random_set
from livecoach.lab.synth.truth import as_json


def a_set(exercise: str, tokens: str) -> SyntheticSet:
    wanted = {"fps": 20, "noise": 0.0, "lost": 0.0, "loaded": True, "view_deg": 60, "graded": False}
    return random_set(3, SetRequest(exercise=exercise, tokens=parse(tokens), **wanted))


def travel(made: SyntheticSet, start: int, end: int) -> float:
    """How far wrists and hips together move over the ankles, m."""
    world = np.array([seen.world for seen in made.observations[start : end + 1]])[..., 1]
    heights = world[:, [15, 16, 23, 24]].mean(1) - world[:, [27, 28]].mean(1)
    return float(np.ptp(heights))


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_partial_rep_is_an_event_with_its_share(exercise):
    """It adds no rep; the truth has when it was and how much of the way."""
    made = a_set(exercise, "good,partial:0.4,good")
    assert len(made.reps) == 2
    (event,) = [event for event in made.events if event.kind == PARTIAL]
    assert event.share == 0.4
    assert made.reps[0].end_s <= event.start_s < event.end_s <= made.reps[1].start_s + 0.1


@pytest.mark.parametrize("exercise", EXERCISES)
def test_nearly_all_of_the_way_is_a_rep(exercise):
    """As a lifter's shallow or soft rep is."""
    made = a_set(exercise, "good,partial:0.85")
    assert len(made.reps) == 2
    assert all(event.kind != PARTIAL for event in made.events)


@pytest.mark.parametrize("exercise", EXERCISES)
def test_a_partial_rep_goes_about_as_far_as_it_says(exercise):
    """A third of the way is less than two thirds, which is less than a rep."""
    made = a_set(exercise, "good,partial:0.33,partial:0.67")
    rep = made.reps[0]
    low, high = (travel(made, e.start_frame, e.end_frame) for e in made.events if e.kind == PARTIAL)
    whole = travel(made, rep.start_frame, rep.end_frame)
    assert low < 0.97 * high
    assert high < 0.97 * whole
    assert low > 0.08 * whole


def test_only_a_partial_rep_has_a_share_in_the_truth():
    """Other events are written as they were."""
    events = as_json(a_set("squat", "good,partial:0.5,idle:1").events)
    assert [event["kind"] for event in events if "share" in event] == [PARTIAL]


def test_shares_grow_over_repeats_and_come_up_at_random():
    """As knobs do; random sets have them where they are asked for."""
    assert [token.share for token in parse("partial:0.2..0.6*3")] == pytest.approx([0.2, 0.4, 0.6])
    rng = np.random.default_rng(0)
    found = [token for _ in range(20) for token in random_tokens(rng, "squat", partial=0.5) if token.name == PARTIAL]
    assert len(found) > 20
    assert all(0.2 <= token.share <= 0.8 for token in found)
