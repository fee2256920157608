"""A movement in numbers: what they say, and what they do not depend on."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_set
from builders.stick_figure import bends
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from livecoach.core.config import exercise
from livecoach.core.types import MovementTimes
from livecoach.decisions.counting.body_reader import boundary_indices
from livecoach.decisions.counting.moments import NEAR_S, STEP_S, Moments, even_times, local_means
from livecoach.decisions.counting.movement import Movement, Proposal, describe_movement, extract_features
from livecoach.decisions.counting.tuning import (
    EXCLUDED_LOG_RATIO,
    NO_LIFT_LEAST_LOG_RATIO,
    NO_LIFT_WEIGHT,
    UNLIKE_LOG_RATIO,
)
from livecoach.perception.body.body import ANKLE, HIP, WRIST, Body, find_body, gather

START, END = 20, 100


def a_lift(
    lift: str,
    moved: Callable[[Body], None],
    lift_log_odds: float = 0.0,
    deepest_deg: tuple[float, float, float] | None = None,
) -> Movement:
    """moved: changes the joints of each frame. In a Romanian deadlift, the figure of the deadlift begins upright."""
    away, rules = 1 - bends(reps=1, rest=1.0), exercise.load(lift).reps
    bent, figure = away if rules.rest == "up" else 1 - away, "squat" if lift == "squat" else "deadlift"
    seen = zip(a_set(bent, lift=figure, deepest_deg=deepest_deg), away, strict=True)
    bodies = []
    for o, distance in seen:
        if (b := find_body(o)) is not None:
            bodies.append(replace(b, distance_from_rest=distance, lift_log_odds=lift_log_odds))
            moved(bodies[-1])
    times = MovementTimes(START / 30, (START + END) / 60, END / 30)
    proposal = Proposal(kind="back", turns=times, times=times, span=1.0, samples=gather(bodies))
    return describe_movement(proposal, rules)


def as_it_is(seen: Body) -> None:
    pass


def raised_hands(seen: Body) -> None:
    seen.points_px[WRIST, :, 1] -= 150


def lowered_hands(seen: Body) -> None:
    seen.points_px[WRIST, :, 1] += 150


def hips_that_stay(seen: Body) -> None:
    seen.points_px[HIP, :, 1] = seen.points_px[ANKLE, :, 1] - 150


def a_raised_foot(seen: Body) -> None:
    seen.points_px[ANKLE, 0, 1] -= 150 * seen.distance_from_rest


def feet_at_two_heights(seen: Body) -> None:
    seen.points_px[ANKLE, 0, 1] -= 150


def hands_on_the_floor(seen: Body) -> None:
    """Ahead of the feet, as in a push-up."""
    seen.world[WRIST] = seen.world[ANKLE] + np.array([-0.4, 0.0, -0.7])


def hands_at_the_feet(seen: Body) -> None:
    seen.world[WRIST] = seen.world[ANKLE]


@pytest.mark.parametrize(
    ("lift", "moved", "log_ratio"),
    [
        ("deadlift", as_it_is, 0.0),
        ("deadlift", raised_hands, UNLIKE_LOG_RATIO),
        ("squat", as_it_is, 0.0),
        ("squat", hips_that_stay, UNLIKE_LOG_RATIO),
        ("squat", raised_hands, 0.0),
        ("squat", a_raised_foot, UNLIKE_LOG_RATIO),
        ("squat", feet_at_two_heights, 0.0),
        ("squat", hands_on_the_floor, EXCLUDED_LOG_RATIO),
        ("squat", hands_at_the_feet, 0.0),
        ("romanian_deadlift", hands_on_the_floor, EXCLUDED_LOG_RATIO),
        ("romanian_deadlift", hands_at_the_feet, 0.0),
    ],
)
def test_what_an_exercise_says_of_hands_hips_and_feet_speaks_against_other_movements(lift, moved, log_ratio):
    """A bar lies at the shins. Who squats goes down with the hips, too. Nobody lifts on the hands. No bar is seen."""
    found = a_lift(lift, moved)
    assert (found.by_posture, found.by_bar) == (log_ratio, 0.0)


@pytest.mark.parametrize(
    ("moved", "deepest_deg", "is_excluded"),
    [(as_it_is, (10, 35, 50), True), (as_it_is, (25, 70, 50), False), (lowered_hands, (10, 35, 50), False)],
)
def test_a_bow_with_the_bar_on_the_back_is_no_squat(moved, deepest_deg, is_excluded):
    """In a good morning the knees hardly bend. Who bows so far without a bar may squat badly."""
    found = a_lift("squat", moved, deepest_deg=deepest_deg)
    assert (found.by_posture == EXCLUDED_LOG_RATIO) == is_excluded


@pytest.mark.parametrize(
    ("log_odds", "ratio"), [(4.0, 0.0), (0.0, 0.0), (-0.5, -0.5 * NO_LIFT_WEIGHT), (-9.0, NO_LIFT_LEAST_LOG_RATIO)]
)
def test_recognition_only_speaks_against_a_lift(log_odds, ratio):
    """It is bounded, because the network may not know a lifter's way to lift."""
    assert a_lift("squat", as_it_is, log_odds).by_recognition == pytest.approx(ratio)


