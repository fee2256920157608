"""The trajectory of the joints: the same for the same movement, however it was filmed."""

from dataclasses import replace

import numpy as np
import pytest
from builders.kept_reps import a_kept_rep, a_normalised_rep, kept
from builders.observations import a_set, a_sighting
from builders.stick_figure import a_stick_figure, bends
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import load_faults
from livecoach.decisions.rep.view_normalised import (
    JOINTS,
    MOMENTS,
    SHARES,
    TRAJECTORY_SHAPE,
    align_heading,
    compute_trajectory,
    normalise_rep,
    sampled_moments_s,
)
from livecoach.perception.body.body import pair_middle


def of_pull(rep):
    """Return the trajectory of a deadlift."""
    return compute_trajectory(rep, sampled_moments_s(rep, "bar"))


def filmed(*, fps: float = 30.0, height: float = 0.42, feet: tuple[float, float] = (0.5, 0.9)) -> np.ndarray:
    curve = bends(reps=1, rest=1.0, fps=fps)
    figures = [a_stick_figure(bend, view_deg=40.0) for bend in curve]
    seen = [a_sighting(f, t_s=i / fps, index=i, feet=feet, height=height) for i, f in enumerate(figures)]
    return of_pull(normalise_rep(kept(seen, azimuth_deg=40.0)))


@settings(max_examples=6)
@given(height=st.floats(0.15, 0.5), x=st.floats(0.2, 0.8), fps=st.sampled_from([24.0, 30.0, 60.0]))
def test_a_trajectory_is_free_of_size_place_and_rate(height, x, fps):
    assert filmed(fps=fps, height=height, feet=(x, 0.9)) == pytest.approx(filmed(), abs=0.02)


def test_a_trajectory_has_places_of_joints_at_moments_out_and_back():
    found = of_pull(a_normalised_rep())
    assert found.shape == TRAJECTORY_SHAPE == (2 * MOMENTS, len(JOINTS), 3)
    hips = [JOINTS.index(i) for i in landmark.HIPS]
    assert found[:, hips].mean(1) == pytest.approx(np.zeros((2 * MOMENTS, 3)), abs=0.02)
    assert found[0] == pytest.approx(found[-1], abs=0.06)  # near the floor
    nose_up = found[:, JOINTS.index(0), 2]
    assert nose_up[MOMENTS - 1] == pytest.approx(nose_up.max(), abs=0.02)  # near the turn
    assert nose_up[MOMENTS - 1] > nose_up[0] + 0.4


def test_a_landmark_that_the_pose_model_does_not_give_is_unknown():
    window = a_kept_rep()
    seen = []
    for o in window.observations:
        world = o.world.copy()
        world[landmark.TOES[0]] = np.nan
        seen.append(replace(o, world=world))
    found = of_pull(normalise_rep(replace(window, observations=tuple(seen))))
    unknown = np.isnan(found).all((0, 2))
    assert [JOINTS[i] for i in np.flatnonzero(unknown)] == [landmark.TOES[0]]
    assert np.isfinite(found[:, ~unknown]).all()


def test_durations_are_logarithms_of_the_two_ways():
    even, late = (MeasuredRep(rep, load_faults("deadlift")) for rep in (a_kept_rep(), a_kept_rep(turn_s=3.2)))
    assert even.log_durations == pytest.approx(np.log([1.2, 1.2]))
    assert late.log_durations == pytest.approx(np.log([2.4, 0.1]))


@pytest.mark.parametrize(("lift", "rest"), [("deadlift", 1.0), ("squat", 0.0)])
def test_a_hold_at_the_turn_makes_neither_way_longer(lift, rest):
    quick = bends(reps=1, rest=rest)
    turn = int(np.argmin(quick) if rest else np.argmax(quick))
    usual = MeasuredRep(kept(a_set(quick, lift=lift)), load_faults(lift))
    for sinks in (0.0, 0.1):
        held = np.concatenate([quick[:turn], np.abs(np.full(240, quick[turn]) - sinks), quick[turn:]])
        window = replace(kept(a_set(held, lift=lift)), end_s=11.2)
        held_s = np.exp(MeasuredRep(window, load_faults(lift)).log_durations)
        assert held_s == pytest.approx(np.exp(usual.log_durations), abs=1.1)
        half = MeasuredRep(replace(window, end_s=2.3), load_faults(lift))  # which goes on being held after its end
        assert half.log_durations == pytest.approx(np.log([1.2, 0.3]))


def hands_up(rep, at_s: np.ndarray) -> np.ndarray:
    """Height of the hands at some moments, as a share of their travel."""
    height = (pair_middle(rep.picture, landmark.WRISTS) - pair_middle(rep.picture, landmark.ANKLES))[:, 1]
    low, high = (np.interp(moment_s, rep.t_s, height) for moment_s in (rep.start_s, rep.turn_s))
    return (np.interp(at_s, rep.t_s, height) - low) / (high - low)


@pytest.mark.parametrize("turn_s", [2.0, 1.6])
def test_moments_are_at_even_shares_of_the_travel(turn_s):
    """Also if the hands do not rest at the turn."""
    rep = normalise_rep(a_kept_rep(turn_s=turn_s))
    found = sampled_moments_s(rep, "bar")
    assert (np.diff(found) > 0).all()
    assert hands_up(rep, found[:MOMENTS]) == pytest.approx(SHARES, abs=0.01)
    assert hands_up(rep, found[MOMENTS:]) == pytest.approx(1 - SHARES, abs=0.01)


# Turned to another one


SEEN = of_pull(a_normalised_rep())


def about_the_vertical(points: np.ndarray, degrees: float) -> np.ndarray:
    """Turn to the lifter's left."""
    angle = np.radians(degrees)
    x, y, z = np.moveaxis(points, -1, 0)
    return np.stack([np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y, z], -1)


@given(degrees=st.floats(-180, 180), lost=st.sets(st.sampled_from(range(len(JOINTS))), max_size=8))
def test_where_the_lifter_faced_is_no_difference_and_joints_that_are_unknown_do_not_turn_it(degrees, lost):
    points = about_the_vertical(SEEN, degrees)
    points[:, sorted(lost)] = np.nan
    found, left = align_heading(points, SEEN), [i for i in range(len(JOINTS)) if i not in lost]
    assert found[:, left] == pytest.approx(SEEN[:, left], abs=1e-6)
    assert np.isnan(found[:, sorted(lost)]).all()


@given(seed=st.integers(0, 1000), degrees=st.floats(-180, 180))
def test_no_other_turn_brings_a_trajectory_nearer(seed, degrees):
    points = SEEN + np.random.default_rng(seed).normal(0, 0.2, TRAJECTORY_SHAPE)
    best, other = align_heading(points, SEEN), about_the_vertical(points, degrees)
    assert ((best - SEEN) ** 2).mean() <= ((other - SEEN) ** 2).mean() + 1e-12


def test_a_trajectory_of_unknown_joints_stays_unknown():
    assert np.isnan(align_heading(np.full(TRAJECTORY_SHAPE, np.nan), SEEN)).all()
