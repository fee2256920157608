"""Rendered clips beside what BlazePose sees in them: the errors that the noise model is fitted to, and judged by."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.errors import SourceError
from livecoach.lab.measure.cache import Cache
from livecoach.synth.noise import SWAP, Noise, mirror, mirror_both, pose
from livecoach.types import Observation


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimatedPoses:
    """Landmarks that an estimator gives for T frames."""

    image: np.ndarray
    """(T, 33, 4) x, y, z, visibility; NaN where nobody was found."""
    world: np.ndarray
    """(T, 33, 3) m; NaN where nobody was found."""
    fps: float

    @property
    def found(self) -> np.ndarray:
        """(T,) bool, the frames in which somebody was found."""
        return np.isfinite(self.world[:, 0, 0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """A rendered clip, as BlazePose saw it and as it truly is."""

    name: str
    exercise: str
    seen: EstimatedPoses
    image: np.ndarray
    """(T, 33, 3) true."""
    world: np.ndarray
    """(T, 33, 3) true, m."""
    size_px: tuple[int, int]
    view_deg: float

    def seen_as(self, seen: EstimatedPoses) -> "Track":
        """Return the same clip with other estimates."""
        return replace(self, seen=seen)

    @property
    def scale(self) -> pose.Scale:
        """How long the true lifter's torso is, in m and px."""
        return pose.scale_of(self.world, self.image[..., :2] * np.array(self.size_px))


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """Errors in the n frames of a track in which somebody was found, as if the camera stood on the lifter's left."""

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
    """(n, 3) posture, as noise.pose.posture gives it."""
    speed: np.ndarray
    """(n,) speed of the body, as noise.pose.body_speed gives it."""
    fps: float
    found: np.ndarray
    """(T,) bool, the track's frames in which somebody was found."""
    every_azimuth: np.ndarray
    """(T,) azimuth of every frame."""
    every_stance: np.ndarray
    """(T, 3) posture of every frame."""


LOGIT_RANGE = (0.004, 0.996)
"""Visibilities are kept as bytes: 0 and 1 have no logit."""
FURTHEST = 1.5
"""Errors beyond this many torso lengths (somebody or something else was seen) are taken to be this large."""


def estimated_poses(observations: Sequence[Observation], fps: float) -> EstimatedPoses:
    """Return observations as arrays."""
    image = np.full((len(observations), landmark.COUNT, 4), np.nan)
    world = np.full((len(observations), landmark.COUNT, 3), np.nan)
    for i, observation in enumerate(observations):
        if observation.landmarks is not None and observation.world is not None:
            image[i], world[i] = observation.landmarks[:, :4], observation.world
    return EstimatedPoses(image=image, world=world, fps=fps)


def read_track(clip: Path, cache: Cache, model: str) -> Track:
    """Return a rendered clip that has its truth, with landmarks, beside it. Raises SourceError where it has not."""
    try:
        truth = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
        image, world = (np.array(truth[f"landmarks_{kind}"], float) for kind in ("image", "world"))
    except (OSError, ValueError, KeyError) as err:
        raise SourceError(
            f"{clip}: has no truth with landmarks beside it. Make it with livecoach synth render."
        ) from err
    seen = estimated_poses(cache.observed(clip, model), truth["fps"])
    if len(seen.image) != len(image):
        raise SourceError(f"{clip}: {len(seen.image)} frames, but its truth has {len(image)}. Render it again.")
    return Track(
        name=f"{clip.stem} {model}",
        exercise=truth["exercise"],
        seen=seen,
        image=image,
        world=world,
        size_px=(truth["width"], truth["height"]),
        view_deg=truth["view_deg"],
    )


def read_tracks(folder: Path, cache: Cache, models: Sequence[str]) -> Iterator[Track]:
    """Yield the clips of a folder, seen by each of the pose models. Raises SourceError where there is none."""
    clips = sorted(folder.glob("*.mp4"))
    if not clips:
        raise SourceError(f"{folder}: holds no clip. Make some with livecoach synth render.")
    for clip in clips:
        for model in models:
            yield read_track(clip, cache, model)


def errors_of(track: Track) -> Errors:
    """Return the channels of the noise model."""
    scale, found = track.scale, track.seen.found
    per_torso = np.array(track.size_px)[[0, 1, 0]] / scale.torso_px[:, None, None]
    off = (track.seen.image[..., :3] - track.image) * per_torso
    errors = np.concatenate([off, (track.seen.world - track.world) / scale.torso_m], -1)
    visible, points = track.seen.image[..., 3], track.world / scale.torso_m
    if track.view_deg < 0:
        errors, visible, points = mirror_both(errors), visible[:, SWAP], mirror(points)
    visible = np.clip(visible, *LOGIT_RANGE)
    channels = [np.clip(errors, -FURTHEST, FURTHEST).reshape(len(errors), -1), np.log(visible / (1 - visible))]
    azimuth, stance = pose.azimuth_rad(points), pose.posture(points, 1.0)
    return Errors(
        name=track.name,
        channels=np.concatenate(channels, 1)[found],
        points=points[found],
        velocity=(np.gradient(points, axis=0) * track.seen.fps)[found],
        azimuth=azimuth[found],
        stance=stance[found],
        speed=pose.body_speed(points, track.seen.fps)[found],
        fps=track.seen.fps,
        found=found,
        every_azimuth=azimuth,
        every_stance=stance,
    )


def modelled(noise: Noise, track: Track, seed: int) -> EstimatedPoses:
    """Return a draw of the noise model on a clip's truth."""
    rng = np.random.default_rng(seed)
    drawn = noise(rng, track.image, track.world, track.view_deg, track.seen.fps, track.size_px)
    image, world = drawn.image.copy(), drawn.world.copy()
    image[drawn.lost], world[drawn.lost] = np.nan, np.nan
    return EstimatedPoses(image=image, world=world, fps=track.seen.fps)
