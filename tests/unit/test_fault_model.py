"""How much of each named fault a rep shows: a function of all that changed."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.references import DEADLIFT, a_measured_rep
from builders.scorers import a_fault_model
from hypothesis import given
from hypothesis import strategies as st

from livecoach.decisions.judging.fault_model import (
    BACK_PER_DEG,
    BY_ITSELF,
    CENTRES_DEG,
    MOST_CHANGE,
    SAME_TILT_DEG,
    VIEW_OFF_DEG,
    AmountFunction,
    fault_readings,
    function_measures,
    margin_ratio,
    tilt_shift_size,
    without_direction,
)
from livecoach.decisions.rep.measures import FaultKind, FaultSign, FaultTable
from livecoach.decisions.rep.measures.faults import SPREADS

LEAN = FaultSign(measure="trunk_change_to_knee_pass_deg", side="more", by="difference", smallest=6.0)
NARROW = FaultSign(measure="knee_width_over_lift", side="less", by="factor", smallest=0.8)
ASIDE = FaultSign(measure="hand_height_difference", side="either", by="difference", smallest=0.1)
BACK = FaultSign(measure="dorsal_sagitta", side="more", by="difference", smallest=0.012)


def a_fault(*signs: FaultSign, **changes: object) -> FaultKind:
    return FaultKind(cue="do it right", words="it was wrong", min_fps=0.0, decided_by="any", signs=signs, **changes)  # type: ignore[arg-type]


TABLE = FaultTable(
    exercise="deadlift",
    travel="bar",
    faults={"lean": a_fault(LEAN), "narrow": a_fault(NARROW), "aside": a_fault(ASIDE), "back": a_fault(BACK)},
)
MODEL = a_fault_model(TABLE, latent=2)


def test_amounts_are_the_mean_of_a_linear_function_and_a_network_that_know_the_view():
    """Of changes in spreads: no wild one rules, and what is unknown counts as no change."""
    rng = np.random.default_rng(1)
    scale, linear, hidden, out = (rng.normal(size=size) for size in (3, (2, 9), (4, 5), (2, 4)))
    weights = {"scale": abs(scale), "linear": linear, "hidden": hidden, "out": out}
    biases = {"hidden_bias": rng.normal(size=4), "out_bias": rng.normal(size=2)}
    function = AmountFunction(**weights, **biases, seen=np.zeros((2, len(CENTRES_DEG))))
    changes, azimuths_deg = np.array([[0.4, -99.0, math.nan], [1.0, 0.5, math.inf]]), np.array([40.0, -130.0])
    known = np.array([[0.4 / abs(scale[0]), -MOST_CHANGE, 0.0], [*np.array([1.0, 0.5]) / abs(scale[:2]), MOST_CHANGE]])
    for amounts, row, azimuth_deg in zip(function.amounts(changes, azimuths_deg), known, azimuths_deg, strict=True):
        view = math.cos(math.radians(azimuth_deg)), abs(math.sin(math.radians(azimuth_deg)))
        units = np.maximum(hidden @ [*row, *view] + biases["hidden_bias"], 0)
        of_line = linear @ [*row, *(view[0] * row), *(view[1] * row)]
        assert amounts == pytest.approx((of_line + out @ units + biases["out_bias"]) / 2)


@given(amounts=st.lists(st.floats(-5, 5), min_size=4, max_size=4))
def test_a_fault_of_either_side_has_no_sign(amounts):
    found = without_direction(np.array([amounts]), TABLE)[0]
    assert found.tolist() == [*amounts[:2], abs(amounts[2]), amounts[3]]


# Of a rep


def test_a_rep_without_a_change_has_no_amount_of_anything():
    nothing = MODEL.amounts(np.zeros(2), np.zeros(8), 30.0)
    assert nothing.tolist() == [0.0] * 4
    leant = np.zeros(8)
    leant[[2 + list(MODEL.measures).index(LEAN.measure), 5 + list(MODEL.measures).index(LEAN.measure)]] = 12.0
    assert MODEL.amounts(np.zeros(2), leant, 30.0) == pytest.approx([2.0, 0.0, 0.0, 0.0])


def test_readings_are_durations_and_measures_of_world_and_picture():
    """A factor by its logarithm; what could not be had is unknown."""
    rep = a_measured_rep()
    rep.world_values = {**rep.world_values, NARROW.measure: 1.5}
    rep.picture_values = {**rep.picture_values, NARROW.measure: math.nan}
    found, place = fault_readings(rep, TABLE, MODEL.measures), list(MODEL.measures).index(NARROW.measure)
    assert len(found) == 2 + 2 * len(MODEL.measures)
    assert found[:2] == pytest.approx(rep.log_durations)
    assert found[2 + place] == pytest.approx(math.log(1.5))
    assert math.isnan(found[2 + len(MODEL.measures) + place])


def test_a_trajectory_does_not_hold_the_backs_edge():
    """Nor feet that moved between two reps, nor a pause on the floor: these are judged by themselves, as are knees that
    open before the bar rises."""
    assert set(function_measures(DEADLIFT)) == set(DEADLIFT.signs) - set(BY_ITSELF)
    assert function_measures(TABLE) == (LEAN.measure, NARROW.measure, ASIDE.measure)


# Where a fault shows


@given(azimuth_deg=st.floats(0, 105))
def test_the_effect_is_the_least_within_the_error_of_the_view(azimuth_deg):
    """That of the nearest places at which it was measured, over the limit."""
    amounts = np.arange(4.0 * len(CENTRES_DEG)).reshape(4, -1)
    model = replace(MODEL, function=replace(MODEL.function, seen=amounts), limits=np.array([1.0, 2.0, 4.0, 0.5]))
    near = [min(max(azimuth_deg + off, 0.0), 90.0) for off in (-VIEW_OFF_DEG, 0.0, VIEW_OFF_DEG)]
    places = [min(range(len(CENTRES_DEG)), key=lambda i, a=a: abs(CENTRES_DEG[i] - a)) for a in near]
    expected = {
        name: min(row[place] for place in places) / limit
        for name, row, limit in zip(TABLE.faults, amounts, model.limits, strict=True)
    }
    found = model.effects(azimuth_deg)
    assert {name: found[name] for name in ("lean", "narrow", "aside")} == pytest.approx(
        {name: expected[name] for name in ("lean", "narrow", "aside")}
    )


@pytest.mark.parametrize(("azimuth_deg", "effect"), [(0.0, 0.0), (60.0, 0.0), (63.0, math.inf), (90.0, math.inf)])
def test_the_backs_edge_shows_from_the_side_or_not_at_all(azimuth_deg, effect):
    """The mask holds it, not the trajectory: what was learned of trajectories says nothing of it."""
    assert MODEL.effects(azimuth_deg)["back"] == effect


@pytest.mark.parametrize(("azimuth_deg", "effect"), [(10.0, 0.5), (30.0, 0.5), (31.0, math.inf), (90.0, math.inf)])
def test_hips_first_is_judged_by_the_knees_from_the_side_and_by_the_trajectory_from_the_front(azimuth_deg, effect):
    places = list(DEADLIFT.faults)
    model = replace(
        MODEL,
        table=DEADLIFT,
        function=replace(MODEL.function, seen=np.ones((len(places), len(CENTRES_DEG)))),
        limits=np.full(len(places), 2.0),
    )
    assert model.effects(azimuth_deg)["hips_early"] == effect


# What is judged by itself


@given(own=st.lists(st.floats(-0.1, 0.1), min_size=1, max_size=8), off=st.floats(-0.2, 0.2))
def test_a_measure_alone_is_judged_by_the_spread_of_ones_own(own, off):
    """In margins from the median; the margin is the smallest change worth saying at the least."""
    margin = 1.0 / margin_ratio(BACK, np.median(own) + 1.0, own)
    assert margin >= BACK.smallest * (1 - 1e-9)
    assert margin_ratio(BACK, np.median(own) + off, own) == pytest.approx(off / margin, abs=1e-9)


def test_the_margin_is_the_usual_one_with_one_own_rep_and_narrows_with_more():
    usual, _ = BY_ITSELF["dorsal_sagitta"]
    one, many = (1.0 / margin_ratio(replace(BACK, smallest=0.0), 1.0, [0.0] * count) for count in (1, 20))
    assert one == pytest.approx(SPREADS * usual * math.sqrt(2))
    assert many < 0.5 * one


def test_the_margin_of_the_back_is_wider_where_the_camera_looks_up_more_or_less():
    """By as many spreads as one's own reps count, of what another tilt does to the back; no other measure's is."""
    back, shifts = replace(BACK, smallest=0.0), (tilt_shift_size(BACK.measure, deg, 80.0) for deg in (0.0, 4.0, -4.0))
    level, up, down = (1.0 / margin_ratio(back, 1.0, [0.0], shift) for shift in shifts)
    assert up == down == pytest.approx(math.hypot(level, SPREADS * BACK_PER_DEG * (4 - SAME_TILT_DEG)))
    knees = replace(BACK, measure="knee_opening_share")
    shift = tilt_shift_size(knees.measure, 4.0, 80.0)
    assert margin_ratio(knees, 1.0, [0.0], shift) == margin_ratio(knees, 1.0, [0.0])


@pytest.mark.parametrize(
    ("off_deg", "azimuth_deg", "factor"), [(0.0, 60.0, 1.0), (1.5, 60.0, 1.0), (5.0, 0.0, 1.0), (5.0, 60.0, 1.88)]
)
def test_from_aside_the_farther_hand_is_higher_before_a_camera_that_stands_higher(off_deg, azimuth_deg, factor):
    """The limit grows as the hand rises: 1.5 shoulder widths away by 3.5°, seen between shoulders of half their width.
    From the front both hands are as far away."""
    hands = DEADLIFT.faults["uneven_bar"].signs[0]
    for tilt_deg in (off_deg, -off_deg):
        shift = tilt_shift_size(hands.measure, tilt_deg, azimuth_deg)
        assert math.hypot(1.0, shift / hands.least_change) == pytest.approx(factor, abs=0.01)


def test_an_unknown_measure_of_a_rep_or_a_lifter_has_no_ratio():
    assert margin_ratio(BACK, math.nan, [0.0]) is None
    assert margin_ratio(BACK, 0.1, [math.nan, math.nan]) is None
    assert margin_ratio(BACK, 0.1, []) is None
    assert margin_ratio(BACK, 0.1, [math.nan, 0.0]) == margin_ratio(BACK, 0.1, [0.0])
