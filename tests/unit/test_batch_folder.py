"""What is done of a batch is kept, one recording at a time, and known by what it was made from."""

import os
import time
from dataclasses import replace

import pytest

from livecoach.batch.running import TaskOutcome
from livecoach.cli.analysis_kept import RESULTS, BatchFolder, key_of
from livecoach.errors import OutputError

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
