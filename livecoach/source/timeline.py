"""Numbers, times and ages of the frames of a live source."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from livecoach.types import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """How a frame came."""

    arrived_s: float
    """Clock reading when it came."""
    age_s: float = 0.0
    """Its age then."""
    timed: bool = False
    """Whether the sender's time tells the age. An estimate by the rate is too uneven to be the time of a movement."""
    skipped: int = 0
    """Frames before it that were left out."""


class LiveTimeline:
    """Numbers and timestamps for the frames of a live source.

    It outlives a single opening: pass the same timeline to each opening, and numbers and times continue across a
    reconnection. Time 0 is the first frame of the first opening.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        # next() on it is atomic under the GIL: an abandoned reader may wake while another reads.
        self._numbers = itertools.count()
        self._origin_s: float | None = None
        self._latest_s = 0.0

    def frame(self, picture: np.ndarray, arrival: Arrival | None = None) -> Frame:
        """Return the frame of a picture, as in `types.Frame`. arrival: None for one that arrives now."""
        arrival = Arrival(arrived_s=self.clock()) if arrival is None else arrival
        captured_s = arrival.arrived_s - arrival.age_s
        taken_s = captured_s if arrival.timed else arrival.arrived_s
        if self._origin_s is None:
            self._origin_s = taken_s
        self._latest_s = max(self._latest_s, taken_s - self._origin_s)
        for _ in range(arrival.skipped):
            next(self._numbers)
        return Frame(
            index=next(self._numbers),
            t_s=self._latest_s,
            picture=picture,
            captured_s=captured_s,
            skipped=arrival.skipped,
        )
