"""A rep as a tensor, in the spirit of SkeleMotion orientation (Caetano et al., AVSS 2019).

The dissertation that livecoach grows out of drew, for every joint and frame, where the joint's displacement over ten
frames points to. Here the same is done in body coordinates and in seconds: displacement over `WINDOW_S`, relative to
the feet and in body lengths, at `TIMES` moments spread evenly over the rep. What points to the lifter's left or right
is mirrored so that the camera always stands on the lifter's left.

The dissertation's own angles, of which it drew a rep image (livecoach.lab.images.drawing), are made here too.
"""

from collections.abc import Sequence

import numpy as np

from livecoach import landmark
from livecoach.types import Observation

TIMES = 20
WINDOW_S = 1 / 3
"""Ten frames at 30 frames a second, as the dissertation's."""
STILL = 0.08
"""Body lengths in the window under which a joint rests: its direction fades to zero instead of turning at random."""
TRAVERSAL = (12, 14, 16, 14, 12, 24, 26, 28, 26, 24, 12, 11, 13, 15, 13, 11, 23, 25, 27, 25, 23, 11, 12)
"""Joints in an order in which neighbours are connected, so that a convolution along it sees limbs."""
JOINTS = tuple(sorted(set(TRAVERSAL)))
"""The same joints, each once."""
SHAPE = (TIMES, len(TRAVERSAL), 3)
"""Shape of a rep tensor: times, joints, (x, y, z) of the direction, each -1…1."""


def _swap_left_right(world: np.ndarray) -> np.ndarray:
    """Mirror world landmarks (n, 33, 3)."""
    mirrored: np.ndarray = world[:, landmark.OTHER_SIDE] * np.array([-1.0, 1.0, 1.0])
    return mirrored


def camera_at_right(world: np.ndarray) -> bool:
    """Return whether the camera is at the lifter's right, so that a rep's tensor is mirrored; world: (n, 33, 3)."""
    left_ward = world[:, 11] - world[:, 12] + world[:, 23] - world[:, 24]  # as livecoach.frame.view, all frames at once
    return bool(np.median(np.arctan2(-left_ward[:, 2], left_ward[:, 0])) < 0)


def body_coordinates(world: np.ndarray) -> np.ndarray:
    """Return world landmarks relative to mid-ankle, in lengths of torso, thigh and shin, with the camera on the left.

    world: (n, 33, 3) metres. Returns (n, 33, 3) float64.
    """
    world = world.astype(np.float64)
    if camera_at_right(world):
        world = _swap_left_right(world)
    shoulder, hip, knee, ankle = (
        world[:, list(pair)].mean(1) for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.KNEES, landmark.ANKLES)
    )
    length = sum(np.median(np.linalg.norm(a - b, axis=1)) for a, b in ((shoulder, hip), (hip, knee), (knee, ankle)))
    relative: np.ndarray = (world - ankle[:, None]) / max(float(length), 1e-6)
    return relative


def rep_tensor(observations: Sequence[Observation], start_s: float, end_s: float) -> np.ndarray:
    """Return the tensor of the rep from `start_s` to `end_s`: SHAPE float32.

    observations: in order of time; those without a person are bridged linearly. A little before and after the rep may
    be given: displacements at its ends then use it. At least two must show someone, else ValueError.
    """
    seen = [o for o in observations if o.world is not None]
    if len(seen) < 2:
        raise ValueError(f"a rep tensor needs two observations of someone, got {len(seen)}")
    t_s = np.array([o.t_s for o in seen])
    points = body_coordinates(np.stack([o.world for o in seen if o.world is not None]))[:, list(TRAVERSAL)]
    moments = start_s + (np.arange(TIMES) + 0.5) / TIMES * (end_s - start_s)
    moved = _at(t_s, points, moments + WINDOW_S / 2) - _at(t_s, points, moments - WINDOW_S / 2)
    size = np.sqrt((moved**2).sum(-1, keepdims=True) + STILL**2)
    directions: np.ndarray = (moved / size).astype(np.float32)
    return directions


def _at(t_s: np.ndarray, points: np.ndarray, moments: np.ndarray) -> np.ndarray:
    """Return points (n, joints, 3) interpolated linearly at `moments`; constant beyond the ends."""
    right = np.clip(np.searchsorted(t_s, moments), 1, len(t_s) - 1)
    gap = np.maximum(t_s[right] - t_s[right - 1], 1e-9)
    share = np.clip((moments - t_s[right - 1]) / gap, 0.0, 1.0)[:, None, None]
    between: np.ndarray = points[right - 1] * (1 - share) + points[right] * share
    return between


SEED_TRAVERSAL = (
    *(0, 12, 14, 16, 22, 16, 20, 18, 20, 16, 14, 12, 24, 26, 28, 32, 28, 30, 28, 26, 24, 12),
    *(0, 11, 13, 15, 21, 15, 19, 17, 19, 15, 13, 11, 23, 25, 27, 29, 27, 31, 27, 25, 23, 11),
    0,
)
"""Landmarks of the rows of the dissertation's image: the right half of the body from the nose, then the left."""
SEED_FRAMES = 10
"""Frames between the two places whose difference is a displacement."""
SEED_STILL = 0.04
"""Length of a displacement, in the units of the landmarks, under which the dissertation takes a joint to rest."""
SEED_RESTS = 1.1
"""Value for no angle: of a joint that rests, and of the last frames, which have no later frame."""


def seed_angles(landmarks: np.ndarray) -> np.ndarray:
    """Return the dissertation's angles of a rep: (len(SEED_TRAVERSAL), n, 3) float64, 0…1, or SEED_RESTS.

    landmarks: (n, 33, 3) x, y, z as BlazePose gives them in the picture; at least one frame, else ValueError. The
    displacement points from where a joint will be to where it is, d = p(t) - p(t + 10). The three angles are atan2 of
    (y, x), (y, z) and (z, x), as shares of a turn from -180 degrees on. A frame with NaN counts as resting.

    Sign and order of the arguments are measured: of all 96 (sign, either order in each angle, weights exchanged) these
    are the ones with which 73 real pulls and lowerings (the dissertation's annotated frames) come out with the grey
    values of its 199 training images: 185 and 134 at the shoulder, seen 182 and 134; with atan2(x, z) 167 and 115.
    """
    if landmarks.ndim != 3 or landmarks.shape[1:] != (landmark.COUNT, 3) or not len(landmarks):
        raise ValueError(f"landmarks: expected (frames, {landmark.COUNT}, 3), got {landmarks.shape}")
    points = landmarks[:, list(SEED_TRAVERSAL)].astype(np.float64).transpose(1, 0, 2)  # rows, frames, axes
    angles = np.full(points.shape, SEED_RESTS)
    moved = points[:, :-SEED_FRAMES] - points[:, SEED_FRAMES:]
    x, y, z = np.moveaxis(moved, -1, 0)
    turned = np.stack([np.arctan2(y, x), np.arctan2(y, z), np.arctan2(z, x)], -1)
    moves = np.linalg.norm(moved, axis=-1, keepdims=True) >= SEED_STILL
    angles[:, : moved.shape[1]] = np.where(moves, (np.degrees(turned) + 180) / 360, SEED_RESTS)
    return angles
