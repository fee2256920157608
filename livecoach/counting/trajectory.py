"""Joints at the same moments of every movement, so that movements can be compared."""

import numpy as np

from livecoach.frame.body import (
    ANKLE,
    HIP,
    JOINTS,
    SHOULDER,
    WRIST,
    joint_rad,
    lean_rad,
    side_distances,
    sizes_px,
    torso_lengths,
)
from livecoach.frame.quantiles import median, percentile

TIMES = 13
"""Moments of a trajectory: five on the way out, three at the turn, five on the way back."""
WITHIN_S = 0.07  # half the time over which the value at a moment is a median


def channels(world: np.ndarray, points_px: np.ndarray) -> np.ndarray:
    """Return (n, CHANNELS) for world (n, 6, 2, 3) and points_px (n, 6, 2, 2): angles in radians; positions relative to
    mid-ankle, and of the hands to their shoulder, as shares of the size in the picture; the hands' position relative to
    their hip, and distance, in torso lengths."""
    size = max(float(percentile(sizes_px(points_px), 75)), 1e-6)
    torso = max(float(percentile(torso_lengths(world), 75)), 1e-6)
    knees, hips, elbows = (joint_rad(world, *three) for three in JOINTS)
    on_feet = (points_px - points_px[:, ANKLE].mean(1)[:, None, None]) / size
    hanging = (points_px[:, WRIST] - points_px[:, SHOULDER]) / size
    at_hips = (world[:, WRIST] - world[:, HIP]) / torso
    n = len(world)
    return np.concatenate(
        [
            np.stack([knees.mean(1), hips.mean(1), lean_rad(world)], 1),
            elbows,
            on_feet[:, WRIST].reshape(n, 4),
            hanging.reshape(n, 4),
            at_hips.reshape(n, 6),
            on_feet[:, SHOULDER].mean(1)[:, :1],
            on_feet[:, HIP].mean(1),
            side_distances(world, WRIST)[:, None] / torso,
        ],
        1,
    )


CHANNELS = 23
STEADY = (0, 1, 2, 5, 6, 7, 8, 19, 20, 21, 22)
"""Channels whose speed and spread at the turn are features: knees, hips, trunk, hands."""


def at_times(t_s: np.ndarray, values: np.ndarray, moments_s: np.ndarray) -> np.ndarray:
    """Return (len(moments_s), …): medians of the values around the moments."""
    rows = []
    for moment_s in moments_s:
        near = np.abs(t_s - moment_s) <= WITHIN_S
        rows.append(median(values[near]) if near.any() else values[int(np.argmin(np.abs(t_s - moment_s)))])
    return np.stack(rows)


def moments_s(start_s: float, first_s: float, last_s: float, end_s: float) -> np.ndarray:
    """Moments (TIMES,) of a movement that is at its turn from `first_s` to `last_s`."""
    out, back = np.linspace(start_s, first_s, 6)[:5], np.linspace(last_s, end_s, 6)[1:]
    return np.concatenate([out, first_s + (last_s - first_s) * np.array([0.1, 0.5, 0.9]), back])
