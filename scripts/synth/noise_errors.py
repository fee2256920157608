"""Computes the errors to which the noise model is fitted: BlazePose's estimates in rendered clips minus the truth."""

from dataclasses import dataclass

import numpy as np
from rendered_clips import EstimatedPoses, RenderedTrack

from livecoach.lab.synth import noise_model
from livecoach.lab.synth.noise import SWAP, Noise, mirror_errors, mirror_landmarks


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """Errors in the n frames of a track with a detection, mirrored so that the camera stands on the lifter's left."""

    name: str
    channels: np.ndarray
    """(n, 231) errors in torso lengths (33 times image x, y, z, world x, y, z), and logits of the visibilities."""
    points: np.ndarray  # (n, 33, 3) true world landmarks in torso lengths
    velocity: np.ndarray  # (n, 33, 3) torso lengths a second
    azimuth: np.ndarray  # (n,) radians
    stance: np.ndarray  # (n, 3) posture, as noise_model.measure_posture gives it
    speed: np.ndarray  # (n,) speed of the body, as noise_model.body_speed gives it
    fps: float
    detected: np.ndarray  # (T,) bool, the track's frames with a detection
    every_azimuth: np.ndarray  # (T,) azimuth of every frame
    every_stance: np.ndarray  # (T, 3) posture of every frame


SPACES = {"x and y": slice(0, 2), "z": slice(2, 3), "world x and y": slice(3, 5), "world z": slice(5, 6)}
"""Slices of the six errors of a landmark, by space."""
LOGIT_RANGE = (0.004, 0.996)  # visibilities are kept as bytes: 0 and 1 have no logit
FURTHEST = 1.5  # torso lengths at which errors are clipped; larger errors come from another person or a thing


def errors_of(track: RenderedTrack) -> Errors:
    """Return the errors of a track's estimates, as channels of the noise model."""
    scale, detected = track.scale, track.estimated.detected
    per_torso = np.array(track.size_px)[[0, 1, 0]] / scale.torso_px[:, None, None]
    off = (track.estimated.image[..., :3] - track.image) * per_torso
    errors = np.concatenate([off, (track.estimated.world - track.world) / scale.torso_m], -1)
    visible, points = track.estimated.image[..., 3], track.world / scale.torso_m
    if track.view_deg < 0:
        errors, visible, points = mirror_errors(errors), visible[:, SWAP], mirror_landmarks(points)
    visible = np.clip(visible, *LOGIT_RANGE)
    channels = [np.clip(errors, -FURTHEST, FURTHEST).reshape(len(errors), -1), np.log(visible / (1 - visible))]
    azimuth, stance = noise_model.azimuth_rad(points), noise_model.measure_posture(points)
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
    """Return poses that the noise model draws from the truth of a clip."""
    rng = np.random.default_rng(seed)
    drawn = noise(rng, track.image, track.world, track.view_deg, track.estimated.fps, track.size_px)
    image, world = drawn.image.copy(), drawn.world.copy()
    image[drawn.lost], world[drawn.lost] = np.nan, np.nan
    return EstimatedPoses(image=image, world=world, fps=track.estimated.fps)
