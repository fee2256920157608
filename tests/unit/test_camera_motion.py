"""The camera's motion is followed by the background, and taken out of what was observed."""

from collections.abc import Callable
from dataclasses import replace

import cv2
import numpy as np
import pytest
from builders.kept_reps import a_kept_rep
from builders.observations import an_observation, levelled

from livecoach.core import landmark
from livecoach.core.documents import WarningEvent
from livecoach.core.types import Observation
from livecoach.decisions.pipeline import Scene
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import load_faults
from livecoach.perception.body.body import find_body
from livecoach.perception.pose.camera_motion import CameraMotion

SIZE = (640, 360)
MIDDLE = np.array([0.5 * SIZE[0] / SIZE[1], 0.5])  # in picture heights
BOX = (250, 40, 390, 340)  # of a lifter, left, top, right, bottom


def a_room(seed: int = 3) -> np.ndarray:
    """Return a picture of boxes of all sizes, larger than the frame on every side."""
    rng, room = np.random.default_rng(seed), np.full((720, 1280, 3), 120, np.uint8)
    for _ in range(150):
        corner, size = rng.integers((0, 0), (1280, 720)), rng.integers(15, 120, 2)
        cv2.rectangle(room, corner.tolist(), (corner + size).tolist(), rng.integers(0, 255, 3).tolist(), -1)
    return cv2.GaussianBlur(room, (0, 0), 2)


def filmed(room: np.ndarray, dx: float = 0.0, dy: float = 0.0, deg: float = 0.0) -> np.ndarray:
    """Return a frame of a room, shifted in picture heights and turned around its middle."""
    matrix = cv2.getRotationMatrix2D((640, 360), -deg, 1.0)
    matrix[:, 2] += np.array((dx, dy)) * SIZE[1] - (320, 180)
    return cv2.warpAffine(room, matrix, SIZE)


def in_the_middle() -> np.ndarray:
    pose = np.full((landmark.COUNT, 5), 0.5, np.float32)
    pose[landmark.CORE[0], :2], pose[landmark.CORE[-1], :2] = (0.39, 0.11), (0.61, 0.95)
    return pose


def where_it_was(camera: np.ndarray | None, point: np.ndarray) -> np.ndarray:
    """Return where a point of the picture, in picture heights, would be if the camera had not moved."""
    if camera is None:
        return point
    a, b, x, y = camera
    return np.array([a * point[0] - b * point[1] + x, b * point[0] + a * point[1] + y])


@pytest.mark.parametrize("fps", [12, 30])
def test_a_shaken_camera_is_followed(fps: int) -> None:
    motion, room = CameraMotion(), a_room()
    for t_s in np.arange(0, 4, 1 / fps):
        dx, dy = 0.05 * np.sin(3 * t_s), 0.03 * np.sin(5 * t_s)
        camera = motion.step(filmed(room, dx, dy), in_the_middle())
        assert where_it_was(camera, MIDDLE + np.array((dx, dy))) == pytest.approx(MIDDLE, abs=1 / 300)


def test_a_bumped_camera_is_followed_even_beside_a_lifter_as_wide_as_the_picture() -> None:
    """Also beside a lifter as wide as the picture."""
    motion, room, lifter = CameraMotion(), a_room(), in_the_middle()
    lifter[landmark.CORE[0], 0], lifter[landmark.CORE[-1], 0] = 0.0, 1.0
    motion.step(filmed(room), None)
    for _ in range(5):
        camera = motion.step(filmed(room, 0.3, -0.06, 5), lifter)
    corner = MIDDLE + np.array((-0.4, 0.3))
    sine, cosine = np.sin(np.radians(5)), np.cos(np.radians(5))
    turned = MIDDLE + np.array([[cosine, -sine], [sine, cosine]]) @ (corner - MIDDLE) + np.array((0.3, -0.06))
    assert where_it_was(camera, turned) == pytest.approx(corner, abs=0.01)


def test_a_lifter_who_moves_does_not_move_the_camera() -> None:
    """Most of what can be followed at first is on the lifter."""
    motion, room = CameraMotion(), np.full((360, 640, 3), 120, np.uint8)
    room[::40, ::160] = 255
    room = cv2.GaussianBlur(cv2.dilate(room, np.ones((9, 9))), (0, 0), 1)
    shirt, (left, top, right, bottom) = a_room(5), BOX
    for t_s in np.arange(0, 2, 1 / 30):
        picture, down = room.copy(), round(20 * np.sin(4 * t_s))
        picture[top:bottom, left:right] = shirt[top + down : bottom + down, left:right]
        assert motion.step(picture, in_the_middle()) is None


def test_somebody_who_walks_through_does_not_move_the_camera_for_good() -> None:
    """Near the camera, so that most of the background is hidden for a second."""
    motion, room, wide = CameraMotion(), filmed(a_room()), 420
    walker = a_room(14)[:360, :wide]
    for t_s in np.arange(0, (640 + wide) / 240 + 1, 1 / 30):
        picture, left = room.copy(), round(240 * t_s) - wide
        low, high = max(left, 0), min(left + wide, 640)
        if low < high:
            picture[:, low:high] = walker[:, low - left : high - left]
        camera = motion.step(picture, in_the_middle())
    assert camera is None


def test_a_picture_with_nothing_to_follow_shows_no_camera_motion() -> None:
    rng, motion = np.random.default_rng(1), CameraMotion()
    wall = np.full((360, 640, 3), 200, np.uint8)
    assert [motion.step(wall, None) for _ in range(3)] == [None] * 3
    noise = [np.clip(wall + rng.normal(0, 8, wall.shape), 0, 255).astype(np.uint8) for _ in range(5)]
    assert [motion.step(picture, None) for picture in noise] == [None] * 5


