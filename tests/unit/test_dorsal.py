"""The back's edge: from a person's mask to heights over the line from hips to shoulders."""

import numpy as np
import pytest
from builders.mediapipe_reference import whole_picture_mask
from hypothesis import given, settings
from hypothesis import strategies as st

from livecoach.core import landmark
from livecoach.core.landmark import STATIONS
from livecoach.perception.pose.dorsal import edge_points, measure_back_edge

WIDTH, HEIGHT = 640, 480
HIP, SHOULDER, KNEE = (280.0, 300.0), (380.0, 220.0), (330.0, 360.0)


def landmarks(hip=HIP, shoulder=SHOULDER, knee=KNEE, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """(33, 5) of a body that is bent over, in pixels of the picture."""
    points = np.zeros((landmark.COUNT, 5), np.float32)
    for pair, place in ((landmark.HIPS, hip), (landmark.SHOULDERS, shoulder), (landmark.KNEES, knee)):
        points[list(pair), :2] = np.array(place) / size
    return points


def heights_of_pixels(hip, shoulder, size) -> tuple[np.ndarray, np.ndarray]:
    """Share of the way from hip to shoulder, and height over that line on the upper side (pixels), of every pixel."""
    return heights_at(*np.meshgrid(np.arange(size[0]) + 0.5, np.arange(size[1]) + 0.5), hip, shoulder)


def heights_at(x: np.ndarray, y: np.ndarray, hip, shoulder) -> tuple[np.ndarray, np.ndarray]:
    x, y = x - hip[0], y - hip[1]
    trunk = np.subtract(shoulder, hip)
    length = np.hypot(*trunk)
    normal = np.array([trunk[1], -trunk[0]]) / length * np.sign(trunk[0])
    return (x * trunk[0] + y * trunk[1]) / length**2, x * normal[0] + y * normal[1]


def a_mask(edge, hip=HIP, shoulder=SHOULDER, size=(WIDTH, HEIGHT)) -> np.ndarray:
    """A body whose back lies `edge` pixels over the line at a share of it; the mask falls from 1 to 0 over 4 pixels."""
    share, height = heights_of_pixels(hip, shoulder, size)
    inside = np.clip(0.5 + (edge(share) - height) / 4, 0, 1) * (height > -40)
    return inside.astype(np.float32)


def edge_of(mask: np.ndarray, points: np.ndarray) -> np.ndarray | None:
    """The back's edge in a mask of the whole picture."""
    return measure_back_edge(whole_picture_mask(mask), points)


def test_straight_back_has_one_height_at_all_stations():
    found = edge_of(a_mask(lambda share: 20.3 + 0 * share), landmarks())
    assert found.dtype == np.float32
    assert found.shape == STATIONS.shape == (19,)
    assert np.allclose(STATIONS, np.arange(1, 20) / 20)
    assert found * HEIGHT == pytest.approx(20.3, abs=0.05)


def test_round_back_is_highest_in_its_middle():
    found = edge_of(a_mask(lambda share: 20 + 12 * (1 - (2 * share - 1) ** 2)), landmarks())
    assert int(np.argmax(found)) == 9
    assert found[9] * HEIGHT == pytest.approx(32, abs=0.2)
    assert (np.diff(found[:9]) > 0).all()
    assert (np.diff(found[10:]) < 0).all()


@settings(max_examples=20)
@given(lean=st.floats(20, 100), to_left=st.booleans(), height=st.floats(8, 40))
def test_back_is_above_wherever_the_lifter_looks(lean, to_left, height):
    """To the right, to the left, and with the shoulders under the hips."""
    angle = np.radians(lean)
    way = np.array([np.sin(angle) * (-1 if to_left else 1), -np.cos(angle)])
    shoulder = tuple(np.array([320, 240]) + 120 * way)
    knee = (320 + way[0] * 50, 300.0)
    mask = a_mask(lambda share: height + 0 * share, (320.0, 240.0), shoulder)
    found = edge_of(mask, landmarks((320.0, 240.0), shoulder, knee))
    assert found * HEIGHT == pytest.approx(height, abs=0.1)


@pytest.mark.parametrize("scale", [0.4, 0.5, 2.0])
def test_size_of_the_mask_does_not_matter(scale):
    """Heights are told in heights of the picture: a mask of half the size says the same, to half of its pixel."""
    size = (int(WIDTH * scale), int(HEIGHT * scale))
    hip, shoulder = (tuple(scale * np.array(place)) for place in (HIP, SHOULDER))
    found = edge_of(a_mask(lambda share: 20 * scale + 0 * share, hip, shoulder, size), landmarks())
    assert found * HEIGHT == pytest.approx(20, abs=0.5)


def test_no_edge_is_made_up_where_a_mask_has_none():
    """A body that goes on further than a back is thick, as with somebody right behind; landmarks that slipped off the
    body; and a back that the picture cuts off."""
    share, _height = heights_of_pixels(HIP, SHOULDER, (WIDTH, HEIGHT))
    behind = edge_of(np.where(share < 0.5, a_mask(lambda s: 500 + 0 * s), a_mask(lambda s: 20 + 0 * s)), landmarks())
    assert np.isnan(behind[:8]).all()
    assert np.isfinite(behind[11:]).all()
    assert np.isnan(edge_of(a_mask(lambda share: -10 + 0 * share), landmarks())).all()
    hip, shoulder = (280.0, 60.0), (400.0, 20.0)
    cut_off = edge_of(a_mask(lambda s: 30 + 0 * s, hip, shoulder), landmarks(hip, shoulder, (330.0, 120.0)))
    assert np.isfinite(cut_off[0])
    assert np.isnan(cut_off[-1])


@pytest.mark.parametrize(
    ("name", "places"),
    [
        ("upright", {"shoulder": (300.0, 200.0)}),
        ("too short", {"shoulder": (295.0, 290.0)}),
        ("hips outside", {"hip": (-3.0, 300.0)}),
        ("shoulders outside", {"shoulder": (640.5, 220.0)}),
        ("knees on the side of the back", {"knee": (250.0, 200.0)}),
        ("hips unknown", {"hip": (float("nan"), 300.0)}),
        ("knees unknown", {"knee": (float("nan"), 300.0)}),
    ],
)
def test_no_edge_is_found_where_the_body_does_not_show_a_bent_back(name, places):
    assert edge_of(np.ones((HEIGHT, WIDTH), np.float32), landmarks(**places)) is None, name


@pytest.mark.parametrize("mirrored", [False, True])
def test_an_edge_lies_in_the_picture_where_it_was_found(mirrored):
    hip, shoulder, knee = ((WIDTH - x if mirrored else x, y) for x, y in (HIP, SHOULDER, KNEE))

    def back(share: np.ndarray) -> np.ndarray:
        return 20 + 12 * (1 - (2 * share - 1) ** 2)

    points = landmarks(hip, shoulder, knee)
    edge = edge_of(a_mask(back, hip, shoulder), points)
    found = edge_points(edge, points, (WIDTH, HEIGHT))
    shares, heights = heights_at(found[:, 0], found[:, 1], hip, shoulder)
    assert heights == pytest.approx(back(shares), abs=0.2)


def test_values_lie_between_those_of_the_pixels() -> None:
    values = np.tile(np.arange(5, dtype=np.float32) / 4, (5, 1))
    found = whole_picture_mask(values).values_at(np.array([[1.0, 1.5, -0.1, 4.1]]), np.full((1, 4), 2.0))
    assert np.allclose(found[0, :2], (0.25, 0.375))
    assert np.isnan(found[0, 2:]).all()
