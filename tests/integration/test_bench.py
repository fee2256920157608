"""`livecoach lab bench`, for two seconds and without a display, as a user runs it."""

import json

import pytest
from builders.command import run
from builders.systems import not_on_windows
from click.testing import CliRunner, Result

from livecoach.cli import cli
from livecoach.core.errors import OutputError
from livecoach.lab.tools import benchmark
from livecoach.lab.tools.benchmark import CPU, FIGURES, BenchmarkRun


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory) -> Result:
    """A set was run, and stands for the runs without a rep too."""
    seen: list[BenchmarkRun] = []
    run_live = benchmark.run_live

    def run_once(*given) -> BenchmarkRun:
        seen[:] = seen or [run_live(*given)]
        return seen[0]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(benchmark, "run_live", run_once)
        patch.setattr(benchmark.stand_ins, "NOISY", 1)  # the pictures of runs that are not shown here
        patch.delenv("DISPLAY", raising=False)
        patch.setenv("LIVECOACH_HOME", str(tmp_path_factory.mktemp("home")))
        return CliRunner().invoke(cli, ["lab", "bench", "--seconds", "2", "--pose", "lite", "--json", "-"])


@not_on_windows("a run ends by Ctrl-Break, which needs a console")
def test_a_benchmark_is_one_document_with_each_figure_of_each_run(outcome):
    assert outcome.exit_code == 0, outcome.stderr
    (table,) = json.loads(outcome.stdout)["tables"]
    assert [row["figure"] for row in table["rows"]] == [*FIGURES, CPU, CPU]
    known = {row["figure"] for row in table["rows"] if row["measured"] is not None}
    assert known >= {"pictures processed", "pictures dropped", "pose, p50", "everything else but drawing, p95"}
    assert " cores, " in table["notes"][0]
    assert all(f" {name} " in table["notes"][1] for name in ("livecoach", "ai-edge-litert", "numpy"))


def test_a_place_where_no_benchmark_can_be_written_is_reported_in_one_line(tmp_path):
    outcome = run("lab", "bench", "--json", tmp_path / "no" / "bench.json", home=tmp_path)
    assert outcome.returncode == OutputError.exit_code
    assert len(outcome.stderr.splitlines()) == 1
    assert outcome.stdout == ""
