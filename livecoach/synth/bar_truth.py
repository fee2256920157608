"""Ground truth of the barbell in rendered sets: the plates in the picture, and the path of the bar."""

import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.picture.barbell import bar_place

AROUND = np.linspace(0, 2 * np.pi, 48, endpoint=False)


def plate_positions(posture: Posture, camera: VirtualCamera, face_m: float, radius_m: float) -> np.ndarray:
    """Return the outer faces of the plates at both ends in the picture, (T, 2, 3), the nearer end first.

    Values are x and y of the centre and the vertical diameter, in pixels; NaN if the bar is behind the camera or
    absent. face_m: distance from the bar's middle to the face. radius_m: radius of the plate.
    """
    rings = np.stack([_rings(posture, sign * face_m, radius_m) for sign in (-1, 1)])
    size_px = (camera.width_px, camera.height_px)
    seen = np.empty((length(posture), 2, 3))
    depths = np.empty((length(posture), 2))
    for side, ring in enumerate(rings):
        local = camera.local(ring)
        xy = camera.project(local) * size_px
        low, high = xy.min(1), xy.max(1)
        seen[:, side] = np.stack([*((low + high) / 2).T, high[:, 1] - low[:, 1]], -1)
        depths[:, side] = local[..., 2].mean(1)
        seen[(local[..., 2] < 0.3).any(1) | (ring[..., 2].min(1) < -1), side] = np.nan
    nearer = np.argsort(depths, 1)
    found: np.ndarray = np.take_along_axis(seen, nearer[..., None], 1)
    return found


def _rings(posture: Posture, along_m: float, radius_m: float) -> np.ndarray:
    """Return a circle around the bar in every frame, (T, 48, 3), m."""
    circle = np.stack([radius_m * np.cos(AROUND), np.full(len(AROUND), along_m), radius_m * np.sin(AROUND)], -1)
    placed = []
    for i in range(length(posture)):
        turn, place = bar_place(posture, i)
        placed.append(circle @ turn.T + place)
    return np.array(placed)


def bar_path(posture: Posture) -> np.ndarray:
    """Return the path of the bar's middle, (T, 3), m: x forward, y left, z up."""
    return np.stack([posture["bar_x"], posture["bar_y"], posture["bar_z"]], -1)
