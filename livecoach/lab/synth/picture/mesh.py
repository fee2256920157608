"""Makes triangle meshes of basic shapes, for everything but bodies."""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np

from livecoach.core.config import read_yaml

Colour = Sequence[float] | np.ndarray  # red, green, blue, 0…1
COLOURS = read_yaml(Path(__file__).with_name("colours.yaml"), dict[str, dict[str, list[list[float]]]])
Point = Sequence[float] | np.ndarray  # (3,) m
INFLUENCES = 4  # Largest number of bones that move a vertex


class Mesh(NamedTuple):
    """A triangle mesh with V vertices and F faces, in metres."""

    vertices: np.ndarray  # (V, 3)
    normals: np.ndarray  # (V, 3), of length 1
    colours: np.ndarray  # (V, 4) red, green, blue, 0…1, and the depth of the cloth's folds, 0…0.3
    bone: np.ndarray  # (V, 4) indices of the bones that move a vertex
    weight: np.ndarray  # (V, 4) weights of these bones, which sum to 1
    faces: np.ndarray  # (F, 3) indices of vertices


def rigid_mesh(vertices: np.ndarray, normals: np.ndarray, colour: Colour, faces: np.ndarray) -> Mesh:
    """Return a mesh in a single colour that moves as a whole with bone 0."""
    count = len(vertices)
    bone, weight = np.zeros((count, INFLUENCES)), np.tile([1.0, 0, 0, 0], (count, 1))
    return Mesh(vertices, normals, np.tile([*colour, 0.0], (count, 1)), bone, weight, faces)


def vertex_normals(vertices: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return the normal of each vertex, (V, 3): the area-weighted mean over its faces."""
    a, b, c = (vertices[faces[:, k]] for k in range(3))
    of_face = np.cross(b - a, c - a)
    normals = np.zeros_like(vertices)
    for k in range(3):
        np.add.at(normals, faces[:, k], of_face)
    return normals / (np.linalg.norm(normals, axis=1, keepdims=True) + 1e-12)


def merge_meshes(parts: Iterable[Mesh]) -> Mesh:
    """Join meshes into a single mesh; bones with the same index become the same bone."""
    meshes = list(parts)
    first = np.cumsum([0, *(len(mesh.vertices) for mesh in meshes[:-1])])
    faces = np.concatenate([mesh.faces + at for mesh, at in zip(meshes, first, strict=True)])
    vertices, normals, colours, bone, weight = (
        np.concatenate(arrays) for arrays in zip(*(mesh[:-1] for mesh in meshes), strict=True)
    )
    return Mesh(vertices, normals, colours, bone, weight, faces)


def move_mesh(mesh: Mesh, axes: np.ndarray, origin: np.ndarray) -> Mesh:
    """Return a copy of a mesh, rotated, then moved.

    Args:
        axes: (3, 3) rotation, with orthonormal columns.
        origin: (3,) place to which the mesh's origin moves.
    """
    return mesh._replace(vertices=mesh.vertices @ axes.T + origin, normals=mesh.normals @ axes.T)


def lathe(profile: Sequence[tuple[float, float]], colour: Colour, sides: int) -> Mesh:
    """Return the surface that a profile sweeps around the y axis, with sharp edges.

    Args:
        profile: y and radius of each point of the profile, in metres.
        sides: Number of sides of the polygon that stands for a circle.
    """
    return merge_meshes([_band(a, b, colour, sides) for a, b in pairwise(profile)])


def _band(start: tuple[float, float], end: tuple[float, float], colour: Colour, sides: int) -> Mesh:
    angle = np.linspace(0, 2 * np.pi, sides, endpoint=False)
    around = np.stack([np.cos(angle), np.zeros(sides), np.sin(angle)], 1)
    along = np.subtract(end, start) / np.linalg.norm(np.subtract(end, start))
    rings = [radius * around + (0, y, 0) for y, radius in (start, end)]
    normal = along[0] * around + (0, -along[1], 0)
    i = np.arange(sides)
    k = (i + 1) % sides
    faces = [np.stack([i, k, i + sides], 1), np.stack([k, k + sides, i + sides], 1)]
    return rigid_mesh(np.concatenate(rings), np.tile(normal, (2, 1)), colour, np.concatenate(faces))


def tube(start: np.ndarray, end: np.ndarray, radius: float, colour: Colour, sides: int = 10) -> Mesh:
    """Return a closed cylinder between two points, (3,) each."""
    length = float(np.linalg.norm(end - start))
    along = (end - start) / length
    other = np.eye(3)[np.argmin(np.abs(along))]
    across = np.cross(along, other) / np.linalg.norm(np.cross(along, other))
    axes = np.stack([across, along, np.cross(across, along)], 1)
    return move_mesh(lathe([(0, 0), (0, radius), (length, radius), (length, 0)], colour, sides), axes, start)


def ellipsoid(centre: np.ndarray, radii: np.ndarray, colour: Colour, sides: int = 14) -> Mesh:
    """Return an ellipsoid with a radius along each axis, (3,), made of `sides` slices around the z axis."""
    up, around = np.meshgrid(np.linspace(0, np.pi, sides // 2 + 1), np.linspace(0, 2 * np.pi, sides + 1), indexing="ij")
    unit = np.stack([np.sin(up) * np.cos(around), np.sin(up) * np.sin(around), np.cos(up)], -1).reshape(-1, 3)
    normals = unit / radii
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    i = (np.arange(sides // 2)[:, None] * (sides + 1) + np.arange(sides)).ravel()
    faces = np.concatenate([np.stack([i, i + sides + 1, i + 1], 1), np.stack([i + 1, i + sides + 1, i + sides + 2], 1)])
    return rigid_mesh(unit * radii + centre, normals, colour, faces)


def box(centre: Point, half: Point, colour: Colour) -> Mesh:
    """Return a box with faces perpendicular to the axes; `half` is half its size along each axis."""
    sides = [_side(axis, sign) for axis in range(3) for sign in (-1, 1)]
    corners = np.concatenate([side + normal for side, normal in sides])
    normals = np.repeat([normal for _, normal in sides], 4, axis=0)
    faces = np.concatenate([4 * i + np.array([[0, 1, 2], [0, 2, 3]]) for i in range(6)])
    return rigid_mesh(corners * half + centre, normals, colour, faces)


def _side(axis: int, sign: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the corners (4, 3) of a side of a cube relative to the side's centre, and the side's normal (3,)."""
    u, w = np.roll(np.eye(3), 1, 0)[axis], np.roll(np.eye(3), 2, 0)[axis]
    return np.array([-u - w, u - w, u + w, w - u]), sign * np.eye(3)[axis]
