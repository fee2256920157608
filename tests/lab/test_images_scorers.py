"""Scorers of rep images: the dissertation's and the best one, their limits, training and evaluation."""

import json
import math
import shutil
from pathlib import Path

import numpy as np
import pytest
from builders.rep_images import a_folder
from sklearn.decomposition import PCA
from sklearn.neighbors import KernelDensity

from livecoach.cli.lab_options import report_interrupt
from livecoach.core.errors import ModelError, OutputError
from livecoach.lab.images import model, rep_image_files, scorers
from livecoach.lab.images.model import BUDGET, compute_scaling, held_out_parts, judge_images
from livecoach.lab.images.rep_image_files import read_images
from livecoach.lab.measure.table import Share
from livecoach.lab.model_files import check_output_folder
from livecoach.lab.processes import JobRunner
from livecoach.lab.train.recipes import ImagesRecipe


def trained(out: Path, images: Path):
    recipe = ImagesRecipe(images=images, seed=3)
    return model.train(recipe, out, JobRunner(out, 1, lambda *_: None))


@pytest.fixture(scope="module")
def good(tmp_path_factory):
    return a_folder(tmp_path_factory.mktemp("images") / "good", videos=5, reps=6)


@pytest.fixture(scope="module")
def ready(tmp_path_factory, good):
    out = tmp_path_factory.mktemp("models") / "best"
    trained(out, good)
    return out


@pytest.fixture
def own(tmp_path, ready):
    """A model to spoil."""
    return shutil.copytree(ready, tmp_path / "model")


def test_unseen_good_and_bad_lifts_are_told_apart(ready, tmp_path):
    new = a_folder(tmp_path / "new", videos=2, reps=8, seed=5)
    bad = a_folder(tmp_path / "bad", videos=2, reps=8, seed=6, backwards=True)
    (table, wrong), judged = judge_images(read_images(new), read_images(bad), model.load_image_model(ready))
    assert judged.rows["label"] == ["good"] * 16 + ["bad"] * 16
    right, good_flagged, bad_flagged, auroc = table.rows[0]
    assert (bad_flagged, auroc.value) == (Share(16, 16), 1)
    assert right == Share(32 - good_flagged.count, 32)
    assert len(wrong.rows) == good_flagged.count


def test_same_images_and_seed_give_the_same_model(ready, good, tmp_path):
    trained(tmp_path / "again", good)
    assert (tmp_path / "again" / "model.json").read_bytes() == (ready / "model.json").read_bytes()


def test_a_training_tells_how_many_good_reps_are_flagged(ready):
    (table,) = model.load_image_model(ready).card.metrics["tables"]
    assert table["rows"][0]["flagged"]["of"] == 30
    assert table["rows"][0]["flagged"]["count"] <= 1
    assert "each judged by a scorer of the other videos" in table["title"]


def test_distances_equal_the_formula_written_out(good):
    greys = rep_image_files.read_images(good).greys
    at = scorers.image_features(greys)
    parts = scorers.motion_scorer(at[:-1])(greys[-1:])[0]
    known = np.concatenate([at[:-1], scorers.mirror_features(at[:-1])])
    distances = sorted(math.dist(at[-1], point) for point in known)
    assert parts[0] == pytest.approx(np.mean(distances[: scorers.NEIGHBOURS]))
    variances, axes = np.linalg.eigh(np.cov(known.T, bias=True))
    main = variances[-scorers.COMPONENTS :]
    rest = (variances.sum() - main.sum()) / (min(known.shape) - scorers.COMPONENTS)
    covariance = rest * np.eye(len(axes)) + axes[:, -scorers.COMPONENTS :] * main @ axes[:, -scorers.COMPONENTS :].T
    off = at[-1] - known.mean(0)
    assert parts[1] == pytest.approx(off @ np.linalg.solve(covariance, off))


def test_still_joints_count_by_their_rest_alone():
    """A resting joint points nowhere, whatever its colour stands for as an angle."""
    still = scorers.image_features(np.full((1, 45, 100), 24, np.uint8))
    moving = scorers.image_features(np.full((1, 45, 100), 80, np.uint8)).reshape(-1, 3)
    assert not still.any()
    assert np.hypot(moving[:, 0], moving[:, 1]) == pytest.approx(1 / math.sqrt(1 + scorers.LENGTH_KNEE))
    assert moving[:, 2] == pytest.approx(scorers.MOVES_WEIGHT)


def card_with(own: Path, **values: object) -> None:
    path = own / "model.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | values))


