"""Commands without --exercise recognise what is done; what nobody recognises is said in one line."""

import json
from pathlib import Path

import jsonschema
import pytest
from builders.command import DEMO_OBSERVATIONS, SCHEMAS, SQUAT_OBSERVATIONS, run
from builders.observations import a_header

from livecoach.documents import codec
from livecoach.errors import ConfigError
from livecoach.types import nobody


@pytest.mark.parametrize(
    ("recording", "exercise", "reps"), [(DEMO_OBSERVATIONS, "deadlift", 5), (SQUAT_OBSERVATIONS, "squat", 2)]
)
def test_an_analysis_says_what_was_recognised(tmp_path, recording, exercise, reps):
    """The exercise, its model, and what comes next; each rep says its own."""
    outcome = run("analyze", recording, "--json", "-", home=tmp_path)
    found = json.loads(outcome.stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "analysis.schema.json").read_text()))
    assert (found["exercise"], found["recognised"]["name"], found["model"]["name"]) == (exercise,) * 3
    assert found["recognised"]["probability"] > 0.5
    assert len(found["recognised"]["alternatives"]) == 2
    assert [rep["exercise"] for rep in found["reps"]] == [exercise] * reps


@pytest.mark.parametrize("command", [("analyze",), ("replay", "--fast")], ids=" ".join)
def test_exercise_of_live_runs_is_not_that_of_a_recording(tmp_path, command):
    """The settings have the one, and the recording shows the other."""
    settings = tmp_path / "config" / "livecoach" / "settings.yaml"
    settings.parent.mkdir(parents=True)
    settings.write_text("exercise: deadlift\n")
    outcome = run(*command, SQUAT_OBSERVATIONS, home=tmp_path)
    told = outcome.stdout + outcome.stderr
    assert outcome.returncode == 0
    assert "· squat" in told
    assert "2 reps" in told


def an_empty_room(path: Path) -> Path:
    """Two seconds in which nobody is seen, as stored observations."""
    with path.open("wb") as file:
        file.write(codec.record(codec.encode_header(a_header())))
        for i in range(60):
            file.write(codec.record(codec.encode(nobody(t_s=i / 30, width_px=640, height_px=480))))
    return path


@pytest.mark.parametrize("command", ["analyze", "replay"])
def test_what_nobody_recognises_is_said_in_one_line(tmp_path, command):
    """No error: there is nothing to count."""
    room = an_empty_room(tmp_path / "room.obs")
    outcome = run(command, room, *(("--fast",) if command == "replay" else ()), home=tmp_path)
    assert outcome.returncode == 0
    said = [line for line in outcome.stderr.splitlines() if "was seen" in line]
    assert len(said) == 1
    assert "nobody was seen. Check that all of the lifter is in the picture" in said[0]


def test_a_recording_of_nothing_is_a_document_without_reps(tmp_path):
    """It keeps to the schema."""
    outcome = run("analyze", an_empty_room(tmp_path / "room.obs"), "--json", "-", home=tmp_path)
    found = json.loads(outcome.stdout)
    jsonschema.validate(found, json.loads((SCHEMAS / "analysis.schema.json").read_text()))
    assert (found["exercise"], found["recognised"], found["reps"]) == (None, None, [])


def test_a_command_that_needs_one_exercise_asks_for_it(tmp_path):
    """In one line."""
    outcome = run("lab", "dataset", DEMO_OBSERVATIONS, "--out", tmp_path / "lifts", home=tmp_path)
    assert (outcome.returncode, outcome.stderr.count("\n")) == (ConfigError.exit_code, 1)
    assert "one exercise is needed here. Name it with --exercise" in outcome.stderr
