"""Computes rotations, two-bone inverse kinematics, and smooth curves in time."""

import numpy as np
from scipy.ndimage import gaussian_filter1d


def rotation(axis: int, angle_rad: np.ndarray | float) -> np.ndarray:
    """Return the matrices (..., 3, 3) of rotations by `angle_rad` (...) about coordinate axis 0, 1 or 2."""
    angle = np.asarray(angle_rad, float)
    c, s = np.cos(angle), np.sin(angle)
    matrix = np.zeros((*angle.shape, 3, 3))
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix[..., axis, axis] = 1
    matrix[..., i, i] = matrix[..., j, j] = c
    matrix[..., i, j], matrix[..., j, i] = -s, s
    return matrix


def unit_vectors(vector: np.ndarray) -> np.ndarray:
    """Return vectors, (..., 3), scaled to length 1; a zero vector stays zero."""
    return vector / np.maximum(np.linalg.norm(vector, axis=-1, keepdims=True), 1e-9)


def perpendicular_part(vector: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Return the components of vectors, (..., 3), that are perpendicular to unit vectors `direction`, (..., 3)."""
    return vector - (vector * direction).sum(-1, keepdims=True) * direction


def bases(along: np.ndarray, towards: np.ndarray) -> np.ndarray:
    """Return orthonormal, right-handed bases, (..., 3, 3), whose columns are the axes.

    Args:
        along: (..., 3) directions of the first columns.
        towards: (..., 3) directions to which the second columns are as close as possible; not parallel to `along`.
    """
    a = unit_vectors(along)
    b = unit_vectors(perpendicular_part(towards, a))
    return np.stack([a, b, np.cross(a, b)], -1)


def rotate_vectors(matrix: np.ndarray, vector: np.ndarray) -> np.ndarray:
    """Multiply the matrices (T, 3, 3) by a vector (3,), or by a vector for each matrix, (T, 3)."""
    return np.einsum("tij,tj->ti", matrix, np.broadcast_to(vector, matrix.shape[:-1]))


def solve_two_bones(
    root: np.ndarray, target: np.ndarray, upper_m: float, lower_m: float, pole: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Compute the joints of a chain of two bones by inverse kinematics. All points and directions are (T, 3).

    Args:
        root: Start of the chain.
        target: Wanted end of the chain.
        upper_m: Length of the first bone.
        lower_m: Length of the second bone.
        pole: Direction towards which the middle joint bends.

    Returns:
        The middle joint, the end of the chain (the target or the nearest reachable point), and the hinge axis.
    """
    reach = target - root
    distance = np.linalg.norm(reach, axis=-1, keepdims=True)
    u = reach / distance
    distance = np.clip(distance, abs(upper_m - lower_m) + 1e-3, (upper_m + lower_m) * 0.9995)
    along = (upper_m**2 - lower_m**2 + distance**2) / (2 * distance)
    height = np.sqrt(np.maximum(upper_m**2 - along**2, 0))
    bend = unit_vectors(perpendicular_part(pole, u))
    return root + along * u + height * bend, root + distance * u, np.cross(bend, u)


def minimum_jerk(x: np.ndarray) -> np.ndarray:
    """Return a smooth step from 0 at x <= 0 to 1 at x >= 1, at rest at both ends (Flash and Hogan 1985)."""
    x = np.clip(x, 0, 1)
    return x**3 * (10 - 15 * x + 6 * x * x)


GRAVITY = 9.81  # m/s²
REBOUND = 0.25  # Speed of a bar after a bounce, as a share of the speed before


def fall_height_m(top_m: float, floor_m: float, t_s: np.ndarray) -> np.ndarray:
    """Return the height, (T,), of a bar that is dropped from `top_m` at time 0, bounces once and stays at `floor_m`."""
    hit_s = np.sqrt(2 * max(top_m - floor_m, 0.0) / GRAVITY)
    later_s = t_s - hit_s
    bounce = np.maximum(REBOUND * GRAVITY * hit_s * later_s - 0.5 * GRAVITY * later_s**2, 0)
    return np.where(t_s < hit_s, top_m - 0.5 * GRAVITY * t_s**2, floor_m + bounce)


def slow_noise(rng: np.random.Generator, count: int, fps: float, seconds: float, amount: float) -> np.ndarray:
    """Draw slow random noise, a number for each frame, (count,).

    Args:
        seconds: Time over which the noise is correlated. Less than half a frame counts as half a frame.
        amount: Standard deviation.
    """
    sigma = max(seconds * fps, 0.5)
    pad = int(4 * sigma)  # the filter distorts both ends
    smooth = gaussian_filter1d(rng.normal(size=count + 2 * pad), sigma)[pad : pad + count]
    return amount * (smooth * np.sqrt(2 * sigma * np.sqrt(np.pi)))
