"""Places of keypoints from heat maps and from distributions along the axes."""

import numpy as np
import pytest

from livecoach.pose.top_down_networks import decode_heat_maps, decode_simcc

WIDTH, HEIGHT = 48, 64
PLACES = [(0.5, 0.5), (0.31, 0.72), (0.617, 0.204)]


def a_heat_map(x: float, y: float, spread: float = 2.0) -> np.ndarray:
    """A peak of 1 at a place, given as shares of the map."""
    across, down = np.arange(WIDTH) + 0.5 - x * WIDTH, np.arange(HEIGHT) + 0.5 - y * HEIGHT
    return np.exp(-0.5 * (across**2 + down[:, None] ** 2) / spread**2).astype(np.float32)


@pytest.mark.parametrize("place", PLACES)
def test_a_peak_is_found_between_the_pixels(place):
    places, _ = decode_heat_maps(a_heat_map(*place)[None])
    assert np.abs((places[0] - place) * (WIDTH, HEIGHT)).max() < 0.02


def test_each_keypoint_has_its_place_and_its_score():
    """In the order of the maps; the score is the height of the peak."""
    maps = np.stack([a_heat_map(*place) * height for place, height in zip(PLACES, (1.0, 0.5, 0.2), strict=True)])
    places, scores = decode_heat_maps(maps)
    assert places == pytest.approx(np.array(PLACES), abs=0.01)
    assert scores == pytest.approx([1.0, 0.5, 0.2], abs=0.1)


@pytest.mark.parametrize(("x", "y"), [(0, 0), (WIDTH - 1, 0), (0, HEIGHT - 1), (1, 5), (WIDTH - 1, HEIGHT - 1)])
def test_a_peak_at_the_border_stays_in_its_pixel(x, y):
    """There is nothing beside it to refine it by."""
    heat = np.zeros((1, HEIGHT, WIDTH), np.float32)
    heat[0, y, x] = 1.0
    places, _ = decode_heat_maps(heat)
    assert np.abs(places[0] * (WIDTH, HEIGHT) - (x + 0.5, y + 0.5)).max() <= 0.25


def test_a_ridge_moves_a_quarter_of_a_pixel_to_the_higher_side():
    """Its logarithm has no peak of its own: the rule before the expansion stands."""
    heat = np.full((HEIGHT, WIDTH), 0.1, np.float32)
    heat[:, 20], heat[:, 21], heat[32, 20] = 0.5, 0.3, 0.51
    places, _ = decode_heat_maps(heat[None])
    assert places[0, 0] * WIDTH - 20.5 == pytest.approx(0.25, abs=0.26)


def test_nothing_at_all_has_a_score_of_zero():
    """And a place: who asks looks at the score first."""
    places, scores = decode_heat_maps(np.zeros((17, HEIGHT, WIDTH), np.float32))
    assert np.isfinite(places).all()
    assert (scores == 0).all()


def test_distributions_along_the_axes_give_place_and_the_lower_peak():
    """Bins are finer than pixels; a parabola finds the place between them."""
    bins = np.arange(384) + 0.5
    across = np.exp(-0.5 * ((bins - 0.4 * 384) / 3) ** 2)[None].astype(np.float32)
    bins = np.arange(512) + 0.5
    down = 0.6 * np.exp(-0.5 * ((bins - 0.7777 * 512) / 3) ** 2)[None].astype(np.float32)
    places, scores = decode_simcc(across, down)
    assert places[0] == pytest.approx([0.4, 0.7777], abs=2e-4)
    assert scores[0] == pytest.approx(0.6, abs=0.01)


@pytest.mark.parametrize("first", [True, False])
def test_a_peak_in_the_first_or_last_bin_stays_there(first):
    """A parabola needs a bin on either side."""
    bins = np.zeros((1, 64), np.float32)
    bins[0, 0 if first else -1] = 1.0
    places, _ = decode_simcc(bins, bins)
    assert places[0] * 64 == pytest.approx([0.5 if first else 63.5] * 2)
