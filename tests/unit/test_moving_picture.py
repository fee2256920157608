"""Pictures that show movement badly are known by the squares around a lifter who moves fast."""

import cv2
import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.lab.measure.disturbed import DISTURBANCES, FilmProperties
from livecoach.perception.pose.moving_picture import BACK, FEWEST, LEAST_MOVED, SQUARE, UnclearMotionDetector

WIDTH_PX, HEIGHT_PX, FPS = 320, 480, 30
SCENE = FilmProperties(size_px=(WIDTH_PX, HEIGHT_PX), seconds=4, head=0, feet=1)
NOISE = np.random.default_rng(0).integers(0, 6, (5, HEIGHT_PX, WIDTH_PX, 3), np.uint8)
CLOTHES = cv2.resize(np.random.default_rng(1).integers(0, 40, (24, 12, 3), np.uint8), (96, 192))
CLOTHES += np.repeat(
    np.array([200, 110, 160, 20, 120, 200], np.uint8)[:, None, None], 32, 0
)  # Shirt, belt, skin, shoes


def a_picture(number: int, top_px: int) -> np.ndarray:
    """A lifter before a wall, with a camera's noise."""
    picture = np.full((HEIGHT_PX, WIDTH_PX, 3), 60, np.uint8)
    picture[top_px : top_px + 192, 112:208] = CLOTHES
    return picture + NOISE[number % 5]


def landmarks_at(top_px: int) -> np.ndarray:
    found = np.zeros((landmark.COUNT, 5), np.float32)
    found[:, 0] = np.linspace(112, 208, landmark.COUNT) / WIDTH_PX
    found[:, 1] = np.linspace(top_px, top_px + 192, landmark.COUNT) / HEIGHT_PX
    return found


def verdicts(disturbance: str, strength: float, way_px: float = 30.0, stretch: float = 1.0) -> list[bool]:
    """Of a lifter who goes down and up by a way in a second, again and again."""
    change, moving = DISTURBANCES[disturbance][2](SCENE, strength), UnclearMotionDetector()
    found = []
    for i in range(4 * FPS):
        top_px = round(20 + way_px * (1 - np.cos(2 * np.pi * i / FPS)))
        picture = change(a_picture(i, top_px), i / FPS)
        assert picture is not None
        found.append(moving.step(picture, landmarks_at(top_px), stretch * i / FPS))
    return found


@pytest.mark.parametrize(
    ("disturbance", "strength", "how"),
    [
        *(("clean", 0, {}), ("blur", 2, {}), ("compression", 40, {}), ("dark", 0.25, {}), ("shake", 2, {})),
        ("blur", 9, {"way_px": 4.0}),  # slow movement shows nothing
        # Of 60 pictures a second every second one counts, so that a sharp film does not seem blurred.
        ("clean", 0, {"stretch": 0.5}),
    ],
)
def test_clear_pictures_show_movement_well(disturbance: str, strength: float, how: dict[str, float]) -> None:
    assert not any(verdicts(disturbance, strength, **how))


@pytest.mark.parametrize(("disturbance", "strength"), [("blur", 5), ("blur", 9), ("compression", 45)])
def test_a_long_exposure_and_strong_compression_show_within_three_seconds(disturbance: str, strength: float) -> None:
    found = verdicts(disturbance, strength)
    assert all(found[3 * FPS :])


@pytest.mark.parametrize("times", [2, 3])
def test_pictures_that_repeat_count_once(times: int) -> None:
    """Some films and cameras give a picture several times, over which smoothed landmarks move on."""
    moving = UnclearMotionDetector()
    tops_px = [round(20 + 30 * (1 - np.cos(2 * np.pi * i / FPS))) for i in range(8 * FPS)]
    pictures = [a_picture(i // times, tops_px[i // times * times]) for i in range(8 * FPS)]
    seen = zip(pictures, map(landmarks_at, tops_px), strict=True)
    assert not any(moving.step(*each, i / FPS) for i, each in enumerate(seen))


@pytest.mark.parametrize("pairs", [LEAST_MOVED, LEAST_MOVED - 1])
def test_pictures_count_from_six_pairs_of_squares_that_moved(pairs: int) -> None:
    """A column of squares on the lifter grows brighter, as with a long exposure."""
    moving, found = UnclearMotionDetector(), False
    for i in range(3 * FEWEST + BACK[-1]):
        picture = np.zeros((HEIGHT_PX, WIDTH_PX, 3), np.uint8)
        picture[80 : 80 + (pairs + 1) * SQUARE, 144 : 144 + SQUARE] = 3 * i
        found = moving.step(picture, landmarks_at(20 + 5 * (i % 2)), i / FPS)
    assert found == (pairs == LEAST_MOVED)


def test_without_a_lifter_nothing_is_known() -> None:
    moving = UnclearMotionDetector()
    assert not any(moving.step(a_picture(i, 20 + i), None, i / FPS) for i in range(30))
