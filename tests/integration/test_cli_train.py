"""`livecoach lab train` and `evaluate`, as a user runs them."""

import json
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest
from builders.command import refused, run, run_well

pytest.importorskip("sklearn", reason="the extra 'train' is not installed")
pytest.importorskip("scipy", reason="the extra 'synth' is not installed")

from builders.datasets import a_dataset, of_lifters, some_frames
from builders.rep_images import a_folder

from livecoach.core.config.paths import models_dir
from livecoach.core.model_files.model_folder import read_model_json
from livecoach.decisions.counting.body_reader import StageModel
from livecoach.lab import dataset
from livecoach.lab.dataset import StageFrames

NAMES = ("anna", "ben", "cleo")
PARTS = dict(zip(NAMES, ("train", "valid", "test"), strict=True))


def train_stage(home: Path, made):
    dataset.save(made, home / "set")
    return run("lab", "train", "stage", "deadlift", "--data", home / "set", "--out", home / "made", home=home)


def marked(*, up: int, down: int) -> StageFrames:
    """StageFrames of everybody, in which being up and down are plain to see."""
    each = [
        some_frames(name, count, stage, value) for name in NAMES for count, stage, value in ((up, 1, 1), (down, 0, 0))
    ]
    return StageFrames(**{name: np.concatenate([getattr(one, name) for one in each]) for name in StageFrames.__slots__})


def test_a_stage_model_is_learned_from_marked_frames(tmp_path):
    done = train_stage(tmp_path, a_dataset(of_lifters(*NAMES), marked(up=150, down=120), PARTS))
    assert done.returncode == 0, done.stderr
    read_model_json(tmp_path / "made" / "stage.json", StageModel)
    content = json.loads((tmp_path / "made" / "stage.json").read_text())
    assert content["accuracy"]["logistic_regression"]["value"] > 0.99
    assert content["training"]["frames"] == 270


def test_everything_that_a_stage_model_lacks_is_reported_at_once(tmp_path):
    done = train_stage(tmp_path, a_dataset(of_lifters(*NAMES), marked(up=150, down=3), PARTS))
    lacks = "frames marked down in train: 3 of 100 (mark 97 more); frames marked down in test: 3 of 100 (mark"
    refused(done, f"set: too little for a stage model: {lacks}", 4)
    assert not (tmp_path / "made").exists()


def test_an_error_about_frames_in_one_part_suggests_more_frames_or_another_split(tmp_path):
    """260 frames are marked, but of one lifter: marking more of the lifter would not help."""
    frames = StageFrames.join([some_frames("ben", 130, 0), some_frames("ben", 130, 1)])
    done = train_stage(tmp_path, a_dataset(of_lifters(*NAMES), frames, PARTS))
    refused(done, "frames marked down in train: 0 of 100 (mark 100 more)", 4)
    many = replace(frames, frame_lifters=np.repeat(["ben", "cleo"], 130))
    done = train_stage(tmp_path, a_dataset(of_lifters(*NAMES), StageFrames.join([frames, many]), PARTS))
    refused(done, "frames marked up in train: 0 of 100 (another split may: --test LIFTER", 4)


def test_a_dataset_of_another_exercise_is_refused(tmp_path):
    made = replace(a_dataset(of_lifters(*NAMES), parts=PARTS), exercise="squat")
    refused(train_stage(tmp_path, made), "is of squat, not of deadlift", 3)


@pytest.mark.skipif(find_spec("torch") is not None, reason="PyTorch is installed")
@pytest.mark.parametrize("network", ["bar", "lifting", "recognition", "squat-picture"])
def test_the_training_of_a_network_without_pytorch_names_the_extra(tmp_path, network):
    refused(run("lab", "train", network, "--out", tmp_path / "made", home=tmp_path), "[networks]", 3)
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize("place", ["x" * 300, "file/model"])
def test_a_folder_that_cannot_be_made_is_reported_before_the_work(tmp_path, place):
    """Training all parts takes hours."""
    (tmp_path / "file").touch()
    refused(run("lab", "train", "all", "squat", "--out", tmp_path / place, home=tmp_path), "can't be written", 7)
    assert [path.name for path in tmp_path.iterdir() if path.name != "config"] == ["file"]


def test_a_folder_of_something_else_is_left_alone(tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "photos" / "cat.jpg").write_bytes(b"meow")
    done = run("lab", "train", "scorer", "deadlift", "--out", tmp_path / "photos", home=tmp_path)
    refused(done, "exists and holds no model", 7)
    assert [path.name for path in (tmp_path / "photos").iterdir()] == ["cat.jpg"]


@pytest.mark.parametrize(
    "words",
    [
        *(("all", "squat"), ("stage", "squat"), ("boundaries", "squat"), ("lift", "squat"), ("scorer", "squat")),
        *(("bar",), ("lifting",), ("recognition",)),
        ("scorer", "squat", "--out", models_dir() / "squat"),
    ],
)
def test_a_model_that_ships_is_not_replaced_unasked(tmp_path, words):
    refused(
        run("lab", "train", *words, home=tmp_path), "Name another place with --out, or replace it with --replace.", 3
    )


def test_a_network_that_is_only_measured_takes_no_folder(tmp_path):
    done = run("lab", "train", "recognition", "--kind", "lstm", "--out", tmp_path / "made", home=tmp_path)
    assert done.returncode == 2
    assert "--kind lstm is measured, and nothing is written" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        *("train scorer", "train scorer deadlift --images good", "train scorer --images good", "evaluate"),
        *("evaluate --images good bad", "dataset --out lifts"),
    ],
)
def test_an_incomplete_lab_command_is_a_usage_error(tmp_path, words):
    assert run("lab", *words.split(), home=tmp_path).returncode == 2


def test_rep_images_are_learned_and_judged(tmp_path):
    good, new = a_folder(tmp_path / "good", videos=5, reps=6), a_folder(tmp_path / "new", videos=2, reps=4, seed=5)
    bad = a_folder(tmp_path / "bad", videos=2, reps=4, seed=6, backwards=True)
    done = run_well("lab", "train", "scorer", "--images", good, "--out", tmp_path / "model", home=tmp_path)
    again = run("lab", "train", "scorer", "--images", good, "--out", tmp_path / "model", home=tmp_path)
    refused(again, "replace it with --replace", 3)
    more = ("--results", tmp_path / "results", "--parquet")
    done = run(
        "lab", "evaluate", "--images", new, bad, "--model", tmp_path / "model", "--json", "-", *more, home=tmp_path
    )
    (by_rule, *_), _ = (table["rows"] for table in json.loads(done.stdout)["tables"])
    results = json.loads((tmp_path / "results" / "metrics.json").read_text())
    assert (results["confusion"]["bad_flagged"], len(results["training"]["sha256"])) == (8, 64)
    assert (tmp_path / "results" / "reps.parquet").read_bytes().startswith(b"PAR1")
    assert (tmp_path / "results" / "reliability.png").is_file()
    assert by_rule["bad flagged"]["count"] == 8
    (tmp_path / "empty").mkdir()
    done = run("lab", "evaluate", "--images", new, tmp_path / "empty", "--model", tmp_path / "model", home=tmp_path)
    refused(done, "holds no PNG files", 4)
