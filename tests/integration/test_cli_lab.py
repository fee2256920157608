"""`livecoach lab dataset` and `livecoach lab explore`, as a user runs them."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest
from builders.command import refused, run, run_well

from livecoach.lab import dataset
from livecoach.lab.synth.motion.tokens import parse_tokens
from livecoach.lab.synth.synthetic_set import write_observations
from livecoach.lab.synth.synthetic_sets import SetRequest, random_set

DEADLIFT = ("--exercise", "deadlift")
LIFTERS = ("anna", "ben", "script alert(1)" if sys.platform == "win32" else "<script>alert(1)")


@pytest.fixture(scope="module")
def recordings(tmp_path_factory) -> Path:
    """A set of each of three synthetic lifters, whose reps are marked by the truth."""
    folder = tmp_path_factory.mktemp("recordings")
    for seed, name in enumerate(LIFTERS, start=4):
        wanted = SetRequest(
            exercise="deadlift", tokens=parse_tokens("good*3,hips_early:0.8", "deadlift"), view_deg=45.0, fps=15.0
        )
        made, path = random_set(seed, wanted), folder / name / "set1.obs"
        path.parent.mkdir()
        write_observations(made, path, {})
        marks = [{"frame": 0, "at_s": rep.turn_s, "label": rep.label} for rep in made.reps]
        told = {"format": 1, "recording": "set1.obs", "reps": marks}
        path.with_suffix(".annotation.json").write_text(json.dumps(told))
    return folder


@pytest.fixture(scope="module")
def made(recordings: Path, tmp_path_factory) -> Path:
    home = tmp_path_factory.mktemp("home")
    run_well("lab", "dataset", recordings, *DEADLIFT, "--out", home / "lifts", "--seed", "7", home=home)
    return home / "lifts"


def test_recordings_become_a_dataset(made):
    loaded = dataset.load(made)
    assert (loaded.exercise, loaded.synthetic) == ("deadlift", True)
    assert set(loaded.reps.labels.tolist()) == {"good", "hips_early"}
    assert set(loaded.parts) == set(LIFTERS)
    assert sorted(loaded.parts.values()) == ["test", "train", "valid"]
    assert {source["lifter"] for source in loaded.sources} == set(LIFTERS)


def test_the_same_recordings_give_the_same_digest(tmp_path, recordings, made):
    folders = [recordings / name for name in LIFTERS[::-1]]
    outcome = run("lab", "dataset", *DEADLIFT, *folders, "--out", tmp_path / "again", "--seed", "7", home=tmp_path)
    assert dataset.load(tmp_path / "again").digest() == dataset.load(made).digest()
    assert dataset.load(made).digest()[:16] in outcome.stdout


def test_recordings_that_make_no_dataset_are_reported_in_a_line(tmp_path, recordings):
    out, mine = tmp_path / "lifts", tmp_path / "mine"
    mine.mkdir()
    refused(run("lab", "dataset", *DEADLIFT, mine, "--out", out, home=tmp_path), f"{mine}: holds no recording", 4)
    (mine / "notes.txt").write_text("keep me")
    refused(
        run("lab", "dataset", *DEADLIFT, recordings, "--out", mine, home=tmp_path),
        f"{mine}: exists and holds no dataset",
        7,
    )
    shutil.copytree(recordings / "anna", tmp_path / "copy")
    twice = run("lab", "dataset", *DEADLIFT, recordings, tmp_path / "copy", "--out", out, home=tmp_path)
    refused(twice, "is the same recording as another source", 4)
    (tmp_path / "copy" / "set1.annotation.json").write_text("[]")
    refused(
        run("lab", "dataset", *DEADLIFT, tmp_path / "copy", "--out", out, home=tmp_path), "set1.annotation.json: ", 4
    )
    assert not out.exists()
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


def test_a_dataset_is_shown_as_a_page(tmp_path, made):
    outcome = run("lab", "explore", made, "--out", "a.html", home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "reps of 3 lifters" in outcome.stdout
    page = (tmp_path / "a.html").read_text(encoding="utf-8")
    assert "<script>alert" not in page
    assert LIFTERS[2].replace("<", "\\u003c").replace(">", "\\u003e") in page
    run("lab", "explore", made, "--out", "b.html", home=tmp_path)
    assert (tmp_path / "b.html").read_text(encoding="utf-8") == page


def test_a_dataset_that_can_not_be_shown_is_reported_in_a_line(tmp_path, made):
    out = tmp_path / "a.html"
    out.write_text("keep me")
    refused(run("lab", "explore", tmp_path, "--out", out, home=tmp_path), "dataset.json: can't be read", 4)
    refused(run("lab", "explore", made, "--out", "a.txt", home=tmp_path), "a name that ends in .html")
    other = run("lab", "explore", made, "--out", out, "--model", "squat", home=tmp_path)
    refused(other, "the model is for squat, but the dataset for deadlift", 6)
    refused(run("lab", "explore", made, "--out", out, "--model", "nowhere", home=tmp_path), "nowhere", 6)
    damaged = tmp_path / "damaged"
    shutil.copytree(made, damaged)
    with np.load(made / dataset.ARRAYS, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    arrays["azimuths_deg"][1] = np.nan
    np.savez_compressed(damaged / dataset.ARRAYS, **arrays)
    refused(run("lab", "explore", damaged, "--out", out, home=tmp_path), "reps.npz: does not match the digest", 4)
    assert out.read_text() == "keep me"


def test_observations_can_not_be_annotated(tmp_path, recordings):
    refused(
        run("lab", "annotate", *DEADLIFT, recordings / "anna" / "set1.obs", home=tmp_path), "contains no pictures", 4
    )
