"""The synthetic reps that form is learned from: which are compared with each other, and what the cache keeps."""

import numpy as np

from livecoach.config import exercise as exercises
from livecoach.lab.train.population_reps import FormReps, form_reps
from livecoach.lab.train.recipes import PopulationRecipe

ONE = PopulationRecipe(lifters=1, seed=1)


def nothing_said(*_):
    pass


def some_reps(lifters: list[int], fronts: list[str]) -> FormReps:
    """Reps of these lifters with these legs in front, of which nothing else is known."""
    empty = np.zeros((len(lifters), 0))
    return FormReps(
        vectors=empty,
        plain=empty,
        true=empty,
        severities=empty,
        labels=np.array([""] * len(lifters)),
        azimuths_deg=np.zeros(len(lifters)),
        lifters=np.array(lifters),
        sets=np.zeros(len(lifters)),
        fronts=np.array(fronts),
    )


def test_reps_are_compared_within_a_lifter_and_a_leg():
    """With the other leg in front, a lifter counts as another one; where no leg is in front, as one."""
    groups = some_reps([0, 0, 0, 1, 2, 2], ["near", "far", "near", "near", "", ""]).groups.tolist()
    assert groups[0] == groups[2]
    assert groups[4] == groups[5]
    assert len(set(groups)) == 4


def test_reps_in_the_cache_that_lack_a_field_are_made_again(tmp_path):
    """An earlier version did not tell the legs apart."""
    lunge = exercises.load("lunge")
    np.savez(tmp_path / "lunge-training-1-1.npz", vectors=np.zeros(3))
    made = form_reps(lunge, ONE, tmp_path, 1, nothing_said)
    assert set(made.fronts.tolist()) <= {"near", "far"}
    assert np.array_equal(form_reps(lunge, ONE, tmp_path, 1, nothing_said).vectors, made.vectors, equal_nan=True)
