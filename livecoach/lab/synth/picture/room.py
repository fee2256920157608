"""Draws random rooms: floor and walls as planes, light, a mirror or a window, and clutter."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import NamedTuple

import numpy as np

from livecoach.lab.synth.figure.geometry import rotation
from livecoach.lab.synth.figure.posture import PLATE_RADIUS_M
from livecoach.lab.synth.motion.ranges import DrawContext, by_flag, chance, choice, draw_fields, drawn_by, pick, uniform
from livecoach.lab.synth.picture.actors import BLACK, HUB, STEEL, full_plate, plate_meshes, random_plate_colours
from livecoach.lab.synth.picture.mesh import COLOURS, Colour, Mesh, box, ellipsoid, merge_meshes, move_mesh, tube
from livecoach.lab.synth.picture.outfit import tint_draw
from livecoach.lab.synth.synthetic_camera import VirtualCamera

TILES, BOARDS, CARPET, RUBBER, CONCRETE = range(5)
PAINT, BRICKS, PANELS, TWO_TONES, CEILING = range(10, 15)  # Kinds of floor, wall and ceiling in shaders/room.frag
FLOORS = dict(enumerate(COLOURS["floors"].values(), TILES))
WALLS = dict(enumerate(COLOURS["walls"].values(), PAINT))
Rectangle = tuple[float, float, float, float]  # Left, bottom, right and top in a plane, in metres


def _random_light(d: DrawContext) -> tuple[float, float, float]:
    """Draw the direction towards the light: from above, on the camera's side, or behind the lifter with a window."""
    rng, behind = d.rng, d.values["window"]
    spread = rng.uniform(-40, 40) if behind else rng.uniform(-110, 110)
    a = np.radians(d.values["view_deg"] + spread) + (np.pi if behind else 0)
    steep = rng.uniform(0.7, 1.2) if behind else rng.uniform(0.9, 2.5)
    direction = np.array([np.cos(a), np.sin(a), steep])
    x, y, z = (direction / np.linalg.norm(direction)).tolist()
    return (x, y, z)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mirror:
    """A mirror on a wall. Heights are from the floor, places along the wall from the point nearest to the lifter."""

    on_side: bool = chance(0.4)  # True for the side wall; False for the wall behind the lifter
    middle_m: float = drawn_by(lambda d: d.rng.uniform(-0.8, 0.8) - d.values["on_side"])
    half_m: float = by_flag("on_side", (0.5, 1.5), (0.5, 2.5))
    bottom_m: float = uniform(0.05, 0.4)
    top_m: float = drawn_by(lambda d: d.values["bottom_m"] + d.rng.uniform(1.6, 2.0))
    tint: float = uniform(0.6, 0.85)  # share of the light that the mirror reflects

    @property
    def rectangle(self) -> Rectangle:
        """Position of the mirror on its wall: left, bottom, right and top, in metres."""
        return self.middle_m - self.half_m, self.bottom_m, self.middle_m + self.half_m, self.top_m


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """The room around the lifter. `draw_fields` draws it for a camera at azimuth `view_deg`; colours are 0…1."""

    floor_kind: int = choice({TILES: 0.2, BOARDS: 0.25, CARPET: 0.15, RUBBER: 0.25, CONCRETE: 0.15})
    wall_kind: int = choice({PAINT: 0.6, BRICKS: 0.12, PANELS: 0.12, TWO_TONES: 0.16})
    window: bool = chance(0.15)  # a window behind the lifter causes backlight
    wall_yaw_rad: float = uniform(-0.45, 0.45)  # direction of the wall behind the lifter; 0 faces the camera
    ambient: float = by_flag("window", (0.3, 0.45), (0.42, 0.7))
    seed: int = drawn_by(lambda d: int(d.rng.integers(1 << 30)))  # seed of the textures and of the clutter
    floor: Colour = drawn_by(lambda d: tint_draw(FLOORS[d.values["floor_kind"]], 0.04)(d))
    platform: bool = chance(0.2)  # whether a lifting platform lies on the floor
    wall: Colour = drawn_by(lambda d: tint_draw(WALLS[d.values["wall_kind"]], 0.05)(d))
    wall_m: float = uniform(1.7, 5.0)  # distance from the lifter to the wall behind
    ceiling_m: float = uniform(2.4, 4.5)
    side_m: float = uniform(2.7, 6.0)  # distance from the lifter to the nearer side wall
    light: tuple[float, float, float] = drawn_by(_random_light)  # direction towards the light
    sunlight: float = uniform(0.3, 0.75)
    lamp: tuple[float, float] = drawn_by(lambda d: (d.rng.uniform(-2, 2), d.rng.uniform(0, 2.5)))
    """Brightest point of floor and walls, in the coordinates of each plane, in metres."""
    contrast: float = uniform(0, 0.4)  # additional brightness at the brightest point
    shadow: float = uniform(0.25, 0.65)  # share of the light that a shadow removes
    blur_px: float = uniform(2, 8)  # softness of shadows
    clutter: int = drawn_by(lambda d: int(d.rng.integers(9)))  # number of things in the room
    mirror: Mirror | None = drawn_by(
        lambda d: draw_fields(Mirror, d.rng) if d.rng.random() < 0.25 and not d.values["window"] else None
    )

    @property
    def side(self) -> int:
        """Side of the picture where the nearer side wall stands and can't block the view: 1 right, -1 left."""
        return -1 if self.wall_yaw_rad > 0 else 1


