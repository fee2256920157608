"""Many recordings: analysed one process each, gone on with after a kill, and alike on a cluster."""

import json
import os
import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from builders.command import SQUAT_OBSERVATIONS, TIMEOUT_S, begun, run, run_well, surroundings
from builders.waiting import wait_until
from builders.warm_process import WarmProcess

from livecoach.batch import running
from livecoach.batch.running import Task, TaskOutcome
from livecoach.core.errors import LivecoachError

parquet = pytest.importorskip("pyarrow.parquet", reason="pyarrow, of the extra parquet, is not installed")
NO_VIDEO = "not a video. MP4, MOV, MKV, WebM and AVI can be read."


@pytest.fixture
def archive(tmp_path):
    """Three recordings: two sets of two squats, and what is no video."""
    folder = tmp_path / "archive"
    folder.mkdir()
    for name in ("a", "c"):
        shutil.copy(SQUAT_OBSERVATIONS, folder / f"{name}.obs")
    (folder / "b.mp4").write_text("no video")
    return folder


def results(out):
    return sorted((out / "results").glob("*.json"))


def documents(out):
    """What was found in each recording, without times of processing."""
    found = {}
    for path in results(out):
        outcome = json.loads(path.read_bytes())
        if outcome["document"] is not None:
            found[outcome["recording"]] = {**json.loads(outcome["document"]), "timing": None}
    return found


def test_a_killed_batch_goes_on_where_it_was(archive, tmp_path):
    arguments = ("analyze", archive, "--out", tmp_path / "out", "--exercise", "squat", "--jobs", 1)
    with begun(*arguments, home=tmp_path) as first:
        wait_until(lambda: results(tmp_path / "out"), process=first.process)
        first.process.kill()
        first.end()
    before = {path: path.stat().st_mtime_ns for path in results(tmp_path / "out")}

    done = run(*arguments, home=tmp_path)
    assert done.returncode == 4, done.stderr
    assert f"{len(before)} of 3 recordings were done before." in done.stderr
    assert "2 of 3 recordings analysed: 4 reps" in done.stdout
    assert f"1 failed, the first one: {archive / 'b.mp4'}: {NO_VIDEO}" in done.stdout
    assert {path: path.stat().st_mtime_ns for path in before} == before
    tables = {name: parquet.read_table(tmp_path / "out" / f"{name}.parquet") for name in ("reps", "errors")}
    assert tables["reps"].num_rows == 4
    assert tables["errors"].to_pylist() == [
        {"recording": str(archive / "b.mp4"), "kind": "failed", "message": NO_VIDEO}
    ]
    assert "2 of 3 recordings analysed" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_a_recording_that_hangs_costs_itself_only(archive, tmp_path):
    arguments = ("analyze", archive / "a.obs", "--out", tmp_path / "out")
    hung = run(*arguments, "--limit", 0.01, home=tmp_path)
    assert hung.returncode == 4
    assert "not done after 0 s" in hung.stdout
    again = run(*arguments, home=tmp_path)
    assert "1 of 1 recordings were done before" in again.stderr
    retried = run(*arguments, "--retry", home=tmp_path)
    assert (retried.returncode, "1 of 1 recordings analysed" in retried.stdout) == (0, True)


QUICK = """
import time
from pathlib import Path

from livecoach.batch import running

here = Path.cwd()


def quick(task, processes=None):
    try:
        (here / "begun").touch(exist_ok=False)
        first = True  # whichever Dask hands out first
    except FileExistsError:
        first = task.recording.endswith("a.obs")
    while not (first or (here / "go").exists()):
        time.sleep(0.01)
    return task.make_outcome(document=(here / "document.json").read_text(encoding="utf-8"))


running.run_task = quick
"""
"""What a worker does that has its result already: that of a.obs and of its first task at once, others when it may."""


class Cluster:
    """A Dask scheduler and its workers, each a process that can be killed."""

    def __init__(self, stack: ExitStack, folder: Path, document: str) -> None:
        pytest.importorskip("distributed", reason="Dask, of the extra cluster, is not installed")
        if sys.platform == "win32":
            pytest.skip("Dask waits for ever for a tick of Wine's clock")
        self._stack, self._folder = stack, folder
        self._nothing = os.open(os.devnull, os.O_WRONLY)
        stack.callback(os.close, self._nothing)
        (folder / "document.json").write_text(document, encoding="utf-8")
        file = folder / "scheduler.json"
        self.scheduler = self._started(
            "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", file
        )
        wait_until(lambda: file.is_file() and file.read_text().endswith("}"))
        self.address = json.loads(file.read_text())["address"]

    def worker(self, code: str = QUICK) -> WarmProcess:
        """Start a worker. code: changes what it does; empty for nothing."""
        file = self._folder / "given.py"
        file.write_text(code)
        words = (self.address, "--nthreads", "1", "--no-nanny", "--no-dashboard", "--preload", file)
        return self._started("worker", *words)

    def go_on(self) -> None:
        """Let quick workers give all results."""
        (self._folder / "go").touch()

    def workers(self) -> int:
        distributed = pytest.importorskip("distributed")
        with distributed.Client(self.address, set_as_default=False) as client:
            return len(client.scheduler_info()["workers"])

    def _started(self, name: str, *arguments: object) -> WarmProcess:
        process = WarmProcess(
            list(map(str, arguments)),
            env=surroundings(self._folder),
            cwd=self._folder,
            stdout=self._nothing,
            stderr=self._nothing,
            module=f"distributed.cli.dask_{name}",
        )
        self._stack.callback(process.wait, TIMEOUT_S)
        self._stack.callback(process.kill)
        return process

    def batch(self, archive: Path, out: Path) -> WarmProcess:
        """Begin a batch, whose words go to the file `said`."""
        words = ("analyze", archive, "--out", out, "--exercise", "squat", "--scheduler", self.address)
        said = self._stack.enter_context((self._folder / "said").open("wb")).fileno()
        process = WarmProcess(
            list(map(str, words)), env=surroundings(self._folder), cwd=self._folder, stdout=said, stderr=said
        )
        self._stack.callback(process.kill)
        return process

    def said(self) -> str:
        return (self._folder / "said").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def document(tmp_path_factory) -> str:
    home = tmp_path_factory.mktemp("home")
    return run("analyze", SQUAT_OBSERVATIONS, "--exercise", "squat", "--json", "-", home=home).stdout


