"""Rep tensors: what they depend on, and what they do not."""

import math
from dataclasses import replace

import numpy as np
import pytest
from builders.observations import a_pose

from livecoach import landmark
from livecoach.anomaly.skelemotion import SHAPE, TRAVERSAL, rep_tensor
from livecoach.types import Observation

BODY = {
    "shoulder": (0.2, -0.5),
    "elbow": (0.22, -0.25),
    "wrist": (0.22, 0.0),
    "hip": (0.12, 0.0),
    "knee": (0.13, 0.42),
    "ankle": (0.14, 0.82),
}
"""Left half of somebody who stands and faces the camera: metres to the picture's right, and down."""
REP_S = 2.0


def a_body(bent: float, azimuth_deg: float) -> np.ndarray:
    """(33, 3) world landmarks of a lifter who bends by `bent` (0…1), seen from `azimuth_deg`."""
    world = np.zeros((landmark.COUNT, 3))
    for index, name in enumerate(landmark.NAMES):
        side, _, part = name.partition("_")
        if part not in BODY:
            continue
        x, y = BODY[part]
        forward = 0.5 * bent if part in ("shoulder", "elbow", "wrist") else 0.15 * bent if part == "knee" else 0.0
        drop = 0.3 * bent if part not in ("knee", "ankle") else 0.0
        world[index] = (x if side == "left" else -x), y + drop, -forward
    angle = math.radians(azimuth_deg)
    turn = np.array([[math.cos(angle), 0, -math.sin(angle)], [0, 1, 0], [math.sin(angle), 0, math.cos(angle)]])
    turned: np.ndarray = world @ turn
    return turned.astype(np.float32)


def a_rep_seen(
    *, fps: float = 30.0, azimuth_deg: float = 40.0, landmarks: np.ndarray | None = None
) -> list[Observation]:
    """A rep of REP_S from half a second on, with half a second after it."""
    pose = a_pose() if landmarks is None else landmarks
    observations = []
    for index in range(round((REP_S + 1.0) * fps)):
        t_s = index / fps
        bent = 0.5 * (1 + math.cos(2 * math.pi * min(max(t_s - 0.5, 0.0), REP_S) / REP_S))
        observations.append(
            Observation(
                index=index,
                t_s=t_s,
                landmarks=pose.copy(),
                world=a_body(bent, azimuth_deg),
                people=1,
                brightness=0.5,
                width_px=640,
                height_px=480,
                dropped=0,
            )
        )
    return observations


def tensor_of(observations: list[Observation]) -> np.ndarray:
    return rep_tensor(observations, 0.5, 0.5 + REP_S)


def mirrored(observation: Observation) -> Observation:
    """Seen in a mirror."""
    assert observation.world is not None
    order = [index + (1 if index % 2 else -1) if index > 10 else index for index in range(landmark.COUNT)]
    world = observation.world[order] * np.array([-1, 1, 1], np.float32)
    return replace(observation, world=world)


def test_a_tensor_is_float32_of_directions():
    """Every direction lies within the unit sphere, and something moves."""
    tensor = tensor_of(a_rep_seen())
    assert tensor.shape == SHAPE
    assert tensor.dtype == np.float32
    length = np.linalg.norm(tensor, axis=-1)
    assert length.max() <= 1.0
    assert length.max() > 0.5


def test_directions_point_where_the_joint_goes():
    """In the first half the shoulders rise (y is down), in the second they sink; the ankles rest."""
    tensor = tensor_of(a_rep_seen())
    shoulder, ankle = TRAVERSAL.index(12), TRAVERSAL.index(28)
    assert (tensor[3:8, shoulder, 1] < -0.3).all()
    assert (tensor[12:17, shoulder, 1] > 0.3).all()
    np.testing.assert_allclose(tensor[:, ankle], 0, atol=1e-6)


def test_framing_does_not_matter():
    """Neither where the lifter is in the picture nor how large."""
    moved = a_pose()
    moved[:, :2] = 0.1 + 0.4 * moved[:, :2]
    np.testing.assert_array_equal(tensor_of(a_rep_seen()), tensor_of(a_rep_seen(landmarks=moved)))


def test_body_size_does_not_matter():
    """A taller lifter's tensor is the same."""
    tall = [replace(o, world=None if o.world is None else o.world * np.float32(1.2)) for o in a_rep_seen()]
    np.testing.assert_allclose(tensor_of(tall), tensor_of(a_rep_seen()), atol=1e-5)


def test_frame_rate_does_not_matter():
    """15 and 60 frames a second differ by the interpolation alone."""
    np.testing.assert_allclose(tensor_of(a_rep_seen(fps=15)), tensor_of(a_rep_seen(fps=60)), atol=0.06)


@pytest.mark.parametrize("azimuth_deg", [20.0, 60.0])
def test_the_side_of_the_camera_does_not_matter(azimuth_deg):
    """A camera on the lifter's right sees what one on the left sees."""
    left = a_rep_seen(azimuth_deg=azimuth_deg)
    np.testing.assert_allclose(tensor_of([mirrored(o) for o in left]), tensor_of(left), atol=1e-6)


def test_lost_frames_are_bridged():
    """A tenth of a second without anybody changes little."""
    whole = a_rep_seen()
    holed = [replace(o, landmarks=None, world=None, people=0) if 1.0 < o.t_s < 1.12 else o for o in whole]
    assert sum(o.world is None for o in holed) >= 3
    np.testing.assert_allclose(tensor_of(holed), tensor_of(whole), atol=0.06)


def test_a_repeated_time_gives_finite_numbers():
    """Two frames with one time stamp are no division by zero."""
    observations = a_rep_seen()
    observations[40] = replace(observations[40], t_s=observations[39].t_s)
    assert np.isfinite(tensor_of(observations)).all()


@pytest.mark.parametrize("seen", [0, 1])
def test_nobody_is_an_error(seen):
    """A tensor of nothing is not made up."""
    observations = [replace(o, landmarks=None, world=None, people=0) for o in a_rep_seen()[seen:]]
    with pytest.raises(ValueError, match=f"two observations of someone, got {seen}"):
        tensor_of(a_rep_seen()[:seen] + observations)
