"""One timed run of `live` in its own process: `python -m livecoach.tools.bench_run REQUEST`.

The run uses the parts of `livecoach live` and the shipped settings, with a stopwatch between the parts. Its own
process keeps CPU time and memory separate, and lets PortAudio connect to the benchmark's sound server.
"""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from livecoach import __version__, assembly
from livecoach.assembly import Coach
from livecoach.config import Settings, read_yaml
from livecoach.config.paths import configs_dir
from livecoach.documents import CueEvent, Event, SessionEnding, SessionStart, codec
from livecoach.errors import LivecoachError
from livecoach.feedback.actions import Action, TypedKey
from livecoach.feedback.display_state import RunStatus
from livecoach.feedback.overlay import Overlay
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import Sound
from livecoach.feedback.voice import SoundStyle, load_voice
from livecoach.feedback.window import NoDisplay, Window
from livecoach.pose import Pose, PoseEstimator
from livecoach.pose.opening import open_estimator
from livecoach.run.controls import Controls
from livecoach.run.feed import newest_frames
from livecoach.run.loop import FrameLoop
from livecoach.run.resting import RestingRate
from livecoach.session import layout
from livecoach.session.events import EventLineFile, EventStream
from livecoach.session.recorder import Recorder
from livecoach.source import Source
from livecoach.source.capture import Capture, CaptureResult
from livecoach.source.file import VideoFile
from livecoach.source.opening import open_picture_source
from livecoach.source.paced import PacedSource
from livecoach.source.timeline import LiveTimeline
from livecoach.tools.bench_figures import (
    REST,
    CueTrace,
    FrameTrace,
    RecordingCost,
    RunRequest,
    Trace,
    request_from,
    to_json,
)
from livecoach.tools.machine import peak_rss_mib
from livecoach.types import Correction, Cue, Frame, Observation, SetMark, SourceInfo, Standards, Step

R = TypeVar("R")
EXERCISE = "deadlift"
"""Exercise of the demo clip."""
PAINTS_S = 0.0005
"""Time between two looks whether the window has painted."""
ANNOUNCED_S = 2.0
"""Time after the last cue's event by which it has been played to its end."""


@dataclass(slots=True, kw_only=True)
class _FrameInProgress:
    """The frame that is being processed."""

    frame: Frame
    dropped: int
    began_s: float
    pose_s: float = 0.0
    rep_ms: float | None = None
    decided_s: float | None = None
    drawn: bool = False
    cue: bool = False


class Stopwatch:
    """Collects times; each method is called where a stage of processing begins or ends."""

    def __init__(
        self, clock: Callable[[], float] = time.monotonic, cpu: Callable[[], float] = time.process_time
    ) -> None:
        """clock: wall clock in seconds. cpu: CPU time in seconds."""
        self.clock, self._cpu = clock, cpu
        self.frames: list[FrameTrace] = []
        self.cues: list[CueTrace] = []
        self._now: _FrameInProgress | None = None

    def frame_taken(self, frame: Frame, dropped: int) -> None:
        """Record that the loop took a frame."""
        self._now = _FrameInProgress(frame=frame, dropped=dropped, began_s=self.clock())

    def pose_measured(self, seconds: float) -> None:
        """Record the duration of pose estimation."""
        if self._now is not None:
            self._now.pose_s += seconds

    def completed_rep(self, seconds: float) -> None:
        """Record the duration of the step that completed and scored a rep."""
        if self._now is not None:
            self._now.rep_ms = seconds * 1000

    def event(self, event: Event) -> None:
        """Record that an event is about to be written."""
        if not isinstance(event, CueEvent) or event.latency_ms is None or self._now is None:
            return
        cue = Cue(kind=event.kind, text=event.text, say=event.say, rep=event.rep)
        when = {"t_s": event.t_s, "latency_ms": event.latency_ms}
        self.cues.append(CueTrace(**when, event_s=self.clock(), drawn_s=None, cue=cue))
        self._now.cue = True

    def decided(self) -> None:
        """Record that the frame has been processed and its drawing begins."""
        if self._now is not None:
            self._now.decided_s = self.clock()

    def drawn(self, drawn: bool) -> None:
        """Record whether the canvas was passed to the window."""
        if self._now is not None:
            self._now.drawn = drawn

    def painted(self) -> None:
        """Record that the window has painted: the canvas is on the screen."""
        now, self._now = self._now, None
        if now is None or now.decided_s is None or now.frame.captured_s is None:
            return
        drawn_s = self.clock() if now.drawn else None
        self.frames.append(
            FrameTrace(
                t_s=now.frame.t_s,
                captured_s=now.frame.captured_s,
                dropped=now.dropped,
                pose_ms=now.pose_s * 1000,
                step_ms=(now.decided_s - now.began_s - now.pose_s) * 1000,
                rep_ms=now.rep_ms,
                draw_ms=None if drawn_s is None else (drawn_s - now.decided_s) * 1000,
                drawn_s=drawn_s,
                cpu_s=self._cpu(),
            )
        )
        if now.cue:
            self.cues[-1] = replace(self.cues[-1], drawn_s=drawn_s)


