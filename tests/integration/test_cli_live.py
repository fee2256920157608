"""`livecoach live` on a network camera that dies and comes back, ended with Ctrl-C, and started again."""

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from builders.command import Running, running
from builders.mjpeg_server import MjpegServer, two_squats

ENOUGH_TO_LEARN = 5
"""Good reps of which a run keeps some."""
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


def test_it_says_whose_reps_they_are(evening):
    """Before the first picture, and in the summary."""
    assert evening.said.splitlines()[0] == "livecoach: profile anna: new"
    assert " · squat · profile anna\n" in evening.said


def test_options_are_for_one_run(evening, home, camera):
    """The next run has the settings: it recognises the exercise, and its lifter is the one who always lifts here."""
    assert evening.status == 130
    assert not (home / "config").exists()
    with running("live", "--camera", camera.url, *SILENT, home=home, stderr=home / "again") as run:
        start = run.event(lambda event: event["event"] == "session_start")
        run.event(lambda event: event["event"] == "stage")
        assert run.end(signal.SIGINT) == 130
    assert (start["exercise"], start["profile"]) == ("auto", "me")
    assert (home / "again").read_text().splitlines()[0] == "livecoach: profile me: new"
    assert not (home / "config").exists()


@pytest.mark.parametrize(("options", "learns"), [((), False), (("--learn",), True)])
def test_a_run_without_a_session_keeps_no_rep_either(camera, tmp_path, options, learns):
    """Unless it is to learn."""
    arguments = ("live", "--camera", camera.url, "--exercise", "squat", "--no-session", *options, *SILENT)
    said = tmp_path / "stderr"
    with running(*arguments, home=tmp_path, stderr=said) as run:
        for _ in range(ENOUGH_TO_LEARN):
            run.event(lambda event: a_rep(event) and event["rep"]["verdict"] == "good")
        assert run.end(signal.SIGINT) == 130
    assert [path.name for path in (tmp_path / "share" / "livecoach").glob("*")] == (["profiles"] if learns else [])
    assert ("learned and stored in profile me" in said.read_text()) == learns
    assert ("profile me: new, it learns nothing from this run" in said.read_text()) != learns