FLOOR_M = 16.0  # Half the side of the floor
CEILING_COLOUR = (0.75, 0.75, 0.74)
OTHER_SIDE_M = 2.0  # Difference between the distances of both side walls
UP = np.array([0, 0, 1.0])
NO_HOLE = (0.0, 0.0, 0.0, 0.0)


class RoomPlane(NamedTuple):
    """A rectangle in space: the points origin + a u + b v, with |u| = |v| = 1, and a and b within `span`."""

    kind: int  # kind of surface, such as TILES or PAINT; 0 for a mirror
    colour: Colour
    origin: np.ndarray  # (3,) in metres, in the world
    u: np.ndarray  # (3,)
    v: np.ndarray  # (3,)
    span: Rectangle  # smallest a and b, largest a and b
    hole: Rectangle = NO_HOLE  # part that is cut out

    def triangles(self) -> np.ndarray:
        """Return the vertices of the rectangle's two triangles, (6, 5), without regard to the hole.

        The columns are x, y and z in the world, and the coordinates a and b in the plane.
        """
        left, bottom, right, top = self.span
        at = np.array([(left, bottom), (right, bottom), (right, top), (left, bottom), (right, top), (left, top)])
        return np.hstack([self.origin + at[:, :1] * self.u + at[:, 1:] * self.v, at])


def _wall_directions(camera: VirtualCamera, room: Room) -> tuple[np.ndarray, np.ndarray]:
    """Return unit vectors, (3,): towards the wall behind the lifter, and along it to the picture's right."""
    a = np.radians(camera.azimuth_deg) + np.pi
    away, left = np.array([np.cos(a), np.sin(a), 0]), np.array([-np.sin(a), np.cos(a), 0])
    c, s = np.cos(room.wall_yaw_rad), np.sin(room.wall_yaw_rad)
    return c * away + s * -left, c * -left - s * away


def room_planes(camera: VirtualCamera, room: Room) -> list[RoomPlane]:
    """Return the planes of the floor, the ceiling and the walls, and of the wall that a mirror reflects."""
    away, right = _wall_directions(camera, room)
    pane = mirror_plane(camera, room)
    hole = NO_HOLE if pane is None else pane.span
    on_side = room.mirror is not None and room.mirror.on_side
    # Walls continue behind a mirror, where they coincide with their mirror images.
    near, far = (FLOOR_M if on_side else room.side_m), room.side_m + OTHER_SIDE_M
    span = (-far, 0.0, near, room.ceiling_m) if room.side > 0 else (-near, 0.0, far, room.ceiling_m)
    floor = RoomPlane(room.floor_kind, room.floor, 0 * UP, away, right, (-FLOOR_M, -FLOOR_M, FLOOR_M, FLOOR_M))
    behind = RoomPlane(room.wall_kind, room.wall, room.wall_m * away, right, UP, span, NO_HOLE if on_side else hole)
    top = floor._replace(kind=CEILING, colour=CEILING_COLOUR, origin=room.ceiling_m * UP)
    reach = (-FLOOR_M, 0.0, room.wall_m if pane is None or on_side else FLOOR_M, room.ceiling_m)
    side_wall = RoomPlane(room.wall_kind, room.wall, room.side * room.side_m * right, away, UP, reach, hole)
    made = [floor, behind, top, side_wall if on_side else side_wall._replace(hole=NO_HOLE)]
    made.append(side_wall._replace(origin=-room.side * far * right, hole=NO_HOLE))
    if pane is not None:  # the wall opposite the mirror, at its reflected position
        behind_m = 2 * room.wall_m + camera.distance_m + 1.5
        origin = 2.6 * room.side * room.side_m * right if on_side else behind_m * away
        made.append(pane._replace(kind=PAINT, origin=origin, span=(-FLOOR_M, 0.0, FLOOR_M, room.ceiling_m)))
    return made


