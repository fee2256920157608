"""Which cameras there are, and what is said where there is none."""

import pytest

from livecoach.errors import CameraError
from livecoach.source.camera import listed_cameras, not_opened_text
from livecoach.tools import doctor
from livecoach.tools.doctor import Finding


def test_linux_lists_its_cameras(tmp_path):
    """By the numbers of the video devices; other systems list none."""
    for name in ("video0", "video10", "video2", "videodev", "vhci"):
        (tmp_path / name).touch()
    assert listed_cameras("linux", tmp_path) == (0, 2, 10)
    assert listed_cameras("darwin", tmp_path) is None


def test_without_a_camera_nobody_is_asked_about_other_programs():
    said = not_opened_text(0, "linux", ())
    assert said.startswith("camera 0: this machine has no camera (no /dev/video*). Connect one")
    assert "another program" not in said
    assert "`livecoach live --phone`" in said


def test_a_wrong_number_names_those_that_there_are():
    said = not_opened_text(3, "linux", (0, 1))
    assert said.startswith("camera 3: there is no such camera, only 0, 1.")
    assert "--camera list" in said


@pytest.mark.parametrize(("platform", "listed"), [("linux", (0, 1)), ("darwin", None), ("win32", None)])
def test_a_camera_that_is_there_may_be_in_use(platform, listed):
    assert not_opened_text(0, platform, listed).startswith("camera 0 did not open. ")


def test_the_list_says_what_each_camera_delivers(monkeypatch):
    monkeypatch.setattr(doctor, "camera_indices", lambda *_: [0, 1])
    broken = "camera 1 opens but delivers no picture."
    found = [Finding("camera 0", "ok", "640×480, 30 frames per second"), Finding("camera 1", "warning", broken)]
    monkeypatch.setattr(doctor, "findings_of", lambda trials: [found[int(trial.words[0])] for trial in trials])
    assert doctor.camera_lines() == ["camera 0: 640×480, 30 frames per second", broken]
    monkeypatch.setattr(doctor, "findings_of", lambda _: [])
    with pytest.raises(CameraError, match="no camera"):
        doctor.camera_lines()
