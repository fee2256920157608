"""Counts of clips: features outside the training's range, and the same count at every frame rate."""

from functools import cache

import numpy as np
import pytest
from builders.observations import an_observation
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.config import exercise
from livecoach.counting import features
from livecoach.lab.counting import count, shipped
from livecoach.lab.measure import counts
from livecoach.lab.measure.counts import phases, rate_of, thin_out
from livecoach.lab.measure.motion_counts import motion_set
from livecoach.lab.measure.table import Share
from livecoach.synth.motion.tokens import GOOD
from livecoach.synth.sets import SetRequest, SyntheticSet, random_set

FEATURES = len(features.OWN)
REPS = 4


def test_features_that_often_lie_outside_are_listed_the_most_often_first() -> None:
    """On either side; one rep of ten outside is not often."""
    training = np.random.default_rng(0).uniform(0.0, 1.0, (200, FEATURES))
    real = np.full((10, FEATURES), 0.5)
    real[:3, 4], real[:, 7], real[0, 9] = -1.0, 2.0, 2.0
    rows = counts.features_outside(real, training)
    assert [row[:2] for row in rows] == [
        (features.OWN[7], Share(10, 10)),
        (features.OWN[4], Share(3, 10)),
    ]


def test_no_more_are_listed_than_can_be_read() -> None:
    training = np.zeros((20, FEATURES))
    assert len(counts.features_outside(np.ones((2, FEATURES)), training)) == counts.MOST


def test_synthetic_reps_are_mostly_like_those_of_the_training() -> None:
    """Each movement is looked at once, and no more are taken than there are reps."""
    made = motion_set("squat", 3, 0)
    found = counts.likeliest_lifts(made.observations, "squat", 2)
    assert len(found) == 2
    training = counts.training_features(exercise.load("squat"), sets=4)
    assert training.shape[1] == FEATURES
    low, high = training.min(0), training.max(0)
    assert np.mean([((one >= low) & (one <= high)).mean() for one in found]) > 0.6
    assert counts.likeliest_lifts(made.observations[:1], "squat", 2) == []


def seen(fps: float, pictures: int) -> list:
    return [an_observation(index=i, t_s=i / fps) for i in range(pictures)]


@cache
def a_set(exercise: str) -> SyntheticSet:
    """Four reps at 60 pictures a second, seen without errors."""
    wanted = SetRequest(
        exercise=exercise, bodies="judging", tokens=(GOOD,) * REPS, fps=60.0, view_deg=50.0, noise=0.0, lost=0.0
    )
    return random_set((1, 1), wanted)


@pytest.mark.parametrize(("rate", "kept"), [(30, [0, 2, 4, 6, 8]), (24, [0, 3, 5, 8]), (15, [0, 4, 8])])
def test_each_tick_keeps_its_first_picture(rate, kept):
    """By time: of 60 pictures a second every second, every second or third, every fourth."""
    assert [one.index for one in thin_out(seen(60, 10), rate)] == kept


def test_phases_leave_each_picture_once():
    """At half and a quarter of the rate each picture is in one of the thinned clips."""
    for rate in (30, 15):
        clips = [thin_out(seen(60, 40), rate, phase) for phase in phases(60, rate)]
        assert sorted(one.index for clip in clips for one in clip) == list(range(40))


@pytest.mark.parametrize("fps", [12, 24, 29.97, 60])
def test_the_rate_is_that_of_most_pictures(fps):
    """A lost picture changes nothing."""
    pictures = seen(fps, 30)
    assert rate_of(pictures[:9] + pictures[11:]) == pytest.approx(fps)


def test_what_is_too_short_has_no_rate():
    """No picture, or one."""
    assert rate_of([]) == rate_of(seen(30, 1)) == 0.0
    assert thin_out([], 15) == []


@pytest.mark.parametrize("exercise", ["deadlift", "squat"])
@settings(max_examples=25, deadline=None)
@given(rate=st.floats(15, 60), phase=st.floats(0, 1, exclude_max=True))
def test_a_set_is_counted_the_same_at_any_rate(exercise, rate, phase):
    """From 60 to 15 pictures a second, whichever of them are left."""
    assert len(count(thin_out(a_set(exercise).observations, rate, phase), *shipped(exercise))) == REPS
