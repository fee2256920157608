"""The rise of a heel: from pictures of a foot that was cut out while the lifter stood."""

import math
from dataclasses import replace

import cv2
import numpy as np
import pytest
from builders.observations import a_pose
from builders.rep_motions import a_squat_rep

from livecoach.core import landmark
from livecoach.decisions.rep.measures.measure_table import MEASURES, standing_frames
from livecoach.perception.pose.heel import BALL, HeelFollower

SIZE = (640, 480)
HEEL, TOE, BALL_OF_FOOT = np.array((300.0, 436.0)), np.array((357.0, 436.0)), np.array((340.0, 440.0))
TORSO_PX = 0.26 * SIZE[1]
FPS = 30


def a_room() -> np.ndarray:
    """Return a picture of a room whose floor has some texture."""
    noise = np.random.default_rng(5).normal(130, 4, (SIZE[1], SIZE[0]))
    return np.repeat(np.clip(noise, 0, 255).astype(np.uint8)[..., None], 3, 2)


def a_picture(heel_deg: float = 0.0, *, shift_px: tuple[float, float] = (0.0, 0.0), hidden: bool = False) -> np.ndarray:
    """Return a picture of a shoe with a light sole, rotated about its ball so that the heel rises."""
    shoe = np.array([(295, 422), (316, 414), (352, 430), (362, 441), (295, 441)], float)
    sole = np.array([(295, 437), (362, 437), (362, 443), (295, 443)], float)
    angle, picture = np.radians(heel_deg), a_room()
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    for polygon, colour in ((shoe, (40, 30, 160)), (sole, (230, 230, 230))):
        corners = ((polygon - BALL_OF_FOOT) @ turn.T + BALL_OF_FOOT) * 16
        cv2.fillPoly(picture, [corners.round().astype(np.int32)], colour, cv2.LINE_AA, 4)
    if hidden:
        cv2.circle(picture, (320, 430), 70, (20, 20, 20), -1)
    matrix = np.array([[1, 0, shift_px[0]], [0, 1, shift_px[1]]], float)
    return cv2.warpAffine(picture, matrix, SIZE, borderMode=cv2.BORDER_REPLICATE)


def landmarks(*, bent: bool = False, toe: np.ndarray = TOE, shift_px: tuple[float, float] = (0.0, 0.0)) -> np.ndarray:
    """Return the landmarks of somebody seen from the side, whose feet stay where they are."""
    pose = a_pose()
    pose[list(landmark.HEELS), :2], pose[list(landmark.TOES), :2] = HEEL / SIZE, toe / SIZE
    if bent:
        pose[[*landmark.SHOULDERS, *landmark.HIPS], 1] += 0.2
    pose[:, :2] += np.array(shift_px) / SIZE
    return pose


def standing(**of_landmarks: np.ndarray) -> HeelFollower:
    """Return a follower that has seen a lifter stand for a second."""
    follower, picture = HeelFollower(), a_picture()
    for i in range(FPS):
        follower.step(picture, landmarks(**of_landmarks), None, i / FPS)
    return follower


def bend(follower: HeelFollower, picture: np.ndarray, pose: np.ndarray | None = None) -> float | None:
    return follower.step(picture, landmarks(bent=True) if pose is None else pose, None, 1.1)


@pytest.mark.parametrize("heel_deg", [5, 12, 20, 33])
def test_a_heel_that_rises_is_measured_although_its_landmarks_stay(heel_deg: float) -> None:
    rise = bend(standing(), a_picture(heel_deg))
    assert rise == pytest.approx(BALL * np.sin(np.radians(heel_deg)), abs=0.015)


def test_a_flat_foot_has_no_rise() -> None:
    assert bend(standing(), a_picture()) == pytest.approx(0.0, abs=0.003)


def test_a_moved_camera_is_no_rise() -> None:
    shift_px = (21.0, -13.0)
    camera = np.array((1.0, 0.0, -shift_px[0] / SIZE[1], -shift_px[1] / SIZE[1]), np.float32)
    pose = landmarks(bent=True, shift_px=shift_px)
    flat, raised = (standing().step(a_picture(deg, shift_px=shift_px), pose, camera, 1.1) for deg in (0, 20))
    assert flat == pytest.approx(0.0, abs=0.005)
    assert raised == pytest.approx(BALL * np.sin(np.radians(20)), abs=0.015)


def test_a_heel_that_stays_up_while_the_lifter_stands_is_the_new_zero() -> None:
    follower, on_toes = standing(), a_picture(20)
    for i in range(FPS, 2 * FPS):
        follower.step(on_toes, landmarks(), None, i / FPS)
    assert follower.step(on_toes, landmarks(bent=True), None, 2.0) == pytest.approx(0.0, abs=0.003)


def test_the_rise_is_unknown_behind_a_plate() -> None:
    assert bend(standing(), a_picture(hidden=True)) is None


def test_the_rise_is_unknown_from_the_front() -> None:
    toe = HEEL + np.array((10, 20))
    assert bend(standing(toe=toe), a_picture(), landmarks(bent=True, toe=toe)) is None


def test_the_rise_is_unknown_before_the_lifter_stood() -> None:
    assert bend(HeelFollower(), a_picture()) is None


@pytest.mark.parametrize("pose", [None, "no toes"])
def test_the_rise_is_unknown_without_feet(pose: str | None) -> None:
    follower, seen = standing(), landmarks(bent=True)
    seen[list(landmark.TOES)] = np.nan
    assert follower.step(a_picture(), None if pose is None else seen, None, 1.1) is None


# Of a rep


def measured(heel: np.ndarray | None) -> float:
    """Return the measure of a squat in whose frames the heel has a rise."""
    return MEASURES["seen_heel_rise"].compute(replace(a_squat_rep(), heel=heel))


def rises(share: float) -> np.ndarray:
    """Return rises of .06 over a share of the lift, around the bottom, from .01 in standing."""
    rep = a_squat_rep()
    heel, lift = np.full(len(rep.t_s), 0.01), rep.phases.lift_frames
    middle, half = (lift.start + lift.stop) // 2, round(share * (lift.stop - lift.start) / 2)
    heel[middle - half : middle + half + 1] += 0.06
    return heel


def test_a_heel_that_is_up_for_a_third_of_a_squat_has_risen_since_standing() -> None:
    assert measured(rises(0.33)) == pytest.approx(0.06)


def test_a_heel_that_is_up_for_a_moment_has_not_risen() -> None:
    assert measured(rises(0.08)) == pytest.approx(0.0)


def test_a_rise_counts_if_it_is_known_in_most_of_the_lift_and_in_standing() -> None:
    rep = a_squat_rep()
    some, most, unstood = rises(0.5), rises(0.5), rises(0.5)
    lift = np.arange(rep.phases.lift_frames.start, rep.phases.lift_frames.stop)
    some[lift[::2]] = most[lift[::5]] = unstood[standing_frames(rep)] = math.nan
    assert measured(most) == pytest.approx(0.06)
    assert math.isnan(measured(some))
    assert math.isnan(measured(unstood))
    assert math.isnan(measured(None))
