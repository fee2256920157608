"""Feeds frames from a camera, a phone or a recording to a run, and decides which frames of a rest to process.

Three quarters of a workout are rest, and pose estimation takes most of the processor's time. A low rate loses little
until the lifter moves.
"""

import math
import sys
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from livecoach.capture import Source, call_in_thread
from livecoach.capture.camera import CameraFinder
from livecoach.capture.capture import Capture, CaptureResult
from livecoach.capture.file import VideoFile, find_frame_loss
from livecoach.capture.loss_counter import FrameLoss
from livecoach.capture.paced import PacedSource
from livecoach.capture.picture_sources import open_picture_source
from livecoach.capture.timeline import LiveTimeline
from livecoach.core import landmark
from livecoach.core.config import Settings
from livecoach.core.config.settings import CaptureSettings
from livecoach.core.step import Step
from livecoach.core.types import Frame, Observation, SourceInfo, ignore
from livecoach.core.types.observation import LONGEST_GAP_S
from livecoach.perception.pose.coarse_picture import CoarsePicture
from livecoach.perception.pose.observer import upright_picture
from livecoach.records.session.metrics import RunMetrics

if TYPE_CHECKING:
    from livecoach.run.coached import CoachedRun

CAMERA_LOST, CAMERA_BACK = "camera lost: trying again", "the camera is back"  # Texts of the warning
WAIT_S = 0.05  # Longest wait for a frame before the loop checks the keys again


@dataclass(frozen=True, kw_only=True)
class FrameFeed:
    """The frames of a source, as capture results, and the functions that control the source."""

    info: SourceInfo
    results: Iterable[CaptureResult]
    pause: Callable[[bool], bool]  # Pauses the source, or resumes it for False; returns False if the source can't pause
    loss: Callable[[], FrameLoss | None] = lambda: None  # Returns a recording's lost frames after its end, if any
    skip_until: Callable[[float], object] = ignore
    """Called with the time before which no picture is processed. A live source decodes no picture until then; other
    sources ignore the call."""


def _newest_frames(capture: Capture) -> Iterator[CaptureResult]:
    """Yield results until the source ends, each with the newest frame, or without a frame after WAIT_S."""
    while not (result := capture.take(WAIT_S)).ended:
        yield result


AHEAD = 3  # Pictures of a film that are decoded ahead; decoding takes less time than pose estimation


def every_frame_feed(stack: ExitStack, source: Source) -> FrameFeed:
    """Return a feed of every frame of a source, which is open already. The feed can't be paused.

    A video file is decoded AHEAD pictures ahead, on a thread that `stack` ends. The caller then closes the source.
    """
    read: Callable[[], Frame | None] = source.read
    if isinstance(source, VideoFile):
        decoding = stack.enter_context(ThreadPoolExecutor(1, "decoding"))
        decoded = deque(decoding.submit(source.read) for _ in range(AHEAD))

        def read() -> Frame | None:
            decoded.append(decoding.submit(source.read))
            return decoded.popleft().result()

    results = (CaptureResult(frame=frame, dropped=0, lost=False, ended=False) for frame in iter(read, None))
    return FrameFeed(info=source.info, results=results, pause=lambda _: False, loss=partial(find_frame_loss, source))


def newest_feed(
    stack: ExitStack, settings: CaptureSettings, open_source: Callable[[], Source], timeline: LiveTimeline | None = None
) -> FrameFeed:
    """Open a source as a feed of its newest frames. After each loss, a live source is opened again.

    Args:
        stack: Closes the feed and the source.
        timeline: Assigns the times of a live source's frames; None for a recording.

    Raises:
        SourceError: The source can't be opened.
    """
    capture = stack.enter_context(closing(Capture(open_source, settings)))
    skip_until = ignore if timeline is None else partial(setattr, timeline, "skip_until_s")
    return FrameFeed(info=capture.info, results=_newest_frames(capture), pause=capture.pause, skip_until=skip_until)


def live_feed_opener(unused: ExitStack, settings: Settings, *, ahead: bool) -> Callable[[ExitStack], FrameFeed]:
    """Return a function that opens the feed of the camera or stream in the settings.

    Args:
        unused: Stack that closes a camera opened ahead if no feed is opened. Opening the feed empties the stack.
        ahead: Whether to begin to open the camera at once, while a run loads other parts; ignored on macOS.
    """
    capture, timeline, spec = settings.capture, LiveTimeline(), CameraFinder(settings.camera)
    opening: list[Future[Source]] = []

    def open_anew() -> Source:
        return open_picture_source(spec(), timeline=timeline, other_hosts=capture.other_hosts)

    def open_source() -> Source:
        unused.pop_all()
        return opening.pop().result() if opening else open_anew()

    if ahead and sys.platform != "darwin":  # On macOS, a camera must be opened on the main thread first
        opening.append(call_in_thread(open_anew))
        unused.callback(opening[0].add_done_callback, _close)
    return partial(newest_feed, settings=capture, open_source=open_source, timeline=timeline)


