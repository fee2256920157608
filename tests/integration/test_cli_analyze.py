"""`livecoach analyze`, as a user runs it, on the synthetic clips that are shipped."""

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from builders.command import CLIPS, DEMO, begun, run, run_on_terminal, run_well, schema_of, surroundings, truth
from builders.sources import write_video
from builders.systems import not_on_windows, sends_ctrl_c
from builders.videos import cut, times_of, without_index, write_pictures
from builders.waiting import wait_until

from livecoach.core.errors import SourceError

VFR = CLIPS / "deadlift_portrait_vfr.mp4"
DEADLIFT = ("--exercise", "deadlift")
"""Unless another one is given after it."""
SHORT = {"nobody": "nobody", "squat_2": "squat"}
"""Clip → name of the video with its first second."""
NEAR_S = 0.3
"""Between what was rendered and what is found: the start of a pull is no sharp moment."""


def analyzed(*arguments: object, home: Path) -> dict[str, Any]:
    """The document of one video, alone on standard output, which has to be what the schema says."""
    outcome = run_well("analyze", *DEADLIFT, *arguments, "--json", "-", home=home)
    assert all(line.endswith("written") for line in outcome.stderr.splitlines())
    assert outcome.stdout.count("\n") == 1
    document = json.loads(outcome.stdout)
    jsonschema.validate(document, schema_of("analysis"))
    return document


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> dict[str, Any]:
    return analyzed(DEMO, home=tmp_path_factory.mktemp("home"))


@pytest.fixture(scope="module")
def short(tmp_path_factory) -> list[Path]:
    """Two videos of a second, fifteen pictures each, and between them one that can't be read."""
    folder = tmp_path_factory.mktemp("short")
    nobody, squat = (
        cut(CLIPS / f"{clip}.mp4", folder / f"{name}.mp4", 0.0, 1.0, every=2) for clip, name in SHORT.items()
    )
    return [nobody, without_index(write_video(folder / "bad.mp4")), squat]


def test_the_reps_of_the_demo_are_those_that_were_rendered(demo):
    rendered = truth(DEMO)["reps"]
    for moment in ("start_s", "turn_s", "end_s"):
        found = [rep[moment] for rep in demo["reps"]]
        assert found == pytest.approx([rep[moment] for rep in rendered], abs=NEAR_S)
    assert [rep["verdict"] for rep in demo["reps"]] == ["good", "good", "good", "anomalous", "good"]


def test_the_result_of_the_demo_states_its_source_frames_and_model(demo):
    rendered = truth(DEMO)
    assert demo["source"] == {
        "name": "demo.mp4",
        "frames": rendered["frames"],
        "fps": rendered["fps"],
        "width": rendered["width"],
        "height": rendered["height"],
        "turn_deg": 0,
        "duration_s": pytest.approx((rendered["frames"] - 1) / rendered["fps"], abs=1e-3),
    }
    assert demo["frames"] == {"read": rendered["frames"], "with_pose": rendered["frames"], "dropped": 0, "lost": 0}
    assert demo["model"]["synthetic"]


def test_an_annotated_video_has_the_times_of_the_source(tmp_path):
    source, out = cut(VFR, tmp_path / "set.mp4", 0.0, 1.0), tmp_path / "annotated.mp4"
    document = analyzed(source, "--annotated", out, home=tmp_path)
    assert (document["source"]["width"], document["source"]["height"]) == (360, 640)
    assert document["frames"]["with_pose"] == document["frames"]["read"] > 10
    assert times_of(out) == pytest.approx(times_of(source), abs=1e-3)
    assert {path.name for path in tmp_path.glob("*.mp4*")} == {"set.mp4", "annotated.mp4"}, "nothing half done"


