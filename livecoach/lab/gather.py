"""Builds a dataset from labelled recordings: reps as the pipeline counts them, and frames.

A rep's label is the mark within it, otherwise the label of its recording; only frames with a marked stage are used.
"""

import csv
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from livecoach.assembly import Coach
from livecoach.config.files import open_regular_text
from livecoach.errors import SourceError
from livecoach.frame import body
from livecoach.judging.fault_model import readings
from livecoach.lab import dataset
from livecoach.lab.annotation import BAD, GOOD, Annotation
from livecoach.lab.dataset import STAGES, UNKNOWN, Dataset, Frames, Reps
from livecoach.rep.features import SHAPE, rep_features
from livecoach.rep.view_normalised import NormalisedRep, normalised_rep
from livecoach.session import layout
from livecoach.session.stored import is_session
from livecoach.source.stored import StoredObservations, is_observations
from livecoach.types import JudgedRep, Observation, Rep, StageName

VIDEOS = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")
OBSERVATIONS = ".obs"
COLUMNS = ("file", "lifter")
"""Required columns of a table; a third one, label, is optional."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLabel:
    """The lifter and the label of a recording."""

    lifter: str
    label: str = UNKNOWN
    """GOOD, BAD or a fault name, for all reps without their own mark."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingTable:
    """A table of recordings."""

    path: Path
    rows: tuple[tuple[Path, RecordingLabel], ...]

    def of(self, recording: Path) -> RecordingLabel:
        """Return the label of a recording. Raises SourceError unless the table has exactly one."""
        whole = Path(os.path.realpath(recording)).parts
        labels = {known for file, known in self.rows if whole[-len(file.parts) :] == file.parts}
        if len(labels) != 1:
            what = "has no row" if not labels else "has contradictory rows"
            raise SourceError(f"{self.path}: {what} for {recording}. Give it exactly one row.")
        return labels.pop()


def recordings(sources: Sequence[Path]) -> list[Path]:
    """List the files to read, each once, sorted; folders are searched recursively.

    Stored observations are preferred to their video, and a session's folder is one recording. Raises SourceError if
    there are no recordings.
    """
    chosen: set[Path] = set()
    for source in sources:
        files = _in_folder(source) if os.path.isdir(source) else [source]
        if not files:
            raise SourceError(f"{source}: holds no recordings. Give a folder with videos, .obs files or sessions.")
        chosen.update(_preferred_file(file) for file in files)
    return sorted({os.path.realpath(file): file for file in sorted(chosen)}.values())


def folder_of(recording: Path) -> RecordingLabel:
    """Return the label of a recording without a table: its folder's name is the lifter's."""
    return RecordingLabel(lifter=Path(os.path.realpath(recording)).parent.name or "lifter")


def read_table(path: Path, faults: Sequence[str]) -> RecordingTable:
    """Read a CSV with the columns file, lifter and, optionally, label.

    faults: valid labels besides GOOD and BAD. Raises SourceError that names file, row and column.
    """
    try:
        with open_regular_text(path, newline="", encoding="utf-8-sig") as file:
            lines = list(csv.reader(file))
    except OSError as err:
        raise SourceError(f"{path}: can't be read ({err.strerror}). Check the path.") from err
    except (UnicodeDecodeError, csv.Error) as err:
        raise SourceError(f"{path}: not a CSV file. Write one with the columns {', '.join(COLUMNS)}.") from err
    header = [name.strip() for name in lines[0]] if lines else []
    for name in COLUMNS:
        if name not in header:
            raise SourceError(f"{path}: row 1: column {name} is missing. Expected file, lifter and, optionally, label.")
    labels = (GOOD, BAD, *faults)
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not any(text.strip() for text in line):
            continue
        values = dict(zip(header, (text.strip() for text in line), strict=False))
        for name in COLUMNS:
            if not values.get(name):
                raise SourceError(f"{path}: row {number}: {name} is empty. Fill it in, or remove the row.")
        label = values.get("label", "")
        if label and label not in labels:
            raise SourceError(f"{path}: row {number}: label is {label!r}, expected one of {', '.join(labels)}.")
        rows.append((Path(values["file"]), RecordingLabel(lifter=values["lifter"], label=label)))
    return RecordingTable(path=path, rows=tuple(rows))


def is_session_folder(path: Path) -> bool:
    """Return whether a folder is a session, rather than a folder that merely contains a file of the same name."""
    return is_session(path) and ((path / layout.DOCUMENT).is_file() or layout.NAME.fullmatch(path.name) is not None)


def _in_folder(folder: Path) -> list[Path]:
    """List the recordings in a folder. Raises SourceError if it can't be read."""
    try:
        return _recordings_below(folder)
    except OSError as err:
        raise SourceError(f"{err.filename}: can't be read ({err.strerror}). Make it readable.") from err


def _recordings_below(folder: Path) -> list[Path]:
    if is_session_folder(folder):
        return [folder]
    files = []
    for path in sorted(folder.iterdir()):
        if path.is_dir() and not path.is_symlink():
            files += _recordings_below(path)
        elif path.is_file() and path.suffix.lower() in (*VIDEOS, OBSERVATIONS):
            files.append(path)
    return files


def _preferred_file(recording: Path) -> Path:
    """Return the .obs file beside a video if it belongs to it, otherwise the recording itself."""
    stored = recording if os.path.isdir(recording) else recording.with_suffix(OBSERVATIONS)
    if stored == recording or not is_observations(stored):
        return recording
    with closing(StoredObservations(stored)) as source:
        return stored if source.header.name == recording.name else recording


def counted_reps(observations: Sequence[Observation], coach: Coach, pose: str) -> Iterator[JudgedRep]:
    """Yield the reps that the pipeline counts, in order. pose: name of the pose model."""
    pipeline = coach.pipeline(learn=False, pose=pose)
    for step in (*map(pipeline.step, observations), *(pipeline.finish(last) for last in observations[-1:])):
        yield from step.judged


TOUCHED_S = 0.3
"""Largest distance of a mark from its counted rep: the error of the pipeline's boundaries (docs/figures.md)."""


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
        motion = None if one.window is None else normalised_rep(one.window, mirrored)
        if one.rep.score is None or one.window is None or motion is None:
            notes.append(f"rep {one.rep.index} is left out: {one.rep.unsure or 'not visible enough'}")
            continue
        mirrored = motion.mirrored if mirrored is None else mirrored
        features, previous = rep_features(motion, previous, model.table), motion
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
    for observation in recording.observations:
        stage = recording.annotation.stages.get(observation.index)
        if stage is not None and observation.world is not None:
            measures = body.measure(observation.world)
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
