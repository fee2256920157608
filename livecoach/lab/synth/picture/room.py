"""A room: floor and walls as planes, light, a mirror or a window, and the things that stand around in it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.camera import VirtualCamera
from livecoach.lab.synth.figure.posture import PLATE_RADIUS_M
from livecoach.lab.synth.picture.actors import BLACK, HUB, STEEL, disc_mesh, full_plate, random_plate_colours
from livecoach.lab.synth.picture.mesh import Colour, Mesh, ball, box, merge, transformed, tube
from livecoach.lab.synth.picture.outfit import near, pick

TILES, BOARDS, CARPET, RUBBER, CONCRETE = range(5)
PAINT, BRICKS, PANELS, TWO_TONES, CEILING = range(10, 15)
"""Kinds of floor, wall and ceiling in canvas.ROOM_FRAGMENT."""
FLOORS = {
    TILES: ((0.3, 0.3, 0.31), (0.42, 0.42, 0.43), (0.5, 0.48, 0.45), (0.2, 0.2, 0.22)),
    BOARDS: ((0.5, 0.36, 0.23), (0.62, 0.5, 0.36), (0.35, 0.24, 0.16), (0.55, 0.53, 0.5)),
    CARPET: ((0.45, 0.42, 0.38), (0.25, 0.27, 0.33), (0.55, 0.5, 0.42), (0.35, 0.2, 0.18)),
    RUBBER: ((0.09, 0.09, 0.1), (0.13, 0.13, 0.14), (0.2, 0.2, 0.21)),
    CONCRETE: ((0.45, 0.44, 0.42), (0.36, 0.36, 0.37)),
}
WALLS = {
    PAINT: (
        *((0.72, 0.7, 0.66), (0.78, 0.78, 0.78), (0.55, 0.58, 0.6)),
        *((0.4, 0.42, 0.45), (0.65, 0.68, 0.6), (0.2, 0.2, 0.23)),
    ),
    BRICKS: ((0.5, 0.27, 0.2), (0.7, 0.68, 0.65), (0.42, 0.36, 0.32)),
    PANELS: ((0.5, 0.38, 0.26), (0.72, 0.7, 0.68), (0.3, 0.25, 0.22)),
    TWO_TONES: ((0.7, 0.7, 0.68), (0.6, 0.65, 0.7), (0.75, 0.6, 0.4)),
}
WALL_SHARES = (0.6, 0.12, 0.12, 0.16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """On a wall; positions are along the wall from its middle and up from the floor, m."""

    on_side: bool  # True for the side wall; False for the wall behind the lifter
    left_m: float
    right_m: float
    bottom_m: float
    top_m: float
    tint: float  # share of the light that it reflects


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Colours are 0..1."""

    seed: int  # of the textures and of the clutter
    floor: Colour
    floor_kind: int
    platform: bool  # whether a lifting platform lies on the floor
    wall: Colour
    wall_kind: int
    wall_m: float  # from the lifter to the wall behind
    wall_yaw_rad: float  # of that wall; 0 faces the camera
    ceiling_m: float
    side: int  # of the nearer side wall in the picture: 1 right, -1 left
    side_m: float
    light: tuple[float, float, float]  # direction towards the light
    sunlight: float
    ambient: float
    lamp: tuple[float, float]  # brightest point of floor and walls, in their own coordinates, m
    contrast: float  # additional brightness at that point
    shadow: float  # share of the light that a shadow removes
    blur_px: float  # softness of shadows
    clutter: int  # number of things in the room
    mirror: Mirror | None
    window: bool  # a window behind the lifter causes backlight


