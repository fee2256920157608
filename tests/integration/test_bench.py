"""`livecoach lab bench`, as a user runs it, for two seconds and without a display."""

import json

import pytest
from builders.command import run

from livecoach.core.errors import OutputError
from livecoach.lab.tools.bench import CPU, FIGURES


@pytest.fixture(scope="module")
def outcome(tmp_path_factory):
    arguments = ("lab", "bench", "--seconds", "2", "--pose", "lite", "--json", "-")
    return run(*arguments, home=tmp_path_factory.mktemp("home"))


def test_it_is_one_document_with_each_figure_of_each_run(outcome):
    assert outcome.returncode == 0, outcome.stderr
    told = json.loads(outcome.stdout)
    assert [row["figure"] for row in told["rows"]] == [*FIGURES, CPU, CPU]
    known = {row["figure"] for row in told["rows"] if row["this"] != [None]}
    assert known >= {"pictures processed", "pictures dropped", "pose, p50", "everything else but drawing, p95"}
    assert told["machine"]["cores"] >= 1
    assert {"livecoach", "mediapipe", "numpy"} <= set(told["machine"]["packages"])


def test_progress_goes_to_stderr(outcome):
    lines = outcome.stderr.splitlines()
    assert len(lines) == 3
    assert all(line.startswith("livecoach: bench: ") for line in lines)


def test_a_place_that_can_t_be_written_is_one_line(tmp_path):
    outcome = run("lab", "bench", "--json", tmp_path / "no" / "bench.json", home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert len(outcome.stderr.splitlines()) == 1
    assert outcome.stdout == ""