def with_arrays(own: Path, **arrays: np.ndarray) -> None:
    np.savez(own / "best.npz", **arrays)
    files = json.loads((own / "model.json").read_text())["files"]
    card_with(own, files=files | {"best.npz": model.file_sha256(own / "best.npz")})


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (lambda own: (own / "model.json").unlink(), "model.json: can't be read"),
        (lambda own: (own / "best.npz").unlink(), "best.npz: is missing"),
        (lambda own: (own / "best.npz").write_bytes(b"something else"), "best.npz: differs from the digest"),
        (lambda own: card_with(own, image_shape=[45, 90]), "model.json: image_shape"),
        (lambda own: card_with(own, kind="stage"), "model.json: kind: must be 'rep image scorer'"),
        (lambda own: card_with(own, format=99), "model.json: format: 99"),
        (lambda own: card_with(own, method="guess"), "model.json: .*method"),
        (lambda own: card_with(own, limits=None), "model.json: .*limits"),
        (lambda own: with_arrays(own, good=np.zeros((3, 4))), r"good: expected shape \(3, 1104\), got \(3, 4\)"),
        (lambda own: with_arrays(own, points=np.zeros((6, 1104))), "best.npz: good"),  # of version 3.0.0: with mirrored
    ],
)
def test_a_damaged_model_is_named(own, damage, message):
    damage(own)
    with pytest.raises(ModelError, match=message):
        model.load_image_model(own)


def test_a_file_that_is_no_model_is_not_overwritten(tmp_path):
    (tmp_path / "model.json").write_text("{}")
    with pytest.raises(OutputError, match="exists and holds no model of rep images"):
        check_output_folder(tmp_path, "model of rep images", ImagesRecipe().is_made_in)


def test_interrupted_training_leaves_the_model_as_it_was(own, good, tmp_path, capsys):
    before = (own / "model.json").read_bytes()

    def interrupt(_: str, share: float, __: float | None = None) -> None:
        if share > 0.5:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), report_interrupt(own):
        model.train(ImagesRecipe(images=good), own, JobRunner(tmp_path, 1, interrupt))
    assert (own / "model.json").read_bytes() == before
    assert "is as it was" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["model"]


def test_density_is_that_of_whitened_main_components():
    codes = np.random.default_rng(0).normal(size=(60, math.prod(scorers.CODE)))
    log_density = scorers.fit_density(codes)
    main = PCA(scorers.DIMENSIONS, whiten=True, svd_solver="full").fit(codes)
    bandwidth = 60 ** (-1 / (scorers.DIMENSIONS + 4))
    exact = KernelDensity(bandwidth=bandwidth).fit(main.transform(codes)).score_samples(main.transform(2 * codes))
    assert np.ptp(log_density(2 * codes) - exact) == pytest.approx(0, abs=1e-6)
    assert log_density(codes.mean(0)[None]) > log_density(5 * codes[:1])
    with pytest.raises(ModelError, match="the same code for all images"):
        scorers.fit_density(np.ones((5, math.prod(scorers.CODE))))


def test_training_gives_a_model_that_needs_no_torch(tmp_path):
    pytest.importorskip("torch", reason="the extra 'networks' is not installed")
    images, shares = a_folder(tmp_path / "good", videos=2, reps=2), []
    recipe = ImagesRecipe(images=images, method="seed", seed=0)
    model.train(recipe, tmp_path / "model", JobRunner(tmp_path, 1, lambda _, share, *__: shares.append(share)))
    assert shares[-1] == 1
    loaded = model.load_image_model(tmp_path / "model")
    assert loaded.card.metrics["tflite_differs_by"] <= 1e-4
    parts = loaded.score_parts(read_images(images).greys)
    assert parts.shape == (4, 2)
    assert np.isfinite(parts).all()
    (tmp_path / "model" / scorers.ENCODER).write_bytes(b"no network")
    with pytest.raises(ModelError, match=r"encoder.tflite: differs"):
        model.load_image_model(tmp_path / "model")


VIDEOS = np.array(["a"] * 5 + ["b"] * 3 + ["c"] * 2 + ["d"] * 2)


def test_no_image_is_measured_by_what_was_fitted_to_its_video():
    def fitted(others):
        return lambda images: np.array([[float(image in others), 0.0] for image in images])

    assert not held_out_parts(VIDEOS, VIDEOS, 4, fitted).any()


def test_false_alarms_keep_to_their_budget_and_use_it():
    parts = np.random.default_rng(0).normal(size=(400, 2))
    flagged = float((compute_scaling(parts).compute_scores(parts) > 1).mean())
    assert BUDGET - 0.01 <= flagged <= BUDGET
    of_the_same = compute_scaling(np.ones((10, 2)))
    assert of_the_same.compute_scores(np.array([[1.0, 1.0]])) <= 1 < of_the_same.compute_scores(np.array([[1.1, 1.0]]))
