"""Turns the picture of a fixed pinhole camera into that of a shaking camera with lens distortion.

OpenGL renders the pinhole's view with a margin, and the final picture is sampled from it pixel by pixel. Therefore the
room is rendered only once even if the camera shakes, and the distortion applies everywhere.
"""

from itertools import product

import cv2
import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.figure.geometry import rotation

FINER = 1.5
"""Supersampling factor in each direction; OpenGL's own anti-aliasing takes llvmpipe three times as long."""
CELL_PX = 16
"""Size of the cells at whose centres the pixel map is exact; it is interpolated in between, as the lens is smooth."""
NEAR_M, FAR_M = 0.1, 40.0


class Lens:
    """Maps the pinhole's view to the camera's picture of width_px x height_px pixels."""

    def __init__(self, camera: VirtualCamera, width_px: int, height_px: int) -> None:
        self._camera, self._size = camera, (width_px, height_px)
        self._focal_px = camera.focal_px * height_px / camera.height_px
        rows, columns = _nodes(height_px), _nodes(width_px)
        y, x = np.meshgrid(rows + 0.5 - height_px / 2, columns + 0.5 - width_px / 2, indexing="ij")
        self._rays = _straightened(np.stack([x, y], -1) / self._focal_px, camera.distortion)
        self.fine_focal_px = FINER * self._focal_px
        """Focal length of the pinhole's view."""
        half = np.ceil(self.fine_focal_px * self._reach()).astype(int) + 2
        self.fine_size = (2 * int(half[0]), 2 * int(half[1]))
        """Width and height of the pinhole's view."""
        self._still = None if camera.shake else self._maps(0.0)

    def _reach(self) -> np.ndarray:
        """Return the largest |x| and |y| that any frame needs, as tangents, (2,)."""
        most = [sum(wave.amplitude_rad for wave in self._camera.shake if wave.axis == axis) for axis in range(3)]
        turns = [_turn(np.multiply(signs, most)) for signs in product((-1, 1), repeat=3)]
        reach: np.ndarray = np.max([np.abs(_tangents(self._rays, turn)).max((0, 1)) for turn in turns], axis=0)
        return reach

    def picture(self, fine: np.ndarray, frame: float) -> np.ndarray:
        """Return a frame's picture (height, width, channels) from the pinhole's view, lowest row first."""
        maps = self._maps(frame) if self._still is None else self._still
        return np.asarray(cv2.remap(fine, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _maps(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        at = _tangents(self._rays, self._camera.shaken(np.array([frame]))[0]) * self.fine_focal_px
        rows, columns = at.shape[:2]
        # cv2.resize places each value at the centre of its cell; the outermost cells surround the picture.
        smooth = cv2.resize(at.astype(np.float32), (columns * CELL_PX, rows * CELL_PX), interpolation=cv2.INTER_LINEAR)
        width, height = self._size
        inner = smooth[CELL_PX : CELL_PX + height, CELL_PX : CELL_PX + width]
        middle_x, middle_y = np.float32((self.fine_size[0] - 1) / 2), np.float32((self.fine_size[1] - 1) / 2)
        maps = cv2.convertMaps(middle_x + inner[..., 0], middle_y - inner[..., 1], cv2.CV_16SC2)
        return np.asarray(maps[0]), np.asarray(maps[1])

    def clip_matrix(self) -> np.ndarray:
        """Return the OpenGL clip matrix of the pinhole, (4, 4), for column vectors."""
        view = np.eye(4)
        view[:3, :3] = self._camera.turn * np.array([[1], [-1], [-1]])
        view[:3, 3] = -view[:3, :3] @ self._camera.eye
        p = np.zeros((4, 4))
        p[0, 0], p[1, 1] = 2 * self.fine_focal_px / np.array(self.fine_size)
        p[2, 2], p[2, 3] = -(FAR_M + NEAR_M) / (FAR_M - NEAR_M), -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M)
        p[3, 2] = -1
        return p @ view

    def find(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return row and column, (N,) int, of world points (N, 3) in the pinhole's view, and their distance (N,), m."""
        local = (points - self._camera.eye) @ self._camera.turn.T
        depth = np.maximum(local[:, 2], NEAR_M)
        width, height = self.fine_size
        column = local[:, 0] / depth * self.fine_focal_px + width / 2
        row = height / 2 - local[:, 1] / depth * self.fine_focal_px
        inside = [np.clip(np.floor(at), 1, size - 2).astype(int) for at, size in ((row, height), (column, width))]
        return inside[0], inside[1], local[:, 2]


def metres(depth: np.ndarray) -> np.ndarray:
    """Convert OpenGL's depth 0..1 to distance along the camera's axis, m."""
    m: np.ndarray = 2 * FAR_M * NEAR_M / (FAR_M + NEAR_M - (2 * depth - 1) * (FAR_M - NEAR_M))
    return m


def _turn(angles_rad: np.ndarray) -> np.ndarray:
    turn: np.ndarray = rotation(0, angles_rad[0]) @ rotation(1, angles_rad[1]) @ rotation(2, angles_rad[2])
    return turn


def _straightened(tangents: np.ndarray, distortion: float) -> np.ndarray:
    """Return the rays (..., 3) that a lens shows at tangents (..., 2): the inverse of VirtualCamera.project."""
    if distortion:
        r = distortion * np.maximum(np.linalg.norm(tangents, axis=-1, keepdims=True), 1e-6)
        tangents = tangents * np.tan(r) / r
    return np.concatenate([tangents, np.ones_like(tangents[..., :1])], -1)


def _tangents(rays: np.ndarray, shaken: np.ndarray) -> np.ndarray:
    """Return where the fixed pinhole sees the rays (..., 3) of a camera turned by `shaken` (3, 3), (..., 2)."""
    turned = rays @ shaken
    tangents: np.ndarray = turned[..., :2] / turned[..., 2:]
    return tangents


def _nodes(size_px: int) -> np.ndarray:
    """Return the pixel coordinates of the cell centres along a side, where the map is exact."""
    return (np.arange(-(-size_px // CELL_PX) + 2) - 0.5) * CELL_PX - 0.5
