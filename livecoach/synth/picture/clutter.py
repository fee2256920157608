"""Things that stand around in a room: boxes, racks, benches, weights, pictures, a window."""

from collections.abc import Callable

import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.figure.posture import PLATE_RADIUS_M
from livecoach.synth.picture.barbell import BLACK, HUB, STEEL, plate, random_plate_colours
from livecoach.synth.picture.mesh import Mesh, ball, box, merge, transformed, tube
from livecoach.synth.picture.room import Room, walls_of

AXES = np.eye(3)
CLEAR_M = 1.15
"""Between things and the lifter's spot, so that people can pass."""
DAYLIGHT = (2.2, 2.3, 2.5)
FRAME_M = 0.03


def clutter(rng: np.random.Generator, camera: VirtualCamera, room: Room) -> Mesh:
    """All things as one mesh in world coordinates. In a thing's own, x runs along the wall, y towards it, and z up."""
    away, right = walls_of(camera, room)
    axes = np.stack([right, away, [0, 0, 1.0]], 1)
    parts = [transformed(_edge(room), axes, room.wall_m * away)]
    for _ in range(room.clutter):
        thing = THINGS[rng.integers(len(THINGS))](rng)
        depth = float(np.abs(thing.vertices[:, 1]).max())
        aside = rng.uniform(-1, 1) * (room.side_m - 0.6)
        behind = rng.uniform(min(CLEAR_M + depth, room.wall_m - depth), room.wall_m - depth)
        parts.append(transformed(thing, axes, aside * right + behind * away))
    mirrored = room.mirror is not None and not room.mirror.on_side
    for k in range(0 if mirrored else int(rng.integers(0, 4))):
        wall = room.wall_m - 0.02 - 0.012 * k  # staggered, so that overlapping pictures do not coincide
        parts.append(transformed(_picture(rng), axes, rng.uniform(-2.5, 2.5) * right + wall * away))
    if room.window:
        parts.append(transformed(_window(rng), axes, rng.uniform(-1.2, 1.2) * right + (room.wall_m - 0.06) * away))
    return merge(parts)


def _edge(room: Room) -> Mesh:
    mirror = room.mirror
    if mirror is None or mirror.on_side:
        return box(np.array([0, -0.01, -1.0]), np.full(3, 0.01), AXES, BLACK)
    middle, high = (mirror.left_m + mirror.right_m) / 2, (mirror.bottom_m + mirror.top_m) / 2
    wide, tall = (mirror.right_m - mirror.left_m) / 2, (mirror.top_m - mirror.bottom_m) / 2
    level = [
        box(np.array([middle, -0.01, z]), np.array([wide, 0.012, FRAME_M / 2]), AXES, STEEL)
        for z in (mirror.bottom_m, mirror.top_m)
    ]
    upright = [
        box(np.array([x, -0.01, high]), np.array([FRAME_M / 2, 0.012, tall]), AXES, STEEL)
        for x in (mirror.left_m, mirror.right_m)
    ]
    return merge([*level, *upright])


def _tone(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.05, 0.7) * rng.uniform(0.6, 1, 3)


def _crate(rng: np.random.Generator) -> Mesh:
    half = np.array([rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.25), rng.uniform(0.15, 0.9)])
    return box(np.array([0, 0, half[2]]), half, AXES, _tone(rng))


def _rack(rng: np.random.Generator) -> Mesh:
    colour, half, high = _tone(rng) * 0.6, rng.uniform(0.5, 0.6), rng.uniform(1.8, 2.3)
    deep = rng.uniform(0.2, 0.5)
    posts = [
        box(np.array([x, y, high / 2]), np.array([0.035, 0.035, high / 2]), AXES, colour)
        for x in (-half, half)
        for y in (-deep, deep)
    ]
    beams = [box(np.array([0, y, high]), np.array([half, 0.03, 0.03]), AXES, colour) for y in (-deep, deep)]
    bar = tube(np.array([-1.05, -deep - 0.05, 1.35]), np.array([1.05, -deep - 0.05, 1.35]), 0.015, STEEL)
    return merge([*posts, *beams, bar])


def _bench(rng: np.random.Generator) -> Mesh:
    colour, half = _tone(rng) * 0.5, rng.uniform(0.5, 0.65)
    seat = box(np.array([0, 0, 0.42]), np.array([half, 0.14, 0.04]), AXES, colour)
    legs = [box(np.array([x, 0, 0.19]), np.array([0.03, 0.2, 0.19]), AXES, BLACK) for x in (-0.8 * half, 0.8 * half)]
    return merge([seat, *legs])


