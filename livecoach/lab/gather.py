"""Builds a dataset from labelled recordings: the reps that the pipeline counts, and frames.

The label of a rep is the mark within it, or else its correction in the session. Only frames with a marked stage are
used.
"""

import os
from collections.abc import Callable, Collection, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NoReturn

import numpy as np

from livecoach.capture.stored_observations import StoredObservations, is_observations_file
from livecoach.core.config.yaml_files import did_you_mean
from livecoach.core.errors import ConfigError, SourceError
from livecoach.core.types import Observation, Rep, StageName
from livecoach.decisions.assembly import CoachingModels
from livecoach.decisions.rep.measured import MeasuredRep
from livecoach.decisions.rep.measures import FaultTable
from livecoach.lab import dataset
from livecoach.lab.annotation import BAD, GOOD, Annotation, RepMark
from livecoach.lab.counting import judge_observations, turns_within
from livecoach.lab.dataset import STAGES, UNKNOWN, Dataset, Reps, StageFrames
from livecoach.lab.truth import StoredTruth, TrueRep
from livecoach.perception.body import body
from livecoach.run.opened_recording import find_recordings

NEAR_TURN, NEAR_REST = 0.2, 0.9
"""Shares of the time from a true rep's turn to its start or end. Up to the first share, a frame is in the stage of the
turn; from the second share on, in the stage of rest."""
TOUCHED_S = 0.3  # Largest distance of a mark from its counted rep: the error of the pipeline's boundaries


def list_recordings(sources: Sequence[Path]) -> list[Path]:
    """List the recordings in files and folders, each once and sorted.

    A video is replaced by the .obs file next to it if the file was made of the video. Raises SourceError if a folder
    holds no recording, or can't be read.
    """
    chosen: set[Path] = set()
    for source in sources:
        files = [*find_recordings(source, _refused)] if os.path.isdir(source) else [source]
        if not files:
            raise SourceError(f"{source}: holds no recordings. Give a folder with videos, .obs files or sessions.")
        chosen.update(map(_preferred_file, files))
    return sorted({os.path.realpath(file): file for file in sorted(chosen)}.values())


def _refused(err: OSError) -> NoReturn:
    raise SourceError(f"{err.filename}: can't be read ({err.strerror}). Make it readable.") from err


def _preferred_file(recording: Path) -> Path:
    """Return the .obs file next to a video if it belongs to the video, otherwise the recording itself."""
    stored = recording if os.path.isdir(recording) else recording.with_suffix(".obs")
    if stored == recording or not is_observations_file(stored):
        return recording
    with closing(StoredObservations(stored)) as source:
        return stored if source.header.name == recording.name else recording


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelledRecording:
    """The observations of a recording, with the labels of its frames and reps."""

    name: str  # Unique name
    lifter: str = ""
    synthetic: bool = False  # Whether the lifter is synthetic
    pose: str  # Name of the pose model
    observations: Sequence[Observation]
    annotation: Annotation
    correct: Callable[[Rep], Rep] = lambda rep: rep  # Returns a rep with its correction
    wants: Callable[[Rep], bool] = lambda _: True  # Returns whether a rep belongs in the dataset
    notes: Sequence[str] = ()  # Problems of the observations, a line each
    truth: Sequence[TrueRep] = ()  # True reps of the synthetic lifter
    about: dict[str, Any] = field(default_factory=dict)
    """Further fields of the dataset's source entry, such as a digest."""


def gather_recording(recording: LabelledRecording, coach: CoachingModels) -> Dataset:
    """Count the reps of a recording, and return the judged reps and the marked frames as a dataset of one source.

    A rep has the label UNKNOWN if it has neither a mark nor a correction, if the correction is "no-rep", or if marks
    contradict each other. Reps that `recording.wants` refuses, and marked frames without world landmarks, are left out.
    The source's `notes` name all other reps and marks that are left out, a line each.
    """
    rows, model = [], coach.exercises[coach.name].scorer.faults
    mirrored: bool | None = None
    previous: MeasuredRep | None = None
    counted = judge_observations(coach.make_pipeline(pose=recording.pose), recording.observations)
    labels, notes = _labels(recording, [judged.rep for judged in counted])
    notes = [*recording.notes, *notes]
    for judged, label in zip(counted, labels, strict=True):
        if not recording.wants(judged.rep):
            continue
        window = judged.window
        rep = None if window is None else MeasuredRep(window, model.table, mirrored=mirrored, previous=previous)
        if judged.rep.score is None or rep is None or rep.normalised_rep is None:
            notes.append(f"rep {judged.rep.index} is left out: {judged.rep.unsure or 'not visible enough'}")
            continue
        mirrored, previous = rep.mirrored if mirrored is None else mirrored, rep
        rows.append(
            dataset.rep_row(rep, model.table, model.measures)
            | {
                "labels": label,
                "severities": _severities(judged.rep, recording.truth, model.table),
                "lifters": recording.lifter,
                "sets": f"{recording.name} set {rep.window.set_name}",
                "sources": recording.name,
                "times_s": (judged.rep.start_s, judged.rep.turn_s, judged.rep.end_s),
            }
        )
    about = {"name": recording.name, "lifter": recording.lifter, "pose": recording.pose, "reps": len(rows)}
    return Dataset(
        exercise=coach.name,
        synthetic=recording.synthetic,
        sources=(about | recording.about | {"notes": notes},),
        parts={recording.lifter: "train"},
        reps=Reps.from_rows(rows),
        frames=_frames(recording),
    )


