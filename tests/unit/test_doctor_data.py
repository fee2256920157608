"""The doctor's check of the data folder names what is wrong, and what to do."""

import os
import shlex
from pathlib import Path

import pytest

from livecoach.tools.doctor import PARTS, data_folder

NOBODY = 65534
posix = pytest.mark.skipif(os.name == "nt", reason="modes of folders")


def as_owner(place: Path, mode: int) -> bool:
    """Return what the owner may do; root may do everything."""
    return place.stat().st_mode >> 6 & mode == mode


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in a folder with a name that a shell would take apart."""
    folder = tmp_path / "it's mine" / "livecoach"
    for part in PARTS:
        (folder / part).mkdir(parents=True, mode=0o700)
    return folder


def test_a_folder_that_can_be_used_is_named(data: Path) -> None:
    assert (data_folder(data).status, data_folder(data).result) == ("ok", str(data))


def test_a_folder_that_does_not_exist_can_be_made_where_its_parent_is_writable(tmp_path: Path) -> None:
    assert data_folder(tmp_path / "a" / "b").status == "ok"
    (tmp_path / "file").write_text("")
    finding = data_folder(tmp_path / "file" / "b")
    assert (finding.status, finding.needed) == ("broken", False)
    assert f"{tmp_path / 'file'} is a file, not a folder" in finding.result


@posix
@pytest.mark.parametrize(("mode", "words"), [(0, "can't be read"), (0o300, "can't be read"), (0o500, "not writable")])
@pytest.mark.parametrize("part", [".", *PARTS])
def test_a_folder_without_access_is_named_with_the_command_that_gives_it(
    data: Path, part: str, mode: int, words: str
) -> None:
    """The data folder itself, and each in it that livecoach writes into."""
    (data / part).chmod(mode)
    finding = data_folder(data, as_owner)
    (data / part).chmod(0o700)
    assert finding.status == "broken"
    assert words in finding.result
    assert finding.advice is not None
    assert shlex.split(finding.advice)[-3:] == ["chmod", "u+rwx", str(data / part)]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives a folder away")
def test_another_user_s_folder_takes_its_owner(data: Path) -> None:
    """A livecoach that once ran with sudo leaves such a folder."""
    os.chown(data, NOBODY, NOBODY)
    finding = data_folder(data, lambda *_: False)
    assert "can't be read" in finding.result
    assert finding.advice is not None
    assert "sudo chown -R $USER" in finding.advice


@posix
def test_a_link_that_leads_nowhere_is_told_from_a_file(data: Path) -> None:
    (data / "sessions").rmdir()
    (data / "sessions").symlink_to(data / "gone")
    assert "sessions is a link that leads nowhere" in data_folder(data).result
