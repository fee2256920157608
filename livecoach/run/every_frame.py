"""Analyses every frame of a recording, and draws the steps into an annotated video."""

import math
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from itertools import takewhile
from pathlib import Path
from types import TracebackType

import numpy as np

from livecoach.core.documents import Analysis, SourceDocument, TimingDocument, WarningEvent
from livecoach.core.step import RepCompleted, Step
from livecoach.core.types import Observation, Recognition, Rep, SourceInfo, View, ignore
from livecoach.decisions import assembly
from livecoach.decisions.assembly import CoachingModels, TrainedExercise
from livecoach.decisions.pipeline import Pipeline
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.session_state import SessionState
from livecoach.records.session.metrics import RunMetrics
from livecoach.records.session.video import open_video
from livecoach.run.coached import make_run
from livecoach.run.feed import process_feed
from livecoach.run.opened_recording import Recording
from livecoach.run.parts import PartMaker


@dataclass
class _Noticed:
    """The facts of an analysis so far that its result reports."""

    looks_like: str | None = None
    warnings: dict[str, WarningEvent] = field(default_factory=dict)  # First warning with each text, in their order
    surest: dict[str, Recognition] = field(default_factory=dict)  # Surest recognition of each exercise
    rep_view: View | None = None  # Camera view of the last rep: at the end, the lifter may walk up to the camera

    def add(self, step: Step) -> None:
        """Keep the facts of a step that the result reports, such as warnings and the surest recognition."""
        now, seen = step.set, step.recognition
        self.looks_like = step.looks_like or self.looks_like
        reps = step.events_of(RepCompleted)
        self.rep_view = next((event.view for event in reps if event.view), self.rep_view)
        for event in step.events_of(WarningEvent):
            if event.active and event.warning != "other_exercise":  # `looks_like` says it, without the key of a window
                self.warnings.setdefault(event.text, event)
        for event in [*self.warnings.values()] if reps else ():
            if event.warning == "nothing_counted" and reps[0].rep.start_s < event.t_s:  # The movements count now
                del self.warnings[event.text]
        if now.exercise is not None and seen is not None and seen.name == now.exercise:
            known = self.surest.setdefault(now.exercise, seen)
            if (seen.sure, seen.probability) > (known.sure, known.probability):
                self.surest[now.exercise] = seen

    def main_exercise(self, reps: Sequence[Rep]) -> str | None:
        """Return the exercise with the most reps or, without reps, the first recognised exercise; None without both."""
        most = Counter(rep.exercise for rep in reps).most_common(1)
        return most[0][0] if most else next(iter(self.surest), None)


def analyze(
    recording: Recording,
    coach: CoachingModels,
    pipeline: Pipeline,
    *,
    profile: str | None = None,
    on_step: Callable[[np.ndarray | None, Step, SessionState], object] = ignore,
    parts: PartMaker | None = None,
    until_s: float = math.inf,
) -> Analysis:
    """Count and judge the reps of a recording, from every frame of its feed.

    Args:
        coach: The models with which the pipeline was made.
        profile: Name of the profile to state in the result; None for no profile.
        on_step: Called with the upright picture, if any, the step and the state of the session after each frame and
            each replayed command; the step that ends the recording has the last picture again.
        parts: Begins the parts of a session; None for a single part.
        until_s: Time in seconds after which no frame is processed.

    Raises:
        SourceError: The source can't be read.
        ConfigError: An exercise of the session can't be read.
        ModelError: A model for a part of the session can't be used.
    """
    feed, estimator = recording.feed, recording.estimator
    began_s = time.perf_counter()
    metrics, noticed = RunMetrics(), _Noticed()
    run = make_run(pipeline, recording.events, parts)
    results = takewhile(lambda result: result.frame is None or result.frame.t_s <= until_s, feed.results)
    picture: np.ndarray | None = None
    with closing(assembly.make_observer(estimator)) as observer:
        for processed in process_feed(results, observer.observe, run, metrics):
            if processed.step is not None:
                picture = processed.picture
                on_step(picture, processed.step, run.session)
                noticed.add(processed.step)
        for step in run.finish():
            on_step(picture, step, run.session)
            noticed.add(step)
    loss, last = feed.loss(), run.last
    metrics.lost = 0 if loss is None else loss.frames
    exercise = coach.chosen_exercise
    if parts is not None or exercise is None:
        exercise = noticed.main_exercise(run.reps) or exercise
    return Analysis(
        source=_source_document(feed.info, metrics, None if last is None else last.observation),
        exercise=exercise,
        recognised=pipeline.guess if exercise is None else noticed.surest.get(exercise),
        profile=profile,
        view=noticed.rep_view or (None if last is None else last.place.view),
        reps=tuple(recording.selected_reps(run.reps)),
        looks_like=noticed.looks_like,
        refused=pipeline.refused_count,
        partial_reps=tuple(run.partials),
        warnings=(*(() if loss is None else (loss.text,)), *noticed.warnings),
        frames=metrics.frames_document,
        timing=TimingDocument(
            pose_ms_p50=None if estimator is None else metrics.pose.percentile(50),
            step_ms_p50=metrics.step.percentile(50),
            step_ms_p95=metrics.step.percentile(95),
            wall_s=time.perf_counter() - began_s,
        ),
        model=_judge(coach, exercise).model_document(recording.pose),
        session=None if recording.session is None else recording.session.name,
    )


