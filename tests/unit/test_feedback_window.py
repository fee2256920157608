"""The window's size and place, and the black bars of a canvas in another shape."""

import numpy as np
import pytest

from livecoach.feedback.window import ScreenArea, enlarged, letterboxed, on_canvas, placed, screen_area

SHAPES = {"4:3": (640, 480), "16:9": (960, 540), "portrait": (1014, 600), "21:9": (960, 410), "tall": (400, 960)}
SCREENS = (ScreenArea(0, 0, 1366, 768), ScreenArea(0, 0, 1920, 1080), ScreenArea(1920, 200, 1080, 1920))


@pytest.mark.parametrize("canvas", SHAPES.values(), ids=SHAPES)
@pytest.mark.parametrize("screen", SCREENS, ids=str)
def test_the_window_has_the_shape_of_the_canvas_and_fits_the_screen(canvas, screen):
    """Its shape is right within a pixel, nothing is off the screen, and there is room for its title."""
    place = placed(canvas, screen)
    assert abs(place.width - place.height * canvas[0] / canvas[1]) <= 2
    assert place.width > 0.9 * screen.width or place.height > 0.8 * screen.height
    assert screen.x <= place.x
    assert place.x + place.width <= screen.x + screen.width
    assert screen.y + 30 <= place.y
    assert place.y + place.height + 30 <= screen.y + screen.height


def test_a_screen_of_unknown_size_is_taken_to_be_small():
    """The window fits into 1280×720."""
    place = placed((960, 540), None)
    assert place.width <= 1280
    assert place.height <= 650


@pytest.mark.parametrize("window", [(1366, 768), (800, 700), (1200, 300), (300, 300), (1, 1)])
@pytest.mark.parametrize("canvas", SHAPES.values(), ids=SHAPES)
def test_a_canvas_in_another_shape_gets_black_bars(canvas, window):
    """With them it has the window's shape, so that stretching it over the window keeps circles round."""
    white = np.full((canvas[1], canvas[0], 3), 255, np.uint8)
    shown = letterboxed(white, window)
    height, width = shown.shape[:2]
    assert width / window[0] == pytest.approx(height / window[1], rel=0.01)
    assert (shown == 255).all(axis=2).sum() == canvas[0] * canvas[1]
    assert (shown == 0).all(axis=2).sum() == width * height - canvas[0] * canvas[1]


def test_a_canvas_in_the_window_s_shape_is_not_copied():
    """That takes no time. A window of whole pixels is never exactly 16:9."""
    canvas = np.zeros((540, 960, 3), np.uint8)
    assert letterboxed(canvas, (1173, 660)) is canvas


@pytest.mark.parametrize("window", [(1366, 768), (800, 700), (1200, 300), (300, 300)])
@pytest.mark.parametrize("canvas", SHAPES.values(), ids=SHAPES)
def test_a_click_hits_what_is_seen_there(canvas, window):
    """Whatever the window made of the canvas: a white square is clicked in its middle."""
    width, height = canvas
    x, y = round(0.7 * width), round(0.3 * height)
    black = np.zeros((height, width, 3), np.uint8)
    black[y - 20 : y + 21, x - 20 : x + 21] = 255
    shown = enlarged(letterboxed(black, window), window)
    rows, columns = np.nonzero(shown[..., 0] > 128)
    found = on_canvas((round(columns.mean()), round(rows.mean())), canvas, window)
    assert found == pytest.approx((x, y), abs=2)


def test_a_canvas_is_enlarged_to_the_window_but_not_reduced():
    """The toolkit reduces it: where a window counts its size in larger units than pixels, nothing is lost."""
    canvas = np.zeros((480, 640, 3), np.uint8)
    assert enlarged(canvas, (825, 619)).shape == (619, 825, 3)
    assert enlarged(canvas, (600, 450)) is canvas


@pytest.mark.parametrize("platform", ["linux", "aix"])
def test_a_screen_that_does_not_tell_its_size_is_unknown(platform, monkeypatch):
    """There is no display, or no known way to ask."""
    monkeypatch.delenv("DISPLAY", raising=False)
    assert screen_area(platform) is None