def mirror_plane(camera: VirtualCamera, room: Room) -> RoomPlane | None:
    """Return the plane of the mirror; None if the room has no mirror."""
    if room.mirror is None:
        return None
    away, right = _wall_directions(camera, room)
    origin, along = (room.side * room.side_m * right, away) if room.mirror.on_side else (room.wall_m * away, right)
    return RoomPlane(0, room.wall, origin, along, UP, room.mirror.rectangle)


def reflection_matrix(pane: RoomPlane) -> np.ndarray:
    """Return the (4, 4) matrix that reflects homogeneous world points, as column vectors, in a plane."""
    normal = np.cross(pane.u, pane.v)
    matrix = np.eye(4)
    matrix[:3, :3] -= 2 * np.outer(normal, normal)
    matrix[:3, 3] = 2 * (pane.origin @ normal) * normal
    return matrix


CLEAR_M = 1.15  # Smallest distance between things and the lifter's place, so that people can pass
DAYLIGHT = (2.2, 2.3, 2.5)  # Colour of a window, brighter than white
FRAME_M = 0.03  # Width of a mirror's frame


def random_clutter(rng: np.random.Generator, camera: VirtualCamera, room: Room) -> Mesh:
    """Choose random objects in a room, and return them as a single mesh in world coordinates.

    The mesh includes the window and, on the wall behind the lifter, pictures or the frame of a mirror.
    """
    away, right = _wall_directions(camera, room)
    axes = np.stack([right, away, [0, 0, 1.0]], 1)
    parts = [move_mesh(_edge(room), axes, room.wall_m * away)]
    for _ in range(room.clutter):
        thing = merge_meshes(pick(rng, THINGS)(rng))
        depth = float(np.abs(thing.vertices[:, 1]).max())
        aside = rng.uniform(-1, 1) * (room.side_m - 0.6)
        behind = rng.uniform(min(CLEAR_M + depth, room.wall_m - depth), room.wall_m - depth)
        parts.append(move_mesh(thing, axes, aside * right + behind * away))
    mirrored = room.mirror is not None and not room.mirror.on_side
    for k in range(0 if mirrored else int(rng.integers(0, 4))):
        wall = room.wall_m - 0.02 - 0.012 * k  # staggered, so that overlapping pictures do not coincide
        parts.append(move_mesh(merge_meshes(_picture(rng)), axes, rng.uniform(-2.5, 2.5) * right + wall * away))
    if room.window:
        window = merge_meshes(_window(rng))
        parts.append(move_mesh(window, axes, rng.uniform(-1.2, 1.2) * right + (room.wall_m - 0.06) * away))
    return merge_meshes(parts)


def _edge(room: Room) -> Mesh:
    if room.mirror is None or room.mirror.on_side:
        return box((0, -0.01, -1.0), np.full(3, 0.01), BLACK)
    left, bottom, right, top = room.mirror.rectangle
    half, tall = (right - left) / 2, (top - bottom) / 2
    level = [box(((left + right) / 2, -0.01, z), (half, 0.012, FRAME_M / 2), STEEL) for z in (bottom, top)]
    upright = [box((x, -0.01, (bottom + top) / 2), (FRAME_M / 2, 0.012, tall), STEEL) for x in (left, right)]
    return merge_meshes([*level, *upright])


def _tone(rng: np.random.Generator) -> np.ndarray:
    return rng.uniform(0.05, 0.7) * rng.uniform(0.6, 1, 3)


Parts = Iterator[Mesh]


def _crate(rng: np.random.Generator) -> Parts:
    half = np.array([rng.uniform(0.1, 0.6), rng.uniform(0.1, 0.25), rng.uniform(0.15, 0.9)])
    yield box((0, 0, half[2]), half, _tone(rng))


def _rack(rng: np.random.Generator) -> Parts:
    colour, half, high = _tone(rng) * 0.6, rng.uniform(0.5, 0.6), rng.uniform(1.8, 2.3)
    deep = rng.uniform(0.2, 0.5)
    for x, y in product((-half, half), (-deep, deep)):
        yield box((x, y, high / 2), (0.035, 0.035, high / 2), colour)
    for y in (-deep, deep):
        yield box((0, y, high), (half, 0.03, 0.03), colour)
    yield _rod(-1.05, 1.05, -deep - 0.05, 1.35, 0.015, STEEL)


