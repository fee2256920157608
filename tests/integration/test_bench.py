"""`livecoach lab bench`, as a user runs it, for two seconds and without a display."""

import json
import os
import subprocess
import sys

import pytest

from livecoach.config.paths import assets_dir
from livecoach.errors import OutputError
from livecoach.tools.bench import run_child
from livecoach.tools.bench_figures import CLIP, REST, START, STREAM, RunRequest

TIMEOUT_S = 120


@pytest.fixture(scope="module")
def outcome() -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if name != "DISPLAY"}
    command = [sys.executable, "-m", "livecoach", "lab", "bench", "--seconds", "2", "--pose", "lite", "--json", "-"]
    return subprocess.run(
        command, env=environment, capture_output=True, text=True, encoding="utf-8", timeout=TIMEOUT_S, check=False
    )


@pytest.fixture(scope="module")
def told(outcome) -> dict:
    assert outcome.returncode == 0, outcome.stderr
    return json.loads(outcome.stdout)


def test_it_is_one_document_with_every_row(told):
    """Each figure of each run, once."""
    wanted = [figure.key for figure in (*CLIP, *STREAM, *REST["still"], *REST["empty"], START)]
    assert [row["figure"] for row in told["rows"]] == wanted


def test_a_row_has_a_value_or_says_why_not(told):
    """Two seconds hold no rep: those rows say so, and have no verdict."""
    for row in told["rows"]:
        assert row["value"] is not None or "not measured" in row["note"]
        assert row["met"] is None or row["value"] is not None
    of_reps = [row for row in told["rows"] if row["figure"].startswith(("rep_", "cue_", "true_end"))]
    assert {row["value"] for row in of_reps} == {None}


def test_a_run_too_short_to_rest_says_so(told):
    """It is at rest after four seconds."""
    rested = [row for row in told["rows"] if row["group"].startswith("at rest") and row["figure"] == "cpu_percent"]
    assert len(rested) == 2
    assert all("increase --seconds" in row["note"] for row in rested)


def test_what_needs_no_display_is_measured(told):
    """Pose, decisions, CPU and memory."""
    measured = {row["figure"] for row in told["rows"] if row["value"] is not None}
    assert measured >= {"pose_ms_p50", "step_ms_p50", "cpu_percent", "dropped"}


def test_the_machine_stands_beside_the_figures(told):
    """Processor, cores, Python, packages."""
    assert told["machine"]["cores"] >= 1
    assert {"livecoach", "mediapipe", "numpy"} <= set(told["machine"]["packages"])


def test_progress_goes_to_stderr(outcome):
    """A line a run, and no noise."""
    lines = outcome.stderr.splitlines()
    assert lines
    assert all(line.startswith("livecoach: bench: ") for line in lines)


def test_a_place_that_can_t_be_written_is_one_line(tmp_path):
    """Known before anything is measured."""
    command = [sys.executable, "-m", "livecoach", "lab", "bench", "--json", str(tmp_path / "no" / "bench.json")]
    outcome = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert outcome.returncode == OutputError.exit_code
    assert len(outcome.stderr.splitlines()) == 1
    assert outcome.stdout == ""


def test_another_checkout_runs_with_its_own_code(tmp_path):
    """What it answers is its own: here, what no benchmark does."""
    request = RunRequest(camera="clip", place=str(assets_dir() / "demo.mp4"), pose="lite", seconds=1.5, window=False)
    bench_run = tmp_path / "livecoach" / "tools" / "bench_run.py"
    bench_run.parent.mkdir(parents=True)
    for package in (bench_run.parent, bench_run.parent.parent):
        (package / "__init__.py").touch()
    for code in ('print("{}")', "raise ValueError"):
        bench_run.write_text(code)
        with pytest.raises(OutputError, match=r"its benchmark can't make this run\. Compare a newer checkout"):
            run_child(request, os.environ, None, tmp_path)