def _judge(coach: CoachingModels, exercise: str | None) -> CoachingModels | TrainedExercise:
    return coach if exercise is None else coach.exercises.get(exercise) or assembly.load_exercise(exercise)


def _source_document(info: SourceInfo, metrics: RunMetrics, last: Observation | None) -> SourceDocument:
    return SourceDocument(
        name=info.name,
        frames=metrics.frames,
        fps=info.fps,
        width=info.width_px if last is None else last.width_px,
        height=info.height_px if last is None else last.height_px,
        turn_deg=0 if last is None else last.turn_deg,
        duration_s=0.0 if last is None else last.t_s,
    )


TICKS_PER_S = 90_000  # Rate of the MPEG clock: the frames of each usual rate take a whole number of ticks


class AnnotatedVideo:
    """A context manager that makes a video of the steps of an analysis, each drawn over its picture.

    The file appears once the video is complete, and does not appear after an error.
    """

    def __init__(self, path: Path, overlay: Overlay, fps: float | None) -> None:
        """Prepare a video, which replaces a file of the same name once it is complete.

        Some players need `fps`, the nominal number of pictures a second; None for 30.
        """
        self._path, self._overlay, self._fps = path, overlay, fps or 30.0
        self._open = ExitStack()
        self._encode: Callable[[np.ndarray, int], Future[None]] | None = None  # Encodes while the next frame is seen
        self._encoded: Future[None] | None = None  # The latest canvas that was passed to the encoder
        self._drawn: tuple[np.ndarray, float] | None = None  # The latest canvas, which is not written yet, and its time

    def add(self, picture: np.ndarray | None, step: Step, session: SessionState) -> None:
        """Draw a step into the video, in place of a previous step of the same time.

        An error in writing the step is raised by a later call, or at the end of the `with` block. `picture` has the
        shape (height, width, 3), uint8 BGR; None for a plain background.

        Raises:
            ConfigError: The name does not end in .mp4, or the picture is too small.
            OutputError: The file can't be written.
        """
        t_s = step.observation.t_s
        if self._drawn is not None and self._drawn[1] != t_s:
            self._write()
        self._drawn = self._overlay.draw(picture, step, session), t_s

    def _write(self) -> None:
        if self._drawn is None:
            return
        canvas, t_s = self._drawn
        self._drawn = None
        if self._encode is None:
            height_px, width_px = canvas.shape[:2]
            video = self._open.enter_context(
                open_video(
                    self._path, width_px, height_px, self._fps, crf=26, preset="veryfast", ticks_per_s=TICKS_PER_S
                )
            )
            encoding = self._open.enter_context(ThreadPoolExecutor(1, "encoding"))
            self._encode = lambda canvas, ticks: encoding.submit(video.write, canvas, ticks)
        self._await_encoder()
        self._encoded = self._encode(canvas, round(t_s * TICKS_PER_S))

    def _await_encoder(self) -> None:
        if self._encoded is not None:
            self._encoded.result()

    def __enter__(self) -> "AnnotatedVideo":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if kind is not None:
            self._open.__exit__(kind, error, at)
            return
        with self._open:
            self._write()
            self._await_encoder()
