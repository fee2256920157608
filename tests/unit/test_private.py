"""What shows a person is for its owner alone, whatever the umask."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from livecoach.cli.annotated_output import created_folder
from livecoach.cli.output import atomic_write, json_output
from livecoach.cli.picture_folder import created_folders
from livecoach.config.files import create_private
from livecoach.feedback.screenshot import save_screenshot
from livecoach.session.video import open_video

PICTURE = np.zeros((64, 64, 3), np.uint8)


@pytest.fixture(autouse=True)
def open_to_all() -> Iterator[None]:
    """The umask of a machine on which everybody reads everything."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_documents_and_pages_are_private_where_they_were_not_before(tmp_path):
    """A file that is written over does not keep the mode of the old one."""
    path = tmp_path / "out.json"
    path.touch(mode=0o644)
    json_output("{}", str(path))
    assert (mode(path), path.read_text()) == (0o600, "{}\n")


def test_what_shows_nobody_can_be_for_all(tmp_path):
    """Such as the files of a model."""
    with atomic_write(tmp_path / "model.json", "--out", private=False) as part:
        part.write_text("{}")
    assert mode(tmp_path / "model.json") == 0o666


def test_videos_are_private(tmp_path):
    """Annotated ones and clips, also before they are complete."""
    with open_video(tmp_path / "out.mp4", 64, 64, 30.0) as video:
        assert [mode(part) for part in tmp_path.iterdir()] == [0o600]
        video.write(PICTURE)
    assert mode(tmp_path / "out.mp4") == 0o600


def test_screenshots_are_private(tmp_path):
    """The folder of all pictures stays as it is."""
    assert mode(save_screenshot(PICTURE, tmp_path)) == 0o600


def test_new_folders_of_pictures_and_videos_are_private(tmp_path):
    """One that was there keeps its mode."""
    (tmp_path / "there").mkdir()
    with created_folder(tmp_path / "new"), created_folder(tmp_path / "there"):
        assert (mode(tmp_path / "new"), mode(tmp_path / "there")) == (0o700, 0o777)
    with created_folders(tmp_path / "drawn", [tmp_path / "drawn" / "set1"]):
        assert (mode(tmp_path / "drawn"), mode(tmp_path / "drawn" / "set1")) == (0o700, 0o700)


def test_what_a_killed_process_left_does_not_decide(tmp_path):
    """A temporary file that everybody could read is made anew."""
    (tmp_path / "part").write_text("old")
    create_private(tmp_path / "part")
    assert (mode(tmp_path / "part"), (tmp_path / "part").read_text()) == (0o600, "")