def random_room(rng: np.random.Generator, view_deg: float) -> Room:
    floor_kind = int(rng.choice(list(FLOORS), p=(0.2, 0.25, 0.15, 0.25, 0.15)))
    wall_kind = int(rng.choice(list(WALLS), p=WALL_SHARES))
    window = bool(rng.random() < 0.15)
    yaw = float(rng.uniform(-0.45, 0.45))
    # The camera looks across the axis of the room: a side wall on its own side might block the view.
    side = -1 if yaw > 0 else 1
    ambient = float(rng.uniform(0.3, 0.45) if window else rng.uniform(0.42, 0.7))
    return Room(
        seed=int(rng.integers(1 << 30)),
        floor=near(rng, pick(rng, FLOORS[floor_kind]), 0.04),
        floor_kind=floor_kind,
        platform=bool(rng.random() < 0.2),
        wall=near(rng, pick(rng, WALLS[wall_kind]), 0.05),
        wall_kind=wall_kind,
        wall_m=float(rng.uniform(1.7, 5.0)),
        wall_yaw_rad=yaw,
        ceiling_m=float(rng.uniform(2.4, 4.5)),
        side=side,
        side_m=float(rng.uniform(2.7, 6.0)),
        light=_random_light(rng, view_deg, window),
        sunlight=float(rng.uniform(0.3, 0.75)),
        ambient=ambient,
        lamp=(float(rng.uniform(-2, 2)), float(rng.uniform(0, 2.5))),
        contrast=float(rng.uniform(0, 0.4)),
        shadow=float(rng.uniform(0.25, 0.65)),
        blur_px=float(rng.uniform(2, 8)),
        clutter=int(rng.integers(0, 9)),
        mirror=_random_mirror(rng) if rng.random() < 0.25 and not window else None,
        window=window,
    )


def _random_light(rng: np.random.Generator, view_deg: float, behind: bool) -> tuple[float, float, float]:
    """From above, mostly from the camera's side, or from behind the lifter with a window."""
    spread = rng.uniform(-40, 40) if behind else rng.uniform(-110, 110)
    a = np.radians(view_deg + spread) + (np.pi if behind else 0)
    steep = rng.uniform(0.7, 1.2) if behind else rng.uniform(0.9, 2.5)
    direction = np.array([np.cos(a), np.sin(a), steep])
    x, y, z = (direction / np.linalg.norm(direction)).tolist()
    return (x, y, z)


def _random_mirror(rng: np.random.Generator) -> Mirror:
    on_side = bool(rng.random() < 0.4)
    middle, half = rng.uniform(-0.8, 0.8) - on_side, rng.uniform(0.5, 1.5 if on_side else 2.5)
    bottom = rng.uniform(0.05, 0.4)
    return Mirror(
        on_side=on_side,
        left_m=float(middle - half),
        right_m=float(middle + half),
        bottom_m=float(bottom),
        top_m=float(bottom + rng.uniform(1.6, 2.0)),
        tint=float(rng.uniform(0.6, 0.85)),
    )


FLOOR_M = 16.0
CEILING_COLOUR = (0.75, 0.75, 0.74)
OTHER_SIDE_M = 2.0  # additional distance of the wall on the other side
UP = np.array([0, 0, 1.0])
NO_HOLE = (0.0, 0.0, 0.0, 0.0)


class RoomPlane(NamedTuple):
    """Points corner + a u + b v, with |u| = |v| = 1, and a and b within `span`."""

    kind: int
    colour: Colour
    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    span: tuple[float, float, float, float]  # smallest a and b, largest a and b
    hole: tuple[float, float, float, float] = NO_HOLE  # the same for a rectangle that is cut out

    def triangles(self) -> np.ndarray:
        """Vertices of two triangles, (6, 5): world position and (a, b)."""
        left, bottom, right, top = self.span
        at = np.array([(left, bottom), (right, bottom), (right, top), (left, bottom), (right, top), (left, top)])
        return np.hstack([self.corner + at[:, :1] * self.u + at[:, 1:] * self.v, at])


class Walls(NamedTuple):
    """Unit vectors (3,) on the floor."""

    away: np.ndarray  # from the camera towards the wall behind the lifter, perpendicular to it
    across: np.ndarray  # along that wall, to the picture's right


def walls_of(camera: VirtualCamera, room: Room) -> Walls:
    away, across = camera.horizontal
    # The second vector of VirtualCamera.horizontal points to the picture's left.
    right = -across
    c, s = np.cos(room.wall_yaw_rad), np.sin(room.wall_yaw_rad)
    return Walls(c * away + s * right, c * right - s * away)


