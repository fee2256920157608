"""The window under a virtual X server, with a window manager and keys pressed from outside."""

import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import closing, contextmanager, nullcontext
from pathlib import Path

import numpy as np
import pytest
from builders.command import SQUAT_OBSERVATIONS, Running, running
from builders.sessions import a_session, sessions_of
from builders.simulated_live import observations
from builders.virtual_screen import (
    TIMEOUT_S,
    Screen,
    frozen,
    give_keyboard,
    needs_x,
    press,
    share_of,
    where,
    width_to_height,
)
from builders.waiting import wait_until

from livecoach.feedback.window import CLOSED_KEY, HANGS_S, Window
from livecoach.lab.tools.stand_ins import virtual_screen

PROGRAM = textwrap.dedent(
    """
    import sys
    import cv2
    import numpy as np
    from livecoach.feedback.window import Window

    window = Window()
    assert window.failure_reason() is None
    window.show(np.zeros((480, 640, 3), np.uint8))
    print("open", flush=True)
    sys.stdin.readline()
    canvas = np.full((540, 960, 3), (0, 160, 0), np.uint8)
    cv2.circle(canvas, (480, 270), 200, (255, 0, 255), -1)
    while not window.closed:
        window.show(canvas)
        for key in window.take_keys(0.02):
            print(key, flush=True)
            window.full_screen ^= key == "f"
        for x, y in window.take_clicks():
            print(x, y, flush=True)
    window.show(canvas)
    print("again" if window.take_keys(0.5) == ["escape"] else "reopened", flush=True)
    """
)
"""A black canvas, and after a line on standard input another one, of another shape."""
GREEN, PINK, BLACK = (0, 160, 0), (255, 0, 255), (0, 0, 0)
"""The same in any order of colours."""


@pytest.fixture
def program(screen: Screen) -> Iterator["subprocess.Popen[str]"]:
    """A program that shows canvases, has the keyboard, and prints keys and clicks."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PROGRAM], env=screen, text=True, **pipes) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "open\n", child.stderr and child.stderr.read()
            give_keyboard(screen, child)
            yield child
        finally:  # else the next test's keys would go to this window
            child.kill()


def goes_on(program: "subprocess.Popen[str]") -> None:
    assert program.stdin is not None
    program.stdin.write("\n")
    program.stdin.flush()


def read(program: "subprocess.Popen[str]", lines: int) -> list[str]:
    assert program.stdout is not None
    return [program.stdout.readline().strip() for _ in range(lines)]


@needs_x
def test_keys_pressed_while_the_program_is_busy_all_come_and_as_typed(screen, program):
    """By their names or characters. A key with Control belongs to no text."""
    press(screen, "1", "0", "2", "period", "5", "ctrl+c", "shift+a", "b", "question", "space")
    press(screen, "Left", "Page_Down", "Home", "BackSpace", "Return", "KP_Enter", "Escape")
    goes_on(program)
    assert "".join(read(program, 9)) == "102.5Ab?space"
    assert read(program, 7) == ["left", "pagedown", "home", "backspace", "enter", "enter", "escape"]


@pytest.fixture
def german_keyboard(screen: Screen) -> Iterator[None]:
    subprocess.run(["setxkbmap", "de"], env=screen, check=True, timeout=TIMEOUT_S)
    yield
    subprocess.run(["setxkbmap", "us"], env=screen, check=True, timeout=TIMEOUT_S)


@needs_x
@pytest.mark.usefixtures("german_keyboard")
def test_keys_give_the_characters_of_the_keyboard(screen, program):
    press(screen, "shift+udiaeresis", "ssharp", "at")
    goes_on(program)
    assert read(program, 3) == ["Ü", "ß", "@"]


@needs_x
def test_closing_the_window_by_its_x_ends(screen, program):
    """The window manager's close is told, and a later canvas does not bring the window back."""
    goes_on(program)
    press(screen, "alt+F4")  # openbox sends what a click on the X sends
    said, noise = program.communicate(timeout=TIMEOUT_S)
    assert said.split() == ["escape", "again"]
    assert (program.returncode, noise) == (0, "")


@needs_x
def test_a_wide_picture_after_a_narrow_greeting_is_not_stretched_or_cut_off(screen, program):
    """Even if the window manager is busy, and gives the window its size after SDL has stopped waiting."""

    def is_round() -> bool:
        return width_to_height(screen, PINK) == pytest.approx(1, abs=0.01)

    def fills_the_window() -> bool:
        return share_of(screen, PINK) > 0.1 and width_to_height(screen, GREEN) == pytest.approx(960 / 540, abs=0.01)

    with frozen(int(screen["MANAGER"])):
        goes_on(program)
        wait_until(lambda: share_of(screen, PINK) > 0.1, "the picture is in the narrow window")
    wait_until(lambda: fills_the_window() and is_round(), "the picture is shown, and the circle is round")
    press(screen, "f")
    wait_until(lambda: share_of(screen, BLACK) == pytest.approx(0.1, abs=0.01) and is_round(), "the bars are black")
    give_keyboard(screen, program)
    press(screen, "f")
    wait_until(lambda: share_of(screen, BLACK) > 0.12 and fills_the_window(), "the window is back")


@needs_x
def test_a_click_is_given_in_pixels_of_the_canvas(screen, program):
    goes_on(program)
    wait_until(lambda: share_of(screen, PINK) > 0.1, "the picture is shown")
    rows, columns = np.nonzero(where(screen, PINK))
    at = str(round(columns.mean())), str(round(rows.mean()))
    subprocess.run(["xdotool", "mousemove", *at, "click", "1"], env=screen, check=True)
    (told,) = read(program, 1)
    assert [int(side) for side in told.split()] == pytest.approx([480, 270], abs=2)


