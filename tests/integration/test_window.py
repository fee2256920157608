"""The window under a virtual X server, with a window manager and keys pressed from outside."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from builders.command import DEMO, Running, run, running
from builders.virtual_screen import (
    HEIGHT_PX,
    TIMEOUT_S,
    WIDTH_PX,
    Screen,
    give_keyboard,
    needs_x,
    press,
    share_of,
    wait_until,
    width_to_height,
)

from livecoach.errors import OutputError
from livecoach.feedback.actions import Action, action_of_key
from livecoach.feedback.keys import qt_events
from livecoach.feedback.probe import start_probe
from livecoach.feedback.screen import save_screenshot
from livecoach.feedback.window import HeadlessDisplay
from livecoach.session import layout

PROGRAM = textwrap.dedent(
    """
    import sys, time
    import numpy as np
    from livecoach.feedback.actions import Action
    from livecoach.feedback.window import OpenCvWindow

    window = OpenCvWindow("livecoach")
    canvas = np.full((480, 640, 3), (0, 160, 0), np.uint8)
    until = time.monotonic() + 300
    window.show(canvas)
    window.poll()
    print("open", flush=True)
    asked = None
    while asked is not Action.QUIT and time.monotonic() < until:
        window.show(canvas)
        for asked in window.poll():
            print(asked.name, flush=True)
            if asked is Action.FULL_SCREEN:
                window.toggle_full_screen()
    window.show(canvas)
    print("again" if window.poll() == [Action.QUIT] else "reopened", flush=True)
    window.close()
    window.close()
    """
)


GREEN, BLACK = (0, 160, 0), (0, 0, 0)
"""What the program shows, and nothing; the same in any order of colours."""


@contextmanager
def shown(screen: Screen) -> Iterator["subprocess.Popen[str]"]:
    """Run a program that shows a green canvas, has the keyboard, and prints what is asked for."""
    child = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], env=screen, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert child.stdout is not None
    try:
        assert child.stdout.readline() == "open\n", child.stderr and child.stderr.read()
        give_keyboard(screen, child)
        yield child
    finally:  # else the next test's keys would go to this window
        child.kill()
        child.communicate()


@pytest.fixture
def program(screen: Screen) -> Iterator["subprocess.Popen[str]"]:
    with shown(screen) as child:
        yield child


@pytest.fixture(scope="class")
def open_program(screen: Screen) -> Iterator["subprocess.Popen[str]"]:
    """The same program, which stays open for all tests of a class."""
    with shown(screen) as child:
        yield child


OPENS = """
import numpy as np
from livecoach.feedback.window import OpenCvWindow

OpenCvWindow("livecoach").show(np.zeros((9, 9, 3), np.uint8))
"""


@needs_x
def test_qt_alone_reads_the_events(screen, tmp_path):
    """Its XSetEventQueueOwner fits the libX11 in use. Otherwise Xlib takes events away from Qt, and a window whose
    MapNotify is lost stays white."""
    log = {"LD_DEBUG": "bindings", "LD_DEBUG_OUTPUT": str(tmp_path / "bound")}
    subprocess.run([sys.executable, "-c", OPENS], env=screen | log, check=True, timeout=TIMEOUT_S)
    lines = "".join(path.read_text(errors="replace") for path in tmp_path.iterdir()).splitlines()

    def folders_with(function: str) -> set[Path]:
        bound = (line for line in lines if f"`{function}'" in line)
        return {Path(line.split(" to ")[1].split(" [")[0]).resolve().parent for line in bound}

    assert folders_with("XSetEventQueueOwner") == folders_with("XOpenDisplay") != set()


@needs_x
class TestKeys:
    @pytest.mark.parametrize(
        ("key", "expected"),
        [
            ("space", "PAUSE"),
            ("m", "MUTE"),
            ("s", "SCREENSHOT"),
            ("question", "HELP"),
            ("shift+m", "MUTE"),
            ("Left", "BACK"),
            ("Right", "FORTH"),
            ("Up", "FASTER"),
            ("period", "NEXT_FRAME"),
            ("End", "LAST"),
            ("g", "GOOD"),
            ("b", "BAD"),
            ("x", "NO_REP"),
            ("u", "UNDO"),
        ],
    )
    def test_a_key_asks_for_its_action(self, open_program, screen, key, expected):
        """What is pressed comes out of poll."""
        press(screen, key)
        assert open_program.stdout.readline().strip() == expected


@needs_x
@pytest.mark.parametrize("key", ["q", "Escape"])
def test_q_and_escape_end(program, screen, key):
    """Both quit; a key without a meaning does not."""
    press(screen, "z")
    press(screen, key)
    assert program.stdout.readline().strip() == "QUIT"
    assert program.wait(TIMEOUT_S) == 0


@needs_x
def test_closing_the_window_by_its_x_ends(program, screen):
    """The window manager's close is a quit, and a later canvas does not bring the window back."""
    press(screen, "alt+F4")  # openbox sends what a click on the X sends
    said, noise = program.communicate(timeout=TIMEOUT_S)
    assert said.split() == ["QUIT", "again"]
    assert program.returncode == 0
    assert noise == ""


