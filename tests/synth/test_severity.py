"""Truth severity of synthetic reps: against the lifter's own good ones, by the spread of good ones."""

import importlib.util
import math
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from builders.rep_motions import a_deadlift_rep
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core.config import read_yaml
from livecoach.core.landmark import STATIONS
from livecoach.decisions.rep.measures import FaultKind, FaultSign, load_faults, measure_all
from livecoach.decisions.rep.motion import RepMotion
from livecoach.lab.synth.severity import (
    SPREAD_FILE,
    Spreads,
    ankle_displacement,
    fault_severities,
    fault_severity,
    mesh_dorsal_profiles,
    severity_of_sign,
)

SCRIPTS = Path(__file__).parents[2] / "scripts" / "synth"
STORED = read_yaml(SPREAD_FILE, Spreads)


def measure_rep(rep: RepMotion, exercise: str) -> dict[str, float]:
    return measure_all(rep, load_faults(exercise))


def good_reps(**figure: float) -> list[dict[str, float]]:
    """Three reps that differ a little."""
    reps = [a_deadlift_rep(lift_off_knee_deg=knee_deg, **figure) for knee_deg in (108.0, 110.0, 112.0)]
    return [measure_rep(rep, "deadlift") for rep in reps]


def test_an_ankle_that_moved_since_the_previous_rep_is_measured_in_torso_lengths():
    moved = ankle_displacement(a_deadlift_rep(moved=(0.3, 0.4)), a_deadlift_rep())
    assert moved == pytest.approx(0.5)


def test_good_rep_has_no_severity():
    found = fault_severities(measure_rep(a_deadlift_rep(), "deadlift"), good_reps(), "deadlift")
    assert found
    assert set(found.values()) == {0.0}
    assert "rounded_back" not in found, "nobody knows the back"
    assert "stance_shift" not in found, "nothing is before it"


def test_a_lifters_own_habit_is_no_fault():
    knees_in = measure_rep(a_deadlift_rep(knees_in=0.5), "deadlift")
    assert fault_severities(knees_in, good_reps(knees_in=0.5), "deadlift")["knee_cave"] == 0


def test_without_good_reps_no_fault_has_a_severity():
    """Only faults with a fixed limit would have one, and a deadlift has no such fault."""
    assert fault_severities(measure_rep(a_deadlift_rep(), "deadlift"), [], "deadlift") == {}


