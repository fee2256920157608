"""BlazePose by LiteRT sees what MediaPipe sees, of which it is the same networks and the same arithmetic.

In pictures by themselves the two agree to hundredths of a pixel. Where a person is followed the region of a picture
comes from the picture before, and differences grow up to what a changed pixel makes of MediaPipe's own landmarks, so
that only the first pictures agree so well.
"""

import numpy as np
import pytest
from builders.mediapipe_reference import MediapipeReference

from livecoach.capture.opencv import cv2
from livecoach.core.config.pose_models import BLAZEPOSE, model_file
from livecoach.perception.pose import Pose
from livecoach.perception.pose.following import Tracker, guide_picture
from livecoach.perception.pose.litert import BlazePoseNetworks


def leaning() -> np.ndarray:
    """The (rendered) person, turned by 40°, so that the trunk leans; (320, 400, 3), of grey beside it."""
    picture = guide_picture()
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), 40, 1.0)
    turn[:, 2] += (40, 40)
    return np.asarray(cv2.warpAffine(picture, turn, (400, 320), borderValue=(90, 90, 90)))


def apart_px(one: Pose, other: Pose, picture: np.ndarray) -> float:
    return float(np.abs((one.landmarks - other.landmarks)[:, :2] * picture.shape[1::-1]).max())


@pytest.mark.parametrize("model", BLAZEPOSE)
@pytest.mark.parametrize(
    ("picture", "masked"), [(guide_picture(), False), (leaning(), True)], ids=["upright", "leaning"]
)
def test_own_tracker_finds_the_same_body_as_mediapipe_in_a_picture(model, picture, masked) -> None:
    own, reference = Tracker(BlazePoseNetworks(model_file(model))), MediapipeReference(model)
    (one,), (other,) = own.find_people(picture), reference.find_people(picture)
    assert apart_px(one, other, picture) < 0.1
    assert np.abs(one.landmarks[:, 3:] - other.landmarks[:, 3:]).max() < 0.002
    assert np.abs(one.world - other.world).max() < 0.002
    one, other = (tracker.follow(picture, 0.0) for tracker in (own, reference))
    assert apart_px(one, other, picture) < 0.1
    assert np.abs(one.landmarks[:, 3] - other.landmarks[:, 3]).max() < 0.002
    assert (one.mask is not None, other.mask is not None) == (masked, masked)
    if masked:
        y, x = np.mgrid[0 : picture.shape[0] - 1, 0 : picture.shape[1] - 1].astype(np.float64)
        inside = [mask.values_at(x, y) >= 0.5 for mask in (one.mask, other.mask)]
        assert inside[0].any()
        assert (inside[0] != inside[1]).mean() < 0.001
    reference.close()


def test_own_tracker_follows_a_body_from_picture_to_picture_as_mediapipe_does() -> None:
    """Moved by three pixels a picture: points, world and visibility are steadied alike, and forgotten alike, or not."""
    own, reference = Tracker(BlazePoseNetworks(model_file("lite"))), MediapipeReference("lite")
    pictures = [np.ascontiguousarray(np.roll(guide_picture(), 3 * number, axis=1)) for number in range(4)]
    for number, picture in enumerate([*pictures, np.zeros_like(pictures[0]), *pictures]):
        one, other = (tracker.follow(picture, 1 + number / 30) for tracker in (own, reference))
        assert (one is None) == (other is None)
        if one is not None:
            assert apart_px(one, other, picture) < 1.0
            assert np.abs(one.landmarks[:, 3] - other.landmarks[:, 3]).max() < 0.01
            assert np.abs(one.world - other.world).max() < 0.002
    reference.close()
