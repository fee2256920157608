"""The way from observations to steps, and recordings from their first frame to their last."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from livecoach.capture import Source, frames
from livecoach.capture.file import VideoFile, loss_of
from livecoach.capture.stored import StoredObservations, is_observations
from livecoach.core.config import Settings
from livecoach.core.documents import (
    Analysis,
    CorrectionEvent,
    ExerciseEvent,
    SetMarkEvent,
    SourceDocument,
    StandardsEvent,
    TimingDocument,
)
from livecoach.core.types import Observation, PartialRep, Recognition, Rep, RepWindow, Step, ignore
from livecoach.decisions import assembly
from livecoach.decisions.assembly import Coach
from livecoach.decisions.pipeline import Pipeline
from livecoach.perception.pose import PoseEstimator
from livecoach.records.session.lifter_events import LifterEvent, LifterEvents
from livecoach.records.session.metrics import RunMetrics


def pipeline_of(coach: Coach, kept: Sequence[RepWindow], settings: Settings, pose: str) -> Pipeline:
    """kept: the lifter's own good reps. pose: name of the pose model."""
    return coach.pipeline(
        kept, pose=pose, learn=settings.learn, height_cm=settings.height_cm, standards=settings.standards
    )


def take(pipeline: Pipeline, said: LifterEvent) -> Step | None:
    """Tell a pipeline what the lifter said. Return the step that follows at once; None without one."""
    match said:
        case ExerciseEvent():
            return pipeline.choose(said.exercise)
        case CorrectionEvent():
            return pipeline.correct(said.correction, said.start_s)
        case SetMarkEvent():
            pipeline.mark_set(said.mark)
        case StandardsEvent():
            pipeline.hold_to(said.standards)
    return None


def steps(pipeline: Pipeline, observations: Iterable[Observation], said: LifterEvents | None = None) -> Iterator[Step]:
    """The step of each observation, those that follow from what the lifter said after it, and the one at the end of the
    source; nothing without observations."""
    last: Observation | None = None
    for last in observations:
        yield pipeline.step(last)
        for event in () if said is None else said.after(last):
            step = take(pipeline, event)
            if step is not None:
                yield step
    if last is not None:
        yield pipeline.finish(last)


def open_recording(path: Path) -> VideoFile | StoredObservations:
    """Raises SourceError where the file is neither a video nor stored observations."""
    return StoredObservations(path) if is_observations(path) else VideoFile(path)


@dataclass
class _Results:
    last: Step | None = None
    looks_like: str | None = None
    reps: list[Rep] = field(default_factory=list)
    partial_reps: list[PartialRep] = field(default_factory=list)
    recognised: dict[str, Recognition] = field(default_factory=dict)  # Exercise → the surest recognition of it

    def add(self, step: Step) -> None:
        self.last = step
        self.looks_like = step.looks_like or self.looks_like
        self.reps = [*step.remaining(self.reps), *(judged.rep for judged in step.judged)]
        if step.partial is not None:
            self.partial_reps.append(step.partial)
        if step.exercise is not None and step.recognition is not None and step.recognition.name == step.exercise:
            known = self.recognised.setdefault(step.exercise, step.recognition)
            if (step.recognition.sure, step.recognition.probability) > (known.sure, known.probability):
                self.recognised[step.exercise] = step.recognition

    @property
    def exercise(self) -> str | None:
        """Of most reps, the first one of a tie; without reps, the first recognised one."""
        reps = Counter(rep.exercise for rep in self.reps).most_common(1)
        return reps[0][0] if reps else next(iter(self.recognised), None)


def analyze(
    source: Source,
    coach: Coach,
    pipeline: Pipeline,
    estimator: PoseEstimator | None,
    *,
    pose: str,
    profile: str | None = None,
    said: LifterEvents | None = None,
    on_step: Callable[[np.ndarray | None, Step], object] = ignore,
) -> Analysis:
    """Count and judge the reps of a source, from every frame. coach: made the pipeline. estimator: None for stored
    observations. pose: name of the pose model. said: what the lifter said in a session. on_step: called with each step
    and the picture that it is of; the last step is of the last picture again. Raises SourceError where the source can't
    be read."""
    began_s = time.perf_counter()
    tally, results, observer = RunMetrics(), _Results(), assembly.observer(estimator)
    picture: np.ndarray | None = None
    observed_s = 0.0

    def observed() -> Iterator[Observation]:
        nonlocal picture, observed_s
        for frame in frames(source):
            before_s, picture = time.perf_counter(), frame.picture
            observation = observer.observe(frame)
            observed_s = time.perf_counter()
            tally.pose.add(observed_s - before_s)
            tally.add(observation)
            yield observation

    for step in steps(pipeline, observed(), said):
        tally.step.add(time.perf_counter() - observed_s)
        on_step(picture, step)
        results.add(step)
        observed_s = time.perf_counter()  # what follows from the same observation is timed by itself
    loss, last = loss_of(source), results.last
    tally.lost = 0 if loss is None else loss.frames
    exercise = coach.given or results.exercise
    recognised = pipeline.guess if exercise is None else results.recognised.get(exercise)
    return Analysis(
        source=_source_document(source, tally, None if last is None else last.observation),
        exercise=exercise,
        recognised=recognised,
        profile=profile,
        view=None if last is None else last.view,
        reps=tuple(results.reps),
        looks_like=results.looks_like,
        refused=pipeline.refused,
        partial_reps=tuple(results.partial_reps),
        frames=tally.document,
        timing=TimingDocument(
            pose_ms_p50=None if estimator is None else tally.pose.percentile(50),
            step_ms_p50=tally.step.percentile(50),
            step_ms_p95=tally.step.percentile(95),
            wall_s=time.perf_counter() - began_s,
        ),
        model=(coach if exercise is None else coach.exercises[exercise]).model(pose),
    )


def _source_document(source: Source, tally: RunMetrics, last: Observation | None) -> SourceDocument:
    info = source.info
    return SourceDocument(
        name=info.name,
        frames=tally.frames,
        fps=info.fps,
        width=info.width_px if last is None else last.width_px,
        height=info.height_px if last is None else last.height_px,
        duration_s=0.0 if last is None else last.t_s,
    )
