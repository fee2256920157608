"""`livecoach` alone, and `livecoach home`: from sessions to a page that links their reports."""

import stat
from pathlib import Path

import pytest
from builders.command import run
from builders.reports import a_squat_session, squatted
from builders.sessions import at, sessions_of

from livecoach.session import layout


@pytest.fixture
def sessions(tmp_path) -> Path:
    return sessions_of(tmp_path)


def test_first_run_says_how_to_begin(tmp_path):
    """Help, then the first commands."""
    outcome = run(home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    assert "Usage: livecoach" in outcome.stdout
    assert "livecoach demo" in outcome.stdout


def test_without_a_screen_livecoach_alone_names_the_command(sessions, tmp_path):
    """It makes nothing that nobody sees."""
    a_squat_session(sessions, [squatted(1)])
    outcome = run(home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert "`livecoach home` writes a page" in outcome.stdout
    assert not (sessions.parent / "pages").exists()


def test_home_makes_missing_reports_and_links_them(sessions, tmp_path):
    """All for the owner alone; a report that is up to date is left as it is; one of a deleted session goes with it."""
    folder = a_squat_session(sessions, [squatted(1)])
    other = a_squat_session(sessions, [squatted(1)], started=at(2026, 3, 2))
    outcome = run("home", "--no-open", home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    page = Path(outcome.stdout.strip())
    report, gone = (page.with_name(f"{one.name}.html") for one in (folder, other))
    assert f'href="{report.name}"' in page.read_text(encoding="utf-8")
    assert {stat.S_IMODE(one.stat().st_mode) for one in page.parent.iterdir()} == {0o600}
    assert stat.S_IMODE(page.parent.stat().st_mode) == 0o700
    made_ns = report.stat().st_mtime_ns
    assert run("sessions", "delete", other.name, "--yes", home=tmp_path).returncode == 0
    assert not gone.exists()
    assert run("home", "--no-open", home=tmp_path).returncode == 0
    assert report.stat().st_mtime_ns == made_ns
    (folder / layout.REPS).touch()
    assert run("home", home=tmp_path).stderr == "livecoach: no browser here; open this file in one\n"
    assert report.stat().st_mtime_ns > made_ns
