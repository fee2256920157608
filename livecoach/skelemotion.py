"""A rep as a tensor, in the spirit of SkeleMotion orientation (Caetano et al., AVSS 2019).

The dissertation that livecoach grows out of drew, for every joint and frame, where the joint's displacement over ten
frames points to. Here the same is done in body coordinates and in seconds: displacement over `WINDOW_S`, relative to
the feet and in body lengths, at `TIMES` moments spread evenly over the rep. What points to the lifter's left or right
is mirrored so that the camera always stands on the lifter's left.
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
SHAPE = (TIMES, len(TRAVERSAL), 3)
"""Of a rep tensor: times, joints, (x, y, z) of the direction, each -1…1."""


def _swap_left_right(world: np.ndarray) -> np.ndarray:
    """The mirror image of world landmarks (n, 33, 3)."""
    mirrored: np.ndarray = world[:, landmark.OTHER_SIDE] * np.array([-1.0, 1.0, 1.0])
    return mirrored


def body_coordinates(world: np.ndarray) -> np.ndarray:
    """World landmarks relative to the middle of the ankles, in lengths of torso, thigh and shin; camera on the left.

    world: (n, 33, 3) metres. Returns (n, 33, 3) float64.
    """
    world = world.astype(np.float64)
    left_ward = world[:, 11] - world[:, 12] + world[:, 23] - world[:, 24]  # as livecoach.form.view, all frames at once
    if np.median(np.arctan2(-left_ward[:, 2], left_ward[:, 0])) < 0:
        world = _swap_left_right(world)
    shoulder, hip, knee, ankle = (
        world[:, list(pair)].mean(1) for pair in (landmark.SHOULDERS, landmark.HIPS, landmark.KNEES, landmark.ANKLES)
    )
    length = sum(np.median(np.linalg.norm(a - b, axis=1)) for a, b in ((shoulder, hip), (hip, knee), (knee, ankle)))
    relative: np.ndarray = (world - ankle[:, None]) / max(float(length), 1e-6)
    return relative


def rep_tensor(observations: Sequence[Observation], start_s: float, end_s: float) -> np.ndarray:
    """The tensor of the rep from `start_s` to `end_s`: SHAPE float32.

    observations: in order of time; those in which nobody is seen are bridged linearly. A little before and after the
    rep may be given: displacements at its ends then use it. At least two must show someone, else ValueError.
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
    """Points (n, joints, 3) interpolated linearly at `moments`; constant beyond the ends."""
    right = np.clip(np.searchsorted(t_s, moments), 1, len(t_s) - 1)
    gap = np.maximum(t_s[right] - t_s[right - 1], 1e-9)
    share = np.clip((moments - t_s[right - 1]) / gap, 0.0, 1.0)[:, None, None]
    between: np.ndarray = points[right - 1] * (1 - share) + points[right] * share
    return between
