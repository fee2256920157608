"""The encoder's metric, and the sets of reps that it is learned from."""

from dataclasses import replace

import numpy as np
import pytest
from builders.datasets import of_lifters, some_reps

from livecoach.decisions.rep.view_normalised import MOMENTS, TRAJECTORY_SHAPE
from livecoach.lab.train.metric import (
    LATENT,
    NUMBERS,
    ComparedSet,
    Metric,
    MetricSets,
    compared_sets,
    everybody_mean,
    learn_metric,
    principal_basis,
)

EVERYBODY = np.zeros(TRAJECTORY_SHAPE)
DEADLIFT = ("hitch", "good", "good", "", "good", "hitch")


def a_set(*labels: str, name: str = "one"):
    return some_reps(*(("anna", name, label) for label in labels))


def test_the_first_good_reps_judge_all_others():
    (one,) = compared_sets(a_set(*DEADLIFT), 2, EVERYBODY)
    assert one.judged_rows.tolist() == [0, 3, 4, 5]
    assert (one.reference.shape, one.judged.shape) == ((2, NUMBERS), (4, NUMBERS))


@pytest.mark.parametrize("labels", [("good", "hitch", "hitch"), ("good", "good"), ("hitch", "")])
def test_a_set_with_too_few_reps_is_left_out(labels):
    assert list(compared_sets(a_set(*labels), 4, EVERYBODY)) == []


def test_sets_and_legs_are_kept_apart():
    reps = of_lifters("anna", "ben", sets=2, reps=6)
    assert len(list(compared_sets(reps, 2, EVERYBODY))) == 4
    fronts = np.where(np.arange(len(reps)) % 2, "near", "far")
    by_leg = list(compared_sets(replace(reps, fronts=fronts), 2, EVERYBODY))
    assert len(by_leg) == 8
    assert all(len({*fronts[one.judged_rows].tolist()}) == 1 for one in by_leg)


def test_compared_reps_are_changes_from_the_lifters_own_mean():
    reps = a_set(*DEADLIFT)
    (one,) = compared_sets(reps, 3, EVERYBODY)
    assert one.reference.mean(0) == pytest.approx(np.zeros(NUMBERS), abs=1e-6)
    own = np.median(reps.readings[[1, 2, 4]], axis=0)
    assert one.readings == pytest.approx(reps.readings[[0, 3, 5]] - own, abs=1e-6)


def test_unknown_joints_add_no_difference():
    reps = a_set("good", "good", "good")
    gaps = reps.trajectories.copy()
    gaps[2, :, 4], gaps[:2, MOMENTS:, 5] = np.nan, np.nan
    everybody = everybody_mean(reps)
    (one,) = compared_sets(replace(reps, trajectories=gaps), 2, everybody)
    rest, own = one.judged.reshape(TRAJECTORY_SHAPE), one.reference.reshape(2, *TRAJECTORY_SHAPE)
    assert not rest[:, 4].any()
    assert not own[:, MOMENTS:, 5].any()
    assert np.isfinite(one.judged).all()


def test_the_mean_of_everybody_counts_each_lifter_once():
    reps = some_reps(*[("anna", "one", "good")] * 9, ("ben", "two", "good"), ("ben", "two", "hitch"))
    anna, ben = reps.trajectories[:9].astype(float).mean(0), reps.trajectories[9]
    assert everybody_mean(reps) == pytest.approx((anna + ben) / 2, abs=1e-5)


FAULTY, HARMLESS = np.eye(NUMBERS)[:2]
"""The direction that only faulty reps go, and the one in which good reps differ."""
OWN, JUDGED, SETS = 4, 12, 40


def some_sets(weight: float = 1.0, *, faulty: np.ndarray = FAULTY, seed: int = 0) -> MetricSets:
    """Sets whose second half of judged reps is faulty."""
    rng = np.random.default_rng(seed)
    bad = np.arange(JUDGED) >= JUDGED // 2
    found = []
    for _ in range(SETS):
        points = 0.1 * rng.normal(size=(OWN + JUDGED, NUMBERS))
        points += 5 * rng.normal(size=(OWN + JUDGED, 1)) * HARMLESS
        points[OWN:][bad] += 5 * faulty
        found.append(
            ComparedSet(
                reference=points[:OWN] - points[:OWN].mean(0),
                judged=points[OWN:] - points[:OWN].mean(0),
                judged_rows=np.arange(OWN, OWN + JUDGED),
                readings=np.zeros((JUDGED, 2)),
            )
        )
    return MetricSets(sets=found, good=[~bad] * SETS, bad=[bad] * SETS, weight=weight)


def stretch(metric: Metric, direction: np.ndarray) -> float:
    """How much longer a step in a direction is than in the plain metric."""
    return float(np.linalg.norm(metric.encoder @ direction) * np.sqrt(NUMBERS))


@pytest.fixture(scope="module")
def sets() -> MetricSets:
    return some_sets()


@pytest.fixture(scope="module")
def learned(sets: MetricSets) -> Metric:
    return learn_metric([sets])


def test_a_direction_that_only_faults_take_is_stretched(learned):
    assert stretch(learned, FAULTY) > 1.1
    assert stretch(learned, HARMLESS) < 0.9


def test_the_decoder_gives_back_what_the_basis_holds(sets, learned):
    point = 3 * FAULTY - HARMLESS
    assert learned.decoder @ learned.encoder @ point == pytest.approx(point, abs=0.05)
    assert learned.basis @ learned.basis.T == pytest.approx(np.eye(LATENT), abs=1e-9)
    assert np.abs(principal_basis([sets]) @ FAULTY).max() > 0.9


def test_the_metric_follows_the_lifters_of_more_weight():
    """Where two groups of lifters differ in what a fault is, the metric takes the side of the weightier one."""
    other = np.eye(NUMBERS)[2]
    light, heavy = some_sets(0.01), some_sets(3.0, faulty=other, seed=2)
    metric = learn_metric([light, heavy])
    assert stretch(metric, other) > stretch(metric, FAULTY)
