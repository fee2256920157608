"""`livecoach sessions clip` and `livecoach sessions log`: what is handed on to others."""

import stat
from pathlib import Path

import pytest
from builders.command import run
from builders.reports import a_squat_session, squatted, wrong
from builders.sessions import a_session, at, sessions_of


@pytest.fixture
def home(tmp_path) -> Path:
    """A home with a session of a good squat and a wrong one, and an older one of Jörg's."""
    sessions = sessions_of(tmp_path)
    a_session(sessions, started=at(2026, 3, 1), reps=2, profile="Jörg")
    a_squat_session(sessions, [squatted(1), wrong(2)], started=at(2026, 3, 2), profile="anna")
    return tmp_path


def test_a_clip_is_written_and_its_path_told(home):
    """With what is missing from it."""
    outcome = run("sessions", "clip", "last:1/2", "--speed", "1", home=home)
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout == "2026-03-02_18-30-00-squat-1-2.mp4\n"
    assert "drawn figures: the session has no video" in outcome.stderr
    assert stat.S_IMODE((home / "2026-03-02_18-30-00-squat-1-2.mp4").stat().st_mode) == 0o600


def test_an_export_names_all_options_that_are_missing(home):
    """In one line, and not one after the other."""
    outcome = run("sessions", "log", home=home)
    assert outcome.returncode == 2
    assert outcome.stderr.splitlines()[-1] == "Error: Give --format strong|hevy|csv and --out FILE."
    assert run("sessions", "log", "--format", "csv", home=home).stderr.splitlines()[-1] == "Error: Give --out FILE."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("last:2",), "one rep is wanted. Write"),
        (("last",), "doesn't name a rep. Write last:1/3"),
        (("last:1/2", "--out", "rep.avi"), "not the name of an MP4 file"),
    ],
)
def test_what_can_not_be_clipped_is_told_in_a_line(home, arguments, says):
    """And nothing is written."""
    outcome = run("sessions", "clip", *arguments, home=home)
    assert outcome.returncode != 0
    assert says in outcome.stderr
    assert not list(home.glob("*.avi"))


def test_logs_of_all_sessions_or_of_one_lifter_are_written(home):
    """A row for each set."""
    outcome = run("sessions", "log", "--format", "strong", "--out", "all.csv", home=home)
    assert outcome.stdout == "all.csv: 2 sets of 2 sessions\n"
    assert stat.S_IMODE((home / "all.csv").stat().st_mode) == 0o600
    told = run("sessions", "log", "--format", "hevy", "--profile", "anna", "--out", "-", home=home).stdout
    assert told.count("2026-03-02_18-30-00-squat") == len(told.splitlines()) - 1 == 1
    nobody = run("sessions", "log", "--format", "csv", "--profile", "tom", "--out", "-", home=home)
    assert "no set of tom to write" in nobody.stderr