@pytest.fixture
def script(monkeypatch) -> ModuleType:
    """scripts/synth/measure_faults.py, which is no package."""
    monkeypatch.syspath_prepend(SCRIPTS)
    spec = importlib.util.spec_from_file_location("measure_faults", SCRIPTS / "measure_faults.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_pooled_spread_is_that_within_lifters(script):
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
    spread = script.pooled_spread(lifters, "squat")
    assert spread["most_trunk_lean_deg"] == pytest.approx(2.0, rel=0.06)
    assert spread["descent_time_s"] == pytest.approx(0.1, rel=0.06)
    assert "pelvic_tuck" not in spread


@pytest.mark.parametrize("lift", STORED)
def test_the_stored_spread_is_that_of_the_lift_as_it_is_now(lift, script):
    """Whoever changes how a lift moves renews it: python scripts/synth/measure_faults.py --spread."""
    assert STORED[lift] == pytest.approx(script.spread(lift, script.LIFTERS), rel=0.01, abs=1e-5)


# The rule


MORE = FaultSign(measure="bar_offset", side="more", by="difference", smallest=0.1)
LESS = FaultSign(measure="lift_off_knee_angle_deg", side="less", by="difference", smallest=12.0)
HALF = FaultSign(measure="descent_time_s", side="less", by="factor", smallest=0.5)


def a_fault(decided_by: str, *signs: FaultSign) -> FaultKind:
    return FaultKind(cue="bar close", words="bar away from you", min_fps=0, decided_by=decided_by, signs=signs)


@pytest.mark.parametrize(
    ("sign", "value", "expected"),
    [
        (MORE, 0.15, 0.0),  # within the margin
        (MORE, 0.20, 0.0),  # at it
        (MORE, 0.30, 0.5),  # at two
        (MORE, 0.40, 1.0),  # at three
        (MORE, 0.90, 1.0),
        (MORE, -0.9, 0.0),  # the other side is no fault
        (LESS, 76.1, 0.5),
        (LESS, 64.1, 1.0),
        (HALF, 0.05, 0.0),
        (HALF, 0.025, 0.5),
        (HALF, 0.0125, 1.0),
    ],
)
def test_severity_is_nothing_at_the_margin_and_whole_at_three(sign, value, expected):
    good = {"bar_offset": 0.1, "lift_off_knee_angle_deg": 100.1, "descent_time_s": 0.1}[sign.measure]
    assert severity_of_sign(sign, value, good, 0.0) == pytest.approx(expected, abs=1e-9)


def test_margin_is_three_spreads_where_good_reps_differ_more_than_is_worth_saying():
    assert severity_of_sign(MORE, 0.25, 0.1, 0.05) == 0
    assert severity_of_sign(MORE, 0.40, 0.1, 0.05) == pytest.approx(0.5)


@given(value=st.floats(-1, 3), more=st.floats(0, 1), good=st.floats(-1, 1), spread=st.floats(0, 0.3))
def test_severity_never_falls_when_the_measure_goes_on(value, more, good, spread):
    first, second = severity_of_sign(MORE, value, good, spread), severity_of_sign(MORE, value + more, good, spread)
    assert 0 <= first <= second <= 1


def test_severity_by_a_limit_is_whole_past_it_and_nothing_within():
    """A pause under 80 ms is short whatever the lifter's usual one."""
    pause = FaultSign(measure="floor_pause_s", side="less", by="limit", smallest=0.08)
    assert [severity_of_sign(pause, value, 0.3, 0.0) for value in (0.0, 0.07, 0.08, 0.5)] == [1, 1, 0, 0]
    assert math.isnan(severity_of_sign(pause, math.nan, 0.3, 0.0))


def test_severity_of_a_measure_that_could_not_be_taken_is_unknown():
    assert math.isnan(severity_of_sign(MORE, math.nan, 0.1, 0.0))
    assert math.isnan(severity_of_sign(MORE, 0.1, math.nan, 0.0))
    assert math.isnan(fault_severity(a_fault("any", MORE), {}, {"bar_offset": 0.1}, {}))


@pytest.mark.parametrize(
    ("decided_by", "both", "with_unknown"), [("any", 0.5, 0.25), ("all", 0.25, math.nan), ("first", 0.5, 0.25)]
)
def test_signs_are_combined_as_the_table_states(decided_by, both, with_unknown):
    fault = a_fault(decided_by, MORE, LESS)
    good = {"bar_offset": 0.1, "lift_off_knee_angle_deg": 100.0}
    values = {"bar_offset": 0.3, "lift_off_knee_angle_deg": 82.0}
    assert fault_severity(fault, values, good, {}) == pytest.approx(both)
    unknown = fault_severity(fault, values | {"bar_offset": math.nan}, good, {})
    assert unknown == pytest.approx(with_unknown, nan_ok=True)


# The back's edge, from vertices of a mesh


ARC = 4 * STATIONS * (1 - STATIONS)
"""(19,) a parabola, 1 in the middle."""


def a_back(bulge: float, *, lean_deg: float, thickness: float = 0.2, scale: float = 1.0) -> tuple[np.ndarray, ...]:
    """Vertices (1, V, 3), hips and shoulders (1, 3) of a back that bulges in its middle by so many torsos."""
    along, across = np.meshgrid(np.linspace(-0.1, 1.1, 120), np.linspace(-0.1, 0.1, 5))
    behind = thickness + bulge * 4 * along * (1 - along) - across**2
    lean = math.radians(lean_deg)
    up, dorsal = np.array([math.sin(lean), 0, math.cos(lean)]), np.array([-math.cos(lean), 0, math.sin(lean)])
    left = np.array([0.0, 1, 0])
    points = along[..., None] * up + behind[..., None] * dorsal + across[..., None] * left
    return points.reshape(1, -1, 3) * scale, np.zeros((1, 3)), up[None] * scale


@pytest.mark.parametrize("lean_deg", [-5.0, 0.0, 45.0, 90.0])
def test_profile_is_the_backs_height_however_it_leans(lean_deg):
    profile = mesh_dorsal_profiles(*a_back(0.05, lean_deg=lean_deg), torso=1.0)
    assert profile.shape == (1, 19)
    assert profile[0] == pytest.approx(0.2 + 0.05 * ARC, abs=0.01)


def test_station_without_a_vertex_is_unknown():
    points, hips, shoulders = a_back(0.05, lean_deg=0)
    profile = mesh_dorsal_profiles(points[:, points[0, :, 2] < 0.5], hips, shoulders, torso=1.0)
    assert np.isfinite(profile[0, :9]).all()
    assert np.isnan(profile[0, 12:]).all()
