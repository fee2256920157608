"""Training a scorer: a tiny model from few lifters loads, scores, and is the same again."""

import json
from dataclasses import replace

import numpy as np
import pytest
from builders.datasets import a_dataset, of_lifters

pytest.importorskip("torch", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from livecoach.anomaly import scoring
from livecoach.anomaly.skelemotion import SHAPE
from livecoach.config import exercise as exercises
from livecoach.config.paths import models_dir
from livecoach.errors import ModelError
from livecoach.lab.scorers import autoencoder, recurrent
from livecoach.lab.scorers.limits import RealLimit, read_real_limits, widen_limits, write_real_limits
from livecoach.lab.scorers.training import TrainingTask, train_scorer
from livecoach.lab.synthetic import synthetic_dataset
from livecoach.model_files import model_folder

REAL = RealLimit(
    factor=2.0,
    good_reps=20,
    clips=10,
    origins=5,
    alarms_synthetic=15,
    alarms=1,
    alarms_unseen=2,
    bad_reps=8,
    hits_synthetic=8,
    hits=3,
    auroc=0.7,
    auroc_within=0.5,
    measured="a test",
)


SQUAT = models_dir() / "squat"


@pytest.fixture(scope="module")
def dataset():
    """Few synthetic lifters."""
    return synthetic_dataset("squat", 10, 1, workers=1, progress=lambda *_: None)


@pytest.fixture(scope="module")
def trained(tmp_path_factory, dataset):
    """Two folders made by the same command, limits moved out by 2."""
    root = tmp_path_factory.mktemp("training")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(autoencoder, "EPOCHS", 2)
        for name in ("first", "second"):
            train_scorer(a_task(dataset), root / name, SQUAT, lambda *_: None)
    return root / "first", root / "second"


def a_task(dataset):
    return TrainingTask(
        exercise=exercises.load("squat"), dataset=dataset, command="a test", seed=1, real=REAL, comparing=False
    )


def test_a_trained_folder_loads_and_scores(trained):
    """It is whole, says that it is synthetic, and takes a tensor."""
    scorer, card = scoring.load(trained[0])
    assert np.isfinite(scorer.score(np.zeros(SHAPE, np.float32)).value)
    assert card.synthetic
    assert card.thresholds.factor == REAL.factor
    assert "3 of 8" in (trained[0] / "README.md").read_text()


@pytest.mark.parametrize("name", model_folder.FILES)
def test_the_same_command_gives_the_same_file(trained, name):
    assert (trained[0] / name).read_bytes() == (trained[1] / name).read_bytes()


def test_limits_moved_out_divide_the_score(trained):
    """Twice as far out, half the score, whichever part is the worse."""
    _, card = scoring.load(trained[0])
    near, far = card.thresholds, widen_limits(card.thresholds, REAL)
    usual = near.log_density_usual
    for log_density, error in ((usual - 500, 0.0), (usual, 0.9)):
        parts = scoring.Parts(log_density=log_density, errors=np.full((5, 23), error**2))
        here, there = (scoring.value(parts, usual, limits.at(0.02)) for limits in (near, far))
        assert there == pytest.approx(here / REAL.factor)


def test_fewer_false_alarms_are_farther_out(trained):
    """Limits of rising shares fall in."""
    limits = scoring.load(trained[0])[1].thresholds.limits
    assert sorted(limits, key=lambda limit: limit.log_density) == list(limits)
    assert sorted(limits, key=lambda limit: -limit.reconstruction) == list(limits)


def test_networks_fit_where_they_are_run(trained):
    """A megabyte at most."""
    assert (trained[0] / "encoder.tflite").stat().st_size < 1 << 20


def test_a_folder_stays_as_it_was_where_training_fails(tmp_path, dataset):
    """Without the models that a scorer is made after nothing is written."""
    before = tmp_path / "before"
    before.mkdir()
    with pytest.raises(ModelError, match=r"stage\.json: missing"):
        train_scorer(a_task(dataset), tmp_path / "made", before, lambda *_: None)
    assert [path.name for path in tmp_path.iterdir()] == ["before"]


def test_too_few_lifters_are_told(tmp_path, dataset):
    """A limit from two lifters says nothing."""
    few = [name for name, part in dataset.parts.items() if part == "valid"][:2]
    kept = np.isin(dataset.reps.lifters, few) | np.array([dataset.parts[x] != "valid" for x in dataset.reps.lifters])
    small = replace(dataset, reps=dataset.reps.some(kept))
    with pytest.raises(ModelError, match=r"valid has .* of 2 lifters; a scorer needs"):
        train_scorer(a_task(small), tmp_path / "made", SQUAT, lambda *_: None)


@pytest.mark.parametrize(("sets", "reps"), [(3, 5), (1, 14)])
def test_recordings_of_few_reps_a_lifter_are_learned_from(tmp_path, monkeypatch, sets, reps):
    """What can't be judged with so few own reps is left out of the tables."""
    monkeypatch.setattr(autoencoder, "EPOCHS", 2)
    monkeypatch.setattr(recurrent, "EPOCHS", 1)
    names = [f"{part}{number}" for part in ("train", "valid", "test") for number in range(4)]
    recorded = of_lifters(*names, sets=sets, reps=reps, bad=2)
    parts = {name: name.rstrip("0123456789") for name in names}
    made = replace(a_dataset(recorded, parts=parts), exercise="squat", synthetic=False)
    task = replace(a_task(made), comparing=True, real=None)
    metrics = train_scorer(task, tmp_path / "model", SQUAT, lambda *_: None)
    assert metrics["autoencoder"]["auroc"]["bad"] == 8
    assert {one["own"] for one in metrics["compared"]} <= {0, 3, 5, 10}
    assert not scoring.load(tmp_path / "model")[1].synthetic


def test_its_figures_stand_in_the_card(trained):
    """Those of model.json."""
    metrics = json.loads((trained[0] / "model.json").read_text())["metrics"]
    assert f"{metrics['autoencoder']['auroc']['value']:.3f}" in (trained[0] / "README.md").read_text()
    assert metrics["autoencoder"]["alarms"]["of"] > 0


def test_real_limits_come_back_equal(tmp_path):
    """What is written is what is read, below the comment."""
    path = tmp_path / "limits.yaml"
    path.write_text("# where this comes from\n")
    write_real_limits(path, {"squat": REAL, "deadlift": replace(REAL, factor=1.5)})
    assert read_real_limits(path) == {"squat": REAL, "deadlift": replace(REAL, factor=1.5)}
    assert path.read_text().startswith("# where this comes from\n")
