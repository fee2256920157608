"""How far the estimated view is from the truth of rendered clips.

Frames count in which the lifter truly stands and has faced one way for a second; every clip weighs the same.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.frame.body import body
from livecoach.frame.view import ViewEstimate
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.table import Cell, Progress, Rounded, Table
from livecoach.lab.measure.view_clips import ViewClip, difference_deg, read_clips, steady
from livecoach.types import View

BANDS_DEG = ((0, 20), (20, 40), (40, 60), (60, 75), (75, 90), (90, 181), (0, 90))


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewErrors:
    """What came of the frames of a clip that count."""

    azimuth_deg: float
    errors_deg: np.ndarray
    """Signed errors of the view."""
    uncertainty_deg: np.ndarray


def measure(folders: Sequence[Path], models: Sequence[str], cache: Cache, progress: Progress) -> list[Table]:
    """Measure the clips of folders, each with each of the pose models."""
    clips = list(read_clips(folders, cache, models, progress))
    measured = [errors for clip in clips if (errors := errors_of(clip)) is not None]
    rows = [row for low, high in BANDS_DEG if (row := _row(measured, low, high)) is not None]
    figures = ("mean error", "p90", "within 1 uncertainty", "within 2", "mean uncertainty")
    note = f"In {len(clips) - len(measured)} of them the lifter never stands with a view."
    title = f"Error of the view: {len(clips)} clips and pose models"
    return [Table(title=title, columns=("azimuth", "clips", *figures), rows=tuple(rows), notes=(note,))]


def errors_of(clip: ViewClip) -> ViewErrors | None:
    """Run the estimates over a clip; return None where the lifter never stands in it with a view."""
    estimate, counts = ViewEstimate(), steady(clip)
    views: list[tuple[int, View]] = []
    for i, observation in enumerate(clip.observations):
        seen = body(observation)
        if seen is None:
            continue
        view = estimate.step(seen, observation)
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
