"""Builds a dataset from labelled recordings: reps as the pipeline counts them, and frames.

A rep's label is the mark within it, otherwise the label of its recording; only frames with a marked stage are used.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from livecoach.assembly import Coach
from livecoach.frame import body
from livecoach.judging.fault_model import readings
from livecoach.lab import dataset
from livecoach.lab.annotation import GOOD, Annotation
from livecoach.lab.counted_reps import counted_reps
from livecoach.lab.dataset import STAGES, UNKNOWN, Dataset, Frames, Reps
from livecoach.rep.features import rep_features
from livecoach.rep.trajectory import SHAPE
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep
from livecoach.types import JudgedRep, Observation, Rep, StageName

TOUCHED_S = 0.3
"""Largest distance of a mark from its counted rep: the error of the pipeline's boundaries (docs/counting.md)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRecording:
    """A recording with its annotation and labels."""

    name: str
    """Unique name."""
    lifter: str
    pose: str
    """Name of the pose model."""
    observations: Sequence[Observation]
    annotation: Annotation
    label: str = UNKNOWN
    """Label of all reps without their own mark."""
    about: dict[str, Any] = field(default_factory=dict)
    """Further fields of the dataset's source entry, such as a digest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingData:
    """The reps and frames of a recording."""

    source: dict[str, Any]
    """Source entry for the dataset."""
    reps: Reps
    frames: Frames
    notes: tuple[str, ...]
    """What was left out and why, one line each."""


def gather(recording: LabelledRecording, coach: Coach, wants: Callable[[Rep], bool] = lambda _: True) -> RecordingData:
    """Return the reps and frames of a recording. wants: filters the reps."""
    rows, notes = [], []
    model = coach.scorer.faults
    mirrored: bool | None = None
    previous: NormalisedRep | None = None
    counted = list(counted_reps(recording.observations, coach, recording.pose))
    labels, beside = _labels(recording, counted)
    for one, label in zip(counted, labels, strict=True):
        if not wants(one.rep):
            continue
        seen = None if one.window is None else normalised_rep(one.window, mirrored)
        if one.rep.score is None or one.window is None or seen is None:
            notes.append(f"rep {one.rep.index} is left out: {one.rep.unsure or 'not visible enough'}")
            continue
        mirrored = seen.mirrored if mirrored is None else mirrored
        features, previous = rep_features(seen, previous, model.table), seen
        rows.append(
            {
                "trajectories": features.trajectory.astype(np.float32),
                "readings": readings(features, model.table, model.measures).astype(np.float32),
                "azimuths_deg": features.azimuth_deg,
                "fronts": features.front or "",
                "labels": label,
                "severities": np.full(len(model.table.faults), np.nan),
                "lifters": recording.lifter,
                "sets": f"{recording.name} set {one.window.set_name}",
                "sources": recording.name,
                "times_s": (one.rep.start_s, one.rep.turn_s, one.rep.end_s),
            }
        )
    source = {
        "name": recording.name,
        "lifter": recording.lifter,
        "pose": recording.pose,
        "reps": len(rows),
        **recording.about,
    }
    return RecordingData(source=source, reps=_stacked(rows), frames=_frames(recording), notes=(*notes, *beside))


def combine(exercise: str, parts: Sequence[RecordingData], *, synthetic: bool, seed: int) -> Dataset:
    """Combine recordings into one dataset, split by lifter; the same recordings in the same order give the same."""
    reps, frames = Reps.joined([part.reps for part in parts]), _joined_frames([part.frames for part in parts])
    used = [*reps.lifters.tolist(), *frames.frame_lifters.tolist()]
    return Dataset(
        exercise=exercise,
        synthetic=synthetic,
        sources=tuple(part.source for part in parts),
        parts=dataset.split_by_lifter(used, seed),
        reps=reps,
        frames=frames,
    )


def _labels(recording: LabelledRecording, counted: Sequence[JudgedRep]) -> tuple[list[str], list[str]]:
    """Return the label of each rep, and notes on marks that can't be used."""
    of_rep: list[set[str]] = [set() for _ in counted]
    notes = []
    for mark in recording.annotation.reps:
        outside = [max(c.rep.start_s - mark.at_s, mark.at_s - c.rep.end_s) for c in counted]
        nearest = int(np.argmin(outside)) if outside else None
        if nearest is None or outside[nearest] > TOUCHED_S:
            notes.append(
                f"the mark {mark.label} at {mark.at_s:.2f} s belongs to no rep that livecoach counts: left out"
            )
        else:
            of_rep[nearest].add(mark.label)
    labels = []
    for one, marked in zip(counted, of_rep, strict=True):
        if GOOD in marked and len(marked) > 1:
            notes.append(f"rep {one.rep.index} is marked good and {', '.join(sorted(marked - {GOOD}))}: not labelled")
            marked = set()  # noqa: PLW2901
        labels.append("+".join(sorted(marked)) or recording.label)
    return labels, notes


def _frames(recording: LabelledRecording) -> Frames:
    rows: list[tuple[list[float], StageName]] = []
    for seen in recording.observations:
        stage = recording.annotation.stages.get(seen.index)
        if stage is not None and seen.world is not None:
            measures = body.measure(seen.world)
            rows.append(([getattr(measures, name) for name in body.NAMES], stage))
    none = dataset.no_frames()
    if not rows:
        return none
    return Frames(
        measures=np.array([measures for measures, _ in rows], np.float32),
        stages=np.array([STAGES.index(stage) for _, stage in rows], none.stages.dtype),
        frame_lifters=np.array([recording.lifter] * len(rows)),
    )


def _joined_frames(parts: Sequence[Frames]) -> Frames:
    return Frames(
        measures=np.concatenate([part.measures for part in parts]),
        stages=np.concatenate([part.stages for part in parts]),
        frame_lifters=np.concatenate([part.frame_lifters for part in parts]),
    )


def _stacked(rows: Sequence[dict[str, Any]]) -> Reps:
    if rows:
        return Reps(**{name: np.array([row[name] for row in rows]) for name in rows[0]})
    names = np.zeros(0, "U1")
    return Reps(
        trajectories=np.zeros((0, *SHAPE), np.float32),
        readings=np.zeros((0, 0), np.float32),
        azimuths_deg=np.zeros(0),
        fronts=names,
        labels=names,
        severities=np.zeros((0, 0)),
        lifters=names,
        sets=names,
        sources=names,
        times_s=np.zeros((0, 3)),
    )
