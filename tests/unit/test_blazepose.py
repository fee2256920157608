"""BlazePose: two people whom it has merged into one, and what moves at the sides of the picture."""

import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.perception.pose import Pose, blazepose
from livecoach.perception.pose.blazepose import GREY, BlazePose, EdgeMotion

HEIGHT, WIDTH = 240, 320
DARK, LIGHT = 20, 220
"""Clothes of the one on the left and of the one on the right."""
SHOULDERS, HIPS, KNEES = (round(share * HEIGHT) for share in (0.22, 0.46, 0.62))


def somebody(x: float) -> Pose:
    """Standing, at this share of the picture's width; shoulders and hips are as wide as they are in half a metre."""
    at = np.zeros((landmark.COUNT, 2))
    at[:, 1] = np.linspace(0.0, 1.8, landmark.COUNT)
    for joints, y in ((landmark.SHOULDERS, 0.3), (landmark.HIPS, 0.9), (landmark.KNEES, 1.3), (landmark.ANKLES, 1.7)):
        at[list(joints)] = ((0.1, y), (-0.1, y))
    landmarks = np.ones((landmark.COUNT, 5), np.float32)
    landmarks[:, :2] = (x, 0.1) + 0.4 * at * (HEIGHT / WIDTH, 1.0)
    world = np.zeros((landmark.COUNT, 3), np.float32)
    world[:, :2] = at
    return Pose(landmarks=landmarks, world=world)


class MergesTwo:
    """A tracker that sees one person between two, unless the half of one is hidden or it is led to one."""

    def follow(self, _picture: np.ndarray, _t_s: float) -> Pose:
        return somebody(0.5)

    def find_people(self, picture: np.ndarray) -> list[Pose]:
        shown = [bool((picture[:, column] != GREY).any()) for column in (0, -1)]
        apart = [somebody(x) for x, there in zip((0.4, 0.6), shown, strict=True) if there]
        return [somebody(0.5)] if all(shown) else apart

    def follow_in_part(self, _picture: np.ndarray, _t_s: float, part: tuple[slice, slice]) -> Pose:
        return somebody((part[1].start + part[1].stop) / 2 / WIDTH)


@pytest.mark.parametrize("rows", [slice(SHOULDERS, HIPS), slice(HIPS, KNEES)], ids=["shirts", "trousers"])
@pytest.mark.parametrize(("light", "people", "places"), [(LIGHT, 2, (0.4, 0.6)), (DARK, 1, (0.5,))])
def test_two_people_seen_as_one_are_parted_where_their_clothes_differ(monkeypatch, rows, light, people, places):
    """Before anybody has lifted: one of them is followed, not somebody between them."""
    monkeypatch.setattr(blazepose, "Tracker", lambda *_: MergesTwo())
    picture = np.full((HEIGHT, WIDTH, 3), DARK, np.uint8)
    picture[rows, WIDTH // 2 :] = light
    estimator = BlazePose("lite")
    pose = estimator.estimate(picture, 0.0)
    assert estimator.people_count == people
    assert pose is not None
    assert min(abs(float(pose.landmarks[landmark.CORE, 0].mean()) - x) for x in places) < 0.02


# The sides

ROOM = np.full((HEIGHT, WIDTH, 3), 90, np.uint8)


def with_somebody(left_px: int, tall_px: int) -> np.ndarray:
    """The room with a bright figure, 40 px wide, on its floor."""
    picture = ROOM.copy()
    picture[-tall_px:, max(0, left_px) : max(0, left_px + 40)] = 200
    return picture


def test_a_still_room_has_no_movement_however_noisy_its_picture() -> None:
    rng = np.random.default_rng(0)
    sides = EdgeMotion()
    noisy = [np.clip(ROOM + rng.normal(0, 8, ROOM.shape), 0, 255).astype(np.uint8) for _ in range(20)]
    assert [sides.measure_movement(picture, i / 30) for i, picture in enumerate(noisy)] == [0.0] * 20


@pytest.mark.parametrize("tall_px", [60, 180])
def test_somebody_who_walks_in_is_measured_as_movement_of_his_height(tall_px) -> None:
    for ends_px in ((-40, 40), (320, 240)):
        sides = EdgeMotion()
        seen = [
            sides.measure_movement(with_somebody(round(x), tall_px), i / 30)
            for i, x in enumerate(np.linspace(*ends_px, 15))
        ]
        assert max(seen) == pytest.approx(tall_px / 240, abs=0.05)


def test_somebody_who_moves_in_the_middle_is_no_movement_at_the_edge() -> None:
    sides = EdgeMotion()
    assert max(sides.measure_movement(with_somebody(100 + 5 * i, 180), i / 30) for i in range(10)) == 0.0
