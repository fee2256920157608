"""Compresses many bodies to a mean and principal components of small integers, for lab.synth.figure.body_mesh."""

import numpy as np

LINEAR = ("vertices", "joint_rest", "landmark_rest", "palm", "knuckle_axis")
"""Properties in the order in which they are stacked."""
POINT_WEIGHT = 8.0  # weight of joints and landmarks relative to a vertex, because all kinematics depend on them
MAX_RMS_M, MAX_M = 0.0005, 0.003  # largest errors of the basis; components are added until both hold
STEP_M = 0.0002  # rounding step: the rounding of a component moves no body by more than half of this
INT16 = 32767


def packed(bodies: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
    """Return the basis of bodies: mean (D,) and component (K, D) as int16, scales, coefficient (N, K), and rows.

    D counts three coordinates for each row of the properties in LINEAR. `rows` has the number of rows of each property.
    """
    stacked = np.stack([_stack(body) for body in bodies])
    mean = stacked.mean(0)
    weight = np.full(stacked.shape[1], POINT_WEIGHT)
    weight[: bodies[0]["vertices"].size] = 1
    u, s, directions = np.linalg.svd((stacked - mean) * weight, full_matrices=False)
    scores, directions = u * s, directions / weight
    sizes = np.array([len(bodies[0][name]) for name in LINEAR], np.int32)
    for count in range(1, len(bodies)):
        basis = _rounded(mean, directions[:count], scores[:, :count]) | {"rows": sizes}
        rms, most = error_m(bodies, rebuilt(basis))
        if rms <= MAX_RMS_M and most <= MAX_M:
            break
    return basis


def _stack(body: dict[str, np.ndarray]) -> np.ndarray:
    return np.concatenate([body[name].ravel() for name in LINEAR])


def _rounded(mean: np.ndarray, directions: np.ndarray, scores: np.ndarray) -> dict[str, np.ndarray]:
    step = np.maximum(STEP_M / np.abs(scores).max(0), np.abs(directions).max(1) / INT16)
    mean_step = np.abs(mean).max() / INT16
    return {
        "mean": np.round(mean / mean_step).astype(np.int16),
        "mean_step": np.float32(mean_step),
        "component": np.round(directions / step[:, None]).astype(np.int16),
        "coefficient": (scores * step).astype(np.float32),
    }


def rebuilt(basis: dict[str, np.ndarray]) -> np.ndarray:
    """Return all bodies from the basis, (N, D)."""
    return basis["mean"] * basis["mean_step"] + basis["coefficient"] @ basis["component"].astype(np.float32)


def error_m(bodies: list[dict[str, np.ndarray]], reconstructed: np.ndarray) -> tuple[float, float]:
    """Return the root mean square and the largest distance of points between bodies and their reconstructions."""
    stacked = np.stack([_stack(body) for body in bodies])
    distance = np.linalg.norm((stacked - reconstructed).reshape(len(bodies), -1, 3), axis=2)
    return float(np.sqrt((distance**2).mean())), float(distance.max())