def test_a_plate_that_goes_up_before_a_plain_wall_does_not_move_the_camera() -> None:
    """All that can be followed is on the plate, beside the lifter's hands."""
    motion, plate = CameraMotion(), a_room(7)[:150, :240]
    for t_s in np.arange(0, 2, 1 / 30):
        picture, up = np.full((360, 640, 3), 60, np.uint8), round(100 - 80 * np.cos(2 * t_s))
        picture[350 - 150 - up : 350 - up, 10:250] = plate
        assert motion.step(picture, in_the_middle()) is None


def test_plates_at_both_sides_that_go_up_while_the_feet_stand_do_not_move_the_camera() -> None:
    """All that can be followed is on them: from the front. From then on the camera stands still."""
    motion, plate = CameraMotion(), a_room(7)[:150, :160]
    for t_s in np.arange(0, 4, 1 / 30):
        picture, up = np.full((360, 640, 3), 60, np.uint8), round(100 - 100 * np.cos(2 * t_s))
        for left in (10, 470):
            picture[350 - 150 - up : 350 - up, left : left + 160] = plate
        camera = motion.step(picture, in_the_middle())
        assert where_it_was(camera, MIDDLE) == pytest.approx(MIDDLE, abs=0.11)
    assert camera is None


@pytest.mark.parametrize("shape", [(1, 500, 3), (500, 1, 3), (3, 3, 3)])
def test_a_picture_of_a_few_pixels_is_no_error(shape: tuple[int, ...]) -> None:
    rng, motion = np.random.default_rng(0), CameraMotion()
    assert [motion.step(rng.integers(0, 255, shape, dtype=np.uint8), None) for _ in range(4)] == [None] * 4


def moved(seen: Observation, camera: np.ndarray) -> Observation:
    """Return what a camera that has moved so sees of the same scene."""
    inverse = np.linalg.inv(np.array([[camera[0], -camera[1]], [camera[1], camera[0]]]))
    aspect = np.array([seen.width_px / seen.height_px, 1.0])
    assert seen.landmarks is not None
    landmarks = seen.landmarks.copy()
    landmarks[:, :2] = (landmarks[:, :2] * aspect - camera[2:]) @ inverse.T / aspect
    return replace(seen, landmarks=landmarks, camera=camera.astype(np.float32))


def test_the_middle_of_the_picture_moves_as_any_point_does() -> None:
    camera = np.array([1.02, 0.05, -0.06, 0.3])
    shown = replace(an_observation(), landmarks=np.full((landmark.COUNT, 5), 0.5, np.float32))
    still = replace(shown, camera=camera.astype(np.float32))
    moved_px = levelled(still, 0.0).points_px[0] - shown.points_px[0]
    assert still.middle_shift * shown.height_px == pytest.approx(moved_px, abs=0.01)


def test_the_body_is_where_it_would_be_without_the_motion() -> None:
    """But a part that is outside of the picture is outside."""
    seen = an_observation()
    shifted = moved(seen, np.array([1.02, 0.05, -0.06, 0.3]))
    still, steady = find_body(seen), find_body(shifted)
    assert still is not None
    assert steady is not None
    assert steady.points_px == pytest.approx(still.points_px, abs=0.05)
    assert (still.share_inside, steady.share_inside < 1) == (1.0, True)


def test_feet_that_only_the_camera_moved_are_measured() -> None:
    still = a_kept_rep()
    seen = tuple(moved(o, np.array([1, 0, 0.3 * np.sin(3 * o.t_s), 0.0])) for o in still.observations)
    for observations, of_feet in ((seen, None), (tuple(replace(o, camera=None) for o in seen), "feet_moved")):
        rep = MeasuredRep(replace(still, observations=observations), load_faults("deadlift"))
        assert rep.unmeasurable_joints.get("feet") == of_feet


@pytest.mark.parametrize(
    ("shift", "news"),
    [
        (lambda t_s: 0.1 * np.sin(2.2 * t_s), [True]),  # a phone in a hand
        (lambda t_s: 0.1 * np.sin(2.2 * min(t_s, 5)), [True, False]),  # and put down
        (lambda t_s: 0.03 * np.sin(2.2 * t_s), []),  # little enough to be taken out
        (lambda t_s: 0.05 * (t_s > 4), []),  # a bump
    ],
)
def test_a_camera_that_keeps_moving_is_to_be_put_down(shift: Callable[[float], float], news: list[bool]) -> None:
    scene, found = Scene(), list[WarningEvent]()
    for t_s in np.arange(0, 10, 1 / 30):
        camera = np.array([1, 0, 0.2 * shift(t_s), shift(t_s)], np.float32)
        seen = replace(moved(an_observation(), camera), t_s=float(t_s))
        found += scene.step(seen).warnings
    assert [(one.warning, one.active) for one in found] == [("moves", active) for active in news]
    assert all(one.text == "the camera moves: put it down" for one in found)


def test_pictures_that_show_motion_badly_are_reported() -> None:
    scene, found = Scene(), list[WarningEvent]()
    for i in range(60):
        seen = replace(an_observation(), t_s=i / 30, shows_motion_badly=i >= 15)
        found += scene.step(seen).warnings
    assert [(one.warning, one.text) for one in found] == [("not_clear", "picture not clear")]
