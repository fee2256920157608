"""Recordings are found in folders; what else is named is left as it is."""

import os

import pytest

from livecoach.cli.analysis_kept import in_folders
from livecoach.errors import SourceError


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
