"""The learned metric: what tells faults counts more than what good reps of one lifter differ by."""

import numpy as np
import pytest

from livecoach.lab.scorer.metric import (
    LATENT,
    NUMBERS,
    ComparedSet,
    Metric,
    MetricSets,
    learned_metric,
    principal_basis,
)

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
                own=points[:OWN] - points[:OWN].mean(0),
                own_rows=np.arange(OWN),
                rest=points[OWN:] - points[:OWN].mean(0),
                rows=np.arange(OWN, OWN + JUDGED),
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
    return learned_metric([sets])


def test_a_direction_that_only_faults_take_is_stretched(learned):
    """And one in which good reps differ is shrunk."""
    assert stretch(learned, FAULTY) > 1.1
    assert stretch(learned, HARMLESS) < 0.9


def test_a_strong_ridge_leaves_the_plain_metric(sets):
    """A step as long as its root mean square over all numbers, whatever its direction."""
    plain = learned_metric([sets], ridge=1e6)
    assert [stretch(plain, FAULTY), stretch(plain, HARMLESS)] == pytest.approx([1, 1], abs=0.02)


def test_a_weaker_ridge_lets_it_learn_more(sets, learned):
    """It divides the two directions more."""
    weak = learned_metric([sets], ridge=0.1)
    assert stretch(weak, FAULTY) / stretch(weak, HARMLESS) > stretch(learned, FAULTY) / stretch(learned, HARMLESS)


def test_learning_tells_more_faulty_reps_apart(sets, learned):
    """By their distance in widths of their own set."""
    new = some_sets(seed=1)
    assert told_apart(learned, new) > told_apart(learned_metric([sets], ridge=1e6), new) + 0.05


def told_apart(metric: Metric, sets: MetricSets) -> float:
    """The share of pairs of a good and a faulty rep in which the faulty one is farther away."""
    good, bad = [], []
    for one, of_good in zip(sets.sets, sets.good, strict=True):
        width = np.sqrt(((one.own @ metric.encoder.T) ** 2).sum() / (OWN - 1))
        far = np.linalg.norm(one.rest @ metric.encoder.T, axis=1) / width
        good += far[of_good].tolist()
        bad += far[~of_good].tolist()
    return float(np.mean([a < b for a in good for b in bad]))


def test_the_decoder_gives_back_what_the_basis_holds(sets, learned):
    """A faulty rep comes back; what no rep showed is lost."""
    point = 3 * FAULTY - HARMLESS
    assert learned.decoder @ learned.encoder @ point == pytest.approx(point, abs=0.05)
    assert learned.basis @ learned.basis.T == pytest.approx(np.eye(LATENT), abs=1e-9)
    assert np.abs(principal_basis([sets]) @ FAULTY).max() > 0.9


def test_reps_of_more_weight_rule():
    """Where two groups of lifters differ in what a fault is, the metric takes the side of the weightier one."""
    other = np.eye(NUMBERS)[2]
    light, heavy = some_sets(0.01), some_sets(3.0, faulty=other, seed=2)
    metric = learned_metric([light, heavy])
    assert stretch(metric, other) > stretch(metric, FAULTY)


def test_the_same_sets_give_the_same_metric(sets, learned):
    """To the bit."""
    assert np.array_equal(learned_metric([sets]).encoder, learned.encoder)