def planes(camera: VirtualCamera, room: Room) -> list[RoomPlane]:
    """Floor, walls, and the wall behind the camera as the mirror shows it."""
    away, right = walls_of(camera, room)
    hole = _hole(room)
    on_side = room.mirror is not None and room.mirror.on_side
    # Walls continue behind a mirror, where they coincide with their mirror images.
    near, far = (FLOOR_M if on_side else room.side_m), room.side_m + OTHER_SIDE_M
    span = (-far, 0.0, near, room.ceiling_m) if room.side > 0 else (-near, 0.0, far, room.ceiling_m)
    floor = RoomPlane(room.floor_kind, room.floor, 0 * UP, away, right, (-FLOOR_M, -FLOOR_M, FLOOR_M, FLOOR_M))
    behind = RoomPlane(room.wall_kind, room.wall, room.wall_m * away, right, UP, span, NO_HOLE if on_side else hole)
    top = floor._replace(kind=CEILING, colour=CEILING_COLOUR, corner=room.ceiling_m * UP)
    made = [floor, behind, top]
    length = room.wall_m if room.mirror is None or on_side else FLOOR_M
    reach = (-FLOOR_M, 0.0, length, room.ceiling_m)
    for place, cut in ((room.side * room.side_m, hole if on_side else NO_HOLE), (-room.side * far, NO_HOLE)):
        made.append(RoomPlane(room.wall_kind, room.wall, place * right, away, UP, reach, cut))
    if room.mirror is not None:
        made.append(_reflected_wall(camera, room, on_side))
    return made


def _hole(room: Room) -> tuple[float, float, float, float]:
    mirror = room.mirror
    return NO_HOLE if mirror is None else (mirror.left_m, mirror.bottom_m, mirror.right_m, mirror.top_m)


def _reflected_wall(camera: VirtualCamera, room: Room, on_side: bool) -> RoomPlane:
    """The wall opposite the mirror, at its reflected position."""
    away, right = walls_of(camera, room)
    wide = (-FLOOR_M, 0.0, FLOOR_M, room.ceiling_m)
    if on_side:
        return RoomPlane(PAINT, room.wall, 2.6 * room.side * room.side_m * right, away, UP, wide)
    return RoomPlane(PAINT, room.wall, (2 * room.wall_m + camera.distance_m + 1.5) * away, right, UP, wide)


def glass(camera: VirtualCamera, room: Room) -> RoomPlane | None:
    if room.mirror is None:
        return None
    away, right = walls_of(camera, room)
    if room.mirror.on_side:
        return RoomPlane(0, room.wall, room.side * room.side_m * right, away, UP, _hole(room))
    return RoomPlane(0, room.wall, room.wall_m * away, right, UP, _hole(room))


def reflection(pane: RoomPlane) -> np.ndarray:
    """At the pane, (4, 4)."""
    normal = np.cross(pane.u, pane.v)
    matrix = np.eye(4)
    matrix[:3, :3] -= 2 * np.outer(normal, normal)
    matrix[:3, 3] = 2 * (pane.corner @ normal) * normal
    return matrix


CLEAR_M = 1.15  # between things and the lifter's spot, so that people can pass
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
        return box((0, -0.01, -1.0), np.full(3, 0.01), BLACK)
    middle, high = (mirror.left_m + mirror.right_m) / 2, (mirror.bottom_m + mirror.top_m) / 2
    wide, tall = (mirror.right_m - mirror.left_m) / 2, (mirror.top_m - mirror.bottom_m) / 2
    level = [box((middle, -0.01, z), (wide, 0.012, FRAME_M / 2), STEEL) for z in (mirror.bottom_m, mirror.top_m)]
    upright = [box((x, -0.01, high), (FRAME_M / 2, 0.012, tall), STEEL) for x in (mirror.left_m, mirror.right_m)]
    return merge([*level, *upright])


def _tone(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.05, 0.7) * rng.uniform(0.6, 1, 3)


def _crate(rng: np.random.Generator) -> Mesh:
    half = np.array([rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.25), rng.uniform(0.15, 0.9)])
    return box((0, 0, half[2]), half, _tone(rng))