def combine_datasets(recordings: Sequence[Dataset], *, seed: int, test: Collection[str] = ()) -> Dataset:
    """Combine the datasets of single recordings of an exercise into a dataset that is split by lifter.

    Args:
        recordings: Datasets to combine, at least one.
        test: Lifters of the test part; if empty, this part is drawn at random like the other parts.

    Raises:
        ConfigError: A lifter of `test` has no reps or marks.
    """
    reps = Reps.join([recording.reps for recording in recordings])
    frames = StageFrames.join([recording.frames for recording in recordings])
    names = sorted({*reps.lifters.tolist(), *frames.frame_lifters.tolist()})
    unknown = sorted(set(test) - set(names))
    if unknown:
        raise ConfigError(
            f"--test {unknown[0]}: no recording of that lifter has reps or marks. {did_you_mean(unknown[0], names)}"
        )
    return Dataset(
        exercise=recordings[0].exercise,
        synthetic=all(recording.synthetic for recording in recordings),
        sources=tuple(source for recording in recordings for source in recording.sources),
        parts=dataset.split_by_lifter({name: _amounts(name, reps, frames) for name in names}, seed, test),
        reps=reps,
        frames=frames,
        seed=seed,
    )


def _amounts(lifter: str, reps: Reps, frames: StageFrames) -> list[int]:
    own, stages = reps.select(reps.lifters == lifter), frames.stages[frames.frame_lifters == lifter]
    labels = [int(own.good.sum()), int(own.bad.sum())]
    of_stages = np.bincount(stages, minlength=len(STAGES)).tolist()
    return [len(set(own.sets.tolist())), *labels, len(own) - sum(labels), *of_stages]


def _severities(rep: Rep, truth: Sequence[TrueRep], table: FaultTable) -> np.ndarray:
    """Return the true severity of each fault in a rep; NaN if it is unknown."""
    true = next((true_rep for true_rep in truth if turns_within(rep, true_rep)), None)
    if true is None or (true.faults and not true.severities):
        return np.full(len(table.faults), np.nan)
    return np.array([true.severities.get(name, 0.0) for name in table.faults])


def derive_annotation(truth: StoredTruth, observations: Sequence[Observation], rest: StageName) -> Annotation:
    """Derive an annotation from a set's truth: labels of reps, and stages of frames near a turn or starting position.

    Args:
        observations: Observations of the set, at least one.
        rest: Stage of the starting position.
    """
    turn: StageName = "down" if rest == "up" else "up"
    reps, stages = [], dict[int, StageName]()
    for rep in truth.reps:
        at = min(observations, key=lambda seen: abs(seen.t_s - rep.turn_s))
        reps += [RepMark(frame=at.index, at_s=at.t_s, label=fault) for fault in rep.label.split("+")]
    for seen in observations:
        true_rep = next((rep for rep in truth.reps if rep.start_s <= seen.t_s <= rep.end_s), None)
        if true_rep is not None:
            edge_s = true_rep.start_s if seen.t_s < true_rep.turn_s else true_rep.end_s
            share = (seen.t_s - true_rep.turn_s) / (edge_s - true_rep.turn_s)
            if not NEAR_TURN < share < NEAR_REST:
                stages[seen.index] = turn if share <= NEAR_TURN else rest
        elif any(event.kind == "ready" and event.start_s <= seen.t_s <= event.end_s for event in truth.events):
            stages[seen.index] = rest
    return Annotation(stages=stages, reps=tuple(reps))


def _labels(recording: LabelledRecording, counted: Sequence[Rep]) -> tuple[list[str], list[str]]:
    """Return the label of each rep, and notes on marks that can't be used."""
    of_rep: list[set[str]] = [set() for _ in counted]
    notes = []
    for mark in recording.annotation.reps:
        outside = [max(rep.start_s - mark.at_s, mark.at_s - rep.end_s) for rep in counted]
        if min(outside, default=np.inf) > TOUCHED_S:
            notes.append(
                f"the mark {mark.label} at {mark.at_s:.2f} s belongs to no rep that livecoach counts: left out"
            )
        else:
            of_rep[int(np.argmin(outside))].add(mark.label)
    labels = []
    for rep, marked in zip(counted, of_rep, strict=True):
        correction = recording.correct(rep).correction
        if GOOD in marked and len(marked) > 1:
            notes.append(f"rep {rep.index} is marked good and {', '.join(sorted(marked - {GOOD}))}: not labelled")
            labels.append(UNKNOWN)
        elif marked or correction is None:
            labels.append("+".join(sorted(marked)))
        else:
            labels.append({"good": GOOD, "bad": correction.fault or BAD}.get(correction.label, UNKNOWN))
    return labels, notes


def _frames(recording: LabelledRecording) -> StageFrames:
    stages = recording.annotation.stages
    marked = [item for item in recording.observations if item.index in stages and item.world is not None]
    measures = [body.measure_body(item.world) for item in marked if item.world is not None]
    return StageFrames(
        measures=np.array([[getattr(values, name) for name in body.NAMES] for values in measures], np.float32).reshape(
            -1, len(body.NAMES)
        ),
        stages=np.array([STAGES.index(stages[item.index]) for item in marked], np.int8),
        frame_lifters=np.array([recording.lifter] * len(marked), np.str_),
    )
