"""A lift model is not made of too few sets."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")

from livecoach.core.config import exercise
from livecoach.core.errors import ConfigError
from livecoach.decisions.counting import evidence
from livecoach.lab.processes import JobRunner
from livecoach.lab.train.labelled_movements import gather_synthetic_movements
from livecoach.lab.train.lift_training import ForestTable, measure_intraclass_correlation, new_likeness_classifier
from livecoach.lab.train.recipes import BuildContext, LiftRecipe


def a_table(*sets: tuple[int, int]) -> ForestTable:
    """Movements of sets, each of so many reps and so many others, which differ by chance."""
    rng = np.random.default_rng(1)
    labels = np.concatenate([[1] * reps + [0] * others for reps, others in sets])
    return ForestTable(
        rows=rng.normal(size=(len(labels), len(evidence.DIFFERENCES))) + labels[:, None],
        labels=labels,
        weights=np.ones(len(labels)),
        sets=np.repeat(np.arange(len(sets)), [sum(one) for one in sets]),
    )


@pytest.mark.parametrize(
    "sets",
    [[(8, 8)] * 8, [*[(20, 20), (0, 8)] * 3, (8, 8), (8, 8)], [(20, 0), (8, 8)] * 3],
    ids=["both halves", "reps in one", "others in one"],
)
def test_reps_of_one_set_correlate(sets):
    """The other half judges where chance puts all sets with reps, or with other movements, into one."""
    assert 0 <= measure_intraclass_correlation(new_likeness_classifier(), a_table(*sets)) <= 1


@pytest.mark.parametrize(
    "sets",
    [
        [(20, 20), (8, 8)],
        [(20, 20), (8, 8), (1, 20), (1, 8)],
        [(20, 20), (0, 8)],
        [(20, 0), (8, 0), (20, 0), (8, 0)],
        [(0, 20), (8, 8), (0, 20), (8, 8)],
    ],
    ids=["one set to judge by", "one with several reps", "none with reps", "only reps to learn from", "no reps"],
)
def test_too_few_sets_are_refused(sets):
    """In place of a share that is no number, with which the model could not be loaded."""
    with pytest.raises(ConfigError, match=r"^too few sets: .*Raise --sets"):
        measure_intraclass_correlation(new_likeness_classifier(), a_table(*sets))


@pytest.mark.parametrize("sets", [2, 299, 300, 301])
def test_a_third_as_many_sets_of_other_lifts_are_added(sets, monkeypatch):
    monkeypatch.setattr(JobRunner, "map", lambda _, __, numbers, ___: numbers)
    runner = JobRunner(Path(), None, lambda *_: None)
    context = BuildContext(exercise=exercise.load("deadlift"), earlier_parts=Path(), runner=runner)
    numbers = gather_synthetic_movements(LiftRecipe(sets=sets), context)
    assert sorted(numbers) == [*range(-(sets // 3), sets)]
