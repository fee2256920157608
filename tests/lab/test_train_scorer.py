"""The training script: a tiny model from few sets loads, scores, and is the same again."""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")
sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))

import train_scorer
from scorer_limits import RealLimit, moved_out, read_real_limits, write_real_limits
from scorer_reps import PARTS

from livecoach import model_folder, scoring
from livecoach.paths import models_dir
from livecoach.skelemotion import SHAPE

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


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """Two folders made by the same command, limits moved out by 2."""
    root = tmp_path_factory.mktemp("training")
    limits = root / "limits.yaml"
    limits.write_text("# kept\n")
    write_real_limits(limits, {"squat": REAL})
    folders = [root / name for name in ("first", "second")]
    for folder in folders:
        folder.mkdir()
        for name in model_folder.MADE_BEFORE:
            (folder / name).write_bytes((models_dir() / "squat" / name).read_bytes())
        exercise = train_scorer.exercises.load("squat")
        train_scorer.train_folder(exercise, folder, sets=8, seed=1, epochs=2, limits=limits)
    return folders


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
    near = replace(card.thresholds, factor=1.0)
    for log_density, error in ((near.log_density_usual - 500, 0.0), (near.log_density_usual, 0.9)):
        parts = scoring.Parts(log_density=log_density, errors=np.full((5, 23), error**2))
        assert scoring.value(parts, moved_out(near, REAL)) == pytest.approx(scoring.value(parts, near) / REAL.factor)


def test_lifters_of_the_parts_are_different():
    """Each part has seeds of its own."""
    assert len(set(PARTS.values())) == len(PARTS)


def test_real_limits_come_back_equal(tmp_path):
    """What is written is what is read, below the comment."""
    path = tmp_path / "limits.yaml"
    path.write_text("# where this comes from\n")
    write_real_limits(path, {"squat": REAL, "deadlift": replace(REAL, factor=1.5)})
    assert read_real_limits(path) == {"squat": REAL, "deadlift": replace(REAL, factor=1.5)}
    assert path.read_text().startswith("# where this comes from\n")
