"""`livecoach sessions correct`: what somebody says of a rep, from the command line to reports, history and profile."""

import json
import shutil
from pathlib import Path

import jsonschema
import pytest
from builders.command import DEMO_OBSERVATIONS, run
from builders.reports import Read, a_squat_session, squatted, wrong
from builders.sessions import a_session, contents
from builders.steps import a_rep

from livecoach.documents import json_schema
from livecoach.session import layout


def correct(home: Path, *arguments: str, status: int = 0) -> str:
    """What it says, a line."""
    outcome = run("sessions", "correct", *arguments, home=home)
    assert outcome.returncode == status, outcome.stderr
    (line,) = (outcome.stdout + outcome.stderr).splitlines()[-1:]
    assert "Traceback" not in outcome.stderr
    return line


def test_a_correction_counts_in_report_history_analyze_and_show(sessions, tmp_path):
    """And each tells the verdict too."""
    folder = a_squat_session(sessions, [squatted(1), wrong(2), squatted(3)], profile=None)
    line = correct(tmp_path, "last:1/2", "good")
    assert line == f"{folder.name}:1/2: good; livecoach judged anomalous"
    correct(tmp_path, "last:1/3", "no-rep")
    shown = json.loads(run("sessions", "show", "last", "--json", "-", home=tmp_path).stdout)
    jsonschema.Draft202012Validator(json_schema("session")).validate(shown)
    assert [(one["rep"]["verdict"], one["rep"]["correction"]) for one in shown["reps"]] == [
        ("good", None),
        ("anomalous", {"label": "good", "fault": None}),
        ("good", {"label": "no-rep", "fault": None}),
    ]
    assert "2 reps: 2 good (2 corrected by you)" in run("sessions", "show", "last", home=tmp_path).stdout
    past = json.loads(run("history", "--json", "-", home=tmp_path).stdout)["courses"][0]["counts"]
    assert (past["reps"], past["good"], past["corrected"], past["judged"]["good"]) == (2, 2, 2, 2)
    assert run("report", "last", "--out", "a.html", home=tmp_path).returncode == 0
    assert "you said: good" in Read((tmp_path / "a.html").read_text(encoding="utf-8")).words
    analysed = json.loads(run("analyze", "last", "--json", "-", home=tmp_path).stdout)
    jsonschema.Draft202012Validator(json_schema("analysis")).validate(analysed)
    assert [rep["correction"] and rep["correction"]["label"] for rep in analysed["reps"]] == [None, "good", "no-rep"]


@pytest.mark.parametrize(
    ("words", "status", "why"),
    [
        (["last:1/9", "good"], 4, "there is no rep 1/9; the last rep is 1/2"),
        (["last:4/1", "good"], 4, "there is no set 4; the last set is 1"),
        (["last:2", "good"], 4, "names a whole set, and one rep is wanted. Write"),
        (["nothing:1/1", "good"], 4, "no such session"),
        (["last:1/1", "bad", "knee_crave"], 3, "not a fault of the squat. Did you mean 'knee_cave'?"),
        (["last:1/1", "bad", "knee_crave"], 3, "`livecoach exercises squat` says what each means."),
        (["last:1/1", "good", "knee_cave"], 2, "only a bad rep has a fault"),
        (["last", "good"], 2, "doesn't name a rep. Write last:1/3"),
        (["last:1/1", "fine"], 2, "'fine' is not one of 'good', 'bad', 'no-rep', 'undo'"),
    ],
)
def test_what_can_not_be_said_is_told_in_a_line_and_changes_nothing(sessions, tmp_path, words, status, why):
    """What is wrong, and what there is."""
    folder = a_session(sessions, reps=2, profile=None)
    before = contents(folder)
    assert why in correct(tmp_path, *words, status=status)
    assert contents(folder) == before


def test_a_session_that_is_being_recorded_is_left_alone(sessions, tmp_path):
    """Its window corrects it."""
    folder = a_session(sessions, reps=2, profile=None, cut_off=True)
    with layout.lock(folder):
        assert "is being recorded. Press g, b or x in its window" in correct(tmp_path, "last:1/1", "bad", status=4)
    assert not (folder / layout.CORRECTIONS).exists()


def test_corrections_go_with_a_session_that_is_exported(sessions, tmp_path):
    """In the folder, and as columns of its table."""
    folder = a_session(sessions, reps=[a_rep(verdict="anomalous")], profile=None)
    correct(tmp_path, "last:1/1", "bad", "knee_cave")
    there = contents(folder)
    assert run("sessions", "export", "last", "--out", "a.zip", "--tables", "csv", home=tmp_path).returncode == 0
    shutil.rmtree(folder)
    assert run("sessions", "import", "a.zip", home=tmp_path).returncode == 0
    assert contents(folder) == there
    shutil.unpack_archive(tmp_path / "a.zip", tmp_path / "out")
    table = next((tmp_path / "out").rglob("reps.csv")).read_text()
    assert '"bad","knee_cave"' in table


def test_the_profile_follows_at_once(tmp_path):
    """A bad rep is forgotten, and kept again where that is taken back; reps that are replayed stay as they were."""
    home = tmp_path
    recorded = run(
        "replay", DEMO_OBSERVATIONS, "--fast", "--record", "--exercise", "deadlift", "--profile", "anna", home=home
    )
    assert recorded.returncode == 0, recorded.stderr

    def kept() -> int:
        return len(list((home / "share" / "livecoach" / "profiles" / "anna" / "deadlift").glob("*.rep")))

    assert kept() == 4
    for words, follows, count in (
        (("last:1/2", "bad"), "removed from the good reps of profile anna", 3),
        (("last:1/2", "undo"), "added to the good reps of profile anna", 4),
        (("last:1/4", "good"), "added to the good reps of profile anna", 5),
        (("last:1/4", "no-rep"), "removed from the good reps of profile anna", 4),
    ):
        assert follows in correct(home, *words)
        assert kept() == count
    replayed = run("replay", "last", "--fast", home=home)
    assert "identical to the live session, byte for byte: 5 reps" in replayed.stdout + replayed.stderr
