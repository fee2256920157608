"""Numbers the frames of a live source, and determines their times and ages.

A frame ages before livecoach reads it: it waits in the queues of the camera and of the network, for seconds if either
stalls. The constant part of the delay from the camera's sensor is unknown, so the shortest delay counts as zero.
Without times of the sender, frames are assumed to be sent at an even rate: a frame that comes later than its number
implies has waited.
"""

import itertools
import sys
import time
from collections import deque
from collections.abc import Callable

import numpy as np

from livecoach.core.types import Frame
from livecoach.core.types.observation import LONGEST_GAP_S


def now_s() -> float:
    """Return the reading, in seconds, of the clock by which live sources are timed.

    On Linux the clock goes on while the computer sleeps, so that the computer's sleep counts as rest.
    """
    if sys.platform == "linux":
        return time.clock_gettime(time.CLOCK_BOOTTIME)
    return time.monotonic()


class LiveTimeline:
    """Assigns an index, from 0, and a time to each frame of a live source, even if the source is opened several times.

    Pass the same timeline to each opening, so that indices and times continue after a reconnection. Time 0 is the first
    frame of the first opening.
    """

    def __init__(self, clock: Callable[[], float] = now_s) -> None:
        self.clock = clock
        # An abandoned reader may wake while another reads: next() on this is atomic under the GIL.
        self._numbers = itertools.count()
        self._origin_s: float | None = None
        self._latest_s = 0.0
        self._rate = MissingFrameCounter()
        self.skip_until_s = 0.0
        """Time up to which no picture is needed, or decoded. Any thread may set this field."""

    def skip_unneeded(self, arrived_s: float, older: int = 0) -> bool:
        """Skip a picture that came before `skip_until_s`, and return whether the picture was skipped.

        A skipped picture uses up an index. The first picture is never skipped.

        Args:
            older: Number of pictures that were left out right before the picture. They use up indices, too.
        """
        if self._origin_s is None or arrived_s - self._origin_s >= self.skip_until_s:
            return False
        for _ in range(1 + self._rate.count_missed(arrived_s, older)):
            next(self._numbers)
        return True

    def make_frame(
        self, picture: np.ndarray, arrived_s: float, *, age_s: float = 0.0, timed: bool = False, skipped: int = 0
    ) -> Frame:
        """Make the frame of a picture, with its index and time.

        Args:
            arrived_s: Clock reading at the picture's arrival, `age_s` after the capture.
            timed: Whether the age counts in the frame's time. An age from the rate is too uneven to time a movement.
            skipped: Number of earlier frames that came and were left out. The frame's `skipped` adds missing frames.
        """
        captured_s = arrived_s - age_s
        frame_s = captured_s if timed else arrived_s
        if self._origin_s is None:
            self._origin_s = frame_s
        skipped = self._rate.count_missed(frame_s, skipped)
        self._latest_s = max(self._latest_s, frame_s - self._origin_s)
        for _ in range(skipped):
            next(self._numbers)
        index = next(self._numbers)
        return Frame(index=index, t_s=self._latest_s, picture=picture, captured_s=captured_s, skipped=skipped)


FEWEST, STEADY = 8, 30  # fewest frames that give a rate, and number of frames over which it is measured. Our choice.


class MissingFrameCounter:
    """Counts the frames that seem to be missing in a gap, by the rate of frames before the gap.

    While the camera's network or this process stands still, frames may be lost without a trace.
    """

    def __init__(self) -> None:
        self._latest_s: float | None = None
        self._interval_s, self._count = 0.0, 0
        self._late = 0  # most frames that were reported as missing and may still come

    def count_missed(self, frame_s: float, left_out: int) -> int:
        """Add a frame, and return how many frames right before it are missing or were left out.

        Frames that seem to be missing in a long gap are counted at once, but not again if they come late.

        Args:
            left_out: Number of frames that came right before the frame and were left out.
        """
        before_s, self._latest_s = self._latest_s, frame_s
        if before_s is None:
            return left_out
        gap_s = frame_s - before_s
        if self._count >= FEWEST and gap_s > max(LONGEST_GAP_S, 2 * self._interval_s):
            missing = max(left_out, round(gap_s / self._interval_s) - 1)
            self._late = missing - left_out
            return missing
        on_time = round(gap_s / self._interval_s) if self._late else 0
        late = min(self._late, max(left_out - on_time, 0))
        self._late -= late
        came = 1 + left_out - late
        self._count = min(self._count + came, STEADY)
        self._interval_s += (gap_s / came - self._interval_s) * min(came / self._count, 1.0)
        return left_out - late


CLOCK_DRIFT = 2e-4  # seconds a second by which the sender's clock may be slow: twice the error of quartz
OTHER_CLOCK_S = 10.0
"""Age above which the sender's clock must have been set, or another sender has taken over. Our choice."""
RATE_S = 3.0  # time over which the rate is measured, and so the highest age that it can show


class FrameAgeEstimator:
    """Estimates the age of each frame of a stream at its arrival: the delay beyond the shortest delay."""

    def __init__(self) -> None:
        self._least_s: float | None = None  # least difference between arrival and sender's time
        self._latest_s = 0.0
        self._arrivals: deque[tuple[int, float]] = deque()
        self._number = 0

    def estimate_by_sender(self, arrived_s: float, sent_s: float) -> float:
        """Add the next frame, and estimate its age in seconds from its time of arrival and the sender's timestamp.

        The age is the delay beyond the shortest delay so far, which is raised by up to CLOCK_DRIFT a second. An age
        above OTHER_CLOCK_S means that the sender's clock was set: the age is 0, and this delay becomes the shortest.
        """
        took_s = arrived_s - sent_s
        if self._least_s is None or not 0 <= took_s - self._least_s <= OTHER_CLOCK_S:
            self._least_s = took_s
        else:
            self._least_s += min(took_s - self._least_s, CLOCK_DRIFT * max(0.0, arrived_s - self._latest_s))
        self._latest_s = arrived_s
        return took_s - self._least_s

    def estimate_by_rate(self, arrived_s: float) -> float:
        """Add the next frame, and estimate its age in seconds from the rate of arrivals.

        The age is 0 with fewer than FEWEST recent arrivals.
        """
        self._number += 1
        arrivals = self._arrivals
        arrivals.append((self._number, arrived_s))
        while arrived_s - arrivals[0][1] > RATE_S:
            arrivals.popleft()
        first, first_s = arrivals[0]
        if len(arrivals) < FEWEST or self._number == first:
            return 0.0
        interval_s = (arrived_s - first_s) / (self._number - first)
        late_s = [at_s - number * interval_s for number, at_s in arrivals]
        return late_s[-1] - min(late_s)
