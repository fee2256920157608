"""Reads rendered clips with their truth, and a pose model's estimates of them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from livecoach.core import landmark
from livecoach.core.errors import SourceError
from livecoach.core.types import Observation
from livecoach.lab.measure.cache import Cache
from livecoach.lab.synth import noise_model


@dataclass(frozen=True, kw_only=True, eq=False)
class EstimatedPoses:
    """An estimator's landmarks in T frames."""

    image: np.ndarray  # (T, 33, 4) x, y, z, visibility; NaN where nobody was detected
    world: np.ndarray  # (T, 33, 3) m; NaN where nobody was detected
    fps: float

    @property
    def detected(self) -> np.ndarray:
        """Whether somebody was detected in each frame, (T,) bool."""
        return np.isfinite(self.world[:, 0, 0])


@dataclass(frozen=True, kw_only=True, eq=False)
class RenderedTrack:
    """A rendered clip: estimated and true landmarks."""

    name: str
    exercise: str
    estimated: EstimatedPoses
    image: np.ndarray  # (T, 33, 3) true
    world: np.ndarray  # (T, 33, 3) true, m
    size_px: tuple[int, int]
    view_deg: float

    def with_estimates(self, estimated: EstimatedPoses) -> "RenderedTrack":
        """Return a copy of the track with other estimates."""
        return replace(self, estimated=estimated)

    @property
    def scale(self) -> noise_model.PictureScale:
        """True length of the lifter's torso, in metres and in pixels."""
        return noise_model.measure_scale(self.world, self.image[..., :2] * np.array(self.size_px))


def estimated_poses(observations: Sequence[Observation], fps: float) -> EstimatedPoses:
    """Return the landmarks of observations as arrays."""
    image = np.full((len(observations), landmark.COUNT, 4), np.nan)
    world = np.full((len(observations), landmark.COUNT, 3), np.nan)
    for i, observation in enumerate(observations):
        if observation.landmarks is not None and observation.world is not None:
            image[i], world[i] = observation.landmarks[:, :4], observation.world
    return EstimatedPoses(image=image, world=world, fps=fps)


def read_track(clip: Path, cache: Cache, model: str) -> RenderedTrack:
    """Read a rendered clip and its truth; raise SourceError if the truth is missing or has no landmarks."""
    try:
        truth = json.loads(clip.with_suffix(".json").read_text(encoding="utf-8"))
        image, world = (np.array(truth[f"landmarks_{kind}"], float) for kind in ("image", "world"))
    except (OSError, ValueError, KeyError) as err:
        raise SourceError(
            f"{clip}: has no truth with landmarks beside it. Make it with livecoach lab synth render."
        ) from err
    estimated = estimated_poses(replace(cache, pose=model).observations_of(clip), truth["fps"])
    if len(estimated.image) != len(image):
        raise SourceError(f"{clip}: {len(estimated.image)} frames, but its truth has {len(image)}. Render it again.")
    return RenderedTrack(
        name=f"{clip.stem} {model}",
        exercise=truth["exercise"],
        estimated=estimated,
        image=image,
        world=world,
        size_px=(truth["width"], truth["height"]),
        view_deg=truth["view_deg"],
    )


def read_tracks(folder: Path, cache: Cache, models: Sequence[str]) -> Iterator[RenderedTrack]:
    """Yield the clips of a folder, once for each pose model; raise SourceError if the folder has no clip."""
    clips = sorted(folder.glob("*.mp4"))
    if not clips:
        raise SourceError(f"{folder}: holds no clip. Make some with livecoach lab synth render.")
    for clip in clips:
        for model in models:
            yield read_track(clip, cache, model)
