"""The barbell."""

import numpy as np

from livecoach.synth.figure.geometry import rotation
from livecoach.synth.figure.posture import PLATE_RADIUS_M, Posture
from livecoach.synth.picture.mesh import Colour, Mesh, lathe, merged

BAR_RADIUS_M = 0.014
BAR_HALF_M = 1.1
SLEEVE_AT_M = 0.66
"""Inner face of the first plate, from the middle."""
STEEL = (0.62, 0.62, 0.64)
PLATE_STEP_M = 0.065


def barbell(plates: int, plate_colour: Colour) -> Mesh:
    """A barbell along y at the origin with `plates` on each side."""
    end = BAR_HALF_M
    parts = [lathe([(-end, 0), (-end, BAR_RADIUS_M), (end, BAR_RADIUS_M), (end, 0)], STEEL, 10)]
    for sign in (-1, 1):
        parts.append(lathe([(sign * y, radius) for y, radius in _sleeve()], STEEL, 14))
        for k in range(plates):
            parts.append(lathe([(sign * y, radius) for y, radius in _plate(k)], plate_colour, 36))
    return merged(parts)


def _sleeve() -> list[tuple[float, float]]:
    inner, at, end = SLEEVE_AT_M - 0.03, SLEEVE_AT_M, BAR_HALF_M
    return [(inner, 0), (inner, 0.037), (at, 0.037), (at, 0.025), (end, 0.025), (end, 0)]


def _plate(k: int) -> list[tuple[float, float]]:
    """Profile of the k-th plate: hub, hollow, rim; the outer face mirrors the inner one."""
    a, b = SLEEVE_AT_M + PLATE_STEP_M * k, SLEEVE_AT_M + 0.06 + PLATE_STEP_M * k
    r = PLATE_RADIUS_M * (1 if k == 0 else 0.99)
    inner = [(0, 0.025), (0, r * 0.45), (0.012, r * 0.5), (0.012, r * 0.85), (0, r * 0.88), (0, r - 0.006), (0.006, r)]
    return [(a + depth, radius) for depth, radius in inner] + [(b - depth, radius) for depth, radius in inner[::-1]]


def bar_place(posture: Posture, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Turn (3, 3) and position (3,) of the bar in frame i."""
    turn = rotation(2, posture["bar_yaw"][i]) @ rotation(0, posture["bar_roll"][i])
    return turn, np.array([posture["bar_x"][i], posture["bar_y"][i], posture["bar_z"][i]])
