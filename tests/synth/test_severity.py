"""Truth severity of synthetic reps: against the lifter's own good ones, by the spread of good ones."""

import importlib.util
import math
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from builders.rep_motions import a_deadlift_rep, a_squat_rep

from livecoach.core.config import read_yaml
from livecoach.decisions.rep.measures import load_faults
from livecoach.lab.synth.severity import SPREAD_FILE, Spreads, measure_rep, pooled_spread, severities

SCRIPTS = Path(__file__).parents[2] / "scripts" / "synth"
STORED = read_yaml(SPREAD_FILE, Spreads)
GOOD_SQUATS = [measure_rep(a_squat_rep(bottom_knee_deg=knee_deg), "squat") for knee_deg in (74.0, 75.0, 76.0)]


def good_reps(**figure: float) -> list[dict[str, float]]:
    """Three reps that differ a little, each after the one before."""
    reps = [a_deadlift_rep(lift_off_knee_deg=knee_deg, **figure) for knee_deg in (108.0, 110.0, 112.0)]
    return [measure_rep(replace(rep, previous=reps[0]), "deadlift") for rep in reps]


def test_good_rep_has_no_severity():
    """Of any fault; those that it can't be measured for are left out, not called absent."""
    found = severities(measure_rep(a_deadlift_rep(), "deadlift"), good_reps(), "deadlift")
    assert found
    assert set(found.values()) == {0.0}
    assert "rounded_back" not in found, "nobody knows the back"
    assert "stance_shift" not in found, "nothing is before it"


@pytest.mark.parametrize(
    ("exercise", "fault", "figure"),
    [
        ("deadlift", "knee_cave", {"knees_in": 0.5}),
        ("deadlift", "bar_drift", {"bar_forward": 0.4}),
        ("deadlift", "hitch", {"dip": 0.2}),
        ("deadlift", "uneven_bar", {"tilt": 0.4}),
        ("deadlift", "heel_lift", {"heel_up": 0.2}),
        ("deadlift", "bent_arms", {"left_elbow_deg": 130.0}),
        ("deadlift", "knee_dominant", {"lift_off_knee_deg": 75.0}),
        ("deadlift", "stiff_legged", {"lift_off_knee_deg": 150.0}),
        ("deadlift", "hips_early", {"hips_first": 1.0}),
        ("deadlift", "dropped", {"down_s": 0.25, "up_s": 2.0}),
        ("deadlift", "jerky", {"stalls": 0.06}),
        ("deadlift", "bounced", {"bounced": True, "up_s": 1.2}),
        ("squat", "shallow", {"bottom_knee_deg": 115.0}),
        ("squat", "forward_lean", {"lean_deg": 65.0}),
        ("squat", "knee_cave", {"knees_in": 0.7}),
        ("squat", "heel_lift", {"heel_up": 0.2}),
        ("squat", "lateral_shift", {"hips_aside": 0.5}),
        ("squat", "uneven_bar", {"tilt": 0.4}),
        ("squat", "rushed", {"down_s": 0.3}),
    ],
)
def test_fault_shows(exercise, fault, figure):
    """A rep with it is past the limit."""
    rep = a_deadlift_rep(**figure) if exercise == "deadlift" else a_squat_rep(**figure)
    good = good_reps() if exercise == "deadlift" else GOOD_SQUATS
    assert severities(measure_rep(rep, exercise), good, exercise)[fault] > 0


def test_a_good_squat_has_no_severity():
    assert set(severities(GOOD_SQUATS[0], GOOD_SQUATS, "squat").values()) == {0.0}


def test_own_habit_is_no_fault():
    """A lifter whose knees are always in is held against that."""
    knees_in = measure_rep(a_deadlift_rep(knees_in=0.5), "deadlift")
    assert severities(knees_in, good_reps(knees_in=0.5), "deadlift")["knee_cave"] == 0


def test_without_good_reps_nothing_is_told():
    """But what has a fixed limit alone, of which there is none."""
    assert severities(measure_rep(a_deadlift_rep(), "deadlift"), [], "deadlift") == {}


def test_pooled_spread_is_that_within_lifters():
    """However different the lifters are from each other; times in logarithms; what is unknown is left out."""
    rng = np.random.default_rng(1)
    lifters = [
        [
            {
                "most_trunk_lean_deg": mean + rng.normal(0, 2.0),
                "descent_time_s": mean * math.exp(rng.normal(0, 0.1)),
                "pelvic_tuck": math.nan,
            }
            for _ in range(5)
        ]
        for mean in rng.uniform(30, 60, 400)
    ]
    spread = pooled_spread(lifters, "squat")
    assert spread["most_trunk_lean_deg"] == pytest.approx(2.0, rel=0.06)
    assert spread["descent_time_s"] == pytest.approx(0.1, rel=0.06)
    assert "pelvic_tuck" not in spread


@pytest.mark.parametrize("exercise", ["deadlift", "squat"])
def test_pooled_spread_comes_back_for_every_measure_with_two_values(exercise):
    """A lifter with a single rep adds nothing and breaks nothing."""
    values = dict.fromkeys(load_faults(exercise).signs, 1.0)
    assert pooled_spread([[values, values], [values], []], exercise) == dict.fromkeys(values, 0.0)


@pytest.fixture
def script(monkeypatch) -> ModuleType:
    """scripts/synth/measure_faults.py, which is no package."""
    monkeypatch.syspath_prepend(SCRIPTS)
    spec = importlib.util.spec_from_file_location("measure_faults", SCRIPTS / "measure_faults.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("lift", STORED)
def test_the_stored_spread_is_that_of_the_lift_as_it_is_now(lift, script):
    """Whoever changes how a lift moves renews it: python scripts/synth/measure_faults.py --spread."""
    assert STORED[lift] == pytest.approx(script.spread(lift, script.LIFTERS), rel=0.01, abs=1e-5)