@pytest.fixture
def cluster(tmp_path, document) -> Iterator[Cluster]:
    with ExitStack() as stack:
        yield Cluster(stack, tmp_path, document)


def test_a_cluster_gives_the_same(archive, cluster, tmp_path):
    arguments = ("analyze", archive / "a.obs", "--exercise", "squat", "--out")
    run_well(*arguments, tmp_path / "here", home=tmp_path)
    cluster.worker("")
    run_well(*arguments, tmp_path / "there", "--scheduler", cluster.address, home=tmp_path)
    assert documents(tmp_path / "there") == documents(tmp_path / "here") != {}


def test_a_scheduler_that_goes_ends_a_batch_that_goes_on_later(archive, cluster, tmp_path):
    cluster.worker()
    batch = cluster.batch(archive, tmp_path / "out")
    wait_until(lambda: results(tmp_path / "out"), process=batch)
    cluster.scheduler.kill()
    assert batch.wait(TIMEOUT_S) == 1
    assert "the Dask scheduler is gone. What is done is kept: start the same command again." in cluster.said()
    assert "Traceback" not in cluster.said()
    again = run("analyze", archive, "--out", tmp_path / "out", "--exercise", "squat", home=tmp_path)
    assert "1 of 3 recordings were done before." in again.stderr
    assert "2 of 3 recordings analysed" in again.stdout


def test_a_batch_says_that_no_worker_is_left_and_goes_on_with_a_new_worker(archive, cluster, tmp_path):
    for name in "de":
        shutil.copy(SQUAT_OBSERVATIONS, archive / f"{name}.obs")
    doomed = cluster.worker()
    wait_until(lambda: cluster.workers() == 1)  # else the batch may have said already that there is none
    batch = cluster.batch(archive, tmp_path / "out")
    wait_until(lambda: results(tmp_path / "out"), process=batch)
    before = cluster.said()
    doomed.kill()
    wait_until(lambda: running.no_worker_message(cluster.address) in cluster.said().removeprefix(before), process=batch)
    cluster.go_on()
    cluster.worker()
    batch.wait(TIMEOUT_S)
    assert "5 of 5 recordings analysed" in cluster.said()


def outcomes_of(
    recordings: list[Path], cluster: Cluster, said: list[str], first: Callable[[], object]
) -> list[TaskOutcome]:
    """What becomes of recordings of squats on a cluster. first: called at the first outcome."""
    tasks = [
        Task(key=path.name, recording=str(path), options=("--exercise=squat",), limit_s=1000.0) for path in recordings
    ]
    outcomes = running.run_on_cluster(tasks, cluster.address, said.append)
    began = next(outcomes)
    first()
    return [began, *outcomes]


def test_a_scheduler_that_hangs_counts_as_gone(archive, cluster, monkeypatch):
    """Its process is stopped, so that its connections stay open."""
    recordings = [archive / "a.obs", *(archive / f"d{number}.obs" for number in range(5))]
    cluster.worker()
    monkeypatch.setattr(running, "ASK_S", 0.1)
    monkeypatch.setattr(running, "ANSWER_S", 2.0)
    with pytest.raises(LivecoachError, match="the Dask scheduler is gone"):
        outcomes_of(recordings, cluster, [], lambda: cluster.scheduler.send_signal(signal.SIGSTOP))


def test_a_missing_scheduler_is_reported(cluster, monkeypatch):
    monkeypatch.setattr(running, "CONNECT_S", 0.5)
    cluster.scheduler.send_signal(signal.SIGSTOP)
    task = Task(key="a", recording="a.obs", options=(), limit_s=1.0)
    for address in (cluster.address, "tcp://127.0.0.1:9"):
        with pytest.raises(LivecoachError, match=r"no Dask scheduler answers\. Start one with `dask scheduler`"):
            next(running.run_on_cluster([task], address, print))
