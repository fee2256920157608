"""What can be said of a clip's landmarks without knowing the truth, and of their errors where it is known."""

import numpy as np

from livecoach import landmark
from livecoach.lab.measure.noise_tracks import EstimatedPoses, Track

GROUPS = {
    "torso": (*landmark.SHOULDERS, *landmark.HIPS),
    "knees": landmark.KNEES,
    "feet": (*landmark.ANKLES, *landmark.HEELS, *landmark.TOES),
    "elbows": landmark.ELBOWS,
    "wrists": landmark.WRISTS,
}
BONES = {
    "thigh": ((23, 25), (24, 26)),
    "shin": ((25, 27), (26, 28)),
    "upper arm": ((11, 13), (12, 14)),
}
LIMBS = {"arms": landmark.ELBOWS + landmark.WRISTS, "legs": landmark.KNEES + landmark.ANKLES}
REP_S = 3.0
"""Bone lengths are compared within a stretch of this length, about a rep."""
JITTER_FPS = (22.0, 32.0)
"""The second difference depends on the frame rate: clips of others are left out of it."""
APART = 0.15
"""Limbs closer to each other than this (torso lengths, a landmark) can't be seen to be swapped."""


def torso_m(world: np.ndarray) -> np.ndarray:
    """Return the (T,) lengths of the torso, m."""
    torso = landmark.middle(world, landmark.SHOULDERS) - landmark.middle(world, landmark.HIPS)
    length: np.ndarray = np.linalg.norm(torso, axis=1)
    return length


def jitter(seen: EstimatedPoses) -> dict[str, float]:
    """Return median and 90th percentile of the second difference in the world, torso lengths; {} at other fps."""
    if not JITTER_FPS[0] < seen.fps < JITTER_FPS[1]:
        return {}
    second = np.linalg.norm(np.diff(seen.world, 2, axis=0), axis=-1) / np.nanmedian(torso_m(seen.world))
    out = {}
    for name, points in GROUPS.items():
        sizes = second[:, points][np.isfinite(second[:, points])]
        out[f"jitter {name}, median"] = float(np.median(sizes))
        out[f"jitter {name}, p90"] = float(np.percentile(sizes, 90))
    return out


def _relative_sd(lengths: np.ndarray, fps: float) -> float:
    """Return standard deviation over median within stretches of REP_S, median over them."""
    count = max(1, round(len(lengths) / (REP_S * fps)))
    return float(np.median([part.std() / np.median(part) for part in np.array_split(lengths, count)]))


def bone_change(seen: EstimatedPoses) -> dict[str, float]:
    """Return how much the lengths of bones in the world change."""
    world = seen.world[seen.found]
    out = {"length change torso": _relative_sd(torso_m(world), seen.fps)}
    for name, sides in BONES.items():
        lengths = [np.linalg.norm(world[:, a] - world[:, b], axis=-1) for a, b in sides]
        out[f"length change {name}"] = float(np.mean([_relative_sd(length, seen.fps) for length in lengths]))
    return out


def swaps(seen: EstimatedPoses) -> dict[str, float]:
    """Return how often a minute a limb's landmarks are, from one frame to the next, where the other side's were."""
    world = seen.world[seen.found] / np.median(torso_m(seen.world[seen.found]))
    minutes = len(world) / seen.fps / 60
    out = {}
    for name, points in LIMBS.items():
        left, right = list(points[::2]), list(points[1::2])
        own = _moved(world, left, left) + _moved(world, right, right)
        other = _moved(world, left, right) + _moved(world, right, left)
        changed = (own > APART * len(points)) & (other < 0.5 * own)
        out[f"swaps of {name} a minute"] = float(changed.sum() / minutes)
    return out


def _moved(world: np.ndarray, before: list[int], after: list[int]) -> np.ndarray:
    """Return (T - 1,) how far landmarks are from where others were a frame ago, summed."""
    total: np.ndarray = np.linalg.norm(world[1:, after] - world[:-1, before], axis=-1).sum(1)
    return total


def without_truth(seen: EstimatedPoses) -> dict[str, float]:
    """Return all of these figures of a clip, and the share of frames in which nobody is found."""
    out = {"lost, share of frames": float(1 - seen.found.mean())}
    if seen.found.sum() < seen.fps:
        return out
    return jitter(seen) | bone_change(seen) | swaps(seen) | out


def world_errors(track: Track, seen: EstimatedPoses) -> dict[str, np.ndarray]:
    """Return the sizes of the errors in the world, torso lengths, by group of landmarks; in frames with somebody."""
    size = np.linalg.norm(seen.world - track.world, axis=-1)[seen.found] / track.scale.torso_m
    return {name: size[:, points].ravel() for name, points in GROUPS.items()}
