"""`livecoach doctor`, as a user runs it, and its looks at single things."""

import os
import shutil
import subprocess
import sys
import threading
from functools import partial
from pathlib import Path

import pytest
from builders.command import PACKAGE, command, run_alone, write_settings
from click.testing import CliRunner

from livecoach.cli import cli
from livecoach.core.config import pose_models
from livecoach.core.config.paths import models_dir
from livecoach.lab.tools import doctor, trials
from livecoach.lab.tools.doctor import can_run_live
from livecoach.lab.tools.trials import Finding, Trial, run_trials

posix = pytest.mark.skipif(sys.platform == "win32", reason="XDG folders")


@posix
def test_the_doctor_says_that_livecoach_can_run_and_leaves_no_folder_behind(tmp_path):
    found = run_alone("doctor", home=tmp_path)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert "livecoach can run here." in found.stdout
    for thing in ("Python", "packages", "imports", "pose model lite", "bar", "exercise deadlift", "settings"):
        line = next(line for line in found.stdout.splitlines() if line.startswith(thing))
        assert line.removeprefix(thing).split()[0] == "ok"
    assert not [name for name in ("config", "data") if (tmp_path / name).exists()]


@posix
def test_a_machine_with_nothing_is_described():
    bare = {"PYTHONPATH": str(PACKAGE.parent), "HOME": os.devnull, "PATH": "", "TERM": "dumb", "LC_ALL": "C"}
    found = subprocess.run(command("doctor"), env=bare, cwd="/", capture_output=True, text=True, check=False)
    assert (found.returncode, found.stderr) == (0, ""), found.stdout
    assert "livecoach can run here." in found.stdout
    assert "is a file, not a folder: no set is recorded" in found.stdout


@posix
def test_a_broken_settings_file_is_named_with_its_line(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    monkeypatch.setattr(doctor, "run_trials", lambda _: [Finding("camera 0", "ok", "works")])
    file = write_settings(tmp_path, "camera: 0\nvolum: 1\n")
    outcome = CliRunner().invoke(cli, ["doctor"], standalone_mode=False)
    assert outcome.return_value == 1
    line = next(line for line in outcome.output.splitlines() if line.startswith("settings"))
    assert "broken" in line
    assert f"{file}:2: volum" in line
    assert "camera 0" in outcome.output


ALL_AS_SHIPPED = {f"pose model {name}": "ok" for name in pose_models.NAMES}


def pose_status(folder: Path, wanted: str = "lite") -> dict[str, str]:
    return {finding.name: finding.status for finding in doctor.check_pose_models(wanted, folder)}


def test_a_changed_pose_model_is_broken_and_a_missing_one_is_missing(tmp_path):
    folder = tmp_path / "pose"
    shutil.copytree(models_dir() / "pose", folder)
    with (folder / pose_models.FILES["lite"]).open("ab") as file:
        file.write(b"x")
    assert pose_status(folder) == {**ALL_AS_SHIPPED, "pose model lite": "broken"}
    assert not can_run_live(list(doctor.check_pose_models("lite", folder)))
    assert can_run_live(list(doctor.check_pose_models("full", folder)))
    (folder / pose_models.FILES["full"]).unlink()
    assert pose_status(folder) == {**ALL_AS_SHIPPED, "pose model lite": "broken", "pose model full": "missing"}
    (folder / "digests.json").unlink()
    assert pose_status(folder) == {"pose models": "broken"}


@pytest.mark.parametrize(
    ("over_pose", "status", "words"),
    [(0.0, "ok", "`--pose full` keeps up"), (1e6, "warning", "a camera sends one every 33 ms")],
)
def test_the_doctor_says_which_pose_model_keeps_up(monkeypatch, over_pose, status, words):
    """On a machine of any speed: what comes on top of the pose is nothing here, or very much."""
    monkeypatch.setattr(trials, "FRAME_OVER_POSE", over_pose)
    monkeypatch.setattr(trials, "LOOKS", 2)
    (finding,) = trials.check_speed()
    assert finding.status == status
    assert finding.result.endswith(words)
    assert can_run_live([finding])


@pytest.mark.parametrize(
    ("file", "package", "use"), [("libXext", "libxext6", "a window"), ("portaudio", "libportaudio2", "sound")]
)
def test_a_missing_system_library_is_named_by_its_debian_package(file, package, use):
    (finding,) = doctor.check_system_libraries("linux", loads=lambda library: file not in library)
    assert (finding.status, finding.advice) == ("missing", f"sudo apt install {package}")
    assert finding.result.startswith(f"{package}, for {use}")
    assert can_run_live([finding])


def test_a_trial_that_crashes_is_a_finding_and_costs_no_other():
    crashed, bar = run_trials(
        [Trial("the driver", partial(os._exit, 3), advice="help"), Trial("bar", trials.check_bar)]
    )
    assert crashed == Finding("the driver", "broken", "the trial ended with status 3", "help")
    assert (bar.name, bar.status) == ("bar", "ok")


def test_a_trial_that_hangs_is_a_finding(monkeypatch):
    monkeypatch.setattr(trials, "LIMIT_S", 0.0)
    (finding,) = run_trials([Trial("camera 0", trials.check_imports, needed=False)])
    assert (finding.name, finding.status, finding.advice) == ("camera 0", "warning", trials.BUSY)
    assert "did not answer" in finding.result


def test_a_sound_server_that_hangs_is_named(monkeypatch):
    monkeypatch.setattr(trials, "SERVER_S", 0.0)
    monkeypatch.setattr(trials, "_play", lambda _: threading.Event().wait())
    (finding,) = trials.check_sound()
    assert finding.status == "broken"
    assert "the sound server does not answer" in finding.result
    assert "Restart" in finding.advice
    assert trials.SERVER_S < trials.LIMIT_S
