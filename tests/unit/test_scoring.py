"""Scores: the density against slow and independent versions, what a score is, and that any rep has one."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from livecoach import landmark
from livecoach.anomaly import scoring
from livecoach.anomaly.scoring import BLOCK, Kde, Parts, block_errors, value
from livecoach.anomaly.skelemotion import SHAPE, TRAVERSAL
from livecoach.config.exercise import names
from livecoach.config.paths import models_dir
from livecoach.model_files.model_folder import Limit, Thresholds

USUAL = -10.0
LIMIT = Limit(false_alarms=0.02, log_density=-30.0, reconstruction=0.2)


def a_kde(points: np.ndarray, bandwidth: float = 0.5) -> Kde:
    """A density whose space is white as it is."""
    dimensions = points.shape[1]
    return Kde(points=points, mean=np.zeros(dimensions), whitening=np.eye(dimensions), bandwidth=bandwidth)


def parts(*, log_density: float = -10.0, error: float = 0.0) -> Parts:
    return Parts(log_density=log_density, errors=np.full((SHAPE[0] // BLOCK, SHAPE[1]), error**2))


def points_of(dimensions: int, count: int = 40) -> np.ndarray:
    return np.random.default_rng(dimensions).normal(size=(count, dimensions))


def test_one_point_gives_the_normal_distribution():
    """Log density of a Gaussian, written out."""
    kde = a_kde(np.array([[1.0, 2.0]]), bandwidth=0.5)
    expected = -0.5 * (3.0**2 + 4.0**2) / 0.25 - math.log(2 * math.pi * 0.25)
    assert kde.log_density(np.array([4.0, 6.0])) == pytest.approx(expected)


@pytest.mark.parametrize("dimensions", [1, 3, 8])
def test_density_is_the_mean_of_gaussians(dimensions):
    """Against the sum written out point by point."""
    points, at = points_of(dimensions), points_of(dimensions + 100)[0, :dimensions]
    kernels = [
        math.exp(-0.5 * sum((a - b) ** 2 for a, b in zip(point, at, strict=True)) / 0.5**2)
        / (math.sqrt(2 * math.pi) * 0.5) ** dimensions
        for point in points
    ]
    assert a_kde(points).log_density(at) == pytest.approx(math.log(sum(kernels) / len(kernels)))


@pytest.mark.parametrize("dimensions", [1, 2, 5])
def test_density_is_scipys(dimensions):
    """SciPy's gaussian_kde whitens by the data's covariance; the density is per unit of the white space here."""
    stats = pytest.importorskip("scipy.stats", reason="the extra 'synth' is not installed")
    points = points_of(dimensions) @ np.diag(np.arange(1.0, dimensions + 1))
    theirs = stats.gaussian_kde(points.T, bw_method=0.4)
    variances, axes = np.linalg.eigh(np.atleast_2d(np.cov(points.T)))
    whitening, mean = axes / np.sqrt(variances), points.mean(0)
    ours = Kde(points=(points - mean) @ whitening, mean=mean, whitening=whitening, bandwidth=0.4)
    for at in points[:5] + 0.3:
        expected = theirs.logpdf(at)[0] + 0.5 * math.log(np.prod(variances))
        assert ours.log_density(at) == pytest.approx(expected)


@pytest.mark.parametrize("dimensions", [2, 16, 32])
def test_density_is_scikit_learns_without_its_tree(dimensions):
    """With leaf_size of all points scikit-learn sums over all of them too."""
    neighbors = pytest.importorskip("sklearn.neighbors", reason="scikit-learn is not installed")
    points = points_of(dimensions, count=60)
    theirs = neighbors.KernelDensity(bandwidth=0.5, leaf_size=len(points), rtol=0, atol=0).fit(points)
    queries = points[:5] + 0.1
    ours = [a_kde(points).log_density(at) for at in queries]
    np.testing.assert_allclose(ours, theirs.score_samples(queries), rtol=1e-9)


def test_density_far_away_is_finite():
    """No underflow to the logarithm of 0."""
    assert math.isfinite(a_kde(points_of(8)).log_density(np.full(8, 1e6)))


@pytest.mark.parametrize(
    ("made_of", "expected"),
    [
        (parts(), 0.0),
        (parts(log_density=-5.0), 0.0),
        (parts(log_density=-30.0), 1.0),
        (parts(log_density=-90.0), 2.0),
        (parts(error=0.2), 1.0),
        (parts(log_density=-30.0, error=0.3), 1.5),
    ],
)
def test_a_score_is_the_worse_part_in_units_of_its_limit(made_of, expected):
    """The usual rep scores 0, one at a limit 1; twice as far out is 2, for either part."""
    assert value(made_of, USUAL, LIMIT) == pytest.approx(expected)


def test_errors_that_cancel_within_a_block_do_not_count():
    """A joint that is ahead and then behind by as much has moved a little earlier: no other rep."""
    difference = np.zeros(SHAPE)
    difference[:BLOCK:2], difference[1:BLOCK:2] = 0.5, -0.5
    assert block_errors(difference).max() == pytest.approx(0)
    difference[:BLOCK] = 0.5
    assert block_errors(difference)[0] == pytest.approx(np.full(SHAPE[1], 0.25))


@pytest.fixture(scope="module", params=[name for name in names() if (models_dir() / name / "model.json").is_file()])
def scorer(request):
    return scoring.load(models_dir() / request.param)[0]


@settings(max_examples=50)
@given(tensor=arrays.arrays(np.float32, SHAPE, elements=st.floats(-1, 1, width=32)))
def test_any_tensor_has_a_score(scorer, tensor):
    """Finite and not negative, with joints that are in the tensor."""
    score = scorer.score(tensor)
    assert math.isfinite(score.value)
    assert score.value >= 0
    assert {landmark.NAMES.index(name) for name in score.joints} <= set(TRAVERSAL)


@pytest.mark.parametrize("amount", [-1e6, 1e6])
def test_a_tensor_of_large_numbers_has_a_score(scorer, amount):
    """Far outside of what a rep tensor can hold."""
    score = scorer.score(np.full(SHAPE, amount, np.float32))
    assert math.isfinite(score.value)
    assert score.value > 1


def test_joints_that_stand_out_come_first(scorer):
    """The joint whose movement makes no sense is named."""
    wild = np.zeros(SHAPE, np.float32)
    wild[:, [i for i, joint in enumerate(TRAVERSAL) if joint == landmark.NAMES.index("left_ankle")]] = 1.0
    assert scorer.score(wild).joints[0] == "left_ankle"


def test_limits_lie_between_those_of_near_shares():
    """By the logarithm of the share of false alarms; beyond the table its ends count."""
    thresholds = Thresholds(
        log_density_usual=-10.0,
        limits=(
            Limit(false_alarms=0.01, log_density=-40.0, reconstruction=0.4),
            Limit(false_alarms=0.04, log_density=-20.0, reconstruction=0.2),
        ),
        factor=1.0,
        origin="a test",
    )
    assert thresholds.at(0.02).log_density == pytest.approx(-30.0)
    assert thresholds.at(0.02).reconstruction == pytest.approx(0.3)
    assert thresholds.at(0.001).log_density == -40.0
    assert thresholds.at(0.5).reconstruction == 0.2