def _rack(rng: np.random.Generator) -> Mesh:
    colour, half, high = _tone(rng) * 0.6, rng.uniform(0.5, 0.6), rng.uniform(1.8, 2.3)
    deep = rng.uniform(0.2, 0.5)
    posts = [box((x, y, high / 2), (0.035, 0.035, high / 2), colour) for x in (-half, half) for y in (-deep, deep)]
    beams = [box((0, y, high), (half, 0.03, 0.03), colour) for y in (-deep, deep)]
    bar = tube(np.array([-1.05, -deep - 0.05, 1.35]), np.array([1.05, -deep - 0.05, 1.35]), 0.015, STEEL)
    return merge([*posts, *beams, bar])


def _bench(rng: np.random.Generator) -> Mesh:
    colour, half = _tone(rng) * 0.5, rng.uniform(0.5, 0.65)
    seat = box((0, 0, 0.42), (half, 0.14, 0.04), colour)
    legs = [box((x, 0, 0.19), (0.03, 0.2, 0.19), BLACK) for x in (-0.8 * half, 0.8 * half)]
    return merge([seat, *legs])


def _dumbbells(rng: np.random.Generator) -> Mesh:
    rows, half = int(rng.integers(2, 4)), rng.uniform(0.6, 1.1)
    parts = []
    for row in range(rows):
        z = 0.3 + 0.36 * row
        parts.append(box((0, 0, z), (half, 0.16, 0.02), (0.2, 0.2, 0.21)))
        for x in np.arange(-half + 0.12, half - 0.1, 0.22):
            radius = rng.uniform(0.045, 0.075)
            for y in (-0.1, 0.06):
                head = np.array([x, y, z + radius + 0.02])
                parts.append(tube(head, head + np.array([0, 0.06, 0]), radius, BLACK, 8))
    posts = [box((x, 0, 0.2 + 0.18 * rows), (0.03, 0.03, 0.2 + 0.18 * rows), (0.2, 0.2, 0.21)) for x in (-half, half)]
    return merge([*parts, *posts])


def _plates(rng: np.random.Generator) -> Mesh:
    count = int(rng.integers(1, 4))
    lean = rng.uniform(0.1, 0.25)
    axes = np.array([[1, 0, 0], [0, np.cos(lean), np.sin(lean)], [0, -np.sin(lean), np.cos(lean)]])
    parts = []
    for k, colour in enumerate(random_plate_colours(rng, count)):
        radius = PLATE_RADIUS_M * rng.choice([0.6, 0.8, 1.0])
        leaning = merge(disc_mesh(full_plate(radius, colour)))
        parts.append(transformed(leaning, axes, np.array([0.1 * k, -0.08 * k, radius])))
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
    parts = [box((x, 0, high / 2), (0.015, 0.16, high / 2), colour) for x in (-half, half)]
    for z in np.arange(0.05, high, 0.36):
        parts.append(box((0, 0, z), (half, 0.16, 0.012), colour))
        for x in np.arange(-half + 0.1, half - 0.05, 0.14):
            tall = rng.uniform(0.03, 0.14)
            parts.append(box((x, 0.03, z + tall), (rng.uniform(0.02, 0.06), 0.09, tall), _tone(rng)))
    return merge(parts)


def _picture(rng: np.random.Generator) -> Mesh:
    half = np.array([rng.uniform(0.2, 0.6), 0.015, rng.uniform(0.2, 0.45)])
    if rng.random() < 0.3:
        return box((0, 0, 1.0), (0.42, 0.015, 1.0), _tone(rng))
    return box((0, 0, rng.uniform(1.3, 2)), half, rng.uniform(0.2, 0.9, 3))


def _window(rng: np.random.Generator) -> Mesh:
    wide, tall, bottom = rng.uniform(0.5, 1.3), rng.uniform(0.45, 0.8), rng.uniform(0.7, 1.1)
    pane = box((0, 0, bottom + tall), (wide, 0.01, tall), DAYLIGHT)
    bars = [box((x, -0.01, bottom + tall), (0.025, 0.02, tall), (0.7, 0.7, 0.7)) for x in (-wide, 0.0, wide)]
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
