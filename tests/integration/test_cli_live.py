"""`livecoach live` on a network camera that dies and comes back, ended with Ctrl-C, and started again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command import Running, running
from builders.mjpeg_server import MjpegServer, two_squats

SILENT = ("--no-window", "--mute", "--events", "-")


@pytest.fixture(scope="module")
def camera() -> Iterator[MjpegServer]:
    with two_squats() as server:
        yield server


def a_warning(kind: str, *, active: bool):
    return lambda event: event["event"] == "warning" and event["warning"] == kind and event["active"] == active


def a_rep(event: dict) -> bool:
    return event["event"] == "rep"


class Evening:
    """What happened in the one run that most tests look at."""

    def __init__(self, run: Running, camera: MjpegServer, stderr: Path) -> None:
        self.start = run.event(lambda event: event["event"] == "session_start")
        self.before = run.event(a_rep)
        camera.kill()
        self.lost = run.event(a_warning("camera_lost", active=True))
        camera.start()
        self.back = run.event(a_warning("camera_lost", active=False))
        self.after = run.event(a_rep)
        self.status = run.end(signal.SIGINT)
        self.end = run.seen[-1]
        self.events = run.seen
        self.said = stderr.read_text()


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def evening(home, camera) -> Evening:
    stderr = home / "stderr"
    arguments = ("live", "--camera", camera.url, "--exercise", "squat", "--profile", "anna", "--volume", "0.3", *SILENT)
    with running(*arguments, home=home, stderr=stderr) as run:
        return Evening(run, camera, stderr)


def test_a_rep_is_counted(evening):
    """The first squat; how old its last frame is, is told."""
    assert evening.before["rep"]["index"] == 1
    assert evening.before["latency_ms"] > 0


def test_both_ends_of_a_gap_are_events(evening):
    """Once each, at times that do not fall."""
    kinds = [(e["warning"], e["active"]) for e in evening.events if e["event"] == "warning"]
    assert kinds.count(("camera_lost", True)) == kinds.count(("camera_lost", False)) == 1
    times_s = [event["t_s"] for event in evening.events]
    assert times_s == sorted(times_s)


def test_counting_goes_on_after_the_gap(evening):
    """The next rep has the next number, and lies after the gap."""
    assert evening.after["rep"]["index"] == 2
    assert evening.after["rep"]["start_s"] >= evening.lost["t_s"]


def test_ctrl_c_ends_it_with_all_that_was_learned(evening):
    """Status 130; the last event and the summary are there."""
    assert evening.status == 130
    assert evening.end["event"] == "session_end"
    assert evening.end["reps"] >= 2
    frames = evening.end["frames"]
    assert frames["read"] + frames["dropped"] > 100  # a machine that is busy drops some
    assert f"{evening.end['reps']} reps:" in evening.said
    assert "Traceback" not in evening.said


def test_choices_are_remembered(evening, home, camera):
    """Camera, exercise, profile and volume stand in the user's settings, and the next run needs none of them."""
    assert evening.status == 130
    file = home / "config" / "livecoach" / "settings.yaml"
    told = file.read_text()
    assert camera.url in told
    assert "exercise: squat" in told
    assert "profile: anna" in told
    assert "volume: 0.3" in told
    with running("live", *SILENT, home=home, stderr=home / "again") as run:
        start = run.event(lambda event: event["event"] == "session_start")
        run.event(lambda event: event["event"] == "stage")
        assert run.end(signal.SIGINT) == 130
    assert (start["source"], start["exercise"], start["profile"]) == (camera.url, "squat", "anna")
    assert file.read_text() == told
