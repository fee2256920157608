"""`livecoach sessions sets`: what is logged of sets, listed and corrected; and that a replay repeats it."""

import json
import shutil

import pytest
from builders.command import SQUAT_OBSERVATIONS, run
from builders.sessions import a_session, sessions_of

from livecoach.documents import SetLogEvent, to_json
from livecoach.session import layout


def test_load_rpe_and_note_of_a_set_are_logged_and_listed(sessions, tmp_path):
    """Each by itself; the others stay."""
    folder = a_session(sessions, reps=3)
    assert run("sessions", "sets", "last:1", "--load", "220lb", home=tmp_path).stdout == f"{folder.name}:1: 99.8 kg\n"
    outcome = run("sessions", "sets", "last:1", "--rpe", "8", "--note", "felt heavy", home=tmp_path)
    assert (outcome.returncode, outcome.stderr) == (0, "")
    assert outcome.stdout == f"{folder.name}:1: 99.8 kg, RPE 8, “felt heavy”\n"
    last = json.loads((folder / layout.SETS).read_text().splitlines()[-1])
    assert (last["set"], last["load_kg"], last["rpe"], last["note"]) == (1, 99.7903, 8.0, "felt heavy")
    listed = run("sessions", "sets", home=tmp_path).stdout.splitlines()
    assert listed == ["set 1: squat, 3 reps, 99.8 kg, RPE 8, “felt heavy”"]


def test_what_is_logged_can_be_taken_back(sessions, tmp_path):
    """With none."""
    a_session(sessions, events=[SetLogEvent(t_s=2.0, set=1, load_kg=100.0)])
    assert "nothing logged" in run("sessions", "sets", "last:1", "--load", "none", home=tmp_path).stdout
    assert "nothing to change" in run("sessions", "sets", "last:1", "--load", "none", home=tmp_path).stdout


def test_units_of_the_settings_hold_where_none_is_given(sessions, tmp_path):
    """Pounds in, pounds out."""
    a_session(sessions)
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("units: imperial\n")
    assert run("sessions", "sets", "last:1", "--load", "225", home=tmp_path).stdout.endswith(":1: 225 lb\n")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["last", "--load", "100"], "which set? Write last:1"),
        (["last:7", "--load", "100"], "there is no set 7; the last set is 1"),
        (["last:1/2", "--load", "100"], "names reps. Write last:1 for the whole set"),
        (["last:1", "--load", "heavy"], "is not a load. Write 100"),
        (["last:1", "--rpe", "12"], "is not an RPE. Write 1 to 10"),
        (["last:1", "--note", "two\nlines"], "a note is one line"),
    ],
)
def test_what_cannot_be_done_is_said(sessions, tmp_path, arguments, says):
    """What is wrong, and what to write; nothing is stored."""
    folder = a_session(sessions)
    outcome = run("sessions", "sets", *arguments, home=tmp_path)
    assert outcome.returncode != 0
    assert says in " ".join(outcome.stderr.split())
    assert not (folder / layout.SETS).exists()


def test_load_of_the_first_set_is_checked_before_anything_is_opened(tmp_path):
    """A typing mistake costs no set."""
    outcome = run("live", "--camera", "http://127.0.0.1:9/none", "--load", "heavy", "--no-window", home=tmp_path)
    assert outcome.returncode == 2
    assert "'heavy' is not a load. Write 100, 102.5, 100kg or 220lb." in " ".join(outcome.stderr.split())


def test_replay_gives_the_loads_that_were_given_live(tmp_path):
    """After the same frames: events and file are the same, byte for byte."""
    sessions = sessions_of(tmp_path)
    recorded = run("replay", SQUAT_OBSERVATIONS, "--exercise", "squat", "--fast", "--record", home=tmp_path)
    assert recorded.returncode == 0, recorded.stderr
    (folder,) = sessions.iterdir()
    logged = SetLogEvent(t_s=3.0, set=1, load_kg=80.0, frame=90)
    (folder / layout.SETS).write_text(to_json(logged) + "\n")
    kept = tmp_path / "kept"
    shutil.copytree(folder, kept)
    outcome = run("replay", kept, "--fast", "--events", "now.jsonl", home=tmp_path)
    assert outcome.returncode == 0, outcome.stderr
    told = [line for line in (tmp_path / "now.jsonl").read_text().splitlines() if '"set_log"' in line]
    assert told == [to_json(logged)]
