"""`livecoach exercises` lists the exercises, and the faults of one by the names that `livecoach sessions correct`
takes."""

import pytest
from builders.sessions import a_session
from click.testing import CliRunner

from livecoach.cli.config import config, exercises
from livecoach.core.config import exercise
from livecoach.decisions.rep.measures import load_faults
from livecoach.pages.history.session_index import load_indexed_sessions
from livecoach.records.profile import Profile
from livecoach.records.session.stored import Session


def lines(*arguments: str) -> list[str]:
    outcome = CliRunner().invoke(exercises, arguments, catch_exceptions=False)
    assert outcome.exit_code == 0
    return outcome.output.splitlines()


def test_the_list_of_exercises_says_how_to_see_the_faults_of_an_exercise():
    head, *rows, last = lines()
    assert head.split()[:2] == ["exercise", "title"]
    assert [row.split()[0] for row in rows] == list(exercise.names())
    assert "`livecoach exercises NAME`" in last


def test_faults_of_an_exercise_are_listed_by_priority():
    _, *rows, of_rep, of_set, unseen = lines("squat")
    assert [row.split()[0] for row in rows] == list(load_faults("squat").faults)
    assert rows[0].rstrip().endswith("  knees out")
    assert "knees came in" in rows[0]
    assert "farthest past its limit" in of_rep, "the order of the list does not decide in a rep"
    assert "equal in a set" in of_set
    assert unseen == "No camera position shows these yet: pelvis tucked under."


def test_an_exercise_without_named_faults_is_judged_by_score_alone():
    assert lines("bench_press") == ["Bench press: no faults are named. A rep is judged by its score alone."]


def test_settings_are_shown_without_what_a_terminal_obeys(tmp_path, monkeypatch):
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings.yaml").write_text('camera: "\\e[31m\\0"\n')
    for arguments in (["list"], ["get", "camera"]):
        shown = CliRunner().invoke(config, arguments, catch_exceptions=False).output
        assert "[31m" in shown
        assert all(line.isprintable() for line in shown.splitlines())


def test_the_lifters_of_thousands_of_sessions_are_in_the_index(sessions, monkeypatch):
    """Reading the reps of each session again would take seconds."""
    a_session(sessions, profile="anna")
    load_indexed_sessions()
    Profile("cleo", print).create_folder()
    monkeypatch.setattr(Session, "sets", property(lambda _: pytest.fail("a session was read")))
    for name, said in (("cleo", "profile cleo: removed"), ("anna", "anna has sets in sessions")):
        done = CliRunner().invoke(config, ["profiles", "remove", name, "--yes"])
        assert said in f"{done.output} {done.exception}"


def test_a_profile_without_good_reps_is_a_profile_all_the_same(tmp_path, monkeypatch):
    """Previously the list said that there was no profile yet."""
    monkeypatch.setenv("LIVECOACH_HOME", str(tmp_path))
    listed = [CliRunner().invoke(config, ["profiles", "list"], catch_exceptions=False).output]
    (tmp_path / "data" / "profiles" / "ben").mkdir(parents=True)
    listed.append(CliRunner().invoke(config, ["profiles", "list"], catch_exceptions=False).output)
    assert listed == ["no profiles yet: `livecoach live` makes one.\n", "ben: no good reps yet\n"]
