"""Squats of stick figures, deep ones that are good and shallow ones that are bad, as poses around the deepest frame."""

import numpy as np

from builders.stick_figure import a_stick_figure
from livecoach.lab.squat_picture import FRAMES, GOOD, SquatFrames

DEEP, SHALLOW = 1.0, 0.3
PX_PER_M = 200.0


def a_pose_px(bend: float, *, view_deg: float = 60.0) -> np.ndarray:
    """Return joints in the picture, (33, 2) pixels."""
    pose: np.ndarray = a_stick_figure(bend, lift="squat", view_deg=view_deg)[:, :2] * PX_PER_M + 300
    return pose.astype(np.float32)


def some_squats(*, lifters: int = 4, each: int = 4, seed: int = 0) -> SquatFrames:
    """Return squats, half of them good and half shallow; the pose is a little different in every frame."""
    rng = np.random.default_rng(seed)
    count = lifters * each
    shallow = np.arange(count) % 2 == 1
    still = np.stack([a_pose_px(SHALLOW if bad else DEEP) for bad in shallow])
    shaken = still[:, None] + rng.normal(0, 1, (count, FRAMES, *still.shape[1:]))
    return SquatFrames(
        joints=shaken.astype(np.float32),
        labels=np.where(shallow, "shallow", GOOD),
        lifters=np.repeat([f"lifter {k}" for k in range(lifters)], each),
    )
