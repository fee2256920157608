"""The errors to which the noise model is fitted: BlazePose's estimates in rendered clips less the truth."""

from dataclasses import dataclass

import numpy as np
from rendered_clips import EstimatedPoses, RenderedTrack

from livecoach.core import landmark
from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise import SWAP, Noise, mirror, mirror_both


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """Errors in the n frames of a track with a detection, mirrored so that the camera stands on the lifter's left."""

    name: str
    channels: np.ndarray
    """(n, 231) errors in torso lengths (33 times image x, y, z, world x, y, z), and logits of the visibilities."""
    points: np.ndarray
    """(n, 33, 3) true world landmarks in torso lengths."""
    velocity: np.ndarray
    """(n, 33, 3) torso lengths a second."""
    azimuth: np.ndarray
    """(n,) radians."""
    stance: np.ndarray
    """(n, 3) posture, as noise_model.posture gives it."""
    speed: np.ndarray
    """(n,) speed of the body, as noise_model.body_speed gives it."""
    fps: float
    detected: np.ndarray
    """(T,) bool, the track's frames with a detection."""
    every_azimuth: np.ndarray
    """(T,) azimuth of every frame."""
    every_stance: np.ndarray
    """(T, 3) posture of every frame."""


LOGIT_RANGE = (0.004, 0.996)
"""Visibilities are kept as bytes: 0 and 1 have no logit."""
FURTHEST = 1.5
"""Errors are clipped at this many torso lengths; larger ones come from somebody or something else."""


def errors_of(track: RenderedTrack) -> Errors:
    """Return the channels of the noise model."""
    scale, detected = track.scale, track.estimated.detected
    per_torso = np.array(track.size_px)[[0, 1, 0]] / scale.torso_px[:, None, None]
    off = (track.estimated.image[..., :3] - track.image) * per_torso
    errors = np.concatenate([off, (track.estimated.world - track.world) / scale.torso_m], -1)
    visible, points = track.estimated.image[..., 3], track.world / scale.torso_m
    if track.view_deg < 0:
        errors, visible, points = mirror_both(errors), visible[:, SWAP], mirror(points)
    visible = np.clip(visible, *LOGIT_RANGE)
    channels = [np.clip(errors, -FURTHEST, FURTHEST).reshape(len(errors), -1), np.log(visible / (1 - visible))]
    azimuth, stance = noise_model.azimuth_rad(points), noise_model.posture(points, 1.0)
    return Errors(
        name=track.name,
        channels=np.concatenate(channels, 1)[detected],
        points=points[detected],
        velocity=(np.gradient(points, axis=0) * track.estimated.fps)[detected],
        azimuth=azimuth[detected],
        stance=stance[detected],
        speed=noise_model.body_speed(points, track.estimated.fps)[detected],
        fps=track.estimated.fps,
        detected=detected,
        every_azimuth=azimuth,
        every_stance=stance,
    )


def modelled(noise: Noise, track: RenderedTrack, seed: int) -> EstimatedPoses:
    """Return a draw of the noise model on a clip's truth."""
    rng = np.random.default_rng(seed)
    drawn = noise(rng, track.image, track.world, track.view_deg, track.estimated.fps, track.size_px)
    image, world = drawn.image.copy(), drawn.world.copy()
    image[drawn.lost], world[drawn.lost] = np.nan, np.nan
    return EstimatedPoses(image=image, world=world, fps=track.estimated.fps)


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
"""Range of frame rates for the second difference, which depends on the rate."""
APART = 0.15
"""Least distance of two limbs (torso lengths per landmark) at which a swap is detectable."""


def torso_m(world: np.ndarray) -> np.ndarray:
    """Return the (T,) lengths of the torso, m."""
    torso = landmark.middle(world, landmark.SHOULDERS) - landmark.middle(world, landmark.HIPS)
    length: np.ndarray = np.linalg.norm(torso, axis=1)
    return length


def jitter(estimated: EstimatedPoses) -> dict[str, float]:
    """Return median and 90th percentile of the second difference in the world, torso lengths; {} at other fps."""
    if not JITTER_FPS[0] < estimated.fps < JITTER_FPS[1]:
        return {}
    second = np.linalg.norm(np.diff(estimated.world, 2, axis=0), axis=-1) / np.nanmedian(torso_m(estimated.world))
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


def bone_change(estimated: EstimatedPoses) -> dict[str, float]:
    """Return how much the lengths of bones in the world change."""
    world = estimated.world[estimated.detected]
    out = {"length change torso": _relative_sd(torso_m(world), estimated.fps)}
    for name, sides in BONES.items():
        lengths = [np.linalg.norm(world[:, a] - world[:, b], axis=-1) for a, b in sides]
        out[f"length change {name}"] = float(np.mean([_relative_sd(length, estimated.fps) for length in lengths]))
    return out


def swaps(estimated: EstimatedPoses) -> dict[str, float]:
    """Return how often per minute a limb's landmarks jump, from one frame to the next, to the other side's places."""
    world = estimated.world[estimated.detected] / np.median(torso_m(estimated.world[estimated.detected]))
    minutes = len(world) / estimated.fps / 60
    out = {}
    for name, points in LIMBS.items():
        left, right = list(points[::2]), list(points[1::2])
        own = _moved(world, left, left) + _moved(world, right, right)
        other = _moved(world, left, right) + _moved(world, right, left)
        changed = (own > APART * len(points)) & (other < 0.5 * own)
        out[f"swaps of {name} a minute"] = float(changed.sum() / minutes)
    return out


def _moved(world: np.ndarray, before: list[int], after: list[int]) -> np.ndarray:
    """Return (T - 1,): the sum of the landmarks' distances from the places of others a frame ago."""
    total: np.ndarray = np.linalg.norm(world[1:, after] - world[:-1, before], axis=-1).sum(1)
    return total


def without_truth(estimated: EstimatedPoses) -> dict[str, float]:
    """Return all of these figures of a clip, and the share of frames without a detection."""
    out = {"lost, share of frames": float(1 - estimated.detected.mean())}
    if estimated.detected.sum() < estimated.fps:
        return out
    return jitter(estimated) | bone_change(estimated) | swaps(estimated) | out
