"""The pictures of a squat: which of its frames have one, and how each is drawn."""

import numpy as np

from livecoach.lab.squat_picture.drawing import AS_CROPPED, PictureKind, Placing, pose_picture
from livecoach.lab.squat_picture.frames import AROUND, FRAMES, SquatFrames


def drawable(kind: PictureKind) -> np.ndarray:
    """Return (FRAMES,) bool: of which frames as the middle one a picture can be drawn."""
    middles = np.arange(FRAMES)
    return np.asarray((middles + min(kind.frames) >= 0) & (middles + max(kind.frames) < FRAMES))


def picture_of(
    squats: SquatFrames, squat: int, middle: int, kind: PictureKind, placing: Placing = AS_CROPPED
) -> np.ndarray:
    """Draw a picture of a squat, as `pose_picture` does. middle: number of its frame, AROUND for the deepest one."""
    return pose_picture(squats.joints[squat, [middle + offset for offset in kind.frames]], kind, placing)


def deepest_pictures(squats: SquatFrames, kind: PictureKind) -> np.ndarray:
    """Return the picture of the deepest frame of each squat, (n, rows, columns, channels)."""
    return np.stack([picture_of(squats, i, AROUND, kind) for i in range(len(squats))])
