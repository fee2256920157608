"""Floor and walls as planes, and the reflection behind a mirror's glass."""

from typing import NamedTuple

import numpy as np

from livecoach.synth.camera import VirtualCamera
from livecoach.synth.picture.mesh import Colour
from livecoach.synth.picture.room import CEILING, PAINT, Room

FLOOR_M = 16.0
CEILING_COLOUR = (0.75, 0.75, 0.74)
OTHER_SIDE_M = 2.0
"""Additional distance of the wall on the other side."""
UP = np.array([0, 0, 1.0])
NO_HOLE = (0.0, 0.0, 0.0, 0.0)


class RoomPlane(NamedTuple):
    """A rectangle of points corner + a u + b v, with |u| = |v| = 1, and a and b within `span`."""

    kind: int
    colour: Colour
    corner: np.ndarray
    u: np.ndarray
    v: np.ndarray
    span: tuple[float, float, float, float]
    """Smallest a and b, largest a and b."""
    hole: tuple[float, float, float, float] = NO_HOLE
    """The same for a rectangle that is cut out."""

    def triangles(self) -> np.ndarray:
        """Return the vertices of two triangles, (6, 5): world position and (a, b)."""
        left, bottom, right, top = self.span
        at = np.array([(left, bottom), (right, bottom), (right, top), (left, bottom), (right, top), (left, top)])
        return np.hstack([self.corner + at[:, :1] * self.u + at[:, 1:] * self.v, at])


class Walls(NamedTuple):
    """Directions of the walls, as unit vectors (3,) on the floor."""

    away: np.ndarray
    """From the camera towards the wall behind the lifter, perpendicular to it."""
    across: np.ndarray
    """Along that wall, to the picture's right."""


def walls_of(camera: VirtualCamera, room: Room) -> Walls:
    """Return the directions of the room's walls for this camera."""
    away, across = camera.horizontal
    # The second vector of VirtualCamera.horizontal points to the picture's left.
    right = -across
    c, s = np.cos(room.wall_yaw_rad), np.sin(room.wall_yaw_rad)
    return Walls(c * away + s * right, c * right - s * away)


def planes(camera: VirtualCamera, room: Room) -> list[RoomPlane]:
    """Return floor, walls, and the wall behind the camera as the mirror shows it."""
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
    """Return the wall opposite the mirror, at its reflected position."""
    away, right = walls_of(camera, room)
    wide = (-FLOOR_M, 0.0, FLOOR_M, room.ceiling_m)
    if on_side:
        return RoomPlane(PAINT, room.wall, 2.6 * room.side * room.side_m * right, away, UP, wide)
    return RoomPlane(PAINT, room.wall, (2 * room.wall_m + camera.distance_m + 1.5) * away, right, UP, wide)


def glass(camera: VirtualCamera, room: Room) -> RoomPlane | None:
    """Return the pane of the mirror; None without a mirror."""
    if room.mirror is None:
        return None
    away, right = walls_of(camera, room)
    if room.mirror.on_side:
        return RoomPlane(0, room.wall, room.side * room.side_m * right, away, UP, _hole(room))
    return RoomPlane(0, room.wall, room.wall_m * away, right, UP, _hole(room))


def reflection(pane: RoomPlane) -> np.ndarray:
    """Return the reflection at the pane, (4, 4)."""
    normal = np.cross(pane.u, pane.v)
    matrix = np.eye(4)
    matrix[:3, :3] -= 2 * np.outer(normal, normal)
    matrix[:3, 3] = 2 * (pane.corner @ normal) * normal
    return matrix
