"""What somebody at the window sees before a run and after it, under a virtual X server."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from builders.command import CLIPS, Running, running, write_settings
from builders.mjpeg_server import two_squats
from builders.virtual_screen import Screen, give_keyboard, needs_x, press, quit_by_key, share_of
from builders.waiting import wait_until

from livecoach.records.session import layout

pytestmark = needs_x
BUTTON, LEAST_SHARE = (86, 180, 233), 0.02
"""Colour of the page's first button, and least share of the screen; a skeleton has less of it."""
ERROR_SIGN = (213, 94, 0)
"""Colour of the cross before an error."""


def is_over(screen: Screen) -> Callable[[], bool]:
    return lambda: share_of(screen, BUTTON) > LEAST_SHARE


def stays(run: Running) -> bool:
    return run.process.poll() is None


def press_until(screen: Screen, key: str, is_done: Callable[[], bool]) -> None:
    """Press a key again and again: the page takes none that comes too soon to be meant for it."""

    def done() -> bool:
        press(screen, key)
        return is_done()

    wait_until(done, f"{key} does what it is for")


def ended_sessions(home: Path) -> list[dict[str, object]]:
    """How the sessions ended, as far as they are complete on the disk."""
    folders = (home / "data" / "sessions").glob("[!.]*")
    return [json.loads((folder / layout.DOCUMENT).read_text())["end"] for folder in folders]


@pytest.mark.parametrize("killed", [False, True])
def test_q_shows_the_summary_until_a_key_and_the_session_is_complete_by_then(screen, tmp_path, monkeypatch, killed):
    asked = tmp_path / "asked"
    monkeypatch.setenv("BROWSER", f"sh -c 'echo %s >> {asked}'")
    options = ("--exercise", "squat", "--mute", "--events", "-")
    with (
        two_squats() as camera,
        running(
            *("live", "--camera", camera.url, *options),
            home=tmp_path,
            stderr=tmp_path / "stderr",
            display=screen["DISPLAY"],
        ) as run,
    ):
        run.event(lambda event: event["event"] == "rep")
        give_keyboard(screen, run.process)
        press(screen, "q")
        run.event(lambda event: event["event"] == "session_end")
        wait_until(is_over(screen), "the page is shown")
        (end,) = ended_sessions(tmp_path)
        assert end["reps"] >= 1
        assert stays(run)
        if killed:
            assert run.end(signal.SIGTERM) == 128 + signal.SIGTERM
        else:
            press_until(screen, "r", asked.exists)
            assert stays(run)
            press_until(screen, "x", lambda: not stays(run))
            assert run.end() == 0
    assert ended_sessions(tmp_path) == [end]


def test_the_end_of_a_film_waits_for_a_key_or_a_click(screen, tmp_path):
    clip = CLIPS / "squat_2.mp4"
    options = ("replay", clip, "--exercise", "squat", "--mute", "--speed", "4", "--record")
    with running(*options, home=tmp_path, stderr=tmp_path / "stderr", display=screen["DISPLAY"]) as run:
        wait_until(is_over(screen), "the page is shown")

        def click() -> bool:
            subprocess.run(["xdotool", "mousemove", "640", "400", "click", "1"], env=screen, check=True)
            return not stays(run)

        wait_until(click, "a click ends it")
        assert run.process.wait(60) == 0


def test_settings_that_are_broken_are_reported_in_a_window_where_nobody_has_a_terminal(screen, tmp_path):
    """As whoever clicked an icon. The line is on standard error, too; a command without a window shows none."""
    settings = write_settings(tmp_path, "camera: [\n")
    said = tmp_path / "stderr"
    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
        wait_until(lambda: is_over(screen)() and share_of(screen, ERROR_SIGN) > 0, "the error is shown")
        assert str(settings) in said.read_text()
        give_keyboard(screen, run.process)
        press_until(screen, "Return", lambda: not stays(run))
        assert run.end() == 3
    for quiet in (("live", "--no-window"), ("replay", CLIPS / "squat_2.mp4", "--fast")):
        with running(*quiet, home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
            assert run.end() == 3


# The start screen

WHITE, SHARE_OF_CODE = (255, 255, 255), 0.05
"""Nothing else in the window is so white."""


def test_a_camera_that_does_not_open_at_the_start_leads_back_to_the_start_screen(screen, tmp_path):
    write_settings(tmp_path, "camera: http://127.0.0.1:9/gone\n")
    said = tmp_path / "stderr"
    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
        give_keyboard(screen, run.process)
        press(screen, "Return")
        wait_until(lambda: "127.0.0.1:9" in said.read_text(), "the start has failed")
        quit_by_key(screen, run)


def test_the_window_waits_for_a_camera_that_answers_and_sends_nothing(screen, tmp_path):
    said = tmp_path / "stderr"
    with two_squats() as camera:
        camera.stall()
        options = ("live", "--camera", camera.url, "--exercise", "squat", "--events", "-")
        with running(*options, home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
            wait_until(lambda: f"no picture yet from {camera.url}. Start" in said.read_text(), "the wait is said")
            camera.flow()
            run.event(lambda event: event["event"] == "session_start")
            quit_by_key(screen, run)
        camera.stall()
        again = tmp_path / "stderr of the second run"
        with running(*options, home=tmp_path, stderr=again, display=screen["DISPLAY"]) as run:
            wait_until(lambda: "no picture yet from" in again.read_text(), "the second wait is said")
            quit_by_key(screen, run)


def test_a_new_profile_is_typed_in_the_window(screen, tmp_path):
    said = tmp_path / "stderr"
    with two_squats() as camera:
        settings = write_settings(tmp_path, f"camera: {camera.url}\nexercise: squat\n")
        with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
            give_keyboard(screen, run.process)
            press(screen, "Down", "Down", "Return", "shift+b", "e", "space", "o", "Return", "Return")
            wait_until(lambda: "profile: Be o" in settings.read_text(), "the run has begun with it")


def test_a_phone_is_asked_for_by_a_code(screen, tmp_path):
    write_settings(tmp_path, "camera: http://127.0.0.1:9/gone\n")
    said = tmp_path / "stderr"
    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
        give_keyboard(screen, run.process)
        press(screen, "Down", "Return")
        wait_until(lambda: "scan the QR code" in said.read_text(), "the phone is served")
        wait_until(lambda: share_of(screen, WHITE) > SHARE_OF_CODE, "the code is shown")
