"""Shoes, built from slightly widened cross-sections of the foot."""

import numpy as np

from livecoach.synth.picture.mesh import Colour, Mesh, rigid, vertex_normals

SECTIONS, AROUND = 10, 16
WIDER_M = 0.006
COLLAR_M = 0.09
"""Height of the shoe's upper edge above the sole."""
SOLE_M = 0.022
ROUND = 0.65
"""Exponent of the sections' superellipse: 1 is an ellipse, smaller is squarer."""


def shoe(foot: np.ndarray, yaw_rad: float, joint: int, colour: Colour, sole: Colour) -> Mesh:
    """Return a shoe around the foot's skin (N, 3) at rest, whose toes point to `yaw_rad`; it moves with `joint`."""
    axes = np.array([[np.cos(yaw_rad), -np.sin(yaw_rad), 0], [np.sin(yaw_rad), np.cos(yaw_rad), 0], [0, 0, 1]])
    local = foot @ axes
    low = local[local[:, 2] < local[:, 2].min() + COLLAR_M]
    along = np.linspace(low[:, 0].min(), low[:, 0].max(), SECTIONS)
    rings = [_section(low, at, along[1] - along[0]) for at in along]
    first, last = (
        ring.mean(0) * [0, 1, 1] + [at, 0, 0] for ring, at in zip((rings[0], rings[-1]), _ends(along), strict=True)
    )
    vertices = np.concatenate([*rings, [first, last]])
    faces = _faces()
    mesh = rigid(vertices @ axes.T, vertex_normals(vertices, faces) @ axes.T, colour, faces)
    mesh.colours[vertices[:, 2] < vertices[:, 2].min() + SOLE_M, :3] = sole
    return mesh._replace(bone=np.full_like(mesh.bone, joint))


def _ends(along: np.ndarray) -> tuple[float, float]:
    return float(along[0] - WIDER_M), float(along[-1] + WIDER_M)


def _section(foot: np.ndarray, at: float, step: float) -> np.ndarray:
    """Return the outline of a cross-section of the foot, (AROUND, 3)."""
    near = foot[np.abs(foot[:, 0] - at) < step]
    low, high = near[:, 1:].min(0) - WIDER_M, near[:, 1:].max(0) + WIDER_M
    low[1] = foot[:, 2].min()
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    around = np.stack([np.cos(angle), np.sin(angle)], 1)
    outline = (low + high) / 2 + np.sign(around) * np.abs(around) ** ROUND * (high - low) / 2
    return np.column_stack([np.full(AROUND, at), outline])


def _faces() -> np.ndarray:
    i = np.arange(AROUND)
    k = (i + 1) % AROUND
    bands = [
        np.concatenate([np.stack([i, k, i + AROUND], 1), np.stack([k, k + AROUND, i + AROUND], 1)]) + AROUND * ring
        for ring in range(SECTIONS - 1)
    ]
    heel, toe = SECTIONS * AROUND, SECTIONS * AROUND + 1
    last = (SECTIONS - 1) * AROUND
    caps = [np.stack([k, i, np.full(AROUND, heel)], 1), np.stack([i + last, k + last, np.full(AROUND, toe)], 1)]
    return np.concatenate([*bands, *caps])