def _close(opened: Future[Source]) -> None:
    if opened.exception() is None:
        opened.result().close()


def recorded_feed_opener(
    unused: ExitStack, source: Source, settings: Settings, speed: float | None, stays_s: Callable[[], float] = float
) -> Callable[[ExitStack], FrameFeed]:
    """Return a function that makes a feed of a recording, whose source is open already.

    Args:
        unused: Stack that closes the source if the feed is never opened. Opening the feed empties the stack.
        speed: Speed relative to the timestamps; None for every frame, as fast as possible.
        stays_s: Returns the time in seconds for which the last picture stays; not called if `speed` is None.
    """

    def open_feed(stack: ExitStack) -> FrameFeed:
        """Open the feed, which `stack` closes."""
        if speed is None:
            stack.enter_context(closing(source))
            feed = every_frame_feed(stack, source)
        else:
            paced = PacedSource(source, speed, stays_s=stays_s())
            feed = replace(newest_feed(stack, settings.capture, lambda: paced), loss=partial(find_frame_loss, source))
        unused.pop_all()  # The feed closes the source on the thread that reads it
        return feed

    return open_feed


STILL, NOBODY = 6 / 8, 3 / 8
"""Shares of a rest's pictures that are processed while nobody moves up or down, and while nobody is in view: of eight
a second, six and three. With fewer than six, the lifter lock would not notice that the landmarks jump to somebody else
(`tracking.lifter_lock.STEP_S`). A person who steps in has to stand before a rep begins. Our choice."""
STILL_TORSO = 0.1  # vertical travel of shoulders, wrists and hips, in torso lengths, that breathing stays below
AWAKE_S = 2.0  # time at the full rate after a movement: most lifters pause for less before a rep
MOVES_TORSO = 0.25  # vertical travel of these points that counts as a movement. Every lift begins with more
WITHIN_S = 0.6  # time within which the points have to travel that far
SAME_S, SAME_NOBODY_S = 0.3, 1.0
"""Least intervals of processed pictures in a rest while the picture stays the same: with somebody in view, so that no
gap is longer than LONGEST_GAP_S, and with nobody in view. Our choice."""
SETTLED_S = 3.0  # time after a change before these intervals apply, as long as a turn of the camera takes to be noticed
EARLY_S = 0.01  # a picture may come this much before it is due: a camera's pictures come unevenly
_POINTS = [*landmark.SHOULDERS, *landmark.WRISTS, *landmark.HIPS]


