"""Scorers on real reps: what a rep is held against, and what is taken of a depth camera's lifts."""

import sys
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("scipy")  # reads the depth camera's lifts
pytest.importorskip("sklearn")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

from builders.datasets import of_lifters, some_reps
from measure_scorers import against_everybody, against_other_clips, against_same_clip, fitted
from own_joints import BONES, changes, cross_validated, directions, lengths, limit_of, way

from livecoach.lab.dataset import GOOD
from livecoach.lab.scorers.compare import WAYS
from livecoach.lab.scorers.kinds import PcaResidual
from livecoach.synth.retarget import RecordedLift


def _lift(size: float = 1.0, fall: float = 0.5) -> RecordedLift:
    """All joints of a lift whose upper half comes down, `size` times as large."""
    rng = np.random.default_rng(3)
    down = np.concatenate([np.linspace(0, 1, 20), np.linspace(1, 0, 25)])
    joints = {}
    for name in sorted({joint for bone in BONES for joint in bone}):
        moving = fall if name in ("neck", "head", "spine") else 0.0
        still = rng.normal(size=3)
        joints[name] = size * (still - moving * down[:, None] * np.array([0.0, 0.3, 1.0]))
    return RecordedLift(name="a lift", fault=0, joints=joints, start=0, turn=19, end=44)


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
    one = fitted(PcaResidual(), WAYS, 0, train, valid)
    past = one.scores(valid, against_everybody(valid)) > 1
    assert 0 < past.sum() <= np.ceil(0.02 * len(valid))


def test_a_larger_lifter_moves_alike() -> None:
    """Neither the way in torso lengths nor the bones' directions know a lifter's size; bone lengths do."""
    small, large = _lift(), _lift(size=1.3)
    np.testing.assert_allclose(way(small), way(large))
    np.testing.assert_allclose(directions(small), directions(large))
    np.testing.assert_allclose(1.3 * lengths(small), lengths(large))


def test_less_standing_is_what_moves() -> None:
    """Of a lift in which nothing moves, nothing is left."""
    assert np.abs(changes(_lift(fall=0.0))).max() == 0.0
    assert np.abs(changes(_lift())).max() > 0.1


def test_a_good_lift_is_scored_by_models_it_did_not_make() -> None:
    """Good lifts alike and bad ones elsewhere are told apart, and one lift alone in its corner is far out."""
    rng = np.random.default_rng(0)
    good, bad = rng.normal(size=(50, 60)), 5 + rng.normal(size=(10, 60))
    good[7] += 20 * rng.normal(size=60)
    of_good, of_bad = cross_validated(PcaResidual, good, bad, 0)
    assert of_good.argmax() == 7
    assert of_bad.min() > np.median(of_good)


def test_the_limit_leaves_two_in_a_hundred() -> None:
    """One of fifty-one is past it; of fewer than fifty none."""
    assert (np.arange(51) > limit_of(np.arange(51.0))).sum() == 1
    assert (np.arange(40) > limit_of(np.arange(40.0))).sum() == 0