class LoopedClip:
    """A video file in a loop, with timestamps that keep rising."""

    def __init__(self, path: Path) -> None:
        """Open the file. Raises SourceError if it can't be read."""
        self._path, self._clip = path, VideoFile(path)
        self._interval_s = 1 / (self._clip.info.fps or 30.0)
        self._offset_s = self._next_s = 0.0
        self._index = 0

    @property
    def info(self) -> SourceInfo:
        """Properties of the file."""
        return self._clip.info

    def read(self) -> Frame | None:
        """Return the next frame, starting over after the last one; None for an empty file."""
        frame = self._clip.read()
        if frame is None:
            self._clip.close()
            self._clip, self._offset_s = VideoFile(self._path), self._next_s
            frame = self._clip.read()
        if frame is None:
            return None
        frame = replace(frame, index=self._index, t_s=frame.t_s + self._offset_s)
        self._index += 1
        self._next_s = frame.t_s + self._interval_s
        return frame

    def close(self) -> None:
        """Close the file."""
        self._clip.close()


class _TimedPose:
    """A pose estimator that reports its times to the stopwatch."""

    def __init__(self, estimator: PoseEstimator, watch: Stopwatch) -> None:
        self.name, self.sha256 = estimator.name, estimator.sha256
        self._estimator, self._watch = estimator, watch

    def estimate(self, picture: np.ndarray, t_s: float) -> Pose | None:
        pose = self._timed(partial(self._estimator.estimate, picture, t_s))
        if pose is None or pose.mask is None:
            return pose
        mask = pose.mask  # a network makes it when the edge of the back is looked for
        return replace(pose, mask=replace(mask, values=lambda *window: self._timed(partial(mask.values, *window))))

    def _timed(self, step: Callable[[], R]) -> R:
        began_s = self._watch.clock()
        made = step()
        self._watch.pose_measured(self._watch.clock() - began_s)
        return made

    @property
    def people(self) -> int:
        return self._estimator.people

    def close(self) -> None:
        self._estimator.close()


class _TimedPipeline:
    """A pipeline that reports the times of reps to the stopwatch."""

    def __init__(self, coach: Coach, watch: Stopwatch) -> None:
        self._pipeline, self._watch = coach.pipeline(), watch

    @property
    def refused(self) -> int:
        return self._pipeline.refused

    def step(self, observation: Observation) -> Step:
        began_s = self._watch.clock()
        step = self._pipeline.step(observation)
        if step.rep is not None:
            self._watch.completed_rep(self._watch.clock() - began_s)
        return step

    def finish(self, last: Observation) -> Step:
        return self._pipeline.finish(last)

    def correct(self, correction: Correction | None, start_s: float | None = None) -> Step | None:
        return self._pipeline.correct(correction, start_s)

    def mark_set(self, mark: SetMark) -> bool:
        return self._pipeline.mark_set(mark)

    def hold_to(self, standards: Standards) -> None:
        self._pipeline.hold_to(standards)


class _TimedScreen(Screen):
    def __init__(self, overlay: Overlay, watch: Stopwatch, *, window: bool) -> None:
        self._window = Window() if window else None
        super().__init__(overlay, self._window or NoDisplay(), Path(), _say)
        self._watch = watch

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        self._watch.decided()
        drawn = super().show(picture, step, status, age_s)
        self._watch.drawn(drawn)
        return drawn

    def actions(self) -> list[Action | TypedKey]:
        actions = super().actions()
        while self._window is not None and not (self._window.has_shown or self._window.lost):
            self._window.keys(PAINTS_S)
        self._watch.painted()
        return actions