@contextmanager
def a_screen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Screen]:
    """Start a screen on which windows open."""
    with virtual_screen() as screen:
        monkeypatch.setenv("DISPLAY", screen.display)
        yield screen


def wait_until_shown(window: Window) -> None:
    """Wait until the window has shown its canvas and has answered."""
    wait_until(lambda: window.take_keys() == [] and window._next is None and not window._undone, "the canvas is shown")


@needs_x
def test_a_hidden_window_opens_again_with_a_canvas_of_any_shape(monkeypatch):
    canvas = np.full((240, 320, 3), 90, np.uint8)
    with a_screen(monkeypatch), closing(Window()) as window:
        assert window.failure_reason() is None
        for shown in (canvas, canvas[:, ::2]):
            window.hide()
            window.hide()
            window.show(shown)
            wait_until_shown(window)
        assert (canvas == 90).all()


@needs_x
def test_a_window_opens_and_answers_before_there_is_a_canvas(monkeypatch):
    with a_screen(monkeypatch) as screen, closing(Window()) as window:
        window.open()
        command = ["xdotool", "search", "--sync", "--onlyvisible", "--class", "livecoach", "windowfocus", "key", "q"]
        subprocess.run(command, env={"DISPLAY": screen.display}, check=True, timeout=TIMEOUT_S, capture_output=True)
        wait_until(lambda: window.take_keys() == ["q"], "the key is reported")


@needs_x
@pytest.mark.parametrize("side_px", [1, 8000, 32767])
def test_a_window_of_any_size_shows_canvases(side_px, monkeypatch):
    """Without a window manager, a program may make it of any size: 32767 × 32767 pixels would be 4 GB."""
    canvas = np.full((240, 320, 3), 90, np.uint8)

    def xdotool(*words: str) -> list[str]:
        on = {"DISPLAY": screen.display}
        return subprocess.run(["xdotool", *words], env=on, capture_output=True, text=True, check=False).stdout.split()

    with a_screen(monkeypatch) as screen, closing(Window()) as window:
        assert window.failure_reason() is None
        window.show(canvas)
        wait_until_shown(window)
        (place,) = xdotool("search", "--onlyvisible", "--class", "livecoach")
        before = xdotool("getwindowgeometry", place)
        xdotool("windowsize", place, str(side_px), str(side_px))
        wait_until(lambda: xdotool("getwindowgeometry", place) != before, "it has another size")
        for _ in range(3):
            window.show(canvas)
            wait_until_shown(window)
        assert window._process is not None
        status = Path(f"/proc/{window._process.pid}/status").read_text()
        assert int(status.split("VmHWM:")[1].split()[0]) < 150_000  # kB; 40,000 at its usual size


@needs_x
@pytest.mark.parametrize("hangs", [False, True])
def test_a_screen_that_goes_away_or_hangs_is_lost_and_ends_nothing(hangs, monkeypatch):
    now_s = [0.0]
    canvas = np.zeros((4, 4, 3), np.uint8)
    with a_screen(monkeypatch) as screen:
        window = Window(clock=lambda: now_s[0])
        assert window.failure_reason() is None
        window.show(canvas)
        wait_until_shown(window)
        with frozen(screen.server.pid) if hangs else nullcontext():
            if not hangs:
                screen.server.kill()
            for _ in range(3):
                window.show(canvas)
                assert not window.lost or not hangs
                now_s[0] += HANGS_S / 2.5
            wait_until(lambda: window.take_keys() == [CLOSED_KEY] and window.lost, "it is lost")
            window.hide()


@pytest.mark.skipif(sys.platform != "linux", reason="X11 only")
@pytest.mark.parametrize(
    ("display", "reason"), [(":4711", "display :4711: x11,wayland not available"), ("", "DISPLAY is not set")]
)
def test_a_dead_display_or_none_is_a_reason(monkeypatch, display, reason):
    monkeypatch.setenv("DISPLAY", display)
    with closing(Window()) as window:
        assert window.failure_reason() == f"no window: {reason}"


@needs_x
def test_a_display_that_does_not_answer_is_a_reason(monkeypatch):
    monkeypatch.setattr("livecoach.feedback.window.OPENS_S", 0.01)
    with a_screen(monkeypatch) as screen, frozen(screen.server.pid):
        window = Window()
        assert window.failure_reason() == "no window: the display did not answer within 0 s"
        assert window._process is not None
        window._process.join(TIMEOUT_S)
        assert window._process.exitcode is not None


@contextmanager
def playing(screen: Screen, home: Path, *arguments: object) -> Iterator[Running]:
    with running(
        *("replay", *arguments, "--mute", "--events", "-"), home=home, stderr=home / "stderr", display=screen["DISPLAY"]
    ) as replay:
        yield replay


@needs_x
def test_a_session_is_replayed_in_the_window(screen, tmp_path):
    session = a_session(sessions_of(tmp_path), observations=observations(SQUAT_OBSERVATIONS), video=True)
    before = {path.name: path.read_bytes() for path in session.iterdir()}
    with playing(screen, tmp_path, session, "--speed", "2") as replay:
        replay.event(lambda event: event["event"] == "rep")
        give_keyboard(screen, replay.process)
        press(screen, "b")
        replay.event(lambda event: event["event"] == "correction")
        replay.event(lambda event: event["event"] == "session_end")
        assert replay.end(signal.SIGTERM) == 128 + signal.SIGTERM
    assert [event["rep"]["index"] for event in replay.seen if event["event"] == "rep"] == [1, 2]
    assert {path.name: path.read_bytes() for path in session.iterdir()} == before