def test_several_videos_give_results_and_errors_in_one_document(tmp_path, short):
    annotated = tmp_path / "out" / "annotated"
    wanted = ("--annotated", annotated, "--json", "-")
    outcome = run("analyze", *DEADLIFT, *short, *wanted, home=tmp_path)
    document = json.loads(outcome.stdout)
    jsonschema.validate(document, schema_of("analysis"))
    assert outcome.returncode == SourceError.exit_code
    assert [result["source"]["name"] for result in document["results"]] == ["nobody.mp4", "squat.mp4"]
    assert [error["source"] for error in document["errors"]] == [str(short[1])]
    assert f"livecoach: {document['errors'][0]['error']}" in outcome.stderr.splitlines()
    assert sorted(path.name for path in annotated.iterdir()) == ["nobody-annotated.mp4", "squat-annotated.mp4"]
    assert len(times_of(annotated / "squat-annotated.mp4")) == 15


def test_json_to_a_file_leaves_standard_output_to_the_summary(tmp_path, short):
    out = tmp_path / "result.json"
    outcome = run("analyze", *DEADLIFT, short[0], "--json", out, home=tmp_path)
    assert (outcome.returncode, outcome.stdout) == (0, "nobody.mp4 · deadlift · no reps: nobody was seen\n")
    document = json.loads(out.read_text())
    assert (document["reps"], document["frames"]["with_pose"]) == ([], 0)
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["result.json"]


def test_a_file_name_that_is_no_unicode_can_be_printed(tmp_path):
    path = Path(str(tmp_path).encode().decode() + "/caf\udce9.mp4")
    try:
        write_video(tmp_path / "a.mp4", times_ms=[0, 33, 66]).rename(path)
    except OSError:
        pytest.skip("this file system has Unicode names only")
    assert analyzed(path, home=tmp_path)["source"]["name"] == "caf?.mp4"


def test_a_terminal_shows_how_far_an_analysis_is(tmp_path):
    clip = cut(CLIPS / "squat_2.mp4", tmp_path / "squat.mp4", 0.0, 4.0, every=2)
    status, said = run_on_terminal("analyze", clip, home=tmp_path)
    assert status == 0, said
    seconds = [tuple(map(float, pair)) for pair in re.findall(r"([\d.]+) of ([\d.]+) s", said)]
    assert [total for _, total in seconds] == pytest.approx([4.0] * len(seconds), abs=0.1)
    assert len({at for at, _ in seconds}) > 3
    assert [at for at, _ in seconds] == sorted(at for at, _ in seconds)


@not_on_windows("it has no module resource")
def test_hours_of_a_black_picture_take_little_time(tmp_path):
    """As a camera that was left running: the pictures cost processor time, not the hours between them."""
    import resource

    black = np.zeros((64, 64, 3), np.uint8)

    def film(every_s: float) -> Path:
        return write_pictures(tmp_path / f"{every_s:g}.mp4", ((every_s * n, black) for n in range(31)))

    def processor_s(video: Path) -> float:
        """Of a process of its own: threads that other tests have left would be measured in this one."""
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        command = [sys.executable, "-m", "livecoach", "analyze", str(video), "--exercise", "squat"]
        outcome = subprocess.run(command, env=surroundings(tmp_path), capture_output=True, text=True, check=False)
        assert "nobody was seen" in outcome.stdout + outcome.stderr
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime

    hours, seconds = film(120.0), film(0.2)
    assert processor_s(hours) < 2 * processor_s(seconds)


@sends_ctrl_c
@pytest.mark.parametrize("jobs", [1, 2])
def test_ctrl_c_leaves_no_unfinished_video(tmp_path, jobs):
    folder = tmp_path / "out"
    videos = [CLIPS / "squat_2.mp4", VFR]
    with begun("analyze", *videos, "--annotated", folder, "--jobs", jobs, home=tmp_path) as analysing:
        wait_until(lambda: list(folder.glob(".*")), process=analysing.process)
        done = analysing.end(signal.SIGINT)
    said = [line for line in done.stderr.splitlines() if " of 2 recordings; " not in line]  # after 10 s
    assert (done.returncode, done.stdout, said) == (130, "", [""])
    left = {path.name for path in folder.iterdir()} if folder.exists() else None
    # On a busy machine, the first video may be whole before the signal comes.
    assert left is None or (left and left < {f"{video.stem}-annotated.mp4" for video in videos})
