"""One timed run of `live` in its own process: `python -m livecoach.tools.bench_run REQUEST`.

The run uses the parts of `livecoach live` and the shipped settings, with a stopwatch between the parts. Its own
process keeps CPU time and memory separate, and lets PortAudio connect to the benchmark's sound server.
"""

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from livecoach import __version__, assembly
from livecoach.assembly import Coach
from livecoach.config import Settings, read_yaml
from livecoach.config.paths import configs_dir
from livecoach.documents import Event, SessionEnding, SessionStart, codec
from livecoach.errors import LivecoachError
from livecoach.feedback.announce import SoundStyle
from livecoach.feedback.overlay import Overlay, RunStatus
from livecoach.feedback.screen import Screen
from livecoach.feedback.sound import Sound
from livecoach.feedback.voice import load_voice
from livecoach.feedback.window import Action, HeadlessDisplay, OpenCvWindow, TypedKey
from livecoach.pose import Pose, PoseEstimator
from livecoach.pose.opening import open_estimator
from livecoach.run import live as loop
from livecoach.run.feed import newest_frames
from livecoach.session import layout
from livecoach.session.events import EventLineFile, EventStream
from livecoach.session.recorder import Recorder
from livecoach.source import Source
from livecoach.source.capture import Capture, CaptureResult
from livecoach.source.file import VideoFile
from livecoach.source.opening import open_picture_source
from livecoach.source.paced import PacedSource
from livecoach.source.timeline import LiveTimeline
from livecoach.tools.bench_memory import peak_rss_mib
from livecoach.tools.bench_stopwatch import Stopwatch, TimedSource
from livecoach.tools.bench_trace import RecordingCost, RunRequest, Trace, request_from, to_json
from livecoach.types import Correction, Frame, Observation, SetMark, SourceInfo, Step

if TYPE_CHECKING:
    from livecoach.tools.bench_phone_run import BenchPhone

EXERCISE = "deadlift"
"""Exercise of the demo clip."""
ANNOUNCED_S = 2.0
"""Time after the last cue's event by which it has been played to its end."""


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
        began_s = self._watch.clock()
        pose = self._estimator.estimate(picture, t_s)
        self._watch.pose_measured(self._watch.clock() - began_s)
        return pose

    @property
    def people(self) -> int:
        return self._estimator.people

    def close(self) -> None:
        self._estimator.close()


class _TimedPipeline:
    """A pipeline that reports the times of reps to the stopwatch."""

    def __init__(self, coach: Coach, watch: Stopwatch) -> None:
        self._pipeline, self._watch = coach.pipeline(), watch

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


class _TimedScreen(Screen):
    def __init__(self, overlay: Overlay, watch: Stopwatch, *, window: bool) -> None:
        display = OpenCvWindow("livecoach") if window else HeadlessDisplay()
        super().__init__(overlay, display, Path(), _say)
        self._watch = watch

    def show(self, picture: np.ndarray | None, step: Step, status: RunStatus, age_s: float | None) -> bool:
        self._watch.decided()
        drawn = super().show(picture, step, status, age_s)
        self._watch.drawn(drawn)
        return drawn

    def actions(self) -> list[Action | TypedKey]:
        found = super().actions()
        self._watch.painted()
        return found


def run(request: RunRequest) -> Trace:
    """Run, and return the trace. Raises LivecoachError if a part can't be set up."""
    settings = read_yaml(configs_dir() / "settings.yaml", Settings)  # the shipped ones, for comparable figures
    watch = Stopwatch()
    with ExitStack() as stack:
        coach = assembly.load(EXERCISE)
        threads = request.pose_threads or settings.pose_threads
        estimator = _TimedPose(stack.enter_context(closing(open_estimator(request.pose, threads))), watch)
        style = SoundStyle(good_rep=settings.sound.good_rep)
        voice, title = load_voice(), coach.exercise.title
        device = stack.enter_context(closing(Sound(voice, style, volume=settings.sound.volume)))
        device.start()
        overlay = Overlay(mirror=False, title=title, synthetic=True)
        window = stack.enter_context(closing(_TimedScreen(overlay, watch, window=request.window)))
        phone = _phone(stack, Path(request.place)) if request.camera == "phone" else None
        observer = assembly.observer(estimator)

        def observe(frame: Frame, dropped: int = 0) -> Observation:
            watch.frame_taken(frame, dropped)
            return observer.observe(frame, dropped)

        depth = settings.capture.buffer_frames
        capture = stack.enter_context(_capture(request, depth, watch) if phone is None else phone.capture(depth))
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="livecoach-bench-")))
        header = codec.header_of(capture.info, pose_model=estimator.name, pose_sha256=estimator.sha256, synthetic=True)
        recorder = Recorder(folder, header, video=True)
        going = loop.LiveRun(
            observe=observe,
            pipeline=_TimedPipeline(coach, watch),
            events=_events(stack, folder, watch, recorder, _start(coach, capture.info, request.pose)),
            sound=device if phone is None else phone.sound(device, voice, style),
            screen=window if phone is None else phone.screen(window, title),
            say=_say,
            pause=capture.pause,
            keep=_nothing,
            record=recorder,
        )
        going.go(_until(newest_frames(capture), request.seconds))
        recorded = _recorded(folder, recorder.close())
        if watch.cues:
            time.sleep(max(watch.cues[-1].event_s + ANNOUNCED_S - watch.clock(), 0))
        return Trace(
            frames=tuple(watch.frames),
            cues=tuple(watch.cues),
            peak_rss_mib=peak_rss_mib(),
            sound_live=device.live,
            recorded=recorded,
            capture_ms=watch.capture_ms,
        )


def _capture(request: RunRequest, depth: int, watch: Stopwatch) -> Capture:
    timeline = LiveTimeline()

    def open_source() -> Source:
        if request.camera == "stream":
            return TimedSource(open_picture_source(request.place, timeline=timeline), watch)
        return PacedSource(TimedSource(LoopedClip(Path(request.place)), watch))

    return Capture(open_source, depth=depth)


def _phone(stack: ExitStack, address_file: Path) -> "BenchPhone":
    from livecoach.tools.bench_phone_run import served_phone  # its packages need not be there

    return stack.enter_context(served_phone(address_file))


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


def _nothing(_: Step) -> None:
    """Learn nothing from a step, as a benchmark is not training."""


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
