"""Recordings of a batch are found in folders, each costs itself only, and what is done is known by what made it."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest
from builders.command import CLIPS
from builders.sources import write_video

from livecoach.batch import running
from livecoach.batch.running import MOST_LIMIT_S, Task, TaskOutcome, on_this_machine
from livecoach.batch.summary import render, summarise, write_tables
from livecoach.cli.analysis_kept import RESULTS, BatchFolder, in_folders, key_of, limit_of
from livecoach.core.errors import OutputError, SourceError

CLIP = CLIPS / "nobody.mp4"


def a_task(recording: str, limit_s: float = 60.0) -> Task:
    return Task(key=ascii(recording), recording=recording, options=(), limit_s=limit_s)


def test_what_nobody_has_thought_of_costs_one_recording(tmp_path: Path) -> None:
    """A name that no process can be given; a limit above the 24 days that a system call waits at most is none."""
    names = ["a\0b.mp4", "\ud800.mp4"]
    tasks = [*map(a_task, names), a_task(str(tmp_path / "none.mp4"), limit_s=1e308)]
    outcomes = {outcome.recording: outcome for outcome in on_this_machine(tasks, 2)}
    assert all("could not be analysed" in (outcomes[name].message or "") for name in names)
    other = outcomes[tasks[2].recording]
    assert (other.kind, other.message) == ("failed", "no such file. Check the path.")


def test_a_process_that_has_started_analyses_the_next_recording_too(tmp_path: Path) -> None:
    """One that had a bad recording is not used again. What a recording gives does not depend on those before it."""
    empty = tmp_path / "empty.mp4"
    empty.write_bytes(b"")
    tasks = [a_task(str(recording)) for recording in (CLIP, CLIP, empty, CLIP)]
    analysts = running.Analysts()
    outcomes, processes = [], []
    for task in tasks:
        outcomes.append(running.run_task(task, analysts))
        processes.append([process.pid for process in analysts.waiting])
    analysts.close()
    assert [outcome.kind for outcome in outcomes] == [None, None, "failed", None]
    assert len({without_times(outcome.document) for outcome in outcomes if outcome.document}) == 1
    assert processes[0] == processes[1] != processes[3]
    assert processes[2] == []


def test_half_an_answer_is_none() -> None:
    """A process that ends while it answers has no answer, and is told by its status."""
    half = "import sys; sys.stdin.readline(); sys.stdout.write('[0, \"{'); sys.stdout.flush(); sys.exit(3)"
    with subprocess.Popen([sys.executable, "-c", half], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert running.asked(process, ["analyze"]) == (3, "", "")


def without_times(document: str) -> str:
    return json.dumps({**json.loads(document), "timing": None})


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


@pytest.fixture
def archive(tmp_path):
    for name in ("b.MP4", "a.mov", "notes.md", "deep/er/c.webm", "deep/d.obs", ".hidden/e.mp4", "deep/.f.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    return tmp_path


def test_a_folder_is_searched_with_those_below_it_and_a_loop_of_links_ends(archive):
    os.symlink(archive, archive / "deep" / "loop")
    found = [str(path.relative_to(archive)) for path in in_folders([archive])]
    assert found == ["a.mov", "b.MP4", "deep/d.obs", "deep/er/c.webm"]


def test_a_named_file_may_end_with_anything(archive):
    assert list(in_folders([archive / "notes.md"])) == [archive / "notes.md"]


def test_a_folder_without_a_recording_is_said(archive):
    (archive / ".hidden" / "e.mp4").unlink()
    with pytest.raises(SourceError, match=r"\.hidden: neither a session nor a folder with recordings"):
        list(in_folders([archive / ".hidden"]))


DONE = TaskOutcome(key="k1", recording="/videos/a.mp4", document='{"reps": []}', wall_s=1.5, worker="here")


def test_what_is_kept_is_known_again(tmp_path):
    with BatchFolder(tmp_path / "out").opened() as folder:
        folder.keep(DONE)
        folder.keep(replace(DONE, key="k2", document=None, kind="hung", message="not done after 3 s."))
        assert folder.known("k1") == DONE
        failed = folder.known("k2")
        assert failed is not None
        assert (failed.kind, failed.message) == ("hung", "not done after 3 s.")
        assert folder.known("k3") is None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"format": 2}', b'{"format": 1, "more": 1}', b"[" * 100_000])
def test_a_damaged_result_is_done_again(tmp_path, content):
    with BatchFolder(tmp_path / "out").opened() as folder:
        (folder.path / RESULTS / "k1.json").write_bytes(content)
        assert folder.known("k1") is None
        folder.keep(DONE)
        assert folder.known("k1") == DONE


def test_only_its_owner_can_read_it(tmp_path):
    with BatchFolder(tmp_path / "out").opened() as folder:
        folder.keep(DONE)
        (result,) = (folder.path / RESULTS).iterdir()
        assert result.stat().st_mode & 0o777 == 0o600
        assert folder.path.stat().st_mode & 0o777 == 0o700


def test_two_batches_do_not_write_into_one_folder(tmp_path):
    with (
        BatchFolder(tmp_path / "out").opened(),
        pytest.raises(OutputError, match="another batch"),
        BatchFolder(tmp_path / "out").opened(),
    ):
        pass


def test_a_folder_that_can_not_be_written_is_said(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match="can't be written"), BatchFolder(tmp_path / "file" / "out").opened():
        pass


def test_a_key_changes_with_the_recording_and_the_options(tmp_path):
    video = tmp_path / "a.mp4"
    video.write_bytes(b"one")
    first = key_of(video, ())
    assert key_of(video, ()) == first
    assert key_of(video, ("--pose=full",)) != first
    video.write_bytes(b"other")
    assert key_of(video, ()) != first
    second = key_of(video, ())
    os.utime(video, (time.time() + 5, time.time() + 5))
    assert key_of(video, ()) != second
    video.unlink()
    assert key_of(video, ()) not in {first, second}


class Answer:
    """What Dask's future says: its status and what becomes of asking for the result."""

    def __init__(self, status: str, result: object) -> None:
        self.status, self._result = status, result

    def result(self, _: float) -> object:
        if isinstance(self._result, Exception):
            raise self._result
        return self._result


class Cluster:
    address = "tcp://scheduler:8786"

    def __init__(self, *, well: bool) -> None:
        self._well = well

    def are_well(self) -> bool:
        return self._well


@pytest.mark.parametrize(
    ("status", "error", "well"),
    [("finished", TimeoutError(), False), ("lost", TimeoutError(), True), ("pending", OSError("closed"), True)],
)
def test_an_outcome_that_a_worker_takes_with_it_is_done_again(status, error, well):
    """A worker that hangs or ends costs no recording."""
    with pytest.raises(TimeoutError):
        running.outcome_of(Answer(status, error), a_task("a.mp4"), Cluster(well=well))


@pytest.mark.parametrize("error", [TimeoutError(), TypeError("no such class")])
def test_an_outcome_that_can_not_be_read_costs_its_recording(error):
    outcome = running.outcome_of(Answer("finished", error), a_task("a.mp4"), Cluster(well=True))
    assert (outcome.kind, outcome.message) == ("failed", running.NO_OUTCOME)