def run(request: RunRequest) -> Trace:
    """Run, and return the trace. Raises LivecoachError if a part can't be set up."""
    settings = read_yaml(configs_dir() / "settings.yaml", Settings)  # the shipped ones, for comparable figures
    watch = Stopwatch()
    with ExitStack() as stack:
        coach = assembly.load(EXERCISE)
        estimator = _TimedPose(stack.enter_context(closing(open_estimator(request.pose, settings.pose_threads))), watch)
        style = SoundStyle(good_rep=settings.sound.good_rep)
        sound = stack.enter_context(closing(Sound(load_voice(), style, volume=settings.sound.volume)))
        sound.start()
        overlay = Overlay(mirror=False, title=coach.exercise.title, synthetic=True)
        screen = stack.enter_context(closing(_TimedScreen(overlay, watch, window=request.window)))
        observer = assembly.observer(estimator)

        def observe(frame: Frame, dropped: int = 0) -> Observation:
            watch.frame_taken(frame, dropped)
            return observer.observe(frame, dropped)

        timeline = LiveTimeline()
        capture = stack.enter_context(_capture(request, timeline, settings.capture.buffer_frames))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="livecoach-bench-")))
        header = codec.header_of(capture.info, pose_model=estimator.name, pose_sha256=estimator.sha256, synthetic=True)
        recorder = Recorder(folder, header, video=True)
        run = FrameLoop(
            observe=observe,
            pipeline=_TimedPipeline(coach, watch),
            events=_events(stack, folder, watch, recorder, _start(coach, capture.info, request.pose)),
            sound=sound,
            screen=screen,
            say=_say,
            recorder=recorder,
            resting=RestingRate(fps=settings.capture.rest_fps) if request.camera in REST else None,
            skip_until=partial(setattr, timeline, "skip_until_s"),
        )
        run.run(_until(newest_frames(capture), request.seconds), Controls(loop=run, pause=capture.pause))
        recorded = _recorded(folder, recorder.close())
        if watch.cues:
            time.sleep(max(watch.cues[-1].event_s + ANNOUNCED_S - watch.clock(), 0))
        return Trace(
            frames=tuple(watch.frames),
            cues=tuple(watch.cues),
            peak_rss_mib=peak_rss_mib(),
            sound_live=sound.live,
            recorded=recorded,
        )


def _capture(request: RunRequest, timeline: LiveTimeline, depth: int) -> Capture:
    def open_source() -> Source:
        if request.camera == "clip":
            return PacedSource(LoopedClip(Path(request.place)))
        return open_picture_source(request.place, timeline=timeline)

    return Capture(open_source, depth=depth)


def _start(coach: Coach, info: SourceInfo, pose: str) -> SessionStart:
    return SessionStart(
        t_s=0.0,
        source=info.name,
        exercise=coach.exercise.name,
        pose=pose,
        model=coach.model(pose),
        version=__version__,
    )


def _events(stack: ExitStack, folder: Path, watch: Stopwatch, recorder: Recorder, start: SessionStart) -> EventStream:
    """Send events to the session and to a file, both of which are discarded after the run."""
    file = stack.enter_context((folder / "events.jsonl.copy").open("w", encoding="utf-8"))
    lines = EventLineFile(file, "events", _say)

    def send(event: Event) -> None:
        watch.event(event)
        recorder.event(event)
        lines(event)

    return EventStream(send, start)


def _recorded(folder: Path, ending: SessionEnding | None) -> RecordingCost | None:
    if ending is None or ending.video is None or ending.cpu_ms_per_frame is None:
        return None
    return RecordingCost(
        cpu_ms_per_frame=ending.cpu_ms_per_frame,
        duration_s=ending.duration_s,
        video_bytes=ending.video.bytes,
        video_left_out=ending.video.left_out,
        observations_bytes=(folder / layout.OBSERVATIONS).stat().st_size,
    )


def _until(feed: Iterator[CaptureResult], seconds: float) -> Iterator[CaptureResult]:
    for result in feed:
        yield result
        if result.frame is not None and result.frame.t_s >= seconds:
            return


def _say(line: str) -> None:
    print(line, file=sys.stderr)


def main() -> None:
    """Run the request given as the only argument and print the trace."""
    try:
        trace = run(request_from(sys.argv[1]))
    except LivecoachError as err:
        _say(str(err))
        sys.exit(err.exit_code)
    print(to_json(trace))


if __name__ == "__main__":
    main()
