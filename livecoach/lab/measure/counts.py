"""Exact counts of clips: real ones, and synthetic sets, beside simpler ways to count."""

import json
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from livecoach.errors import SourceError
from livecoach.lab.measure import feature_ranges
from livecoach.lab.measure.cache import Cache
from livecoach.lab.measure.real_data import clip_rows, clips_folder
from livecoach.lab.measure.simple_counters import COUNTERS
from livecoach.lab.measure.table import Cell, Progress, Rounded, Share, Table
from livecoach.source.stored import StoredObservations
from livecoach.synth.motion.tokens import REP, parse
from livecoach.types import Observation


@dataclass(frozen=True, slots=True, kw_only=True)
class CountedClip:
    """A clip whose reps somebody, or the renderer, counted."""

    path: Path
    group: str
    """What it is summed up with."""
    exercise: str
    reps: int


def real_clips(names: Sequence[str]) -> list[CountedClip]:
    """Return the real clips of these exercises that have a count; an empty room comes once for each of them."""
    clips = []
    for row in clip_rows():
        if not row["reps"]:
            continue
        reps, empty = int(row["reps"]), row["exercise"] == "none"
        kind = "empty room" if empty else "set" if reps > 1 else "single or none"
        for name in names:
            if empty or name == row["exercise"]:
                path = clips_folder() / row["file"]
                clips.append(CountedClip(path=path, group=f"{name}, {kind}", exercise=name, reps=reps))
    return clips


def synthetic_clips(folder: Path) -> list[CountedClip]:
    """Return the synthetic sets of a folder; those with nothing but reps are a group of their own.

    Raises SourceError where the folder holds none.
    """
    clips = []
    for path in sorted(path for path in folder.glob("[!.]*") if path.suffix in {".mp4", ".obs"}):
        truth = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
        disturbed = any(token.name != REP for token in parse(truth["set"]))
        kind = "with what is no rep" if disturbed else "reps alone"
        exercise, made = truth["exercise"], "rendered" if path.suffix == ".mp4" else "motion"
        group = f"{exercise}, {made}, {kind}"
        clips.append(CountedClip(path=path, group=group, exercise=exercise, reps=len(truth["reps"])))
    if not clips:
        raise SourceError(f"{folder}: holds no synthetic set. Make some with livecoach synth motion --sets.")
    return clips


def observed(clip: CountedClip, cache: Cache, pose: str) -> list[Observation]:
    """Return what is seen of a clip. pose: name of the pose model."""
    return _stored(clip.path) if clip.path.suffix == ".obs" else cache.observed(clip.path, pose)


def measure_real(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count real clips, and compare their reps with what the lift models learned from."""
    seen: dict[str, list[tuple[Sequence[Observation], int]]] = {}
    tables = measure(clips, cache, pose, progress)
    for clip in clips:
        if clip.reps:
            seen.setdefault(clip.exercise, []).append((observed(clip, cache, pose), clip.reps))
    return [*tables, feature_ranges.table(seen, progress)]


def measure(clips: Sequence[CountedClip], cache: Cache, pose: str, progress: Progress) -> list[Table]:
    """Count every clip in every way, and sum up by group."""
    groups: dict[str, list[tuple[CountedClip, dict[str, int]]]] = {}
    for number, clip in enumerate(clips):
        progress(f"counting {clip.path.name}", number / len(clips))
        observations = observed(clip, cache, pose)
        counts = {name: counter(observations, clip.exercise) for name, counter in COUNTERS.items()}
        groups.setdefault(clip.group, []).append((clip, counts))
    return [_by_clip(groups), _summary(groups)]


def _by_clip(groups: dict[str, list[tuple[CountedClip, dict[str, int]]]]) -> Table:
    rows: list[tuple[Cell, ...]] = [
        (clip.path.name, group, clip.reps, *counts.values(), "" if counts["livecoach"] == clip.reps else "wrong")
        for group, of_group in sorted(groups.items())
        for clip, counts in of_group
    ]
    return Table(title="Clips", columns=("clip", "group", "reps", *COUNTERS, ""), rows=tuple(rows))


def _summary(groups: dict[str, list[tuple[CountedClip, dict[str, int]]]]) -> Table:
    totals = {**dict(sorted(groups.items())), "all": [row for rows in groups.values() for row in rows]}
    columns = [f"{name}, {figure}" for name in COUNTERS for figure in ("exact", "error")]
    return Table(
        title="Counted exactly, and mean error as a share of the count",
        columns=("group", *columns),
        rows=tuple((group, *_figures(rows)) for group, rows in totals.items()),
    )


def _figures(rows: Sequence[tuple[CountedClip, dict[str, int]]]) -> Iterator[Cell]:
    for name in COUNTERS:
        yield Share(sum(counts[name] == clip.reps for clip, counts in rows), len(rows))
        error = np.mean([abs(counts[name] - clip.reps) / max(clip.reps, 1) for clip, counts in rows])
        yield Rounded(float(error), 2)


def _stored(path: Path) -> list[Observation]:
    with closing(StoredObservations(path)) as source:
        frames = iter(source.read, None)
        return [frame.observation for frame in frames if frame.observation is not None]
