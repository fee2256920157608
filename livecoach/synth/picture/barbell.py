"""Meshes of the barbell, of plates and of squat stands."""

import numpy as np

from livecoach.synth.figure.geometry import rotation
from livecoach.synth.figure.posture import PLATE_RADIUS_M, Posture
from livecoach.synth.picture.mesh import Colour, Mesh, box, lathe, merge

BAR_RADIUS_M = 0.014
BAR_HALF_M = 1.1
SLEEVE_AT_M = 0.66
"""Distance of the first plate's inner face from the middle."""
STEEL = (0.62, 0.62, 0.64)
PLATE_STEP_M = 0.065
STAND_HALF_M = 0.55
"""Half the distance between a rack's posts."""
HUB = (0.5, 0.5, 0.5)
BLACK = (0.1, 0.1, 0.11)
BUMPERS = ((0.7, 0.1, 0.1), (0.1, 0.2, 0.6), (0.75, 0.62, 0.1), (0.12, 0.45, 0.2), (0.75, 0.75, 0.75))
"""Colours of 25, 20, 15, 10 and 5 kg plates by the IWF."""
GREYS = (0.08, 0.11, 0.16, 0.25, 0.35)


def random_plate_colours(rng: np.random.Generator, count: int) -> tuple[Colour, ...]:
    """Draw the colour of each plate from the middle outwards: black or coloured bumpers, or grey iron."""
    kind = rng.random()
    if kind < 0.35:
        order = np.sort(rng.integers(len(BUMPERS), size=count))
        return tuple(BUMPERS[k] for k in order)
    tone = GREYS[rng.integers(len(GREYS))] * rng.uniform(0.8, 1.2, 3) if kind < 0.6 else np.array(BLACK)
    return (tuple(tone),) * count


def barbell(plates: tuple[Colour, ...]) -> Mesh:
    """Return a barbell along y at the origin with plates of these colours on each side."""
    shaft = [(-BAR_HALF_M, 0), (-BAR_HALF_M, BAR_RADIUS_M), (BAR_HALF_M, BAR_RADIUS_M), (BAR_HALF_M, 0)]
    parts = [lathe(shaft, STEEL, 10)]
    for sign in (-1, 1):
        parts.append(lathe([(sign * y, radius) for y, radius in _sleeve()], STEEL, 14))
        for k, colour in enumerate(plates):
            at, radius = SLEEVE_AT_M + PLATE_STEP_M * k, PLATE_RADIUS_M * (1 if k == 0 else 0.99)
            parts.append(plate(sign * at, sign * (at + 0.06), radius, colour))
    return merge(parts)


def outer_face(plates: int) -> tuple[float, float]:
    """Return the distance of the outermost plate's outer face from the middle, and its radius, m. plates: 1 or more."""
    return SLEEVE_AT_M + PLATE_STEP_M * (plates - 1) + 0.06, PLATE_RADIUS_M * (1 if plates == 1 else 0.99)


def _sleeve() -> list[tuple[float, float]]:
    inner, at, end = SLEEVE_AT_M - 0.03, SLEEVE_AT_M, BAR_HALF_M
    return [(inner, 0), (inner, 0.037), (at, 0.037), (at, 0.025), (end, 0.025), (end, 0)]


def plate(inner_m: float, outer_m: float, radius_m: float, colour: Colour) -> Mesh:
    """Return a plate with hub, hollow and rim about the y axis; the outer face mirrors the inner one."""
    r, s = radius_m, np.sign(outer_m - inner_m)
    hub = [(0, 0.025), (0, r * 0.24)]
    face = [
        (0, r * 0.24),
        (0, r * 0.45),
        (0.012, r * 0.5),
        (0.012, r * 0.85),
        (0, r * 0.88),
        (0, r - 0.006),
        (0.006, r),
    ]
    half = [(inner_m + s * depth, radius) for depth, radius in face]
    other = [(outer_m - s * depth, radius) for depth, radius in face[::-1]]
    hubs = [lathe([(at, radius) for _, radius in hub], HUB, 20) for at in (inner_m, outer_m)]
    return merge([lathe(half + other, colour, 36), *hubs])


def stands(bar: np.ndarray, colour: Colour, towards: float = 1.0) -> Mesh:
    """Return two stands that hold a bar at `bar` (3,), on the side that the lifter faces; towards: -1 for behind."""
    axes, parts = np.eye(3), []
    for y in (bar[1] - STAND_HALF_M, bar[1] + STAND_HALF_M):
        post = np.array([bar[0] + towards * 0.06, y, (bar[2] + 0.1) / 2])
        parts.append(box(post, np.array([0.03, 0.03, post[2]]), axes, colour))
        hook = np.array([bar[0] + towards * 0.01, y, bar[2] - 0.03])
        parts.append(box(hook, np.array([0.05, 0.025, 0.012]), axes, colour))
        parts.append(box(np.array([bar[0] + towards * 0.2, y, 0.03]), np.array([0.35, 0.035, 0.03]), axes, colour))
    return merge(parts)


def bar_place(posture: Posture, i: int) -> tuple[np.ndarray, np.ndarray]:
    """Return rotation (3, 3) and position (3,) of the bar in frame i."""
    turn = rotation(2, posture["bar_yaw"][i]) @ rotation(0, posture["bar_roll"][i])
    return turn, np.array([posture["bar_x"][i], posture["bar_y"][i], posture["bar_z"][i]])
