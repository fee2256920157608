"""Where the barbell's plates are in a picture, and the way of the bar: the truth of rendered sets."""

import numpy as np

from livecoach.synth.camera import Camera
from livecoach.synth.figure.posture import Posture, length
from livecoach.synth.picture.barbell import bar_place

AROUND = np.linspace(0, 2 * np.pi, 48, endpoint=False)


def plates_seen(posture: Posture, camera: Camera, face_m: float, radius_m: float) -> np.ndarray:
    """(T, 2, 3) of the outer faces of the plates at both ends, the nearer one first: x and y of the middle of what is
    seen and its vertical diameter, px; NaN where the bar is behind the camera or is not there.

    face_m: from the bar's middle to that face; radius_m: of the plate.
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
    """(T, 48, 3) a circle around the bar, m."""
    circle = np.stack([radius_m * np.cos(AROUND), np.full(len(AROUND), along_m), radius_m * np.sin(AROUND)], -1)
    placed = []
    for i in range(length(posture)):
        turn, place = bar_place(posture, i)
        placed.append(circle @ turn.T + place)
    return np.array(placed)


def bar_way(posture: Posture) -> np.ndarray:
    """(T, 3) the bar's middle, m: x forward, y left, z up."""
    return np.stack([posture["bar_x"], posture["bar_y"], posture["bar_z"]], -1)
