"""Only files are read: what is no file must not hold up the program."""

import os
from pathlib import Path

import pytest

from livecoach.config.files import open_regular, open_regular_text, read_regular
from livecoach.config.yaml_files import text_of
from livecoach.errors import ConfigError, SourceError
from livecoach.lab.annotation import read_marks, read_stages
from livecoach.lab.recordings import read_table
from livecoach.profile import session_of_recording
from livecoach.source.file import VideoFile
from livecoach.source.stored import StoredObservations, is_observations

pytestmark = pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")


@pytest.fixture
def pipe(tmp_path) -> Path:
    """A pipe into which nobody writes."""
    path = tmp_path / "pipe.mp4"
    os.mkfifo(path)
    return path


def test_a_file_is_read_also_through_a_link(tmp_path) -> None:
    """As bytes and as text."""
    path = tmp_path / "a"
    path.write_text("one\r\ntwo\n")
    link = tmp_path / "b"
    link.symlink_to(path)
    assert read_regular(link) == b"one\r\ntwo\n"
    with open_regular_text(path, encoding="utf-8", newline="") as file:
        assert file.read() == "one\r\ntwo\n"


def test_what_is_no_file_is_refused_at_once(tmp_path, pipe) -> None:
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
        (read_stages, SourceError),
        (read_marks, SourceError),
        (lambda path: read_table(path, ()), SourceError),
        (lambda path: session_of_recording(path, "pipe"), SourceError),
        (text_of, ConfigError),
    ],
    ids=["video", "observations", "stages", "marks", "table", "recording", "settings"],
)
def test_a_pipe_does_not_hold_up_whoever_reads(pipe, read, error) -> None:
    """Every reader says which path is no file."""
    with pytest.raises(error) as raised:
        read(pipe)
    assert str(raised.value).startswith(f"{pipe}: ")
    assert "\n" not in str(raised.value)


def test_a_pipe_holds_no_observations(pipe) -> None:
    """Asking does not wait."""
    assert not is_observations(pipe)


def test_a_loop_of_links_is_no_video(tmp_path) -> None:
    """It is said, in one line."""
    loop = tmp_path / "loop.mp4"
    loop.symlink_to(loop)
    with pytest.raises(SourceError, match=r"loop\.mp4: can't be opened"):
        VideoFile(loop)
