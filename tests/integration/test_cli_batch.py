"""Many recordings: analysed one process each, and gone on with after a kill."""

import shutil

import pytest
from builders.command import SQUAT_OBSERVATIONS, begun, run
from builders.waiting import wait_until

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