def _bench(rng: np.random.Generator) -> Parts:
    colour, half = _tone(rng) * 0.5, rng.uniform(0.5, 0.65)
    yield box((0, 0, 0.42), (half, 0.14, 0.04), colour)
    for x in (-0.8 * half, 0.8 * half):
        yield box((x, 0, 0.19), (0.03, 0.2, 0.19), BLACK)


def _dumbbells(rng: np.random.Generator) -> Parts:
    rows, half, grey = int(rng.integers(2, 4)), rng.uniform(0.6, 1.1), (0.2, 0.2, 0.21)
    for row in range(rows):
        z = 0.3 + 0.36 * row
        yield box((0, 0, z), (half, 0.16, 0.02), grey)
        for x in np.arange(-half + 0.12, half - 0.1, 0.22):
            radius = rng.uniform(0.045, 0.075)
            for y in (-0.1, 0.06):
                head = np.array([x, y, z + radius + 0.02])
                yield tube(head, head + np.array([0, 0.06, 0]), radius, BLACK, 8)
    for x in (-half, half):
        yield box((x, 0, 0.2 + 0.18 * rows), (0.03, 0.03, 0.2 + 0.18 * rows), grey)


def _plates(rng: np.random.Generator) -> Parts:
    count = int(rng.integers(1, 4))
    leaning = rotation(0, -rng.uniform(0.1, 0.25))
    for k, colour in enumerate(random_plate_colours(rng, count)):
        radius = PLATE_RADIUS_M * rng.choice([0.6, 0.8, 1.0])
        plate = merge_meshes(plate_meshes(full_plate(radius, colour)))
        yield move_mesh(plate, leaning, np.array([0.1 * k, -0.08 * k, radius]))


def _kettlebells(rng: np.random.Generator) -> Parts:
    for k in range(int(rng.integers(1, 4))):
        radius, x = rng.uniform(0.08, 0.12), 0.3 * k
        yield ellipsoid(np.array([x, 0, radius]), np.full(3, radius), _tone(rng) * 0.6)
        yield _rod(x - 0.07, x + 0.07, 0, 2.3 * radius, 0.017, HUB)


def _gym_ball(rng: np.random.Generator) -> Parts:
    radius = rng.uniform(0.25, 0.38)
    yield ellipsoid(np.array([0, 0, radius]), np.full(3, radius), rng.uniform(0.1, 0.8, 3), 20)


def _shelf(rng: np.random.Generator) -> Parts:
    half, high, colour = rng.uniform(0.3, 0.6), rng.uniform(0.8, 2.0), _tone(rng)
    for x in (-half, half):
        yield box((x, 0, high / 2), (0.015, 0.16, high / 2), colour)
    for z in np.arange(0.05, high, 0.36):
        yield box((0, 0, z), (half, 0.16, 0.012), colour)
        for x in np.arange(-half + 0.1, half - 0.05, 0.14):
            tall = rng.uniform(0.03, 0.14)
            yield box((x, 0.03, z + tall), (rng.uniform(0.02, 0.06), 0.09, tall), _tone(rng))


def _picture(rng: np.random.Generator) -> Parts:
    half = np.array([rng.uniform(0.2, 0.6), 0.015, rng.uniform(0.2, 0.45)])
    if rng.random() < 0.3:
        yield box((0, 0, 1.0), (0.42, 0.015, 1.0), _tone(rng))
    else:
        yield box((0, 0, rng.uniform(1.3, 2)), half, rng.uniform(0.2, 0.9, 3))


def _window(rng: np.random.Generator) -> Parts:
    wide, tall, bottom = rng.uniform(0.5, 1.3), rng.uniform(0.45, 0.8), rng.uniform(0.7, 1.1)
    yield box((0, 0, bottom + tall), (wide, 0.01, tall), DAYLIGHT)
    for x in (-wide, 0.0, wide):
        yield box((x, -0.01, bottom + tall), (0.025, 0.02, tall), (0.7, 0.7, 0.7))


def _rod(left: float, right: float, y: float, z: float, radius: float, colour: Colour) -> Mesh:
    return tube(np.array([left, y, z]), np.array([right, y, z]), radius, colour)


THINGS = (_crate, _crate, _rack, _bench, _dumbbells, _plates, _plates, _kettlebells, _gym_ball, _shelf)
"""Functions that make a random thing (x along the wall, y towards the wall, z up); each entry is equally likely."""
