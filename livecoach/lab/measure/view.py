"""Errors of the estimated view on rendered clips, whose frames have a true azimuth.

Only frames in which the lifter stands and has faced one direction for a second count. Every clip has the same weight.
"""

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach import landmark
from livecoach.errors import SourceError
from livecoach.frame.body import body
from livecoach.frame.body import measure as body_measures
from livecoach.frame.view import ViewEstimate
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.rendered_clips import RenderedTrack, read_track
from livecoach.lab.measure.table import Cell, Progress, Rounded, Table
from livecoach.synth.noise.pose import azimuth_rad
from livecoach.types import Observation, View

CORE = [*landmark.SHOULDERS, *landmark.HIPS]
STEADY_S, STEADY_DEG = 1.0, 10.0
STANDS = 0.97
"""The lifter stands while the hips are at least at this share of their greatest height over the ankles in the clip."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewClip:
    """A rendered clip: observations and truth."""

    name: str
    exercise: str
    observations: list[Observation]
    azimuth_deg: np.ndarray
    """(T,) true azimuth of the camera, relative to the direction that the lifter faces."""
    stands: np.ndarray
    """(T,) bool"""
    off: np.ndarray
    """(T,) largest error of shoulders and hips in the picture, torso lengths; NaN if nobody was detected."""


def difference_deg(a: np.ndarray | float, b: np.ndarray | float) -> np.ndarray:
    """Return a - b, -180..180."""
    return (np.asarray(a) - np.asarray(b) + 180) % 360 - 180


def read_clips(folders: Sequence[Path], cache: Cache, models: Sequence[str], progress: Progress) -> Iterator[ViewClip]:
    """Yield the clips of folders, once for each pose model. Raises SourceError if there are none."""
    videos = [
        video for folder in folders for video in sorted(folder.glob("*.mp4")) if video.with_suffix(".json").exists()
    ]
    if not videos:
        names = ", ".join(map(str, folders))
        raise SourceError(f"{names}: no clip with its truth is there. Make some with livecoach synth render.")
    for number, video in enumerate(videos):
        progress(f"pose on {video.name}", number / len(videos))
        for model in models:
            yield _clip(read_track(video, cache, model), video, cache.observed(video, model))


def steady_frames(clip: ViewClip) -> np.ndarray:
    """Return (T,) bool: the lifter stands, and has faced one direction for a second or since the start of the clip."""
    times = np.array([observation.t_s for observation in clip.observations])
    first = np.searchsorted(times, times - STEADY_S)
    facing = np.array(
        [np.abs(difference_deg(clip.azimuth_deg[a : i + 1], clip.azimuth_deg[i])).max() for i, a in enumerate(first)]
    )
    return clip.stands & (facing < STEADY_DEG)


def _clip(track: RenderedTrack, video: Path, observations: list[Observation]) -> ViewClip:
    off_px = (track.estimated.image[..., :2] - track.image[..., :2]) * track.size_px
    height = np.array([body_measures(points).hip_height for points in track.world])
    return ViewClip(
        name=track.name,
        exercise=track.exercise,
        observations=observations,
        azimuth_deg=difference_deg(np.degrees(azimuth_rad(track.world)), _ray_deg(track, video)),
        stands=height > STANDS * np.percentile(height, 98),
        off=np.linalg.norm(off_px[:, CORE], axis=-1).max(1) / track.scale.torso_px,
    )


def _ray_deg(track: RenderedTrack, video: Path) -> np.ndarray:
    """Return (T,) how far the lifter is to the right of the camera's axis: world landmarks turn with the camera."""
    camera = json.loads(video.with_suffix(".json").read_text(encoding="utf-8"))["camera"]
    focal_px = 0.5 * camera["height_px"] / math.tan(math.radians(camera["fov_deg"]) / 2)
    bent = (track.image[:, 23:25, 0].mean(1) - 0.5) * camera["width_px"] / focal_px
    distortion = camera["distortion"]
    return np.degrees(np.arctan(np.tan(bent * distortion) / distortion if distortion else bent))


BANDS_DEG = ((0, 20), (20, 40), (40, 60), (60, 75), (75, 90), (90, 181), (0, 90))


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewErrors:
    """Errors of the view in a clip."""

    azimuth_deg: float
    errors_deg: np.ndarray
    """Signed errors of the view."""
    uncertainty_deg: np.ndarray


def measure(folders: Sequence[Path], models: Sequence[str], cache: Cache, progress: Progress) -> list[Table]:
    """Measure the clips of folders with each pose model."""
    clips = list(read_clips(folders, cache, models, progress))
    measured = [errors for clip in clips if (errors := errors_of(clip)) is not None]
    rows = [row for low, high in BANDS_DEG if (row := _row(measured, low, high)) is not None]
    figures = ("mean error", "p90", "within 1 uncertainty", "within 2", "mean uncertainty")
    note = f"In {len(clips) - len(measured)} of them the lifter never stands with a view."
    title = f"Error of the view: {len(clips)} clips and pose models"
    return [Table(title=title, columns=("azimuth", "clips", *figures), rows=tuple(rows), notes=(note,))]


def errors_of(clip: ViewClip) -> ViewErrors | None:
    """Estimate the view in a clip; None if the lifter never stands with a known view."""
    estimate, counts = ViewEstimate(), steady_frames(clip)
    views: list[tuple[int, View]] = []
    for i, observation in enumerate(clip.observations):
        lifter = body(observation)
        if lifter is None:
            continue
        view = estimate.step(lifter, observation)
        if view is not None and counts[i]:
            views.append((i, view))
    if not views:
        return None
    frames = [i for i, _ in views]
    return ViewErrors(
        azimuth_deg=float(np.median(np.abs(clip.azimuth_deg[frames]))),
        errors_deg=difference_deg(np.array([view.azimuth_deg for _, view in views]), clip.azimuth_deg[frames]),
        uncertainty_deg=np.array([view.uncertainty_deg for _, view in views]),
    )


def _row(measured: Sequence[ViewErrors], low: float, high: float) -> tuple[Cell, ...] | None:
    chosen = [clip for clip in measured if low <= clip.azimuth_deg < high]
    if not chosen:
        return None
    errors = [float(np.abs(clip.errors_deg).mean()) for clip in chosen]
    within = [
        float(np.mean([(np.abs(clip.errors_deg) <= times * clip.uncertainty_deg).mean() for clip in chosen]))
        for times in (1, 2)
    ]
    uncertainty = float(np.mean([clip.uncertainty_deg.mean() for clip in chosen]))
    return (
        f"{low}–{high}°",
        len(chosen),
        Rounded(float(np.mean(errors)), 1, "°"),
        Rounded(float(np.percentile(errors, 90)), 1, "°"),
        *(Rounded(100 * share, 0, " %") for share in within),
        Rounded(uncertainty, 1, "°"),
    )
