"""Runs recordings and stored observations from their first frame to their last."""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from livecoach.capture import Source, frames
from livecoach.capture.file import VideoFile, loss_of
from livecoach.capture.stored import StoredObservations, is_observations
from livecoach.core.documents import Analysis, FramesDocument, Recognised, SourceDocument, TimingDocument
from livecoach.core.types import Frame, Observation, PartialRep, Recognition, Rep, RepWindow, Standards, Step
from livecoach.core.types.reps import SHOWN
from livecoach.decisions import assembly
from livecoach.decisions.assembly import Coach, RunCoach
from livecoach.decisions.pipeline import Pipeline
from livecoach.perception.pose import PoseEstimator
from livecoach.perception.pose.observer import Observer
from livecoach.records.session.lifter_events import RecordedChoices
from livecoach.records.session.metrics import RunMetrics


def steps(pipeline: Pipeline, observations: Iterable[Observation]) -> Iterator[Step]:
    """With the step at the end of the source; nothing without observations."""
    last: Observation | None = None
    for last in observations:
        yield pipeline.step(last)
    if last is not None:
        yield pipeline.finish(last)


StepCallback = Callable[[Frame | None, Step], object]
"""Called with each frame and its step, and after the last frame with None and the last step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LifterProfile:
    profile: str | None = None
    kept: Sequence[RepWindow] = ()
    learn: bool = True  # whether to learn from good reps of the source itself
    height_cm: float | None = None
    standards: Standards = SHOWN


def open_recording(path: Path) -> VideoFile | StoredObservations:
    """Raises SourceError where the file is neither a video nor stored observations."""
    return StoredObservations(path) if is_observations(path) else VideoFile(path)


def observed_steps(
    source: Source,
    observer: Observer,
    pipeline: Pipeline,
    tally: RunMetrics,
    choices: RecordedChoices | None = None,
) -> Iterator[tuple[Frame | None, Step]]:
    """Yield each frame with the pipeline's step, and at the end None with the last step. `tally` counts the frames.
    choices: the lifter's in a session; a step with a choice of the exercise is that of the choice. Raises SourceError
    where the source can't be read."""
    last: Observation | None = None
    due = choices or RecordedChoices()
    for frame in frames(source):
        before_s = time.perf_counter()
        last = observer.observe(frame)
        observed_s = time.perf_counter()
        step = pipeline.step(last)
        for name in due.after(last):
            step = pipeline.choose(name) or step
        for mark in due.set_marks_after(last):
            pipeline.mark_set(mark)
        for standards in due.standards_after(last):
            pipeline.hold_to(standards)
        tally.step.add(time.perf_counter() - observed_s)
        tally.pose.add(observed_s - before_s)
        tally.add(last)
        yield frame, step
    if last is not None:
        yield None, pipeline.finish(last)


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
    coach: RunCoach,
    estimator: PoseEstimator | None,
    *,
    pose: str,
    lifter: LifterProfile | None = None,
    choices: RecordedChoices | None = None,
    on_step: StepCallback | None = None,
) -> Analysis:
    """Count and judge the reps of a source, from every frame. estimator: None for stored observations. pose: name of
    the pose model. choices: as in `observed_steps`. on_step: called with each frame and its step. Raises SourceError
    where the source can't be read."""
    began_s = time.perf_counter()
    lifter, tally = lifter or LifterProfile(), RunMetrics()
    pipeline = coach.pipeline(
        lifter.kept, pose=pose, learn=lifter.learn, height_cm=lifter.height_cm, standards=lifter.standards
    )
    results = _Results()
    for frame, step in observed_steps(source, assembly.observer(estimator), pipeline, tally, choices):
        if on_step is not None:
            on_step(frame, step)
        results.add(step)
    loss = loss_of(source)
    last = results.last
    exercise = coach.exercise.name if isinstance(coach, Coach) else results.exercise
    recognised = pipeline.guess if exercise is None else results.recognised.get(exercise)
    return Analysis(
        source=_source_document(source, tally, None if last is None else last.observation),
        exercise=exercise,
        recognised=None if recognised is None else Recognised.of(recognised),
        profile=lifter.profile,
        view=None if last is None else last.view,
        reps=tuple(results.reps),
        looks_like=results.looks_like,
        refused=pipeline.refused,
        partial_reps=tuple(results.partial_reps),
        frames=FramesDocument(
            read=tally.frames,
            with_pose=tally.with_pose,
            dropped=tally.dropped,
            lost=0 if loss is None else loss.frames,
        ),
        timing=TimingDocument(
            pose_ms_p50=None if estimator is None else tally.pose.percentile(50),
            step_ms_p50=tally.step.percentile(50),
            step_ms_p95=tally.step.percentile(95),
            wall_s=time.perf_counter() - began_s,
        ),
        model=(coach if exercise is None else coach.coaches[exercise]).model(pose),
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
