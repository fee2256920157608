"""The stopwatch between the parts of a measured run. Its clocks are arguments."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from livecoach.documents import CueEvent, Event
from livecoach.source import Source
from livecoach.tools.bench_trace import CueTrace, FrameTrace
from livecoach.types import Cue, Frame, SourceInfo


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
        self._read_s, self._read = 0.0, 0  # of the capture's thread

    @property
    def capture_ms(self) -> float | None:
        """Mean CPU time of reading a picture; None if none was read."""
        return 1000 * self._read_s / self._read if self._read else None

    def picture_read(self, seconds: float) -> None:
        """Record the CPU time that the capture's thread took to read a picture."""
        self._read_s += seconds
        self._read += 1

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


class TimedSource:
    """A source that reports the CPU time of reading to the stopwatch; waiting for a picture costs none."""

    def __init__(self, source: Source, watch: Stopwatch, cpu: Callable[[], float] = time.thread_time) -> None:
        """Take over `source`. cpu: CPU time of the thread in seconds."""
        self._source, self._watch, self._cpu = source, watch, cpu

    @property
    def info(self) -> SourceInfo:
        """Properties of the source."""
        return self._source.info

    def read(self) -> Frame | None:
        """Return the next frame; None at the end."""
        began_s = self._cpu()
        frame = self._source.read()
        if frame is not None:
            self._watch.picture_read(self._cpu() - began_s)
        return frame

    def close(self) -> None:
        """Close the source."""
        self._source.close()
