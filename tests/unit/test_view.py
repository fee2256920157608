"""Where the camera stands."""

import numpy as np
import pytest
from builders import a_stick_figure

from livecoach.form.body import Measures, measure
from livecoach.form.view import LEAST_S, ViewEstimate, azimuth_deg, name_of
from livecoach.types import View


def difference_deg(a: float, b: float) -> float:
    return abs((a - b + 180) % 360 - 180)


def view_after(bend: float = 0.0, *, views_deg: list[float], fps: float = 30.0, estimate: ViewEstimate | None = None):
    """The view after a figure was seen from each of these sides, a frame each."""
    estimate = estimate or ViewEstimate()
    view: View | None = None
    for i, view_deg in enumerate(views_deg):
        figure = a_stick_figure(bend, view_deg=view_deg)
        view = estimate.step(i / fps, measure(figure), figure)
    return view


def test_bent_over_lifter_tells_nothing():
    """Depth misleads where the lifter is bent: there is no view until the lifter stood."""
    assert view_after(1.0, views_deg=[30.0] * 90) is None


def test_no_view_before_the_lifter_stood_for_a_moment():
    """One upright frame is not enough."""
    frames = int(LEAST_S * 30)
    assert view_after(views_deg=[30.0] * frames) is None
    assert view_after(views_deg=[30.0] * (frames + 3)) is not None


def test_collapsed_pose_tells_nothing_and_does_no_harm():
    """All landmarks in one place have no direction."""
    estimate = ViewEstimate()
    for i in range(60):
        estimate.step(i / 30, measure(np.zeros((33, 3))), np.zeros((33, 3)))
    assert view_after(views_deg=[30.0] * 60, estimate=estimate).name == "oblique"


@pytest.mark.parametrize("view_deg", range(-180, 180, 15))
def test_azimuth_of_a_figure_is_that_it_was_built_with(view_deg):
    """0 in front, 90 at the lifter's left side, all the way round."""
    assert difference_deg(azimuth_deg(a_stick_figure(0.0, view_deg=view_deg)), view_deg) < 0.01
    assert difference_deg(view_after(views_deg=[view_deg] * 30).azimuth_deg, view_deg) < 0.2


def test_mean_behind_the_lifter_is_behind():
    """175° and -175° average to 180°, not to 0°."""
    view = view_after(views_deg=[175.0, -175.0] * 30)
    assert view.name == "rear"
    assert difference_deg(view.azimuth_deg, 180) < 3


def test_uncertainty_grows_with_the_spread():
    """A view that jumps about is less sure."""
    steady, jumping = (view_after(views_deg=angles) for angles in ([30.0] * 60, [0.0, 60.0] * 30))
    assert jumping.uncertainty_deg > steady.uncertainty_deg
    assert jumping.azimuth_deg == pytest.approx(30, abs=3)


def test_lifter_who_turns_gets_a_new_view():
    """After some seconds the old one is forgotten."""
    assert view_after(views_deg=[0.0] * 90 + [90.0] * 600).name == "side"


def test_rate_does_not_matter():
    """Time is what counts, not frames."""
    angles = [10.0, 50.0]
    slow, fast = view_after(views_deg=angles * 20, fps=12), view_after(views_deg=np.repeat(angles * 20, 5), fps=60)
    assert slow.azimuth_deg == pytest.approx(fast.azimuth_deg, abs=2)


def test_repeated_and_backward_times_do_no_harm():
    """The estimate stays finite and where it was."""
    estimate = ViewEstimate()
    upright: Measures = measure(a_stick_figure(0.0))
    figure = a_stick_figure(0.0, view_deg=40.0)
    for t_s in [*np.arange(0, 2, 1 / 30), 2.0, 2.0, 1.9, 2.1]:
        view = estimate.step(float(t_s), upright, figure)
    assert view.azimuth_deg == pytest.approx(40, abs=0.2)


@pytest.mark.parametrize(
    ("azimuth", "name"),
    [(0, "front"), (-19, "front"), (20, "oblique"), (-65, "oblique"), (66, "side"), (-115, "side"), (116, "rear")],
)
def test_names_of_azimuths(azimuth, name):
    """Front under 20°, oblique to 65°, side to 115°, rear beyond; left and right alike."""
    assert name_of(azimuth) == name
    assert name_of(-azimuth) == name