@given(rows=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=30), data=st.data())
def test_features_of_any_movement_are_finite(rows, data):
    n = len(rows)
    start = data.draw(st.integers(0, n - 1))
    m = Moments(
        t_s=np.sort(np.array(data.draw(st.lists(st.floats(0, 10), min_size=n, max_size=n)))),
        distance_from_rest=np.array(rows),
        world=np.outer(rows, np.ones(36)).reshape(n, 6, 2, 3) * data.draw(st.sampled_from([0.0, 1.0])),
        points_px=np.outer(rows, np.arange(24)).reshape(n, 6, 2, 2) * data.draw(st.sampled_from([0.0, 1.0])),
        start=start,
        end=data.draw(st.integers(start, n - 1)),
    )
    described = extract_features(m)
    assert np.isfinite(described.own).all()
    assert np.isfinite(described.trajectory).all()


# Curves at even times, whatever pictures are left of a clip


@given(fps=st.floats(12, 120), from_share=st.floats(0, 1))
def test_moments_of_a_window_are_a_step_apart_and_one_is_at_the_wanted_time(fps, from_share):
    t_s = np.arange(0, 3, 1 / fps)
    moments_s = even_times(t_s, float(from_share * t_s[-1]))
    assert np.diff(moments_s) == pytest.approx(STEP_S)
    assert np.abs(moments_s - from_share * t_s[-1]).min() < 1e-6
    assert -1e-6 <= moments_s[0] < STEP_S
    assert moments_s[-1] <= t_s[-1] + 1e-6


def test_moments_at_which_nobody_is_seen_are_left_out():
    t_s = np.concatenate([np.arange(0, 1, 1 / 30), np.arange(1.5, 2.5, 1 / 30)])
    moments_s = even_times(t_s, 0.0)
    assert not ((moments_s > 1 + NEAR_S) & (moments_s < 1.5 - NEAR_S)).any()


def test_a_straight_line_keeps_its_values():
    t_s = np.sort(np.random.default_rng(1).uniform(0, 2, 40))
    moments_s = np.linspace(t_s[0] + 0.05, t_s[-1] - 0.05, 9)
    values = np.broadcast_to(t_s[:, None, None], (40, 3, 2))
    assert local_means(t_s, values, moments_s) == pytest.approx(np.broadcast_to(moments_s[:, None, None], (9, 3, 2)))


# Where a rep starts, turns and ends on the curve of its travel


@given(arrays(float, st.integers(3, 60), elements=st.floats(-2, 2)), st.booleans())
def test_any_curve_has_its_boundaries_in_order(away: np.ndarray, lockout: bool):
    start, turn, end = boundary_indices(np.arange(len(away)) / 30, away, lockout=lockout)
    assert 0 <= start <= turn <= end < len(away)
