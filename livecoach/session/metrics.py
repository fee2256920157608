"""Counts and durations of a run, and their percentiles. Pure: times are arguments."""

from collections import deque
from dataclasses import dataclass, field

import numpy as np

from livecoach.session.overload import SlowStretches
from livecoach.types import Observation

MOST_DURATIONS = 8192
"""Durations of one kind that are kept: those of four and a half minutes at 30 frames a second, in 0.3 MB. Our
choice."""


@dataclass(slots=True)
class Durations:
    """Durations of one kind of work, in milliseconds: each one, and of more than MOST_DURATIONS an even choice."""

    values_ms: list[float] = field(default_factory=list)
    _every: int = 1
    _seen: int = 0

    def add(self, seconds: float) -> None:
        """Add a duration in seconds."""
        if self._seen % self._every == 0:
            self.values_ms.append(seconds * 1000)
        self._seen += 1
        if len(self.values_ms) > MOST_DURATIONS:  # from now on every other one of those that were kept
            del self.values_ms[1::2]
            self._every *= 2

    def percentile(self, share: float) -> float | None:
        """Return a percentile (0…100) in milliseconds, rounded to 0.01; None without values."""
        return round(float(np.percentile(self.values_ms, share)), 2) if self.values_ms else None


class FrameRate:
    """Frame rate over the last second of the frames' own time."""

    def __init__(self, over_s: float = 1.0) -> None:
        self._over_s = over_s
        self._times_s: deque[float] = deque()

    def step(self, t_s: float) -> float | None:
        """Take a frame's time and return the rate in frames a second; None until there are two frames. N frames have N
        - 1 gaps."""
        self._times_s.append(t_s)
        while len(self._times_s) > 2 and t_s - self._times_s[0] > self._over_s:
            self._times_s.popleft()
        span_s = t_s - self._times_s[0]
        return (len(self._times_s) - 1) / span_s if span_s > 0 else None


class DropMonitor:
    """Monitors whether the consumer keeps up with its source: fewer than a tenth of the last seconds' frames are
    dropped."""

    def __init__(self, over_s: float = 5.0, most: float = 0.1) -> None:
        self._over_s, self._most = over_s, most
        self._frames: deque[tuple[float, int]] = deque()
        self._keeps_up = True

    def step(self, t_s: float, dropped: int) -> bool | None:
        """Take a frame's time and the number of frames dropped before it. Return whether the consumer keeps up, where
        that has changed; otherwise None."""
        self._frames.append((t_s, dropped))
        if t_s - self._frames[0][0] < self._over_s:
            return None
        while t_s - self._frames[0][0] > self._over_s:
            self._frames.popleft()
        lost = sum(n for _, n in self._frames)
        keeps_up = lost < self._most * (lost + len(self._frames))
        changed = keeps_up != self._keeps_up
        self._keeps_up = keeps_up
        return keeps_up if changed else None


@dataclass(slots=True)
class RunMetrics:
    """Frame counts and durations of a run."""

    frames: int = 0
    with_pose: int = 0
    dropped: int = 0
    lost: int = 0
    """Frames of a damaged video that can't be read."""
    pose: Durations = field(default_factory=Durations)
    """From frame to observation."""
    step: Durations = field(default_factory=Durations)
    """From observation to step."""
    draw: Durations = field(default_factory=Durations)
    """From step to display, where there is a window."""
    captured_to_drawn: Durations = field(default_factory=Durations)
    captured_to_cue: Durations = field(default_factory=Durations)
    """From the capture of a rep's last frame to its cue event, with its sound handed over."""
    slow: SlowStretches = field(default_factory=SlowStretches)
    """When too many frames were dropped for the run to be trusted."""

    def add(self, observation: Observation) -> None:
        """Count a frame by its observation."""
        self.frames += 1
        self.with_pose += observation.landmarks is not None
        self.dropped += observation.dropped
        self.slow.add(observation.t_s, observation.dropped, with_pose=observation.landmarks is not None)
