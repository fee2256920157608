"""The start screen under a virtual X server."""

from builders.command import running, write_settings
from builders.mjpeg_server import two_squats
from builders.virtual_screen import give_keyboard, needs_x, press, quit_by_key, share_of
from builders.waiting import wait_until

pytestmark = needs_x
WHITE, SHARE_OF_CODE = (255, 255, 255), 0.05
"""Nothing else in the window is so white."""


def test_a_camera_that_does_not_open_at_the_start_leads_back_here(screen, tmp_path):
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
