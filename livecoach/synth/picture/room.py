"""A room: floor and walls as planes, light, and a mirror or a window."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.picture.mesh import Colour
from livecoach.synth.picture.outfit import near, pick

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
        (0.72, 0.7, 0.66),
        (0.78, 0.78, 0.78),
        (0.55, 0.58, 0.6),
        (0.4, 0.42, 0.45),
        (0.65, 0.68, 0.6),
        (0.2, 0.2, 0.23),
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
OTHER_SIDE_M = 2.0
"""Additional distance of the wall on the other side."""
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

    away: np.ndarray
    """From the camera towards the wall behind the lifter, perpendicular to it."""
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
