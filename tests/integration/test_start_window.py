"""The start screen under a virtual X server, by keys and by mouse."""

import subprocess
import sys
import textwrap

import pytest
from builders.command import running
from builders.mjpeg_server import two_squats
from builders.virtual_screen import TIMEOUT_S, give_keyboard, needs_x, press, share_of, wait_until

from livecoach.feedback.start_screen import SIZE_PX, Button, Row, StartMenu, StartScreen

WHITE, SHARE_OF_CODE = (255, 255, 255), 0.05
"""Nothing else in the window is so white."""
PROGRAM = textwrap.dedent(
    """
    from livecoach.errors import SourceError
    from livecoach.feedback.start_screen import Button, Row, StartMenu
    from livecoach.feedback.window import StartWindow
    from livecoach.run.start import Preview, choose

    def no_camera(name):
        raise SourceError("camera 0: does not open")

    class Telling(StartWindow):
        def pressed_keys(self):
            keys = super().pressed_keys()
            if keys:
                print(*keys, sep="\\n", flush=True)
            return keys

    window = Telling("livecoach")
    menu = StartMenu((Row("profile", ("me", "anna")), Row("camera", ("camera 0",))), (Button("Start", "start"),), 0)
    window.show(__import__("numpy").zeros((720, 1280, 3), "uint8"))
    window.pressed_keys()  # from now on it hears keys
    print("open", flush=True)
    menu, press = choose(menu, window, Preview(no_camera), {"camera 0": "0"})
    window.close()
    print(menu.chosen("profile"), press, flush=True)
    """
)
MENU = StartMenu((Row("profile", ("me", "anna")), Row("camera", ("camera 0",))), (Button("Start", "start"),), 0)


@pytest.fixture
def program(screen):
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], env=screen, text=True, stdout=subprocess.PIPE)
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "open\n"
        give_keyboard(screen, child)
        yield child
    finally:
        child.kill()
        child.communicate()


@needs_x
def test_keys_choose_and_start(program, screen):
    """Those of a clicker among them, however fast they come."""
    press(screen, "Page_Up")
    assert program.stdout.readline() == "pageup\n"
    press(screen, "Down", "Page_Down", "Return")
    assert [program.stdout.readline() for _ in range(3)] == ["down\n", "pagedown\n", "enter\n"]
    assert program.stdout.readline() == "anna start\n"


@needs_x
def test_the_window_s_close_leaves(program, screen):
    press(screen, "alt+F4")
    assert program.communicate(timeout=TIMEOUT_S)[0] == "escape\nme quit\n"


@needs_x
def test_a_click_presses_the_button_under_it(program, screen):
    """Wherever the window is, and whatever its size."""
    seen: list[str] = []

    def stands() -> bool:
        command = ["xdotool", "getactivewindow", "getwindowgeometry", "--shell"]
        seen.append(subprocess.run(command, env=screen, check=True, stdout=subprocess.PIPE, text=True).stdout)
        return seen[-2:-1] == seen[-1:]

    wait_until(stands, "the window stays where it is")
    places = dict(line.split("=") for line in seen[-1].split())
    start = StartScreen(MENU).boxes[-1]
    scale = int(places["WIDTH"]) / SIZE_PX[0]
    x, y = (int(places[side]) + round(at * scale) for side, at in (("X", start.x + 20), ("Y", start.y + 20)))
    subprocess.run(["xdotool", "mousemove", str(x), str(y), "click", "1"], env=screen, check=True)
    assert program.communicate(timeout=TIMEOUT_S)[0] == "me start\n"


@needs_x
def test_a_camera_that_does_not_open_at_the_start_leads_back_here(screen, tmp_path):
    """Until the lifter ends it."""
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("camera: http://127.0.0.1:9/gone\n")
    said = tmp_path / "stderr"
    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
        give_keyboard(screen, run.process)
        press(screen, "Return")
        wait_until(lambda: "127.0.0.1:9" in said.read_text(), "the start has failed")
        give_keyboard(screen, run.process)
        press(screen, "q")
        assert run.end() == 0


@needs_x
def test_the_window_waits_for_a_camera_that_answers_and_sends_nothing(screen, tmp_path):
    """It says so, begins with the first picture, and until then Q ends it."""
    said = tmp_path / "stderr"
    with two_squats() as camera:
        camera.stall()
        options = ("live", "--camera", camera.url, "--exercise", "squat", "--events", "-")
        with running(*options, home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
            wait_until(lambda: f"no picture yet from {camera.url}. Start" in said.read_text(), "the wait is said")
            camera.flow()
            run.event(lambda event: event["event"] == "session_start")
            give_keyboard(screen, run.process)
            wait_until(lambda: press(screen, "q") or run.process.poll() is not None, "q ends it")
            assert run.end() == 0
        camera.stall()
        again = tmp_path / "stderr of the second run"
        with running(*options, home=tmp_path, stderr=again, display=screen["DISPLAY"]) as run:
            wait_until(lambda: "no picture yet from" in again.read_text(), "the second wait is said")
            give_keyboard(screen, run.process)
            wait_until(lambda: press(screen, "q") or run.process.poll() is not None, "q ends it")
            assert run.end() == 0


@needs_x
def test_a_new_profile_is_typed_in_the_window(screen, tmp_path):
    """The run goes by its name."""
    said = tmp_path / "stderr"
    with two_squats() as camera:
        settings = tmp_path / "config" / "livecoach" / "settings.yaml"
        settings.parent.mkdir(parents=True)
        settings.write_text(f"camera: {camera.url}\nexercise: squat\n")
        with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
            give_keyboard(screen, run.process)
            press(screen, "Down", "Down", "Return", "shift+b", "e", "space", "o", "Return", "Return")
            wait_until(lambda: "profile: Be o" in settings.read_text(), "the run has begun with it")


@needs_x
def test_a_phone_is_asked_for_by_a_code(screen, tmp_path):
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("camera: http://127.0.0.1:9/gone\n")
    said = tmp_path / "stderr"
    with running(home=tmp_path, stderr=said, display=screen["DISPLAY"]) as run:
        give_keyboard(screen, run.process)
        press(screen, "Down", "Return")
        wait_until(lambda: "scan the QR code" in said.read_text(), "the phone is served")
        wait_until(lambda: share_of(screen, WHITE) > SHARE_OF_CODE, "the code is shown")
