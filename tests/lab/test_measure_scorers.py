"""Scorers on real reps: what a rep is held against, and where the limit lies."""

import numpy as np
import pytest

pytest.importorskip("scipy")  # reads the depth camera's lifts
pytest.importorskip("sklearn")
from builders.datasets import of_lifters, some_reps

from livecoach.lab.dataset import GOOD
from livecoach.lab.measure.scorer_fits import against_everybody, against_other_clips, against_same_clip, fitted
from livecoach.lab.scorers.compare import TRAJECTORIES
from livecoach.lab.scorers.kinds import PcaResidual


def test_own_reps_come_from_other_clips_of_the_same_origin() -> None:
    """A clip's own reps are never among those that it is held against; without enough others nothing is judged."""
    reps = some_reps(*(("one", name, GOOD) for name in "aabb"), ("two", "c", GOOD))
    judged = against_other_clips(reps, 2)
    assert [(one.row, one.own.tolist()) for one in judged] == [(0, [2, 3]), (1, [2, 3]), (2, [0, 1]), (3, [0, 1])]


def test_bad_reps_are_nobodys_reference() -> None:
    """Of a clip's reps the first good ones are its reference, and only what comes after them is judged."""
    reps = some_reps(*(("one", "a", label) for label in ("bad", GOOD, "bad", GOOD, "bad", GOOD)))
    judged = against_same_clip(reps, 2)
    assert [(one.row, one.own.tolist()) for one in judged] == [(4, [1, 3]), (5, [1, 3])]


def test_two_in_a_hundred_calibrating_reps_are_past_the_limit() -> None:
    """A score is in limits: those of the calibrating lifters' good reps are past 1 as often as the limit wants."""
    train, valid = of_lifters(*"abcdefgh"), of_lifters(*"ijklmnop")
    one = fitted(PcaResidual(), TRAJECTORIES, 0, train, valid)
    past = one.scores(valid, against_everybody(valid)) > 1
    assert 0 < past.sum() <= np.ceil(0.02 * len(valid))
