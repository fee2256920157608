"""Which features of real reps lie outside the training's range: of made-up features, and of a synthetic set."""

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.config import exercise
from livecoach.counting import features
from livecoach.lab.measure import feature_ranges
from livecoach.lab.measure.motion_counts import motion_set
from livecoach.lab.measure.table import Share

FEATURES = len(features.OWN)


def test_features_that_often_lie_outside_are_listed_the_most_often_first() -> None:
    """On either side; one rep of ten outside is not often."""
    training = np.random.default_rng(0).uniform(0.0, 1.0, (200, FEATURES))
    real = np.full((10, FEATURES), 0.5)
    real[:3, 4], real[:, 7], real[0, 9] = -1.0, 2.0, 2.0
    rows = feature_ranges.outside(real, training)
    assert [row[:2] for row in rows] == [
        (features.OWN[7], Share(10, 10)),
        (features.OWN[4], Share(3, 10)),
    ]


def test_no_more_are_listed_than_can_be_read() -> None:
    training = np.zeros((20, FEATURES))
    assert len(feature_ranges.outside(np.ones((2, FEATURES)), training)) == feature_ranges.MOST


def test_synthetic_reps_are_mostly_like_those_of_the_training() -> None:
    """Each movement is looked at once, and no more are taken than there are reps."""
    made = motion_set("squat", 3, 0)
    found = feature_ranges.likeliest(made.observations, "squat", 2)
    assert len(found) == 2
    training = feature_ranges.trained(exercise.load("squat"), sets=4)
    assert training.shape[1] == FEATURES
    low, high = training.min(0), training.max(0)
    assert np.mean([((one >= low) & (one <= high)).mean() for one in found]) > 0.6
    assert feature_ranges.likeliest(made.observations[:1], "squat", 2) == []
