"""What the doctor says of the data folder and of cameras, and what to do."""

import os
import shlex
from pathlib import Path

import pytest

from livecoach.capture.camera import list_cameras, not_opened_text
from livecoach.core.config import exercise
from livecoach.core.errors import CameraError
from livecoach.core.model_files.model_folder import check_trained
from livecoach.decisions import assembly
from livecoach.lab.tools import doctor, trials
from livecoach.lab.tools.doctor import PARTS, check_data_folder
from livecoach.lab.tools.trials import Finding

NOBODY = 65534
posix = pytest.mark.skipif(os.name == "nt", reason="modes of folders")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A data folder in a folder with a name that a shell would take apart."""
    folder = tmp_path / "it's mine" / "livecoach"
    for part in PARTS:
        (folder / part).mkdir(parents=True, mode=0o700)
    return folder


def test_a_usable_data_folder_is_named(data: Path) -> None:
    assert (check_data_folder(data).status, check_data_folder(data).result) == ("ok", str(data))


def test_a_folder_that_does_not_exist_can_be_made_where_its_parent_is_writable(tmp_path: Path) -> None:
    assert check_data_folder(tmp_path / "a" / "b").status == "ok"
    (tmp_path / "file").write_text("")
    finding = check_data_folder(tmp_path / "file" / "b")
    assert (finding.status, finding.needed) == ("broken", False)
    assert f"{tmp_path / 'file'} is a file, not a folder" in finding.result


@posix
@pytest.mark.parametrize(("mode", "words"), [(0, "can't be read"), (0o300, "can't be read"), (0o500, "not writable")])
@pytest.mark.parametrize("part", [".", *PARTS])
def test_a_folder_without_access_is_named_with_the_command_that_gives_it(data, part, mode, words):
    """The data folder itself, and each in it that livecoach writes into."""
    (data / part).chmod(mode)
    # What the owner may do; root may do everything
    finding = check_data_folder(data, lambda place, mode: place.stat().st_mode >> 6 & mode == mode)
    (data / part).chmod(0o700)
    assert finding.status == "broken"
    assert words in finding.result
    assert finding.advice is not None
    assert shlex.split(finding.advice)[-3:] == ["chmod", "u+rwx", str(data / part)]


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives a folder away")
def test_the_advice_about_another_users_folder_is_to_change_its_owner(data: Path) -> None:
    """A livecoach that once ran with sudo leaves such a folder."""
    os.chown(data, NOBODY, NOBODY)
    finding = check_data_folder(data, lambda *_: False)
    assert "can't be read" in finding.result
    assert finding.advice is not None
    assert "sudo chown -R $USER" in finding.advice


@posix
def test_a_link_that_leads_nowhere_is_distinguished_from_a_file(data: Path) -> None:
    (data / "sessions").rmdir()
    (data / "sessions").symlink_to(data / "gone")
    assert "sessions is a link that leads nowhere" in check_data_folder(data).result


def test_linux_lists_its_cameras(tmp_path):
    """By the numbers of the video devices; other systems list none."""
    for name in ("video0", "video10", "video2", "videodev", "vhci"):
        (tmp_path / name).touch()
    assert list_cameras("linux", tmp_path) == (0, 2, 10)
    assert list_cameras("darwin", tmp_path) is None


def test_without_a_camera_the_advice_is_a_phone_and_not_to_close_programs():
    said = not_opened_text(0, "linux", ())
    assert said.startswith("camera 0: this machine has no camera (no /dev/video*). Connect one")
    assert "another program" not in said
    assert "`livecoach live --phone`" in said


def test_the_error_about_a_wrong_camera_number_names_the_cameras_there_are():
    said = not_opened_text(3, "linux", (0, 1))
    assert said.startswith("camera 3: there is no such camera, only 0, 1.")
    assert "--camera list" in said


@pytest.mark.parametrize(("platform", "listed"), [("linux", (0, 1)), ("darwin", None), ("win32", None)])
def test_the_error_about_an_existing_camera_says_that_it_may_be_in_use(platform, listed):
    assert not_opened_text(0, platform, listed).startswith("camera 0 did not open. ")


def test_the_list_says_what_each_camera_delivers(monkeypatch):
    monkeypatch.setattr(doctor, "camera_numbers", lambda *_: [0, 1])
    broken = "camera 1 did not open. Is another program using it, and may you read /dev/video*?"
    found = [
        Finding("camera 0", "ok", "640×480, 30 frames per second"),
        Finding("camera 1", "warning", not_opened_text(1, "linux", None)),
    ]
    monkeypatch.setattr(doctor, "run_trials", lambda trials: [found[int(trial.name.split()[-1])] for trial in trials])
    assert doctor.camera_lines() == ["camera 0: 640×480, 30 frames per second", broken]
    monkeypatch.setattr(doctor, "run_trials", lambda _: [])
    with pytest.raises(CameraError, match="no camera"):
        doctor.camera_lines()


@pytest.mark.parametrize("folder", ["nowhere", ""])
@pytest.mark.parametrize(("wanted", "status"), [("auto", "warning"), ("curl", "broken")])
def test_an_exercise_that_is_not_trained_yet_stops_nobody_who_does_another(
    monkeypatch, tmp_path, wanted, status, folder
) -> None:
    """Its folder of models is missing or empty."""

    def untrained(name: str) -> None:
        check_trained(tmp_path / folder, name)

    monkeypatch.setattr(exercise, "names", lambda: ("curl",))
    monkeypatch.setattr(assembly, "load_exercise", untrained)
    *_, finding = trials.check_exercises(wanted)
    assert finding.status == status
    assert "`livecoach lab train all curl`" in finding.result
