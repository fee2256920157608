"""A workout of two exercises as a lifter has it: recognised, recorded, run again, reported and counted apart."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest
from builders.command import (
    DEMO_OBSERVATIONS,
    SQUAT_OBSERVATIONS,
    STORED,
    analysed,
    lines,
    run,
    run_well,
    schema_of,
    write_settings,
)
from builders.observations import a_header
from builders.simulated_live import observations

from livecoach.core.documents import codec
from livecoach.core.errors import ConfigError
from livecoach.core.types import Observation, empty_observation
from livecoach.records.session import layout

REST_S, FPS = 8.0, 15
SQUATS, PULLS = STORED / "squat_rendered_009.obs", DEMO_OBSERVATIONS


def a_workout(path: Path) -> Path:
    """Store four squats, a rest out of the picture, and five deadlifts as one recording."""
    seen: list[Observation] = []
    for part in (SQUATS, PULLS):
        frames = observations(part)[::2]
        begin_s = seen[-1].t_s + 1 / FPS if seen else 0.0
        seen += [replace(o, t_s=begin_s + o.t_s, index=len(seen) + i) for i, o in enumerate(frames)]
        away_s = seen[-1].t_s
        away = replace(
            empty_observation(), width_px=frames[-1].width_px, height_px=frames[-1].height_px, brightness=0.5
        )
        rest = range(1, round(REST_S * FPS))
        seen += [replace(away, t_s=away_s + i / FPS, index=seen[-1].index + i) for i in rest]
    with codec.ObservationWriter(path, a_header()) as file:
        for one in seen:
            file.write(one)
    return path


@pytest.fixture(scope="module")
def home(tmp_path_factory) -> Path:
    """A home with the session of a workout, during which nobody named an exercise."""
    place: Path = tmp_path_factory.mktemp("home")
    workout = a_workout(place / "workout.obs")
    options = ("--fast", "--exercise", "auto", "--record", "--profile", "anna")
    done = run_well("replay", workout, *options, home=place)
    assert "squat, deadlift" in done.stdout
    return place


@pytest.fixture(scope="module")
def session(home) -> Path:
    (folder,) = (home / "data" / "sessions").iterdir()
    return folder


def test_each_rep_is_counted_under_its_exercise(session):
    """From the first one on, although the exercise is known only later."""
    done = [(line["rep"]["exercise"], line["set"]) for line in lines(session / layout.REPS)]
    assert done == [("squat", "1")] * 4 + [("deadlift", "2")] * 5


def test_a_replay_recognises_the_same(home):
    done = run("replay", "last", "--fast", home=home)
    assert "identical to the live session, byte for byte: 9 reps" in done.stdout, done.stderr


def test_a_session_of_two_exercises_is_found_by_either_of_them(home):
    for name in ("squat", "deadlift"):
        assert "squat, deadlift" in run("sessions", "list", "--exercise", name, home=home).stdout
        (course,) = json.loads(run("history", "--exercise", name, "--json", "-", home=home).stdout)["courses"]
        assert course["counts"]["reps"] == {"squat": 4, "deadlift": 5}[name]
    run_well("report", "last", "--out", "a.html", home=home)
    page = (home / "a.html").read_text(encoding="utf-8")
    assert "<h1>Squat, Deadlift</h1>" in page
    assert page.index('<h2 id="squat">') < page.index('<h2 id="deadlift">')
    known = run("config", "profiles", home=home).stdout.splitlines()
    assert [line.partition(",")[0] for line in known] == ["anna: deadlift"]


def test_an_analysis_and_a_replay_recognise_whatever_the_exercise_of_live_runs_is(tmp_path):
    write_settings(tmp_path, "exercise: deadlift\n")
    found = analysed(SQUAT_OBSERVATIONS, home=tmp_path)
    jsonschema.validate(found, schema_of("analysis"))
    assert (found["exercise"], found["recognised"]["name"], found["model"]["name"]) == ("squat",) * 3
    assert found["recognised"]["probability"] > 0.5
    assert len(found["recognised"]["alternatives"]) == 2
    assert [rep["exercise"] for rep in found["reps"]] == ["squat"] * 2
    replayed = run_well("replay", "--fast", SQUAT_OBSERVATIONS, home=tmp_path)
    told = replayed.stdout + replayed.stderr
    assert ("· squat" in told, "2 reps" in told) == (True, True)


def test_a_command_that_needs_one_exercise_asks_for_it(tmp_path):
    outcome = run("lab", "dataset", DEMO_OBSERVATIONS, "--out", tmp_path / "lifts", home=tmp_path)
    assert (outcome.returncode, outcome.stderr.count("\n")) == (ConfigError.exit_code, 1)
    assert "one exercise is needed here. Name it with --exercise" in outcome.stderr
