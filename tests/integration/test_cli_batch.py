"""Many recordings: analysed one process each, gone on with after a kill, and alike on a cluster."""

import json
import shutil
import signal
import subprocess
import sys
import time
from contextlib import ExitStack

import pytest
from builders.command import SQUAT_OBSERVATIONS, TIMEOUT_S, command, run, surroundings

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


def wait_until(true, process=None):
    end_s = time.monotonic() + TIMEOUT_S
    while not true():
        assert time.monotonic() < end_s, "it never came"
        assert process is None or process.poll() is None, "it ended"
        time.sleep(0.05)


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
    arguments = ("batch", archive, "--out", tmp_path / "out", "--exercise", "squat", "--jobs", 1)
    first = subprocess.Popen(command(*arguments), env=surroundings(tmp_path), cwd=tmp_path, stdout=subprocess.DEVNULL)
    wait_until(lambda: results(tmp_path / "out"), first)
    first.send_signal(signal.SIGKILL)
    first.wait()
    before = {path: path.stat().st_mtime_ns for path in results(tmp_path / "out")}
    assert len(before) < 3

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
    assert "2 of 3 recordings analysed" in (tmp_path / "out" / "index.html").read_text()


def test_a_recording_that_hangs_costs_itself_only(archive, tmp_path):
    arguments = ("batch", archive / "a.obs", "--out", tmp_path / "out")
    hung = run(*arguments, "--limit", 0.01, home=tmp_path)
    assert hung.returncode == 4
    assert "not done after 0 s" in hung.stdout
    again = run(*arguments, home=tmp_path)
    assert "1 of 1 recordings were done before" in again.stderr
    retried = run(*arguments, "--retry", home=tmp_path)
    assert (retried.returncode, "1 of 1 recordings analysed" in retried.stdout) == (0, True)


def test_a_cluster_that_loses_a_worker_gives_the_same(archive, tmp_path):
    (archive / "b.mp4").unlink()
    for name in ("d", "e"):
        shutil.copy(SQUAT_OBSERVATIONS, archive / f"{name}.obs")
    here = run("batch", archive / "a.obs", "--out", tmp_path / "here", "--exercise", "squat", home=tmp_path)
    assert here.returncode == 0, here.stderr
    with ExitStack() as stack:

        def started(*arguments):
            process = subprocess.Popen(
                [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]],
                env=surroundings(tmp_path), cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        address = tmp_path / "scheduler.json"
        started("dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", address)
        wait_until(address.is_file)
        place = json.loads(address.read_text())["address"]
        worker = ("dask_worker", place, "--nthreads", "1", "--no-nanny", "--no-dashboard")
        doomed, _ = started(*worker), started(*worker)
        arguments = ("batch", archive, "--out", tmp_path / "there", "--exercise", "squat", "--scheduler", place)
        with (tmp_path / "said").open("wb") as said:
            batch = subprocess.Popen(command(*arguments), env=surroundings(tmp_path), stdout=said, stderr=said)
            stack.callback(batch.kill)
            wait_until(lambda: results(tmp_path / "there"), batch)
            doomed.kill()
            batch.wait(TIMEOUT_S)
    assert "4 of 4 recordings analysed: 8 reps" in (tmp_path / "said").read_text()
    there = documents(tmp_path / "there")
    for recording, document in documents(tmp_path / "here").items():
        assert there[recording] == document


def test_no_scheduler_is_said(archive, tmp_path):
    pytest.importorskip("distributed")
    done = run("batch", archive, "--out", tmp_path / "out", "--scheduler", "tcp://127.0.0.1:9", home=tmp_path)
    assert done.returncode == 1
    assert done.stderr.strip().endswith(
        "no Dask scheduler answers. Start one with `dask scheduler`, and workers with `dask worker`."
    )
