"""One video from its first frame to its last: what `livecoach analyze` and `livecoach observe` do."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

from livecoach.assembly import Coach
from livecoach.documents import Analysis, FramesDocument, SourceDocument, TimingDocument
from livecoach.metrics import Tally
from livecoach.observe import Observer
from livecoach.pose import PoseEstimator
from livecoach.source import Source
from livecoach.source.file import VideoFile
from livecoach.source.stored import StoredObservations, is_observations
from livecoach.types import Frame, Observation, Step

FrameSeen = Callable[[Frame, Step], object]
"""Called with each frame and its step."""


def open_recording(path: Path) -> VideoFile | StoredObservations:
    """A video file, or stored observations. Raises SourceError where it is neither."""
    return StoredObservations(path) if is_observations(path) else VideoFile(path)


def frames(source: Source) -> Iterator[Frame]:
    """All frames of a source."""
    while (frame := source.read()) is not None:
        yield frame


def analyze(
    source: Source, coach: Coach, estimator: PoseEstimator | None, *, pose: str, seen: FrameSeen | None = None
) -> Analysis:
    """Count and judge the reps of a source, every frame of it.

    estimator: None for stored observations. pose: name of the pose model. Raises SourceError where it can't be read.
    """
    began_s = time.perf_counter()
    observer, pipeline, tally = Observer(estimator), coach.pipeline(), Tally()
    steps: list[Step] = []  # those that say something, and the last one
    last: Observation | None = None
    for frame in frames(source):
        before_s = time.perf_counter()
        last = observer.observe(frame)
        observed_s = time.perf_counter()
        step = pipeline.step(last)
        tally.step.add(time.perf_counter() - observed_s)
        tally.pose.add(observed_s - before_s)
        tally.frames += 1
        tally.with_pose += last.landmarks is not None
        tally.dropped += last.dropped
        if seen is not None:
            seen(frame, step)
        if step.rep is not None or step.partial is not None:
            steps.append(step)
    if last is not None:
        steps.append(pipeline.finish(last))
    return Analysis(
        source=_source_document(source, tally, last),
        exercise=coach.exercise.name,
        profile=None,
        view=steps[-1].view if steps else None,
        reps=tuple(step.rep for step in steps if step.rep is not None),
        partial_reps=tuple(step.partial for step in steps if step.partial is not None),
        frames=FramesDocument(read=tally.frames, with_pose=tally.with_pose, dropped=tally.dropped),
        timing=TimingDocument(
            pose_ms_p50=None if estimator is None else tally.pose.percentile(50),
            step_ms_p50=tally.step.percentile(50),
            step_ms_p95=tally.step.percentile(95),
            wall_s=time.perf_counter() - began_s,
        ),
        model=coach.model(pose),
    )


def _source_document(source: Source, tally: Tally, last: Observation | None) -> SourceDocument:
    info = source.info
    return SourceDocument(
        name=info.name,
        frames=tally.frames,
        fps=info.fps,
        width=info.width_px if last is None else last.width_px,
        height=info.height_px if last is None else last.height_px,
        duration_s=0.0 if last is None else last.t_s,
    )
