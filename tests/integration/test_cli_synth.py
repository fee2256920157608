"""`livecoach lab synth`, as a user runs it."""

import json

import numpy as np
import pytest
from builders.command import refused, run, run_alone

from livecoach.capture.stored_observations import StoredObservations


def made(*arguments: object, home, run=run) -> str:
    outcome = run("lab", "synth", *arguments, home=home)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stderr == ""
    return outcome.stdout


@pytest.mark.parametrize("kind", ["motion", "render"])
@pytest.mark.parametrize("folder", [".", ".."])
def test_a_folder_is_no_set(tmp_path, kind, folder):
    done = run("lab", "synth", kind, "--out", folder, home=tmp_path)
    refused(done, f"{folder}: can't be written (Is a directory). Choose another place with --out.", status=7)


def test_motion_writes_observations_and_their_truth(tmp_path):
    out = tmp_path / "a set.obs"
    said = made("motion", "--set", "good*2,rounded_back:1", "--view", 50, "--fps", 30, "--out", out, home=tmp_path)
    assert "3 reps" in said
    assert "synthetic" in said
    stored = StoredObservations(out)
    assert stored.header.synthetic
    stored.close()
    truth = json.loads(out.with_suffix(".json").read_text())
    assert (truth["asked"]["seed"], truth["asked"]["view_deg"], truth["asked"]["exercise"]) == (0, 50, "deadlift")
    assert [len(rep["faults"]) for rep in truth["reps"]] == [0, 0, 1]
    assert truth["reps"][2]["faults"][0]["name"] == "rounded_back"
    assert truth["reps"][2]["faults"][0]["severity"] > 0
    outcome = run("analyze", out, "--exercise", "deadlift", "--json", "-", home=tmp_path)
    assert len(json.loads(outcome.stdout)["reps"]) == 3


def test_same_options_give_the_same_motion_to_the_bit(tmp_path):
    files = {}
    for name, seed in (("one", 4), ("two", 4), ("other", 5)):
        (tmp_path / name).mkdir()
        options = ("--set", "good", "--fps", 12, "--seed", seed, "--out", tmp_path / name / "m.obs")
        made("motion", *options, home=tmp_path, run=run_alone if name == "two" else run)
        files[name] = [(tmp_path / name / ending).read_bytes() for ending in ("m.obs", "m.json")]
    assert files["one"] == files["two"]
    assert files["one"] != files["other"]


def test_render_writes_a_video_and_its_truth(tmp_path):
    out = tmp_path / "clip.mp4"
    options = ("--set", "idle:1", "--view", 35, "--body", "f03", "--fps", 12, "--size", "160x120")
    made("render", *options, "--out", out, home=tmp_path)
    truth = json.loads(out.with_suffix(".json").read_text())
    assert (truth["view_deg"], truth["body"], truth["fps"]) == (35, "f03", 12)
    assert np.array(truth["landmarks_image"]).shape == (truth["frames"], 33, 3)
    assert np.array(truth["landmarks_world"]).shape == (truth["frames"], 33, 3)
    assert len(truth["t_s"]) == truth["frames"]
    assert truth["camera"]["fov_deg"] > 0
    assert out.stat().st_size > 1000


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("motion --set round_back:1", "Did you mean 'rounded_back'"),
        ("motion --set shallow:1", "Faults of a deadlift"),
        ("motion --exercise curl", "deadlift, squat"),
        ("motion --body f99", "There are"),
        ("render --body f99", "There are"),
        ("motion --set idle:600*200", "too long"),
        ("render --set idle:600*200", "too long"),
    ],
)
def test_a_set_that_cannot_be_made_is_reported_in_one_line(asked, words, tmp_path):
    refused(run("lab", "synth", *asked.split(), "--out", tmp_path / "x.mp4", home=tmp_path), words)
    assert list(tmp_path.glob("x.*")) == []


@pytest.mark.parametrize(("asked", "words"), [("--fps 1", "5<=x<=240"), ("--size 640x16", "32 to 4096")])
def test_a_number_out_of_range_is_refused_with_its_range(asked, words, tmp_path):
    done = run("lab", "synth", "motion", *asked.split(), "--out", tmp_path / "x.obs", home=tmp_path)
    assert (done.returncode, words in done.stderr) == (2, True)


@pytest.mark.parametrize("command", ["motion", "render"])
def test_a_place_that_can_t_be_written_is_reported_before_any_work(command, tmp_path):
    done = run("lab", "synth", command, "--out", tmp_path / "no" / "x.mp4", home=tmp_path)
    refused(done, "Choose another place with --out", 7)


def test_the_truth_file_of_another_video_is_not_overwritten(tmp_path):
    """A video and observations of the same name would share it."""
    made("motion", "--set", "good", "--out", tmp_path / "a.obs", home=tmp_path)
    before = (tmp_path / "a.json").read_bytes()
    done = run("lab", "synth", "render", "--set", "good", "--out", tmp_path / "a.mp4", home=tmp_path)
    refused(done, "does not belong to a.mp4", 7)
    assert (tmp_path / "a.json").read_bytes() == before
