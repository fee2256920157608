"""Recordings are found in folders, by patterns and from lists, each of them once."""

import errno
import io
import os

import pytest

from livecoach.batch.finding import recordings
from livecoach.errors import SourceError


class Folder(io.RawIOBase):
    """What reading a folder gives."""

    def readable(self) -> bool:
        return True

    def readinto(self, _) -> int:
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))


@pytest.fixture
def archive(tmp_path, monkeypatch):
    for name in ("b.MP4", "a.mov", "notes.md", "deep/er/c.webm", "deep/d.obs", ".hidden/e.mp4", "deep/.f.mp4"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def names(archive, *sources):
    return [str(path.relative_to(archive)) for path in recordings(sources)]


def test_a_folder_is_searched_with_those_below_it(archive):
    assert names(archive, str(archive)) == ["a.mov", "b.MP4", "deep/d.obs", "deep/er/c.webm"]


def test_a_pattern_is_searched_at_any_depth(archive):
    assert names(archive, "**/*.webm", "*.mov") == ["a.mov", "deep/er/c.webm"]


def test_a_named_file_may_end_with_anything(archive):
    assert names(archive, "notes.md") == ["notes.md"]


def test_what_is_named_twice_is_found_once(archive):
    os.symlink("a.mov", archive / "same.mov")
    assert names(archive, "a.mov", "./a.mov", "same.mov") == ["a.mov"]


def test_a_list_is_relative_to_its_folder_and_may_have_comments(archive, tmp_path_factory, monkeypatch):
    (archive / "deep" / "list.txt").write_text("# two sets\nd.obs\n\n  er/c.webm \ngone.mp4\n")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert names(archive, str(archive / "deep" / "list.txt")) == ["deep/d.obs", "deep/er/c.webm", "deep/gone.mp4"]


def test_a_list_comes_from_standard_input(archive, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a.mov\n")))
    assert names(archive, "-") == ["a.mov"]


def test_a_loop_of_links_ends(archive):
    os.symlink(archive, archive / "deep" / "loop")
    assert len(names(archive, ".")) == 4


@pytest.mark.parametrize("source", ["gone.mp4", ".hidden", "*.avi", "empty.txt", "other.txt"])
def test_a_source_that_names_nothing_is_said(archive, source):
    (archive / ".hidden" / "e.mp4").unlink()
    (archive / "empty.txt").touch()
    (archive / "other.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SourceError, match=source.replace("*", r"\*")):
        recordings([source])


@pytest.mark.skipif(os.name == "nt", reason="names are Unicode there")
def test_names_on_standard_input_may_have_any_encoding(archive, monkeypatch):
    """As `find` prints them."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"a.mov\nset\xff.mp4\n"), encoding="utf-8"))
    assert names(archive, "-") == ["a.mov", os.fsdecode(b"set\xff.mp4")]


def test_what_is_no_list_on_standard_input_is_said(monkeypatch):
    """A shell may lead a folder there."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BufferedReader(Folder())))
    with pytest.raises(SourceError, match="standard input: can't be read"):
        recordings(["-"])
