"""One recording of a batch: whatever it is, it costs itself only."""

from pathlib import Path

import pytest
from builders.sources import write_video

from livecoach.batch.running import MOST_LIMIT_S, Task, TaskOutcome, on_this_machine, run_task
from livecoach.batch.summary import render, summarise, write_tables
from livecoach.cli.analysis_kept import BatchFolder, limit_of


def a_task(recording: str, limit_s: float = 60.0) -> Task:
    return Task(key=ascii(recording), recording=recording, options=(), limit_s=limit_s)


@pytest.mark.parametrize("limit_s", [3e6, 1e12, 1e308])
def test_a_recording_that_claims_to_be_long_is_analysed(tmp_path: Path, limit_s: float) -> None:
    """No system call waits for more than 24 days."""
    outcome = run_task(a_task(str(tmp_path / "none.mp4"), limit_s))
    assert (outcome.kind, outcome.message) == ("failed", "no such file. Check the path.")


@pytest.mark.parametrize("name", ["a\0b.mp4", "\ud800.mp4"])
def test_what_nobody_has_thought_of_costs_one_recording(tmp_path: Path, name: str) -> None:
    """The others are analysed."""
    tasks = [a_task(name), a_task(str(tmp_path / "none.mp4"))]
    outcomes = {outcome.recording: outcome.message or "" for outcome in on_this_machine(tasks, 2)}
    assert "could not be analysed" in outcomes[name]
    assert outcomes[tasks[1].recording] == "no such file. Check the path."


def test_the_limit_of_a_video_has_bounds_whatever_its_header_claims(tmp_path: Path) -> None:
    """Two pictures, 31 hours apart."""
    path = write_video(tmp_path / "long.mkv", times_ms=(0, 111_600_000))
    assert limit_of(path) == MOST_LIMIT_S


def test_a_name_in_another_encoding_is_summed_up(tmp_path: Path) -> None:
    """It can be neither in a table nor on a page as it is."""
    tables = pytest.importorskip("pyarrow.parquet", reason="pyarrow, of the extra parquet, is not installed")
    folder = BatchFolder(tmp_path)
    with folder.opened():
        folder.keep(TaskOutcome(key="a", recording="/archive/\udcff\x1b.mp4", kind="failed", message="cut"))
    known = folder.known("a")
    assert known is not None
    write_tables(tmp_path, [known])
    render(summarise([known]), 0).encode()
    assert tables.read_table(tmp_path / "errors.parquet")["recording"].to_pylist() == ["/archive/\ufffd\ufffd.mp4"]
