"""The way of the joints as one vector: the same for the same movement, however it was filmed."""

import numpy as np
import pytest
from a_population import a_kept_rep, a_seen_rep, kept
from builders import a_sighting, a_stick_figure, bends
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach import landmark
from livecoach.form.seen import seen_rep
from livecoach.form.trace import AXES, JOINTS, LENGTH, MOMENTS, OUT, by_joint, by_moment, durations, moments_s, trace


def filmed(*, fps: float = 30.0, height: float = 0.42, feet: tuple[float, float] = (0.5, 0.9)) -> np.ndarray:
    """Trace of one deadlift without trembling."""
    curve = bends(reps=1, rest=1.0, fps=fps)
    figures = [a_stick_figure(bend, view_deg=40.0) for bend in curve]
    seen = [a_sighting(f, t_s=i / fps, index=i, feet=feet, height=height) for i, f in enumerate(figures)]
    return trace(seen_rep(kept(seen, azimuth_deg=40.0)))


@settings(max_examples=10, deadline=None)
@given(height=st.floats(0.15, 0.5), x=st.floats(0.2, 0.8), fps=st.sampled_from([24.0, 30.0, 60.0]))
def test_a_trace_is_free_of_size_place_and_rate(height, x, fps):
    """Small or large, anywhere in the picture, at any rate; torso lengths."""
    assert filmed(fps=fps, height=height, feet=(x, 0.9)) == pytest.approx(filmed(), abs=0.02)


def test_a_trace_has_places_of_joints_at_moments_out_and_back():
    """Both ways are as long, and begin and end where the figure is; the hips are the world's origin."""
    found = trace(a_seen_rep()).reshape(2 * MOMENTS, len(JOINTS), AXES)
    assert (found.size, found.size // 2) == (LENGTH, OUT)
    hips = [JOINTS.index(i) for i in landmark.HIPS]
    assert found[:, hips, 2:].mean(1) == pytest.approx(np.zeros((2 * MOMENTS, 3)), abs=0.02)
    assert found[0] == pytest.approx(found[-1], abs=0.06)  # at the floor
    nose_up = found[:, JOINTS.index(0), 1]
    assert nose_up[MOMENTS - 1] == pytest.approx(nose_up.max(), abs=0.02)  # at the turn
    assert nose_up[MOMENTS - 1] > nose_up[0] + 0.9


def test_durations_are_logarithms_of_the_two_ways():
    """1.2 s out and 1.2 s back; none is shorter than a tenth of a second."""
    assert durations(a_seen_rep()) == pytest.approx(np.log([1.2, 1.2]))
    assert durations(seen_rep(a_kept_rep(turn_s=3.2))) == pytest.approx(np.log([2.4, 0.1]))


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


def test_moments_are_even_each_way():
    """The last one out is the turn."""
    found = moments_s(1.0, 2.4, 3.2)
    assert (found[0], found[MOMENTS - 1], found[-1]) == pytest.approx((1.0, 2.4, 3.2))
    assert np.diff(found) == pytest.approx([0.2] * (MOMENTS - 1) + [0.1] * MOMENTS)
