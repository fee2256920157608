"""People in the picture: who lifts, and painting over who is known."""

from dataclasses import replace

import numpy as np
import pytest

from livecoach.core import landmark
from livecoach.perception.pose import Pose
from livecoach.perception.pose.masking import WIDE, BystanderMask, paint_over
from livecoach.perception.tracking.person import KEPT_S, Person, Track, are_two_people

STANDS = Person(x=0.6, y=0.5, top=0.3, scale=0.3, margin=0.6)


JUMP = np.where(np.arange(13) == 6, 0.4, 0.0)
LONG_AGO = np.concatenate([np.linspace(0, 0.3, 5), np.full(int(KEPT_S / 0.3) + 2, 0.3)])


@pytest.mark.parametrize(
    ("heights_m", "aside_m", "lifts"),
    [
        (np.linspace(0, 0.35, 8), None, True),
        (JUMP, None, False),  # landmarks that jump once
        (np.linspace(0, 0.3, 8), np.linspace(0, 1.2, 8), False),  # who walks towards the camera
        (np.linspace(0, 0.4, 3), None, False),  # a few looks tell nothing
        (LONG_AGO, None, False),  # only the last seconds are remembered
    ],
)
def test_a_person_who_goes_up_on_the_spot_lifts(heights_m, aside_m, lifts) -> None:
    """Somebody who was looked at every .3 s, so high over where they stood and so far aside."""
    track = Track()
    asides = np.zeros_like(heights_m) if aside_m is None else aside_m
    for number, (up, aside) in enumerate(zip(heights_m, asides, strict=True)):
        track.add(0.3 * number, replace(STANDS, x=STANDS.x + 0.3 * aside, top=STANDS.top - 0.3 * up))
    assert track.is_lifting() == lifts


RED = replace(STANDS, clothes=(40.0, 40.0, 200.0, 30.0, 30.0, 30.0))
YELLOW = replace(STANDS, x=STANDS.x - 0.1, clothes=(100.0, 170.0, 180.0, 60.0, 60.0, 100.0))


def test_a_lifter_and_a_spotter_close_behind_are_two_people() -> None:
    """Left and right of the middle of whom MediaPipe takes them for: .33 m apart, in other clothes. The halves of one
    are found where the whole is, or in the same clothes; a bar and its shadow are not as tall, or as high."""
    assert are_two_people(YELLOW, RED)
    for change in ({"x": STANDS.x - 0.03}, {"clothes": RED.clothes}, {"height_m": 0.1}, {"y": STANDS.y - 0.12}):
        assert not are_two_people(replace(YELLOW, **change), RED), change


def test_a_person_who_is_painted_over_is_not_to_be_seen() -> None:
    rng = np.random.default_rng(3)
    picture = rng.integers(0, 255, (240, 320, 3), np.uint8)
    before = picture.copy()
    landmarks = np.zeros((landmark.COUNT, 5), np.float32)
    landmarks[:, 0] = 0.25 + rng.uniform(-0.03, 0.03, landmark.COUNT)
    landmarks[:, 1] = np.linspace(0.2, 0.8, landmark.COUNT)
    painted = paint_over(picture, [landmarks])
    assert np.array_equal(picture, before)
    assert np.array_equal(paint_over(picture, []), picture), "nobody leaves it as it is"
    assert np.array_equal(painted[:, 200:], before[:, 200:])
    top, bottom = landmarks[landmark.SHOULDERS[0], 1], landmarks[landmark.HIPS[0], 1]
    trunk = painted[round(float(top) * 240) + 2 : round(float(bottom) * 240) - 2, 80]
    assert (trunk == trunk[0]).all()


def test_a_person_bent_towards_the_camera_is_painted_over_as_wide_as_its_legs_say() -> None:
    picture, bent = np.zeros((240, 320, 3), np.uint8), np.full((landmark.COUNT, 2), (0.8, 0.25))
    picture[:, 40:] = 90
    bent[list(landmark.ANKLES), 1] = 0.75
    assert (paint_over(picture, [bent])[120, 40:] != 90).any(1).sum() == pytest.approx(WIDE * 120 / 2, abs=2)


def somebody(middle: float) -> Pose:
    """A pose upright at this share of the picture's width."""
    landmarks = np.zeros((landmark.COUNT, 5), np.float32)
    landmarks[:, 0] = middle + np.random.default_rng(4).uniform(-0.03, 0.03, landmark.COUNT)
    landmarks[:, 1] = np.linspace(0.2, 0.8, landmark.COUNT)
    return Pose(landmarks=landmarks, world=np.zeros((landmark.COUNT, 3), np.float32))


def test_no_pixel_of_the_lifter_is_painted_over() -> None:
    """A spotter who stands behind is painted over around the lifter."""
    picture = np.random.default_rng(3).integers(0, 255, (240, 320, 3), np.uint8)
    cover = BystanderMask()
    cover.update(0.0, [(somebody(0.5), STANDS)])
    lifter = somebody(0.5).landmarks
    assert np.array_equal(cover.without_bystanders(picture, 0.1, lifter), picture)
    assert not np.array_equal(cover.without_bystanders(picture, 0.1, None), picture)


def walking(cover: BystanderMask) -> None:
    """Let somebody nearer than the lifter go to the right, .4 of the picture's width a second."""
    for number, x in enumerate((0.2, 0.28)):
        cover.update(0.2 * number, [(somebody(x), replace(STANDS, x=x * 4 / 3, scale=0.4))])


def test_a_person_who_walks_is_painted_over_where_they_are_until_they_are_lost() -> None:
    cover = BystanderMask()
    walking(cover)
    assert np.isclose(cover.landmarks_at(0.3)[0][:, 0].mean(), somebody(0.32).landmarks[:, 0].mean(), atol=1e-3)
    cover.update(1.2, [])
    assert not cover.landmarks_at(1.2)


def test_a_lifter_is_hidden_while_somebody_passes_in_front() -> None:
    cover, still = BystanderMask(), BystanderMask()
    walking(cover)
    still.update(0.2, [(somebody(0.32), replace(STANDS, scale=0.4))])
    lifter = somebody(0.32).landmarks
    assert cover.hides_lifter(0.3, lifter, 0.3)
    assert not cover.hides_lifter(0.3, lifter, 0.45)
    assert not cover.hides_lifter(0.8, lifter, 0.3)
    assert not still.hides_lifter(0.3, lifter, 0.3)
