"""Where the camera stands."""

from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_sighting
from builders.stick_figure import a_stick_figure
from hypothesis import given
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.core.types import Observation, View
from livecoach.perception.body.body import find_body
from livecoach.perception.body.view import (
    BIAS_DEG,
    TORSO_OF_LEGS,
    ViewEstimator,
    azimuth_direction,
    azimuth_features,
    is_standing,
    view_name,
)

NEAR_DEG = 14.0
"""A stick figure is no lifter that the weights were fitted to: it comes out this near to the angle that was meant."""


PAIRS = {name: getattr(landmark, name.upper()) for name in ("shoulders", "hips", "knees", "ankles", "heels", "toes")}


def difference_deg(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


def mirrored(seen: Observation) -> Observation:
    """As if left and right were exchanged."""
    others = (name.replace("left", "?").replace("right", "left").replace("?", "right") for name in landmark.NAMES)
    order = [landmark.NAMES.index(name) for name in others]
    landmarks, world = seen.landmarks[order].copy(), seen.world[order].copy()
    landmarks[:, 0], world[:, 0] = 1 - landmarks[:, 0], -world[:, 0]
    return replace(seen, landmarks=landmarks, world=world)


def view_after(
    bend: float = 0.0,
    *,
    views_deg: list[float],
    fps: float = 30.0,
    estimate: ViewEstimator | None = None,
    start_s: float = 0.0,
    x: float = 0.2,
    step_x: float = 0.0,
) -> View | None:
    """The view after a figure was seen from each of these sides, a frame each; x, step_x:
    where it is, and how far it walks a frame."""
    estimate = estimate or ViewEstimator()
    for i, view_deg in enumerate(views_deg):
        seen = a_sighting(a_stick_figure(bend, view_deg=view_deg), t_s=start_s + i / fps, feet=(x + i * step_x, 0.9))
        estimate.step(find_body(seen), seen)
    return estimate.view


@pytest.mark.parametrize(("bend", "stands"), [(0.0, True), (1.0, False)])
def test_a_bent_lifter_does_not_count_as_standing(bend, stands):
    assert is_standing(find_body(a_sighting(a_stick_figure(bend))).measures) is stands


def test_there_is_no_view_before_the_lifter_was_seen_for_a_moment():
    assert view_after(views_deg=[30.0] * 6) is None
    assert view_after(views_deg=[30.0] * 8) == view_after(views_deg=[30.0] * 90)


def test_lifter_who_never_stands_gets_a_view_later():
    assert view_after(1.0, views_deg=[40.0] * 12) is None
    assert difference_deg(view_after(1.0, views_deg=[40.0] * 60).azimuth_deg, 40) < NEAR_DEG


def test_a_view_seen_standing_outweighs_a_view_seen_bent_over():
    estimate = ViewEstimator()
    view_after(views_deg=[30.0] * 60, estimate=estimate)
    standing = estimate.view.azimuth_deg
    view_after(1.0, views_deg=[50.0] * 60, estimate=estimate, start_s=2.0)
    assert standing < estimate.view.azimuth_deg < standing + 10


def test_collapsed_pose_tells_nothing_and_does_no_harm():
    estimate = ViewEstimator()
    seen = a_sighting(np.zeros((33, 3)))
    assert azimuth_direction(seen) is None
    for i in range(60):
        estimate.step(find_body(seen), replace(seen, t_s=i / 30))
    assert view_after(views_deg=[30.0] * 60, estimate=estimate).name == "oblique"


@pytest.mark.parametrize("view_deg", range(-180, 180, 30))
def test_azimuth_of_a_figure_is_about_that_it_was_built_with(view_deg):
    assert difference_deg(view_after(views_deg=[view_deg] * 30).azimuth_deg, view_deg) < NEAR_DEG


@given(view_deg=st.floats(-180, 180), bend=st.floats(0, 1))
def test_mirror_changes_the_sign_and_nothing_else(view_deg, bend):
    seen = a_sighting(a_stick_figure(bend, view_deg=view_deg))
    assert azimuth_direction(mirrored(seen)) == pytest.approx(azimuth_direction(seen).conjugate(), abs=1e-3)


def test_where_the_head_looks_tells_nothing():
    seen = a_sighting(a_stick_figure(0.0, view_deg=45.0))
    landmarks, world = seen.landmarks.copy(), seen.world.copy()
    landmarks[:11, 0] += 0.05
    world[:11] += 0.1
    assert azimuth_direction(replace(seen, landmarks=landmarks, world=world)) == azimuth_direction(seen)


def test_mean_behind_the_lifter_is_behind():
    view = view_after(views_deg=[175.0, -175.0] * 30)
    assert view.name == "rear"
    assert difference_deg(view.azimuth_deg, 180) < 3


def test_uncertainty_grows_with_the_spread():
    steady, jumping = (view_after(views_deg=angles) for angles in ([30.0] * 60, [0.0, 60.0] * 30))
    assert jumping.uncertainty_deg > steady.uncertainty_deg >= round(BIAS_DEG, 1)
    assert jumping.azimuth_deg == pytest.approx(steady.azimuth_deg, abs=6)


def test_front_taken_for_back_now_and_then_is_not_silent():
    """Where half of the frames show the back, the view says that it does not know."""
    assert view_after(views_deg=[10.0, 170.0] * 45).uncertainty_deg > 25


def test_signs_that_contradict_each_other_make_the_view_unsure():
    """Landmarks of a guessed pose: the shoulders' line is turned, feet and hips are not."""
    seen = a_sighting(a_stick_figure(0.0, view_deg=0.0))
    world = seen.world.copy()
    world[list(landmark.SHOULDERS), 0] *= 0.1
    world[list(landmark.HIPS), 0] *= 0.1
    estimate, unsure = ViewEstimator(), replace(seen, world=world)
    for i in range(30):
        estimate.step(replace(find_body(unsure), t_s=i / 30), unsure)
    assert estimate.view.uncertainty_deg > 2 * BIAS_DEG


def test_lifter_who_turns_gets_a_new_view():
    assert view_after(views_deg=[0.0] * 900 + [90.0] * 60).name == "side"


def test_who_walks_in_from_the_side_is_seen_as_he_stands_then():
    estimate = ViewEstimator()
    view_after(views_deg=[75.0] * 90, step_x=0.006, estimate=estimate)
    stood = view_after(views_deg=[50.0] * 30).azimuth_deg
    after = view_after(views_deg=[50.0] * 30, estimate=estimate, start_s=3.0, x=0.74)
    assert after.azimuth_deg == pytest.approx(stood, abs=6)


def test_the_view_does_not_depend_on_the_frame_rate():
    angles = [10.0, 50.0]
    slow, fast = view_after(views_deg=angles * 20, fps=12), view_after(views_deg=np.repeat(angles * 20, 5), fps=60)
    assert slow.azimuth_deg == pytest.approx(fast.azimuth_deg, abs=2)


def test_repeated_and_backward_times_leave_the_view_as_it_is():
    estimate = ViewEstimator()
    figure = a_stick_figure(0.0, view_deg=40.0)
    for t_s in [*np.arange(0, 2, 1 / 30), 2.0, 2.0, 1.9, 2.1]:
        seen = a_sighting(figure, t_s=float(t_s))
        view = estimate.step(find_body(seen), seen)
    assert view.azimuth_deg == pytest.approx(view_after(views_deg=[40.0] * 60).azimuth_deg, abs=0.2)


@pytest.mark.parametrize(
    ("azimuth", "name"),
    [(0, "front"), (-19, "front"), (20, "oblique"), (-65, "oblique"), (66, "side"), (-115, "side"), (116, "rear")],
)
def test_each_azimuth_has_the_name_of_its_view_on_both_sides(azimuth, name):
    assert view_name(azimuth) == name
    assert view_name(-azimuth) == name


def test_features_of_the_azimuth_are_widths_and_depths_in_lengths_of_the_torso():
    """In the picture in its torso's length there, or that which the legs imply if it is foreshortened."""
    rng = np.random.default_rng(1)
    for lean_px in (0.0, 1.0):
        seen = a_sighting(a_stick_figure(0.0, view_deg=30.0))
        landmarks, world = seen.landmarks.copy(), seen.world + rng.normal(0, 0.02, seen.world.shape)
        landmarks[:, :2] += rng.normal(0, 0.01, (33, 2))
        landmarks[list(landmark.SHOULDERS), 1] += 0.3 * lean_px  # lower in the picture
        seen = replace(seen, landmarks=landmarks, world=world.astype(np.float32))
        points, world = seen.points_px.astype(float), seen.world.astype(float)
        at = {name: (points[list(pair)], world[list(pair)]) for name, pair in PAIRS.items()}
        torso_m = np.linalg.norm(at["shoulders"][1].mean(0) - at["hips"][1].mean(0))
        torso_px = np.linalg.norm(at["shoulders"][0].mean(0) - at["hips"][0].mean(0))
        legs_px = sum(
            np.linalg.norm(at[a][0] - at[b][0], axis=1).mean() for a, b in (("hips", "knees"), ("knees", "ankles"))
        )
        unit_px = max(torso_px, TORSO_OF_LEGS * legs_px)
        across = {name: (at[name][1][0] - at[name][1][1]) / torso_m for name in ("shoulders", "hips")}
        sine, cosine = azimuth_features(seen)
        feet_px = at["toes"][0].mean(0)[0] - at["heels"][0].mean(0)[0]
        assert sine == pytest.approx(
            {name: off[2] for name, off in across.items()} | {"feet": feet_px / unit_px}, rel=1e-4
        )
        width = (at["shoulders"][0][0] - at["shoulders"][0][1])[0] / unit_px
        expected = {name: off[0] for name, off in across.items()} | {"width": width, "one": 1.0}
        assert cosine == pytest.approx(expected, rel=1e-4)
