"""The way of the joints as one vector: the same for the same movement, however it was filmed."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.population import a_kept_rep, a_normalised_rep, kept
from builders.stick_figure import a_stick_figure, bends
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach import landmark
from livecoach.rep.trajectory_vector import (
    AXES,
    JOINTS,
    LENGTH,
    MOMENTS,
    OUT,
    SHARES,
    by_joint,
    by_moment,
    durations,
    moments_s,
    trace,
    usual_moments_s,
)
from livecoach.rep.view_normalised import normalised_rep


def filmed(*, fps: float = 30.0, height: float = 0.42, feet: tuple[float, float] = (0.5, 0.9)) -> np.ndarray:
    """Trace of one deadlift without trembling."""
    curve = bends(reps=1, rest=1.0, fps=fps)
    figures = [a_stick_figure(bend, view_deg=40.0) for bend in curve]
    seen = [a_sighting(f, t_s=i / fps, index=i, feet=feet, height=height) for i, f in enumerate(figures)]
    return trace(normalised_rep(kept(seen, azimuth_deg=40.0)), "bar")


@settings(max_examples=10)
@given(height=st.floats(0.15, 0.5), x=st.floats(0.2, 0.8), fps=st.sampled_from([24.0, 30.0, 60.0]))
def test_a_trace_is_free_of_size_place_and_rate(height, x, fps):
    """Small or large, anywhere in the picture, at any rate; torso lengths."""
    assert filmed(fps=fps, height=height, feet=(x, 0.9)) == pytest.approx(filmed(), abs=0.02)


def test_a_trace_has_places_of_joints_at_moments_out_and_back():
    """Both ways are as long, and begin and end where the figure is; the hips are the world's origin."""
    found = trace(a_normalised_rep(), "bar").reshape(2 * MOMENTS, len(JOINTS), AXES)
    assert (found.size, found.size // 2) == (LENGTH, OUT)
    hips = [JOINTS.index(i) for i in landmark.HIPS]
    assert found[:, hips, 2:].mean(1) == pytest.approx(np.zeros((2 * MOMENTS, 3)), abs=0.02)
    assert found[0] == pytest.approx(found[-1], abs=0.06)  # near the floor
    nose_up = found[:, JOINTS.index(0), 1]
    assert nose_up[MOMENTS - 1] == pytest.approx(nose_up.max(), abs=0.02)  # near the turn
    assert nose_up[MOMENTS - 1] > nose_up[0] + 0.7


def test_durations_are_logarithms_of_the_two_ways():
    """1.2 s out and 1.2 s back; none is shorter than a tenth of a second."""
    assert durations(a_normalised_rep()) == pytest.approx(np.log([1.2, 1.2]))
    assert durations(normalised_rep(a_kept_rep(turn_s=3.2))) == pytest.approx(np.log([2.4, 0.1]))


def test_what_falls_to_joints_is_all_there_is():
    """Squares of a trace, summed by joint; one joint's falls to it alone."""
    squares = np.random.default_rng(0).random(LENGTH)
    assert by_joint(squares).sum() == pytest.approx(squares.sum())
    one = np.zeros((2 * MOMENTS, len(JOINTS), AXES))
    one[3, 5, 1] = 2.0
    assert by_joint(one.ravel()).tolist() == [0.0] * 5 + [2.0] + [0.0] * (len(JOINTS) - 6)


def test_what_falls_to_moments_is_all_there_is():
    """A moment's axes together; of all moments it is the joint's."""
    squares = np.arange(LENGTH, dtype=float)
    at = by_moment(squares)
    assert at.shape == (2 * MOMENTS, len(JOINTS))
    assert at[0, 1] == squares[AXES : 2 * AXES].sum()
    assert at.sum(0) == pytest.approx(by_joint(squares))


def hands_up(rep, at_s: np.ndarray) -> np.ndarray:
    """Height of the hands at some moments, as a share of their travel."""
    height = (landmark.middle(rep.picture, landmark.WRISTS) - landmark.middle(rep.picture, landmark.ANKLES))[:, 1]
    low, high = (np.interp(moment_s, rep.t_s, height) for moment_s in (rep.start_s, rep.turn_s))
    return (np.interp(at_s, rep.t_s, height) - low) / (high - low)


def test_moments_are_at_even_shares_of_the_travel():
    """Out to the turn, and back: what the hands have covered then."""
    rep = a_normalised_rep()
    found = moments_s(rep, "bar")
    assert (np.diff(found) > 0).all()
    assert hands_up(rep, found[:MOMENTS]) == pytest.approx(SHARES, abs=0.05)
    assert hands_up(rep, found[MOMENTS:]) == pytest.approx(1 - SHARES, abs=0.05)


@settings(max_examples=10)
@given(slower=st.floats(0.6, 1.8))
def test_pace_drops_out_of_a_trace(slower):
    """A rep that is slower on its way up passes through the same places."""
    curve = bends(reps=1, rest=1.0, fps=60.0)
    figures = [a_stick_figure(bend, view_deg=40.0) for bend in curve]
    usual_s = np.arange(len(figures)) / 60.0
    grind_s = np.where(usual_s < 2.0, usual_s * slower, usual_s + 2.0 * (slower - 1))

    def of(t_s: np.ndarray) -> np.ndarray:
        seen = [a_sighting(f, t_s=float(t), index=i) for i, (f, t) in enumerate(zip(figures, t_s, strict=True))]
        start_s, turn_s, end_s = np.interp((0.8, 2.0, 3.2), usual_s, t_s)
        one = replace(kept(seen, azimuth_deg=40.0), start_s=start_s, turn_s=turn_s, end_s=end_s)
        return trace(normalised_rep(one), "bar")

    assert of(grind_s) == pytest.approx(of(usual_s), abs=0.06)


def test_usual_moments_rise_from_the_start_to_the_end():
    """As a body moves that starts and stops smoothly: slow at both ends of each way."""
    found = usual_moments_s(2.0, 1.0)
    assert found.shape == (2 * MOMENTS,)
    assert (np.diff(found) > 0).all()
    assert 0 < found[0] < found[MOMENTS - 1] < 2.0 < found[MOMENTS] < found[-1] < 3.0
    assert found[1] - found[0] > found[MOMENTS // 2] - found[MOMENTS // 2 - 1]
