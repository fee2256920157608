"""From what a pinhole on a tripod sees to the picture of a camera that shakes and whose lens bends lines.

OpenGL draws for the pinhole, a little more than the picture shows; the picture is looked up in that, pixel by pixel.
So a room is drawn once, however the camera shakes, and bent lines are bent everywhere.
"""

from itertools import product

import cv2
import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.figure.geometry import rotation

FINER = 1.5
"""Anti-aliasing: drawn with so many more pixels each way. OpenGL's own takes llvmpipe three times as long."""
CELL_PX = 16
"""The map of pixels is exact in the middle of cells of this size; the lens is smooth enough between."""
NEAR_M, FAR_M = 0.1, 40.0


class Lens:
    """A camera's picture, of width_px x height_px pixels, in terms of what the pinhole sees."""

    def __init__(self, camera: VirtualCamera, width_px: int, height_px: int) -> None:
        self._camera, self._size = camera, (width_px, height_px)
        self._focal_px = camera.focal_px * height_px / camera.height_px
        rows, columns = _nodes(height_px), _nodes(width_px)
        y, x = np.meshgrid(rows + 0.5 - height_px / 2, columns + 0.5 - width_px / 2, indexing="ij")
        self._rays = _straightened(np.stack([x, y], -1) / self._focal_px, camera.distortion)
        self.fine_focal_px = FINER * self._focal_px
        """Focal length of the pinhole."""
        half = np.ceil(self.fine_focal_px * self._reach()).astype(int) + 2
        self.fine_size = (2 * int(half[0]), 2 * int(half[1]))
        """Width and height of the pinhole's picture."""
        self._still = None if camera.shake else self._maps(0.0)

    def _reach(self) -> np.ndarray:
        """(2,) largest |x| and |y|, as tangents, that any frame looks at."""
        most = [sum(wave.amplitude_rad for wave in self._camera.shake if wave.axis == axis) for axis in range(3)]
        turns = [_turn(np.multiply(signs, most)) for signs in product((-1, 1), repeat=3)]
        reach: np.ndarray = np.max([np.abs(_tangents(self._rays, turn)).max((0, 1)) for turn in turns], axis=0)
        return reach

    def picture(self, fine: np.ndarray, frame: float) -> np.ndarray:
        """(height, width, channels) of a frame from the pinhole's picture, whose first row is the lowest one."""
        maps = self._maps(frame) if self._still is None else self._still
        return np.asarray(cv2.remap(fine, *maps, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE))

    def _maps(self, frame: float) -> tuple[np.ndarray, np.ndarray]:
        at = _tangents(self._rays, self._camera.shaken(np.array([frame]))[0]) * self.fine_focal_px
        rows, columns = at.shape[:2]
        # cv2.resize puts each value into the middle of its cell; the outermost cells lie around the picture.
        smooth = cv2.resize(at.astype(np.float32), (columns * CELL_PX, rows * CELL_PX), interpolation=cv2.INTER_LINEAR)
        width, height = self._size
        inner = smooth[CELL_PX : CELL_PX + height, CELL_PX : CELL_PX + width]
        middle_x, middle_y = np.float32((self.fine_size[0] - 1) / 2), np.float32((self.fine_size[1] - 1) / 2)
        maps = cv2.convertMaps(middle_x + inner[..., 0], middle_y - inner[..., 1], cv2.CV_16SC2)
        return np.asarray(maps[0]), np.asarray(maps[1])

    def clip_matrix(self) -> np.ndarray:
        """(4, 4) OpenGL clip matrix of the pinhole, for column vectors."""
        view = np.eye(4)
        view[:3, :3] = self._camera.turn * np.array([[1], [-1], [-1]])
        view[:3, 3] = -view[:3, :3] @ self._camera.eye
        p = np.zeros((4, 4))
        p[0, 0], p[1, 1] = 2 * self.fine_focal_px / np.array(self.fine_size)
        p[2, 2], p[2, 3] = -(FAR_M + NEAR_M) / (FAR_M - NEAR_M), -2 * FAR_M * NEAR_M / (FAR_M - NEAR_M)
        p[3, 2] = -1
        return p @ view

    def find(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Row and column, both (N,) int, of world points (N, 3) for the pinhole, and their distance (N,), m."""
        local = (points - self._camera.eye) @ self._camera.turn.T
        depth = np.maximum(local[:, 2], NEAR_M)
        width, height = self.fine_size
        column = local[:, 0] / depth * self.fine_focal_px + width / 2
        row = height / 2 - local[:, 1] / depth * self.fine_focal_px
        inside = [np.clip(np.floor(at), 1, size - 2).astype(int) for at, size in ((row, height), (column, width))]
        return inside[0], inside[1], local[:, 2]


def metres(depth: np.ndarray) -> np.ndarray:
    """OpenGL's depth 0..1 as distance along the camera's axis, m."""
    m: np.ndarray = 2 * FAR_M * NEAR_M / (FAR_M + NEAR_M - (2 * depth - 1) * (FAR_M - NEAR_M))
    return m


def _turn(angles_rad: np.ndarray) -> np.ndarray:
    turn: np.ndarray = rotation(0, angles_rad[0]) @ rotation(1, angles_rad[1]) @ rotation(2, angles_rad[2])
    return turn


def _straightened(tangents: np.ndarray, distortion: float) -> np.ndarray:
    """(..., 3) rays of what a lens shows at tangents (..., 2): Camera.project backwards."""
    if distortion:
        r = distortion * np.maximum(np.linalg.norm(tangents, axis=-1, keepdims=True), 1e-6)
        tangents = tangents * np.tan(r) / r
    return np.concatenate([tangents, np.ones_like(tangents[..., :1])], -1)


def _tangents(rays: np.ndarray, shaken: np.ndarray) -> np.ndarray:
    """(..., 2) where the tripod's pinhole sees the rays (..., 3) of a camera turned by `shaken` (3, 3)."""
    turned = rays @ shaken
    tangents: np.ndarray = turned[..., :2] / turned[..., 2:]
    return tangents


def _nodes(size_px: int) -> np.ndarray:
    """Pixels, counted from 0, at which the map is exact: the middles of the cells on and around a side."""
    return (np.arange(-(-size_px // CELL_PX) + 2) - 0.5) * CELL_PX - 0.5
