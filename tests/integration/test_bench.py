"""`livecoach lab bench`, as a user runs it, for two seconds and without a display."""

import json
import shutil

import pytest
from builders.command import run
from click.testing import CliRunner, Result

from livecoach.cli import cli
from livecoach.core.errors import OutputError
from livecoach.lab.tools import bench
from livecoach.lab.tools.bench import CPU, FIGURES, Run
from livecoach.lab.tools.stand_ins import sound_missing


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A set was run, and stands for the runs without a rep too."""
    seen: list[Run] = []
    run_live = bench.run_live

    def run_once(*given) -> Run:
        if not seen:
            seen.append(run_live(*given))
        return seen[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bench, "run_live", run_once)
        patch.delenv("DISPLAY", raising=False)
        patch.setenv("XDG_DATA_HOME", str(tmp_path_factory.mktemp("home")))
        return CliRunner().invoke(cli, ["lab", "bench", "--seconds", "2", "--pose", "lite", "--json", "-"])


def test_it_is_one_document_with_each_figure_of_each_run(outcome):
    assert outcome.exit_code == 0, outcome.stderr
    (table,) = json.loads(outcome.stdout)["tables"]
    assert [row["figure"] for row in table["rows"]] == [*FIGURES, CPU, CPU]
    known = {row["figure"] for row in table["rows"] if row["measured"] is not None}
    assert known >= {"pictures processed", "pictures dropped", "pose, p50", "everything else but drawing, p95"}
    assert " cores, " in table["notes"][0]
    assert all(f" {name} " in table["notes"][1] for name in ("livecoach", "mediapipe", "numpy"))


def test_a_place_that_can_t_be_written_is_one_line(tmp_path):
    outcome = run("lab", "bench", "--json", tmp_path / "no" / "bench.json", home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert len(outcome.stderr.splitlines()) == 1
    assert outcome.stdout == ""


@pytest.mark.skipif(bool(shutil.which("Xvfb") is None or sound_missing()), reason="needs Xvfb and PulseAudio")
def test_a_rep_is_seen_and_heard_on_both_ways(tmp_path):
    """Two reps, on a machine that may be busy: what comes at all is told with its delay."""
    drawing, figures = tmp_path / "latency.svg", tmp_path / "latency.json"
    outcome = run("lab", "bench", "--latency", "2", "--svg", drawing, "--json", figures, home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    rows = json.loads(figures.read_text())["tables"][0]["rows"]
    assert [(row["path"], row["what"], row["came"]["of"]) for row in rows] == [
        (path, what, 2) for path in ("laptop", "phone") for what in ("told", "seen", "heard")
    ]
    assert all(row["came"]["count"] for row in rows if row["path"] == "laptop")
    assert "| laptop | heard" in outcome.stdout
    assert drawing.read_text().startswith("<svg ")


def test_a_drawing_without_latency_is_an_error(tmp_path):
    outcome = run("lab", "bench", "--svg", tmp_path / "latency.svg", home=tmp_path)
    assert outcome.returncode == 2
    assert "Give --latency too." in outcome.stderr
