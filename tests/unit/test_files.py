"""Only regular files are read, and what shows a person is for its owner alone, whatever the umask."""

import os
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from builders.sessions import a_session
from builders.systems import mode_of

from livecoach.capture.file import VideoFile
from livecoach.capture.stored_observations import StoredObservations, is_observations_file
from livecoach.cli.analyze import create_folder
from livecoach.cli.options import PATH
from livecoach.cli.output import check_writable, write_json
from livecoach.core.config.files import flush_names, open_regular, read_regular, write_atomically
from livecoach.core.config.yaml_files import read_text
from livecoach.core.errors import ConfigError, OutputError, SourceError
from livecoach.lab.annotation import read_labels
from livecoach.lab.measure.real_clips import table_rows
from livecoach.records.profile import identify_recording
from livecoach.records.session.video import open_video

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture
def pipe(tmp_path) -> Path:
    """A pipe into which nobody writes."""
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    return path


def test_a_file_is_read_also_through_a_link(tmp_path) -> None:
    path = tmp_path / "a"
    path.write_text("one\r\ntwo\n")
    link = tmp_path / "b"
    link.symlink_to(path)
    assert read_regular(link) == b"one\r\ntwo\n"


def test_a_pipe_a_device_a_folder_or_a_missing_file_is_refused_at_once(tmp_path, pipe) -> None:
    """A pipe, a device without an end, a folder, and nothing at all; no handle is left open."""
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else None
    for path in (pipe, Path("/dev/zero"), tmp_path, tmp_path / "nothing"):
        with pytest.raises(OSError, match=r"."):
            open_regular(path)
    assert before is None or len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize(
    ("read", "error"),
    [
        (VideoFile, SourceError),
        (StoredObservations, SourceError),
        (read_labels, SourceError),
        (lambda path: next(table_rows(path, ())), ConfigError),
        (lambda path: identify_recording(path, "pipe"), SourceError),
        (read_text, ConfigError),
    ],
    ids=["video", "observations", "marks", "table", "recording", "settings"],
)
def test_a_pipe_does_not_hold_up_whoever_reads(pipe, read, error) -> None:
    with pytest.raises(error) as raised:
        read(pipe)
    assert str(raised.value).startswith(f"{pipe}: ")
    assert "\n" not in str(raised.value)


def test_asking_for_observations_does_not_wait_for_a_pipe(pipe) -> None:
    assert not is_observations_file(pipe)


def test_a_file_without_permission_is_left_to_the_command_which_says_what_to_do(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    assert PATH.convert(str(tmp_path), None, None) == tmp_path


def test_a_loop_of_links_is_no_video(tmp_path) -> None:
    (tmp_path / "loop.mp4").symlink_to(tmp_path / "loop.mp4")
    with pytest.raises(SourceError, match=r"loop\.mp4: can't be opened"):
        VideoFile(tmp_path / "loop.mp4")


PICTURE = np.zeros((64, 64, 3), np.uint8)


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """The umask of a machine on which everybody reads everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def test_documents_and_pages_are_private_where_they_were_not_before(tmp_path):
    path = tmp_path / "out.json"
    path.touch(mode=0o644)
    write_json("{}", str(path))
    assert (mode_of(path), path.read_text()) == (0o600, "{}\n")


def test_a_file_that_is_not_private_can_be_read_by_all(tmp_path):
    with write_atomically(tmp_path / "model.json", private=False) as part:
        part.write_text("{}")
    assert mode_of(tmp_path / "model.json") == 0o666


def test_videos_are_private(tmp_path):
    with open_video(tmp_path / "out.mp4", 64, 64, 30.0) as video:
        assert [mode_of(part) for part in tmp_path.iterdir()] == [0o600]
        video.write(PICTURE)
    assert mode_of(tmp_path / "out.mp4") == 0o600


def test_a_new_folder_of_videos_is_private(tmp_path):
    new, there = tmp_path / "new", tmp_path / "there"
    there.mkdir()
    with create_folder(new, "--annotated"), create_folder(there, "--annotated"):
        assert [mode_of(folder) for folder in (new, there)] == [0o700, 0o777]
    assert [folder.exists() for folder in (new, there)] == [False, True]


def test_an_unfinished_file_of_a_killed_process_is_replaced_by_a_private_one(tmp_path):
    (tmp_path / ".out.part").write_text("old")
    with write_atomically(tmp_path / "out") as part:
        assert (mode_of(part), part.read_text()) == (0o600, "")


def test_a_file_that_is_not_written_whole_stays_as_it_was(tmp_path):
    (tmp_path / "out").write_text("old")

    def half() -> None:
        with write_atomically(tmp_path / "out") as part:
            part.write_text("ne")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        half()
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"out": "old"}


@pytest.mark.parametrize("out", ["file/out", "nowhere/out", "", "x" * 300])
def test_a_place_where_nothing_can_be_written_is_refused_before_the_work(tmp_path, out):
    (tmp_path / "file").touch()
    with pytest.raises(OutputError, match=r"can't be written \(.+\)\. Choose another place with --json\."):
        check_writable(tmp_path / out, "--json")


def test_a_link_to_nothing_is_neither_followed_nor_replaced_by_the_check(tmp_path):
    link, nowhere = tmp_path / "link", tmp_path / "nowhere"
    link.symlink_to(nowhere)
    check_writable(link, "--json")
    assert (link.readlink(), nowhere.exists()) == (nowhere, False)


def test_the_files_of_a_session_are_not_written_over(sessions):
    folder = a_session(sessions, reference=1)
    (own,) = (folder / "reference").glob("*.rep")
    for file in (folder / "events.jsonl", folder / "session.json", own):
        with pytest.raises(OutputError, match=r"is part of a session. Choose another place with --json"):
            check_writable(file, "--json")
    (folder / "mine.json").touch()
    check_writable(folder / "mine.json", "--json")


def test_the_names_in_a_folder_are_flushed(tmp_path, monkeypatch) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: flushed.append(os.fstat(handle).st_ino))
    before = len(os.listdir("/proc/self/fd")) if Path("/proc/self/fd").is_dir() else None
    flush_names(tmp_path)
    assert flushed == [tmp_path.stat().st_ino]
    assert before is None or len(os.listdir("/proc/self/fd")) == before
