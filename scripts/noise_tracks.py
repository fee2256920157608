"""Rendered clips beside what BlazePose sees in them: the errors that the noise model is fitted to and judged by."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from real_reps import observations

from livecoach import landmark
from livecoach.errors import SourceError
from livecoach.synth.noise import SWAP, Noise, mirror, mirror_both, pose
from livecoach.types import Observation


@dataclass(frozen=True, kw_only=True, eq=False)
class Sighting:
    """Landmarks that an estimator gives for T frames."""

    image: np.ndarray
    """(T, 33, 4) x, y, z, visibility; NaN where nobody was found."""
    world: np.ndarray
    """(T, 33, 3) m; NaN where nobody was found."""
    fps: float

    @property
    def found(self) -> np.ndarray:
        """(T,)"""
        return np.isfinite(self.world[:, 0, 0])


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """A rendered clip, as BlazePose saw it and as it was."""

    name: str
    exercise: str
    seen: Sighting
    image: np.ndarray
    """(T, 33, 3) true."""
    world: np.ndarray
    """(T, 33, 3) true, m."""
    size_px: tuple[int, int]
    view_deg: float

    def seen_as(self, seen: Sighting) -> "Track":
        """The same clip, seen otherwise."""
        return replace(self, seen=seen)

    @property
    def scale(self) -> pose.Scale:
        """Of the true lifter."""
        return pose.scale_of(self.world, self.image[..., :2] * np.array(self.size_px))


@dataclass(frozen=True, kw_only=True, eq=False)
class Errors:
    """Of the n frames of a track in which somebody was found, as if the camera stood on the lifter's left."""

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
    """(n, 3) pose.posture."""
    speed: np.ndarray
    """(n,) pose.body_speed"""
    fps: float
    found: np.ndarray
    """(T,) of the track's frames."""
    every_azimuth: np.ndarray
    """(T,)"""
    every_stance: np.ndarray
    """(T, 3)"""


LOGIT_RANGE = (0.004, 0.996)
"""Visibilities are kept as bytes: 0 and 1 have no logit."""
FURTHEST = 1.5
"""Errors beyond this many torso lengths (somebody or something else was seen) count as this."""


def as_seen(seen: Sequence[Observation], fps: float) -> Sighting:
    """Observations as arrays."""
    image = np.full((len(seen), landmark.COUNT, 4), np.nan)
    world = np.full((len(seen), landmark.COUNT, 3), np.nan)
    for i, observation in enumerate(seen):
        if observation.landmarks is not None and observation.world is not None:
            image[i], world[i] = observation.landmarks[:, :4], observation.world
    return Sighting(image=image, world=world, fps=fps)


def read_track(clip: Path, cache: Path, model: str) -> Track:
    """A clip that has its truth, with landmarks, beside it; raises SourceError where it has not."""
    try:
        truth = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
        image, world = (np.array(truth[f"landmarks_{kind}"], float) for kind in ("image", "world"))
    except (OSError, ValueError, KeyError) as err:
        raise SourceError(f"{clip}: no truth with landmarks beside it. Make it with render_clip.py") from err
    seen = as_seen(observations(clip, cache, model), truth["fps"])
    if len(seen.image) != len(image):
        raise SourceError(f"{clip}: {len(seen.image)} frames, but the truth has {len(image)}. Render it again")
    return Track(
        name=f"{clip.stem} {model}",
        exercise=truth["exercise"],
        seen=seen,
        image=image,
        world=world,
        size_px=(truth["width"], truth["height"]),
        view_deg=truth["view_deg"],
    )


def read_tracks(folder: Path, cache: Path, models: Sequence[str]) -> Iterator[Track]:
    """All clips of a folder, seen by each of the models."""
    for clip in sorted(folder.glob("*.mp4")):
        for model in models:
            yield read_track(clip, cache, model)


def errors_of(track: Track) -> Errors:
    """The channels of the noise model."""
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


def modelled(noise: Noise, track: Track, seed: int) -> Sighting:
    """A draw of the model on a clip's truth."""
    rng = np.random.default_rng(seed)
    drawn = noise(rng, track.image, track.world, track.view_deg, track.seen.fps, track.size_px)
    image, world = drawn.image.copy(), drawn.world.copy()
    image[drawn.lost], world[drawn.lost] = np.nan, np.nan
    return Sighting(image=image, world=world, fps=track.seen.fps)
