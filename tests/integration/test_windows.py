"""livecoach for Windows, run by Wine: with Windows' Python, packages, files and console."""

import json
import os
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
from builders.command import CLIPS, TIMEOUT_S
from builders.mjpeg_server import two_squats
from builders.systems import not_on_windows

from livecoach.core.config.paths import HOME_VARIABLE, PACKAGE

RUN = Path(os.environ.get("LIVECOACH_WINDOWS") or PACKAGE.parent / "build" / "windows") / "run"
pytestmark = [
    not_on_windows("it starts Wine"),
    pytest.mark.skipif(not RUN.is_file(), reason="no Windows Python: `scripts/try_windows make` makes it"),
]
SQUATS = CLIPS / "squat_2.mp4"


def windows(path: Path) -> str:
    """A path of this machine as Wine names it."""
    return "Z:" + str(path).replace("/", "\\")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home of spaces and Cyrillic letters."""
    place = tmp_path / "Дом с пробелами"
    place.mkdir()
    return place


def begun(*arguments: object, home: Path) -> "subprocess.Popen[bytes]":
    words = [windows(word) if isinstance(word, Path) else str(word) for word in arguments]
    names = {HOME_VARIABLE: windows(home), "PYTHONPATH": windows(PACKAGE.parent)}
    return subprocess.Popen(
        [RUN, "-m", "livecoach", *words],
        env=os.environ | names,
        cwd=home,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


def run(*arguments: object, home: Path) -> str:
    with begun(*arguments, home=home) as process:
        printed = process.communicate(timeout=TIMEOUT_S)[0].decode()
        assert process.returncode == 0, printed
    return printed.replace("\r\n", "\n")


def rep_of(process: "subprocess.Popen[bytes]") -> None:
    assert process.stdout is not None
    seen = []
    for line in process.stdout:
        seen.append(line.decode())
        if '"event": "rep"' in seen[-1]:
            return
    raise AssertionError("".join(seen))


def test_the_doctor_says_that_livecoach_can_run(home: Path) -> None:
    assert "livecoach can run here." in run("doctor", home=home)


def test_the_demo_counts_the_reps_of_the_clip(home: Path) -> None:
    assert "5 reps" in run("demo", "--no-window", "--mute", home=home)


def test_a_set_before_a_camera_is_kept_however_it_ends(home: Path) -> None:
    """After Ctrl-C its session is whole; one that is killed is closed by the next command, which says so once."""
    printed = [_set_ended_by(number, home) for number in (signal.SIGINT, signal.SIGKILL)]
    listed = [run("sessions", home=home) for _ in range(2)]
    folders = sorted((home / "data" / "sessions").glob("[!.]*"))
    shown = [
        f"`livecoach report {folder.name} --open` shows" in text for folder, text in zip(folders, printed, strict=True)
    ]
    assert shown == [True, False]
    assert [text.count("was cut off after") for text in listed] == [1, 0]
    for folder in folders:
        assert all(f"{folder.name}: " in text for text in listed)
        assert {path.name for path in folder.iterdir()}.isdisjoint({".lock", "recording", "reserve"})
        assert json.loads((folder / "session.json").read_text(encoding="utf-8"))["profile"] == "Jörg"


def _set_ended_by(number: signal.Signals, home: Path) -> str:
    """Return what a set before a camera prints that is ended after its first rep."""
    live = ("live", "--exercise", "squat", "--profile", "Jörg", "--no-window", "--mute", "--events", "-")
    with two_squats() as camera, begun(*live, "--camera", camera.url, home=home) as process:
        rep_of(process)
        process.send_signal(number)
        return process.communicate(timeout=TIMEOUT_S)[0].decode()


def test_a_film_at_the_end_of_a_long_path_of_any_letters_is_analysed(home: Path) -> None:
    """250 characters, which is what Windows takes without being asked for more."""
    name = "Größe 🏋.mp4"
    folder = home / ("x" * 60)
    long = folder / ("ü" * (250 - len(windows(folder)) - len(name) - 2))
    long.mkdir(parents=True)
    film = long / name
    assert len(windows(film)) == 250
    shutil.copyfile(SQUATS, film)
    printed = run("analyze", film, "--exercise", "squat", "--json", home / "ö🏋.json", home=home)
    assert f"{name} · squat" in printed
    assert len(json.loads((home / "ö🏋.json").read_text(encoding="utf-8"))["reps"]) == 2
