"""Amounts of faults: a fault that shows is given back, and limits lie where good reps of other lifters end."""

from dataclasses import replace
from typing import get_args

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
from builders.datasets import READINGS, TABLE, some_reps

from livecoach.decisions.judging.fault_model import CENTRES_DEG
from livecoach.lab.dataset import Reps
from livecoach.lab.train.fault_fit import LEAST_LIMIT, FaultFit, Library, fit_faults
from livecoach.lab.train.metric import LATENT, NUMBERS, Metric, everybody_mean

PLAIN = Metric(basis=np.eye(NUMBERS)[:LATENT], weights=np.eye(LATENT))
FAULT, SIDEWAYS, EITHER, NEVER = (
    list(TABLE.faults).index(name) for name in ("bar_drift", "heel_lift", "uneven_bar", "dropped")
)
"""One that shows from everywhere, one that shows from the side alone, one of two directions, one that nobody does."""
SHOWS = {number: 2 + column for column, number in enumerate((FAULT, SIDEWAYS, EITHER))}
"""Fault → the reading that shows it."""


def a_planted_dataset() -> Reps:
    """Reps of lifters whose faults show in one reading each: as much as there is, or as much as is seen from there."""
    labels = (*("good",) * 8, *("hitch",) * 8)
    reps = some_reps(*((f"{n}", f"{n} one", label) for n in range(60) for label in labels))
    rng, count = np.random.default_rng(0), len(reps)
    azimuths = np.repeat(np.linspace(0, 90, 60), 16)
    severities = np.zeros((count, len(TABLE.faults)))
    bad = np.flatnonzero(reps.bad)
    which = rng.choice(list(SHOWS), len(bad))
    severities[bad, which] = rng.uniform(0.2, 1, len(bad)) * np.where(which == EITHER, rng.choice((-1, 1), len(bad)), 1)
    amounts = np.where(severities != 0, np.sign(severities) * (1 + 2 * np.abs(severities)), 0)
    readings = 0.3 * rng.normal(size=(count, READINGS))
    for fault, column in SHOWS.items():
        shown = np.abs(np.sin(np.radians(azimuths))) ** 2 if fault == SIDEWAYS else 1.0
        readings[:, column] += amounts[:, fault] * shown
    return replace(
        reps, readings=readings.astype(np.float32), severities=severities, azimuths_deg=azimuths, fronts=reps.fronts
    )


@pytest.fixture(scope="module")
def reps() -> Reps:
    return a_planted_dataset()


@pytest.fixture(scope="module", params=get_args(Library))
def library(request: pytest.FixtureRequest) -> Library:
    """Whatever trains it, the same is learned."""
    if request.param == "PyTorch":
        pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    return request.param


@pytest.fixture(scope="module")
def fit(reps: Reps, library: Library) -> FaultFit:
    return fit_faults(reps, TABLE, PLAIN, everybody_mean(reps), library)


def amounts(fit: FaultFit, reading: int, change: float, azimuth_deg: float = 45.0) -> np.ndarray:
    """Of a rep in which one reading changed."""
    changes = np.zeros((1, LATENT + READINGS))
    changes[0, LATENT + reading] = change
    return fit.function.amounts(changes, np.array([azimuth_deg]))[0]


def test_a_fault_that_was_planted_is_given_back(fit):
    """Nearly half of it, more of more of it, and little of any other: few reps are fitted cautiously."""
    little, much = amounts(fit, SHOWS[FAULT], 1.5), amounts(fit, SHOWS[FAULT], 3.0)
    assert much[FAULT] > little[FAULT]
    assert 1.2 < much[FAULT] < 3.5
    assert much.argmax() == FAULT
    assert np.delete(much, FAULT).max() < much[FAULT] / 2


def test_the_sign_tells_the_direction_of_a_fault_with_two(fit):
    assert amounts(fit, SHOWS[EITHER], -3.0)[EITHER] < -1.0 < 1.0 < amounts(fit, SHOWS[EITHER], 3.0)[EITHER]
    assert amounts(fit, SHOWS[FAULT], -3.0)[FAULT] < 0.5


def test_a_fault_that_nobody_shows_is_never_found(fit):
    assert abs(amounts(fit, SHOWS[FAULT], 3.0)[NEVER]) < 0.3
    assert not fit.function.seen[NEVER].any()
    assert fit.limits(0.02)[NEVER] == pytest.approx(LEAST_LIMIT, abs=0.1)


def test_a_fault_that_shows_from_the_side_is_seen_there(fit):
    """By azimuth: what is estimated of a severity of 1, which is 3 where all of it shows."""
    seen = dict(zip(CENTRES_DEG, fit.function.seen[SIDEWAYS].tolist(), strict=True))
    assert seen[90.0] > 1.0
    assert seen[0.0] < 0.5
    assert fit.function.seen[FAULT].min() > 0.5


def test_limits_are_where_good_reps_of_others_end(fit):
    low, usual, high = (fit.limits(share) for share in (0.1, 0.02, 0.005))
    assert (low <= usual).all()
    assert (usual <= high).all()
    assert (low >= LEAST_LIMIT).all()
    assert (fit.good > low).mean() < 0.1


def test_the_same_reps_give_the_same_function(reps, fit, library):
    again = fit_faults(reps, TABLE, PLAIN, everybody_mean(reps), library).function
    for name in ("scale", "linear", "hidden", "hidden_bias", "out", "out_bias"):
        assert np.array_equal(getattr(again, name), getattr(fit.function, name))
