"""Triangle meshes and the two shapes that everything but the body is built of."""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np

Colour = Sequence[float]
"""Red, green, blue, 0..1."""


class Mesh(NamedTuple):
    """Metres; V vertices, F faces."""

    vertices: np.ndarray
    """(V, 3)"""
    normals: np.ndarray
    """(V, 3), of length 1"""
    colours: np.ndarray
    """(V, 3) red, green, blue, 0..1"""
    faces: np.ndarray
    """(F, 3) indices of vertices"""


def merged(meshes: Sequence[Mesh]) -> Mesh:
    """All of them as one mesh."""
    first = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    return Mesh(
        vertices=np.concatenate([mesh.vertices for mesh in meshes]),
        normals=np.concatenate([mesh.normals for mesh in meshes]),
        colours=np.concatenate([mesh.colours for mesh in meshes]),
        faces=np.concatenate([mesh.faces + base for mesh, base in zip(meshes, first, strict=True)]),
    )


def lathe(profile: Sequence[tuple[float, float]], colour: Colour, sides: int) -> Mesh:
    """Revolve (y, radius) points, m, about the y axis; edges of the profile stay sharp."""
    return merged([_band(a, b, colour, sides) for a, b in pairwise(profile)])


def _band(start: tuple[float, float], end: tuple[float, float], colour: Colour, sides: int) -> Mesh:
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    around = np.stack([np.cos(angle), np.zeros(sides), np.sin(angle)], 1)
    along = np.subtract(end, start) / np.linalg.norm(np.subtract(end, start))
    rings = [radius * around + (0, y, 0) for y, radius in (start, end)]
    normal = along[0] * around + (0, -along[1], 0)
    i = np.arange(sides)
    k = (i + 1) % sides
    faces = [np.stack([i, k, i + sides], 1), np.stack([k, k + sides, i + sides], 1)]
    return Mesh(np.concatenate(rings), np.tile(normal, (2, 1)), np.tile(colour, (2 * sides, 1)), np.concatenate(faces))


def box(centre: np.ndarray, half: np.ndarray, axes: np.ndarray, colour: np.ndarray) -> Mesh:
    """A box; half (3,): half its sizes along the columns of `axes` (3, 3); colour (3,)."""
    sides = [_side(axis, sign) for axis in range(3) for sign in (-1, 1)]
    corners = np.concatenate([side + normal for side, normal in sides])
    normals = np.repeat([normal for _, normal in sides], 4, axis=0)
    faces = np.concatenate([4 * i + np.array([[0, 1, 2], [0, 2, 3]]) for i in range(6)])
    return Mesh((corners * half) @ axes.T + centre, normals @ axes.T, np.tile(colour, (24, 1)), faces)


def _side(axis: int, sign: int) -> tuple[np.ndarray, np.ndarray]:
    """Corners (4, 3) of one side of a unit cube relative to the side's middle, and its normal (3,)."""
    u, w = np.roll(np.eye(3), 1, 0)[axis], np.roll(np.eye(3), 2, 0)[axis]
    return np.array([-u - w, u - w, u + w, w - u]), sign * np.eye(3)[axis]
