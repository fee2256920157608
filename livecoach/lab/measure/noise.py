"""The noise model of the pose estimator beside what BlazePose does on rendered and on real clips.

Without truth, for real, rendered and modelled clips: jitter (second difference in the world, by torso length), change
of bone lengths within three seconds, swaps of left and right, loss; each as the median over clips and their 10th and
90th percentile. With truth, for rendered and modelled ones: size of the errors in the world by joint and azimuth. The
modelled clips are the model's errors on the truth of the rendered ones. Real clips judge it only; nothing is fitted to
them.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from livecoach.lab.main_lifts import MAIN_LIFTS
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.noise_stats import GROUPS, without_truth, world_errors
from livecoach.lab.measure.noise_tracks import EstimatedPoses, Track, estimated_poses, modelled, read_tracks
from livecoach.lab.measure.real_data import clip_rows, clips_folder
from livecoach.lab.measure.table import Cell, Estimate, Progress, Rounded, Table
from livecoach.synth.noise import Noise

AZIMUTHS_DEG = (0, 20, 40, 60, 75, 90, 110)
DRAWS = 3
"""Number of draws of the model for each rendered clip."""
LOST = "lost, share of frames"
Pairs = Sequence[tuple[Track, EstimatedPoses]]
"""Clips with their truth, each as one origin sees it."""


def measure(folder: Path, noise: Noise, pose: str, real: bool, cache: Cache, progress: Progress) -> list[Table]:
    """Measure the rendered clips of a folder. real: also measure the real clips of LIVECOACH_DATA."""
    progress("rendered clips", 0.0)
    tracks = list(read_tracks(folder, cache, [pose]))
    made = [(track, modelled(noise, track, DRAWS * k + i)) for k, track in enumerate(tracks) for i in range(DRAWS)]
    clips = {"real": list(_real_clips(cache, pose, progress))} if real else {}
    clips |= {"rendered": [track.seen for track in tracks], "modelled": [seen for _, seen in made]}
    return [_by_clip(clips), _by_joint([(track, track.seen) for track in tracks], made)]


def _real_clips(cache: Cache, pose: str, progress: Progress) -> Iterator[EstimatedPoses]:
    rows = [row for row in clip_rows() if row["exercise"] in MAIN_LIFTS]
    for number, row in enumerate(rows):
        progress(f"pose on {row['file']}", number / len(rows))
        yield estimated_poses(cache.observed(clips_folder() / row["file"], pose), float(row["fps"]))


def _by_clip(clips: dict[str, list[EstimatedPoses]]) -> Table:
    """What needs no truth: a column for each origin."""
    found = {origin: [without_truth(seen) for seen in group] for origin, group in clips.items()}
    names = dict.fromkeys(name for group in found.values() for clip in group for name in clip)
    rows: list[tuple[Cell, ...]] = [
        (name, *(_spread([clip[name] for clip in group if name in clip]) for group in found.values())) for name in names
    ]
    lossless = [Rounded(float(np.mean([clip[LOST] < 0.01 for clip in group])), 2) for group in found.values()]
    rows.append(("clips that lose less than 1 %, share", *lossless))
    columns = ("", *(f"{origin} (n = {len(group)})" for origin, group in clips.items()))
    return Table(title="Median over clips (10th–90th percentile)", columns=columns, rows=tuple(rows))


def _spread(values: Sequence[float]) -> Cell:
    if not values:
        return None
    low, middle, high = np.percentile(values, (10, 50, 90))
    return Estimate(float(middle), float(low), float(high))


def _by_joint(rendered: Pairs, made: Pairs) -> Table:
    """Median and 90th percentile over frames of the error in the world, and the spread of the clips' medians."""
    rows: list[tuple[Cell, ...]] = []
    for low, high in pairwise(AZIMUTHS_DEG):
        sizes = [_pooled(group, low, high) for group in (rendered, made)]
        count = sum(low <= abs(track.view_deg) < high for track, _ in rendered)
        for joint in GROUPS:
            cells = [cell for by_joint in sizes for cell in _of_joint(by_joint[joint])]
            rows.append((f"{low}–{high}°", count, joint, *cells))
    figures = ("median", "p90", "clips' medians (10th–90th percentile)")
    columns = (f"{origin}: {figure}" for origin in ("rendered", "modelled") for figure in figures)
    title = "Error in the world, torso lengths, over frames"
    return Table(title=title, columns=("azimuth", "clips", "joint", *columns), rows=tuple(rows))


def _pooled(group: Pairs, low: float, high: float) -> dict[str, list[np.ndarray]]:
    """Return the sizes of errors by joint of the clips seen from between two azimuths, one array a clip."""
    chosen = [world_errors(track, seen) for track, seen in group if low <= abs(track.view_deg) < high]
    return {joint: [clip[joint] for clip in chosen if len(clip[joint])] for joint in GROUPS}


def _of_joint(sizes: Sequence[np.ndarray]) -> tuple[Cell, Cell, Cell]:
    if not sizes:
        return None, None, None
    middle, high = np.percentile(np.concatenate(sizes), (50, 90))
    medians = [float(np.median(clip)) for clip in sizes]
    between = np.percentile(medians, (10, 90))
    spread = Estimate(float(np.median(medians)), float(between[0]), float(between[1]), 2)
    return Rounded(float(middle), 2), Rounded(float(high), 2), spread