@needs_x
def test_the_canvas_fills_the_window_and_on_demand_the_screen(program, screen):
    """No tool bar, and f covers the screen as far as the canvas' shape allows."""
    wait_until(lambda: share_of(screen, GREEN) > 0.5, "the canvas fills the window")  # which may be black at first
    press(screen, "f")
    assert program.stdout.readline().strip() == "FULL_SCREEN"
    whole = HEIGHT_PX * (HEIGHT_PX * 640 / 480) / (WIDTH_PX * HEIGHT_PX)
    wait_until(lambda: share_of(screen, GREEN) > 0.97 * whole, "the canvas fills the screen")


BUSY = textwrap.dedent(
    """
    import sys
    import numpy as np
    from livecoach.feedback.window import OpenCvWindow

    window = OpenCvWindow("livecoach")
    window.typing = True
    canvas = np.zeros((480, 640, 3), np.uint8)

    def next_key():
        while not (asked := window.poll()):
            window.show(canvas)
        return asked[0].key

    window.show(canvas)
    next_key()
    print("busy", flush=True)
    sys.stdin.readline()
    keys = [next_key()]
    while keys[-1] != "enter":
        keys.append(next_key())
    print(*keys, flush=True)
    """
)


@needs_x
def test_keys_pressed_while_the_program_is_busy_all_come_and_as_typed(screen):
    """OpenCV keeps the last one alone, in lower case. A key with Control belongs to no text."""
    with subprocess.Popen(
        [sys.executable, "-c", BUSY], env=screen, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        try:
            assert child.stdin is not None and child.stdout is not None  # noqa: PT018
            give_keyboard(screen, child)
            press(screen, "x")
            assert child.stdout.readline() == "busy\n"
            press(screen, "1", "0", "2", "period", "5", "ctrl+c", "shift+a", "b", "Return")
            said = child.communicate("go\n", timeout=TIMEOUT_S)[0]
        finally:
            child.kill()
    assert said == "1 0 2 . 5 A b enter\n"


EARLY = textwrap.dedent(
    """
    import sys
    import numpy as np
    from livecoach.feedback.window import StartWindow

    window = StartWindow("livecoach")
    window.show(np.zeros((480, 640, 3), np.uint8))
    print("open", flush=True)
    sys.stdin.readline()
    keys = []
    while "enter" not in keys:
        keys += window.pressed_keys()
    print(*keys, flush=True)
    """
)


@contextmanager
def opened_early(screen: Screen) -> Iterator["subprocess.Popen[str]"]:
    """Open a window that has the keyboard and was not asked for keys yet; a line on standard input asks it."""
    with subprocess.Popen(
        [sys.executable, "-c", EARLY], env=screen, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as child:
        try:
            assert child.stdout is not None
            assert child.stdout.readline() == "open\n"
            give_keyboard(screen, child)
            yield child
        finally:
            child.kill()


@needs_x
def test_keys_pressed_before_the_program_asks_for_any_all_come(screen):
    with opened_early(screen) as child:
        press(screen, "Right", "a", "Down", "Return")
        assert child.communicate("go\n", timeout=TIMEOUT_S)[0] == "right a down enter\n"


@pytest.fixture
def german_keyboard(screen: Screen) -> Iterator[None]:
    subprocess.run(["setxkbmap", "de"], env=screen, check=True, timeout=TIMEOUT_S)
    yield
    subprocess.run(["setxkbmap", "us"], env=screen, check=True, timeout=TIMEOUT_S)


@needs_x
@pytest.mark.usefixtures("german_keyboard")
def test_keys_give_the_characters_that_the_keyboard_composes(screen):
    """Umlauts, and an accent with the letter after it."""
    with opened_early(screen) as child:
        press(screen, "shift+udiaeresis", "ssharp", "dead_acute", "e", "dead_circumflex", "a", "Left", "Return")
        assert child.communicate("go\n", timeout=TIMEOUT_S)[0] == "Ü ß é â left enter\n"


ROUND = textwrap.dedent(
    """
    import cv2
    import numpy as np
    from livecoach.feedback.actions import Action
    from livecoach.feedback.window import OpenCvWindow

    window = OpenCvWindow("livecoach")
    window.show(np.zeros((480, 640, 3), np.uint8))
    window.poll()
    canvas = np.full((540, 960, 3), (0, 160, 0), np.uint8)
    cv2.circle(canvas, (480, 270), 200, (255, 0, 255), -1)
    asked = None
    while asked is not Action.QUIT:
        window.show(canvas)
        for asked in window.poll():
            if asked is Action.FULL_SCREEN:
                window.toggle_full_screen()
    """
)
PINK = (255, 0, 255)


@needs_x
def test_a_wide_picture_after_a_narrow_greeting_is_not_stretched(screen):
    """A circle is round in the window and in full screen, where the bars are black."""
    with subprocess.Popen([sys.executable, "-c", ROUND], env=screen) as child:
        try:
            give_keyboard(screen, child)
            wait_until(lambda: share_of(screen, PINK) > 0.1, "the picture is shown")
            wait_until(lambda: width_to_height(screen, PINK) == pytest.approx(1, abs=0.01), "the circle is round")
            assert width_to_height(screen, GREEN) == pytest.approx(960 / 540, abs=0.01)
            press(screen, "f")
            wait_until(lambda: share_of(screen, BLACK) == pytest.approx(0.1, abs=0.01), "the bars are black")
            wait_until(lambda: width_to_height(screen, PINK) == pytest.approx(1, abs=0.01), "the circle is round")
        finally:
            child.kill()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems' windows are not of Qt")
def test_the_window_is_painted_without_waiting():
    """In OpenCV's wheel as it is installed; with another one each picture would come 2 ms later."""
    assert qt_events() is not None


@contextmanager
def playing(screen: Screen, home: Path, *arguments: object) -> Iterator[Running]:
    """Play a recording in a window; what happens in it is told on standard output."""
    with running(
        *("replay", *arguments, "--mute", "--events", "-"),
        home=home,
        stderr=home / "stderr",
        display=screen["DISPLAY"],
    ) as player:
        yield player


@needs_x
def test_a_session_is_replayed_in_the_window(screen, tmp_path):
    """Keys go to places in it; all that was decided is told once, in the order of then, whatever is looked at."""
    (session,) = (Path(__file__).parents[1] / "old_sessions").iterdir()
    with playing(screen, tmp_path, session, "--loop") as player:
        player.event(lambda event: event["event"] != "session_start")  # it is of a frame: it plays
        give_keyboard(screen, player.process)
        press(screen, "End")
        player.event(lambda event: event["event"] == "set_end")
        press(screen, "q")
        assert player.end() == 0
    assert [event["rep"]["index"] for event in player.seen if event["event"] == "rep"] == [1, 2]
    assert player.seen[-1]["event"] == "session_end"


@needs_x
def test_a_key_corrects_the_rep_at_the_playhead_of_a_session(screen, tmp_path):
    """It lies in the session, beside the verdict, when the window is still open."""
    (old,) = (Path(__file__).parents[1] / "old_sessions").iterdir()
    session = tmp_path / old.name
    shutil.copytree(old, session)
    with playing(screen, tmp_path, session, "--loop") as player:
        player.event(lambda event: event["event"] != "session_start")  # it is of a frame: it plays
        give_keyboard(screen, player.process)
        press(screen, "space")
        press(screen, "End")
        player.event(lambda event: event["event"] == "set_end")
        press(screen, "b")
        path = session / layout.CORRECTIONS
        wait_until(lambda: path.exists() and path.read_text().endswith("\n"), "the correction is written")
        press(screen, "q")
        player.end()
    (line,) = path.read_text().splitlines()
    said = json.loads(line)
    assert (said["rep"], said["label"], said["frame"]) == (2, "bad", None)
    assert (session / layout.REPS).read_bytes() == (old / layout.REPS).read_bytes()


@needs_x
def test_a_session_that_was_corrected_live_is_replayed_to_the_byte(screen, tmp_path):
    """Each correction is given again after the same frame; the keys go the way of a camera's."""
    with playing(screen, tmp_path, DEMO, "--exercise", "deadlift", "--record") as lifting:

        def wait_for(kind: str) -> dict[str, Any]:
            told = lifting.event(lambda event: event["event"] in (kind, "session_end"))
            assert told["event"] == kind
            return told

        said = []
        wait_for("set_start")
        give_keyboard(screen, lifting.process)
        for keys in ("x", "b", "bu"):
            wait_for("rep")
            for key in keys:
                press(screen, key)
                said.append(wait_for("correction")["label"])
        press(screen, "q")
        lifting.end()
    assert said == ["no-rep", "bad", "bad", None]
    (session,) = (tmp_path / "share" / "livecoach" / "sessions").iterdir()
    again = run("replay", session, "--fast", "--events", "-", home=tmp_path)
    assert "identical to the live session, byte for byte" in again.stderr
    for kind, name in (("rep", layout.REPS), ("cue", layout.CUES), ("correction", layout.CORRECTIONS)):
        of_kind = "".join(line for line in again.stdout.splitlines(keepends=True) if f'"event": "{kind}"' in line)
        assert of_kind.encode() == (session / name).read_bytes()
        assert of_kind
    counted = json.loads([line for line in again.stdout.splitlines() if '"event": "set_end"' in line][-1])
    assert counted["summary"]["reps"] == 2


@needs_x
def test_a_screen_that_answers_can_have_a_window(screen):
    """The probe says nothing against it."""
    assert start_probe(screen).result() is None


@pytest.mark.skipif(sys.platform != "linux", reason="X11 only")
def test_a_dead_display_is_a_reason_not_an_abort():
    """Qt would abort the process; here it is one line."""
    reason = start_probe({**os.environ, "DISPLAY": ":4711"}).result()
    assert reason is not None
    assert ":4711" in reason
    assert "\n" not in reason


@pytest.mark.skipif(sys.platform != "linux", reason="X11 only")
def test_no_display_is_a_reason():
    """It is known at once, without a child."""
    assert start_probe({}).result() == "no window: DISPLAY is not set"


def test_a_display_that_does_not_answer_is_a_reason(monkeypatch):
    """Its child is not waited for any longer, and does not stay."""
    monkeypatch.setattr("livecoach.feedback.probe._LIMIT_S", 0.01)
    probe = start_probe({"DISPLAY": ":0"}, platform="linux", attempt="import time; time.sleep(1000)")
    child = probe._child
    assert probe.result() == "no window: the display did not answer within 0 s"
    assert child is not None
    assert child.returncode is not None


def test_an_opencv_without_windows_is_a_reason():
    """Its error's last line is told."""
    probe = start_probe({**os.environ, "DISPLAY": ":0"}, platform="linux", attempt="raise RuntimeError('no GUI')")
    assert probe.result() == "no window: RuntimeError: no GUI"


@pytest.mark.parametrize("code", [-1, 0xFF0D, 0xFFE1, ord("z"), 0xE4])
def test_no_key_and_other_keys_ask_for_nothing(code):
    """Return, Shift, letters without a meaning; ä."""
    assert action_of_key(code) is None


@pytest.mark.parametrize("code", [0xFF51, 0x250000, 0xF702, 0x10FF51])
def test_the_arrow_keys_alias_no_letter(code):
    """Left on X11, Windows, macOS, and GTK with Num Lock: its last seven bits are those of Q."""
    assert action_of_key(code) is Action.BACK


def test_num_lock_does_not_hide_a_key():
    """GTK adds a bit for it."""
    assert action_of_key(0x100000 + ord("q")) is Action.QUIT


def test_without_a_window_nothing_is_asked_for():
    """The null display takes canvases and is silent."""
    display = HeadlessDisplay()
    display.show(np.zeros((4, 4, 3), np.uint8))
    display.toggle_full_screen()
    display.close()
    assert display.poll() == []


def test_screenshots_are_numbered_and_never_overwritten(tmp_path: Path):
    """The folder is made; the second picture gets the next number."""
    canvas = np.full((48, 64, 3), 7, np.uint8)
    paths = [save_screenshot(canvas, tmp_path / "pictures") for _ in range(2)]
    assert [path.name for path in paths] == ["livecoach-001.png", "livecoach-002.png"]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_a_screenshot_that_cannot_be_written_is_an_output_error(tmp_path: Path):
    """It names the folder and the cause."""
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(OutputError, match=r"file: the screenshot can't be saved \(File exists\)"):
        save_screenshot(np.zeros((4, 4, 3), np.uint8), tmp_path / "file")
