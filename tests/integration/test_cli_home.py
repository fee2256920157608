"""`livecoach` alone, and `livecoach home`: from sessions to pages."""

import signal
import subprocess
from collections.abc import Iterator
from datetime import date

import pytest
from builders.command import TIMEOUT_S, command, run, run_well, surroundings
from builders.reports import Read, a_squat_session, an_evening, squatted
from builders.systems import has_no_screen, sends_ctrl_c

from livecoach.cli.pages import NO_SETS
from livecoach.pages.home.today import today_page
from livecoach.run.process import NO_SCREEN


@has_no_screen
def test_the_first_run_says_how_to_begin(tmp_path):
    outcome = run_well(home=tmp_path)
    assert "Usage: livecoach" in outcome.stdout
    assert "livecoach demo" in outcome.stdout


@has_no_screen
def test_without_a_screen_livecoach_alone_names_the_command(sessions, tmp_path):
    a_squat_session(sessions, [squatted(1)])
    outcome = run(home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "`livecoach report` writes a page" in outcome.stdout


@has_no_screen
@pytest.mark.usefixtures("sessions")
def test_without_a_screen_the_command_names_the_phone_and_the_home_page_films(tmp_path):
    outcome = run("--start-screen=", home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (7, f"livecoach: {NO_SCREEN}\n")
    words = Read(today_page(None, date(2026, 3, 4), pytest.fail, problem=NO_SETS)).words
    assert NO_SETS in words
    assert "Drop a film of a set." in words
    assert "Start a set" not in words


@pytest.fixture
def served(sessions, tmp_path) -> Iterator["subprocess.Popen[str]"]:
    """`livecoach home` as the start screen begins it."""
    a_squat_session(sessions, [squatted(1)])
    process = subprocess.Popen(
        command("home", "--no-open", "--asked-by-stdin"),
        env=surroundings(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process.stdout, process.stderr:
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def asked(served: "subprocess.Popen[str]", page: str = "") -> str:
    served.stdin.write(f"{page}\n")
    served.stdin.flush()
    return served.stdout.readline()


def test_home_gives_a_new_secret_each_time_and_ends_with_the_process_that_asks(served):
    first, second = asked(served), asked(served)
    address, entry = first.split("/?t=")
    assert address.startswith("http://127.0.0.1:")
    assert second.startswith(f"{address}/?t=")
    assert entry not in second
    served.stdin.close()
    assert served.wait(TIMEOUT_S) == 0
    assert served.stderr.read() == ""


@sends_ctrl_c
def test_home_ends_on_ctrl_c(served):
    asked(served)
    served.send_signal(signal.SIGINT)
    assert served.wait(TIMEOUT_S) == 130
    assert served.stderr.read().strip() == ""


def test_a_report_is_of_the_lifter_who_is_named(sessions, tmp_path):
    folder = an_evening(sessions)
    refused = run("report", "last", home=tmp_path)
    assert (refused.returncode, refused.stderr) == (
        4,
        f"livecoach: {folder.name}: has several lifters. Give --profile with one of these: ada, ben.\n",
    )
    outcome = run("report", "last", "--profile", "ada", home=tmp_path)
    assert outcome.stdout == f"{folder.name}~ada.html\n"
    assert "ben" not in Read((tmp_path / f"{folder.name}~ada.html").read_text(encoding="utf-8")).words.split()
