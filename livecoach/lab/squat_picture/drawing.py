"""The picture of a pose alone: white lines between joints on black, cropped around the lifter.

The published pictures have 108 rows and 192 columns, and show nothing but the pose. A lifter fills them from top to
bottom, whoever he is and wherever he stands.
"""

from dataclasses import dataclass

import cv2
import numpy as np

from livecoach import landmark

NOSE, EARS = 0, (7, 8)
DRAWN = (NOSE, *EARS, *range(11, 17), *range(23, landmark.COUNT))
"""Landmarks that are drawn: no fingers, of the face only nose and ears."""
NECK, HEAD = landmark.COUNT, landmark.COUNT + 1
"""Points between the shoulders and between the ears, beside the landmarks."""
LEFT, RIGHT, ACROSS = range(3)
"""Channels of a picture in which limbs are kept apart."""
MARGIN_PX = 6
"""Pixels between the lifter and the edge of a picture that is not zoomed."""
THICK_PX = 2
FRACTION_BITS = 4
"""Fractional bits of the coordinates that OpenCV draws at."""
FARTHEST = 2**20


def _limb(pair: tuple[int, int]) -> int:
    sides = {landmark.NAMES[joint].split("_")[0] for joint in pair}
    return LEFT if sides == {"left"} else RIGHT if sides == {"right"} else ACROSS


LINES = (*((*pair, _limb(pair)) for pair in landmark.BONES), (NECK, HEAD, ACROSS), (HEAD, NOSE, ACROSS))
"""Two points and the channel of each line."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PictureKind:
    """How a pose is drawn."""

    rows: int = 108
    columns: int = 192
    limbs: bool = False
    """Whether left limbs, right limbs and the rest get channels of their own; else all lines share one channel."""
    frames: tuple[int, ...] = (0,)
    """Frames that share a picture as channels, relative to the middle one. All are cropped as the middle one is."""

    @property
    def channels(self) -> int:
        """Return the number of channels of a picture."""
        return len(self.frames) * (ACROSS + 1 if self.limbs else 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Placing:
    """How the lifter is put into a picture, beside what the crop does."""

    zoom: float = 1.0
    right_px: float = 0.0
    down_px: float = 0.0
    flipped: bool = False


AS_CROPPED = Placing()


def pose_picture(joints: np.ndarray, kind: PictureKind, placing: Placing = AS_CROPPED) -> np.ndarray:
    """Draw a picture (rows, columns, channels) uint8.

    joints: (frames of the kind, 33, 2) in pixels, x to the right and y down.
    """
    poses = flipped(joints) if placing.flipped else joints
    middle = poses[kind.frames.index(0)][list(DRAWN)]
    low, high = middle.min(0), middle.max(0)
    room = np.array([kind.columns, kind.rows]) - 2 * MARGIN_PX
    scale = float((room / np.maximum(high - low, 1e-6)).min()) * placing.zoom
    centre = np.array([kind.columns / 2 + placing.right_px, kind.rows / 2 + placing.down_px])
    placed = (poses - (low + high) / 2) * scale + centre
    return np.stack([channel for pose in placed for channel in _channels(pose, kind)], -1)


def _channels(pose: np.ndarray, kind: PictureKind) -> list[np.ndarray]:
    """Return the channels of one pose (33, 2), in pixels of the picture."""
    channels = [np.zeros((kind.rows, kind.columns), np.uint8) for _ in range(ACROSS + 1 if kind.limbs else 1)]
    neck, head = pose[list(landmark.SHOULDERS)].mean(0), pose[list(EARS)].mean(0)
    # Far outside of the picture a line is as invisible, and OpenCV's integers do not overflow.
    fixed = np.clip(np.round(np.vstack([pose, neck, head]) * 2**FRACTION_BITS), -FARTHEST, FARTHEST)
    points = fixed.astype(int).tolist()
    for start, end, limb in LINES:
        channel = channels[limb if kind.limbs else 0]
        cv2.line(channel, points[start], points[end], 255, THICK_PX, cv2.LINE_AA, FRACTION_BITS)
    return channels


def flipped(poses: np.ndarray) -> np.ndarray:
    """Return poses (n, 33, 2) as a mirror shows them."""
    mirrored: np.ndarray = poses[:, list(landmark.OTHER_SIDE)] * np.array([-1.0, 1.0])
    return mirrored
