"""Augmentation of training windows: ticks as other cameras, bodies and pose estimates would give them.

Real people and cameras vary more than the synthetic lifter and the noise model. Each window gets its own depth, tilt,
limbs, constant and changing errors, and sometimes legs outside the picture, or an arm that the body or a plate hides.
"""

import numpy as np

from livecoach.frame.body import ANKLE, ELBOW, HIP, KNEE, SHOULDER, WRIST
from livecoach.recognition.features import COUNT, PICTURE, WORLD

DEPTH = 0.25  # standard deviation of the logarithm of the factor on the body's depth
TILT_DEG = 6.0
LIMBS = 0.08  # standard deviation of the logarithm of the factors on the lengths of arms and of legs
STAYS = (0.03, 0.02)
"""Standard deviation of errors that are constant in a window, in the world and in the picture, body lengths."""
CHANGES = (0.002, 0.03)
"""Range of the standard deviation of errors that are new in each tick, drawn evenly in its logarithm."""
HIDDEN = 0.12  # share of windows in which the picture ends above the knees or ankles
HIDDEN_ARM = 0.15
"""Share of windows in which one elbow and wrist are hidden, by the body or a plate, and guessed badly."""
HIDDEN_ERROR = 0.12  # standard deviation of the slow errors of hidden joints, body lengths


def augment(ticks: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return windows (N, T, SIZE), each with random changes of its own."""
    count, length = ticks.shape[:2]
    world = ticks[..., :WORLD].reshape(count, length, COUNT, 2, 3).astype(np.float64)
    points = ticks[..., WORLD : WORLD + PICTURE].reshape(count, length, COUNT, 2, 2).astype(np.float64)
    inside = ticks[..., WORLD + PICTURE :].reshape(count, length, COUNT, 2).copy()
    size_m = _sizes(world)
    size_px = np.maximum(np.sqrt(((points - points[:, :, HIP:KNEE].mean(-2, keepdims=True)) ** 2).sum((2, 3, 4))), 1e-3)
    size_px = (size_px / np.sqrt((world[..., :2] ** 2).sum((2, 3, 4))).clip(1e-3)).mean(1) * size_m
    world[..., 2] *= np.exp(DEPTH * rng.standard_normal((count, 1, 1, 1)))
    world = world @ _turns(rng, count)[:, None, None]
    for joints, root in (((ELBOW, WRIST), SHOULDER), ((KNEE, ANKLE), HIP)):
        longer = np.exp(LIMBS * rng.standard_normal((count, 1, 1, 1, 1)))
        for values in (world, points):
            start = values[:, :, root : root + 1]
            values[:, :, list(joints)] = start + longer * (values[:, :, list(joints)] - start)
    changes = np.exp(rng.uniform(np.log(CHANGES[0]), np.log(CHANGES[1]), (count, 1, 1, 1, 1)))
    for values, stays, unit in ((world, STAYS[0], size_m), (points, STAYS[1], size_px)):
        shape = values.shape
        errors = stays * rng.standard_normal((count, 1, *shape[2:])) + changes * rng.standard_normal(shape)
        np.add(values, errors * unit[:, None, None, None, None], out=values)
    _hide_legs(rng, world, points, inside, (size_m, size_px))
    _hide_arm(rng, world, points, (size_m, size_px))
    mirrored = rng.random(count) < 0.5
    world[mirrored] = world[mirrored][:, :, :, ::-1] * (-1, 1, 1)
    points[mirrored] = points[mirrored][:, :, :, ::-1] * (-1, 1)
    inside[mirrored] = inside[mirrored][:, :, :, ::-1]
    out = [part.reshape(count, length, -1) for part in (world, points, inside)]
    return np.concatenate(out, -1)


def _sizes(world: np.ndarray) -> np.ndarray:
    chain = world[:, :, [SHOULDER, HIP, KNEE]] - world[:, :, [HIP, KNEE, ANKLE]]
    sizes: np.ndarray = np.sqrt((chain**2).sum(-1)).mean((1, 3)).sum(-1)
    return sizes


def _turns(rng: np.random.Generator, count: int) -> np.ndarray:
    """Return (N, 3, 3): small rotations about the picture's horizontal and about the line of sight."""
    tilt, roll = np.radians(TILT_DEG) * rng.standard_normal((2, count)) * [[1.0], [0.5]]
    turns = np.zeros((count, 3, 3))
    ct, st, cr, sr = np.cos(tilt), np.sin(tilt), np.cos(roll), np.sin(roll)
    turns[:, 0, 0], turns[:, 0, 1] = cr, -sr
    turns[:, 1, 0], turns[:, 1, 1], turns[:, 1, 2] = ct * sr, ct * cr, -st
    turns[:, 2, 0], turns[:, 2, 1], turns[:, 2, 2] = st * sr, st * cr, ct
    return turns


def _hide_legs(
    rng: np.random.Generator,
    world: np.ndarray,
    points: np.ndarray,
    inside: np.ndarray,
    sizes: tuple[np.ndarray, np.ndarray],
) -> None:
    """Hide the ankles, or knees and ankles, in some windows: hidden joints get large errors."""
    for number in np.flatnonzero(rng.random(len(world)) < HIDDEN):
        joints = [KNEE, ANKLE] if rng.random() < 0.5 else [ANKLE]
        inside[number, :, joints] = 0.0
        for values, unit in ((world, sizes[0]), (points, sizes[1])):
            at = values[number][:, joints]
            values[number][:, joints] = at + HIDDEN_ERROR * unit[number] * _slow_errors(rng, at.shape)


def _hide_arm(
    rng: np.random.Generator, world: np.ndarray, points: np.ndarray, sizes: tuple[np.ndarray, np.ndarray]
) -> None:
    """Hide one arm of some windows: it follows its true motion only in part, or hardly."""
    for number in np.flatnonzero(rng.random(len(world)) < HIDDEN_ARM):
        side, follows = int(rng.integers(2)), rng.random()
        for values, unit in ((world, sizes[0]), (points, sizes[1])):
            arm = values[number][:, [ELBOW, WRIST], side]
            root = values[number][:, [SHOULDER], side]
            from_root = arm - root
            guessed = from_root.mean(0) + follows * (from_root - from_root.mean(0))
            error = HIDDEN_ERROR * unit[number] * _slow_errors(rng, arm.shape)
            values[number][:, [ELBOW, WRIST], side] = root + guessed + error


def _slow_errors(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Return slow errors (T, ...) of about unit size."""
    knots = rng.standard_normal((shape[0] // 8 + 2, *shape[1:]))
    slow = np.repeat(knots, 8, axis=0)[: shape[0]]
    smooth = [np.convolve(np.pad(v, 4, "edge"), np.full(9, 1 / 9), "valid") for v in slow.reshape(shape[0], -1).T]
    return np.stack(smooth, -1).reshape(shape)