def _dumbbells(rng: np.random.Generator) -> Mesh:
    rows, half = int(rng.integers(2, 4)), rng.uniform(0.6, 1.1)
    parts = []
    for row in range(rows):
        z = 0.3 + 0.36 * row
        parts.append(box(np.array([0, 0, z]), np.array([half, 0.16, 0.02]), AXES, (0.2, 0.2, 0.21)))
        for x in np.arange(-half + 0.12, half - 0.1, 0.22):
            radius = rng.uniform(0.045, 0.075)
            for y in (-0.1, 0.06):
                head = np.array([x, y, z + radius + 0.02])
                parts.append(tube(head, head + np.array([0, 0.06, 0]), radius, BLACK, 8))
    posts = [
        box(np.array([x, 0, 0.2 + 0.18 * rows]), np.array([0.03, 0.03, 0.2 + 0.18 * rows]), AXES, (0.2, 0.2, 0.21))
        for x in (-half, half)
    ]
    return merge([*parts, *posts])


def _plates(rng: np.random.Generator) -> Mesh:
    count = int(rng.integers(1, 4))
    lean = rng.uniform(0.1, 0.25)
    axes = np.array([[1, 0, 0], [0, np.cos(lean), np.sin(lean)], [0, -np.sin(lean), np.cos(lean)]])
    parts = []
    for k, colour in enumerate(random_plate_colours(rng, count)):
        radius = PLATE_RADIUS_M * rng.choice([0.6, 0.8, 1.0])
        parts.append(transformed(plate(0.0, 0.06, radius, colour), axes, np.array([0.1 * k, -0.08 * k, radius])))
    return merge(parts)


def _kettlebells(rng: np.random.Generator) -> Mesh:
    parts = []
    for k in range(int(rng.integers(1, 4))):
        radius, x = rng.uniform(0.08, 0.12), 0.3 * k
        parts.append(ball(np.array([x, 0, radius]), np.full(3, radius), _tone(rng) * 0.6))
        parts.append(tube(np.array([x - 0.07, 0, 2.3 * radius]), np.array([x + 0.07, 0, 2.3 * radius]), 0.017, HUB))
    return merge(parts)


def _gym_ball(rng: np.random.Generator) -> Mesh:
    radius = rng.uniform(0.25, 0.38)
    return ball(np.array([0, 0, radius]), np.full(3, radius), rng.uniform(0.1, 0.8, 3), 20)


def _shelf(rng: np.random.Generator) -> Mesh:
    half, high, colour = rng.uniform(0.3, 0.6), rng.uniform(0.8, 2.0), _tone(rng)
    parts = [box(np.array([x, 0, high / 2]), np.array([0.015, 0.16, high / 2]), AXES, colour) for x in (-half, half)]
    for z in np.arange(0.05, high, 0.36):
        parts.append(box(np.array([0, 0, z]), np.array([half, 0.16, 0.012]), AXES, colour))
        for x in np.arange(-half + 0.1, half - 0.05, 0.14):
            tall = rng.uniform(0.03, 0.14)
            parts.append(
                box(np.array([x, 0.03, z + tall]), np.array([rng.uniform(0.02, 0.06), 0.09, tall]), AXES, _tone(rng))
            )
    return merge(parts)


def _picture(rng: np.random.Generator) -> Mesh:
    half = np.array([rng.uniform(0.2, 0.6), 0.015, rng.uniform(0.2, 0.45)])
    if rng.random() < 0.3:
        return box(np.array([0, 0, 1.0]), np.array([0.42, 0.015, 1.0]), AXES, _tone(rng))
    return box(np.array([0, 0, rng.uniform(1.3, 2)]), half, AXES, rng.uniform(0.2, 0.9, 3))


def _window(rng: np.random.Generator) -> Mesh:
    wide, tall, bottom = rng.uniform(0.5, 1.3), rng.uniform(0.45, 0.8), rng.uniform(0.7, 1.1)
    at = np.array([0, 0, bottom + tall])
    pane = box(at, np.array([wide, 0.01, tall]), AXES, DAYLIGHT)
    bars = [
        box(at + np.array([x, -0.01, 0]), np.array([0.025, 0.02, tall]), AXES, (0.7, 0.7, 0.7))
        for x in (-wide, 0.0, wide)
    ]
    return merge([pane, *bars])


THINGS: tuple[Callable[[np.random.Generator], Mesh], ...] = (
    _crate,
    _crate,
    _rack,
    _bench,
    _dumbbells,
    _plates,
    _plates,
    _kettlebells,
    _gym_ball,
    _shelf,
)
