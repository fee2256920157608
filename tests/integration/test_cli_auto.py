"""Commands without --exercise recognise what is done; what nobody recognises is said in one line."""

import json

import jsonschema
import pytest
from builders.command import DEMO_OBSERVATIONS, SCHEMAS, SQUAT_OBSERVATIONS, run

from livecoach.errors import ConfigError


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


def test_a_command_that_needs_one_exercise_asks_for_it(tmp_path):
    outcome = run("lab", "dataset", DEMO_OBSERVATIONS, "--out", tmp_path / "lifts", home=tmp_path)
    assert (outcome.returncode, outcome.stderr.count("\n")) == (ConfigError.exit_code, 1)
    assert "one exercise is needed here. Name it with --exercise" in outcome.stderr
