"""Cameras of this machine by V4L2: listed, in use, forbidden, unplugged and back."""

import signal
import time
from pathlib import Path

import pytest
from builders.v4l2_cameras import Cameras, needs_v4l2

pytestmark = needs_v4l2
FIRST, SECOND, BUSY, FORBIDDEN = range(4)


@pytest.fixture
def cameras(tmp_path: Path) -> Cameras:
    return Cameras(tmp_path)


def test_the_list_says_what_each_camera_delivers_or_why_it_does_not(cameras: Cameras, tmp_path: Path) -> None:
    cameras.plug(FIRST)
    cameras.plug(SECOND, 320, 240, "YUYV")
    for number, what in ((BUSY, "busy"), (FORBIDDEN, "forbidden")):
        cameras.plug(number)
        cameras.mark(number, what)
    said = cameras.run("live", "--camera", "list", home=tmp_path).stdout.splitlines()
    assert f"camera {FIRST}: 480×360, 30 frames per second" in said
    assert f"camera {SECOND}: 320×240, 30 frames per second" in said
    for number in (BUSY, FORBIDDEN):
        assert any(
            line.startswith(f"camera {number} did not open. Is another program using it, and may you read /dev/video*?")
            for line in said
        )


def test_a_camera_that_another_program_took_is_back_and_the_end_says_so(cameras: Cameras, tmp_path: Path) -> None:
    """Under another number, because something held the old one."""
    said = tmp_path / "said"
    cameras.plug(FIRST)
    live = ("live", "--camera", FIRST, "--exercise", "squat", "--no-window", "--mute", "--events", "-")
    with cameras.running(*live, home=tmp_path, stderr=said) as run:
        run.event(lambda event: event["event"] == "rep")
        cameras.unplug(FIRST)
        run.event(lambda event: event.get("warning") == "camera_lost" and event["active"])
        busy = cameras.mark(SECOND, "busy")
        cameras.plug(SECOND)
        time.sleep(1.5)  # in which it is tried again
        busy.unlink()
        run.event(lambda event: event.get("warning") == "camera_lost" and not event["active"])
        run.event(lambda event: event["event"] == "rep")
        assert run.end(signal.SIGINT) == 130
    assert "Close other programs that use the camera; " in said.read_text()