@dataclass(slots=True, kw_only=True)
class RestingRate:
    """The rate at which a run processes pictures: every picture in a set or after a movement, and fewer in a rest.

    The rate depends on the times of the pictures, never on a clock.
    """

    fps: float  # Pictures a second in a rest while somebody moves
    awake_until_s: float = AWAKE_S  # Time until which every picture is processed
    skip_until: Callable[[float], object] = ignore  # Called after each picture with the time before which none is due
    _looked_s: float | None = None  # Time of the last picture that was processed or found to be unchanged
    _share: float = 1.0  # Share of the rate that the last picture calls for
    _heights: deque[tuple[float, np.ndarray]] = field(default_factory=deque)
    """Times of the last WITHIN_S, each with the heights of `_POINTS`, (6,) in pixels."""
    _same: CoarsePicture = field(default_factory=partial(CoarsePicture, math.inf))
    """The last picture that had changed in this rest."""
    _changed_s: float = 0.0  # Time of that picture
    _processed_s: float = 0.0  # Time of the last picture that was processed

    def _is_resting(self, t_s: float) -> bool:
        return t_s > self.awake_until_s

    def count_missed(self, t_s: float, dropped: int) -> int:
        """Return how many of the pictures that were dropped before time `t_s` should have been processed.

        In a rest, only the pictures in a gap of more than LONGEST_GAP_S count.
        """
        is_gap = self._looked_s is not None and t_s - self._looked_s > LONGEST_GAP_S
        return dropped if is_gap or not self._is_resting(t_s) else 0

    def is_due(self, t_s: float) -> bool:
        """Return whether to look at a picture at time `t_s`: in a rest, only if the last look is long enough ago."""
        if self._looked_s is None or not self._is_resting(t_s):
            return True
        return t_s - self._looked_s >= self._pause_s

    def accept_frame(self, frame: Frame) -> bool:
        """Return whether to process a frame that is due. In a rest, most frames with an unchanged picture are left out.

        The picture is compared with the last changed picture. A frame that is left out delays the next frame, too.
        """
        t_s = frame.t_s
        if frame.picture is None or not frame.picture.size or not self._is_resting(t_s):
            self._same = CoarsePicture(math.inf)
            return True
        if not self._same.resembles(frame.picture):
            self._same.keep(frame.picture)
            self._changed_s = t_s
        interval_s = SAME_NOBODY_S if self._share == NOBODY else SAME_S
        if t_s - self._changed_s < SETTLED_S or t_s - self._processed_s >= interval_s - EARLY_S:
            return True
        self._looked_s = t_s
        self.skip_until(self.skip_until_s)
        return False

    @property
    def skip_until_s(self) -> float:
        """Time before which no picture is processed; 0 while every picture is processed."""
        if self._looked_s is None or not self._is_resting(self._looked_s):
            return 0.0
        return self._looked_s + self._pause_s

    @property
    def _pause_s(self) -> float:
        """Least interval of pictures in a rest."""
        return 1 / (self._share * self.fps) - EARLY_S

    def step(self, step: Step) -> None:
        """Adapt the rate to the step of a processed picture, and call `skip_until` with the new `skip_until_s`."""
        t_s = self._looked_s = self._processed_s = step.observation.t_s
        lifts = step.set.is_under_way or step.progress is not None
        travel = None if lifts else self._travel(step.observation)
        self._share = NOBODY if travel is None else STILL if travel < STILL_TORSO else 1.0
        if lifts or (travel is not None and travel > MOVES_TORSO):
            self.awake_until_s = max(self.awake_until_s, t_s + AWAKE_S)
        self.skip_until(self.skip_until_s)

    def _travel(self, observation: Observation) -> float | None:
        """Return the vertical travel of the points within WITHIN_S, in torso lengths; None if nobody is in view."""
        if observation.landmarks is None:
            self._heights.clear()
            return None
        points_px = observation.landmarks[:, :2] * (observation.width_px, observation.height_px)
        middle_px = points_px[list(landmark.SHOULDERS)].mean(0) - points_px[list(landmark.HIPS)].mean(0)
        torso_px = max(float(np.linalg.norm(middle_px)), 0.05 * observation.height_px)
        while self._heights and observation.t_s - self._heights[0][0] > WITHIN_S:
            self._heights.popleft()
        self._heights.append((observation.t_s, points_px[_POINTS, 1]))
        return float(np.ptp([heights for _, heights in self._heights], axis=0).max() / torso_px)


class FeedStep(NamedTuple):
    """A result of a feed, with a step that its frame led to, if any. A frame may lead to several steps."""

    result: CaptureResult
    step: Step | None = None  # None if the result has no frame, or the frame was left out in a rest
    picture: np.ndarray | None = None  # Upright picture, (height, width, 3) uint8 BGR; None if there is no picture
    is_of_frame: bool = False  # Whether the step follows from the frame, not from a command that is replayed after it
    is_same: bool = False  # Whether the frame was left out because its picture stays the same


def process_feed(
    results: Iterable[CaptureResult],
    observe: Callable[[Frame, int], Observation],
    run: "CoachedRun",
    metrics: RunMetrics,
    resting: RestingRate | None = None,
    clock: Callable[[], float] = time.perf_counter,
) -> Iterator[FeedStep]:
    """Process the frames of a feed, and yield each step with the result of the feed that led to the step.

    A result that leads to no step is yielded without a step. The caller finishes the run at the end.

    Args:
        observe: Observes a frame. The second argument is the number of frames that were missed before the frame.
        metrics: Counts the frames, and records the durations of each observation and each step.
        resting: Decides which frames to process; None for all frames.
        clock: Returns seconds; only differences count.
    """
    for result in results:
        frame = result.frame
        if frame is None or (resting is not None and not resting.is_due(frame.t_s)):
            yield FeedStep(result)
            continue
        if resting is not None and not resting.accept_frame(frame):
            yield FeedStep(result, is_same=True)
            continue
        began_s = clock()
        missed = result.dropped if resting is None else resting.count_missed(frame.t_s, result.dropped)
        observation = observe(frame, missed)
        step_began_s = clock()
        metrics.pose.add(step_began_s - began_s)
        metrics.add_observation(observation)
        picture, is_of_frame = upright_picture(frame, observation), True
        for step in run.process_all((observation,)):
            metrics.step.add(clock() - step_began_s)
            yield FeedStep(result, step, picture, is_of_frame)
            if is_of_frame and resting is not None:
                resting.step(step)
            step_began_s, is_of_frame = clock(), False
