"""From recordings and what somebody has told of them to a dataset: reps as the pipeline counts them, and frames.

A rep's label is what was marked while it was under way, else what is said of its whole recording; of frames only those
are taken whose stage was marked.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from livecoach.anomaly.skelemotion import SHAPE, rep_tensor
from livecoach.assembly import Coach
from livecoach.frame import body
from livecoach.lab import dataset
from livecoach.lab.annotation import GOOD, Annotation
from livecoach.lab.counted_reps import counted_reps
from livecoach.lab.dataset import STAGES, UNKNOWN, Dataset, Frames, Reps
from livecoach.rep.view_normalised import normalised_rep
from livecoach.types import JudgedRep, Observation, Rep, StageName

TOUCHED_S = 0.3
"""How far outside a counted rep a mark of it may lie: the pipeline's boundaries are off by as much (docs/counting)."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRecording:
    """A recording with what is known of it."""

    name: str
    """Unlike that of all others."""
    lifter: str
    pose: str
    """Name of the pose model."""
    observations: Sequence[Observation]
    annotation: Annotation
    label: str = UNKNOWN
    """Of all reps without a mark of their own."""
    about: dict[str, Any] = field(default_factory=dict)
    """What else the dataset says of it: a digest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RecordingData:
    """What a recording gives."""

    source: dict[str, Any]
    """What the dataset says of it."""
    reps: Reps
    frames: Frames
    notes: tuple[str, ...]
    """What was left out, and why: a line each."""


def gather(told: LabelledRecording, coach: Coach, wants: Callable[[Rep], bool] = lambda _: True) -> RecordingData:
    """Reps and frames of a recording. wants: whether a rep is asked for; of others nothing is taken."""
    rows, notes = [], []
    mirrored: bool | None = None
    counted = list(counted_reps(told.observations, coach, told.pose))
    labels, beside = _labels(told, counted)
    for one, label in zip(counted, labels, strict=True):
        if not wants(one.rep):
            continue
        seen = None if one.window is None else normalised_rep(one.window, mirrored)
        if one.rep.score is None or one.window is None or seen is None:
            notes.append(f"rep {one.rep.index} is left out: {one.rep.unsure or 'not seen well'}")
            continue
        mirrored = seen.mirrored if mirrored is None else mirrored
        rows.append(
            {
                "tensors": rep_tensor(one.window.observations, one.rep.start_s, one.rep.end_s),
                "forms": dataset.form_of(seen, coach.population.table.travel),
                "azimuths_deg": abs(seen.azimuth_deg),
                "labels": label,
                "severities": np.nan,
                "lifters": told.lifter,
                "sets": f"{told.name} set {one.window.set_name}",
                "sources": told.name,
                "times_s": (one.rep.start_s, one.rep.turn_s, one.rep.end_s),
            }
        )
    source = {"name": told.name, "lifter": told.lifter, "pose": told.pose, "reps": len(rows), **told.about}
    return RecordingData(source=source, reps=_stacked(rows), frames=_frames(told), notes=(*notes, *beside))


def combine(exercise: str, parts: Sequence[RecordingData], *, synthetic: bool, seed: int) -> Dataset:
    """One dataset of all recordings, split by lifter. The same recordings in the same order give the same."""
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


def _labels(told: LabelledRecording, counted: Sequence[JudgedRep]) -> tuple[list[str], list[str]]:
    """Label of each rep, and what of the marks is of no use."""
    of_rep: list[set[str]] = [set() for _ in counted]
    notes = []
    for mark in told.annotation.reps:
        outside = [max(c.rep.start_s - mark.at_s, mark.at_s - c.rep.end_s) for c in counted]
        nearest = int(np.argmin(outside)) if outside else None
        if nearest is None or outside[nearest] > TOUCHED_S:
            notes.append(f"the mark {mark.label} at {mark.at_s:.2f} s is of no rep that livecoach counts: left out")
        else:
            of_rep[nearest].add(mark.label)
    labels = []
    for one, marked in zip(counted, of_rep, strict=True):
        if GOOD in marked and len(marked) > 1:
            notes.append(f"rep {one.rep.index} is marked good and {', '.join(sorted(marked - {GOOD}))}: not labelled")
            marked = set()  # noqa: PLW2901
        labels.append("+".join(sorted(marked)) or told.label)
    return labels, notes


def _frames(told: LabelledRecording) -> Frames:
    rows: list[tuple[list[float], StageName]] = []
    for seen in told.observations:
        stage = told.annotation.stages.get(seen.index)
        if stage is not None and seen.world is not None:
            measures = body.measure(seen.world)
            rows.append(([getattr(measures, name) for name in body.NAMES], stage))
    none = dataset.no_frames()
    if not rows:
        return none
    return Frames(
        measures=np.array([measures for measures, _ in rows], np.float32),
        stages=np.array([STAGES.index(stage) for _, stage in rows], none.stages.dtype),
        frame_lifters=np.array([told.lifter] * len(rows)),
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
    names, numbers = np.zeros(0, "U1"), np.zeros(0)
    return Reps(
        tensors=np.zeros((0, *SHAPE), np.float32),
        forms=np.zeros((0, dataset.NUMBERS), np.float32),
        azimuths_deg=numbers,
        labels=names,
        severities=numbers,
        lifters=names,
        sets=names,
        sources=names,
        times_s=np.zeros((0, 3)),
    )
